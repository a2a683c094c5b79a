"""The life of an SMS that was handed to a gateway, and which news about it counts.

News arrive early, twice and out of order: a report of delivery may come before the answer to the request itself.
"""

WAITING = "waiting"
SENDING = "sending"
SENT = "sent"
DELIVERED = "delivered"
FAILED = "failed"
UNCERTAIN = "uncertain"

NEWS = {
    WAITING: {SENDING, FAILED, SENT, DELIVERED, UNCERTAIN},
    SENDING: {WAITING, SENT, DELIVERED, FAILED, UNCERTAIN},
    UNCERTAIN: {SENDING, SENT, DELIVERED, FAILED},
    SENT: {DELIVERED, FAILED},
    FAILED: {DELIVERED, SENDING},
    DELIVERED: set(),
}


def counts(state: str, news: str) -> bool:
    """Whether ``news`` tells something of a message in ``state``.

    >>> counts(SENDING, DELIVERED), counts(DELIVERED, SENT), counts(SENT, SENT), counts(UNCERTAIN, DELIVERED)
    (True, False, False, True)
    """
    return news in NEWS[state]


def sources(news: str) -> list[str]:
    """Return the states in which ``news`` counts.

    >>> sources(SENT)
    ['sending', 'uncertain', 'waiting']
    """
    return sorted(state for state, known in NEWS.items() if news in known)
