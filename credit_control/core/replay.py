"""What a policy would have sent: the ladder, day after day, on the ledger as it stood on each day.

What it is: a :class:`Replay` remembers what *would* have left so far. Each day :meth:`Replay.plan` asks the
ladder, and :meth:`Replay.send` takes note of what a channel could have carried.

How it works: what really left before the first day counts, what left since doesn't; in its place counts what
the replay has sent. Each message is taken to leave on the day on which it is planned.

>>> from odoo.addons.credit_control.core.ladder import PREVIOUS, Policy, Step
>>> policy = Policy(1, (Step(10, delay=10), Step(11, basis=PREVIOUS, delay=10)))
>>> replay, told = Replay(policy=1), []
>>> for number in range(1, 32):
...     day = date(2025, 1, number)
...     plan = replay.plan([Item(1, 7, date(2025, 1, 1), 100.0)], {1: policy}, day, 0.01)
...     for message in plan.messages:
...         replay.send(message, day)
...         told.append((number, message.step))
>>> told
[(11, 10), (21, 11)]
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from . import ladder
from .items import Debtor, Item, Reached
from .ladder import MESSAGE, Message, Plan, Policy


@dataclass
class Replay:
    """One policy tried for all, or (``policy`` None) the policies in force, and what they have sent so far.

    ``reached`` and ``contacts`` begin with what really left before the first day: by item the steps, by customer
    the day of the last message.
    """

    policy: int | None = None
    reached: dict[int, tuple[Reached, ...]] = field(default_factory=dict)
    contacts: dict[int, date] = field(default_factory=dict)
    # Messages that no channel can carry: (customer, step).
    refused: set[tuple[int, int]] = field(default_factory=set)

    def plan(self, items: Iterable[Item], policies: Mapping[int, Policy], day: date, rounding: float) -> Plan:
        """Return what the ladder decides on ``day``; ``items`` are open on it, nothing reached yet."""
        debtors = {debtor: Debtor(debtor, contact) for debtor, contact in self.contacts.items()}
        return ladder.decide(map(self._with_memory, items), debtors, policies, day, rounding)

    def _with_memory(self, item: Item) -> Item:
        reached = self.reached.get(item.id)
        policy = item.policy if self.policy is None else self.policy
        if not reached and policy == item.policy:
            return item
        entry = item.entry if policy == item.policy else None
        return replace(item, policy=policy, entry=entry, reached=reached or ())

    def send(self, message: Message, day: date) -> None:
        """Take note that ``message`` leaves on ``day``."""
        for line in message.lines:
            if line.step:
                known = self.reached.get(line.item, ())
                self.reached[line.item] = (*known, Reached(line.step, day, line.occurrence))
        if message.kind == MESSAGE:
            self.contacts[message.debtor] = day

    def refuse(self, message: Message) -> bool:
        """Take note that no channel can carry ``message``; whether that is news."""
        key = (message.debtor, message.step)
        is_news = key not in self.refused
        self.refused.add(key)
        return is_news


@dataclass
class Tally:
    """How often something was sent, and how much it asked for in all."""

    count: int = 0
    amount: float = 0.0

    def add(self, amount: float) -> None:
        """Count one more."""
        self.count += 1
        self.amount += amount


def tally(sent: Iterable[tuple[object, float]]) -> dict[object, Tally]:
    """Return ``{key: Tally}`` of (key, amount).

    >>> tally([("mail", 10.0), ("call", 5.0), ("mail", 2.5)])
    {'mail': Tally(count=2, amount=12.5), 'call': Tally(count=1, amount=5.0)}
    """
    found = defaultdict(Tally)
    for key, amount in sent:
        found[key].add(amount)
    return dict(found)
