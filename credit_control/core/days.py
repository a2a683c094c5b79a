"""Counting days from a day that people entered: in many books 31 December 9999 stands for “never”."""

from datetime import date, timedelta

# The years for whose days anything is worked out: from there one can count on for centuries.
YEARS = range(1900, 2200)


def days_after(day: date, days: int) -> date:
    """Return the day so many days after ``day`` (before it, where negative); where the calendar ends, its last day.

    >>> days_after(date(2026, 1, 31), 60), days_after(date(2026, 1, 31), -31)
    (datetime.date(2026, 4, 1), datetime.date(2025, 12, 31))
    >>> days_after(date(9999, 12, 31), 8), days_after(date(1, 1, 1), -8)
    (datetime.date(9999, 12, 31), datetime.date(1, 1, 1))
    """
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def read_day(answer: date | str | None) -> date | None:
    """Return the day that is asked for, as a date or as its ISO text; None for none.

    :raise ValueError: what is no date, or of a year that isn't one of :data:`YEARS`

    >>> read_day("2026-01-31"), read_day("2026-01-31 10:00:00"), read_day("")
    (datetime.date(2026, 1, 31), datetime.date(2026, 1, 31), None)
    >>> read_day("9999-12-31")
    Traceback (most recent call last):
    ValueError: 9999-12-31
    """
    if not answer:
        return None
    day = date.fromisoformat(str(answer)[:10])
    if day.year not in YEARS:
        raise ValueError(str(day))
    return day
