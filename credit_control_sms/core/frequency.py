"""How often a customer is written to by SMS: at most once a week and three times in 30 days."""

from collections.abc import Iterable
from datetime import datetime, timedelta

LIMITS = ((timedelta(days=7), 1), (timedelta(days=30), 3))


def is_too_often(sent: Iterable[datetime], now: datetime) -> bool:
    """Whether one more at ``now`` would be too many.

    >>> day = lambda number: datetime(2026, 11, number)
    >>> is_too_often([day(1)], day(7)), is_too_often([day(1)], day(8)), is_too_often([], day(8))
    (True, False, False)
    >>> is_too_often([day(1), day(8), day(15)], day(22)), is_too_often([day(1), day(15)], day(22))
    (True, False)
    """
    sent = list(sent)
    return any(sum(moment > now - period for moment in sent) >= most for period, most in LIMITS)
