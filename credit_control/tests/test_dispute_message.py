from datetime import date

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_dispute import CreditDisputeCommon


@tagged("post_install", "-at_install")
class TestDisputeMessage(CreditDisputeCommon):
    """The customer is told that the objection has arrived: by choice, once, as long as it is open."""

    def _get_notices(self, dispute):
        return dispute.sudo().notice_ids

    def _send_words(self, notices):
        with self.catch_words() as server:
            notices.with_user(self.collector)._send_now()
        return server.messages

    def test_told_in_words(self):
        dispute = self._open(400.0, confirm=True)
        notice = self._get_notices(dispute)
        self.assertEqual((notice.state, notice.channel_id, notice.title), ("queued", self.email, "Dispute received"))
        self.assertTrue(dispute.is_confirmed)
        [message] = self._send_words(notice)
        self.assertIn("boulangerie", message["To"].lower() + notice.partner_id.name.lower())
        self.assertIn("looking into your objection", message["Subject"])
        self.assertIn(self.price.name, notice.body)
        self.assertIn("400.00", notice.body)
        self.assertEqual(notice.state, "sent")

    def test_it_counts_as_no_reminder(self):
        """The step isn't reached and no interval begins: the first reminder asks the rest on the same day."""
        self._send_words(self._get_notices(self._open(400.0, confirm=True)))
        notice = self._plan(date(2024, 12, 30)).notice_ids
        self.assertEqual((notice.step_id, notice.amount_total), (self.first, 600))

    def test_speaks_of_its_own_dispute(self):
        first = self._open(400.0, confirm=True)
        self._open(100.0, reason=self.env.ref("credit_control.reason_quality"))
        notice = self._get_notices(first)
        self._send_words(notice)
        self.assertIn("Price", notice.body)
        self.assertNotIn("Quality", notice.body)

    def test_only_by_choice_and_once(self):
        dispute = self._open(400.0)
        self.assertFalse(self._get_notices(dispute))
        dispute.action_confirm()
        dispute.action_confirm()
        notice = self._get_notices(dispute)
        self.assertEqual(len(notice), 1)
        vals = {name: notice[name].id for name in ("company_id", "partner_id", "debtor_id", "channel_id", "dispute_id")}
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env["credit.dunning.notice"].create(
                {**vals, "date": self.today, "mode": "auto", "purpose": "dispute_received"}
            )

    def test_closed_before_it_left(self):
        dispute = self._open(400.0, confirm=True)
        dispute.action_close_unjustified("Delivered")
        notice = self._get_notices(dispute)
        self.assertFalse(self._send_words(notice))
        self.assertEqual((notice.state, notice.reason), ("cancelled", "dispute_over"))
        with self.assertRaisesRegex(UserError, "nothing to confirm"):
            dispute.action_confirm()

    def test_insolvent_before_it_left(self):
        notice = self._get_notices(self._open(400.0, confirm=True))
        debtors = type(self.env["credit.debtor"])
        self.patch(
            debtors, "_get_blocks", lambda self, as_of, running=None: {debtor.id: {"insolvent"} for debtor in self}
        )
        self.assertFalse(self._send_words(notice))
        self.assertEqual((notice.state, notice.reason), ("cancelled", "insolvent"))

    def test_without_any_address(self):
        nobody = self._new_customer("Sans Adresse", email=False, street=False, city=False, zip=False)
        dispute = self._open(item=self._receivable(self._invoice(50.0, date(2024, 12, 1), partner=nobody)))
        with self.assertRaisesRegex(UserError, "Sans Adresse can't be written to"):
            dispute.action_confirm()
        self.assertFalse(dispute.is_confirmed)

    def test_an_owner_without_rights_does_not_write_to_customers(self):
        dispute = self._open(400.0, user=self.owner).with_user(self.owner)
        with self.assertRaises(AccessError):
            dispute.action_confirm()
        self.assertFalse(dispute.is_confirmed)

    def test_after_a_call(self):
        self.first.channel_ids = self.phone
        notice = self._plan(date(2024, 12, 30)).notice_ids
        wizard = (
            self.env["credit.dunning.call.wizard"]
            .with_user(self.collector)
            .create(
                {
                    "notice_id": notice.id,
                    "outcome": "dispute",
                    "dispute_reason_id": self.price.id,
                    "dispute_line_ids": [Command.set(notice.line_ids.ids)],
                    "confirm": True,
                }
            )
        )
        dispute = self.env["credit.dispute"].browse(wizard.action_record()["res_id"])
        self.assertEqual(self._get_notices(dispute).purpose, "dispute_received")
