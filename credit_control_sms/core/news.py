"""What a provider tells by webhook."""

import re
from dataclasses import dataclass

from .delivery import DELIVERED, FAILED, SENT
from .wording import printable

REPORT = "report"
REPLY = "reply"
# Words for what became of a message, as most providers write them.
STATES = {
    "accepted": SENT,
    "sent": SENT,
    "delivered": DELIVERED,
    "bounced": FAILED,
    "blocked": FAILED,
    "error": FAILED,
    "expired": FAILED,
    "failed": FAILED,
    "rejected": FAILED,
    "undelivered": FAILED,
}
MAX_NEWS = 500
MAX_TEXT = 2000
MAX_DETAIL = 200
NAME = re.compile(r"[\w.:@+-]{1,128}")


@dataclass(frozen=True, slots=True)
class News:
    """A report about a message of ours (by our ``uuid`` or the provider's ``reference``), or somebody's answer."""

    kind: str
    uuid: str = ""
    reference: str = ""
    state: str = ""
    detail: str = ""
    number: str = ""
    text: str = ""


def read_report(uuid: object, reference: object, status: object, detail: object = "") -> News:
    """Return a report.

    :raise ValueError: where it can't be one

    >>> read_report("abc", None, "Delivered").state
    'delivered'
    >>> read_report("", "", "delivered")
    Traceback (most recent call last):
        ...
    ValueError: no message is named
    """
    uuid, reference = _name(uuid), _name(reference)
    if not uuid and not reference:
        raise ValueError("no message is named")
    state = STATES.get(str(status).lower())
    if not state:
        raise ValueError("unknown status")
    return News(REPORT, uuid, reference, state, printable(detail or "", MAX_DETAIL))


def read_reply(reference: object, number: object, text: object) -> News:
    """Return an answer.

    :raise ValueError: where it can't be one

    >>> read_reply("in-1", "33612345678", "STOP").number
    '+33612345678'
    """
    reference, digits = _name(reference), re.sub(r"[^0-9]", "", str(number or ""))
    if not reference or not 5 <= len(digits) <= 15:
        raise ValueError("an answer needs an id and a number")
    return News(REPLY, reference=reference, number=f"+{digits}", text=printable(text or "", MAX_TEXT))


def _name(value):
    text = str(value or "")
    if text and not NAME.fullmatch(text):
        raise ValueError("an id has characters that no id has")
    return text
