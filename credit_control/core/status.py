"""The one word for a customer: of all that holds, the status that goes before the others.

``PRECEDENCE`` is the published order. A person's own judgment (lost, doubtful) goes first, then
what a court or a third party has in hand, then what keeps reminders back, then where they stand.

>>> leading([Fact(OVERDUE, date(2026, 3, 2)), Fact(DISPUTED, date(2026, 3, 9))]).status
'disputed'

Of several facts of the same kind the earliest says since when; of reminders, the last one:

>>> leading([Fact(PROMISED, date(2026, 3, 9), 2), Fact(PROMISED, date(2026, 3, 2), 1)])
Fact(status='promised', since=datetime.date(2026, 3, 2), source=1)
>>> leading([Fact(REMINDED, date(2026, 3, 9), 2), Fact(REMINDED, date(2026, 3, 2), 1)]).source
2

Who has nothing open, and nothing else, owes nothing:

>>> leading([]).status
'settled'
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

LOST = "lost"
DOUBTFUL = "doubtful"
INSOLVENCY = "insolvency"
LITIGATION = "litigation"
FORMAL_NOTICE = "formal_notice"
PAUSED = "paused"
DISPUTED = "disputed"
PROMISED = "promised"
REMINDED = "reminded"
OVERDUE = "overdue"
CURRENT = "current"
SETTLED = "settled"

# status, when it holds
PRECEDENCE = (
    LOST,  # a person has given the debt up
    DOUBTFUL,  # a person doubts that it will be paid
    INSOLVENCY,  # a collective procedure runs
    LITIGATION,  # items are with an agency, a bailiff or a lawyer
    FORMAL_NOTICE,  # a formal notice has left for an item that is still open
    PAUSED,  # reminders are paused for the customer
    DISPUTED,  # a dispute is open
    PROMISED,  # a promise is open
    REMINDED,  # an overdue item was reminded
    OVERDUE,  # an item is past its due date
    CURRENT,  # something is open, nothing is late
    SETTLED,  # nothing is open
)
RANKS = {status: rank for rank, status in enumerate(PRECEDENCE)}
# What a person sets by hand; all others follow from the books.
MANUAL = (DOUBTFUL, LOST)
# Of these the last one counts, not the first.
_LATEST = frozenset({REMINDED})


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that gives a customer a status: since when, and the id of what says so."""

    status: str
    since: date | None = None
    source: int | None = None


def leading(facts: Iterable[Fact]) -> Fact:
    """Return the fact whose status goes before all others."""
    return min(facts, key=_place, default=Fact(SETTLED))


def _place(fact: Fact) -> tuple[int, int]:
    day = fact.since.toordinal() if fact.since else 0
    return RANKS[fact.status], -day if fact.status in _LATEST else day
