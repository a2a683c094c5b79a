"""The ladder of reminders: for each open item, which step is due today, or why none is.

What it is: :func:`decide` takes all open items of a company with what has already left
for each, and answers with one :class:`Decision` per item and one :class:`Message` per
customer and policy.

How it works:

1. :func:`position` looks at one item alone: held back, not due, step due, or waiting.
2. The items of a customer under one policy form a group. Its credits are set off
   against what is claimed; the minimum, and the interval since the last contact, are
   judged for the group, because a customer receives one message and not one an item.
3. Every overdue item of the group is shown in the message; only those whose step is due
   advance. The highest of these steps picks the text.

A step is due on its day *or later* while it hasn't left, so days that were missed are
caught up, in order, one a day at most: whoever plans again on the same day finds nothing
more to send, also where no interval between contacts is asked for. Nothing here is ever
skipped but a courtesy before the due date, which makes no sense after it.

>>> from datetime import date
>>> from odoo.addons.credit_control.core.items import Item, Reached
>>> policy = Policy(1, (Step(10, delay=10), Step(11, basis=PREVIOUS, delay=10)))
>>> item = Item(1, 7, date(2025, 1, 1), 100.0, policy=1)
>>> position(item, policy, date(2025, 1, 10)).reason, position(item, policy, date(2025, 1, 11)).step
('step_not_reached', 10)
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from . import reasons
from .days import days_after
from .items import Debtor, Item
from .money import is_less, is_positive, is_zero

DUE = "due"
END_OF_MONTH = "end_of_month"
PREVIOUS = "previous"
PROMISE_BROKEN = "promise_broken"
DISPUTE_CLOSED = "dispute_closed"
EVENTS = frozenset({PROMISE_BROKEN, DISPUTE_CLOSED})

MESSAGE = "message"
DECISION = "decision"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a policy. ``delay`` in days from its ``basis``; negative = before due.

    ``repeat_days`` > 0 sends the step again that many days after it left, ``repeat_max``
    times at most, until the next step is due.
    """

    id: int
    delay: int = 0
    basis: str = DUE
    kind: str = MESSAGE
    repeat_days: int = 0
    repeat_max: int = 0

    @property
    def is_courtesy(self) -> bool:
        """Whether the step speaks before the due date, and so has no sense after it."""
        return self.basis == DUE and self.delay < 0


@dataclass(frozen=True)
class Policy:
    """A scenario: its steps in order, and what a group must weigh to be written to.

    ``minimum`` and ``ceiling`` in company currency per customer (ceiling 0 = none);
    ``interval`` is the number of days between two contacts with a customer.
    """

    id: int
    steps: tuple[Step, ...]
    minimum: float = 0.0
    ceiling: float = 0.0
    interval: int = 0

    @property
    def main(self) -> tuple[Step, ...]:
        """The steps that follow each other; the others answer an event."""
        return tuple(step for step in self.steps if step.basis not in EVENTS)

    @cached_property
    def places(self) -> dict[str, dict[int, int]]:
        """By kind, the place of each step of that kind among all steps."""
        return {
            kind: {step.id: place for place, step in enumerate(self.steps) if step.kind == kind}
            for kind in (MESSAGE, DECISION)
        }


@dataclass(frozen=True, slots=True)
class Position:
    """Where an item stands today: a step that is due, or the reason why none is.

    ``next_date`` is the day on which the next step will be due, where it is known.
    """

    reason: str
    step: int | None = None
    occurrence: int = 0
    next_date: date | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one open item: reminded (at which step), or why not."""

    item: int
    reason: str
    step: int | None = None
    next_date: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One item in a message; ``step`` is None where the item is shown but doesn't advance."""

    item: int
    amount: float
    step: int | None = None
    occurrence: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """What one customer is told under one policy: the step that picks the text, and the items.

    ``credits`` are the unallocated credits shown and set off; ``amount`` is what is asked
    in the end, in company currency: the lines less the credits. Where a person has to decide,
    it holds the items in question alone.
    """

    debtor: int
    policy: int
    step: int
    kind: str
    lines: tuple[Line, ...]
    credits: tuple[Line, ...]
    amount: float
    above_ceiling: bool = False


@dataclass(frozen=True)
class Plan:
    """The answer for all: one decision an item, one message a customer and policy."""

    decisions: list[Decision]
    messages: list[Message]


def end_of_month(day: date) -> date:
    """Return the last day of the month of ``day``.

    >>> end_of_month(date(2024, 2, 1))
    datetime.date(2024, 2, 29)
    """
    return day.replace(day=monthrange(day.year, day.month)[1])


@dataclass(frozen=True, slots=True)
class Rung:
    """A main step for one item: the day from which it is due, and the day on which it left.

    ``left`` is also the day of another policy's message that stands for the step.
    """

    step: Step
    day: date
    left: date | None = None


def climb(item: Item, policy: Policy) -> list[Rung]:
    """Return the main steps of ``policy`` as ``item`` meets them, in order.

    A step that hangs on the previous one counts from the day when that one left (the
    last repeat of it); where it never left, from the day when it should have.

    After a change of policy the messages of the former one stand for the first steps of
    this one, each for one at most, and only for steps that were due by the last of them:
    so nobody hears the same level twice, and no step is passed over unheard. None stands
    for a decision.
    """
    left = _left_days(item)
    others = _left_elsewhere(item, policy, left)
    last = max(others, default=None)
    rungs, previous = [], item.due
    for step in policy.main:
        day = _trigger(step, item.due, previous)
        done = left.get(step.id)
        if done is None and not step.is_courtesy and others:
            if step.kind == MESSAGE and day <= last:
                done = others.pop(0)
            else:
                others = []
        rungs.append(Rung(step, day, done))
        previous = done or day
    return rungs


def trigger_dates(item: Item, policy: Policy) -> list[date]:
    """Return the day from which each main step is due, in order."""
    return [rung.day for rung in climb(item, policy)]


def _left_days(item: Item) -> dict[int, date]:
    """The last day on which each step left."""
    left = {}
    for reached in item.reached:
        left[reached.step] = max(reached.on, left.get(reached.step, reached.on))
    return left


def _left_elsewhere(item: Item, policy: Policy, left: dict[int, date]) -> list[date]:
    """The days of the reminders that left by steps of other policies, courtesies apart."""
    own = {step.id for step in policy.steps}
    return sorted(day for step, day in left.items() if step not in own and day > item.due)


def _trigger(step: Step, due: date, previous: date) -> date:
    base = previous if step.basis == PREVIOUS else due
    day = days_after(base, step.delay)
    return end_of_month(day) if step.basis == END_OF_MONTH else day


def position(item: Item, policy: Policy | None, today: date) -> Position:
    """Return where ``item`` stands on the ladder of ``policy`` on ``today``.

    Looks at the item alone; see :func:`decide` for what the customer's other items say.
    """
    held = set(item.holds)
    if item.claim <= 0:
        held |= {code for code, part in _parts(item) if part > 0} or {reasons.SETTLED}
    if policy is None:
        held.add(reasons.POLICY_NONE)
    reason = reasons.leading(held)
    if reason:
        return Position(reason)
    return _event_position(item, policy, today) or _main_position(item, policy, today)


def _parts(item: Item):
    return ((reasons.DISPUTED, item.disputed), (reasons.PROMISED, item.promised))


def _event_position(item: Item, policy: Policy, today: date) -> Position | None:
    """The step that answers an event, once for each time that the event happens."""
    for step in policy.steps:
        day = _event_day(item, policy, step)
        if day and day <= today:
            return _due(step, _occurrence(item, step) + 1)
    return None


def _event_day(item: Item, policy: Policy, step: Step) -> date | None:
    """The day from which ``step`` answers the last event of its kind; None where nothing is to be answered.

    A main step that left after that day has answered it too: an event of long ago isn't
    taken up when its step is added to the policy.
    """
    happened = item.events.get(step.basis)
    if happened is None:
        return None
    day = days_after(happened, step.delay)
    apart = {other.id for other in policy.steps if other.basis in EVENTS}
    for reached in item.reached:
        if reached.step == step.id and reached.on >= happened:
            return None
        if reached.step not in apart and reached.on > day:
            return None
    return day


def _occurrence(item: Item, step: Step) -> int:
    """How many times the step has left for the item, whatever the number of channels."""
    return max((reached.occurrence for reached in item.reached if reached.step == step.id), default=0)


def _due(step: Step, occurrence: int) -> Position:
    reason = reasons.DECIDE if step.kind == DECISION else reasons.REMIND
    return Position(reason, step.id, occurrence)


def _main_position(item: Item, policy: Policy, today: date) -> Position:
    rungs = climb(item, policy)
    start = _first_open(item, rungs)
    late = item.is_overdue(today)
    following = next((rung for rung in rungs[start:] if not (rung.step.is_courtesy and late)), None)
    following_day = following and _on_its_own_day(following, rungs)
    if following_day and following_day <= today:
        return _due(following.step, 1)
    repeat_day = _repeat_day(item, rungs[start - 1].step) if start else None
    if repeat_day and repeat_day <= today:
        step = rungs[start - 1].step
        return _due(step, _occurrence(item, step) + 1)
    upcoming = [repeat_day, following_day, *(_event_day(item, policy, step) for step in policy.steps)]
    next_date = min((day for day in upcoming if day), default=None)
    return Position(_waiting_reason(late, next_date), next_date=next_date)


def _on_its_own_day(rung: Rung, rungs: list[Rung]) -> date:
    """Return the day from which the step of ``rung`` is due: never on that on which another one left."""
    last = max((other.left for other in rungs if other.left), default=None)
    return max(rung.day, days_after(last, 1)) if last else rung.day


def _waiting_reason(late: bool, next_date: date | None) -> str:
    if not late:
        return reasons.NOT_DUE
    return reasons.STEP_NOT_REACHED if next_date else reasons.LADDER_ENDED


def _first_open(item: Item, rungs: list[Rung]) -> int:
    """The place of the first main step that isn't behind the item.

    Behind it are the steps up to the highest that left, here or by a message of another
    policy, and those before its entry step.
    """
    entry = next((place for place, rung in enumerate(rungs) if rung.step.id == item.entry), 0)
    return max([entry, *(place + 1 for place, rung in enumerate(rungs) if rung.left)])


def _repeat_day(item: Item, step: Step) -> date | None:
    """The day of the next repeat of the step that the item stands on; None where there is none."""
    times = _occurrence(item, step)
    if not step.repeat_days or not times or times > step.repeat_max:
        return None
    return days_after(_left_days(item)[step.id], step.repeat_days)


def propose_entry(item: Item, policy: Policy, today: date) -> int | None:
    """Return the step at which an old, never reminded item should enter the ladder.

    The highest message whose day has come, had every step before it left on its day; None
    where the item should simply begin at the first step.
    """
    if item.reached or item.entry is not None:
        return None
    dates = trigger_dates(item, policy)
    reachable = [
        place
        for place, (step, day) in enumerate(zip(policy.main, dates, strict=True))
        if day <= today and step.kind == MESSAGE and not step.is_courtesy
    ]
    first = next((place for place, step in enumerate(policy.main) if not step.is_courtesy), 0)
    if not reachable or max(reachable) <= first:
        return None
    return policy.main[max(reachable)].id


def decide(
    items: Iterable[Item],
    debtors: Mapping[int, Debtor],
    policies: Mapping[int, Policy],
    today: date,
    rounding: float,
) -> Plan:
    """Decide for all open items of one company what is reminded today.

    :param items: open items of any number of customers; negative residuals are credits
    :param debtors: by ``Item.debtor``; a customer that is missing was never written to
    :param policies: by ``Item.policy``
    :param rounding: of the company currency
    :return: a decision for each item that isn't a credit, and the messages
    """
    claims, credits = _split(items)
    plan = Plan([], [])
    known = {}
    for debtor_id, owed in claims.items():
        debtor = debtors.get(debtor_id) or Debtor(debtor_id)
        positions = {item.id: _with_pending(_known_position(item, policies, today, known), debtor) for item in owed}
        _decide_debtor(plan, debtor, owed, credits.get(debtor_id, []), positions, policies, today, rounding)
        plan.decisions.extend(
            Decision(item.id, where.reason, where.step, where.next_date)
            for item in owed
            for where in (positions[item.id],)
        )
    return plan


def _split(items: Iterable[Item]) -> tuple[dict[int, list[Item]], dict[int, list[Item]]]:
    claims, credits = defaultdict(list), defaultdict(list)
    for item in items:
        (claims if item.residual >= 0 else credits)[item.debtor].append(item)
    return claims, credits


def _known_position(item: Item, policies: Mapping[int, Policy], today: date, known: dict) -> Position:
    """Return the position of ``item``; ``known`` has those of items to which nothing has happened yet.

    They differ by their due date only, and most items of a large ledger are such.
    """
    policy = policies.get(item.policy)
    if item.holds or item.reached or item.events or item.claim <= 0:
        return position(item, policy, today)
    key = (item.policy, item.due, item.entry)
    if key not in known:
        known[key] = position(item, policy, today)
    return known[key]


def _with_pending(where: Position, debtor: Debtor) -> Position:
    if debtor.pending and where.step is not None:
        return Position(reasons.IN_PROGRESS)
    return where


def _decide_debtor(plan, debtor, owed, credits, positions, policies, today, rounding):
    """Add the customer's messages to ``plan``; correct ``positions`` where the group says no."""
    groups = defaultdict(list)
    for item in owed:
        if item.policy in policies and _is_shown(item, positions[item.id], today):
            groups[item.policy].append(item)
    lines = tuple(Line(item.id, item.residual) for item in credits if reasons.NOT_TRADE not in item.holds)
    # The credits are set off where most is claimed; a second policy has what is left of them.
    for policy_id, group in _by_claim(groups):
        if all(positions[item.id].step is None for item in group):
            continue
        messages = _decide_group(debtor, policies[policy_id], group, lines, positions, today, rounding)
        plan.messages.extend(messages)
        if len(groups) > 1:
            lines = _left_over(lines, _claimed(group), rounding)
            if any(message.kind == MESSAGE for message in messages):
                debtor = replace(debtor, last_contact=today)


def _by_claim(groups):
    """Return ``(policy id, its items)``, the largest claim first."""
    if len(groups) < 2:
        return groups.items()
    return sorted(groups.items(), key=lambda group: (-_claimed(group[1]), group[0]))


def _claimed(group: Iterable[Item]) -> float:
    return sum(item.claim for item in group)


def _left_over(credits: tuple[Line, ...], claimed: float, rounding: float) -> tuple[Line, ...]:
    """Return what remains of ``credits`` once they are set off against ``claimed``, first to last."""
    rest = []
    for line in credits:
        used = min(-line.amount, max(0.0, claimed))
        claimed -= used
        if not is_zero(line.amount + used, rounding):
            rest.append(replace(line, amount=line.amount + used))
    return tuple(rest)


def _is_shown(item: Item, where: Position, today: date) -> bool:
    """Whether the item stands in the message: its step is due, or it is overdue and not held back."""
    waiting = where.reason in (reasons.STEP_NOT_REACHED, reasons.LADDER_ENDED)
    return where.step is not None or (waiting and item.is_overdue(today))


def _decide_group(debtor, policy, group, credits, positions, today, rounding) -> list[Message]:
    """Return what the customer is told under one policy, what a person has to decide apart."""
    amount = _claimed(group) + sum(line.amount for line in credits)
    messages = []
    for kind, places in policy.places.items():
        advancing = [item for item in group if positions[item.id].step in places]
        if not advancing:
            continue
        refusal = _refusal(debtor, policy, kind, amount, today, rounding)
        if refusal:
            positions.update((item.id, refusal) for item in advancing)
            continue
        if kind == MESSAGE:
            messages.append(_message(debtor, policy, kind, group, credits, positions, amount, rounding))
        else:
            owed = _claimed(advancing)
            messages.append(_message(debtor, policy, kind, advancing, (), positions, owed, rounding))
    return messages


def _refusal(debtor, policy, kind, amount, today, rounding) -> Position | None:
    """Why the group as a whole isn't written to today; None where it is."""
    if not is_positive(amount, rounding):
        return Position(reasons.UNALLOCATED_CREDIT)
    if is_less(amount, policy.minimum, rounding):
        return Position(reasons.BELOW_MINIMUM)
    if kind == MESSAGE and debtor.last_contact:
        free = days_after(debtor.last_contact, policy.interval)
        if today < free:
            return Position(reasons.TOO_SOON, next_date=free)
    return None


def _message(debtor, policy, kind, shown, credits, positions, amount, rounding) -> Message:
    order = policy.places[kind]
    lines = []
    for item in shown:
        where = positions[item.id]
        advances = where.step in order
        lines.append(Line(item.id, item.claim, where.step if advances else None, where.occurrence if advances else 0))
    return Message(
        debtor=debtor.id,
        policy=policy.id,
        step=max((line.step for line in lines if line.step), key=order.__getitem__),
        kind=kind,
        lines=tuple(lines),
        credits=credits,
        amount=amount,
        above_ceiling=is_positive(policy.ceiling, rounding) and is_less(policy.ceiling, amount, rounding),
    )


def backward_step(policy: Policy) -> int | None:
    """Return the first main step that may be due before the one it follows; None if all is in order.

    Month ends make the order depend on the due date, so each day of a leap year is tried.
    """
    first = date(2024, 1, 1)
    for offset in range(366):
        item = Item(0, 0, first + timedelta(days=offset), 1.0)
        dates = trigger_dates(item, policy)
        for place in range(1, len(dates)):
            if dates[place] < dates[place - 1]:
                return policy.main[place].id
    return None
