"""What we risk with a customer, held against its limit.

Amounts are in one currency, the company's. Credits are negative sources: they lower the sum.

An order of 115 moves from source to source, it is never counted twice:

>>> total({"order": 115.0}), total({"draft": 115.0}), total({"not_due": 115.0})
(115.0, 115.0, 115.0)

A down payment invoice of 300 on an order of 1 000 leaves 1 000:

>>> total({"order": 700.0, "not_due": 300.0})
1000.0
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .money import is_positive, round_to

# What a limit of zero means: one of these, for a whole company.
NO_LIMIT = "no_limit"
NO_CREDIT = "no_credit"


def total(amounts: Mapping[str, float], rounding: float = 0.01) -> float:
    """Return the sum of the sources; ``unallocated`` credits come in negative.

    >>> total({"not_due": 30000.0, "overdue": 8000.0, "order": 8500.0, "unallocated": -1000.0})
    45500.0
    """
    return round_to(sum(amounts.values()), rounding)


def limit_of(figure: float, zero_means: str) -> float | None:
    """Return the limit that ``figure`` stands for; None: there is no limit.

    >>> limit_of(50000.0, NO_LIMIT), limit_of(0.0, NO_LIMIT), limit_of(0.0, NO_CREDIT)
    (50000.0, None, 0.0)
    """
    if figure:
        return figure
    return 0.0 if zero_means == NO_CREDIT else None


@dataclass(frozen=True, slots=True)
class Position:
    """A customer's exposure beside its limit.

    >>> position = Position(exposure=45500.0, limit=50000.0)
    >>> position.available(), position.over_by(6000.0), position.over_by(4500.0)
    (4500.0, 1500.0, 0.0)

    Who is over the limit already is over by all of what comes on top; who adds nothing isn't held for it:

    >>> Position(exposure=52000.0, limit=50000.0).over_by(100.0)
    2100.0
    >>> Position(exposure=52000.0, limit=50000.0).over_by(0.0)
    0.0

    Without a limit nothing is over it, and what is available has no figure:

    >>> free = Position(exposure=45500.0, limit=None)
    >>> free.available(), free.over_by(1e9), free.share()
    (None, 0.0, None)

    No credit at all:

    >>> Position(exposure=0.0, limit=0.0).over_by(0.01), Position(exposure=0.0, limit=0.0).share()
    (0.01, None)
    """

    exposure: float
    limit: float | None
    rounding: float = 0.01

    def available(self) -> float | None:
        """Return what may still be sold on credit, negative where the limit is passed."""
        return None if self.limit is None else round_to(self.limit - self.exposure, self.rounding)

    def over_by(self, addition: float) -> float:
        """Return by how much ``addition`` would lead past the limit."""
        if self.limit is None or not is_positive(addition, self.rounding):
            return 0.0
        over = round_to(self.exposure + addition - self.limit, self.rounding)
        return over if is_positive(over, self.rounding) else 0.0

    def add(self, addition: float) -> "Position":
        """Return the position once ``addition`` is risked too.

        >>> Position(40.0, 100.0).add(40.0).over_by(40.0)
        20.0
        """
        return Position(round_to(self.exposure + addition, self.rounding), self.limit, self.rounding)

    def share(self) -> float | None:
        """Return which part of the limit is used, 1.0 for all of it.

        >>> Position(12480.0, 15000.0).share()
        0.832
        """
        return round(self.exposure / self.limit, 6) if self.limit else None
