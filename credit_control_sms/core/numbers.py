"""Which of a customer's numbers an SMS may go to, and why not the others."""

from collections.abc import Collection
from dataclasses import dataclass

# Kinds of numbers.
MOBILE = "mobile"
FIXED = "fixed"
INVALID = "invalid"

# Reason codes.
BAD_NUMBER = "bad_number"
LANDLINE = "landline"
FOREIGN_NUMBER = "foreign_number"
# The reason that tells most goes first: somebody can repair a wrong number, nobody a landline.
PRECEDENCE = (BAD_NUMBER, FOREIGN_NUMBER, LANDLINE)


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number: as it is dialled from anywhere, the country that it belongs to, and its kind."""

    e164: str
    region: str
    kind: str


def refusal(number: Number, regions: Collection[str]) -> str:
    """Return why no SMS goes to ``number``; empty where one may.

    :param regions: codes of the countries that are written to; none for all

    >>> refusal(Number("+33612345678", "FR", MOBILE), {"FR"}), refusal(Number("+33142685300", "FR", FIXED), {"FR"})
    ('', 'landline')
    >>> refusal(Number("+4915112345678", "DE", MOBILE), {"FR"}), refusal(Number("", "", INVALID), ())
    ('foreign_number', 'bad_number')
    """
    if number.kind == INVALID:
        return BAD_NUMBER
    if regions and number.region not in regions:
        return FOREIGN_NUMBER
    return "" if number.kind == MOBILE else LANDLINE


def leading(reasons: Collection[str]) -> str:
    """Return the reason of ``reasons`` that tells most; empty where there is none.

    >>> leading({LANDLINE, BAD_NUMBER}), leading(())
    ('bad_number', '')
    """
    return next((reason for reason in PRECEDENCE if reason in reasons), "")
