import json

from ..core import answers
from ..core.answers import Result
from ..core.news import MAX_NEWS, REPLY, read_reply, read_report
from ..core.wording import NAME
from .abstract import Gateway

BODY = '{"to": "{{ number }}", "text": "{{ text }}", "from": "{{ sender }}", "reference": "{{ uuid }}"}'


class HttpJsonGateway(Gateway):
    """Any provider that takes a message as JSON: address, header and body are set up on the gateway's record.

    In the body ``number``, ``text``, ``sender`` and ``uuid`` stand in double braces. ``reference_key`` names the key of
    the answer in which the provider gives its own name of the message; the uuid goes as ``Idempotency-Key``, too.
    """

    code = "http_json"
    name = "HTTP/JSON"

    def prepare(self, message):
        """Return the request as the record describes it."""
        options = self.settings.options
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.uuid}
        if self.settings.secrets.get("token"):
            headers[options.get("header") or "Authorization"] = self.settings.secrets["token"]
        return "", headers, fill_json(options.get("body") or BODY, message).encode()

    def read_answer(self, message, body):
        """Return sent, with the provider's own reference where its answer has one."""
        reference = body.get(self.settings.options.get("reference_key") or "id", "")
        return Result(message.uuid, answers.SENT, reference=str(reference))

    @classmethod
    def read_news(cls, body):
        """Return the ``events``: ``report`` (uuid or id, status, error) or ``reply`` (id, from, text)."""
        events = body.get("events")
        if not isinstance(events, list) or len(events) > MAX_NEWS or not all(isinstance(one, dict) for one in events):
            raise ValueError("there is no list of events")
        return [cls._read_event(event) for event in events]

    @classmethod
    def _read_event(cls, event):
        if event.get("type") == REPLY:
            return read_reply(event.get("id"), event.get("from"), event.get("text"))
        return read_report(event.get("uuid"), event.get("id"), event.get("status"), event.get("error"))


def fill_json(template, message):
    """Return ``template`` with the values of ``message``, each as the inside of a JSON string.

    :raise KeyError: for a name that a message doesn't have
    """
    values = {name: json.dumps(getattr(message, name))[1:-1] for name in ("number", "text", "sender", "uuid")}
    return NAME.sub(lambda found: values[found[1]], template)
