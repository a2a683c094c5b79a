"""When an open item will be paid.

The rule in one sentence: *an item is paid as many days late as this customer's latest items
usually were*, and what is known of the item itself goes before: a promise, a dispute, that it
is already later than usual. Each answer says by which rule it was got, and how sure it is.

How it works: an :class:`Outcome` is a settled item, reduced to days late. :func:`usual_of` takes the
customer's last 15 of 12 months and averages the middle half of them; with fewer than 5 of them the
median of the segment stands in, else of the company, else the due date itself. What is disputed takes
longer: :class:`Tally` measures by how much, customer by customer, so that disputed items don't blur what is
usual, and the share of items that a customer disputes is allowed for. ``drift`` takes off what the company's
own forecasts were lately wrong by, all in the same direction.

Days count as in ``core.behaviour``: after the due date, negative before it. Nothing here knows
what was settled after the day on which one looks: who calls passes what was known by then.

>>> history = [Outcome(date(2025, 1, 1) + timedelta(days=n), late) for n, late in enumerate((0, 2, 3, 5, 40))]
>>> customer = Customer(recent=recent_of(history, date(2025, 3, 1)))
>>> expect(Case(due=date(2025, 3, 15)), customer, Baseline(), date(2025, 3, 1))
Expectation(date=datetime.date(2025, 3, 18), rule='customer', confidence='medium', days=3.3)
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import floor
from statistics import NormalDist, median
from typing import NamedTuple

from .behaviour import PROFILE_MONTHS, PayDays, Receivable, Told, months_before, next_working_day, tell
from .days import days_after

# Fewer settled items than this say nothing of a customer.
LEAST = 5
# The latest items tell most: older ones don't count when there are these.
RECENT = 15
# What share of the recent items is averaged: the middle of them, so that no single one decides.
MIDDLE = 0.5
# A customer without history disputes as much as others do: that counts as this many items.
DISPUTE_PRIOR = 1
# Of an item that is later than any before, nothing is known.
UNKNOWN_DAYS = 14
# How much the delays of a customer scatter where that can't be measured.
SPREAD = 6.0
# A drift is believed from this many forecasts on, made good within these days.
DRIFT_LEAST = 30
DRIFT_DAYS = 60
# Within how many days the middle half of a customer's delays lies, to be sure of it.
STEADY_DAYS = 10.0
SURE_COUNT = 10
# Past delays that are kept to say how much later a late item gets.
PAST = 100

NO_HABIT = PayDays()

OUT = "out"
PROMISE = "promise"
DEADLINE = "dispute_deadline"
DISPUTE = "dispute"
CUSTOMER = "customer"
SEGMENT = "segment"
COMPANY = "company"
DUE = "due"
LATE = "late"
UNPRECEDENTED = "unprecedented"
RULES = (PROMISE, DEADLINE, DISPUTE, CUSTOMER, SEGMENT, COMPANY, DUE, LATE, UNPRECEDENTED, OUT)
HIGH, MEDIUM, LOW = "high", "medium", "low"


class Outcome(NamedTuple):
    """A settled item: when its last payment came, how late it was, whether it was disputed."""

    on: date
    days: float
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Usual:
    """How late some items usually are: how many they are, the usual days, and within how many days half of them lie.

    ``days`` are those of undisputed items.
    """

    count: int = 0
    days: float = 0.0
    scatter: float = 0.0


@dataclass(frozen=True, slots=True)
class Customer:
    """What the forecast knows of a customer: see :func:`customer_of`.

    ``recent`` are the days late of the latest settled items and whether they were disputed;
    ``delays`` all known past delays, ascending; ``disputed`` of ``settled`` items were disputed.
    ``slippage`` is the median of days that promises came after their date, from ``promises`` of them.
    """

    recent: tuple[tuple[float, bool], ...] = ()
    delays: tuple[float, ...] = ()
    settled: int = 0
    disputed: int = 0
    pay_days: PayDays = PayDays()
    slippage: float = 0.0
    promises: int = 0


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the company's other customers say: see :class:`Tally`.

    Disputed items are paid ``dispute_days`` later than the same customer's others, a share of ``dispute_share``
    is disputed; the delays of one customer scatter by ``spread`` (one standard deviation).
    The forecasts that came true lately were ``drift`` days too late (negative: too early).
    """

    usual: Usual = Usual()
    dispute_days: float = 0.0
    dispute_share: float = 0.0
    spread: float = SPREAD
    drift: float = 0.0


@dataclass(frozen=True, slots=True)
class Case:
    """An open item, and what is known of it today.

    ``disputed``: a dispute is open; ``deadline`` is the day by which it should be settled. ``disputable``: it
    isn't known yet whether it will be disputed. ``promised`` is the day of the latest open promise. ``is_out``: a
    collective procedure or litigation; nothing is expected by itself.
    """

    due: date
    disputed: bool = False
    deadline: date | None = None
    promised: date | None = None
    is_out: bool = False
    disputable: bool = True


@dataclass(frozen=True, slots=True)
class Expectation:
    """The day of payment, the code of the rule that gave it, how sure it is, and the days late that it rests on."""

    date: date | None
    rule: str
    confidence: str
    days: float | None = None


# ---------------------------------------------------------------- what the past says


def outcomes_of(items: Iterable[Receivable], as_of: date) -> list[Outcome]:
    """Return the items that were settled by ``as_of``, in the order of settlement."""
    return outcomes_of_told(tell(item, as_of) for item in items)


def outcomes_of_told(told: Iterable[Told]) -> list[Outcome]:
    """Return the settled ones of some items that have been read already: see ``behaviour.tell``."""
    return sorted([Outcome(one.settled, one.delay, one.item.disputed) for one in told if one.settled])


def recent_of(outcomes: Iterable[Outcome], as_of: date) -> tuple[tuple[float, bool], ...]:
    """Return days late and dispute of the last 15 items settled in the 12 months before ``as_of``, latest last."""
    since = months_before(as_of, PROFILE_MONTHS)
    return tuple((one.days, one.disputed) for one in outcomes if since < one.on <= as_of)[-RECENT:]


def customer_of(
    outcomes: Sequence[Outcome], as_of: date, pay_days: PayDays = NO_HABIT, slips: Sequence[float] = ()
) -> Customer:
    """Return what the settled items of one customer say, ``outcomes`` in the order of settlement.

    :param slips: days that each of the customer's past promises came after its date
    """
    return Customer(
        recent=recent_of(outcomes, as_of),
        delays=tuple(sorted(one.days for one in outcomes[-PAST:])),
        settled=len(outcomes),
        disputed=sum(one.disputed for one in outcomes),
        pay_days=pay_days,
        slippage=median(slips) if slips else 0.0,
        promises=len(slips),
    )


def middle_mean(values: Iterable[float], share: float = MIDDLE) -> float:
    """Return the mean of the middle ``share`` of the values: neither one bad item nor a lucky one moves it far.

    >>> middle_mean([0, 2, 3, 5, 40]), middle_mean([7]), middle_mean([1, 2, 3, 100])
    (3.3, 7.0, 2.5)
    """
    ordered = sorted(values)
    low = len(ordered) * (1 - share) / 2
    high = len(ordered) - low
    total = sum(
        value * weight for place, value in enumerate(ordered) if (weight := min(place + 1, high) - max(place, low)) > 0
    )
    return round(total / (high - low), 6)


def usual_of(recent: Sequence[tuple[float, bool]], dispute_days: float) -> Usual:
    """Return what is usual of some settled items, as if none of them had been disputed.

    >>> usual_of([(2, False), (4, False), (18, True), (3, False)], dispute_days=15)
    Usual(count=4, days=3.0, scatter=0.0)
    """
    if not recent:
        return Usual()
    days = sorted(late - dispute_days * disputed for late, disputed in recent)
    quarter = len(days) // 4
    return Usual(len(days), middle_mean(days), float(days[-1 - quarter] - days[quarter]))


class Tally:
    """Counts the recent items of many customers, one by one; what it holds doesn't grow with them.

    How much later disputed items are paid is asked customer by customer, and averaged with a
    weight of n₁n₂ / (n₁ + n₂): who has many of both says most.

    >>> tally = Tally()
    >>> tally.add([(3, False), (5, False), (18, True)])
    >>> tally.add([(-2, False), (14, True)])
    >>> found = tally.baseline()
    >>> round(found.dispute_days, 2), found.dispute_share, found.usual.count
    (14.86, 0.4, 5)
    """

    def __init__(self):
        self.days = Counter()
        self.residuals = Counter()
        self.weight = self.difference = 0.0

    def add(self, recent: Iterable[tuple[float, bool]]) -> None:
        """Count the recent items of one customer: see :func:`recent_of`."""
        sides = ([], [])
        for days, is_disputed in recent:
            sides[bool(is_disputed)].append(days)
        self._count(*sides)

    def _count(self, plain: list[float], disputed: list[float]) -> None:
        for is_disputed, side in ((False, plain), (True, disputed)):
            self.days.update((round(days), is_disputed) for days in side)
        if plain and disputed:
            weight = len(plain) * len(disputed) / (len(plain) + len(disputed))
            self.weight += weight
            self.difference += weight * (middle_mean(disputed) - middle_mean(plain))
        if len(plain) >= LEAST:
            usual = middle_mean(plain)
            self.residuals.update(round(abs(days - usual)) for days in plain)

    def baseline(self, drift: float = 0.0) -> Baseline:
        """Return what they say together."""
        # One customer's few disputes prove nothing for the others: below this there is no difference.
        dispute_days = max(0.0, self.difference / self.weight) if self.weight >= 1 else 0.0
        count = self.days.total()
        disputed = sum(number for (_days, is_disputed), number in self.days.items() if is_disputed)
        # Half of normally scattered values lie within 0.6745 standard deviations.
        spread = _median_of(self.residuals) / NormalDist().inv_cdf(0.75) if self.residuals else 0.0
        return Baseline(
            usual=self.usual(dispute_days),
            dispute_days=dispute_days,
            dispute_share=disputed / count if count else 0.0,
            spread=spread or SPREAD,
            drift=drift,
        )

    def usual(self, dispute_days: float) -> Usual:
        """Return the median of all, as if none had been disputed."""
        found = Counter()
        for (days, is_disputed), number in self.days.items():
            found[days - dispute_days * is_disputed] += number
        return Usual(found.total(), _median_of(found)) if found else Usual()


def _median_of(counts: Counter) -> float:
    """The median of values that are counted.

    >>> _median_of(Counter({1: 1, 3: 1})), _median_of(Counter({1: 2, 3: 1}))
    (2.0, 1.0)
    """
    total, seen, low = counts.total(), 0, None
    for value in sorted(counts):
        seen += counts[value]
        if low is not None:
            return (low + value) / 2
        if seen * 2 == total:
            low = value
        elif seen * 2 > total:
            return float(value)
    raise ValueError("nothing was counted")


def drift_of(errors: Sequence[float]) -> float:
    """Return how many days too late the forecasts were that came true lately; 0 where too few did.

    :param errors: expected day − day of payment of what was settled in the last 60 days
    """
    return middle_mean(errors) if len(errors) >= DRIFT_LEAST else 0.0


# ---------------------------------------------------------------- what is expected


def expect(
    case: Case,
    customer: Customer,
    baseline: Baseline,
    as_of: date,
    segment: Usual | None = None,
    holidays: frozenset[date] = frozenset(),
) -> Expectation:
    """Return when ``case`` will be paid, as seen on ``as_of``.

    The day is one on which banks work and, where the customer pays in runs, the next of them.

    >>> today = date(2025, 3, 24)
    >>> expect(Case(due=date(2025, 3, 1), promised=date(2025, 4, 1)), Customer(), Baseline(), today).rule
    'promise'
    >>> expect(Case(due=date(2025, 3, 1), is_out=True), Customer(), Baseline(), today).date is None
    True
    """
    if case.is_out:
        return Expectation(None, OUT, LOW)
    found = _expected(case, customer, baseline, segment, as_of)
    if found.date < as_of:
        found = _overdue(case, customer, found, as_of)
    day = next_working_day(customer.pay_days.next_from(next_working_day(found.date, holidays)), holidays)
    return Expectation(day, found.rule, found.confidence, found.days)


def _expected(case, customer, baseline, segment, as_of) -> Expectation:
    """The expectation from what is known of the item and of those before it."""
    if case.promised:
        slips = customer.slippage
        is_sure = customer.promises >= 3 and abs(slips) <= 3
        return Expectation(_after(case.promised, slips), PROMISE, HIGH if is_sure else MEDIUM, slips)
    usual, rule, confidence = _usual(customer, baseline, segment)
    if case.disputed and case.deadline:
        return Expectation(_after(case.deadline, usual), DEADLINE, LOW, usual)
    if case.disputed:
        days = usual + baseline.dispute_days
        return Expectation(_after(case.due, days), DISPUTE, LOW, days)
    days = round(usual + (dispute_shift(customer, baseline) if case.disputable else 0.0), 6)
    return Expectation(_after(case.due, days), rule, confidence, days)


def _usual(customer: Customer, baseline: Baseline, segment: Usual | None) -> tuple[float, str, str]:
    """The usual days late, whose they are, and how sure that is."""
    own = usual_of(customer.recent, baseline.dispute_days)
    if own.count >= LEAST:
        is_sure = own.count >= SURE_COUNT and own.scatter <= STEADY_DAYS
        return own.days - baseline.drift, CUSTOMER, HIGH if is_sure else MEDIUM
    for group, rule in ((segment, SEGMENT), (baseline.usual, COMPANY)):
        if group and group.count >= LEAST:
            return group.days - baseline.drift, rule, LOW
    return 0.0, DUE, LOW


def dispute_shift(customer: Customer, baseline: Baseline) -> float:
    """Return how many days later than usual, because the item may still be disputed.

    It is the day by which such an item is paid as likely as not, where the customer's share of
    items takes the days of a dispute more.

    >>> often = Customer(settled=9, disputed=9)
    >>> round(dispute_shift(often, Baseline(dispute_days=14.0, dispute_share=0.2)), 1)
    13.4
    >>> dispute_shift(Customer(settled=9), Baseline())
    0.0
    """
    if not baseline.dispute_days:
        return 0.0
    prior = DISPUTE_PRIOR * baseline.dispute_share
    share = (customer.disputed + prior) / (customer.settled + DISPUTE_PRIOR)
    plain = NormalDist(0.0, baseline.spread)
    low, high = 0.0, baseline.dispute_days
    while high - low > 0.05:
        day = (low + high) / 2
        paid = (1 - share) * plain.cdf(day) + share * plain.cdf(day - baseline.dispute_days)
        low, high = (day, high) if paid < 0.5 else (low, day)
    return (low + high) / 2


def _overdue(case: Case, customer: Customer, found: Expectation, as_of: date) -> Expectation:
    """The expectation of what should have been paid already.

    >>> late = Customer(delays=(0, 2, 20, 30, 60))
    >>> expect(Case(due=date(2025, 3, 1)), late, Baseline(), date(2025, 3, 13))
    Expectation(date=datetime.date(2025, 3, 31), rule='late', confidence='low', days=30)
    >>> expect(Case(due=date(2025, 3, 1)), late, Baseline(), date(2025, 5, 30)).date
    datetime.date(2025, 6, 13)
    """
    if found.rule == PROMISE:
        # It still counts as kept for some days: any day now.
        return Expectation(as_of, PROMISE, LOW, found.days)
    today = (as_of - case.due).days
    later = [days for days in customer.delays if days > today]
    if not later:
        return Expectation(as_of + timedelta(days=UNKNOWN_DAYS), UNPRECEDENTED, LOW)
    days = median(later)
    return Expectation(max(as_of, _after(case.due, days)), LATE, MEDIUM if len(later) >= LEAST else LOW, days)


def _after(day: date, days: float) -> date:
    """``days`` after a day, halves up."""
    return days_after(day, floor(days + 0.5))


# ---------------------------------------------------------------- measured against what came true


@dataclass
class Accuracy:
    """How far forecasts were off: mean absolute error and bias in days (positive: expected too late).

    >>> found = Accuracy()
    >>> for error in (3, -1, 4): found.add(error)
    >>> found.count, round(found.mean_error, 2), found.bias
    (3, 2.67, 2.0)
    """

    count: int = 0
    total: float = field(default=0.0, repr=False)
    total_error: float = field(default=0.0, repr=False)

    def add(self, error: float) -> None:
        """Count one forecast that came true ``error`` days before it was expected."""
        self.count += 1
        self.total += error
        self.total_error += abs(error)

    @property
    def bias(self) -> float:
        """The mean error; 0 without forecasts."""
        return self.total / self.count if self.count else 0.0

    @property
    def mean_error(self) -> float:
        """The mean of the absolute errors; 0 without forecasts."""
        return self.total_error / self.count if self.count else 0.0
