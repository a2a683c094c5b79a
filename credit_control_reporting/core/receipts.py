"""What will come in, week by week: the open claims spread over the days on which they are expected.

Three views of the same claims: by ``due`` date, by ``habit`` (as each customer usually pays), and as ``known`` (habits,
and the promises, disputes and procedures that go before them). Each adds up to the same total.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from odoo.addons.credit_control.core.money import round_to

DUE, HABIT, KNOWN = VIEWS = ("due", "habit", "known")
# Beside the weeks: expected before the day one looks at, after the last week, not at all.
LATE, AFTER, NEVER = "late", "after", "never"


@dataclass(frozen=True, slots=True)
class Claim:
    """An open claim and the day on which each view expects it; None: not by itself."""

    id: int
    partner_id: int
    amount: float
    due: date | None
    habit: date | None
    known: date | None
    is_promised: bool = False
    is_disputed: bool = False

    def get_day(self, view: str) -> date | None:
        return getattr(self, view)


def week_of(day: date) -> date:
    """Return the Monday of the week of ``day``.

    >>> week_of(date(2025, 3, 2)), week_of(date(2025, 3, 3))
    (datetime.date(2025, 2, 24), datetime.date(2025, 3, 3))
    """
    return day - timedelta(days=day.weekday())


def get_places(as_of: date, weeks: int) -> list[str]:
    """Return the places that claims are spread over: each once, in the order of time.

    >>> get_places(date(2025, 3, 5), 2)
    ['late', '2025-03-03', '2025-03-10', 'after', 'never']
    """
    first = week_of(as_of)
    return [LATE, *((first + timedelta(days=7 * week)).isoformat() for week in range(weeks)), AFTER, NEVER]


def place_of(day: date | None, as_of: date, weeks: int) -> str:
    """Return where an expected day lies: the Monday of its week, or one of late, after, never.

    >>> as_of = date(2025, 3, 5)
    >>> [place_of(day, as_of, 2) for day in (date(2025, 3, 4), as_of, date(2025, 3, 16), date(2025, 3, 17), None)]
    ['late', '2025-03-03', '2025-03-10', 'after', 'never']
    """
    if day is None:
        return NEVER
    if day < as_of:
        return LATE
    monday = week_of(day)
    return monday.isoformat() if monday < week_of(as_of) + timedelta(days=7 * weeks) else AFTER


def spread(claims: Iterable[Claim], view: str, as_of: date, weeks: int, rounding: float = 0.01) -> dict[str, float]:
    """Return the amount of each place; together they are all claims.

    >>> claim = Claim(1, 1, 100.0, date(2025, 3, 1), date(2025, 3, 12), None)
    >>> [spread([claim], view, date(2025, 3, 5), 2) for view in VIEWS][1]
    {'late': 0.0, '2025-03-03': 0.0, '2025-03-10': 100.0, 'after': 0.0, 'never': 0.0}
    """
    amounts = dict.fromkeys(get_places(as_of, weeks), 0.0)
    for claim in claims:
        amounts[place_of(claim.get_day(view), as_of, weeks)] += claim.amount
    return {place: round_to(amount, rounding) for place, amount in amounts.items()}


def by_day(claims: Iterable[Claim], view: str, days: Iterable[date]) -> list[float]:
    """Return the amounts that a view expects on some days."""
    amounts = dict.fromkeys(days, 0.0)
    for claim in claims:
        day = claim.get_day(view)
        if day in amounts:
            amounts[day] += claim.amount
    return list(amounts.values())


class Error(NamedTuple):
    """How far some forecasts were off, in percent of what came; ``bias`` is positive where too much was expected."""

    absolute: float | None
    bias: float | None


def error_of(pairs: Iterable[tuple[float, float]]) -> Error:
    """Return the error of ``(forecast, came)`` pairs, weighing by what came.

    >>> error_of([(120.0, 100.0), (90.0, 100.0)])
    Error(absolute=15.0, bias=5.0)
    >>> error_of([(120.0, 0.0)])
    Error(absolute=None, bias=None)
    """
    pairs = list(pairs)
    came = sum(came for _forecast, came in pairs)
    if came <= 0:
        return Error(None, None)
    absolute = sum(abs(forecast - came) for forecast, came in pairs)
    return Error(100 * absolute / came, 100 * sum(forecast - came for forecast, came in pairs) / came)
