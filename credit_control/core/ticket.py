"""The token of a link that opens a customer's statement without a login.

A ticket names a debtor's card, the contact whom the message went to, and the last day on
which it is good. It is readable by everybody and signed with a key that only the database
knows; the key of each debtor is another one, so that the links of one can be revoked.

>>> ticket = Ticket(debtor_id=47, contact_id=1204, expires_on=date(2025, 3, 31))
>>> token = ticket.to_token(b"key")
>>> token.rpartition("-")[0]
'1b-xg-fuh9'
>>> read(token) == (ticket, token.rpartition("-")[2])
True
>>> ticket.is_signed(b"key", token.rpartition("-")[2]), ticket.is_signed(b"other", token.rpartition("-")[2])
(True, False)

Letters may be typed from paper, so case doesn't matter:

>>> read(token.upper()) == read(token)
True
"""

import hmac
import re
from base64 import b32encode
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

# Three numbers to the base of 36 and 128 bits of signature, 5 a letter.
PATTERN = re.compile(r"([0-9a-z]{1,7})-([0-9a-z]{1,7})-([0-9a-z]{1,5})-([a-z2-7]{26})")
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
SIGNATURE_BYTES = 16
# What PostgreSQL takes for the id of a record.
MAX_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whose statement, for whom, and until which day inclusive."""

    debtor_id: int
    contact_id: int
    expires_on: date

    def sign(self, key: bytes) -> str:
        """Return the signature under ``key``: the same ticket always has the same."""
        message = f"{self.debtor_id}.{self.contact_id}.{self.expires_on.toordinal()}".encode()
        digest = hmac.new(key, message, sha256).digest()[:SIGNATURE_BYTES]
        return b32encode(digest).decode().rstrip("=").lower()

    def is_signed(self, key: bytes, signature: str) -> bool:
        """Whether ``signature`` is this ticket's; takes the same time whatever is wrong with it."""
        return hmac.compare_digest(self.sign(key), signature)

    def to_token(self, key: bytes) -> str:
        """Return the token: letters, digits and hyphens only, so that no mail reader breaks it."""
        numbers = (self.debtor_id, self.contact_id, self.expires_on.toordinal())
        return "-".join([*map(_to_base36, numbers), self.sign(key)])

    def is_good_on(self, day: date) -> bool:
        """Whether it hasn't expired.

        >>> ticket = Ticket(1, 1, date(2025, 3, 31))
        >>> ticket.is_good_on(date(2025, 3, 31)), ticket.is_good_on(date(2025, 4, 1))
        (True, False)
        """
        return day <= self.expires_on


def read(token: str) -> tuple[Ticket, str] | None:
    """Return ticket and signature of ``token``, the signature not checked yet; None where it can't be one.

    >>> read("1b-xg-fu6r-short"), read(""), read("0-0-0-" + "a" * 26), read("zzzzzzz-1-fu6r-" + "a" * 26)
    (None, None, None, None)
    """
    found = PATTERN.fullmatch(token.lower()) if token.isascii() else None
    if not found:
        return None
    debtor_id, contact_id, ordinal = (int(number, 36) for number in found.groups()[:3])
    if not (0 < debtor_id <= MAX_ID and 0 < contact_id <= MAX_ID and 0 < ordinal <= date.max.toordinal()):
        return None
    return Ticket(debtor_id, contact_id, date.fromordinal(ordinal)), found[4]


def _to_base36(number: int) -> str:
    digits = ""
    while number:
        number, place = divmod(number, 36)
        digits = DIGITS[place] + digits
    return digits or "0"
