from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common_dispute import CreditDisputeCommon
from .common_send import CreditSendCommon


@tagged("post_install", "-at_install")
class TestTours(CreditSendCommon, HttpCase):
    """A collector's work in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.collector.password = "credit_collector"
        cls.first.mode = "approve"
        cls.today = fields.Date.context_today(cls.collector)
        cls.recent = cls._invoice(
            300.0,
            cls.today - timedelta(days=12),
            partner=cls._new_customer("Atelier Nord"),
            issued=cls.today - timedelta(days=42),
        )
        cls.env["credit.dunning.pause"].create(
            [{"partner_id": cls.customer.id, "company_id": cls.company.id, "reason": "Asked for a copy"}]
        )

    def test_plan_preview_approve_send(self):
        """Plan a run, look at what will leave and at what is held back, approve it, send it."""
        self.collector.company_ids = [Command.set(self.company.ids)]
        with self.catch_mail() as server:
            self.start_tour("/odoo/credit-runs", "credit_control_run", login=self.collector.login, timeout=180)
        run = self.env["credit.dunning.run"].search([("company_id", "=", self.company.id)])
        self.assertEqual(run.notice_ids.mapped("state"), ["sent"])
        self.assertEqual(run.notice_ids.amount_total, 300.0)
        [message] = server.messages
        self.assertIn("nord@example.com", message["To"])
        self.assertEqual(self.recent.with_user(self.collector).credit_level_step_id, self.first)
        self.assertEqual(run.state, "done")


@tagged("post_install", "-at_install")
class TestDisputeTour(CreditDisputeCommon, HttpCase):
    """A dispute owner's work in the browser, without any right on the ledger."""

    def test_owner_opens_answers_and_closes(self):
        self.owner.password = "credit_dispute_owner"
        dispute = self._open(400.0, user=self.owner)
        self._open(100.0)
        self.start_tour("/odoo/credit-disputes", "credit_control_dispute_owner", login=self.owner.login, timeout=180)
        self.assertEqual((dispute.state, dispute.outcome), ("closed", "unjustified"))
        self.assertEqual(dispute.closed_by_id, self.owner)
        self.assertEqual(dispute.step_ids.mapped("is_done"), [True, False])
        message = dispute.message_ids.filtered(lambda message: "pallet" in message.body)
        self.assertEqual(message.author_id, self.owner.partner_id)
