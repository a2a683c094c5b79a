"""Working days: neither weekends nor the public holidays that the caller knows."""

from collections.abc import Iterable
from datetime import date

from .days import days_after
from .window import WEEKEND

# No calendar is closed for longer at a stretch.
LONGEST_CLOSING_DAYS = 60


def working_day_before(day: date, holidays: Iterable[date] = ()) -> date:
    """Return ``day`` where it is worked, else the last working day before it.

    A legal deadline that ends on another day is shown so: who keeps it is never late, whatever
    the law says of its prolongation.

    >>> working_day_before(date(2026, 5, 3)), working_day_before(date(2026, 5, 4))
    (datetime.date(2026, 5, 1), datetime.date(2026, 5, 4))
    >>> working_day_before(date(2026, 5, 3), {date(2026, 5, 1)})
    datetime.date(2026, 4, 30)

    Where no day at all is worked, the deadline stands as it is:

    >>> working_day_before(date(2026, 5, 4), {date.fromordinal(n) for n in range(739000, 741000)})
    datetime.date(2026, 5, 4)
    """
    return _nearest(day, set(holidays), -1)


def working_day_from(day: date, holidays: Iterable[date] = ()) -> date:
    """Return ``day`` where it is worked, else the next working day: until then a debtor is given time.

    >>> working_day_from(date(2026, 5, 1), {date(2026, 5, 1)})
    datetime.date(2026, 5, 4)
    >>> working_day_from(date(2026, 5, 4), {date.fromordinal(n) for n in range(739000, 741000)})
    datetime.date(2026, 5, 4)
    """
    return _nearest(day, set(holidays), 1)


def _nearest(day, closed, direction):
    for steps in range(LONGEST_CLOSING_DAYS):
        worked = days_after(day, direction * steps)
        if worked.weekday() not in WEEKEND and worked not in closed:
            return worked
    return day
