"""The indicators of receivables, worked out from series of figures by day.

What is read of the ledger is added up by *places*: the days that one looks at, in order, mostly ends of months. A
*measure* is a series of amounts by place. Three kinds: a ``stock`` grows with each event (what was invoiced is owed
until it is paid), a ``flow`` belongs to the time between two days (sales), a ``level`` is what stood on the day itself
(what was disputed). An :class:`Indicator` says which measures it needs and what it makes of them by :mod:`metrics`.

Everything is in company currency with taxes, unless the measure says otherwise. The *period* of an indicator is a
number of calendar months that ends on the day; the month of the day counts as far as it has come.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

from .metrics import (
    CountBack,
    average,
    average_days_delinquent,
    bad_debt_ratio,
    collection_effectiveness,
    count_back_dso,
    exhaust,
    month_end,
    percentage,
    simple_dso,
    turnover,
)

# How far back the sales are known that the count-back DSO goes through; more than that is "> n days".
COUNT_BACK_MONTHS = 24
NO_DAYS = CountBack(0.0)
# Due dates are added up as days since this one.
EPOCH = date(2000, 1, 1)
# Amounts are summed up in whole parts of so many to one, finer than any currency: no dust of fractions gathers.
UNIT = 1_000_000


def days_back(day: date, count: int) -> list[date]:
    """Return the ends of the ``count`` months before ``day``'s, and ``day``: in order.

    >>> [str(each) for each in days_back(date(2025, 3, 10), 2)]
    ['2025-01-31', '2025-02-28', '2025-03-10']
    """
    days = [day]
    for _place in range(count):
        days.append(days[-1].replace(day=1) - timedelta(days=1))
    return days[::-1]


@dataclass
class Series:
    """The measures of one group (a customer, a portfolio, all) by place.

    :param days: in order; the amounts of place 0 are those of all time until ``days[0]``
    :param amounts: by measure, as many as there are days
    :param start: the day of the first sale in the books; before it nothing is known
    """

    days: Sequence[date]
    amounts: Mapping[str, Sequence[float]] = field(default_factory=dict)
    start: date | None = None
    rounding: float = 0.01
    _sums: dict[str, list[int]] = field(default_factory=dict, repr=False)
    _stocks: dict[tuple, list[float]] = field(default_factory=dict, repr=False)

    def stock(self, name: str, place: int) -> float:
        """Return what has gathered until the day.

        >>> Series([date(2025, 1, 31), date(2025, 2, 28)], {"owed": [10.1, -10.0]}).stock("owed", 1)
        0.1
        """
        return (self._sums.get(name) or self._get_sums(name))[place + 1] / UNIT

    def stocks(self, name: str, places: Sequence[int]) -> list[float]:
        """Return what has gathered until each of the days; several indicators ask for the same."""
        found = self._stocks.get((name, places))
        if found is None:
            sums = self._sums.get(name) or self._get_sums(name)
            found = self._stocks[name, places] = [sums[place + 1] / UNIT for place in places]
        return found

    def flow(self, name: str, place: int, months: int) -> float:
        """Return what came in ``months`` places that end on the day."""
        sums = self._sums.get(name) or self._get_sums(name)
        return (sums[place + 1] - sums[max(0, place + 1 - months)]) / UNIT

    def flows(self, name: str, places: Iterable[int], months: int) -> list[float]:
        """Return what came in ``months`` places that end on each of the days."""
        sums = self._sums.get(name) or self._get_sums(name)
        return [(sums[place + 1] - sums[max(0, place + 1 - months)]) / UNIT for place in places]

    def level(self, name: str, place: int) -> float:
        """Return what stood on the day."""
        found = self.amounts.get(name)
        return found[place] if found else 0.0

    def length(self, place: int, months: int) -> int:
        """Return the days of the period of ``months`` that ends on the day."""
        return (self.days[place] - self.days[place - months]).days

    def months(self, place: int) -> Iterable[tuple[int, float]]:
        """Return the days and the sales of the months until the day, the latest first, as far as sales are known.

        >>> days = (date(2024, 12, 31), date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 10))
        >>> list(Series(days, {"sales": [1.0, 2.0, 3.0, 4.0]}, start=date(2025, 1, 5)).months(3))
        [(10, 4.0), (28, 3.0), (31, 2.0)]
        """
        lengths, [places] = get_months(tuple(self.days), self.start, (place,))
        sales = self.amounts.get("sales") or [0.0] * len(self.days)
        return [(lengths[at], sales[at]) for at in places]

    def _get_sums(self, name):
        units = [round(amount * UNIT) for amount in self.amounts.get(name) or [0.0] * len(self.days)]
        found = self._sums[name] = [*accumulate(units, initial=0)]
        return found


@lru_cache(maxsize=64)
def get_months(days: tuple[date, ...], start: date | None, places: tuple[int, ...]) -> tuple[Sequence[int], list]:
    """Return the days of the month that ends at each place, and for each of ``places`` the months that count back.

    The latest comes first. None before the month of ``start``, the first sale in the books; without one none at all.

    >>> days = (date(2024, 12, 31), date(2025, 1, 31), date(2025, 2, 28))
    >>> get_months(days, date(2025, 2, 10), (1, 2))
    ((0, 31, 28), [range(1, 1, -1), range(2, 1, -1)])
    """
    lengths = (0, *((later - earlier).days for earlier, later in pairwise(days)))
    if start is None:
        return lengths, [range(0)] * len(places)
    # The last end of a month before the first sale.
    before = max(0, bisect_left(days, start) - 1)
    return lengths, [range(place, max(min(before, place), place - COUNT_BACK_MONTHS), -1) for place in places]


def spread(places: Iterable[int], amounts: Iterable[float], size: int) -> list[float]:
    """Return ``amounts`` at their places, 0 elsewhere.

    >>> spread([1, 3], [5.0, 7.0], 4)
    [0.0, 5.0, 0.0, 7.0]
    """
    found = [0.0] * size
    for place, amount in zip(places, amounts, strict=True):
        found[place] += amount
    return found


def add_series(parts: Iterable[Series], like: Series) -> Series:
    """Return the series of all ``parts`` together; of the days of ``like``, which has the measures of none."""
    sums: dict[str, list[float]] = {}
    for part in parts:
        for name, amounts in part.amounts.items():
            known = sums.setdefault(name, [0.0] * len(like.days))
            for place, amount in enumerate(amounts):
                known[place] += amount
    return Series(like.days, sums, like.start, like.rounding)


class Value(NamedTuple):
    """What an indicator says: None where nothing can be said; ``is_beyond``: it is more than that."""

    amount: float | None
    is_beyond: bool = False


NOTHING = Value(None)
NO_VALUE = Value(*NO_DAYS)


@dataclass(frozen=True)
class Indicator:
    """An indicator: its unit (``amount``, ``days``, ``percent``, ``times``), what it needs and how it is made.

    ``better`` is ``low`` or ``high``, "" where it is neither. ``is_summed``: the total is the sum of the parts.
    ``is_flow``: its value is that of the whole period, so that it grows with it.
    """

    code: str
    unit: str
    needs: tuple[str, ...]
    make: Callable[[Series, int, int], float | CountBack | None]
    better: str = ""
    is_summed: bool = False
    is_flow: bool = False
    # As ``make``, on many days at once: where thousands of customers and months are asked for.
    make_all: Callable[[Series, tuple[int, ...], int], Iterable[Value]] | None = None

    def value(self, series: Series, place: int = -1, months: int = 3) -> Value:
        """Return the value on the day at ``place``, over a period of ``months``."""
        return self.values(series, (place % len(series.days),), months)[0]

    def values(self, series: Series, places: Iterable[int], months: int = 3) -> tuple[Value, ...]:
        """Return the values on the days at ``places``."""
        if self.make_all:
            return tuple(self.make_all(series, tuple(places), months))
        make = self.make
        return tuple(_say(make(series, place, months)) for place in places)


def _say(found):
    if found is None:
        return NOTHING
    return Value(*found) if type(found) is CountBack else Value(found)


def _current(series, place):
    return series.stock("receivable", place) - series.stock("overdue", place)


def _dso(series, place, months):
    length = series.length(place, months)
    return simple_dso(series.stock("receivable", place), series.flow("sales", place, months), length)


def _best(series, place, months):
    return simple_dso(_current(series, place), series.flow("sales", place, months), series.length(place, months))


def _dso_all(series, places, months):
    """As :func:`simple_dso`, of each day."""
    owed, sold = series.stocks("receivable", places), series.flows("sales", places, months)
    lengths = get_lengths(tuple(series.days), places, months)
    return [
        NOTHING if sales <= 0 else Value(amount / sales * length)
        for amount, sales, length in zip(owed, sold, lengths, strict=True)
    ]


@lru_cache(maxsize=16)
def get_lengths(days: tuple[date, ...], places: tuple[int, ...], months: int) -> tuple[int, ...]:
    """Return the days of the periods of ``months`` that end on the days at ``places``: see :meth:`Series.length`."""
    return tuple((days[place] - days[place - months]).days for place in places)


def _count_back(amount, series, place):
    if series.start is None or series.days[place] < series.start:
        # Nothing was ever sold: there are no days to count.
        return None
    if amount <= 0:
        # Most customers on most days.
        return NO_DAYS
    return count_back_dso(amount, series.months(place), series.rounding)


def _count_back_all(series, places, _months):
    """As :func:`_count_back`, of each day."""
    days, start, nothing = series.days, series.start, series.rounding / 2
    lengths, months = get_months(tuple(days), start, places)
    sales = series.amounts.get("sales") or [0.0] * len(days)
    known = len(days) if start is None else bisect_left(days, start)
    return [
        NOTHING
        if place < known
        else NO_VALUE
        if amount <= 0
        else Value(*exhaust(amount, lengths, sales, back, nothing))
        for amount, place, back in zip(series.stocks("receivable", places), places, months, strict=True)
    ]


def _cash(series, place, months):
    return series.flow("cash_current", place, months) + series.flow("cash_overdue", place, months)


def _days_to_pay(series, place, months):
    paid = _cash(series, place, months)
    return series.flow("paid_days", place, months) / paid if paid else None


def _delay(series, place, months):
    """Payments by their own days, what is open and overdue by the days that it is late on the day."""
    late = series.stock("late_amount", place)
    open_days = late * (series.days[place] - EPOCH).days - series.stock("late_due", place)
    weight = _cash(series, place, months) + late
    return (series.flow("paid_delay", place, months) + open_days) / weight if weight else None


def _late(part):
    def make(series, place, months):
        late = series.flow(f"late_{part}", place, months) - series.level(f"late_{part}_ahead", place)
        return percentage(late, series.flow(f"due_{part}", place, months))

    return make


def _effectiveness(series, place, months):
    """Of each month of the period, then averaged."""
    return average(_effectiveness_of(series, month) for month in range(place - months + 1, place + 1))


def _effectiveness_of(series, place):
    return collection_effectiveness(
        series.stock("receivable", place - 1),
        series.flow("sales", place, 1),
        series.stock("receivable", place),
        _current(series, place),
    )


def _share(part, read=Series.stock):
    """Of the receivables; of more credits than claims there is no share."""

    def make(series, place, _months):
        whole = series.stock("receivable", place)
        return percentage(read(series, part, place), whole) if whole > 0 else None

    return make


def _rate(part, whole):
    return lambda series, place, months: percentage(series.flow(part, place, months), series.flow(whole, place, months))


def _stock(name):
    return lambda series, place, _months: series.stock(name, place)


def _flow(name):
    return lambda series, place, months: series.flow(name, place, months)


def _dispute_days(series, place, months):
    closed = series.flow("closed", place, months)
    return series.flow("closed_days", place, months) / closed if closed else None


CASH = ("cash_current", "cash_overdue")
INDICATORS = {
    indicator.code: indicator
    for indicator in (
        Indicator("receivables", "amount", ("receivable",), _stock("receivable"), "low", True),
        Indicator(
            "not_due", "amount", ("receivable", "overdue"), lambda series, place, _m: _current(series, place), "", True
        ),
        Indicator("overdue", "amount", ("overdue",), _stock("overdue"), "low", True),
        Indicator("overdue_share", "percent", ("receivable", "overdue"), _share("overdue"), "low"),
        Indicator("at_risk", "amount", ("at_risk",), _stock("at_risk"), "low", True),
        Indicator("at_risk_share", "percent", ("receivable", "at_risk"), _share("at_risk"), "low"),
        Indicator("sales", "amount", ("sales",), _flow("sales"), "", True, is_flow=True),
        Indicator("dso", "days", ("receivable", "sales"), _dso, "low", make_all=_dso_all),
        Indicator("dso_best", "days", ("receivable", "overdue", "sales"), _best, "low"),
        Indicator(
            "delinquent_days",
            "days",
            ("receivable", "overdue", "sales"),
            lambda series, place, months: average_days_delinquent(
                _dso(series, place, months), _best(series, place, months)
            ),
            "low",
        ),
        Indicator(
            "dso_count_back",
            "days",
            ("receivable", "sales"),
            lambda series, place, _m: _count_back(series.stock("receivable", place), series, place),
            "low",
            make_all=_count_back_all,
        ),
        Indicator(
            "dso_count_back_best",
            "days",
            ("receivable", "overdue", "sales"),
            lambda series, place, _m: _count_back(_current(series, place), series, place),
            "low",
        ),
        Indicator(
            "turnover",
            "times",
            ("receivable", "sales"),
            lambda series, place, months: turnover(
                series.flow("sales", place, months), series.stock("receivable", place), series.length(place, months)
            ),
            "high",
        ),
        Indicator("days_to_pay", "days", (*CASH, "paid_days"), _days_to_pay, "low"),
        Indicator("delay", "days", (*CASH, "paid_delay", "late_amount", "late_due"), _delay, "low"),
        Indicator("late_rate", "percent", ("due_count", "late_count", "late_count_ahead"), _late("count"), "low"),
        Indicator("late_rate_value", "percent", ("due_value", "late_value", "late_value_ahead"), _late("value"), "low"),
        Indicator("effectiveness", "percent", ("receivable", "overdue", "sales"), _effectiveness, "high"),
        Indicator("collected", "amount", CASH, _cash, "high", True, is_flow=True),
        Indicator("collected_overdue", "amount", CASH, _flow("cash_overdue"), "", True, is_flow=True),
        Indicator(
            "disputed_share",
            "percent",
            ("receivable", "disputed"),
            _share("disputed", Series.level),
            "low",
        ),
        Indicator(
            "dispute_rate",
            "percent",
            ("invoices", "invoices_disputed"),
            lambda series, place, months: percentage(
                series.level("invoices_disputed", place), series.flow("invoices", place, months)
            ),
            "low",
        ),
        Indicator("dispute_days", "days", ("closed", "closed_days"), _dispute_days, "low"),
        Indicator("dispute_justified", "percent", ("closed", "closed_justified"), _rate("closed_justified", "closed")),
        Indicator("promises_kept", "percent", ("promises", "kept"), _rate("kept", "promises"), "high"),
        Indicator(
            "promises_kept_value",
            "percent",
            ("promises_value", "kept_value"),
            _rate("kept_value", "promises_value"),
            "high",
        ),
        Indicator(
            "bad_debt",
            "percent",
            ("written_off", "sales_untaxed"),
            lambda series, place, months: bad_debt_ratio(
                series.flow("written_off", place, months), 0.0, series.flow("sales_untaxed", place, months)
            ),
            "low",
        ),
    )
}


def split_key(key: object, axes: Sequence[str]) -> tuple:
    """Return the keys of one or two axes: of two, ``key`` is their text with a slash between.

    Ids, but for tags: texts, for a customer may have several.

    >>> split_key(3, ["portfolio"]), split_key("3/15", ["portfolio", "customer"]), split_key("3,4/", ["tag", "group"])
    ((3,), (3, 15), ('3,4', None))
    """
    if len(axes) == 1:
        return (key,)
    parts = zip(axes, str(key).split("/"), strict=True)
    return tuple(None if not part else part if axis == "tag" else int(part) for axis, part in parts)


def get_needs(codes: Iterable[str]) -> set[str]:
    """Return the measures that these indicators need.

    >>> sorted(get_needs(["dso", "overdue_share"]))
    ['overdue', 'receivable', 'sales']
    """
    return {name for code in codes for name in INDICATORS[code].needs}


def last_month_end(day: date) -> date:
    """Return the last end of a month until ``day``.

    >>> str(last_month_end(date(2025, 3, 30))), str(last_month_end(date(2025, 3, 31)))
    ('2025-02-28', '2025-03-31')
    """
    return day if day == month_end(day) else day.replace(day=1) - timedelta(days=1)


class Differs(NamedTuple):
    """A figure that isn't what was written down: the key of the figure, what it was and what it is."""

    key: tuple
    before: float | None
    after: float | None


def compare(before: Mapping[tuple, float | None], after: Mapping[tuple, float | None], rounding: float = 0.005):
    """Return what differs by more than ``rounding``; a figure that isn't there is as good as none.

    >>> compare({("dso",): 45.0, ("sales",): 10.0}, {("dso",): 46.0, ("sales",): 10.0, ("new",): 1.0})
    [Differs(key=('dso',), before=45.0, after=46.0), Differs(key=('new',), before=None, after=1.0)]
    """
    keys = {**before, **after}
    pairs = [(key, before.get(key), after.get(key)) for key in keys]
    return [Differs(*pair) for pair in pairs if _differs(pair[1], pair[2], rounding)]


def _differs(one, other, rounding):
    if one is None or other is None:
        return one is not other
    return abs(one - other) > rounding
