import json
from time import time
from urllib.parse import quote

from ..core import answers
from ..core.answers import Result
from ..core.signature import sign_ovh
from .abstract import Gateway


class OvhcloudGateway(Gateway):
    """OVHcloud: calls signed with the application's secret and the consumer's key.

    ``account`` is the name of the SMS service (``sms-ab12345-1``); the secrets are ``application_key``,
    ``application_secret`` and ``consumer_key``.
    """

    code = "ovhcloud"
    name = "OVHcloud"
    url = "https://eu.api.ovh.com/1.0"

    def prepare(self, message):
        """Return the signed request for one receiver."""
        path = f"/sms/{quote(self.settings.account, safe='')}/jobs"
        body = {
            "message": message.text,
            "receivers": [message.number],
            "charset": "UTF-8",
            "coding": "7bit" if message.encoding == "gsm7" else "8bit",
            "noStopClause": True,
            "priority": "high",
            "tag": message.uuid[:20],
            **({"sender": message.sender} if message.sender else {"senderForResponse": True}),
        }
        text = json.dumps(body)
        return path, self._sign((self.settings.url or self.url).rstrip("/") + path, text), text.encode()

    def _sign(self, url, body, moment=None):
        secrets, moment = self.settings.secrets, int(time()) if moment is None else moment
        consumer = secrets.get("consumer_key", "")
        return {
            "Content-Type": "application/json",
            "X-Ovh-Application": secrets.get("application_key", ""),
            "X-Ovh-Consumer": consumer,
            "X-Ovh-Timestamp": str(moment),
            "X-Ovh-Signature": sign_ovh(secrets.get("application_secret", ""), consumer, "POST", url, body, moment),
        }

    def read_answer(self, message, body):
        """Return sent, or failed where the receiver is among the invalid ones."""
        if body.get("invalidReceivers"):
            return Result(message.uuid, answers.FAILED, answers.NUMBER)
        return Result(message.uuid, answers.SENT, reference=str((body.get("ids") or [""])[0]))
