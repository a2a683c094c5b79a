import json
import logging
import re
from time import time

from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge

from odoo import SUPERUSER_ID
from odoo.http import Controller, Response, request, route

from ..core import signature
from ..gateways import GATEWAYS

_logger = logging.getLogger(__name__)

# What a webhook may say at once, in bytes.
LIMIT = 262144
# Larger ids are in no table.
LAST_ID = 2**31 - 1
PATH = re.compile(r"(/credit_sms/\d+/)[^\s?\"/]+")


class MaskSecret(logging.Filter):
    """The web server logs each address: the secret in ours doesn't stand there."""

    def filter(self, record):
        """Let every record pass, without the secret."""
        text = record.getMessage()
        if "/credit_sms/" in text:
            record.msg, record.args = PATH.sub(r"\1***", text), ()
        return True


logging.getLogger("werkzeug").addFilter(MaskSecret())


class CreditSmsWebhook(Controller):
    """Where providers report what became of messages, and what was answered.

    The secret in the path says who calls; where the gateway has a signing key, the body is signed, too. Whatever is
    refused leaves one line in the log and tells the caller a status, nothing else.
    """

    @route(
        "/credit_sms/<int:gateway_id>/<string:token>",
        type="http",
        auth="public",
        methods=["POST", "GET"],
        csrf=False,
        save_session=False,
        max_content_length=lambda controller: controller._get_limit(),
    )
    def receive(self, gateway_id, token, **_parameters):
        """Take what a provider tells, as JSON or (OVHcloud) in the query; repeated or old news change nothing."""
        env = request.env(user=SUPERUSER_ID)
        gateway = env["credit.sms.gateway"].browse(gateway_id if 0 < gateway_id <= LAST_ID else []).exists()
        if not gateway.active or not signature.is_same(gateway.webhook_token or "", token):
            return self._refuse(gateway_id, 403, "wrong secret")
        asked = request.httprequest
        if GATEWAYS[gateway.provider].reports_by_query != (asked.method == "GET"):
            return self._refuse(gateway_id, 405, "wrong method")
        return self._take(gateway.with_company(gateway.company_id), asked.get_data(), asked.args.to_dict())

    def _get_limit(self):
        """Return how long a body may be.

        :raise HTTPException: for one that is longer or doesn't say, before anything of it is read or looked up
        """
        length = request.httprequest.content_length
        if length is None and request.httprequest.method == "POST":
            _logger.warning("Webhook of an SMS gateway refused: of unknown length")
            raise LengthRequired
        if (length or 0) > LIMIT:
            _logger.warning("Webhook of an SMS gateway refused: too large")
            raise RequestEntityTooLarge
        return LIMIT

    def _take(self, gateway, body, query):
        provider = GATEWAYS[gateway.provider]
        if provider.signs_reports and gateway.webhook_key:
            header = request.httprequest.headers.get("X-Signature", "")
            wrong = signature.refusal(gateway.webhook_key, header, body, int(time()))
            if wrong:
                return self._refuse(gateway.id, 401, f"{wrong} signature")
        try:
            payload = query if provider.reports_by_query else json.loads(body)
            news = provider.read_news(payload if isinstance(payload, dict) else {})
        except (ValueError, RecursionError):
            return self._refuse(gateway.id, 400, "can't be read")
        known = [gateway._take_news(one) for one in news]
        if news and not any(known):
            return self._refuse(gateway.id, 404, "unknown message")
        return Response("OK", status=200, mimetype="text/plain")

    def _refuse(self, gateway_id, status, why):
        _logger.warning("Webhook of SMS gateway %s refused: %s", gateway_id, why)
        return Response("", status=status, mimetype="text/plain")
