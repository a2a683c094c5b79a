"""Reading what mail servers and absent people answer: delivery reports (RFC 3464), automatic replies (RFC 3834)."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message

FAILED = "failed"
ARRIVED = frozenset({"delivered", "relayed", "expanded"})


@dataclass(frozen=True, slots=True)
class Report:
    """What a server says of one recipient: ``action`` is failed, delayed, delivered, relayed or expanded.

    >>> Report("failed", "5.1.1", "a@example.com").is_final_failure, Report("delayed", "4.4.1").is_final_failure
    (True, False)
    """

    action: str
    status: str = ""
    address: str = ""
    detail: str = ""

    @property
    def is_final_failure(self) -> bool:
        """Whether the message won't arrive at this recipient any more."""
        return self.action == FAILED

    @property
    def is_arrival(self) -> bool:
        """Whether it arrived, or was handed on to somebody who doesn't report."""
        return self.action in ARRIVED


def get_delivery_reports(message: Message) -> list[Report]:
    """Return what the delivery report in ``message`` says of each recipient; empty where it is none.

    >>> from email import message_from_string
    >>> get_delivery_reports(message_from_string("Subject: Hello\\n\\nHello"))
    []
    """
    reports = []
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            reports += [_read_report(fields) for fields in part.get_payload() if fields.get("Action")]
    return reports


def _read_report(fields: Message) -> Report:
    recipient = fields.get("Final-Recipient") or fields.get("Original-Recipient") or ""
    return Report(
        action=fields["Action"].strip().lower(),
        status=(fields.get("Status") or "").strip(),
        address=recipient.rpartition(";")[2].strip().strip("<>").lower(),
        detail=" ".join((fields.get("Diagnostic-Code") or fields.get("Status") or "").split()),
    )


def is_automatic(headers: Mapping[str, str], subject: str = "") -> bool:
    """Whether a machine wrote a message: an absence note, an acknowledgement, a list.

    >>> is_automatic({"Auto-Submitted": "auto-replied"}), is_automatic({"Auto-Submitted": "no"})
    (True, False)
    >>> is_automatic({"X-Autoreply": "yes"}), is_automatic({"precedence": "Bulk"}), is_automatic({})
    (True, True, False)
    >>> is_automatic({}, "Automatic reply: Reminder"), is_automatic({}, "Re: Reminder")
    (True, False)
    """
    known = {name.lower(): (value or "").strip().lower() for name, value in headers.items()}
    if known.get("auto-submitted", "no").partition(";")[0].strip() != "no":
        return True
    if known.get("x-autoreply", "no") not in ("", "no") or known.get("x-autorespond") or "x-autoreply-from" in known:
        return True
    if known.get("precedence") in ("auto_reply", "bulk", "junk", "list"):
        return True
    return subject.strip().lower().startswith(SUBJECTS)


# What the common mail programs put before the subject of an absence note.
SUBJECTS = (
    "automatic reply:",
    "auto:",
    "autoreply:",
    "out of office",
    "réponse automatique",
    "absence du bureau",
    "automatische antwort",
    "abwesenheitsnotiz",
    "respuesta automática",
    "risposta automatica",
)
