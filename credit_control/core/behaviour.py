"""How a customer pays: from what was billed to them, and when each part of it was paid.

What it is: a :class:`Receivable` is one item that was due, with its payments. All that is
said of a customer comes from :func:`parts_of`: each payment counts with its own amount and
date, and what is still open past its due date counts with the days it is late by now. So a
customer who stops paying gets worse each day.

Amounts are positive, in company currency, without what a credit note took off: that was
never to be paid. What was written off counts as late until that day; but nobody paid it, so that
it settles nothing and says nothing of the days on which a customer pays. ``as_of`` is the day on
which one looks: nothing that happened later is seen. Days late are negative where the money came
early.

>>> paid = Receivable(1, 225.0, date(2025, 1, 31), payments=(Payment(date(2025, 2, 7), 140.0),
...                                                          Payment(date(2025, 3, 27), 85.0)))
>>> late = Receivable(2, 214.0, date(2025, 3, 21))
>>> round(weighted_delay(parts_of([paid, late], date(2025, 3, 31))), 2)
17.76
"""

import calendar
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from functools import lru_cache
from math import ceil
from typing import NamedTuple

from .days import days_after

CENT = 0.01
# (days late, index): between two of them the index falls evenly.
INDEX_CURVE = (
    (-30, 100.0),
    (-20, 90.0),
    (0, 80.0),
    (15, 70.0),
    (22, 60.0),
    (30, 50.0),
    (60, 40.0),
    (90, 30.0),
    (120, 20.0),
    (180, 0.0),
)
INDEX_DAYS = [days for days, _index in INDEX_CURVE]
# How far back each figure looks, in months.
INDEX_MONTHS = 24
PROFILE_MONTHS = 12
RECENT_MONTHS = 3
# A habit is a habit when this share of the payments follow it, and there are this many days of payment.
HABIT_SHARE = 0.7
HABIT_DAYS = 5
LAST_DAY = 31


@lru_cache(maxsize=4096)
def months_before(day: date, months: int) -> date:
    """Return the same day ``months`` earlier, the last of the month where there is none.

    >>> months_before(date(2025, 3, 31), 1), months_before(date(2025, 1, 15), 12)
    (datetime.date(2025, 2, 28), datetime.date(2024, 1, 15))
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


class Payment(NamedTuple):
    """A part of an item that was paid on ``on``; ``is_loss``: nobody paid it, it was written off then."""

    on: date
    amount: float
    is_loss: bool = False


class Part(NamedTuple):
    """A part of an item with one delay: one payment, what was written off, or what is open past its due date.

    ``on`` is the day of the payment or the loss; for an open part the day on which one looks.
    """

    amount: float
    days: int
    on: date
    is_open: bool
    is_loss: bool = False

    @property
    def is_paid(self) -> bool:
        return not self.is_open and not self.is_loss


class Receivable(NamedTuple):
    """One item that a customer had to pay: an invoice or an instalment.

    ``issued`` is the date of the invoice (the due date where it isn't known). ``disputed``:
    whether the customer ever disputed it. What it tells on a day is read by :func:`tell`.

    >>> item = Receivable("F1", 100.0, date(2025, 1, 31), payments=(Payment(date(2025, 2, 10), 60.0),))
    >>> item.open_on(date(2025, 2, 9)), item.open_on(date(2025, 2, 10)), item.settled_on(date(2025, 12, 31))
    (100.0, 40.0, None)
    >>> item.delay(date(2025, 2, 20))
    14.0

    The rest is written off 50 days late: it is late for so long, and was settled when it was paid.

    >>> item = item._replace(payments=(*item.payments, Payment(date(2025, 3, 22), 40.0, is_loss=True)))
    >>> item.open_on(date(2025, 12, 31)), item.settled_on(date(2025, 12, 31)), item.delay(date(2025, 12, 31))
    (0.0, datetime.date(2025, 2, 10), 26.0)
    """

    id: int | str
    amount: float
    due: date
    issued: date | None = None
    payments: tuple[Payment, ...] = ()
    disputed: bool = False

    def open_on(self, as_of: date) -> float:
        """What is open at the end of ``as_of``; never less than nothing."""
        return tell(self, as_of).left

    def settled_on(self, as_of: date) -> date | None:
        """The day of its last payment; None where something is open on ``as_of``, or nobody paid any of it."""
        return tell(self, as_of).settled

    def parts(self, as_of: date) -> list[Part]:
        """Each payment by its own date, and what is open of it if it is overdue, disputed or not.

        >>> Receivable(1, 10.0, date(2025, 1, 31)).parts(date(2025, 1, 31))
        []
        """
        return tell(self, as_of).parts

    def delay(self, as_of: date) -> float | None:
        """Days late of the item as a whole, its parts weighed by their amounts; None before there are any."""
        return tell(self, as_of).delay

    def days_to_pay(self, as_of: date) -> int | None:
        """Days from the invoice's date to the payment that settled it; None while it is open."""
        settled = self.settled_on(as_of)
        return (settled - (self.issued or self.due)).days if settled else None

    def paid_up(self, on: date) -> "Receivable":
        """The same item as if what is open of it were paid on ``on``.

        >>> Receivable(1, 10.0, date(2025, 1, 31)).paid_up(date(2025, 3, 2)).delay(date(2025, 12, 31))
        30.0
        """
        left = self.open_on(on)
        return self._replace(payments=(*self.payments, Payment(on, left))) if left else self


class Told(NamedTuple):
    """What one item tells on a day, read once: its parts, what is open of it, when it was settled, how late it was.

    ``settled`` is None while it is open and where all was written off, ``delay`` before there are any parts.
    """

    item: Receivable
    parts: list[Part]
    left: float
    settled: date | None
    delay: float | None


def tell(item: Receivable, as_of: date) -> Told:
    """Return what an item tells on ``as_of``: the one reading of it, which all figures come from.

    >>> item = Receivable(1, 10.0, date(2025, 1, 31), payments=(Payment(date(2025, 2, 3), 10.0),))
    >>> found = tell(item, date(2025, 3, 1))
    >>> found.left, found.settled, found.delay
    (0.0, datetime.date(2025, 2, 3), 3.0)
    """
    _id, left, due, _issued, payments, _disputed = item
    parts, settled = [], None
    for on, amount, is_loss in payments:
        if on <= as_of:
            left -= amount
            parts.append(Part(amount, (on - due).days, on, False, is_loss))
            if not is_loss and (settled is None or on > settled):
                settled = on
    if left < CENT / 2:
        left = 0.0
    else:
        settled = None
        if due < as_of:
            parts.append(Part(left, (as_of - due).days, as_of, True))
    delay = float(parts[0].days) if len(parts) == 1 else weighted_delay(parts)
    return Told(item, parts, left, settled, delay)


def parts_of(items: Iterable[Receivable], as_of: date, months: int = INDEX_MONTHS) -> list[Part]:
    """Return the parts paid in the ``months`` before ``as_of``, and all that is overdue then."""
    return parts_of_told([tell(item, as_of) for item in items], as_of, months)


def parts_of_told(told: Iterable[Told], as_of: date, months: int = INDEX_MONTHS) -> list[Part]:
    """Return the :func:`parts_of` some items that have been read already: see :func:`tell`."""
    since = months_before(as_of, months)
    return [part for one in told for part in one.parts if part.on > since]


# ---------------------------------------------------------------- figures of some parts


@lru_cache(maxsize=4096)
def payment_index(days: float) -> float:
    """Return the index (0–100) of what is paid ``days`` late.

    >>> [payment_index(days) for days in (-40, -10, 0, 26, 75, 150, 400)]
    [100.0, 85.0, 80.0, 55.0, 35.0, 10.0, 0.0]
    """
    place = bisect_left(INDEX_DAYS, days)
    if place == 0:
        return INDEX_CURVE[0][1]
    if place == len(INDEX_CURVE):
        return INDEX_CURVE[-1][1]
    (low, high_index), (high, low_index) = INDEX_CURVE[place - 1], INDEX_CURVE[place]
    return high_index + (low_index - high_index) * (days - low) / (high - low)


def weighted_index(parts: Iterable[Part]) -> float | None:
    """Return the mean of the parts' indexes, weighed by amount; None without parts.

    The indexes are averaged, not the days: ten days early and 110 late aren't 50 late.

    >>> day = date(2025, 1, 1)
    >>> round(weighted_index([Part(100.0, -10, day, False), Part(100.0, 110, day, False)]), 2), payment_index(50)
    (54.17, 43.333333333333336)
    """
    total = weight = 0.0
    for amount, days, _on, _is_open, _is_loss in parts:
        weight += amount
        total += amount * payment_index(days)
    return total / weight if weight > 0 else None


def weighted_delay(parts: Iterable[Part]) -> float | None:
    """Return Σ(amount × days late) / Σ amount; None without parts."""
    total = weight = 0.0
    for amount, days, _on, _is_open, _is_loss in parts:
        weight += amount
        total += amount * days
    return total / weight if weight > 0 else None


def trend(items: Iterable[Receivable], as_of: date) -> float | None:
    """Return the weighted delay of the last 3 months less that of the 9 before: positive = slower.

    None where one of the two has no payment and nothing overdue. What is overdue counts now.

    >>> def paid(due, on): return Receivable(due, 100.0, due, payments=(Payment(on, 100.0),))
    >>> old, new = paid(date(2025, 1, 31), date(2025, 2, 4)), paid(date(2025, 8, 31), date(2025, 9, 10))
    >>> trend([old, new], date(2025, 9, 30)), trend([new], date(2025, 9, 30))
    (6.0, None)
    """
    return trend_of(parts_of(items, as_of, PROFILE_MONTHS), as_of)


def trend_of(parts: Iterable[Part], as_of: date) -> float | None:
    """Return the :func:`trend` of these parts; older ones than 12 months are left out."""
    since, start = months_before(as_of, RECENT_MONTHS), months_before(as_of, PROFILE_MONTHS)
    recent, before = [], []
    for part in parts:
        if part.on > start:
            (recent if part.on > since else before).append(part)
    if not recent or not before:
        return None
    return weighted_delay(recent) - weighted_delay(before)


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest of the values below or at which ``share`` of them lie (nearest rank).

    >>> percentile([40, 0, 2, 5, 3], 0.9), percentile(list(range(1, 21)), 0.9), percentile([], 0.9)
    (40, 18, None)
    """
    if not values:
        return None
    # 0.9 × 10 is 9 to us, though the binary fraction may say a hair more.
    return sorted(values)[max(0, ceil(len(values) * share - 1e-9) - 1)]


def middle(values: Sequence[float]) -> float | None:
    """Return the median; None without values.

    >>> middle([0, 2, 3, 5, 40]), middle([])
    (3, None)
    """
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


# ---------------------------------------------------------------- figures of some items


def active_count(items: Iterable[Receivable], as_of: date, months: int = PROFILE_MONTHS) -> int:
    """Return how many items were settled in the last ``months``, or are overdue: what a figure rests on.

    >>> active_count([Receivable(1, 10.0, date(2020, 1, 31)), Receivable(2, 10.0, date(2025, 7, 1))], date(2025, 6, 1))
    1
    """
    return active_count_of_told([tell(item, as_of) for item in items], as_of, months)


def active_count_of_told(told: Iterable[Told], as_of: date, months: int = PROFILE_MONTHS) -> int:
    """Return the :func:`active_count` of some items that have been read already: see :func:`tell`."""
    since = months_before(as_of, months)
    return sum([one.settled > since if one.settled else bool(one.left) and one.item.due < as_of for one in told])


@dataclass(frozen=True, slots=True)
class Lateness:
    """How many of some items were paid late: by number and by amount, as shares of 0 to 1."""

    count: int
    late: int
    amount: float
    late_amount: float

    @property
    def rate(self) -> float | None:
        """The share of late items; None without items."""
        return self.late / self.count if self.count else None

    @property
    def amount_rate(self) -> float | None:
        """The share of the amount that was late; None without an amount."""
        return self.late_amount / self.amount if self.amount > 0 else None


def lateness(items: Iterable[Receivable], since: date, as_of: date, grace: int = 0) -> Lateness:
    """Count the items due after ``since`` and by ``as_of`` that were settled after due + grace, or are open after it.

    Of an item paid in parts, the amount paid in time isn't late; the item is. One whose days of
    grace still run isn't counted as late.

    >>> def item(number, paid): return Receivable(number, 100.0, date(2025, 1, 31), payments=(Payment(paid, 100.0),))
    >>> found = lateness([item(1, date(2025, 1, 30)), item(2, date(2025, 2, 3)), Receivable(3, 50.0, date(2025, 2, 1))],
    ...                  date(2024, 12, 31), date(2025, 3, 31))
    >>> (found.late, found.count), (found.late_amount, found.amount)
    ((2, 3), (150.0, 250.0))
    """
    return _lateness((tell(item, as_of) for item in items if since < item.due <= as_of), grace)


def _lateness(told: Iterable[Told], grace: int = 0) -> Lateness:
    count = late = 0
    amount = late_amount = 0.0
    for item, parts, _left, _settled, _delay in told:
        count += 1
        amount += item.amount
        is_late = False
        for part_amount, days, _on, _is_open, _is_loss in parts:
            if days > grace:
                is_late = True
                late_amount += part_amount
        late += is_late
    return Lateness(count, late, amount, late_amount)


# ---------------------------------------------------------------- pay days


@dataclass(frozen=True, slots=True)
class PayDays:
    """The day on which a customer runs its payments: of the month, else of the week.

    ``weekday`` is 0 for Monday; ``month_day`` is 1–31, where 31 stands for the last of the month.
    Both None: no habit is known.

    >>> PayDays(weekday=3).next_from(date(2025, 6, 10)), PayDays(month_day=31).next_from(date(2025, 6, 10))
    (datetime.date(2025, 6, 12), datetime.date(2025, 6, 30))
    >>> PayDays(month_day=15).next_from(date(2025, 6, 16))  # the 15th was a Sunday
    datetime.date(2025, 6, 16)
    >>> PayDays(month_day=15).next_from(date(9999, 12, 31))  # the calendar ends
    datetime.date(9999, 12, 31)
    """

    weekday: int | None = None
    month_day: int | None = None
    share: float = 0.0

    def __bool__(self):
        return self.weekday is not None or self.month_day is not None

    def next_from(self, day: date) -> date:
        """Return the first pay day on or after ``day``; ``day`` itself without a habit."""
        if day.year == MAXYEAR:
            return day
        if self.month_day is not None:
            return next(run for month in (-1, 0, 1, 2) if (run := _run_of(day, month, self.month_day)) >= day)
        if self.weekday is not None:
            return days_after(day, (self.weekday - day.weekday()) % 7)
        return day


def next_working_day(day: date, holidays: frozenset[date] = frozenset()) -> date:
    """Return ``day``, or the first day after it that is neither in a weekend nor a holiday.

    >>> next_working_day(date(2025, 6, 14)), next_working_day(date(2025, 6, 9), frozenset({date(2025, 6, 9)}))
    (datetime.date(2025, 6, 16), datetime.date(2025, 6, 10))
    """
    while day.weekday() > 4 or day in holidays:
        day = days_after(day, 1)
    return day


def _run_of(day: date, months: int, month_day: int) -> date:
    """The pay run in the month ``months`` after that of ``day``: banks are closed at weekends."""
    first = months_before(day.replace(day=1), -months)
    last = calendar.monthrange(first.year, first.month)[1]
    return next_working_day(first.replace(day=min(month_day, last)))


def pay_days(days: Iterable[date]) -> PayDays:
    """Return the habit that at least 70 % of the days of payment follow; the day of the month goes first.

    Several payments of one day are one pay run. A run due on a weekend is paid on the Monday.

    >>> thursdays = [date(2025, 1, 2) + timedelta(days=7 * week) for week in range(6)]
    >>> pay_days(thursdays)
    PayDays(weekday=3, month_day=None, share=1.0)
    >>> pay_days([date(2025, 1, 15), date(2025, 2, 17), date(2025, 3, 17), date(2025, 4, 15), date(2025, 5, 28)])
    PayDays(weekday=None, month_day=15, share=0.8)
    >>> pay_days(thursdays[:4])
    PayDays(weekday=None, month_day=None, share=0.0)
    """
    runs = set(days)
    if len(runs) < HABIT_DAYS:
        return PayDays()
    by_month = Counter(number for day in runs for number in _month_days(day))
    for name, counts in (("month_day", by_month), ("weekday", Counter(day.weekday() for day in runs))):
        number, count = max(counts.items(), key=lambda pair: (pair[1], pair[0]))
        if count >= HABIT_SHARE * len(runs):
            return PayDays(**{name: number}, share=count / len(runs))
    return PayDays()


@lru_cache(maxsize=4096)
def _month_days(day: date) -> frozenset[int]:
    """The days of the month that a payment on ``day`` may have been meant for.

    On Mondays those of the weekend, too; on the last of a month all that it doesn't have.
    """
    meant = [day] + [day - timedelta(days=back) for back in (1, 2) if day.weekday() == 0]
    found = {one.day for one in meant}
    for one in meant:
        if one.day == calendar.monthrange(one.year, one.month)[1]:
            found.update(range(one.day, LAST_DAY + 1))
    return frozenset(found)


# ---------------------------------------------------------------- the profile


@dataclass(frozen=True, slots=True)
class Period:
    """The items that were due in one quarter (``start`` is its first day) or one month of the year.

    ``days`` is the median delay of what is settled of them; None where nothing is.
    """

    start: date
    lateness: Lateness
    days: float | None
    weighted: float | None


@dataclass(frozen=True, slots=True)
class Profile:
    """How a customer pays, as of a day. Days are days late; None: no material.

    ``count`` items were settled in the last 12 months; ``days_median``, ``days_90`` and
    ``days_to_pay`` are of these. ``days_weighted`` also counts what is overdue. ``season`` gives,
    by month of the year, how many days later than usual its items are paid, from all history.
    """

    count: int = 0
    overdue_count: int = 0
    days_median: float | None = None
    days_weighted: float | None = None
    days_90: float | None = None
    days_to_pay: float | None = None
    trend: float | None = None
    index: float | None = None
    lateness: Lateness = Lateness(0, 0, 0.0, 0.0)
    pay_days: PayDays = PayDays()
    season: tuple[tuple[int, float], ...] = ()
    periods: tuple[Period, ...] = ()


def profile_of(items: Sequence[Receivable], as_of: date) -> Profile:
    """Return the payment profile of one customer.

    >>> def item(day, late):
    ...     due = date(2025, 1, 1) + timedelta(days=day)
    ...     return Receivable(day, 100.0, due, payments=(Payment(due + timedelta(days=late), 100.0),))
    >>> found = profile_of([item(10 * n, late) for n, late in enumerate((0, 2, 3, 5, 40))], date(2025, 6, 30))
    >>> found.count, found.days_median, found.days_weighted, found.days_90
    (5, 3.0, 10.0, 40.0)
    """
    return profile_of_told([tell(item, as_of) for item in items], as_of)


def profile_of_told(told: Sequence[Told], as_of: date) -> Profile:
    """Return the profile of a customer whose items have been read already: see :func:`tell`."""
    since = months_before(as_of, PROFILE_MONTHS)
    settled = [one for one in told if one.settled and since < one.settled]
    delays = sorted([one.delay for one in settled])
    parts = parts_of_told(told, as_of)
    recent = [part for part in parts if part.on > since]
    return Profile(
        count=len(settled),
        overdue_count=sum([1 for one in told if one.left and one.item.due < as_of]),
        days_median=middle(delays),
        days_weighted=weighted_delay(recent),
        days_90=percentile(delays, 0.9),
        days_to_pay=middle([(one.settled - (one.item.issued or one.item.due)).days for one in settled]),
        trend=trend_of(recent, as_of),
        index=weighted_index(parts),
        lateness=_lateness([one for one in told if since < one.item.due <= as_of]),
        pay_days=pay_days([part.on for part in recent if part.is_paid]),
        season=_season(told),
        periods=_periods(told, as_of),
    )


@lru_cache(maxsize=4096)
def quarter_of(day: date) -> date:
    """Return the first day of the quarter.

    >>> quarter_of(date(2025, 11, 21))
    datetime.date(2025, 10, 1)
    """
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def periods_of(items: Iterable[Receivable], as_of: date) -> tuple[Period, ...]:
    """Return the quarters in which items were due by ``as_of``, oldest first."""
    return _periods([tell(item, as_of) for item in items], as_of)


def _periods(told: Iterable[Told], as_of: date) -> tuple[Period, ...]:
    quarters = defaultdict(list)
    for one in told:
        due = one.item.due
        if due <= as_of:
            quarters[quarter_of(due)].append(one)
    return tuple(_period(start, quarters[start]) for start in sorted(quarters))


def _period(start: date, told: list[Told]) -> Period:
    delays = [one.delay for one in told if one.settled]
    weighted = weighted_delay([part for one in told for part in one.parts])
    return Period(start, _lateness(told), middle(delays), weighted)


def season_of(items: Iterable[Receivable], as_of: date, least: int = 3) -> tuple[tuple[int, float], ...]:
    """Return ``(month of the year, days later than usual)`` of the months with ``least`` settled items or more.

    A season takes a year to be seen: nothing is said of a customer with less history.

    >>> def item(n):
    ...     due = date(2024, 1, 5) + timedelta(days=10 * n)
    ...     late = 20 if due.month == 8 else 5
    ...     return Receivable(n, 100.0, due, payments=(Payment(due + timedelta(days=late), 100.0),))
    >>> dict(season_of([item(n) for n in range(40)], date(2025, 6, 30)))[8]
    15.0
    >>> season_of([item(n) for n in range(20)], date(2025, 6, 30))
    ()
    """
    return _season([tell(item, as_of) for item in items], least)


def _season(told: Iterable[Told], least: int = 3) -> tuple[tuple[int, float], ...]:
    delays = [(one.item.due, one.delay) for one in told if one.settled]
    dues = [due for due, _days in delays]
    if not dues or months_before(max(dues), PROFILE_MONTHS) < min(dues):
        return ()
    usual, months = middle([days for _due, days in delays]), {}
    for due, days in delays:
        months.setdefault(due.month, []).append(days)
    return tuple((month, middle(of) - usual) for month, of in sorted(months.items()) if len(of) >= least)
