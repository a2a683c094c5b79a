import json
import logging

from ..core import answers
from ..core.answers import Result
from ..core.news import MAX_NEWS, REPLY, read_reply, read_report
from ..core.wording import NAME
from .abstract import Gateway

_logger = logging.getLogger(__name__)

BODY = '{"to": "{{ number }}", "text": "{{ text }}", "from": "{{ sender }}", "reference": "{{ uuid }}"}'


class HttpJsonGateway(Gateway):
    """Any provider that takes a message as JSON: address, header and body are set up on the gateway's record.

    In the body ``number``, ``text``, ``sender``, ``uuid``, ``report_url`` (where it may report to) and ``key`` stand in
    double braces. ``reference_key`` names the key of
    the answer in which the provider gives its own name of the message; the uuid goes as ``Idempotency-Key``, too.
    """

    code = "http_json"
    name = "HTTP/JSON"
    may_have_key = True
    signs_reports = True

    def prepare(self, message):
        """Return the request as the record describes it."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.uuid}
        header, key = self.settings.options.get("header", "Authorization"), self.settings.secrets.get("token")
        if header and key:
            headers[header] = key
        return "", headers, self._fill(message).encode()

    def _fill(self, message):
        template = self.settings.options.get("body") or BODY
        return fill_json(template, message, self.settings.report_url, self.settings.secrets.get("token", ""))

    def read_answer(self, message, body):
        """Return sent, with the provider's own reference where its answer has one."""
        reference = body.get(self.settings.options.get("reference_key") or "id")
        return Result(message.uuid, answers.SENT, reference=str(reference or ""))

    @classmethod
    def read_news(cls, body):
        """Return the ``events``: ``report`` (uuid or id, status, error) or ``reply`` (id, from, text).

        One that can't be read takes no other along.
        """
        events = body.get("events")
        if not isinstance(events, list) or len(events) > MAX_NEWS:
            raise ValueError("there is no list of events")
        news = [one for one in map(cls._read_event, events) if one]
        if len(news) < len(events):
            if not news:
                raise ValueError("no event can be read")
            _logger.warning(
                "Webhook of an SMS gateway: %s of %s events can't be read", len(events) - len(news), len(events)
            )
        return news

    @classmethod
    def _read_event(cls, event):
        """Return what one event tells; None where it can't be read."""
        try:
            if event.get("type") == REPLY:
                return read_reply(event.get("id"), event.get("from"), event.get("text"))
            return read_report(event.get("uuid"), event.get("id"), event.get("status"), event.get("error"))
        except (AttributeError, ValueError):
            return None


def fill_json(template, message, report_url="", key=""):
    """Return ``template`` with the values of ``message``, each as the inside of a JSON string.

    :raise KeyError: for a name that a message doesn't have

    >>> from .abstract import Message
    >>> fill_json('{"to": "{{ number }}"}', Message("u", '+33"', "t"))
    '{"to": "+33\\\\""}'
    """
    values = {name: getattr(message, name) for name in ("number", "text", "sender", "uuid")}
    values |= {"report_url": report_url, "key": key}
    return NAME.sub(lambda found: json.dumps(values[found[1]])[1:-1], template)
