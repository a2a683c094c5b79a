"""When a report is mailed, and of which day: the calendar of schedules."""

from calendar import monthrange
from datetime import date, timedelta

DAILY, WEEKLY, MONTHLY = "daily", "weekly", "monthly"
THE_DAY, DAY_BEFORE, MONTH_END = "day", "day_before", "month_end"
MONTH_DAYS = 31


def next_day(frequency: str, after: date, weekday: int = 0, month_day: int = 1) -> date:
    """Return the first day after ``after`` on which a report is mailed.

    :param weekday: of a weekly one, Monday is 0
    :param month_day: of a monthly one; in a shorter month its last day

    >>> next_day("daily", date(2026, 12, 31))
    datetime.date(2027, 1, 1)
    >>> next_day("weekly", date(2026, 11, 23), weekday=0), next_day("weekly", date(2026, 11, 22), weekday=0)
    (datetime.date(2026, 11, 30), datetime.date(2026, 11, 23))
    >>> next_day("monthly", date(2027, 1, 31), month_day=31), next_day("monthly", date(2026, 11, 22), month_day=31)
    (datetime.date(2027, 2, 28), datetime.date(2026, 11, 30))
    """
    if frequency == DAILY:
        return after + timedelta(days=1)
    if frequency == WEEKLY:
        return after + timedelta(days=(weekday - after.weekday() - 1) % 7 + 1)
    this_month = _day_of_month(after.year, after.month, month_day)
    if this_month > after:
        return this_month
    year, month = (after.year + 1, 1) if after.month == 12 else (after.year, after.month + 1)
    return _day_of_month(year, month, month_day)


def reported_day(choice: str, day: date) -> date:
    """Return the day that a report mailed on ``day`` is of.

    >>> reported_day("day", date(2026, 3, 2)), reported_day("day_before", date(2026, 3, 1))
    (datetime.date(2026, 3, 2), datetime.date(2026, 2, 28))

    The last month that is over: on its last day it isn't yet.

    >>> reported_day("month_end", date(2026, 3, 31)), reported_day("month_end", date(2026, 1, 1))
    (datetime.date(2026, 2, 28), datetime.date(2025, 12, 31))
    """
    if choice == MONTH_END:
        return day.replace(day=1) - timedelta(days=1)
    return day - timedelta(days=1) if choice == DAY_BEFORE else day


def _day_of_month(year, month, day):
    return date(year, month, min(day, monthrange(year, month)[1]))
