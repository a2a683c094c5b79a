from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

import requests

from odoo.tests import HttpCase, tagged

from .common_sms import MOBILE, CreditSmsCommon

SID = "AC12345678987654321234567898765432"
# As the manual of Twilio prints them.
ACCEPTED = {"account_sid": SID, "error_code": None, "error_message": None, "num_segments": "1", "status": "queued"}
WRONG_NUMBER = {"code": 21211, "message": "Invalid 'To' Phone Number", "status": 400}


class Answer:
    """What Twilio answers."""

    def __init__(self, status, body):
        self.status_code, self.body = status, body
        self.ok = status < 400

    def json(self):
        """As in requests."""
        return self.body


@tagged("post_install", "-at_install", "-standard", "twilio")
class TestSmsTwilio(CreditSmsCommon, HttpCase):
    """Reminders through Odoo's own addon for Twilio. Run by tests/e2e/sms, which installs that addon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway.active = False
        cls.company.write(
            {"sms_provider": "twilio", "sms_twilio_account_sid": SID, "sms_twilio_auth_token": "very-secret"}
        )
        cls.env["sms.twilio.number"].create(
            {"company_id": cls.company.id, "number": "+33700000000", "country_id": cls.env.ref("base.fr").id}
        )
        cls.first.channel_ids = cls.sms
        cls.customer.phone = MOBILE
        cls._invoice(1200, date(2024, 12, 1))

    @contextmanager
    def _twilio(self, *answers):
        """Let Twilio answer each request; what was asked stands in ``self.asked``."""
        self.asked, waiting = [], list(answers)

        def post(session, url, data, auth, timeout):
            self.asked.append((url, data))
            answer = waiting.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        with patch("odoo.addons.sms_twilio.tools.sms_api.requests.Session.post", post):
            yield

    def _remind(self, answer):
        run = self._plan(date(2024, 12, 20))
        run.action_approve()
        with self._twilio(answer):
            run.notice_ids.with_user(self.collector)._send_now()
        self.env.flush_all()
        return run.notice_ids

    def _report(self, notice, status, **more):
        from odoo.addons.sms_twilio.tools.sms_twilio import generate_twilio_sms_callback_signature

        uuid = self._get_row(notice).uuid
        form = {"SmsSid": "SM1", "SmsStatus": status, "MessageStatus": status, "To": MOBILE, **more}
        signature = generate_twilio_sms_callback_signature(self.company, uuid, form)
        self.env.flush_all()
        answer = self.url_open(f"/sms_twilio/status/{uuid}", data=form, headers={"X-Twilio-Signature": signature})
        self.env.invalidate_all()
        return answer

    def _get_row(self, notice):
        return self.env["credit.sms.delivery"].sudo().search([("notice_id", "=", notice.id)])

    def test_sent_and_delivered(self):
        notice = self._remind(Answer(201, {**ACCEPTED, "sid": "SM1"}))
        self.assertEqual(notice.state, "sent")
        [(url, data)] = self.asked
        self.assertIn(SID, url)
        self.assertEqual((data["To"], data["From"]), (MOBILE, "+33700000000"))
        tracker = self.env["sms.tracker"].sudo().search([("sms_uuid", "=", self._get_row(notice).uuid)])
        self.assertEqual(tracker.sms_twilio_sid, "SM1")
        self.assertEqual(self._report(notice, "delivered").status_code, 200)
        self.assertEqual((notice.state, self._get_row(notice).state), ("delivered", "delivered"))

    def test_not_delivered_comes_back(self):
        notice = self._remind(Answer(201, {**ACCEPTED, "sid": "SM1"}))
        self._report(notice, "undelivered", ErrorCode="30003", ErrorMessage="Unreachable destination handset")
        self.assertEqual((notice.state, notice.reason), ("bounced", "bounce"))

    def test_wrong_number(self):
        notice = self._remind(Answer(400, WRONG_NUMBER))
        self.assertEqual((notice.state, notice.reason), ("failed", "bounce"))
        self.assertIn("Invalid 'To'", notice.detail)

    def test_time_out_may_have_left(self):
        notice = self._remind(requests.exceptions.ReadTimeout("very-secret"))
        self.assertEqual((notice.state, notice.reason), ("uncertain", "interrupted"))
        self.assertNotIn("very-secret", notice.detail or "")

    def test_one_queue_with_a_gateway_of_ours(self):
        other = self.env["res.company"].create({"name": "Other company"})
        with self._other_gateway(other) as (fake, _gateway):
            mine, theirs = self._queue_sms(2), self._queue_sms(3, company=other)
            with self._twilio(*[Answer(201, {**ACCEPTED, "sid": f"SM{number}"}) for number in range(2)]):
                self._process()
            self.assertEqual((len(self.asked), len(fake.taken)), (2, 3))
        self.assertEqual(set((mine + theirs).mapped("state")), {"pending"})
