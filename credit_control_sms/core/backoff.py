"""When to try again."""

from datetime import datetime
from email.utils import parsedate_to_datetime

FIRST = 60
LONGEST = 3600
LONGEST_ASKED = 86400
ATTEMPTS = 8
# Where nothing of the gateway gets through (no credit, wrong key, down): about a day.
GENERAL_ATTEMPTS = 31


def wait(attempt: int, asked: int | None = None, is_general: bool = False) -> int | None:
    """Return the seconds to wait after the ``attempt``-th failure (from 1); None: given up.

    :param asked: what the other side asked for (``Retry-After``), kept to if it isn't absurd
    :param is_general: it has nothing to do with this message, so it is tried for longer

    >>> [wait(attempt) for attempt in range(1, 9)]
    [60, 120, 240, 480, 960, 1920, 3600, None]
    >>> wait(1, 5), wait(3, 10**9), wait(8, 5)
    (5, 86400, None)
    >>> wait(8, is_general=True), wait(31, is_general=True)
    (3600, None)
    """
    if attempt >= (GENERAL_ATTEMPTS if is_general else ATTEMPTS):
        return None
    if asked is not None:
        return min(max(asked, 1), LONGEST_ASKED)
    return min(FIRST * 2 ** (attempt - 1), LONGEST)


def retry_after(header: str | None, now: datetime) -> int | None:
    """Return the seconds that a ``Retry-After`` asks for; None where it says nothing that can be read.

    :param now: with its time zone

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    >>> retry_after("30", now), retry_after("Fri, 20 Nov 2026 10:01:00 GMT", now), retry_after("soon", now)
    (30, 60, None)
    >>> retry_after("9" * 5000, now), retry_after("Fri, 20 Nov 2026 09:00:00 GMT", now)
    (None, 0)
    """
    if not header:
        return None
    try:
        if header.strip().isdecimal():
            return int(header)
        return max(0, int((parsedate_to_datetime(header) - now).total_seconds()))
    except (TypeError, ValueError):
        return None
