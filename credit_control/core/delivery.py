"""The life of a notice: which state may follow which, and which news about it counts.

Sending goes ``queued`` → ``sending`` → ``sent``. A notice that was being sent by somebody who
died stands as ``uncertain``: it may have left, so only a person queues it again. News of a
transport (delivered, bounced…) arrive late, twice and out of order; :func:`counts` says which
of them tell something new.
"""

DRAFT = "draft"
TO_APPROVE = "to_approve"
QUEUED = "queued"
SENDING = "sending"
SENT = "sent"
DELIVERED = "delivered"
UNCERTAIN = "uncertain"
FAILED = "failed"
BOUNCED = "bounced"
CANCELLED = "cancelled"

# What may come of a notice, by where it stands. A bounce may follow a delivery: the first
# server took the message, the second didn't.
OUTCOMES = {
    DRAFT: {TO_APPROVE, CANCELLED, FAILED},
    TO_APPROVE: {CANCELLED, FAILED},
    QUEUED: {TO_APPROVE, SENT, FAILED, CANCELLED},
    SENDING: {QUEUED, SENT, DELIVERED, UNCERTAIN, FAILED, BOUNCED},
    SENT: {DELIVERED, FAILED, BOUNCED},
    DELIVERED: {BOUNCED},
    UNCERTAIN: {SENT, DELIVERED, FAILED, BOUNCED},
    FAILED: set(),
    BOUNCED: set(),
    CANCELLED: set(),
}

# From these on the message may be in the customer's hands: it is kept as it was.
KEPT = frozenset({SENDING, SENT, DELIVERED, UNCERTAIN, BOUNCED})
# Planned and on its way.
PENDING = (DRAFT, TO_APPROVE, QUEUED, SENDING)
# The customer was surely written to.
LEFT = (SENT, DELIVERED)
# What a person may approve, withdraw, and send once more.
APPROVABLE = frozenset({DRAFT, TO_APPROVE})
WITHDRAWABLE = frozenset({DRAFT, TO_APPROVE, QUEUED})
RETRIABLE = frozenset({FAILED, BOUNCED, UNCERTAIN})
# The step counts as not done, so that the next plan repeats it.
DEAD = frozenset({FAILED, BOUNCED, CANCELLED})


def counts(state: str, outcome: str) -> bool:
    """Whether ``outcome`` is news for a notice in ``state``.

    >>> counts(SENT, DELIVERED), counts(DELIVERED, SENT), counts(DELIVERED, BOUNCED), counts(SENT, SENT)
    (True, False, True, False)
    >>> counts(BOUNCED, DELIVERED), counts(UNCERTAIN, SENT), counts(CANCELLED, SENT)
    (False, True, False)
    """
    return outcome in OUTCOMES[state]
