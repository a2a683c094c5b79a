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
caught up, in order. Nothing here is ever skipped but a courtesy before the due date,
which makes no sense after it.

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

from odoo.addons.credit_control.core import reasons
from odoo.addons.credit_control.core.items import Debtor, Item
from odoo.addons.credit_control.core.money import is_positive

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


@dataclass(frozen=True, slots=True)
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
    in the end, in company currency.
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


def trigger_dates(item: Item, policy: Policy) -> list[date]:
    """Return the day from which each main step is due, in order.

    A step that hangs on the previous one counts from the day when that one left (the
    last repeat of it); where it never left, from the day when it should have.
    """
    left = {}
    for reached in item.reached:
        left[reached.step] = max(reached.on, left.get(reached.step, reached.on))
    dates, previous = [], item.due
    for step in policy.main:
        dates.append(_trigger(step, item.due, previous))
        previous = left.get(step.id, dates[-1])
    return dates


def _trigger(step: Step, due: date, previous: date) -> date:
    base = previous if step.basis == PREVIOUS else due
    day = base + timedelta(days=step.delay)
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
        happened = item.events.get(step.basis)
        if happened is None or happened + timedelta(days=step.delay) > today:
            continue
        dates = [reached.on for reached in item.reached if reached.step == step.id]
        if all(on < happened for on in dates):
            return _due(step, len(dates) + 1)
    return None


def _due(step: Step, occurrence: int) -> Position:
    reason = reasons.DECIDE if step.kind == DECISION else reasons.REMIND
    return Position(reason, step.id, occurrence)


def _main_position(item: Item, policy: Policy, today: date) -> Position:
    main = policy.main
    dates = trigger_dates(item, policy)
    start = _first_open(item, policy, dates)
    index = next(
        (i for i in range(start, len(main)) if not (main[i].is_courtesy and item.is_overdue(today))),
        None,
    )
    if index is not None and dates[index] <= today:
        return _due(main[index], 1)
    repeat, repeat_date = _repeat(item, main[start - 1]) if start else (None, None)
    if repeat and repeat_date <= today:
        return repeat
    upcoming = [day for day in (repeat_date, dates[index] if index is not None else None) if day]
    if not upcoming:
        return Position(reasons.LADDER_ENDED if item.is_overdue(today) else reasons.NOT_DUE)
    reason = reasons.STEP_NOT_REACHED if item.is_overdue(today) else reasons.NOT_DUE
    return Position(reason, next_date=min(upcoming))


def _first_open(item: Item, policy: Policy, dates: list[date]) -> int:
    """The place of the first main step that isn't behind the item.

    Behind it are the steps up to the highest that left; those before its entry step; and,
    where it was reminded under another policy, those that the other one's last message
    stands for: the ones due by that day.
    """
    places = {step.id: place for place, step in enumerate(policy.main)}
    own = [places[reached.step] + 1 for reached in item.reached if reached.step in places]
    if own:
        return max(own)
    if item.entry in places:
        return places[item.entry]
    known = {step.id for step in policy.steps}
    foreign = [reached.on for reached in item.reached if reached.step not in known]
    if foreign:
        return sum(1 for day in dates if day <= max(foreign))
    return 0


def _repeat(item: Item, step: Step) -> tuple[Position | None, date | None]:
    """The next repeat of the step that the item stands on, and its day."""
    times = [reached.on for reached in item.reached if reached.step == step.id]
    if not step.repeat_days or not times or len(times) > step.repeat_max:
        return None, None
    return _due(step, len(times) + 1), max(times) + timedelta(days=step.repeat_days)


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
    for debtor_id, owed in claims.items():
        debtor = debtors.get(debtor_id) or Debtor(debtor_id)
        positions = {item.id: _with_pending(position(item, policies.get(item.policy), today), debtor) for item in owed}
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
        (claims if item.residual > 0 else credits)[item.debtor].append(item)
    return claims, credits


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
    # The credits are set off where most is claimed; a second policy doesn't use them again.
    for policy_id in sorted(groups, key=lambda key: -sum(item.claim for item in groups[key])):
        group, policy = groups[policy_id], policies[policy_id]
        advancing = [item for item in group if positions[item.id].step is not None]
        if not advancing:
            continue
        amount = sum(item.claim for item in group) + sum(item.residual for item in credits)
        _decide_group(plan, debtor, policy, group, credits, positions, amount, today, rounding)
        credits = []


def _is_shown(item: Item, where: Position, today: date) -> bool:
    """Whether the item stands in the message: its step is due, or it is overdue and not held back."""
    waiting = where.reason in (reasons.STEP_NOT_REACHED, reasons.LADDER_ENDED)
    return where.step is not None or (waiting and item.is_overdue(today))


def _decide_group(plan, debtor, policy, group, credits, positions, amount, today, rounding):
    kinds = {step.id: step.kind for step in policy.steps}
    for kind in (MESSAGE, DECISION):
        advancing = [item for item in group if kinds.get(positions[item.id].step) == kind]
        if not advancing:
            continue
        refusal = _refusal(debtor, policy, kind, amount, today, rounding)
        if refusal:
            for item in advancing:
                positions[item.id] = replace(refusal)
            continue
        shown = group if kind == MESSAGE else advancing
        plan.messages.append(_message(debtor, policy, kind, shown, credits, positions, amount, rounding))


def _refusal(debtor, policy, kind, amount, today, rounding) -> Position | None:
    """Why the group as a whole isn't written to today; None where it is."""
    if not is_positive(amount, rounding):
        return Position(reasons.UNALLOCATED_CREDIT)
    if amount < policy.minimum:
        return Position(reasons.BELOW_MINIMUM)
    if kind == MESSAGE and debtor.last_contact:
        free = debtor.last_contact + timedelta(days=policy.interval)
        if today < free:
            return Position(reasons.TOO_SOON, next_date=free)
    return None


def _message(debtor, policy, kind, shown, credits, positions, amount, rounding) -> Message:
    order = {step.id: place for place, step in enumerate(policy.steps) if step.kind == kind}
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
        credits=tuple(Line(item.id, item.residual) for item in credits),
        amount=amount,
        above_ceiling=is_positive(policy.ceiling, rounding) and amount > policy.ceiling,
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
