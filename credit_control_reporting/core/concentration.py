"""On how few customers the money hangs, and which of them to hold back or to give more.

The Pareto list puts customers in the order of what they owe; its classes are the usual ones: A together make up the
first 80 % of all, B the next 15 %, C the rest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

TOPS = (1, 5, 10, 20, 50)
CLASSES = (("A", 80.0), ("B", 95.0), ("C", 100.0))


class Place(NamedTuple):
    """A customer's place: shares in percent of all, ``cumulated`` with those before."""

    key: object
    amount: float
    share: float
    cumulated: float
    grade: str


def rank(amounts: Mapping[object, float]) -> list[Place]:
    """Return the places of those who owe something, the most first; credits don't count against others.

    >>> [(place.key, place.share, place.cumulated, place.grade) for place in rank({1: 80.0, 2: 15.0, 3: 5.0, 4: -9.0})]
    [(1, 80.0, 80.0, 'A'), (2, 15.0, 95.0, 'B'), (3, 5.0, 100.0, 'C')]
    >>> rank({})
    []
    """
    owed = sorted(((key, amount) for key, amount in amounts.items() if amount > 0), key=lambda pair: -pair[1])
    total = sum(amount for _key, amount in owed)
    places, before = [], 0.0
    for key, amount in owed:
        grade = next(name for name, end in CLASSES if 100 * before / total < end)
        before += amount
        places.append(Place(key, amount, 100 * amount / total, round(100 * before / total, 6), grade))
    return places


def shares_of_tops(places: Sequence[Place], tops: Iterable[int] = TOPS) -> list[tuple[int, float, float]]:
    """Return (how many customers, their amount, their share) for each of ``tops`` that there are customers for.

    >>> shares_of_tops(rank({1: 60.0, 2: 30.0, 3: 10.0}), (1, 2, 5))
    [(1, 60.0, 60.0), (2, 90.0, 90.0)]
    """
    return [
        (top, sum(place.amount for place in places[:top]), places[top - 1].cumulated)
        for top in tops
        if top <= len(places)
    ]


REDUCE, WATCH, KEEP, EXTEND, UNKNOWN = ZONES = ("reduce", "watch", "keep", "extend", "unknown")
# Of what share of the exposure at most may be overdue, to give more.
OVERDUE_AT_MOST = 0.1


@dataclass(frozen=True, slots=True)
class Risk:
    """What is known of a customer: exposure and what of it is overdue, trust, sales of 12 months and the 12 before."""

    exposure: float
    overdue: float = 0.0
    score: float | None = None
    grade: str = ""
    sales: float = 0.0
    sales_before: float = 0.0

    @property
    def growth(self) -> float | None:
        """The growth of sales in percent; None where nothing was sold before.

        >>> Risk(0, sales=150, sales_before=100).growth, Risk(0, sales=150).growth
        (50.0, None)
        """
        return 100 * (self.sales - self.sales_before) / self.sales_before if self.sales_before > 0 else None


def zone_of(risk: Risk) -> str:
    """Return what the map proposes for a customer.

    D and E: reduce what is at risk; C: watch; A and B: keep, or extend where sales grow and hardly anything is overdue.

    >>> [zone_of(Risk(100.0, overdue, 50, grade, 120, 100)) for grade, overdue in
    ...  (("E", 0), ("C", 0), ("A", 50), ("A", 5), ("", 0))]
    ['reduce', 'watch', 'keep', 'extend', 'unknown']
    """
    if not risk.grade:
        return UNKNOWN
    if risk.grade in "DE":
        return REDUCE
    if risk.grade == "C":
        return WATCH
    grows = risk.growth is None or risk.growth >= 0
    return EXTEND if grows and risk.sales > 0 and risk.overdue <= OVERDUE_AT_MOST * risk.exposure else KEEP
