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


@tagged("post_install", "-at_install")
class TestAgendaTour(CreditSendCommon, HttpCase):
    """A collector's morning: the agenda, a call, a promise, the next customer."""

    def test_morning(self):
        self.collector.password = "credit_collector"
        self.collector.company_ids = [Command.set(self.company.ids)]
        self.first.write({"channel_ids": [Command.set(self.phone.ids)], "call_script": "<p>You owe {{ total }}.</p>"})
        self.customer.phone = "01 23 45 67 89"
        today = fields.Date.context_today(self.collector)
        north = self._new_customer("Atelier Nord", phone="01 23 45 67 88")
        south = self._new_customer("Garage Sud", phone="01 23 45 67 87")
        for partner, amount in ((self.customer, 2000.0), (north, 900.0), (south, 500.0)):
            due = today - timedelta(days=20)
            self._invoice(amount, due, partner=partner, issued=due - timedelta(days=30))
        run = self._plan(today)
        run.action_approve()
        self.env["credit.agenda.engine"]._rank(self.company)
        self.start_tour("/odoo/credit-my-agenda", "credit_control_agenda", login=self.collector.login, timeout=180)
        promise = self.env["credit.promise"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(
            (promise.amount, promise.note, promise.user_id), (500.0, "The rest next month", self.collector)
        )
        cards = self.env["credit.debtor"].search([("partner_id", "in", (self.customer | north).ids)])
        self.assertEqual(cards.mapped("acted_by_id"), self.collector)
