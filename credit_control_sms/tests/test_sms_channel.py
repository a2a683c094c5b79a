from contextlib import contextmanager
from datetime import date, timedelta
from unittest.mock import patch

from requests.exceptions import ReadTimeout

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Datetime
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.credit_control.tests.common_channel import ChannelContract
from odoo.addons.credit_control_sms.gateways.abstract import Gateway

from .common_sms import MOBILE, CreditSmsCommon

FRIDAY = "2026-11-20 10:00:00"


@tagged("post_install", "-at_install")
class TestChannelSms(CreditSmsCommon, ChannelContract):
    channel_xmlid = "credit_control_sms.channel_sms"

    def _prepare_reachable(self, partner):
        partner.phone = "06 12 34 56 78"


@tagged("post_install", "-at_install")
class TestSmsNotice(CreditSmsCommon):
    """Reminders by SMS, from the plan to the report."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.write({"hour_from": 0, "hour_to": 24, "send_on_weekend": True, "send_on_holiday": True})
        cls.first.channel_ids = cls.sms
        cls.customer.phone = "06 12 34 56 78"
        cls.invoice = cls._invoice(1200, date(2024, 12, 1))

    def _get_notice(self, day=date(2024, 12, 20)):
        run = self._plan(day)
        run.action_approve()
        return run.notice_ids

    def _send(self, notice):
        notice.with_user(self.collector)._send_now()
        self.env.flush_all()

    def _reach(self, phone, **values):
        self.customer.write({"phone": phone, **values})
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
        return self.env["credit.channel.sms"].with_company(self.company)._reach(self.sms, debtor, self.first)[debtor.id]

    def test_it_leaves_and_is_delivered(self):
        notice = self._get_notice()
        self.assertEqual((notice.channel_id, notice.address), (self.sms, MOBILE))
        self._send(notice)
        [taken] = self.fake.taken
        self.assertEqual(taken["to"], MOBILE)
        self.assertIn("1,200.00", taken["text"])
        self.assertEqual(notice.state, "sent")
        handed = self.env["credit.sms.delivery"].sudo().search([("notice_id", "=", notice.id)])
        self.assertEqual((handed.state, handed.reference), ("sent", "fake-1"))
        self.assertEqual(handed.sms_id.state, "pending")
        self.assertEqual(notice.mail_message_id.message_type, "sms")
        handed._record("delivered")
        self.assertEqual(notice.state, "delivered")
        self.assertEqual(notice.mail_message_id.notification_ids.notification_status, "sent")

    def test_words_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.first.sms_text = "{{ total }} to pay"
        self.first.with_context(lang="fr_FR").sms_text = "Merci de régler {{ total }} : {{ documents }}"
        notice = self._get_notice()
        self._send(notice)
        [taken] = self.fake.taken
        self.assertRegex(taken["text"], r"^Merci de régler .*1 200,00.* : INV/2024/00001$")
        self.assertEqual(self.env["credit.sms.delivery"].sudo().search([("notice_id", "=", notice.id)]).parts, 1)

    def test_french_words_of_the_addon_leave_as_one_part(self):
        """With the amount as French formats it, narrow and hard spaces and the euro sign."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        notice = self._get_notice()
        self._send(notice)
        [taken] = self.fake.taken
        self.assertRegex(taken["text"], r" : .*1 200,00.* \(INV/2024/00001\) restent dus\. ")
        self.assertEqual(self.env["credit.sms.delivery"].sudo().search([("notice_id", "=", notice.id)]).parts, 1)

    def test_preview_says_parts_and_cost(self):
        notice = self._get_notice()
        self.assertRegex(notice.with_user(self.collector).sms_note, r"^\d+ characters, parts: 1, 0\.050 ")
        notice.write({"body": "<p>" + "x" * 161 + "</p>"})
        self.assertIn("parts: 2, 0.100", notice.sms_note)

    def test_step_shows_its_text_as_a_phone_would(self):
        """In the language of who looks: an invented claim, its parts and its cost."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.first.sms_text = "Pay {{ total }}"
        step = self.first.with_user(self.manager)
        self.assertRegex(step.sms_example, r"^Pay .*1,200\.00")
        self.assertRegex(step.sms_note, r"^\d+ characters, parts: 1, 0\.050 ")
        self.first.with_context(lang="fr_FR").sms_text = "Réglez {{ total }}"
        self.assertRegex(step.with_context(lang="fr_FR").sms_example, r"^Réglez .*1 200,00")
        self.first.sms_text = False
        self.assertIn("is overdue", step.sms_example)
        with Form(step) as form:
            form.sms_text = "é" * 161
            self.assertIn("parts: 2, 0.100", form.sms_note)

    def test_hostile_names_stay_text(self):
        self.customer.name = "<b>{{ total }}</b> & Fils"
        self.first.sms_text = "{{ customer }}: {{ total }}"
        notice = self._get_notice()
        self.assertIn("&lt;b&gt;", notice.preview)
        self._send(notice)
        self.assertTrue(self.fake.taken[0]["text"].startswith("<b>{{ total }}</b> & Fils: "))

    def test_unknown_value_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "password"):
            self.first.sms_text = "{{ password }}"

    def test_reason_of_each_number(self):
        cases = {
            "01 42 68 53 00": "landline",
            "06 12": "bad_number",
            "+49 1511 2345678": "foreign_number",
            False: "no_contact",
        }
        self.assertEqual({phone: self._reach(phone).reason for phone in cases}, cases)
        self.assertEqual(self._reach("01511 2345678", country_id=self.env.ref("base.de").id).reason, "foreign_number")
        self.company.credit_sms_country_ids = self.env.ref("base.de") + self.env.ref("base.fr")
        self.assertEqual(self._reach("01511 2345678").address, "+4915112345678")

    def test_blacklisted_however_it_is_written(self):
        """On the blacklist or on the customer, who may live elsewhere."""
        self.env["phone.blacklist"].with_company(self.company).create({"number": "06.12.34.56.78"})
        self.customer.country_id = self.env.ref("base.fr")
        written = ("06 12 34 56 78", "+33 (0)6 12 34 56 78", "0033612345678", "33612345678", "\u202a+33\u00a0612345678")
        reasons = {phone: self._reach(phone).reason for phone in written}
        self.assertEqual(reasons, dict.fromkeys(written, "blacklisted"))
        abroad = {phone: self._reach(phone, country_id=self.env.ref("base.us").id).reason for phone in written[1:]}
        self.assertEqual(abroad, dict.fromkeys(written[1:], "blacklisted"))

    def test_contact_before_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Accounts", "parent_id": self.customer.id, "type": "invoice", "phone": "06 98 76 54 32"}
        )
        reach = self._reach("06 12 34 56 78")
        self.assertEqual((reach.address, reach.recipient_ids), ("+33698765432", (contact.id,)))
        contact.phone = "01 42 68 53 00"
        self.assertEqual(self._reach("06 12 34 56 78").address, MOBILE)

    def test_fallback_and_its_reason(self):
        self.customer.phone = "01 42 68 53 00"
        notice = self._get_notice()
        self.assertEqual((notice.channel_id, notice.fallback_for_id), (self.email, self.sms))
        self.assertEqual(notice.fallback_reason, "Landline number")

    def test_each_number_by_its_fallback_and_without(self):
        """Per item: which channel stands in and why; where none does, why nothing is sent."""
        self.env["phone.blacklist"]._add(["+33612345699"])
        phones = {
            "landline": "01 42 68 53 00",
            "foreign_number": "+49 1511 2345678",
            "bad_number": "06 12",
            "blacklisted": "06 12 34 56 99",
        }
        invoices = {}
        for reason, phone in phones.items():
            customer = self._new_customer(f"Client {reason}", phone=phone)
            invoices[reason] = self._invoice(500, date(2024, 12, 1), partner=customer)
        run = self._plan(date(2024, 12, 20))
        labels = dict(run.notice_ids._fields["reason"]._description_selection(self.env))
        for reason, invoice in invoices.items():
            notice = run.notice_ids.filtered(lambda one, invoice=invoice: one.partner_id == invoice.partner_id)
            self.assertEqual((notice.channel_id, notice.fallback_for_id), (self.email, self.sms), reason)
            self.assertEqual(notice.fallback_reason, labels[reason])
        run.notice_ids.sudo().unlink()
        self.sms.fallback_id = False
        run = self._plan(date(2024, 12, 20))
        self.assertEqual(run.notice_ids.partner_id, self.customer)
        given = {reason: self._reason(invoice, run) for reason, invoice in invoices.items()}
        self.assertEqual(given, {reason: reason for reason in phones})

    def test_at_most_once_a_week(self):
        self._send(self._get_notice())
        self.assertEqual(self._reach(MOBILE).reason, "too_soon")
        self.env.cr.execute("UPDATE credit_sms_delivery SET create_date = create_date - interval '8 days'")
        self.env.invalidate_all()
        self.assertEqual(self._reach(MOBILE).address, MOBILE)

    def test_rejected_sets_the_step_free(self):
        self.fake.plan = lambda message: 422
        notice = self._get_notice()
        self._send(notice)
        self.assertEqual(notice.state, "failed")
        self.assertFalse(any(notice.line_ids.mapped("live")))
        self.assertFalse(notice.mail_message_id)

    def test_what_may_have_left_is_uncertain(self):
        self.fake.plan = lambda message: "drop"
        notice = self._get_notice()
        self._send(notice)
        self.assertEqual(notice.state, "uncertain")
        self._send(notice)
        self.env["sms.sms"]._process_queue()
        self.assertEqual(len(self.fake.taken), 1)

    def test_a_person_sends_again_what_is_uncertain(self):
        """What may have left counts for how often a customer is written to, but not against itself."""
        self.fake.plan = lambda message: "drop"
        notice = self._get_notice()
        self._send(notice)
        self.assertEqual((notice.state, self._reach(MOBILE).reason), ("uncertain", "too_soon"))
        self.fake.plan = lambda message: None
        notice.with_user(self.manager).action_retry()
        self._send(notice)
        self.assertEqual((notice.state, len(self.fake.taken)), ("sent", 2))

    def test_a_reminder_is_sent_again_by_its_notice_only(self):
        """Odoo's own list of SMS would send what may be paid by now."""
        self.fake.plan = lambda message: "drop"
        notice = self._get_notice()
        self._send(notice)
        sms = self.env["credit.sms.delivery"].sudo().search([("notice_id", "=", notice.id)]).sms_id
        self.assertEqual((sms.state, sms.failure_type), ("error", "sms_uncertain"))
        for button in (sms.action_set_outgoing, sms.resend_failed):
            with self.assertRaisesRegex(UserError, "is a reminder"):
                button()

    def test_stop_between_approval_and_sending(self):
        notice = self._get_notice()
        self.env["phone.blacklist"]._add([MOBILE])
        self._send(notice)
        self.assertEqual((notice.state, notice.reason, self.fake.taken), ("cancelled", "blacklisted", []))

    def test_one_sms_where_two_policies_write(self):
        """In one batch, before the first is known to have left; policies that leave no days between contacts."""
        other = self._new_policy({"name": "Own", "delay_days": 10, "channel_ids": [Command.set(self.sms.ids)]})
        other.write({"hour_from": 0, "hour_to": 24, "send_on_weekend": True, "send_on_holiday": True})
        (other + self.policy).contact_interval_days = 0
        self._invoice(700, date(2024, 12, 1)).credit_dunning_policy_id = other
        notices = self._get_notice()
        self.assertEqual((len(notices), notices.debtor_id.partner_id), (2, self.customer))
        self._send(notices)
        self.assertEqual(len(self.fake.taken), 1)
        self.assertEqual(sorted(notices.mapped("state")), ["cancelled", "sent"])
        self.assertEqual(notices.filtered(lambda one: one.state == "cancelled").reason, "too_soon")

    def test_neutralized_or_test_mode_sends_nothing(self):
        notice = self._get_notice()
        self.company.credit_test_mode = True
        self._send(notice)
        self.assertEqual((notice.state, notice.reason), ("queued", "test_mode"))
        self.company.credit_test_mode = False
        self.env["ir.config_parameter"].sudo().set_param("database.is_neutralized", "true")
        self._send(notice)
        self.assertEqual((notice.state, notice.reason, self.fake.requests), ("queued", "neutralized", []))

    def test_unreachable_stays_queued_and_leaves_later(self):
        self.gateway.url = "http://127.0.0.1:9"
        notice = self._get_notice()
        self._send(notice)
        self.assertEqual(notice.state, "queued")
        self.gateway.url = self.fake.url
        self._send(notice)
        self.assertEqual((notice.state, len(self.fake.taken)), ("sent", 1))

    def test_reminders_wait_as_asked(self):
        self.fake.plan = lambda message: 429
        self.fake.answer_headers = {"Retry-After": "600"}
        notice = self._get_notice()
        self._send(notice)
        with self.assertLogs("odoo.addons.credit_control.models.credit_dunning_delivery", "WARNING"):
            self._send(notice)
        self.assertEqual((notice.state, len(self.fake.requests)), ("queued", 1))
        self.assertIn("asked to wait until", notice.detail)
        self.fake.plan = lambda message: None
        self.gateway.sudo().not_before = False
        self._send(notice)
        self.assertEqual(notice.state, "sent")

    def test_what_stays_queued_leaves_nothing_behind(self):
        self.fake.plan = lambda message: 503
        notice = self._get_notice()
        self._send(notice)
        self.assertEqual((notice.state, notice.mail_message_id.ids), ("queued", []))
        self.assertIn("HTTP 503", notice.detail)
        self.assertFalse(self.env["credit.sms.delivery"].sudo().search([("notice_id", "=", notice.id)]))
        self.assertFalse(self.env["sms.sms"].sudo().search([("number", "=", MOBILE)]))

    def test_what_broke_off_goes_once_more_with_its_key(self):
        self.gateway.has_key = True
        self.fake.plan = lambda message: "drop" if len(self.fake.taken) < 1 else None
        notice = self._get_notice()
        self._send(notice)
        self.assertEqual(notice.state, "sent")
        self.assertEqual(len({header["Idempotency-Key"] for header in self.fake.headers}), 1)
        self.assertEqual(len(self.fake.taken), 2)

    def test_what_broke_off_twice_is_uncertain(self):
        self.gateway.has_key = True
        self.fake.plan = lambda message: 500
        notice = self._get_notice()
        self._send(notice)
        self.assertEqual((notice.state, len(self.fake.requests)), ("uncertain", 2))

    def test_hanging_gateway_leaves_one_uncertain_and_the_others_queued(self):
        """Even where it knows messages by their key: a reminder that waits is another message."""
        self.gateway.write({"has_key": True, "connections": 1})
        other = self._new_customer("Client Exemple", phone="06 12 34 56 99")
        self._invoice(500, date(2024, 12, 1), partner=other)
        notices, asked = self._get_notice(), []

        def hang(gateway, message, request):
            asked.append(message.uuid)
            raise ReadTimeout

        with (
            patch.object(Gateway, "_exchange", hang),
            mute_logger("odoo.addons.credit_control.models.credit_dunning_delivery"),
        ):
            self._send(notices)
        self.assertEqual(sorted(notices.mapped("state")), ["queued", "uncertain"])
        self.assertEqual((len(asked), len(set(asked))), (2, 1))

    @contextmanager
    def _reports_first(self, state):
        """Let the gateway report on what is handed over before it answers."""
        handler = type(self.env["credit.channel.sms"])
        hand_over = handler._send_all

        def send(channel, notices):
            outcomes = hand_over(channel, notices)
            rows = self.env["credit.sms.delivery"].sudo().search([("notice_id", "in", notices.ids)])
            rows._record(state, "", "phone off")
            return outcomes

        with patch.object(handler, "_send_all", send):
            yield

    def test_report_before_the_answer(self):
        """The answer that comes after it takes nothing back; a message that came back frees its step."""
        for number, (report, state) in enumerate((("delivered", "delivered"), ("failed", "bounced"))):
            customer = self._new_customer(f"Client Exemple{number}", phone=f"06 12 34 56 8{number}")
            self._invoice(500, date(2024, 12, 1), partner=customer)
            notice = self._get_notice().filtered(lambda one, customer=customer: one.partner_id == customer)
            with self._reports_first(report):
                self._send(notice)
            self.assertEqual(notice.state, state)

    def test_several_are_handed_over_together(self):
        """As many as the gateway has connections: each is known as being sent before the first leaves."""
        self.gateway.connections = 3
        for number in range(7):
            customer = self._new_customer(f"Client Exemple{number}", phone=f"06 12 34 57 {number:02d}")
            self._invoice(500 + number, date(2024, 12, 1), partner=customer)
        notices, sizes = self._get_notice(), []

        def count(gateway, messages, send=Gateway.send):
            sizes.append(len(messages))
            known = self.env["credit.sms.delivery"].sudo().search_count([("state", "=", "sending")])
            self.assertEqual(known, len(messages))
            return send(gateway, messages)

        with patch.object(Gateway, "send", count):
            self._send(notices)
        self.assertEqual((sizes, set(notices.mapped("state"))), ([3, 3, 2], {"sent"}))
        self.assertEqual(len(set(self.fake.numbers())), 8)

    def test_one_refused_of_several(self):
        self.gateway.connections = 8
        for number in range(3):
            customer = self._new_customer(f"Client Exemple{number}", phone=f"06 12 34 57 {number:02d}")
            self._invoice(500, date(2024, 12, 1), partner=customer)
        self.fake.plan = lambda message: 422 if message["to"].endswith("5701") else None
        notices = self._get_notice()
        self._send(notices)
        states = {notice.address: notice.state for notice in notices}
        self.assertEqual(states.pop("+33612345701"), "failed")
        self.assertEqual(set(states.values()), {"sent"})

    def test_a_number_that_came_back_is_tried_again_after_a_month(self):
        notice = self._get_notice()
        self._send(notice)
        self.env["credit.sms.delivery"].sudo().search([("notice_id", "=", notice.id)])._record("failed", "", "off")
        self.assertEqual(notice.state, "bounced")
        self.assertEqual(self._reach(MOBILE).reason, "no_contact")
        self.assertEqual(self._reach("06 98 76 54 32").address, "+33698765432")
        notice.sudo()._apply({"outcome_at": notice.outcome_at - timedelta(days=31)})
        self.assertEqual(self._reach(MOBILE).address, MOBILE)

    def test_not_delivered_comes_back(self):
        notice = self._get_notice()
        self._send(notice)
        self.env["credit.sms.delivery"].sudo().search([("notice_id", "=", notice.id)])._record("failed", "", "absent")
        self.assertEqual((notice.state, notice.reason), ("bounced", "bounce"))

    def test_hours_of_the_recipient(self):
        """8 o'clock in Paris is 11 in Réunion; on Christmas and on Sundays nobody is written to."""
        notice = self._get_notice()
        notices = self.env["credit.dunning.notice"]

        def leaves(moment):
            domain = notices._get_sendable_domain(self.company, Datetime.to_datetime(moment))
            return bool(notices.search_count([*domain, ("id", "=", notice.id)]))

        self.assertTrue(leaves(FRIDAY))
        self.assertFalse(leaves("2026-11-20 06:30:00"))
        self.assertFalse(leaves("2026-11-20 19:30:00"))
        self.assertFalse(leaves("2026-11-22 10:00:00"))
        self.assertFalse(leaves("2026-12-25 10:00:00"))
        notice.sudo()._apply({"address": "+262692123456"})
        self.assertTrue(leaves("2026-11-20 06:30:00"))
        self.assertFalse(leaves("2026-11-20 17:00:00"))
        # On the Azores it is an hour earlier than in Lisbon: the number doesn't say where it is.
        notice.sudo()._apply({"address": "+351912345678"})
        hours = ("2026-11-20 08:30:00", "2026-11-20 09:30:00", "2026-11-20 19:30:00", "2026-11-20 20:30:00")
        self.assertEqual([leaves(hour) for hour in hours], [False, True, True, False])

    def test_public_holidays_of_the_recipient(self):
        """The French celebrate the 14th of July, the Germans Good Friday; overseas as in France."""
        notice = self._get_notice()
        notices = self.env["credit.dunning.notice"]
        closed = {}
        for number in (MOBILE, "+4915112345678", "+262692123456"):
            notice.sudo()._apply({"address": number})
            for day in ("2026-07-14", "2026-04-03", "2026-05-01"):
                domain = notices._get_sendable_domain(self.company, Datetime.to_datetime(f"{day} 10:00:00"))
                if not notices.search_count([*domain, ("id", "=", notice.id)]):
                    closed.setdefault(number, []).append(day)
        self.assertEqual(
            closed,
            {
                MOBILE: ["2026-07-14", "2026-05-01"],
                "+4915112345678": ["2026-04-03", "2026-05-01"],
                "+262692123456": ["2026-07-14", "2026-05-01"],
            },
        )
