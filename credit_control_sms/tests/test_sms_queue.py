from odoo.exceptions import ValidationError
from odoo.fields import Datetime
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.credit_control_sms.core.answers import Result

from .common_sms import CreditSmsCommon


@tagged("post_install", "-at_install")
class TestSmsQueue(CreditSmsCommon):
    """Odoo's queue of SMS, through own gateways."""

    def test_french_amount_leaves_as_one_part(self):
        sms = self._queue_sms(body="Facture de 1\u202f200,00\u00a0€ : merci de régler d’ici vendredi")
        self._process()
        [taken] = self.fake.taken
        self.assertEqual(taken["text"], "Facture de 1 200,00 EUR : merci de régler d'ici vendredi")
        self.assertEqual((taken["to"], taken["from"]), ("+33612345600", "Exemple"))
        handed = self._get_handed(sms)
        self.assertEqual((handed.parts, handed.cost, handed.state, handed.reference), (1, 0.05, "sent", "fake-1"))
        self.assertEqual((sms.state, sms.to_delete), ("pending", True))
        self.assertEqual(self.fake.headers[0]["Authorization"], "Bearer very-secret")
        self.assertEqual(self.fake.headers[0]["Idempotency-Key"], sms.uuid)

    def test_two_companies_and_two_gateways_in_one_queue(self):
        other = self.env["res.company"].create({"name": "Other company"})
        with self._other_gateway(other) as (second, _gateway):
            mine, theirs = self._queue_sms(3), self._queue_sms(2, company=other, body="Theirs")
            self._process()
            self.assertEqual([one["text"] for one in self.fake.taken], ["Please pay"] * 3)
            self.assertEqual([one["text"] for one in second.taken], ["Theirs"] * 2)
        self.assertEqual(set((mine + theirs).mapped("state")), {"pending"})
        self.assertEqual(self._get_handed(theirs).company_id, other)

    def test_company_without_gateway_is_left_to_odoo(self):
        other = self.env["res.company"].create({"name": "Company without gateway"})
        mine, theirs = self._queue_sms(), self._queue_sms(company=other)
        with mute_logger("odoo.addons.sms.models.sms_sms"):
            self._process()
        self.assertEqual(mine.state, "pending")
        # Odoo's provider can't be reached inside a test.
        self.assertEqual((theirs.state, theirs.failure_type), ("error", "sms_server"))
        self.assertFalse(self._get_handed(theirs))

    def test_a_click_leaves_it_to_the_queue(self):
        sms = self._queue_sms()
        sms.send()
        self.assertEqual((sms.state, self.fake.taken), ("outgoing", []))

    def test_one_bad_message_does_not_harm_the_others(self):
        self.fake.plan = lambda message: 422 if message["to"].endswith("01") else None
        sms = self._queue_sms(4)
        self._process()
        self.assertEqual(sms.mapped("state"), ["pending", "error", "pending", "pending"])
        self.assertEqual(sms[1].failure_type, "sms_rejected")
        self.assertIn("HTTP 422", self._get_handed(sms[1]).detail)

    def test_what_may_have_left_is_uncertain_and_not_sent_again(self):
        self.fake.plan = lambda message: "drop"
        sms = self._queue_sms()
        self._process()
        self.assertEqual((sms.state, sms.failure_type), ("error", "sms_uncertain"))
        self.assertEqual(self._get_handed(sms).state, "uncertain")
        self._process()
        self.assertEqual(len(self.fake.taken), 1)

    def test_with_a_key_it_is_sent_again_with_the_same_key(self):
        self.gateway.has_key = True
        self.fake.plan = lambda message: "drop" if not self.fake.taken else None
        sms = self._queue_sms()
        self._process()
        self.assertEqual(sms.state, "outgoing")
        sms.credit_retry_at = False
        self._process()
        self.assertEqual(sms.state, "pending")
        self.assertEqual({header["Idempotency-Key"] for header in self.fake.headers}, {sms.uuid})

    def test_too_many_requests_wait_as_asked(self):
        self.fake.plan = lambda message: 429
        self.fake.answer_headers = {"Retry-After": "600"}
        self.gateway.connections = 1
        sms = self._queue_sms(3)
        start = Datetime.now()
        self._process()
        self.assertEqual(set(sms.mapped("state")), {"outgoing"})
        self.assertGreaterEqual((sms[0].credit_retry_at - start).total_seconds(), 599)
        self.assertEqual(set(self._get_handed(sms).mapped("state")), {"waiting"})
        self._process()
        self.assertEqual(self._get_handed(sms).mapped("attempts"), [1, 1, 1])

    def test_credit_exhausted_and_unreachable_are_tried_again_then_given_up(self):
        for plan in (402, 401, 503):
            self.fake.plan = lambda message, plan=plan: plan
            sms = self._queue_sms()
            self._process()
            self.assertEqual(sms.state, "outgoing", plan)
            sms.unlink()
        self.gateway.url = "http://127.0.0.1:9"
        sms = self._queue_sms()
        self._process()
        self.assertEqual(sms.state, "outgoing")
        self._get_handed(sms).attempts = 7
        sms.credit_retry_at = False
        self._process()
        self.assertEqual((sms.state, sms.failure_type), ("error", "sms_server"))

    def test_left_behind_by_a_sender_that_died(self):
        sms = self._queue_sms(2)
        handed = self.env["credit.sms.delivery"].sudo()
        handed._claim(self.gateway, sms)
        self.assertEqual(set(sms.mapped("state")), {"process"})
        self._process()
        self.assertEqual(set(self._get_handed(sms).mapped("state")), {"uncertain"})
        self.assertEqual(self.fake.taken, [])
        sms.resend_failed()
        self._process()
        self.assertEqual(set(sms.mapped("state")), {"pending"})

    def test_report_before_the_answer(self):
        """Delivered stays delivered, whatever the late answer says."""
        sms = self._queue_sms()
        handed = self.env["credit.sms.delivery"].sudo()._claim(self.gateway, sms)
        handed._record("delivered")
        handed._conclude([Result(sms.uuid, "sent", reference="late-1")])
        self.assertEqual((handed.state, handed.reference, sms.state), ("delivered", "late-1", "sent"))

    def test_budget_warns_once(self):
        self.company.credit_sms_budget = 0.1
        self._queue_sms(1)
        self._process()
        self.assertFalse(self.gateway.activity_ids)
        self._queue_sms(2)
        self._process()
        self._queue_sms(1)
        self._process()
        self.assertEqual(len(self.gateway.activity_ids), 1)

    def test_bad_set_up_is_refused(self):
        for values in (
            {"url": "http://sms.example.com"},
            {"url": "https://user:secret@sms.example.com"},
            {"url": False},
            {"sender_name": "Much too long a name"},
            {"body": '{"x": "{{ token }}"}'},
        ):
            with self.assertRaises(ValidationError):
                self.gateway.write(values)

    def test_sender_by_country(self):
        self.gateway.write(
            {
                "sender_number": "+33700000000",
                "sender_ids": [(0, 0, {"country_id": self.env.ref("base.de").id, "name": "ExempleDE"})],
            }
        )
        senders = {number: self.gateway._get_sender(number) for number in ("+33612345678", "+4915112345678")}
        self.assertEqual(senders, {"+33612345678": "Exemple", "+4915112345678": "ExempleDE"})
        self.assertEqual(self.gateway._get_sender("+34612345678"), "+33700000000")
