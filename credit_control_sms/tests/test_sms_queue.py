from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.fields import Datetime
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.credit_control_sms.channels.odoo_provider import OdooProvider
from odoo.addons.credit_control_sms.core.answers import Result
from odoo.addons.credit_control_sms.gateways.abstract import Message

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
        self._get_handed(sms).attempts = 30
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

    def _report(self, **values):
        news = {"kind": "report", "uuid": "", "reference": "", "state": "delivered", "detail": ""}
        return self.gateway.sudo()._take_news(type("News", (), {**news, **values}))

    def test_report_before_the_answer_by_the_providers_name(self):
        """Only the answer tells which message it is about: it is kept until then, and not for ever."""
        sms = self._queue_sms()
        handed = self.env["credit.sms.delivery"].sudo()._claim(self.gateway, sms)
        early = self.env["credit.sms.early.report"].sudo()
        for _twice in range(2):
            self.assertTrue(self._report(reference="late-1"))
        self.assertEqual(len(early.search([])), 1)
        handed._conclude([Result(sms.uuid, "sent", reference="late-1")])
        self.assertEqual((handed.state, sms.state, early.search([])), ("delivered", "sent", early))
        self.assertFalse(self._report(reference="unknown"))

    def test_report_in_the_moment_of_the_answer(self):
        """Who wrote the answer down hasn't seen the report yet: the next run finds them together."""
        sms = self._queue_sms()
        handed = self.env["credit.sms.delivery"].sudo()._claim(self.gateway, sms)
        handed._conclude([Result(sms.uuid, "sent", reference="late-1")])
        early = self.env["credit.sms.early.report"].sudo()
        early.create({"gateway_id": self.gateway.id, "reference": "late-1", "state": "failed", "detail": "off"})
        early.create({"gateway_id": self.gateway.id, "reference": "nobody", "state": "delivered"})
        self._process()
        self.assertEqual((handed.state, handed.detail, early.search([]).reference), ("failed", "off", "nobody"))
        self.cr.execute("UPDATE credit_sms_early_report SET create_date = create_date - interval '2 days'")
        self.env.invalidate_all()
        early._gc_old()
        self.assertFalse(early.search([]))

    def test_neutralized_database_sends_nothing(self):
        sms = self._queue_sms(2)
        for query in get_neutralization_queries(["credit_control_sms"]):
            self.cr.execute(query)
        self.env.invalidate_all()
        self.assertFalse(self.gateway.active)
        secrets = ("token", "application_key", "application_secret", "consumer_key", "webhook_token", "webhook_key")
        self.assertFalse(any(self.gateway[name] for name in (*secrets, "url", "body")))
        # Even where somebody sets it up again in the copy.
        self.env["ir.config_parameter"].sudo().set_param("database.is_neutralized", "true")
        self.gateway.write({"active": True, "url": self.fake.url})
        self._process()
        sms.send()
        self._process()
        self.assertEqual((self.fake.requests, set(sms.mapped("state"))), ([], {"outgoing"}))

    def test_general_failures_are_tried_for_a_day(self):
        self.fake.plan = lambda message: 402
        sms = self._queue_sms()
        self._process()
        for attempts, state in ((29, "outgoing"), (30, "error")):
            self._get_handed(sms).attempts = attempts
            sms.credit_retry_at = False
            self._process()
            self.assertEqual(sms.state, state)
        self.assertEqual(sms.failure_type, "sms_credit")

    def test_ovhcloud_is_asked_what_it_does_not_tell(self):
        self.gateway.active = False
        ovh = self._new_ovh(self.company)
        ovh.url = self.fake.url
        self.fake.plan = lambda message: "drop"
        sms = self._queue_sms()
        self._process()
        handed = self._get_handed(sms)
        self.assertEqual(handed.state, "uncertain")
        base = "/sms/sms-ab12345-1"
        self.fake.pages |= {
            f"{base}/incoming": [8],
            f"{base}/incoming/8": {"id": 8, "sender": "+33698765432", "message": "STOP", "tag": ""},
            f"{base}/blacklists": ["+33611111111"],
            f"{base}/outgoing?tag={sms.uuid[:20]}": [26929925],
            f"{base}/outgoing/26929925": {"id": 26929925, "deliveryReceipt": 1, "ptt": 4},
        }
        for _twice in range(2):
            self.env["credit.sms.gateway"]._cron_ask()
        self.assertEqual((handed.state, sms.state), ("delivered", "sent"))
        replies = self.env["credit.sms.reply"].search([("gateway_id", "=", ovh.id)])
        self.assertEqual(sorted(replies.mapped("number")), ["+33611111111", "+33698765432"])
        stopped = self.env["phone.blacklist"].search([("number", "in", replies.mapped("number"))])
        self.assertEqual(len(stopped), 2)

    def test_a_provider_that_cannot_be_asked_is_logged_once(self):
        ovh = self._new_ovh(self.company)
        ovh.url = self.fake.url
        with self.assertLogs("odoo.addons.credit_control_sms.models.credit_sms_gateway", "WARNING") as caught:
            self.env["credit.sms.gateway"]._cron_ask()
        self.assertEqual(len(caught.output), 1)
        self.assertIn("HTTP 404", caught.output[0])

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
        self.assertIn("0.15 of 0.10", str(self.gateway.activity_ids.note))

    def test_budget_warning_reaches_the_credit_management(self):
        self.company.write({"credit_sms_budget": 0.06, "credit_management_user_id": self.manager.id})
        self._queue_sms()
        self._process()
        activity = self.gateway.activity_ids
        self.assertEqual(activity.user_id, self.manager)
        self.assertTrue(activity.with_user(self.manager).res_name)

    def test_bad_set_up_is_refused(self):
        for values in (
            {"url": "http://sms.example.com"},
            {"url": "https://user:secret@sms.example.com"},
            {"url": False},
            {"sender_name": "Much too long a name"},
            {"body": '{"x": "{{ token }}"}'},
            {"body": "{{ text }}"},
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


@tagged("post_install", "-at_install")
class TestOdooProvider(CreditSmsCommon):
    """What Odoo's own providers answer, read for a reminder."""

    def _send(self, answer):
        class Api:
            PROVIDER_TO_SMS_FAILURE_TYPE = {"wrong_number_format": "sms_number_format"}

            def __init__(self, env):
                self.env = env

            def _set_company(self, company):
                self.company = company

            def _send_sms_batch(self, messages, delivery_reports_url=False):
                if isinstance(answer, Exception):
                    raise answer
                return [{"uuid": one["uuid"], **answer} for message in messages for one in message["numbers"]]

        with patch.object(type(self.company), "_get_sms_api_class", lambda company: Api):
            [result] = OdooProvider(self.company, "https://odoo.example.com/sms/status").send(
                [Message("0" * 32, "+33612345678", "Please pay")]
            )
        return result.state, result.failure, result.is_general

    def test_each_state(self):
        cases = {
            "success": ("sent", "", False),
            "processing": ("sent", "", False),
            "delivered": ("delivered", "", False),
            # Odoo's Twilio says so of a time-out: it may have left.
            "server_error": ("uncertain", "sms_uncertain", False),
            "insufficient_credit": ("retry", "sms_credit", True),
            "unregistered": ("retry", "sms_acc", True),
            "wrong_number_format": ("failed", "sms_number_format", False),
            "country_not_supported": ("failed", "unknown", False),
        }
        self.assertEqual({state: self._send({"state": state}) for state in cases}, cases)

    def test_a_call_that_breaks_off_may_have_left(self):
        self.assertEqual(self._send(ValueError("account AC123 secret")), ("uncertain", "sms_uncertain", False))
