"""How reliable a customer is: a figure from 0 to 100 that can be taken apart.

S = Σ weight × component over the factors that have material; the others are left out and the
weights rescaled, so that nobody is marked down for what never happened. Caps come afterwards.
Fewer items settled or overdue in twelve months than the scheme asks for: no figure, but the
caps hold all the same.

As shipped S = 0.45 P + 0.20 O + 0.15 T + 0.15 R + 0.05 D:

>>> shipped = dict(zip("POTRD", (0.45, 0.20, 0.15, 0.15, 0.05)))
>>> values = {"P": punctuality(64.0), "O": overdue_share(250.0, 1000.0), "T": trend(12.0, 8.0),
...           "R": promises(3, 4), "D": disputes(1, 4)}
>>> {code: round(value, 2) for code, value in values.items()}
{'P': 80.0, 'O': 75.0, 'T': 40.0, 'R': 66.67, 'D': 75.0}
>>> score = decide([Component(code, shipped[code], value) for code, value in values.items()], count=12)
>>> score.value, score.grade
(70.75, 'B')

The same customer without a promise or a dispute: 57 of 80 parts of a hundred.

>>> values.update(R=None, D=None)
>>> decide([Component(code, shipped[code], value) for code, value in values.items()], count=12).value
71.25
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from math import floor
from typing import NamedTuple

from .money import round_to

# What a score can be.
SCORED, INSUFFICIENT = "scored", "insufficient"
# What a cap does: the score is at most, at least, or lowered by so much.
AT_MOST, AT_LEAST, LESS = "at_most", "at_least", "less"
LOWEST, HIGHEST = 0.0, 100.0
STEP = 0.01

# Grade and the least score for it, best first.
BANDS = (("A", 80.0), ("B", 65.0), ("C", 50.0), ("D", 35.0), ("E", 0.0))
MINIMUM_ITEMS = 3
# An index of 80, paid on the due day, is all that can be asked.
INDEX_FACTOR = 1.25
TREND_NEUTRAL = 50.0
TREND_PER_DAY = 2.5
# From here on an open item weighs in the overdue share.
OVERDUE_DAYS = 30


# ---------------------------------------------------------------- the factors


def punctuality(index: float | None) -> float | None:
    """P: the payment index, where 80 (paid on the due day) is full marks.

    >>> punctuality(80.0), punctuality(95.0), punctuality(55.0), punctuality(None)
    (100.0, 100.0, 68.75, None)
    """
    return None if index is None else min(HIGHEST, INDEX_FACTOR * index)


def overdue_share(late: float, receivable: float) -> float | None:
    """O: 100 × (1 − what is overdue for more than 30 days / what is owed); None where nothing is owed.

    >>> overdue_share(300.0, 1200.0), overdue_share(0.0, 10.0), overdue_share(10.0, 0.0), overdue_share(5.0, -3.0)
    (75.0, 100.0, None, None)
    """
    return None if receivable <= 0 else _clamp(HIGHEST * (1 - late / receivable))


def trend(recent: float | None, before: float | None) -> float | None:
    """T: 50, less 2.5 for each day that the last 3 months are slower than the 9 before; None without both.

    >>> trend(10.0, 10.0), trend(4.0, 10.0), trend(30.0, 5.0), trend(0.0, 40.0), trend(5.0, None)
    (50.0, 65.0, 0.0, 100.0, None)
    """
    if recent is None or before is None:
        return None
    return _clamp(TREND_NEUTRAL - TREND_PER_DAY * (recent - before))


def promises(kept: int, made: int, never_late: bool = False) -> float | None:
    """R: 100 × (kept + 1) / (promises + 2); None without a promise.

    Who never paid late keeps each word by paying: kept promises tell nothing more of them, so
    that one who never had to promise isn't below.

    >>> promises(10, 10), promises(0, 0), promises(0, 2), promises(10, 10, never_late=True)
    (91.66666666666667, None, 25.0, None)
    """
    if not made or (never_late and kept == made):
        return None
    return HIGHEST * (kept + 1) / (made + 2)


def disputes(unjustified: int, closed: int) -> float | None:
    """D: 100 × (1 − share of the closed disputes that weren't justified); None where none was closed.

    >>> disputes(1, 4), disputes(0, 0)
    (75.0, None)
    """
    return HIGHEST * (1 - unjustified / closed) if closed else None


def _clamp(value: float) -> float:
    return min(HIGHEST, max(LOWEST, value))


# ---------------------------------------------------------------- the score


class Component(NamedTuple):
    """One factor of a score: its value (0–100; None without material) and its weight in the scheme.

    ``share`` is its rescaled weight, ``points`` what it adds to the score; both are worked out
    by :func:`decide`.
    """

    factor: int | str
    weight: float
    value: float | None
    share: float = 0.0
    points: float = 0.0


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit from outside the payments: an insolvency, a litigation, an external rating, a warning."""

    code: str
    kind: str
    amount: float


@dataclass(frozen=True, slots=True)
class Score:
    """A score as decided.

    ``value`` is None where the data don't suffice. ``plain`` is the value before the caps.
    ``ceiling`` is the lowest limit that holds, None without one; ``caps`` are those that changed
    the value, or hold in the absence of one. ``grade`` is None only without value and ceiling.
    """

    state: str
    value: float | None
    plain: float | None
    grade: str | None
    components: tuple[Component, ...] = ()
    caps: tuple[Cap, ...] = ()
    ceiling: float | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """What a version of a scheme says besides the weights."""

    bands: tuple[tuple[str, float], ...] = BANDS
    minimum_items: int = MINIMUM_ITEMS


@dataclass(frozen=True, slots=True)
class Gain:
    """What the score would be if these items were paid today."""

    items: tuple = field(default_factory=tuple)
    value: float = 0.0


def decide(components: Iterable[Component], count: int, caps: Sequence[Cap] = (), rules: Rules | None = None) -> Score:
    """Return the score of one customer.

    :param components: one for each factor of the scheme; those without a value are left out
    :param count: items settled in twelve months, or overdue
    :param caps: what limits it

    An insolvent customer is at 5 at most, whatever the payments say, and whether they say anything:

    >>> insolvency = Cap("insolvent", AT_MOST, 5.0)
    >>> capped = decide([Component("P", 1.0, 90.0)], 12, [insolvency])
    >>> capped.value, capped.plain, capped.grade
    (5.0, 90.0, 'E')
    >>> unknown = decide([Component("P", 1.0, 90.0)], 2, [insolvency])
    >>> unknown.state, unknown.value, unknown.ceiling, unknown.grade
    ('insufficient', None, 5.0, 'E')
    """
    rules = rules or Rules()
    parts = blend(components)
    ceiling = min((cap.amount for cap in caps if cap.kind == AT_MOST), default=None)
    if count < rules.minimum_items or not any(part.share for part in parts):
        return Score(
            state=INSUFFICIENT,
            value=None,
            plain=None,
            grade=None if ceiling is None else grade_of(ceiling, rules.bands),
            components=parts,
            caps=tuple(cap for cap in caps if cap.kind == AT_MOST),
            ceiling=ceiling,
            count=count,
        )
    plain = _round(sum([part.points for part in parts]))
    value = _round(limit(plain, caps)) if caps else plain
    applied = tuple(cap for cap in caps if _round(limit(plain, [other for other in caps if other != cap])) != value)
    # Of two that hold the score at the same figure, each would do: both are named.
    applied = applied or (tuple(cap for cap in caps if _round(limit(plain, [cap])) == value) if value != plain else ())
    return Score(SCORED, value, plain, grade_of(value, rules.bands), parts, applied, ceiling, count)


def blend(components: Iterable[Component]) -> tuple[Component, ...]:
    """Return the components with their shares and points, those without material at nothing.

    >>> [(part.share, part.points) for part in blend([Component("P", 0.6, 50.0), Component("R", 0.4, None)])]
    [(1.0, 50.0), (0.0, 0.0)]
    """
    components = tuple(components)
    total = sum([part.weight for part in components if part.value is not None])
    return tuple(
        Component(part.factor, part.weight, part.value, part.weight / total, part.weight / total * part.value)
        if part.value is not None and total > 0
        else Component(part.factor, part.weight, part.value)
        for part in components
    )


def limit(value: float, caps: Iterable[Cap]) -> float:
    """Return the value within the caps: lowered first, then raised to the floors, then the ceilings.

    >>> limit(70.0, [Cap("warning", LESS, 15.0)]), limit(10.0, [Cap("warning", LESS, 15.0)])
    (55.0, 0.0)
    >>> limit(30.0, [Cap("rating", AT_LEAST, 60.0), Cap("litigation", AT_MOST, 20.0)])
    20.0
    """
    caps = tuple(caps)
    value -= sum(cap.amount for cap in caps if cap.kind == LESS)
    value = max([value, *(cap.amount for cap in caps if cap.kind == AT_LEAST)])
    return _clamp(min([value, *(cap.amount for cap in caps if cap.kind == AT_MOST)]))


def grade_of(value: float, bands: Iterable[tuple[str, float]] = BANDS) -> str:
    """Return the grade of the highest band that the value reaches; the lowest one below all.

    >>> [grade_of(value) for value in (80, 79.99, 65, 50, 35, 34.99, 0)]
    ['A', 'B', 'B', 'C', 'D', 'E', 'E']
    """
    ordered = _highest_first(tuple(bands))
    return next((grade for grade, least in ordered if value >= least), ordered[-1][0])


@lru_cache(maxsize=64)
def _highest_first(bands: tuple[tuple[str, float], ...]) -> list[tuple[str, float]]:
    return sorted(bands, key=lambda band: -band[1])


def shown(value: float) -> int:
    """Return the value as people read it: whole, rounded down, so that it never shows a grade not reached.

    >>> shown(79.99), shown(80.0), shown(0.4)
    (79, 80, 0)
    """
    return floor(value)


def _round(value: float) -> float:
    return round_to(value, STEP)


# ---------------------------------------------------------------- what would raise it


def largest_gains(
    items: Sequence, value: float, rescore: Callable[[tuple], float | None], most: int = 2, among: int = 12
) -> list[Gain]:
    """Return what paying would bring: the best one item, the best two…, all of them; only what is a gain.

    Each figure is the score itself, worked out again as if the items were paid today; so paying
    them gives it.

    :param items: the items that may be paid, those that matter most first: pairs are looked for
        among the first ``among``
    :param value: the score as it is
    :param rescore: gives the score if these items were paid
    :param most: the largest number of items that are named one by one

    >>> worth = {"a": 3.0, "b": 5.0, "c": 1.0}
    >>> def rescore(paid): return 40.0 + sum(worth[item] for item in paid)
    >>> [(gain.items, gain.value) for gain in largest_gains(["a", "b", "c"], 40.0, rescore)]
    [(('b',), 45.0), (('a', 'b'), 48.0), (('a', 'b', 'c'), 49.0)]
    """
    items = tuple(items)
    groups = [list(combinations(items[:among], size)) for size in range(1, min(most, len(items)) + 1)]
    if len(items) > most:
        groups.append([items])
    gains = []
    for group in groups:
        found = max((Gain(paid, rescore(paid) or 0.0) for paid in group), key=lambda gain: gain.value)
        if found.value > max([value, *(gain.value for gain in gains)]):
            gains.append(found)
    return gains
