"""Which unallocated credits pay which open items, and why one may think so.

What it is: :func:`propose` looks at one customer's credits (payments, credit notes) and open items of one
currency, and returns suggestions, each with its reason. *Certain* ones leave no other reading: a person may
apply them all at once. The others are shown for a person to decide.

How it works, the strongest reason first; what is used up isn't proposed again:

1. a credit note corrects the invoice that it was made from;
2. the payment's text names items: certain where their sum is paid to the cent, else likely;
3. exactly one item has the amount, and exactly one credit: certain; among several the oldest, likely;
4. the amount is the sum of all that is open, or of the oldest items: likely;
5. the amount is the sum of a few items in exactly one way: likely.

>>> items = [Claim(1, 100.0, ("INV/1",), day=1), Claim(2, 250.0, ("INV/2",), day=2), Claim(3, 70.0, ("INV/3",), day=3)]
>>> for found in propose([Credit(9, 250.0), Credit(8, 170.0, text="inv 1, inv 3")], items, 0.01):
...     print(found.credit, found.reason, found.is_certain, found.parts)
8 reference True ((1, 100.0), (3, 70.0))
9 amount True ((2, 250.0),)
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from .money import is_zero, round_to

CORRECTION = "correction"
REFERENCE = "reference"
AMOUNT = "amount"
OLDEST = "oldest"
SUM = "sum"
REASONS = (CORRECTION, REFERENCE, AMOUNT, OLDEST, SUM)

# Sums are looked for among so many items, of so many at most: beyond that chance makes them.
SUM_ITEMS = 14
SUM_PARTS = 4
# A number of fewer digits is found in any text.
LEAST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """An open item: what is left, the references that name it, and its place in time (``day``, any ordinal)."""

    id: int
    amount: float
    references: tuple[str, ...] = ()
    day: int = 0


@dataclass(frozen=True, slots=True)
class Credit:
    """An unallocated credit: what is left (positive), its text, the items that it was made to correct."""

    id: int
    amount: float
    text: str = ""
    corrects: frozenset[int] = frozenset()
    day: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """A suggestion: the credit pays these parts of items."""

    credit: int
    parts: tuple[tuple[int, float], ...]
    reason: str
    is_certain: bool


def propose(credits: Iterable[Credit], claims: Iterable[Claim], rounding: float) -> list[Match]:
    """Return suggestions for one customer and currency, each item and each credit once."""
    open_claims = {claim.id: claim for claim in sorted(claims, key=lambda claim: (claim.day, claim.id))}
    waiting = {credit.id: credit for credit in sorted(credits, key=lambda credit: (credit.day, credit.id))}
    found = []
    for look in (_corrections, _references, _amounts, _oldest, _sums):
        for credit in list(waiting.values()):
            match = look(credit, list(open_claims.values()), list(waiting.values()), rounding)
            if match:
                found.append(match)
                del waiting[credit.id]
                for claim_id, _part in match.parts:
                    del open_claims[claim_id]
    return found


def _corrections(credit, claims, _credits, rounding):
    corrected = [claim for claim in claims if claim.id in credit.corrects]
    return _match(credit, corrected, CORRECTION, True, rounding) if corrected else None


def _references(credit, claims, _credits, rounding):
    named = [claim for claim in claims if any(names(credit.text, reference) for reference in claim.references)]
    if not named:
        return None
    is_paid = is_zero(sum(claim.amount for claim in named) - credit.amount, rounding)
    return _match(credit, named, REFERENCE, is_paid, rounding)


def _amounts(credit, claims, credits, rounding):
    same = [claim for claim in claims if is_zero(claim.amount - credit.amount, rounding)]
    if not same:
        return None
    rivals = [other for other in credits if is_zero(other.amount - credit.amount, rounding)]
    return _match(credit, same[:1], AMOUNT, len(same) == len(rivals) == 1, rounding)


def _oldest(credit, claims, _credits, rounding):
    total = 0.0
    for place, claim in enumerate(claims, 1):
        total += claim.amount
        if place > 1 and is_zero(total - credit.amount, rounding):
            return _match(credit, claims[:place], OLDEST, False, rounding)
    return None


def _sums(credit, claims, _credits, rounding):
    if len(claims) > SUM_ITEMS:
        return None
    ways = [
        chosen
        for count in range(2, SUM_PARTS + 1)
        for chosen in combinations(claims, count)
        if is_zero(sum(claim.amount for claim in chosen) - credit.amount, rounding)
    ]
    return _match(credit, ways[0], SUM, False, rounding) if len(ways) == 1 else None


def _match(credit, claims, reason, is_certain, rounding):
    """Spread the credit over ``claims``, the oldest first; None where nothing is left for one of them."""
    left, parts = credit.amount, []
    for claim in claims:
        part = round_to(min(left, claim.amount), rounding)
        if part > 0:
            parts.append((claim.id, part))
            left -= part
    return Match(credit.id, tuple(parts), reason, is_certain) if parts else None


def names(text: str, reference: str) -> bool:
    """Whether ``text`` names ``reference``: the same letters and digits, whatever stands between them.

    People leave out prefixes and zeros: the last number of the reference is enough where it has three digits.

    >>> names("Facture FAC/2025/00412 merci", "FAC/2025/00412"), names("fac 2025 412", "FAC/2025/00412")
    (True, True)
    >>> names("paid 412", "FAC/2025/00412"), names("paid 41", "FAC/2025/00041"), names("paid 14120", "FAC/2025/00412")
    (True, False, False)
    """
    wanted = [_word(word) for word in re.findall(r"[^\W\d_]+|\d+", reference)]
    words = [_word(word) for word in re.findall(r"[^\W\d_]+|\d+", text)]
    if not wanted:
        return False
    if any(words[place : place + len(wanted)] == wanted for place in range(len(words))):
        return True
    return wanted[-1].isdigit() and len(wanted[-1]) >= LEAST_DIGITS and wanted[-1] in words


def _word(word: str) -> str:
    return word.lstrip("0") or "0" if word.isdigit() else word.casefold()
