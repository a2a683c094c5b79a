"""Whom to work on first, and why: weighted rules over what is known of each customer.

What it is: :func:`weigh` gives a customer points, one :class:`Part` for each rule that says something;
:func:`choose` says what there is to do for them, and on which day; :func:`rank` puts customers in order.

How it works: a rule looks at one measure. It gives its points once (a promise was broken), or once for
each *whole* unit from its start on (1 point for each 500 €), up to its maximum. Points may be negative:
what is disputed can wait. The sum is the priority; the parts are its reason, the heaviest first.

>>> from datetime import date
>>> rules = [Rule(1, AMOUNT, 1, unit=500), Rule(2, DAYS_LATE, 1, unit=2), Rule(3, PROMISE_BROKEN, 40)]
>>> place = weigh(Facts(7, overdue=8240.0, days_late=67, broken=2000.0), rules)
>>> place.points, [(part.rule, part.value, part.points) for part in place.parts]
(89, [(3, 2000.0, 40), (2, 67, 33), (1, 8240.0, 16)])
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import floor

AMOUNT = "amount"
DAYS_LATE = "days_late"
DISTRUST = "distrust"
PROMISE_BROKEN = "promise_broken"
NO_CONTACT = "no_contact"
TAG = "tag"
STATUS = "status"
WARNING = "warning"
MEASURES = (AMOUNT, DAYS_LATE, DISTRUST, PROMISE_BROKEN, NO_CONTACT, TAG, STATUS, WARNING)
# Those that are true or not: their points are given once, whatever the unit.
ONCE = frozenset({PROMISE_BROKEN, TAG, STATUS})

# What there is to do for a customer, by precedence.
ANSWER = "answer"
DECIDE = "decide"
CALL = "call"
FOLLOW_PROMISE = "follow_promise"
APPROVE = "approve"
CHASE_DISPUTE = "chase_dispute"
ACTIVITY = "activity"
SETTLE = "settle"
REPAIR = "repair"
WARN = "warn"
LOOK = "look"
WAIT = "wait"
ACTIONS = (ANSWER, DECIDE, CALL, FOLLOW_PROMISE, APPROVE, CHASE_DISPUTE, ACTIVITY, SETTLE, REPAIR, WARN, LOOK, WAIT)
_ORDER = {action: place for place, action in enumerate(ACTIONS)}


@dataclass(frozen=True, slots=True)
class Rule:
    """One weighted rule. ``unit`` 0: the points once; ``maximum`` 0: none; ``match`` a tag's id or a status.

    ``start`` is the value that still gives nothing: 0 € and 0 days, most of the time.
    """

    id: int
    measure: str
    points: int
    unit: float = 0.0
    start: float = 0.0
    maximum: int = 0
    match: object = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a customer on a day.

    ``overdue`` is what may be claimed and is late, in company currency; ``score`` 0–100, None without one;
    ``broken`` what was missing of promises broken lately, 0 where none was; ``contact_days`` since something
    last left to them, None if nothing ever did; ``warnings`` the sum of the severities of open warnings.
    """

    id: int
    overdue: float = 0.0
    days_late: int = 0
    score: float | None = None
    broken: float = 0.0
    contact_days: int | None = None
    tags: frozenset[int] = frozenset()
    status: str | None = None
    warnings: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What one rule gave, and the value that it gave it for; None where the measure is true or false alone."""

    rule: int
    value: float | int | None
    points: int


@dataclass(frozen=True, slots=True)
class Place:
    """A customer's priority and the reason of it."""

    debtor: int
    points: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Todo:
    """Something to do for a customer from ``day`` on; ``notice`` is the message or call that it is about."""

    action: str
    day: date
    notice: int | None = None


def weigh(facts: Facts, rules: Iterable[Rule]) -> Place:
    """Return the customer's points with what each rule gave, the heaviest first."""
    parts = [part for rule in rules if (part := _apply(rule, facts))]
    parts.sort(key=lambda part: (-abs(part.points), part.rule))
    return Place(facts.id, sum(part.points for part in parts), tuple(parts))


def rank(all_facts: Iterable[Facts], rules: Iterable[Rule]) -> list[Place]:
    """Return the places of all, first to last: by points, then by what is overdue, then by its age.

    >>> rules = [Rule(1, DAYS_LATE, 1, unit=30)]
    >>> facts = [Facts(1, 100.0, 40), Facts(2, 900.0, 45), Facts(3, 10.0, 61)]
    >>> [(place.debtor, place.points) for place in rank(facts, rules)]
    [(3, 2), (2, 1), (1, 1)]
    """
    rules = tuple(rules)
    known = [(facts, weigh(facts, rules)) for facts in all_facts]
    known.sort(key=lambda pair: (-pair[1].points, -pair[0].overdue, -pair[0].days_late, pair[0].id))
    return [place for _facts, place in known]


def _apply(rule: Rule, facts: Facts) -> Part | None:
    value = _measure(rule, facts)
    if value is None:
        return None
    points = rule.points * _times(rule, value)
    if rule.maximum and abs(points) > rule.maximum:
        points = rule.maximum if points > 0 else -rule.maximum
    return Part(rule.id, None if rule.measure in (TAG, STATUS) else value, points) if points else None


def _times(rule: Rule, value: float) -> int:
    """How many times the rule gives its points: once a whole unit above its start.

    >>> [_times(Rule(1, AMOUNT, 1, unit=500), value) for value in (499.99, 500.0, 1000.0)]
    [0, 1, 2]
    >>> _times(Rule(1, DAYS_LATE, 5, start=30), 30), _times(Rule(1, DAYS_LATE, 5, start=30), 31)
    (0, 1)
    """
    if rule.measure in ONCE:
        return 1
    above = value - rule.start
    if above <= 0:
        return 0
    # Binary fractions of cents aren't a whole unit less.
    return floor(above / rule.unit + 1e-9) if rule.unit else 1


def _measure(rule: Rule, facts: Facts) -> float | int | None:
    """The value that ``rule`` looks at; None where it says nothing of the customer."""
    if rule.measure == TAG:
        return 1 if rule.match in facts.tags else None
    if rule.measure == STATUS:
        return 1 if rule.match == facts.status else None
    if rule.measure == DISTRUST:
        return None if facts.score is None else 100 - facts.score
    return {
        AMOUNT: facts.overdue,
        DAYS_LATE: facts.days_late,
        PROMISE_BROKEN: facts.broken or None,
        NO_CONTACT: facts.contact_days if facts.overdue > 0 else None,
        WARNING: facts.warnings,
    }[rule.measure]


def choose(todos: Iterable[Todo], today: date, postponed: date | None = None) -> Todo | None:
    """Return what is to be done for a customer, and from which day; None where nothing is.

    Of what is due, the first by precedence; else the one whose day comes first. What a person put off comes
    back on the day that they chose.

    >>> today = date(2025, 3, 10)
    >>> call, approve = Todo(CALL, date(2025, 3, 9), 1), Todo(APPROVE, date(2025, 3, 1), 2)
    >>> choose([approve, call], today).action, choose([Todo(WAIT, date(2025, 4, 1)), approve], today).action
    ('call', 'approve')
    >>> choose([call], today, postponed=date(2025, 3, 12)).day
    datetime.date(2025, 3, 12)
    """
    known = sorted(todos, key=lambda todo: (max(todo.day, today), _ORDER[todo.action], todo.day))
    if not known:
        return None
    first = known[0]
    if postponed and postponed > max(first.day, today):
        return Todo(first.action, postponed, first.notice)
    return first
