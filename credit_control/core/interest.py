"""Late-payment interest: simple, day by day, at the rate of the half-year.

Interest runs from the day after it began to the day of settlement, that day included. Nothing is rounded
but the sum, once. A rate that isn't known is named, never replaced by a neighbour's.

12 000 due on 31 May 2025 and paid on 31 August: 92 days, 30 in one half-year and 62 in the next.

>>> ecb = {date(2025, 1, 1): 3.15, date(2025, 7, 1): 2.15}
>>> claim = Claim(12000.0, date(2025, 5, 31), (Settlement(date(2025, 8, 31), 12000.0),))
>>> found = accrue(claim, Rule("ecb", 10.0), {"ecb": ecb}, date(2025, 12, 31))
>>> [(part.days, round(part.rate, 2), round(part.amount, 2)) for part in found.segments]
[(30, 13.15, 129.7), (62, 12.15, 247.66)]
>>> found.total(0.01)
377.36
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from .money import round_to

# The rate of each half-year, or that of the half-year in which interest began, to the end.
SPLIT = "split"
FIXED = "fixed"

ACTUAL_365 = "actual_365"
ACTUAL_ACTUAL = "actual_actual"
THIRTY_360 = "thirty_360"

# What a payment settles first. The law's default is interest (in France C. civ. 1343-1).
PRINCIPAL_FIRST = "principal"
INTEREST_FIRST = "interest"

# A rate that was added up from binary fractions isn't above the step that it stands on.
DUST = 1e-9

# Rates by reference (whatever names it) and first day of the half-year, in per cent a year.
Rates = Mapping[Any, Mapping[date, float]]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What settled a part of the claim, on a day. A credit note says that this part was never owed."""

    day: date
    amount: float
    is_credit_note: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A sum of money that is late: its amount with taxes (never with a fixed sum), and what settled it.

    ``began`` is the day after which interest runs: the due day, or that of a formal notice; None where
    it doesn't run. ``stop`` is the last day that bears interest: that of an opening judgment.
    """

    amount: float
    began: date | None
    settlements: tuple[Settlement, ...] = ()
    stop: date | None = None

    @property
    def principal(self) -> float:
        """What was truly owed: the amount less its credit notes, whenever these came.

        >>> Claim(1000.0, None, (Settlement(date(2025, 9, 1), 400.0, True),)).principal
        600.0
        """
        return self.amount - sum(part.amount for part in self.settlements if part.is_credit_note)


@dataclass(frozen=True, slots=True)
class Rule:
    """How a regime reckons: a reference rate plus points; without a reference the points are the rate agreed.

    ``step``: the rate is rounded up to a multiple of it. ``floor`` and ``cap`` are (reference, multiple,
    points): a rate agreed isn't below ``multiple × reference + points``, no rate above the cap's.
    """

    reference: Any = None
    margin: float = 0.0
    accrual: str = SPLIT
    day_count: str = ACTUAL_365
    imputation: str = PRINCIPAL_FIRST
    step: float = 0.0
    floor: tuple[Any, float, float] | None = None
    cap: tuple[Any, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """A rate that nobody has entered: of which reference, for the half-year that begins on which day."""

    reference: Any
    half_year: date


@dataclass(frozen=True, slots=True)
class Segment:
    """Interest at one rate on one base, from the first to the last of these days; the amount isn't rounded."""

    first: date
    last: date
    days: int
    base: float
    rate: float
    amount: float


@dataclass(frozen=True, slots=True)
class Accrual:
    """The interest of a claim. Where a rate is missing there are no segments, and no sum."""

    segments: tuple[Segment, ...] = ()
    missing: Missing | None = None

    def total(self, rounding: float) -> float:
        """Return the sum, rounded once."""
        return round_to(sum(part.amount for part in self.segments), rounding)


def half_year(day: date) -> date:
    """Return the first day of the half-year of ``day``.

    >>> half_year(date(2025, 6, 30)), half_year(date(2025, 7, 1))
    (datetime.date(2025, 1, 1), datetime.date(2025, 7, 1))
    """
    return date(day.year, 1 if day.month < 7 else 7, 1)


def round_up(rate: float, step: float) -> float:
    """Return ``rate`` rounded up to a multiple of ``step``; 0 leaves it as it is.

    >>> round_up(10.15, 0.5), round_up(12.5, 0.5), round_up(10.15, 0.0)
    (10.5, 12.5, 10.15)
    """
    return math.ceil(rate / step - DUST) * step if step else rate


class _Unknown(LookupError):
    """A rate isn't known: the first argument says which."""


def _lookup(rates: Rates, reference: Any, day: date) -> float:
    start = half_year(day)
    try:
        return rates[reference][start]
    except KeyError:
        raise _Unknown(Missing(reference, start)) from None


def rate_on(rule: Rule, rates: Rates, day: date) -> float | Missing:
    """Return the rate of ``rule`` for the half-year of ``day``, in per cent a year, or the one that is missing.

    >>> rates = {"legal": {date(2026, 1, 1): 2.62}, "ecb": {date(2026, 1, 1): 2.15}}
    >>> round(rate_on(Rule("ecb", 8.0, step=0.5), rates, date(2026, 3, 1)), 2)
    10.5

    A rate agreed by contract can't be below three times the legal rate; one above it stands:

    >>> floor = ("legal", 3.0, 0.0)
    >>> [round(rate_on(Rule(None, own, floor=floor), rates, date(2026, 3, 1)), 2) for own in (5.0, 12.0)]
    [7.86, 12.0]
    >>> rate_on(Rule("legal"), rates, date(2026, 7, 1))
    Missing(reference='legal', half_year=datetime.date(2026, 7, 1))
    """
    try:
        return _rate(rule, rates, day)
    except _Unknown as unknown:
        return unknown.args[0]


def _rate(rule, rates, day):
    rate = rule.margin
    if rule.reference is not None:
        rate += _lookup(rates, rule.reference, day)
    rate = round_up(rate, rule.step)
    if rule.floor and rule.reference is None:
        reference, multiple, points = rule.floor
        rate = max(rate, multiple * _lookup(rates, reference, day) + points)
    if rule.cap:
        reference, multiple, points = rule.cap
        rate = min(rate, multiple * _lookup(rates, reference, day) + points)
    return max(0.0, rate)


def year_fraction(day_count: str, after: date, last: date) -> tuple[int, float]:
    """Return the days after ``after`` up to ``last``, and which part of a year they are.

    Leap years stay 365 days with ``ACTUAL_365``; ``ACTUAL_ACTUAL`` expects both days in one year, or the first
    to be the eve of it.

    >>> year_fraction(ACTUAL_365, date(2023, 12, 31), date(2024, 12, 31))[0]
    366
    >>> year_fraction(ACTUAL_ACTUAL, date(2023, 12, 31), date(2024, 12, 31))
    (366, 1.0)
    >>> year_fraction(THIRTY_360, date(2024, 1, 31), date(2024, 7, 31))
    (180, 0.5)
    """
    if day_count == THIRTY_360:
        days = _day_360(last) - _day_360(after)
        return days, days / 360
    days = (last - after).days
    if day_count == ACTUAL_ACTUAL:
        return days, days / (date(last.year, 12, 31) - date(last.year - 1, 12, 31)).days
    return days, days / 365


def _day_360(day):
    return 360 * day.year + 30 * day.month + min(day.day, 30)


def accrue(claim: Claim, rule: Rule, rates: Rates, until: date, since: date | None = None) -> Accrual:
    """Return the interest of ``claim`` up to and including ``until``.

    :param since: only of the days after this one; what was paid before still counts
    """
    last = min(until, claim.stop) if claim.stop else until
    if claim.began is None or last <= claim.began or claim.principal <= 0:
        return Accrual()
    try:
        return Accrual(tuple(_walk(claim, _rate_of(claim, rule, rates), rule, last, since)))
    except _Unknown as unknown:
        return Accrual(missing=unknown.args[0])


def _rate_of(claim: Claim, rule: Rule, rates: Rates) -> Callable[[date], float]:
    """Return which rate a day has: that of its own half-year, or of the one in which interest began."""
    if rule.accrual == FIXED:
        fixed = _rate(rule, rates, claim.began + timedelta(days=1))
        return lambda day: fixed
    return lambda day: _rate(rule, rates, day)


def _walk(claim, rate_of, rule, last, since):
    """Yield the segments: a new one begins after a payment, and with a half-year."""
    paid = _payments_by_day(claim)
    principal = claim.principal - sum(amount for day, amount in paid.items() if day <= claim.began)
    interest, after = 0.0, claim.began
    for cut in _cuts(claim.began, last, paid, since):
        if principal <= DUST:
            return
        days, fraction = year_fraction(rule.day_count, after, cut)
        rate = rate_of(cut)
        amount = principal * rate / 100 * fraction
        if since is None or after >= since:
            yield Segment(after + timedelta(days=1), cut, days, principal, rate, amount)
        interest += amount
        to_interest, to_principal = impute(paid.get(cut, 0.0), interest, rule.imputation)
        interest, principal, after = interest - to_interest, principal - to_principal, cut


def _payments_by_day(claim):
    paid = {}
    for part in claim.settlements:
        if not part.is_credit_note:
            paid[part.day] = paid.get(part.day, 0.0) + part.amount
    return paid


def _cuts(began: date, last: date, days: Iterable[date], since: date | None) -> list[date]:
    """Return the days after which something changes, and the last one."""
    cuts = _half_year_ends(began.year, last.year).union(days, [since] if since else [])
    return [*sorted(cut for cut in cuts if began < cut < last), last]


@lru_cache
def _half_year_ends(first: int, last: int) -> frozenset[date]:
    """Return the last days of the half-years of these years: thousands of claims ask for the same."""
    return frozenset(date(year, month, day) for year in range(first, last + 1) for month, day in ((6, 30), (12, 31)))


def impute(payment: float, interest: float, order: str) -> tuple[float, float]:
    """Return what of ``payment`` goes to the interest run up so far, and what to the principal.

    >>> impute(100.0, 30.0, INTEREST_FIRST), impute(100.0, 30.0, PRINCIPAL_FIRST)
    ((30.0, 70.0), (0.0, 100.0))
    """
    to_interest = min(payment, interest) if order == INTEREST_FIRST else 0.0
    return to_interest, payment - to_interest


def fixed_sum(tiers: Iterable[tuple[float, float]], amount: float) -> float:
    """Return the sum for recovery costs of an invoice; ``tiers`` are (from which amount on, sum).

    >>> british = [(0.0, 40.0), (1000.0, 70.0), (10000.0, 100.0)]
    >>> [fixed_sum(british, amount) for amount in (999.99, 1000.0, 2000.0, 10000.0)]
    [40.0, 70.0, 70.0, 100.0]
    >>> fixed_sum([], 5000.0)
    0.0
    """
    reached = [tier for tier in tiers if tier[0] <= amount]
    return max(reached)[1] if reached and amount > 0 else 0.0
