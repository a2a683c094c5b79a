"""Limitation: until when a claim can be brought before a court.

The time runs from the due day, or from the year after it. What the law lets begin it anew (an acknowledgement,
a part payment, in some countries a written demand) counts only while it still runs.

Due on 1 April 2021, part payment on 10 October 2024, between French businesses:

>>> due, paid = date(2021, 4, 1), Event(date(2024, 10, 10), PAYMENT)
>>> expires(Period(5), due), expires(Period(5), due, [paid])
(datetime.date(2026, 4, 1), datetime.date(2029, 10, 10))

A payment after the time has run out brings nothing back:

>>> expires(Period(2), due, [paid])
datetime.date(2023, 4, 1)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, date

DUE = "due"
YEAR_END = "year_end"

PAYMENT = "payment"
ACKNOWLEDGEMENT = "acknowledgement"
DEMAND = "demand"
# In France C. civ. 2240; a formal notice is no such thing.
ACKNOWLEDGEMENTS = frozenset({PAYMENT, ACKNOWLEDGEMENT})


@dataclass(frozen=True, slots=True)
class Period:
    """How long, from when, and what begins it anew.

    ``start`` is where the time begins to run: at the day itself, or at the end of its year. ``restart`` says the same
    of the time that an event begins.
    """

    years: int
    start: str = DUE
    restart: str = DUE
    interrupted_by: frozenset[str] = ACKNOWLEDGEMENTS


@dataclass(frozen=True, slots=True)
class Event:
    """Something that may begin the time anew."""

    day: date
    kind: str


def expires(period: Period, due: date, events: Iterable[Event] = ()) -> date | None:
    """Return the last day on which the claim can be brought; None where the period isn't known.

    Public debtors in France: four years from 1 January after the claim arose, and a written demand counts.

    >>> public = Period(4, YEAR_END, YEAR_END, ACKNOWLEDGEMENTS | {DEMAND})
    >>> expires(public, date(2021, 5, 15)), expires(public, date(2021, 5, 15), [Event(date(2025, 3, 1), DEMAND)])
    (datetime.date(2025, 12, 31), datetime.date(2029, 12, 31))
    >>> expires(Period(5), date(2021, 5, 15), [Event(date(2025, 3, 1), DEMAND)])
    datetime.date(2026, 5, 15)
    """
    if not period.years:
        return None
    last = _add(due, period.years, period.start)
    for event in sorted(events, key=lambda event: event.day):
        if event.kind in period.interrupted_by and due <= event.day <= last:
            last = max(last, _add(event.day, period.years, period.restart))
    return last


def _add(day, years, start):
    """Return the day that many years later.

    >>> _add(date(2024, 2, 29), 1, DUE), _add(date(2021, 5, 15), 3, YEAR_END)
    (datetime.date(2025, 2, 28), datetime.date(2024, 12, 31))
    >>> _add(date(9999, 12, 31), 5, DUE)
    datetime.date(9999, 12, 31)
    """
    year = min(day.year + years, MAXYEAR)
    if start == YEAR_END:
        return date(year, 12, 31)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)
