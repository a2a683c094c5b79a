"""Collective procedures and litigation: which items of a customer they keep from being reminded.

A collective procedure keeps back the claims that arose before its judgment. Those that arose
after it are payable at their due date (in France C. com. L622-17): whether they are reminded is
the creditor's choice. A litigation keeps back the items that were handed over, and no others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure that is running: what it keeps back, for which reason code, and since when.

    ``whole`` keeps back all items; ``until`` those dated no later than it; ``items`` are kept
    back by name.

    >>> insolvency = Procedure("insolvent", date(2026, 3, 2), until=date(2026, 3, 2), items=frozenset({7}))
    >>> [insolvency.holds(item, day) for item, day in ((1, date(2026, 3, 2)), (2, date(2026, 3, 3)))]
    [True, False]
    >>> insolvency.holds(7, date(2026, 4, 1)), Procedure("insolvent", date(2026, 3, 2), whole=True).holds(2, None)
    (True, True)
    >>> Procedure("litigation", date(2026, 3, 2), items=frozenset({7})).holds(1, date(2026, 1, 1))
    False
    """

    reason: str
    since: date
    whole: bool = False
    until: date | None = None
    items: frozenset[int] = frozenset()

    def holds(self, item: int, day: date | None) -> bool:
        """Whether the item, dated ``day``, is kept back."""
        if self.whole or item in self.items:
            return True
        return self.until is not None and day is not None and day <= self.until


def earliest(procedures: Iterable[Procedure]) -> dict[str, date]:
    """Return for each reason code the day since which it holds.

    >>> earliest([Procedure("litigation", date(2026, 3, 2)), Procedure("litigation", date(2026, 1, 5))])
    {'litigation': datetime.date(2026, 1, 5)}
    """
    since = {}
    for procedure in procedures:
        since[procedure.reason] = min(procedure.since, since.get(procedure.reason, procedure.since))
    return since
