from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.credit_control.core import reasons

from .test_open_item import OpenItemCommon

ISSUED, DUE, REMINDED, RETURNED = date(2024, 11, 1), date(2024, 12, 1), date(2024, 12, 11), date(2024, 12, 20)


@tagged("post_install", "-at_install")
class TestPaymentReturn(OpenItemCommon):
    """Direct debits and bills: not reminded before they come back, then from where they were (invariant 13)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        journal = cls.company_data["default_journal_bank"]
        cls.debit = journal.inbound_payment_method_line_ids[0].copy({"name": "SEPA direct debit"})
        cls.debit.credit_collection = "direct_debit"
        cls.transfer = journal.inbound_payment_method_line_ids - cls.debit
        cls.invoice = cls._invoice(1000.0, DUE, issued=ISSUED, preferred_payment_method_line_id=cls.debit.id)
        cls.item = cls._receivable(cls.invoice)

    def _collect(self, day, amount=1000.0, method=None, invoice=None):
        return self._pay(invoice or self.invoice, amount, day, payment_method_line_id=(method or self.debit).id)

    def _returns(self):
        return self.env["credit.payment.return"].search([("move_line_id", "=", self.item.id)])

    def _collected(self, day):
        (item,) = self._items(day, ("move_id", "=", self.invoice.id))
        ids = self.env["credit.open.item"]._get_collected_line_ids(self.item.ids, day)
        self.assertEqual(item.collected, bool(ids))
        return item.collected

    # -- before it came back ------------------------------------------------------------

    def test_an_invoice_to_be_debited_is_not_reminded(self):
        run = self._plan(date(2025, 3, 1))
        self.assertFalse(run.notice_ids)
        self.assertEqual(self._reason(self.invoice, run), reasons.COLLECTED)

    def test_the_same_invoice_to_be_paid_by_transfer_is(self):
        other = self._invoice(100.0, DUE, issued=ISSUED, preferred_payment_method_line_id=self.transfer[:1].id)
        run = self._plan(REMINDED)
        self.assertEqual(run.notice_ids.line_ids.move_id, other)

    def test_a_bill_is_not_reminded(self):
        account = self.item.account_id.copy({"code": "B41300", "credit_collection": "bill"})
        revenue = self.company_data["default_account_revenue"]
        bill = self._entry(
            (account, self.customer, 500.0, {"date_maturity": DUE}), (revenue, None, -500.0, {}), day=ISSUED
        )
        line = self._receivable(bill)
        self.assertTrue(self._items(REMINDED, ("move_id", "=", bill.id)).collected)
        self.env["credit.payment.return"].create({"move_line_id": line.id, "date": RETURNED, "amount": 500.0})
        self.assertTrue(self._items(RETURNED - timedelta(days=1), ("move_id", "=", bill.id)).collected)
        self.assertFalse(self._items(RETURNED, ("move_id", "=", bill.id)).collected)

    def test_a_credit_is_never_under_collection(self):
        refund = self._invoice(
            10.0, DUE, issued=ISSUED, move_type="out_refund", preferred_payment_method_line_id=self.debit.id
        )
        self.assertFalse(self._items(DUE, ("move_id", "=", refund.id)).collected)

    # -- it comes back --------------------------------------------------------------------

    def test_a_returned_debit_reopens_at_the_level_that_was_reached(self):
        """First reminder on 11 December, then debited, then returned: the second one is next, on 31 December."""
        self.invoice.preferred_payment_method_line_id = False
        reminder = self._plan(REMINDED).notice_ids
        self.assertEqual(reminder.step_id, self.first)
        reminder.sudo().write({"state": "sent", "left_on": REMINDED})
        payment = self._collect(date(2024, 12, 15))
        self.assertFalse(self._items(date(2024, 12, 16)))
        payment.with_user(self.collector).action_credit_returned(date=RETURNED, reason="Insufficient funds")
        self.assertFalse(self._plan(date(2024, 12, 30)).notice_ids)
        again = self._plan(date(2024, 12, 31))
        self.assertEqual(again.notice_ids.line_ids.step_id, self.second)
        self.assertEqual(again.notice_ids.amount_total, 1000.0, "the cancelled payment is no credit")

    def test_a_return_ends_the_hold_of_the_payment_method(self):
        self.assertTrue(self._collected(DUE))
        self._collect(DUE).action_credit_returned(date=RETURNED, reason="Insufficient funds")
        self.assertRecordValues(self._returns(), [{"date": RETURNED, "amount": 1000.0, "reason": "Insufficient funds"}])
        self.assertTrue(self._collected(RETURNED - timedelta(days=1)))
        self.assertFalse(self._collected(RETURNED))
        run = self._plan(date(2025, 1, 2))
        self.assertEqual(run.notice_ids.line_ids.move_line_id, self.item)

    def test_a_part_collected_again_holds_the_rest_again(self):
        self._collect(DUE).action_credit_returned(date=RETURNED)
        self.assertFalse(self._collected(date(2025, 1, 5)))
        self._collect(date(2025, 1, 10), amount=400.0)
        self.assertFalse(self._collected(date(2025, 1, 9)))
        self.assertTrue(self._collected(date(2025, 1, 10)))

    def test_undoing_the_reconciliation_records_the_return(self):
        self._collect(DUE, amount=600.0)
        self.item.remove_move_reconcile()
        today = fields.Date.context_today(self.env.user)
        self.assertRecordValues(
            self._returns(),
            [{"date": today, "amount": 600.0, "company_id": self.company.id, "partner_id": self.customer.id}],
        )

    def test_cancelling_the_payment_records_the_return(self):
        payment = self._collect(DUE)
        payment.action_draft()
        payment.action_cancel()
        self.assertEqual(len(self._returns()), 1)

    def test_a_matched_payment_stays_for_the_statement_of_the_return(self):
        """The bank shows both: the payment is left open, and its return settles it, not the customer."""
        payment = self._collect(DUE)
        statement = self.env["account.bank.statement.line"].create(
            {"journal_id": payment.journal_id.id, "date": DUE, "amount": 1000.0, "payment_ref": "Direct debits"}
        )
        outstanding = payment.move_id.line_ids - self._receivable(payment.move_id)
        suspense = statement.move_id.line_ids.filtered(
            lambda line: line.account_id == payment.journal_id.suspense_account_id
        )
        suspense.account_id = outstanding.account_id
        (suspense + outstanding).reconcile()
        self.assertTrue(payment.is_matched)
        payment.action_credit_returned(date=RETURNED)
        self.assertEqual(payment.move_id.state, "posted")
        self.assertEqual(self._items(RETURNED, ("move_id", "=", payment.move_id.id)).amount_residual, -1000.0)
        self.assertEqual(len(self._returns()), 1)

    # -- what is no return ------------------------------------------------------------------

    def test_another_kind_of_payment_taken_off_is_no_return(self):
        self._collect(DUE, method=self.transfer[:1])
        self.item.remove_move_reconcile()
        self.assertFalse(self._returns())

    def test_an_invoice_reset_to_draft_is_no_return(self):
        self._collect(DUE)
        self.invoice.button_draft()
        self.invoice.button_cancel()
        self.assertFalse(self._returns())

    # -- rights ---------------------------------------------------------------------------

    def test_the_collector_records_a_return_and_the_reader_reads_it(self):
        values = {"move_line_id": self.item.id, "date": RETURNED, "amount": 1000.0, "reason": "Account closed"}
        recorded = self.env["credit.payment.return"].with_user(self.collector).create(values)
        self.assertEqual(recorded.user_id, self.collector)
        self.assertEqual(recorded.with_user(self.reader).reason, "Account closed")
        with self.assertRaises(AccessError):
            recorded.with_user(self.reader).reason = "Other"
        with self.assertRaises(AccessError):
            recorded.with_user(self.collector).unlink()

    def test_an_accountant_without_our_groups_undoes_a_reconciliation(self):
        self._collect(DUE)
        accountant = self.env["res.users"].create(
            {
                "name": "Accountant",
                "login": "plain_accountant",
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
                "group_ids": [Command.set(self.env.ref("account.group_account_user").ids)],
            }
        )
        self.item.with_user(accountant).remove_move_reconcile()
        self.assertRecordValues(self._returns(), [{"amount": 1000.0, "user_id": accountant.id}])
