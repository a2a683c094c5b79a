import json
import logging
from datetime import date
from time import time

from odoo.tests import HttpCase, tagged

from odoo.addons.credit_control_sms.controllers.webhook import MaskSecret
from odoo.addons.credit_control_sms.core import signature

from .common_sms import MOBILE, CreditSmsCommon

LOGGER = "odoo.addons.credit_control_sms.controllers.webhook"


@tagged("post_install", "-at_install")
class TestSmsWebhook(CreditSmsCommon, HttpCase):
    """Reports and answers: taken once, refused quietly."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.phone = MOBILE
        cls.first.channel_ids = cls.sms
        cls._invoice(1200, date(2024, 12, 1))

    def _post(self, body, token=None, **headers):
        path = f"/credit_sms/{self.gateway.id}/{token or self.gateway.webhook_token}"
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        self.env.flush_all()
        answer = self.url_open(path, data=body, headers={"Content-Type": "application/json", **headers})
        self.env.invalidate_all()
        return answer

    def _refused(self, status, *args, **kwargs):
        """Assert that a call is refused with ``status``, one line in the whole log and nothing told."""
        with self.assertLogs("odoo", logging.WARNING) as caught:
            answer = self._post(*args, **kwargs)
        self.assertEqual(answer.status_code, status)
        self.assertEqual([record.name for record in caught.records], [LOGGER], caught.output)
        self.assertNotIn("Traceback", answer.text)
        self.assertNotIn(self.gateway.webhook_token, caught.output[0])

    def _report(self, status, **values):
        return {"events": [{"type": "report", "status": status, **values}]}

    def _send_one(self):
        sms = self._queue_sms()
        self._process()
        return sms, self._get_handed(sms)

    def test_delivered_by_uuid_and_by_reference_twice(self):
        sms, handed = self._send_one()
        self.assertEqual(self._post(self._report("delivered", uuid=sms.uuid)).status_code, 200)
        self.assertEqual(handed.state, "delivered")
        moment = handed.outcome_at
        self.assertEqual(self._post(self._report("delivered", id=handed.reference)).status_code, 200)
        self.assertEqual(self._post(self._report("failed", id=handed.reference)).status_code, 200)
        self.assertEqual((handed.state, handed.outcome_at), ("delivered", moment))

    def test_ovhcloud_calls_by_get(self):
        self.gateway = self._new_ovh(self.company)
        self.gateway.sequence = 0
        self.gateway.url = self.fake.url
        self.fake.answer = lambda message, number: {"ids": [26929925], "validReceivers": message["receivers"]}
        sms, handed = self._send_one()
        self.assertEqual(handed.reference, "26929925")
        path = f"/credit_sms/{self.gateway.id}/{self.gateway.webhook_token}"
        query = "id={}&ptt=4&date=2026-11-20&description=1&descriptionDlr=Success"
        with self.assertLogs(LOGGER, logging.WARNING) as caught:
            self.assertEqual(self.url_open(f"{path}?{query.format(1)}").status_code, 404)
            self.assertEqual(self.url_open(f"{path}?id=26929925").status_code, 400)
            self.assertEqual(self._post(self._report("delivered", uuid=sms.uuid)).status_code, 405)
            self.assertEqual(self.url_open(f"{path}x?{query.format(26929925)}").status_code, 403)
        self.assertEqual(len(caught.records), 4)
        self.assertEqual(handed.state, "sent")
        for _twice in range(2):
            self.assertEqual(self.url_open(f"{path}?{query.format(26929925)}").status_code, 200)
        self.env.invalidate_all()
        self.assertEqual((handed.state, sms.state), ("delivered", "sent"))

    def test_get_tells_others_nothing(self):
        path = f"/credit_sms/{self.gateway.id}/{self.gateway.webhook_token}"
        with self.assertLogs(LOGGER, logging.WARNING):
            self.assertEqual(self.url_open(path).status_code, 405)

    def test_the_web_servers_log_hides_the_secret(self):
        record = logging.LogRecord(
            "werkzeug", logging.INFO, "", 0, '"GET /credit_sms/3/%s?id=1 HTTP/1.1" 200', ("very-secret",), None
        )
        self.assertTrue(MaskSecret().filter(record))
        self.assertEqual(record.getMessage(), '"GET /credit_sms/3/***?id=1 HTTP/1.1" 200')
        self.assertTrue(any(isinstance(one, MaskSecret) for one in logging.getLogger("werkzeug").filters))

    def test_refused(self):
        sms, handed = self._send_one()
        self._refused(403, self._report("delivered", uuid=sms.uuid), token="wrong")
        self._refused(404, self._report("delivered", uuid="0" * 32))
        self._refused(400, b"{not json")
        self._refused(400, b"[" * 100000)
        self._refused(400, self._report("no such status", uuid=sms.uuid))
        self.assertEqual(handed.state, "sent")

    def test_gateway_that_there_is_not(self):
        for number in (0, 2**31 - 1, 2**31, 10**30):
            with self.assertLogs("odoo", logging.WARNING) as caught:
                self.assertEqual(self.url_open(f"/credit_sms/{number}/x", data=b"{}").status_code, 403)
            self.assertEqual([record.name for record in caught.records], [LOGGER])

    def test_archived_gateway_is_deaf(self):
        sms, handed = self._send_one()
        self.gateway.active = False
        self._refused(403, self._report("delivered", uuid=sms.uuid))
        self.assertEqual(handed.state, "sent")

    def test_words_that_no_database_takes(self):
        sms, handed = self._send_one()
        self.assertEqual(self._post(self._report("failed", uuid=sms.uuid, error="o\0ff\ud800")).status_code, 200)
        self.assertEqual((handed.state, handed.detail), ("failed", "off?"))
        self.assertEqual(self._reply("Pay\0é \udfff", number="+33698765432").status_code, 200)
        self.assertEqual(self.env["credit.sms.reply"].search([]).text, "Payé ?")

    def test_noise_of_unknown_length(self):
        """In chunks: nothing of it is read."""
        self._refused(411, (b"\xff" * 10_000 for _chunk in range(1000)))
        self._refused(411, (b"{}" for _chunk in range(1)), token="wrong")

    def test_noise_with_a_wrong_secret_is_logged_once(self):
        self._refused(413, b"\xff" * 10_000_000, token="wrong")

    def test_ten_megabytes_of_noise(self):
        self._refused(413, b"\xff" * 10_000_000)
        self._refused(413, b"\xff" * 10_000_000, **{"Content-Type": "application/octet-stream"})
        self._refused(413, b"a=" + b"b" * 10_000_000, **{"Content-Type": "application/x-www-form-urlencoded"})

    def test_signature(self):
        self.gateway.webhook_key = "signing-key"
        sms, handed = self._send_one()
        body = json.dumps(self._report("delivered", uuid=sms.uuid)).encode()
        self._refused(401, body)
        self._refused(401, body, **{"X-Signature": signature.sign("other", int(time()), body)})
        self._refused(401, body, **{"X-Signature": signature.sign("signing-key", int(time()) - 3600, body)})
        self.assertEqual(handed.state, "sent")
        good = signature.sign("signing-key", int(time()), body)
        self.assertEqual(self._post(body, **{"X-Signature": good}).status_code, 200)
        self.assertEqual(handed.state, "delivered")

    def test_no_secret_in_any_log(self):
        """Of this application or of its web server: an answer repeats the key, calls have the secret or nearly."""
        self.gateway.webhook_key = "signing-key"
        self.fake.plan = lambda message: 422
        token = self.gateway.webhook_token
        self.fake.refusals[422] = {"error": f"Bearer very-secret signing-key {token}"}
        with self.assertLogs(level=logging.INFO) as caught:
            sms, handed = self._send_one()
            for secret in (token, f"{token}x"):
                self._post(self._report("delivered", uuid=sms.uuid), token=secret)
        logs = "".join(caught.output)
        self.assertIn("/credit_sms/", logs)
        for secret in ("very-secret", "signing-key", token):
            self.assertNotIn(secret, logs)
        self.assertNotIn("very-secret", handed.detail)
        self.assertNotIn(token, handed.detail)

    def test_signing_key_of_another_provider_is_not_asked_for(self):
        """OVHcloud can't sign: a key that was left over from another provider doesn't shut it out."""
        self.gateway = self._new_ovh(self.company)
        self.gateway.write({"sequence": 0, "url": self.fake.url, "webhook_key": "left over"})
        self.fake.answer = lambda message, number: {"ids": [7], "validReceivers": message["receivers"]}
        _sms, handed = self._send_one()
        path = f"/credit_sms/{self.gateway.id}/{self.gateway.webhook_token}?id=7&description=1"
        self.assertEqual(self.url_open(path).status_code, 200)
        self.env.invalidate_all()
        self.assertEqual(handed.state, "delivered")

    def test_another_gateway_reports_nothing_of_ours(self):
        sms, handed = self._send_one()
        mine, self.gateway = self.gateway, self._new_gateway(self.company)
        self._refused(404, self._report("delivered", uuid=sms.uuid))
        self.gateway = mine
        self.assertEqual(handed.state, "sent")

    def _remind(self):
        run = self._plan(date(2024, 12, 20))
        run.action_approve()
        run.notice_ids.with_user(self.collector)._send_now()
        return run.notice_ids

    def _reply(self, text, reference="in-1", number=MOBILE):
        return self._post({"events": [{"type": "reply", "id": reference, "from": number, "text": text}]})

    def test_stop(self):
        notice = self._remind()
        self.assertEqual(self._reply("STOP").status_code, 200)
        self.assertEqual(self.env["phone.blacklist"].search([("number", "=", MOBILE)]).number, MOBILE)
        reply = self.env["credit.sms.reply"].search([])
        self.assertEqual((reply.debtor_id, reply.is_stop), (notice.debtor_id, True))
        self.assertFalse(self.env["credit.dunning.pause"].search([("partner_id", "=", self.customer.id)]))

    def test_an_answer_pauses_and_asks_once(self):
        notice = self._remind()
        self._reply("I paid yesterday <script>alert(1)</script>")
        self._reply("I paid yesterday <script>alert(1)</script>")
        self.assertEqual(len(self.env["credit.sms.reply"].search([])), 1)
        self.assertEqual(len(self.env["credit.dunning.pause"].search([("partner_id", "=", self.customer.id)])), 1)
        self.assertEqual(len(notice.debtor_id.activity_ids), 1)
        self.assertEqual(notice.state, "delivered")
        self.assertFalse(self.env["phone.blacklist"].search([("number", "=", MOBILE)]))
        messages = notice.debtor_id.message_ids.filtered(lambda message: "yesterday" in (message.body or ""))
        self.assertEqual(len(messages), 1)
        self.assertNotIn("<script", messages.body)

    def test_an_answer_is_answered_by_no_sms(self):
        """Not even where the customer follows their card."""
        notice = self._remind()
        notice.debtor_id.message_subscribe(self.customer.ids)
        self._reply("I paid yesterday")
        self._reply("STOP", reference="in-2")
        self.assertFalse(self.env["sms.sms"].search([("state", "=", "outgoing")]))
        self.assertEqual(len(self.fake.taken), 1)

    def test_stop_of_something_that_is_no_number(self):
        self.assertEqual(self._reply("STOP", number="36111").status_code, 200)
        self.assertEqual(self.env["credit.sms.reply"].search([]).number, "+36111")

    def test_stop_in_its_usual_forms(self):
        for place, text in enumerate(("Stop.", "ARRÊT", "stop sms", "STOP au 36111", "unsubscribe", "Désabonnement")):
            number = f"+3361234567{place}"
            self._reply(text, reference=f"in-{place}", number=number)
            self.assertTrue(self.env["phone.blacklist"].search([("number", "=", number)]), text)

    def test_answer_of_nobody_known(self):
        self.assertEqual(self._reply("Hello", number="+33698765432").status_code, 200)
        self.assertFalse(self.env["credit.sms.reply"].search([]).debtor_id)
