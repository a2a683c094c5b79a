from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_score import CreditScoreCommon


@tagged("post_install", "-at_install")
class TestMatching(CreditScoreCommon):
    """Payments that nobody matched find their invoices, by Odoo's own reconciliation, and back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first_invoice = cls._open(1000.0, "2024-11-01")
        cls.second_invoice = cls._open(400.0, "2024-12-01")
        cls.matches = cls.env["credit.match"].with_user(cls.collector).with_company(cls.company)

    @classmethod
    def _received(cls, amount, memo="", partner=None):
        payment = cls.env["account.payment"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "partner_type": "customer",
                "payment_type": "inbound",
                "amount": amount,
                "memo": memo,
                "journal_id": cls.company_data["default_journal_bank"].id,
            }
        )
        payment.action_post()
        return payment

    def _propose(self):
        return self.matches._propose(self.company)

    def test_the_number_is_named(self):
        self._received(400.0, f"Payment of {self.second_invoice.name}")
        [match] = self._propose()
        self.assertEqual((match.reason, match.is_certain, match.amount), ("reference", True, 400.0))
        self.assertEqual(match.line_ids.move_id, self.second_invoice)
        self.assertEqual(match.item_names, self.second_invoice.name)

    def test_applied_and_undone(self):
        self._received(1000.0)
        [match] = self._propose()
        self.assertEqual((match.reason, match.is_certain), ("amount", True))
        match.action_apply()
        self.assertEqual((match.state, match.user_id), ("applied", self.collector))
        self.assertEqual((self.first_invoice.amount_residual, match.credit_line_id.reconciled), (0.0, True))
        match.action_undo()
        self.assertEqual((match.state, self.first_invoice.amount_residual), ("undone", 1000.0))
        self.assertFalse(self._propose(), "what was undone isn't proposed again")

    def test_undoing_leaves_other_payments(self):
        self._pay(self.first_invoice, "2024-11-05", amount=300.0)
        self._received(700.0)
        match = self._propose()
        match.action_apply()
        self.assertEqual(self.first_invoice.amount_residual, 0.0)
        match.action_undo()
        self.assertEqual(self.first_invoice.amount_residual, 700.0)

    def test_several_at_once_only_the_certain_ones(self):
        self._received(1000.0)
        other = self._new_customer("Atelier Nord")
        self._open(50.0, "2024-11-01", other)
        self._open(50.0, "2024-12-01", other)
        self._received(50.0, partner=other)
        matches = self._propose()
        self.assertEqual(len(matches), 2)
        matches.action_apply_certain()
        states = {match.partner_id: match.state for match in matches}
        self.assertEqual(states, {self.customer: "applied", other: "proposed"})

    def test_the_sum_of_several(self):
        self._received(1400.0)
        [match] = self._propose()
        self.assertEqual((match.reason, match.is_certain), ("oldest", False))
        match.action_apply()
        self.assertEqual((self.first_invoice | self.second_invoice).mapped("amount_residual"), [0.0, 0.0])

    def test_a_credit_note_goes_to_its_invoice(self):
        refund = self.first_invoice._reverse_moves([{"invoice_date": "2024-11-10", "date": "2024-11-10"}])
        refund.invoice_line_ids.price_unit = 100.0
        refund.action_post()
        if self._receivable(refund).reconciled:
            self._receivable(refund).remove_move_reconcile()
        [match] = self._propose()
        self.assertEqual((match.reason, match.line_ids.move_id), ("correction", self.first_invoice))

    def test_dismissed_it_isn_t_proposed_again(self):
        self._received(1000.0)
        self._propose().action_dismiss()
        self.assertFalse(self._propose())

    def test_what_was_settled_meanwhile_is_refused(self):
        self._received(1000.0)
        match = self._propose()
        self._pay(self.first_invoice, "2024-11-05")
        with self.assertRaisesRegex(UserError, "settled otherwise meanwhile"):
            match.action_apply()

    def test_one_that_was_settled_meanwhile_stops_no_other(self):
        other = self._new_customer("Atelier Nord")
        invoice = self._open(50.0, "2024-11-01", other)
        self._received(50.0, partner=other)
        self._received(1000.0)
        matches = self._propose()
        self._pay(self.first_invoice, "2024-11-05")
        action = matches.action_apply_certain()
        self.assertEqual((action["tag"], invoice.amount_residual), ("display_notification", 0.0))
        self.assertEqual(matches.exists().partner_id, other)

    def test_another_customer_and_another_company_are_apart(self):
        self._received(1000.0, partner=self._new_customer("Atelier Nord"))
        self.assertFalse(self._propose())
        self.assertFalse(self.matches._propose(self.setup_other_company()["company"]))

    def test_collectors_match_and_readers_look(self):
        self._received(1000.0)
        match = self._propose()
        with self.assertRaisesRegex(AccessError, "matched by collectors"):
            match.with_user(self.reader).action_apply()
        with self.assertRaises(AccessError):
            match.write({"is_certain": False})

    def test_before_messages_leave(self):
        self._received(1000.0)
        run = self._plan("2024-12-30")
        wizard = self.env["credit.dunning.approval"].with_user(self.collector)
        action = wizard.create({"notice_ids": [Command.set(run.notice_ids.ids)]}).action_match_first()
        self.assertEqual(self.matches.search(action["domain"]).line_ids.move_id, self.first_invoice)
