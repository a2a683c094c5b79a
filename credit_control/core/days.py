"""Counting days from a day that people entered: in many books 31 December 9999 stands for “never”."""

from datetime import date, timedelta


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
