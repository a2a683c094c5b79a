"""The ratios of receivables, by the definitions that credit managers print.

Amounts are in company currency and tax included unless a function says otherwise; days are calendar days.
A ratio that nothing can be said of (no sales, nothing due) is None, never 0: the screen shows a dash.
Receivables may be negative (more credits than claims); then so is the ratio, it isn't turned around.

>>> dso = simple_dso(15_000, 10_000, 30)
>>> best = simple_dso(4_000, 10_000, 30)  # with what isn't due yet: the best possible
>>> dso, best, average_days_delinquent(dso, best)
(45.0, 12.0, 33.0)
"""

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple


def simple_dso(receivables: float, sales: float, days: int) -> float | None:
    """Return the days of sales that ``receivables`` stand for; of those not due yet: the best possible DSO.

    :param receivables: at the end of the period
    :param sales: credit sales of the period, of the same kind: both tax included
    :param days: of the period

    >>> simple_dso(30_000, 60_000, 90), simple_dso(5_700, 7_600, 91)
    (45.0, 68.25)
    >>> simple_dso(-100, 1_000, 30), simple_dso(100, 0, 30)
    (-3.0, None)
    """
    return receivables / sales * days if sales > 0 else None


def average_days_delinquent(dso: float | None, best: float | None) -> float | None:
    """Return the days of the DSO that come from late payment: DSO less the best possible one."""
    return None if dso is None or best is None else dso - best


def turnover(sales: float, receivables: float, days: int) -> float | None:
    """Return how many times a year the receivables turn over: sales of the period, as of a year, by receivables.

    >>> turnover(60_000, 30_000, 90), turnover(60_000, 0, 90)
    (8.11111111111111, None)
    """
    return sales * 365 / days / receivables if receivables > 0 and days > 0 else None


class Month(NamedTuple):
    """The credit sales of a month, or of its days up to the day one looks at."""

    days: int
    sales: float


def months_back(day: date, sales_of: Mapping[date, float], count: int) -> list[Month]:
    """Return the ``count`` months before and with ``day``, the latest first; the latest ends on ``day``.

    :param sales_of: by the first of the month; a missing month sold nothing

    >>> months_back(date(2025, 3, 10), {date(2025, 3, 1): 50.0, date(2025, 1, 1): 80.0}, 3)
    [Month(days=10, sales=50.0), Month(days=28, sales=0.0), Month(days=31, sales=80.0)]
    """
    months, last = [], day
    for _place in range(count):
        first = last.replace(day=1)
        months.append(Month(last.day, sales_of.get(first, 0.0)))
        last = first - timedelta(days=1)
    return months


class CountBack(NamedTuple):
    """The count-back DSO. ``is_beyond``: receivables are left when the known months end, it is more than ``days``."""

    days: float
    is_beyond: bool = False


def count_back_dso(receivables: float, months: Iterable[tuple[int, float]], rounding: float = 0.01) -> CountBack:
    """Return how many days of the latest sales it takes to make up ``receivables``.

    Goes back month by month (the exhaustion method); the month in which they are used up counts in proportion.
    A month without sales adds its days. What is older than the known months is said to be, not guessed.

    :param months: the days and the sales of each (:class:`Month`), the latest first: see :func:`months_back`
    :param rounding: of the currency; less than half of it is nothing

    >>> months = [Month(30, 1_200.0), Month(31, 800.0), Month(30, 700.0)]
    >>> round(count_back_dso(2_500, months).days, 2)
    82.43
    >>> count_back_dso(3_000, months), count_back_dso(0, months)
    (CountBack(days=91.0, is_beyond=True), CountBack(days=0.0, is_beyond=False))
    """
    months = list(months)
    lengths, sales = [length for length, _sold in months], [sold for _length, sold in months]
    return CountBack(*exhaust(receivables, lengths, sales, range(len(months)), rounding / 2))


def exhaust(
    left: float, lengths: Sequence[int], sales: Sequence[float], places: Iterable[int], nothing: float
) -> tuple[float, bool]:
    """Return the days that it takes the sales to make up ``left``, and whether something is left then.

    The work of :func:`count_back_dso`, for who asks it of thousands: the months are those at ``places``.
    """
    days = 0.0
    for place in places:
        if left < nothing:
            return days, False
        sold = sales[place]
        if sold > left:
            return days + left / sold * lengths[place], False
        days += lengths[place]
        if sold > 0:
            left -= sold
    return days, left >= nothing


def weighted_average(pairs: Iterable[tuple[float, float]]) -> float | None:
    """Return the average of ``(amount, value)`` pairs, each value weighing by its amount.

    >>> round(weighted_average([(140, 7), (85, 55), (214, 10)]), 2)  # days late: two paid, one open by now
    17.76
    """
    pairs = list(pairs)
    total = sum(amount for amount, _value in pairs)
    return sum(amount * value for amount, value in pairs) / total if total else None


@dataclass(frozen=True, slots=True)
class Due:
    """An item that was due in the period; ``settled`` is the day of its last payment, None while open."""

    due: date
    amount: float
    settled: date | None = None


class Rate(NamedTuple):
    """A share in percent, by number and by value; None where there is nothing to take a share of."""

    by_number: float | None
    by_value: float | None


def late_rate(items: Iterable[Due], as_of: date, grace: int = 0) -> Rate:
    """Return the share of items that were settled more than ``grace`` days late, or are open later than that.

    :param items: due in the period that is looked at

    >>> on_time, late = Due(date(2025, 1, 10), 300.0, date(2025, 1, 10)), Due(date(2025, 1, 10), 100.0)
    >>> late_rate([on_time, late], date(2025, 1, 31))
    Rate(by_number=50.0, by_value=25.0)
    """
    items = list(items)
    return share_of([item for item in items if _is_late(item, as_of, grace)], items)


def _is_late(item: Due, as_of: date, grace: int) -> bool:
    settled = item.settled if item.settled and item.settled <= as_of else as_of
    return settled > item.due + timedelta(days=grace)


def share_of(part: Iterable[Due], whole: Iterable[Due]) -> Rate:
    """Return what share ``part`` is of ``whole``: disputed of issued invoices, for one."""
    part, whole = list(part), list(whole)
    return Rate(
        percentage(len(part), len(whole)),
        percentage(sum(item.amount for item in part), sum(item.amount for item in whole)),
    )


def percentage(part: float, whole: float) -> float | None:
    """Return ``part`` in percent of ``whole``; None where there is no whole.

    >>> percentage(1, 8), percentage(1, 0)
    (12.5, None)
    """
    return 100.0 * part / whole if whole else None


def collection_effectiveness(opening: float, sales: float, closing: float, closing_current: float) -> float | None:
    """Return the collection effectiveness index of a month, in percent: what came in of what could have.

    :param closing_current: the part of ``closing`` that wasn't due yet

    >>> round(collection_effectiveness(100_000, 1_000_000, 120_000, 100_000), 2)
    98.0
    """
    return percentage(opening + sales - closing, opening + sales - closing_current)


def average(values: Iterable[float | None]) -> float | None:
    """Return the plain average of those that are known: the index of several months.

    >>> average([98.0, None, 96.0]), average([None])
    (97.0, None)
    """
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def bad_debt_ratio(write_offs: float, recoverable_tax: float, sales: float) -> float | None:
    """Return the net write-offs, without the VAT that comes back, in percent of sales.

    >>> bad_debt_ratio(1_200, 200, 50_000)
    2.0
    """
    return percentage(write_offs - recoverable_tax, sales)


class Collected(NamedTuple):
    """Cash collected: on items not overdue on the day of the payment, and on overdue ones."""

    current: float
    overdue: float


def cash_collected(payments: Iterable[tuple[date, date, float]]) -> Collected:
    """Split payments by whether what they paid was overdue; the due day itself isn't.

    :param payments: (day of the payment, due date of what it paid, amount), each reconciliation once

    >>> cash_collected([(date(2025, 1, 31), date(2025, 1, 31), 70.0), (date(2025, 2, 1), date(2025, 1, 31), 30.0)])
    Collected(current=70.0, overdue=30.0)
    """
    current = overdue = 0.0
    for paid, due, amount in payments:
        if paid > due:
            overdue += amount
        else:
            current += amount
    return Collected(current, overdue)


def days_gained(dso: float | None, baseline: float | None, sales: float, days: int) -> tuple[float, float] | None:
    """Return the days gained since a baseline DSO, and the cash that they are.

    :param sales: of the period, ``days`` long, in which a day of sales is measured

    >>> days_gained(45, 50, 900_000, 90)
    (5, 50000.0)
    """
    if dso is None or baseline is None or days <= 0:
        return None
    gained = baseline - dso
    return gained, gained * sales / days


def concentration(amounts: Iterable[float], top: int) -> float | None:
    """Return the share of the ``top`` largest in percent of all; credits of a customer don't count against others.

    >>> concentration([50, 30, 15, 5, -10], 2)
    80.0
    """
    owed = sorted((amount for amount in amounts if amount > 0), reverse=True)
    return percentage(sum(owed[:top]), sum(owed))


def month_end(day: date) -> date:
    """Return the last day of the month of ``day``.

    >>> month_end(date(2024, 2, 1))
    datetime.date(2024, 2, 29)
    """
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
