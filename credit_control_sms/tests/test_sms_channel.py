from datetime import date

from odoo.exceptions import ValidationError
from odoo.fields import Datetime
from odoo.tests import tagged

from odoo.addons.credit_control.tests.common_channel import ChannelContract

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

    def test_preview_says_parts_and_cost(self):
        notice = self._get_notice()
        self.assertRegex(notice.with_user(self.collector).sms_note, r"^\d+ characters, parts: 1, 0\.050 ")
        notice.write({"body": "<p>" + "x" * 161 + "</p>"})
        self.assertIn("parts: 2, 0.100", notice.sms_note)

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

    def test_blacklisted(self):
        self.env["phone.blacklist"]._add([MOBILE])
        self.assertEqual(self._reach(MOBILE).reason, "blacklisted")

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
        self.assertEqual(notice.fallback_reason, "The phone number is a landline")

    def test_reason_of_the_item_without_fallback(self):
        self.sms.fallback_id = False
        self.customer.phone = "01 42 68 53 00"
        run = self._plan(date(2024, 12, 20))
        self.assertFalse(run.notice_ids)
        self.assertEqual(self._reason(self.invoice, run), "landline")

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

    def test_unreachable_stays_queued_and_leaves_later(self):
        self.gateway.url = "http://127.0.0.1:9"
        notice = self._get_notice()
        self._send(notice)
        self.assertEqual(notice.state, "queued")
        self.gateway.url = self.fake.url
        self._send(notice)
        self.assertEqual((notice.state, len(self.fake.taken)), ("sent", 1))

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
