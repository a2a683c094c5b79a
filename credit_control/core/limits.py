"""Credit limits: which of them holds on a day, who may approve one, and how one is proposed.

Amounts are in the company's currency. A limit without an end is lasting: the latest one holds.
A temporary one goes before it while it runs.

>>> from datetime import date
>>> lasting = Grant(1, 50000.0, date(2026, 1, 1))
>>> season = Grant(2, 80000.0, date(2026, 11, 1), date(2026, 12, 31))
>>> [effective([lasting, season], day).amount for day in (date(2026, 10, 31), date(2026, 11, 1), date(2027, 1, 1))]
[50000.0, 80000.0, 50000.0]
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Grant:
    """An approved limit; ``date_to`` None: lasting, else its last day."""

    id: int
    amount: float
    date_from: date
    date_to: date | None = None

    def covers(self, day: date) -> bool:
        """Whether it holds on ``day``, first and last day included.

        >>> Grant(1, 1.0, date(2026, 11, 1), date(2026, 11, 30)).covers(date(2026, 11, 30))
        True
        """
        return self.date_from <= day and (self.date_to is None or day <= self.date_to)


def effective(grants: Iterable[Grant], day: date) -> Grant | None:
    """Return the one that holds on ``day``: a temporary one, else the latest lasting one.

    Two of the same day: the one written later.

    >>> effective([Grant(1, 10.0, date(2026, 1, 1)), Grant(2, 20.0, date(2026, 1, 1))], date(2026, 1, 1)).id
    2
    >>> effective([Grant(1, 10.0, date(2026, 1, 2))], date(2026, 1, 1))
    """
    covering = [grant for grant in grants if grant.covers(day)]
    return max(covering, key=lambda grant: (grant.date_to is not None, grant.date_from, grant.id), default=None)


def replaced(grants: Iterable[Grant], day: date) -> list[Grant]:
    """Return the lasting ones that a later lasting one has taken the place of by ``day``.

    >>> old, new = Grant(1, 10.0, date(2026, 1, 1)), Grant(2, 20.0, date(2026, 6, 1))
    >>> [[grant.id for grant in replaced([old, new], day)] for day in (date(2026, 5, 31), date(2026, 6, 1))]
    [[], [1]]
    """
    lasting = [grant for grant in grants if grant.date_to is None and grant.date_from <= day]
    current = effective(lasting, day)
    return [grant for grant in lasting if grant != current]


def overlap(one: Grant, other: Grant) -> bool:
    """Whether two temporary limits share a day.

    >>> november = Grant(1, 1.0, date(2026, 11, 1), date(2026, 11, 30))
    >>> overlap(november, Grant(2, 1.0, date(2026, 11, 30), date(2026, 12, 31)))
    True
    >>> overlap(november, Grant(2, 1.0, date(2026, 12, 1), date(2026, 12, 31)))
    False
    """
    return one.date_from <= other.date_to and other.date_from <= one.date_to


def may_approve(levels: Iterable[float | None], limit: float | None) -> bool:
    """Whether somebody with these levels may grant ``limit``; None: any amount, or no limit at all.

    >>> may_approve([10000.0], 10000.0), may_approve([10000.0], 10000.01), may_approve([10000.0], None)
    (True, False, False)
    >>> may_approve([10000.0, None], None), may_approve([], 1.0)
    (True, False)
    """
    return any(level is None or (limit is not None and limit <= level) for level in levels)


# How much of what a customer needs is proposed, by grade; without a grade as for B.
GRADE_FACTORS = {"A": 1.25, "B": 1.0, "C": 0.75, "D": 0.5, "E": 0.0}
# Room above the average: orders don't come evenly.
MARGIN = 1.2
# Up to which amount, and to how much, a proposal is rounded up.
ROUNDINGS = ((10000.0, 100.0), (100000.0, 1000.0), (math.inf, 5000.0))


@dataclass(frozen=True, slots=True)
class Proposal:
    """A limit, and what it was worked out from: ``amount = sales / 365 × days × margin × factor``, rounded up."""

    amount: float
    sales: float
    days: float
    margin: float
    factor: float
    grade: str


def propose(sales: float, days: float, grade: str = "") -> Proposal | None:
    """Propose a limit that lets a customer go on buying as it did; None where it bought nothing.

    :param sales: invoiced in the last 365 days, incl. VAT
    :param days: how long it takes to pay, from the invoice's date
    :param grade: A to E, empty where there is none

    36 500 a year are 100 a day; 45 days and a fifth more are 5 400:

    >>> propose(36500.0, 45.0, "B").amount, propose(36500.0, 45.0).amount, propose(36500.0, 45.0, "C").amount
    (5400.0, 5400.0, 4100.0)
    >>> propose(36500.0, 45.0, "E").amount, propose(1000000.0, 60.0, "A").amount, propose(0.0, 45.0)
    (0.0, 250000.0, None)
    """
    if sales <= 0:
        return None
    factor = GRADE_FACTORS.get(grade, 1.0)
    amount = sales / 365 * max(days, 0.0) * MARGIN * factor
    return Proposal(_round_up(amount), sales, days, MARGIN, factor, grade)


def _round_up(amount):
    step = next(step for upper, step in ROUNDINGS if amount <= upper)
    return math.ceil(round(amount / step, 6)) * step
