"""An amount paid in instalments: on which days, and how much on each.

>>> from datetime import date
>>> for instalment in schedule(1000.0, 3, date(2025, 1, 31), 1, MONTH, 0.01):
...     print(instalment.date, instalment.amount)
2025-01-31 333.33
2025-02-28 333.33
2025-03-31 333.34

A month that is too short has the instalment on its last day; the day itself isn't forgotten.

>>> [str(part.date) for part in schedule(900.0, 3, date(2025, 3, 3), 2, WEEK, 0.01)]
['2025-03-03', '2025-03-17', '2025-03-31']
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from .money import is_positive, round_to

WEEK = "week"
MONTH = "month"


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of the amount, and the day by which it is to be paid."""

    date: date
    amount: float


def schedule(amount: float, count: int, first: date, every: int, unit: str, rounding: float) -> tuple[Instalment, ...]:
    """Return ``count`` equal instalments of ``amount``; the last takes what rounding leaves.

    :param first: the day of the first
    :param every: how many of ``unit`` (``WEEK``, ``MONTH``) lie between two
    :param rounding: of the currency
    :raise ValueError: where there is nothing to pay in so many parts, or no time between them

    >>> schedule(0.02, 3, date(2025, 1, 1), 1, WEEK, 0.01)
    Traceback (most recent call last):
    ...
    ValueError: too many instalments
    """
    if count < 1 or every < 1:
        raise ValueError("no instalments")
    each = round_to(amount / count, rounding)
    last = round_to(amount - each * (count - 1), rounding)
    if not (is_positive(each, rounding) and is_positive(last, rounding)):
        raise ValueError("too many instalments")
    amounts = [each] * (count - 1) + [last]
    return tuple(Instalment(_day(first, place * every, unit), part) for place, part in enumerate(amounts))


def _day(first: date, steps: int, unit: str) -> date:
    if unit == WEEK:
        return first + timedelta(weeks=steps)
    year, month = divmod(first.year * 12 + first.month - 1 + steps, 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
