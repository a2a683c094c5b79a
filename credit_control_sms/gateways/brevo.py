import json

from ..core import answers
from ..core.answers import Result
from ..core.news import read_reply, read_report
from .abstract import Gateway


class BrevoGateway(Gateway):
    """Brevo, transactional SMS."""

    code = "brevo"
    name = "Brevo"
    url = "https://api.brevo.com/v3"

    def prepare(self, message):
        """Return the request for one recipient; the tag brings our name of the message back in its reports."""
        body = {
            "sender": message.sender,
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

    @classmethod
    def read_news(cls, body):
        """Return the one event of a webhook: a report with our tag, or an answer."""
        status = body.get("msg_status") or body.get("event")
        if status == "replied" or body.get("reply"):
            reply = f"{body.get('messageId', '')}:{body.get('ts_event') or body.get('date') or ''}"
            return [read_reply(reply.replace(" ", "_"), body.get("to"), body.get("reply"))]
        tag = body.get("tag")
        uuid = tag[0] if isinstance(tag, list) and tag else tag
        return [read_report(uuid, body.get("messageId"), status, body.get("description"))]
