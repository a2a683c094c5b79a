"""What rating agencies say of a customer, on a scale that all share: 0 (worst) to 100 (best).

An agency gives grades (``AAA``, ``3+``) that its scale translates one by one, or figures between
a worst and a best one, which are spread evenly over the common scale; the best may be the lower
figure, as with probabilities of default. What an agency says bounds our own score: a step of its
scale may set a ceiling (100: none) and a floor (0: none). What is stale is shown, and bounds nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from .days import days_after

GRADES, FIGURES = "grades", "figures"
LOWEST, HIGHEST = 0.0, 100.0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a scale: the grade as the agency writes it, its place on the common scale, its bounds.

    On a scale of figures it holds from its ``score`` on upwards, and has no grade.
    """

    score: float
    value: str = ""
    ceiling: float = HIGHEST
    floor: float = LOWEST


@dataclass(frozen=True, slots=True)
class Scale:
    """How an agency rates: by grades, or by figures from ``worst`` to ``best``."""

    kind: str
    steps: tuple[Step, ...] = ()
    worst: float = 0.0
    best: float = 100.0


@dataclass(frozen=True, slots=True)
class Mapped:
    """A rating on the common scale, with the bounds that it sets for our own score."""

    score: float
    ceiling: float = HIGHEST
    floor: float = LOWEST


def normalize(value: str) -> str:
    """Return a grade as it is compared: no blanks, capitals.

    >>> normalize(" aa - ")
    'AA-'
    """
    return re.sub(r"\s", "", value).upper()


def read_figure(value: str) -> float | None:
    """Return the figure that a rating is; a share of something (``14/20``) is its first figure.

    >>> [read_figure(text) for text in ("14,5", "14.5/20", "-3", "1e5", "n/a", "")]
    [14.5, 14.5, -3.0, None, None, None]
    """
    match = re.fullmatch(r"([+-]?\d{1,9}(?:[.,]\d{1,6})?)(?:/\d{1,4})?%?", re.sub(r"\s", "", value), re.ASCII)
    return float(match[1].replace(",", ".")) if match else None


def place(value: str, scale: Scale) -> Mapped | None:
    """Return where a rating stands on the common scale; None where the agency's scale doesn't know it.

    >>> grades = Scale(GRADES, (Step(95.0, "AAA", floor=60.0), Step(20.0, "C", ceiling=40.0)))
    >>> place("aaa", grades), place("B", grades)
    (Mapped(score=95.0, ceiling=100.0, floor=60.0), None)

    From 0 to 20, where below 40 on the common scale our score is 50 at most; default in per cent, where less is better:

    >>> twenty = Scale(FIGURES, (Step(0.0, ceiling=50.0), Step(40.0)), 0.0, 20.0)
    >>> place("7", twenty), place("14,5/20", twenty), place("21", twenty)
    (Mapped(score=35.0, ceiling=50.0, floor=0.0), Mapped(score=72.5, ceiling=100.0, floor=0.0), None)
    >>> place("2.5 %", Scale(FIGURES, (), 10.0, 0.0))
    Mapped(score=75.0, ceiling=100.0, floor=0.0)
    """
    if scale.kind == GRADES:
        wanted = normalize(value)
        step = next((step for step in scale.steps if normalize(step.value) == wanted), None)
        return step and Mapped(step.score, step.ceiling, step.floor)
    figure = read_figure(value)
    if figure is None or scale.best == scale.worst:
        return None
    score = round(HIGHEST * (figure - scale.worst) / (scale.best - scale.worst), 2)
    if not LOWEST <= score <= HIGHEST:
        return None
    reached = [step for step in scale.steps if step.score <= score]
    step = max(reached, key=lambda step: step.score, default=Step(score))
    return Mapped(score, step.ceiling, step.floor)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one agency said last: on ``day``, ``until`` its last valid day (None: for ever)."""

    id: int
    agency: int
    score: float
    day: date
    until: date | None = None
    ceiling: float = HIGHEST
    floor: float = LOWEST
    tolerance: float = field(default=25.0, compare=False)

    def is_stale(self, today: date) -> bool:
        """Whether its last valid day has passed.

        >>> opinion = Opinion(1, 1, 50.0, date(2026, 1, 1), date(2026, 12, 31))
        >>> opinion.is_stale(date(2026, 12, 31)), opinion.is_stale(date(2027, 1, 1))
        (False, True)
        """
        return self.until is not None and self.until < today


def valid_until(day: date, stated: date | None, validity_days: int) -> date | None:
    """Return the last valid day: as the agency stated it, else so many days after the rating; None for ever.

    >>> valid_until(date(2026, 1, 1), None, 365), valid_until(date(2026, 1, 1), date(2026, 3, 1), 365)
    (datetime.date(2027, 1, 1), datetime.date(2026, 3, 1))
    >>> valid_until(date(2026, 1, 1), None, 0) is None
    True
    """
    return stated or (days_after(day, validity_days) if validity_days else None)


def leading(opinions: Iterable[Opinion], today: date) -> Opinion | None:
    """Return the opinion to show: the latest that is valid; where all are stale, the latest of them.

    >>> old = Opinion(1, 1, 50.0, date(2026, 1, 1))
    >>> lapsed = Opinion(2, 2, 80.0, date(2026, 2, 1), date(2026, 3, 1))
    >>> leading([old, lapsed], date(2026, 2, 15)).id, leading([old, lapsed], date(2026, 4, 1)).id
    (2, 1)
    >>> leading([lapsed], date(2026, 4, 1)).id, leading([], date(2026, 4, 1))
    (2, None)
    """
    return max(opinions, key=lambda one: (not one.is_stale(today), one.day, one.id), default=None)


def bounds(opinions: Iterable[Opinion], today: date) -> tuple[float | None, float | None]:
    """Return the ceiling and the floor that valid opinions set for our own score, None where they set none.

    Where agencies differ the more cautious word counts: the lowest ceiling, and no floor above it.

    >>> bounds([Opinion(1, 1, 20.0, date(2026, 1, 1), ceiling=40.0)], date(2026, 2, 1))
    (40.0, None)
    >>> good = Opinion(2, 2, 95.0, date(2026, 1, 1), date(2026, 3, 1), floor=60.0)
    >>> bounds([good], date(2026, 2, 1)), bounds([good], date(2026, 4, 1))
    ((None, 60.0), (None, None))
    >>> bounds([good, Opinion(1, 1, 20.0, date(2026, 1, 1), ceiling=40.0)], date(2026, 2, 1))
    (40.0, 40.0)
    """
    valid = [one for one in opinions if not one.is_stale(today)]
    ceiling = min((one.ceiling for one in valid), default=HIGHEST)
    floor = min(ceiling, max((one.floor for one in valid), default=LOWEST))
    return ceiling if ceiling < HIGHEST else None, floor if floor > LOWEST else None


def conflict(own: float | None, opinion: Opinion | None, today: date) -> float | None:
    """Return by how much a valid opinion is above (below: negative) our own score, where that is too much to agree.

    >>> opinion = Opinion(1, 1, 90.0, date(2026, 1, 1))
    >>> conflict(43.0, opinion, date(2026, 2, 1)), conflict(66.0, opinion, date(2026, 2, 1))
    (47.0, None)
    >>> conflict(None, opinion, date(2026, 2, 1)), conflict(43.0, None, date(2026, 2, 1))
    (None, None)
    """
    if own is None or opinion is None or opinion.is_stale(today):
        return None
    gap = opinion.score - own
    return gap if abs(gap) >= opinion.tolerance else None
