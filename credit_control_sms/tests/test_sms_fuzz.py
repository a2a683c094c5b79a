import json
from datetime import date

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.credit_control.tests.common_fuzz import Fuzz

from .common_sms import MOBILE, CreditSmsCommon

WEBHOOK = "odoo.addons.credit_control_sms.controllers.webhook"
READER = "odoo.addons.credit_control_sms.gateways.http_json"
WORDS = (
    "events",
    "type",
    "report",
    "reply",
    "uuid",
    "id",
    "status",
    "delivered",
    "failed",
    "sent",
    "from",
    "to",
    "text",
    "detail",
)


@tagged("post_install", "-at_install")
class TestSmsFuzz(Fuzz, CreditSmsCommon, HttpCase):
    """Whatever comes in at the webhook is taken or refused; nothing of it is an error."""

    rounds = 80

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.phone = MOBILE
        cls.first.channel_ids = cls.sms
        cls._invoice(1200, date(2024, 12, 1))

    @mute_logger(WEBHOOK, READER, "odoo.http")
    def test_webhook(self):
        self.sms_sent = self._queue_sms(3)
        self._process()
        self.handed = self._get_handed(self.sms_sent)
        self.fuzz(self._try_body)

    def _try_body(self, chance):
        body = chance.choice((self._json, self._mutated, self._raw))(chance)
        token = self.gateway.webhook_token if chance.random() < 0.9 else self.text(chance).replace("/", "") or "x"
        token = token if token.isascii() else token.encode().hex()
        self.env.flush_all()
        answer = self.url_open(
            f"/credit_sms/{chance.choice((self.gateway.id, 0, 2**31))}/{token}",
            data=body,
            headers={
                "Content-Type": chance.choice(
                    (
                        "application/json",
                        "text/plain",
                        "application/x-www-form-urlencoded",
                        "multipart/form-data",
                        "multipart/form-data; boundary=x",
                    )
                )
            },
        )
        self.env.invalidate_all()
        self.assertLess(answer.status_code, 500, (body[:500], answer.text[-2000:]))
        self.assertIn(self.handed[0].state, ("sent", "delivered", "failed"))

    def _event(self, chance):
        event = {"type": chance.choice(("report", "reply", self.text(chance)))}
        known = [
            self.handed[0].uuid,
            self.handed[1].reference,
            MOBILE,
            "STOP",
            "delivered",
            "failed",
            "2026-11-22T10:00:00Z",
        ]
        for word in chance.sample(WORDS, 5):
            event[word] = chance.choice((chance.choice(known), self.value(chance)))
        return event

    def _json(self, chance):
        events = [self._event(chance) for _ in range(chance.randrange(5))]
        return json.dumps({"events": chance.choice((events, self.value(chance)))}).encode()

    def _mutated(self, chance):
        return self.mutate(chance, self._json(chance))

    def _raw(self, chance):
        return json.dumps(self.value(chance, 3)).encode() if chance.random() < 0.8 else b"[" * 20000


@tagged("post_install", "-at_install", "-standard", "faults")
class TestSmsFuzzLong(TestSmsFuzz):
    """The same for minutes."""

    allow_inherited_tests_method = True
    is_long = True
