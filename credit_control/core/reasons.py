"""Why an item is reminded or isn't: stable codes and their published precedence.

The sentences that people read stand in one table of the models, by these codes.
"""

from collections.abc import Iterable

# A reminder is due, or a person has to decide what comes next.
REMIND = "remind"
DECIDE = "decide"

# Nothing is owed, or it isn't ours to claim.
SETTLED = "settled"
NOT_TRADE = "not_trade"
INSOLVENT = "insolvent"
LITIGATION = "litigation"
NO_FOLLOWUP = "no_followup"
PAYMENT_BLOCKED = "payment_blocked"
COLLECTED = "collected"
DISPUTED = "disputed"
PROMISED = "promised"
PAUSED = "paused"
POLICY_NONE = "policy_none"
IN_PROGRESS = "in_progress"
UNCERTAIN = "uncertain"

# The ladder says: not now.
NOT_DUE = "not_due"
STEP_NOT_REACHED = "step_not_reached"
LADDER_ENDED = "ladder_ended"

# The customer as a whole says: not now.
UNALLOCATED_CREDIT = "unallocated_credit"
BELOW_MINIMUM = "below_minimum"
TOO_SOON = "too_soon"

# No channel of the step reaches the customer.
BLACKLISTED = "blacklisted"
NO_CONTACT = "no_contact"

PRECEDENCE = (
    SETTLED,
    NOT_TRADE,
    INSOLVENT,
    LITIGATION,
    NO_FOLLOWUP,
    PAYMENT_BLOCKED,
    COLLECTED,
    DISPUTED,
    PROMISED,
    PAUSED,
    POLICY_NONE,
    UNCERTAIN,
    IN_PROGRESS,
    NOT_DUE,
    STEP_NOT_REACHED,
    LADDER_ENDED,
    UNALLOCATED_CREDIT,
    BELOW_MINIMUM,
    TOO_SOON,
    BLACKLISTED,
    NO_CONTACT,
    DECIDE,
    REMIND,
)

# An overdue item with one of these has nothing coming and nobody who looks after it.
LEAKS = frozenset({POLICY_NONE, LADDER_ENDED})

_RANK = {code: rank for rank, code in enumerate(PRECEDENCE)}


def leading(codes: Iterable[str]) -> str | None:
    """Return the code that goes before all others of ``codes``; None where there is none.

    A code that an extension added, unknown here, goes after the holds and before what the
    ladder says.

    >>> leading({PAUSED, DISPUTED}), leading([]), leading({NOT_DUE, "on_a_ship"})
    ('disputed', None, 'on_a_ship')
    """
    return min(codes, key=lambda code: (_RANK.get(code, _RANK[NOT_DUE] - 0.5), code), default=None)
