"""What time it is for somebody of whom the country is known, and not always the place."""

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo

# Clocks that differ by more than this have no decent hour in common that is worth waiting for.
WIDEST = timedelta(hours=8)


def local_times(moment: datetime, zones: Iterable[tzinfo]) -> list[datetime]:
    """Return the wall clocks (naive) at ``moment`` in each of ``zones``, the same time once.

    Where they lie so far apart that the number says nothing about the place, the first counts alone.

    >>> from datetime import UTC
    >>> from zoneinfo import ZoneInfo
    >>> noon = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    >>> zones = map(ZoneInfo, ("Atlantic/Azores", "Atlantic/Madeira", "Europe/Lisbon"))
    >>> [time.hour for time in local_times(noon, zones)]
    [11, 12]
    >>> [time.hour for time in local_times(noon, map(ZoneInfo, ("America/New_York", "Pacific/Guam")))]
    [7]
    """
    times = list(dict.fromkeys(moment.astimezone(zone).replace(tzinfo=None) for zone in zones))
    return times if max(times) - min(times) <= WIDEST else times[:1]
