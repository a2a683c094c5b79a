import json
import re

from ..core import answers
from ..core.answers import Result
from ..core.delivery import DELIVERED, FAILED, SENT
from ..core.news import read_reply, read_report
from .abstract import Gateway

# Events of a transactional SMS, by their letters: webhooks and the API don't write them alike.
STATES = {
    "sent": SENT,
    "accepted": SENT,
    "skip": SENT,
    "delivered": DELIVERED,
    "softbounce": FAILED,
    "softbounces": FAILED,
    "hardbounce": FAILED,
    "hardbounces": FAILED,
    "rejected": FAILED,
    "blocked": FAILED,
}
RESET = re.compile(r"[0-9]{1,9}")
ANSWERED = {"replied", "reply", "unsubscribe", "unsubscribed"}


class BrevoGateway(Gateway):
    """Brevo, transactional SMS."""

    code = "brevo"
    name = "Brevo"
    url = "https://api.brevo.com/v3"
    needs_sender = True

    def prepare(self, message):
        """Return the request for one recipient; the tag brings our name of the message back in its reports."""
        body = {
            # Letters, or digits alone.
            "sender": message.sender.lstrip("+"),
            "recipient": message.number.lstrip("+"),
            "content": message.text,
            "type": "transactional",
            "tag": message.uuid,
            "unicodeEnabled": message.encoding == "ucs2",
        }
        if self.settings.report_url:
            body["webUrl"] = self.settings.report_url
        headers = {"Content-Type": "application/json", "api-key": self.settings.secrets.get("token", "")}
        return "/transactionalSMS/send", headers, json.dumps(body).encode()

    def read_answer(self, message, body):
        """Return sent, with Brevo's name of the message."""
        return Result(message.uuid, answers.SENT, reference=str(body.get("messageId") or ""))

    def read_wait(self, headers):
        """Return how long its own limit of requests lasts still, else what ``Retry-After`` says."""
        rest = headers.get("x-sib-ratelimit-reset", "")
        return int(rest) if RESET.fullmatch(rest) else super().read_wait(headers)

    @classmethod
    def read_news(cls, body):
        """Return the one event of a webhook: a report (by ``messageId`` and our tag), or an answer.

        ``to`` is the customer's number in both.
        """
        event = "".join(filter(str.isalpha, str(body.get("msg_status") or body.get("event") or ""))).lower()
        if event in ANSWERED or body.get("reply"):
            return [cls._read_reply(event, body)]
        tag = body.get("tag")
        uuid = tag[0] if isinstance(tag, list) and tag else tag
        return [read_report(uuid, body.get("messageId"), STATES.get(event), body.get("description"))]

    @classmethod
    def _read_reply(cls, event, body):
        # The answer has no name of its own: the message that it answers, and the moment.
        moment = "".join(filter(str.isalnum, str(body.get("ts_event") or body.get("date") or "")))
        text = body.get("reply") or ("STOP" if event.startswith("unsubscribe") else "")
        return read_reply(f"{body.get('messageId', '')}:{moment}", body.get("to"), text)
