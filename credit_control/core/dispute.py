"""How much of an item may be disputed, and what of it is held back: pure arithmetic.

Rules. Disputes of one item share what is open of it: together they never exceed it. A part
of 0 disputes all of it, whatever that comes to. What the customer pays shrinks the disputed
parts, the latest first: the earliest objection keeps its amount the longest.

>>> check_part(1000.0, [], 400.0, 0.01)
Part(amount=400.0, refusal=None, free=1000.0)
>>> check_part(1000.0, [700.0], 400.0, 0.01)
Part(amount=400.0, refusal='too_much', free=300.0)
>>> spread(500.0, [400.0, 400.0])
[400.0, 100.0]
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .money import is_less, is_positive

# Why a part of an item can't be disputed.
NEGATIVE = "negative"
SETTLED = "settled"
ALL_DISPUTED = "all_disputed"
TOO_MUCH = "too_much"


@dataclass(frozen=True, slots=True)
class Part:
    """A part that somebody wants to dispute; ``refusal`` is None where they may.

    ``amount`` is what to record: 0 for all of the item, whatever is open. ``free`` is what was
    left to dispute.
    """

    amount: float
    refusal: str | None
    free: float


def check_part(residual: float, others: Iterable[float], wanted: float, rounding: float) -> Part:
    """Say whether ``wanted`` of an item may be disputed beside the ``others``.

    :param residual: what is open of the item
    :param others: parts in dispute already; 0 stands for all
    :param wanted: the part in question; 0 for all that is left

    >>> check_part(1000.0, [], 0.0, 0.01), check_part(1000.0, [400.0], 0.0, 0.01)
    (Part(amount=0.0, refusal=None, free=1000.0), Part(amount=600.0, refusal=None, free=600.0))
    >>> check_part(1000.0, [0.0], 10.0, 0.01).refusal, check_part(0.0, [], 10.0, 0.01).refusal
    ('all_disputed', 'settled')
    >>> check_part(1000.0, [], 1000.01, 0.01).refusal, check_part(1000.0, [], -1.0, 0.01).refusal
    ('too_much', 'negative')
    """
    others = list(others)
    free = max(0.0, round(residual - sum(spread(residual, others)), 6))
    return Part(
        amount=wanted if wanted or not others else free,
        refusal=_refusal(residual, free, wanted, rounding),
        free=free,
    )


def _refusal(residual, free, wanted, rounding) -> str | None:
    if wanted < 0:
        return NEGATIVE
    if not is_positive(residual, rounding):
        return SETTLED
    if not is_positive(free, rounding):
        return ALL_DISPUTED
    return TOO_MUCH if is_less(free, wanted, rounding) else None


def spread(residual: float, parts: Iterable[float]) -> list[float]:
    """Return what is held back by each of ``parts``, the earliest first; 0 stands for all.

    >>> spread(1000.0, [0.0, 300.0]), spread(-20.0, [300.0]), spread(100.0, [])
    ([1000.0, 0.0], [0.0], [])
    """
    left, held = max(0.0, residual), []
    for part in parts:
        taken = min(left, part) if part else left
        held.append(taken)
        left = round(left - taken, 6)
    return held


def days_to_close(opened, closed) -> int:
    """Return how many days a dispute lasted; one that was closed on its first day lasted none.

    >>> from datetime import date
    >>> days_to_close(date(2025, 1, 10), date(2025, 1, 31)), days_to_close(date(2025, 1, 10), None)
    (21, 0)
    """
    return max(0, (closed - opened).days) if opened and closed else 0


def qualified_share(overdue: float, qualified: float) -> float:
    """Return the share of the overdue amount whose cause is known, in percent; all of nothing is known.

    >>> qualified_share(2000.0, 500.0), qualified_share(0.0, 0.0)
    (25.0, 100.0)
    """
    return round(100.0 * qualified / overdue, 2) if overdue > 0 else 100.0
