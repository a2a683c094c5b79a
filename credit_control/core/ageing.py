"""How old a receivable is, and in which column of the aged balance it stands.

Overdue begins the day after maturity: on the due day itself an item is current.
The upper end of each bucket is inclusive: 30 days late is still in ``1-30``.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

NOT_DUE = "not_due"


def days_overdue(due: date, as_of: date) -> int:
    """Return the days that an item due on ``due`` is late on ``as_of``; negative before.

    >>> days_overdue(date(2024, 2, 28), date(2024, 3, 1))
    2
    """
    return (as_of - due).days


@dataclass(frozen=True)
class AgeingScale:
    """The buckets of an aged balance.

    ``edges`` are the last days of each bucket, ascending and positive: ``(30, 60, 90)``
    gives not due, 1–30, 31–60, 61–90 and more than 90 days.

    >>> scale = AgeingScale((30, 60, 90))
    >>> scale.codes
    ('not_due', '1-30', '31-60', '61-90', '91+')
    >>> [scale.code(days) for days in (-5, 0, 1, 30, 31, 90, 91, 4000)]
    ['not_due', 'not_due', '1-30', '1-30', '31-60', '61-90', '91+', '91+']
    """

    edges: tuple[int, ...]

    def __post_init__(self):
        ascending = all(low < high for low, high in zip((0, *self.edges), self.edges, strict=False))
        if not self.edges or not ascending:
            raise ValueError(f"edges must be positive and ascending: {self.edges}")

    @classmethod
    def parse(cls, text: str) -> "AgeingScale":
        """Read the edges as people write them.

        >>> AgeingScale.parse("30, 60,90").edges
        (30, 60, 90)
        >>> AgeingScale.parse("30/60/90").edges
        (30, 60, 90)

        :raise ValueError: where the text isn't a list of positive ascending whole numbers
        """
        parts = text.replace("/", ",").replace(";", ",").split(",")
        return cls(tuple(int(part) for part in parts if part.strip()))

    @property
    def codes(self) -> tuple[str, ...]:
        """The stable codes of the buckets, youngest first."""
        starts = (1, *(edge + 1 for edge in self.edges))
        closed = (f"{start}-{end}" for start, end in zip(starts, self.edges, strict=False))
        return (NOT_DUE, *closed, f"{self.edges[-1] + 1}+")

    def index(self, days: int) -> int:
        """Return the position of the bucket for ``days`` overdue."""
        return bisect_left((0, *self.edges), days)

    def code(self, days: int) -> str:
        """Return the code of the bucket for ``days`` overdue."""
        return self.codes[self.index(days)]

    def sql_case(self, days_sql: str) -> str:
        """Return the SQL expression that gives the bucket's code.

        ``days_sql`` is a trusted SQL expression of the days overdue. The edges are
        whole numbers by construction, so the text holds nothing from outside.

        >>> AgeingScale((30,)).sql_case("d")
        "CASE WHEN d <= 0 THEN 'not_due' WHEN d <= 30 THEN '1-30' ELSE '31+' END"
        """
        limits = zip((0, *self.edges), self.codes, strict=False)
        whens = " ".join(f"WHEN {days_sql} <= {edge} THEN '{code}'" for edge, code in limits)
        return f"CASE {whens} ELSE '{self.codes[-1]}' END"

    def spread(self, items: Iterable[tuple[int, float]]) -> dict[str, float]:
        """Return the total per bucket of ``(days overdue, amount)`` pairs, every bucket named.

        >>> AgeingScale((30,)).spread([(0, 5.0), (30, 1.0), (31, 2.0)])
        {'not_due': 5.0, '1-30': 1.0, '31+': 2.0}
        """
        totals = dict.fromkeys(self.codes, 0.0)
        for days, amount in items:
            totals[self.code(days)] += amount
        return totals
