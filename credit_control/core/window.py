"""When a message may leave: hours, weekends, public holidays, the customer's quiet days.

All moments are local to the company that writes; who calls converts to and from UTC.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

WEEKEND = frozenset({5, 6})
# A calendar that is closed for longer than this has no opening that is worth naming.
HORIZON_DAYS = 370


@dataclass(frozen=True, slots=True)
class Window:
    """The hours of a policy: from ``hour_from`` on, not from ``hour_to`` on.

    Hours are decimal (8.5 is half past eight). Where both are equal there is no limit.

    >>> office = Window(8.0, 18.0)
    >>> office.is_open(datetime(2026, 11, 20, 8, 0)), office.is_open(datetime(2026, 11, 20, 7, 59))
    (True, False)
    >>> office.is_open(datetime(2026, 11, 20, 18, 0)), office.is_open(datetime(2026, 11, 21, 9, 0))
    (False, False)
    >>> Window(22.0, 6.0).is_open(datetime(2026, 11, 20, 5, 0))
    True
    """

    hour_from: float = 0.0
    hour_to: float = 24.0
    weekend: bool = False
    holiday: bool = False

    def is_open(self, moment: datetime, holidays: Collection[date] = (), quiet: Collection[int] = ()) -> bool:
        """Whether a message may leave at ``moment``.

        :param holidays: the public holidays around that moment
        :param quiet: days of the week on which the customer isn't written to (Monday is 0)
        """
        return self.is_open_on(moment.date(), holidays, quiet) and self.is_open_at(moment.time())

    def is_open_on(self, day: date, holidays: Collection[date] = (), quiet: Collection[int] = ()) -> bool:
        """Whether messages leave on ``day`` at all.

        >>> christmas = date(2026, 12, 25)
        >>> Window().is_open_on(christmas, {christmas}), Window(holiday=True).is_open_on(christmas, {christmas})
        (False, True)
        >>> Window().is_open_on(date(2026, 11, 20), quiet={4})
        False
        """
        if day.weekday() in quiet:
            return False
        if not self.weekend and day.weekday() in WEEKEND:
            return False
        return self.holiday or day not in holidays

    def is_open_at(self, moment: time) -> bool:
        """Whether messages leave at this time of the day; hours may run over midnight."""
        hour = moment.hour + moment.minute / 60 + moment.second / 3600
        if self.hour_from == self.hour_to:
            return True
        if self.hour_from < self.hour_to:
            return self.hour_from <= hour < self.hour_to
        return hour >= self.hour_from or hour < self.hour_to

    def next_opening(
        self, moment: datetime, holidays: Collection[date] = (), quiet: Collection[int] = ()
    ) -> datetime | None:
        """Return the first moment from ``moment`` on at which a message may leave.

        None where there is none within a year.

        >>> office = Window(8.0, 18.0)
        >>> office.next_opening(datetime(2026, 11, 20, 18, 30))
        datetime.datetime(2026, 11, 23, 8, 0)
        >>> office.next_opening(datetime(2026, 11, 20, 6, 0)), office.next_opening(datetime(2026, 11, 20, 9, 15))
        (datetime.datetime(2026, 11, 20, 8, 0), datetime.datetime(2026, 11, 20, 9, 15))
        >>> office.next_opening(datetime(2026, 11, 20, 9, 0), quiet=set(range(7)))
        """
        if self.is_open(moment, holidays, quiet):
            return moment
        for offset in range(HORIZON_DAYS):
            day = moment.date() + timedelta(days=offset)
            for start in self._starts():
                opening = datetime.combine(day, start)
                if opening >= moment and self.is_open(opening, holidays, quiet):
                    return opening
        return None

    def _starts(self) -> tuple[time, ...]:
        """The times of a day at which a window may open: its first hour, and midnight."""
        seconds = round((self.hour_from % 24) * 3600)
        first = time(seconds // 3600, seconds % 3600 // 60, seconds % 60)
        return (time(0), first) if first > time(0) else (first,)
