from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.fields import Datetime
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.credit_control.models.company_day import company_today
from odoo.addons.credit_control_sms.channels.odoo_provider import OdooProvider
from odoo.addons.credit_control_sms.core.answers import Result
from odoo.addons.credit_control_sms.gateways.abstract import Gateway, Message
from odoo.addons.iap.tools.iap_tools import InsufficientCreditError

from .common_sms import CreditSmsCommon
from .fake_gateway import FakeGateway


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

    def test_sms_of_odoos_provider_are_committed_before_another_companys_turn(self):
        """Which may have to be repeated, and would take back what is known of them: they would leave twice."""
        other = self.env["res.company"].create({"name": "Company without gateway"})
        self._queue_sms(company=other)
        self._queue_sms()
        steps, sender = [], type(self.env["credit.dunning.notice"])
        own_transaction, hand_over = sender._own_transaction, type(self.env["sms.sms"])._send_with_api

        @contextmanager
        def note_end(notices):
            with own_transaction(notices):
                yield
            steps.append("committed")

        def note_call(sms, *args, **kwargs):
            steps.append("handed over")
            return hand_over(sms, *args, **kwargs)

        with (
            patch.object(sender, "_own_transaction", note_end),
            patch.object(type(self.env["sms.sms"]), "_send_with_api", note_call),
            mute_logger("odoo.addons.sms.models.sms_sms"),
        ):
            self._process()
        self.assertEqual(steps, ["handed over", "committed", "committed", "committed"])
        self.assertEqual(len(self.fake.taken), 1)

    def test_a_provider_that_breaks_keeps_no_other_companys_from_leaving(self):
        """Whatever is wrong with it. What hadn't been begun waits; what may have left is uncertain."""
        other = self.env["res.company"].create({"name": "Other company"})
        logger = "odoo.addons.credit_control_sms.models.sms_sms"
        with self._other_gateway(other) as (second, gateway):
            for place, (method, state) in enumerate((("_open", "outgoing"), ("send", "error"))):
                mine, theirs = self._queue_sms(2), self._queue_sms(2, company=other)
                with self._break(method), self.assertLogs(logger, "ERROR") as caught:
                    self._process()
                self.assertEqual((len(caught.output), "very-secret" in caught.output[0]), (1, False))
                self.assertEqual((set(theirs.mapped("state")), len(second.taken)), ({"pending"}, 2 * place + 2))
                self.env["credit.sms.delivery"].sudo()._sweep()
                self.assertEqual((set(mine.mapped("state")), self.fake.taken), ({state}, []))
                mine.unlink()

    @contextmanager
    def _break(self, method):
        """Let ``method`` break for the gateway of the company."""
        owner = type(self.gateway) if method == "_open" else Gateway
        real, url = getattr(owner, method), self.fake.url

        def broken(gateway, *args):
            if (gateway.url if method == "_open" else gateway.settings.url) == url:
                raise RuntimeError("broken")
            return real(gateway, *args)

        with patch.object(owner, method, broken):
            yield

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

    def test_an_sms_of_any_app_leaves_through_the_gateway(self):
        """Odoo's own notification of it follows to the end."""
        self.customer.phone = "+33612345678"
        message = self.customer.with_company(self.company)._message_sms("Your order is ready")
        self.assertEqual(self.fake.taken, [])
        self._process()
        [taken] = self.fake.taken
        self.assertEqual((taken["to"], taken["text"]), ("+33612345678", "Your order is ready"))
        notification = message.notification_ids
        self.assertEqual(notification.notification_status, "pending")
        self.env["credit.sms.delivery"].sudo().search([("uuid", "=", taken["reference"])])._take_report("delivered", "")
        self.assertEqual(notification.notification_status, "sent")

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

    def test_while_nothing_gets_through_one_is_tried(self):
        """Not each batch of the queue anew; nor what is queued meanwhile, where the gateway asked to be left alone."""
        self.gateway.connections = 1
        self.fake.plan = lambda message: 503
        with patch("odoo.addons.credit_control_sms.models.sms_sms.BATCH", 2):
            sms = self._queue_sms(5)
            self._process()
        self.assertEqual((len(self.fake.requests), set(sms.mapped("state"))), (1, {"outgoing"}))
        self.assertEqual(set(self._get_handed(sms).mapped("attempts")), {1})
        self.fake.answer_headers = {"Retry-After": "600"}
        self._queue_sms()
        self._process()
        self.assertEqual(len(self.fake.requests), 2)
        self._queue_sms()
        self._process()
        self.assertEqual(len(self.fake.requests), 2)
        self.fake.plan = lambda message: None
        self.gateway.not_before = Datetime.now() - timedelta(seconds=1)
        sms.credit_retry_at = False
        self._process()
        self.assertEqual(set(sms.mapped("state")), {"pending"})

    def test_send_now_does_not_wait_for_the_next_try(self):
        self.fake.plan = lambda message: 503
        sms = self._queue_sms()
        self._process()
        self.fake.plan = lambda message: None
        sms.send()
        self._process()
        self.assertEqual(sms.state, "pending")

    def test_who_sets_it_up_anew_needs_not_wait(self):
        self.gateway.not_before = Datetime.now() + timedelta(hours=1)
        self.gateway.token = "Bearer new"
        self._queue_sms()
        self._process()
        self.assertEqual(len(self.fake.taken), 1)

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

    def test_words_that_no_database_takes_harm_no_other(self):
        """One answer with a NUL in it must not lose what became of the rest of the batch."""
        self.fake.plan = lambda message: 422 if message["to"].endswith("01") else None
        self.fake.refusals[422] = b"no\0such number"
        self.fake.answer = lambda message, number: {"id": f"m\0-{message['to'][-2:]}"}
        sms = self._queue_sms(3)
        self._process()
        self.assertEqual(sms.mapped("state"), ["pending", "error", "pending"])
        self.assertEqual(self._get_handed(sms).mapped("reference"), ["m-00", False, "m-02"])
        self.assertIn("nosuch number", self._get_handed(sms[1]).detail)

    def test_wrong_address_fails_nothing_for_good(self):
        self.fake.plan = lambda message: 404
        sms = self._queue_sms(2)
        self._process()
        self.assertEqual(set(sms.mapped("state")), {"outgoing"})
        self.fake.plan = lambda message: None
        sms.credit_retry_at = False
        self._process()
        self.assertEqual(set(sms.mapped("state")), {"pending"})

    def _break_off_with_key(self):
        """Return an SMS that may have left, and waits to be repeated under its key."""
        self.gateway.has_key = True
        self.fake.plan = lambda message: "drop"
        sms = self._queue_sms()
        self._process()
        self.fake.plan = lambda message: None
        self.assertEqual((sms.state, self._get_handed(sms).is_open), ("outgoing", True))
        sms.credit_retry_at = False
        return sms

    def test_what_may_have_left_goes_through_no_other_gateway(self):
        """Which doesn't know its key: a person decides, and then it goes once."""
        sms = self._break_off_with_key()
        with FakeGateway() as second:
            self._new_gateway(self.company, url=second.url, has_key=True, sequence=1)
            self._process()
            self.assertEqual((sms.state, sms.failure_type, second.taken), ("error", "sms_uncertain", []))
            self.assertEqual(self._get_handed(sms).state, "uncertain")
            sms.resend_failed()
            self._process()
            self.assertEqual((sms.state, len(second.taken)), ("pending", 1))
        self.assertEqual(len(self.fake.taken), 1)

    def test_what_may_have_left_waits_for_a_person_where_the_promise_was_taken_back(self):
        sms = self._break_off_with_key()
        self.gateway.has_key = False
        self._process()
        self.assertEqual((sms.state, sms.failure_type, len(self.fake.taken)), ("error", "sms_uncertain", 1))

    def test_refused_or_given_up_after_it_may_have_left_is_uncertain(self):
        for plan, attempts in ((422, 1), ("drop", 7)):
            sms = self._break_off_with_key()
            self._get_handed(sms).attempts = attempts
            self.fake.plan = lambda message, plan=plan: plan
            self._process()
            self.assertEqual((sms.state, self._get_handed(sms).state), ("error", "uncertain"), plan)

    def test_person_starts_afresh(self):
        """After all tries were used up, a person's own gets as many again."""
        self.fake.plan = lambda message: 503
        sms = self._queue_sms()
        self._process()
        self._get_handed(sms).attempts = 30
        sms.credit_retry_at = False
        self._process()
        self.assertEqual(sms.state, "error")
        sms.resend_failed()
        self._process()
        self.assertEqual((sms.state, self._get_handed(sms).attempts), ("outgoing", 1))

    def test_cancelled_or_deleted_while_it_waits(self):
        self.fake.plan = lambda message: 503
        sms = self._queue_sms(2)
        self._process()
        handed = self._get_handed(sms)
        sms[0].action_set_canceled()
        sms[1].unlink()
        self._process()
        self.assertEqual(handed.mapped("state"), ["failed", "failed"])
        self.assertEqual(sms[0].state, "canceled")
        self.assertFalse(self.fake.taken)

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

    def test_left_behind_goes_again_with_its_key(self):
        """Where the gateway sends each key once."""
        self.gateway.has_key = True
        sms = self._queue_sms(2)
        self.env["credit.sms.delivery"].sudo()._claim(self.gateway, sms)
        self._process()
        self.assertEqual(set(sms.mapped("state")), {"pending"})
        self.assertEqual(sorted(header["Idempotency-Key"] for header in self.fake.headers), sorted(sms.mapped("uuid")))

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

    def test_one_odd_number_keeps_no_other_from_being_asked(self):
        self.gateway.active = False
        ovh = self._new_ovh(self.company)
        ovh.url = self.fake.url
        base = "/sms/sms-ab12345-1"
        self.fake.pages |= {f"{base}/incoming": [], f"{base}/blacklists": ["+12345", "+33611111111"]}
        self.env["credit.sms.gateway"]._cron_ask()
        self.assertEqual(len(self.env["credit.sms.reply"].search([("is_stop", "=", True)])), 2)
        self.assertTrue(self.env["phone.blacklist"].search([("number", "=", "+33611111111")]))

    def test_neutralized_database_asks_nobody(self):
        ovh = self._new_ovh(self.company)
        ovh.url = self.fake.url
        self.env["ir.config_parameter"].sudo().set_param("database.is_neutralized", "true")
        self.env["credit.sms.gateway"]._cron_ask()
        self.assertEqual(self.fake.requests, [])

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
        self.gateway.activity_ids.action_feedback()
        self._queue_sms(1)
        self._process()
        self.assertFalse(self.gateway.activity_ids, "who has seen it isn't told again this month")
        last_month = company_today(self.company).replace(day=1) - timedelta(days=1)
        self.gateway.write({"warned_on": last_month, "exceeded_on": last_month})
        self._queue_sms(1)
        self._process()
        self.assertEqual(len(self.gateway.activity_ids), 1)

    def test_budget_that_is_spent_in_the_middle_of_a_batch(self):
        """It is told near the budget and once more when it is spent; all of the batch leaves."""
        self.company.credit_sms_budget = 0.24
        for count, told in ((3, 0), (1, 1), (4, 2), (1, 2)):
            sms = self._queue_sms(count)
            self._process()
            self.assertEqual(set(sms.mapped("state")), {"pending"})
            self.assertEqual(len(self.gateway.activity_ids), told)
        notes = sorted(str(activity.note) for activity in self.gateway.activity_ids)
        self.assertIn("0.20 of 0.24", notes[0])
        self.assertIn("0.40 of 0.24", notes[1])

    def test_month_of_the_budget(self):
        """The month is the company's: in Paris it begins an hour or two before that of Greenwich."""
        self.company.partner_id.tz = "Europe/Paris"
        sms = self._queue_sms(3)
        self._process()
        rows, spent = self._get_handed(sms), self.company._credit_get_sms_spent
        self.assertAlmostEqual(spent(), 0.15)
        start = Datetime.to_datetime(company_today(self.company).replace(day=1))
        for row, minutes in zip(rows, (-30, -150, 30), strict=True):
            query = "UPDATE credit_sms_delivery SET create_date = %s WHERE id = %s"
            self.cr.execute(query, (start + timedelta(minutes=minutes), row.id))
        self.env.invalidate_all()
        self.assertAlmostEqual(spent(), 0.1)
        rows[0].state, rows[2].state = "waiting", "failed"
        self.assertAlmostEqual(spent(), 0)

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
            {"sender_number": "07 00 00 00 00"},
            {"provider": "brevo", "sender_name": False},
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
        sms = self._queue_sms(3)
        for one, number in zip(sms, ("+34612345678", *senders), strict=True):
            one.number = number
        self._process()
        taken = {message["to"]: message["from"] for message in self.fake.taken}
        self.assertEqual(taken, {**senders, "+34612345678": "+33700000000"})


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
            # Odoo's Twilio says so of a time-out: it may have left, and the others wait.
            "server_error": ("uncertain", "sms_uncertain", True),
            "insufficient_credit": ("retry", "sms_credit", True),
            "unregistered": ("retry", "sms_acc", True),
            "wrong_number_format": ("failed", "sms_number_format", False),
            "country_not_supported": ("failed", "unknown", False),
        }
        self.assertEqual({state: self._send({"state": state}) for state in cases}, cases)

    def test_a_call_that_breaks_off_may_have_left(self):
        self.assertEqual(self._send(ValueError("account AC123 secret")), ("uncertain", "sms_uncertain", True))

    def test_without_credit_nothing_leaves(self):
        self.assertEqual(self._send(InsufficientCreditError("none")), ("retry", "sms_credit", True))
