"""How often a visitor of the portal may do what.

A count starts with the first time and lapses after ``seconds``; up to ``times`` are allowed meanwhile.
"""

from dataclasses import dataclass

MINUTE, DAY = 60, 86_400


@dataclass(frozen=True, slots=True)
class Allowance:
    """``times`` within ``seconds`` for each of what ``per`` names: a visitor, an address of the net, a debtor."""

    code: str
    per: str
    times: int
    seconds: int

    def allows(self, count: int) -> bool:
        """Whether the ``count``-th time is still within it.

        >>> [Allowance("answer", "visitor", 2, 60).allows(count) for count in (1, 2, 3)]
        [True, True, False]
        """
        return count <= self.times


# Answers: promises, disputes, payments announced. An office shares one address, so it may do more than a visitor.
ANSWERS = (
    Allowance("answer", "visitor", 10, 10 * MINUTE),
    Allowance("answer", "address", 40, 10 * MINUTE),
    Allowance("answer", "debtor", 30, DAY),
)
# What costs time: printing, and preparing a payment.
FILES = (
    Allowance("file", "visitor", 20, 10 * MINUTE),
    Allowance("file", "address", 80, 10 * MINUTE),
)
# Links that open nothing.
GUESSES = (Allowance("guess", "address", 20, 10 * MINUTE),)
# The same answer sent again (a double click, the page loaded anew) is the same answer.
REPEATS = Allowance("repeat", "debtor", 1, 30 * MINUTE)
# "I have paid" stops the reminders once in a while, not for ever.
ANNOUNCEMENTS = Allowance("announcement", "debtor", 1, 30 * DAY)
