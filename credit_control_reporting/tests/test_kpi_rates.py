from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from .kpi_common import NOVEMBER, KpiCommon


@tagged("post_install", "-at_install")
class TestKpiRates(KpiCommon):
    """How customers pay, dispute and promise: every figure worked out by hand."""

    def test_delay_weighs_payments_and_what_is_open(self):
        """140 paid 7 days late, 85 paid 55 late, 214 open for 10 days: 17.76."""
        first = self._invoice(140.0, date(2025, 11, 3), issued=date(2025, 9, 1))
        second = self._invoice(85.0, date(2025, 9, 20), issued=date(2025, 9, 1))
        self._invoice(214.0, date(2025, 11, 20), issued=date(2025, 9, 1))
        self._pay(first, 140.0, date(2025, 11, 10))
        self._pay(second, 85.0, date(2025, 11, 14))
        self.assertEqual(self._amount("delay"), 17.76)
        # From the invoice: (140 × 70 + 85 × 74) / 225.
        self.assertEqual(self._amount("days_to_pay"), 71.51)
        self.assertEqual((self._amount("collected"), self._amount("collected_overdue")), (225.0, 225.0))

    def test_parts_of_an_item_weigh_by_their_own_day(self):
        """Half paid on the due day, half 20 days later: 10 days on average; credit notes aren't payments."""
        move = self._invoice(100.0, date(2025, 10, 1), issued=date(2025, 9, 1))
        self._pay(move, 50.0, date(2025, 10, 1))
        self._pay(move, 50.0, date(2025, 10, 21))
        credited = self._invoice(500.0, date(2025, 10, 1), issued=date(2025, 9, 1))
        credited._reverse_moves([{"invoice_date": date(2025, 11, 1), "date": date(2025, 11, 1)}], cancel=True)
        self.assertEqual(self._amount("delay"), 10.0)
        self.assertEqual((self._amount("collected"), self._amount("collected_overdue")), (100.0, 50.0))
        # Until the last payment: 50 paid on the day, 50 open for 14 days, 500 open for 14 days.
        self.assertEqual(self._amount("delay", date(2025, 10, 15)), 12.83)

    def test_late_rate(self):
        """Due in the period: 300 on time, 100 a day late, 200 open, 400 due on the day itself: 2 of 4, 300 of 1 000."""
        on_time = self._invoice(300.0, date(2025, 10, 10), issued=date(2025, 9, 1))
        late = self._invoice(100.0, date(2025, 10, 10), issued=date(2025, 9, 1))
        self._invoice(200.0, date(2025, 11, 29), issued=date(2025, 9, 1))
        self._invoice(400.0, NOVEMBER, issued=date(2025, 9, 1))
        self._invoice(50.0, date(2025, 12, 1), issued=date(2025, 9, 1))
        self._pay(on_time, 300.0, date(2025, 10, 10))
        self._pay(late, 100.0, date(2025, 10, 11))
        self.assertEqual((self._amount("late_rate"), self._amount("late_rate_value")), (50.0, 30.0))
        # With a day of grace neither the one that was paid a day late, nor the one that is open for a day.
        self.assertEqual(self._amount("late_rate", grace=1), 0.0)
        # On 10 October nothing was late yet.
        self.assertEqual(self._amount("late_rate", date(2025, 10, 10)), 0.0)

    def test_collection_effectiveness(self):
        """(100 000 + 1 000 000 − 120 000) / (… − 100 000) = 98 %."""
        opening = self._invoice(100_000.0, date(2025, 10, 31), issued=date(2025, 10, 1))
        paid = self._invoice(880_000.0, date(2025, 11, 15), issued=date(2025, 11, 1))
        self._invoice(20_000.0, date(2025, 11, 15), issued=date(2025, 11, 1))
        self._invoice(100_000.0, date(2025, 12, 15), issued=date(2025, 11, 1))
        self._pay(opening, 100_000.0, date(2025, 11, 10))
        self._pay(paid, 880_000.0, date(2025, 11, 10))
        self.assertEqual(self._amount("effectiveness", months=1), 98.0)

    def test_collected_is_split_by_the_due_day(self):
        move = self._invoice(100.0, date(2025, 11, 10), issued=date(2025, 11, 1))
        self._pay(move, 70.0, date(2025, 11, 10))
        self._pay(move, 30.0, date(2025, 11, 11))
        self.assertEqual((self._amount("collected"), self._amount("collected_overdue")), (100.0, 30.0))

    def test_disputes(self):
        """400 of 1 000 disputed, then 300 paid: 400 of 700; one of two invoices; closed after 10 days, justified."""
        move = self._invoice(800.0, date(2025, 11, 20), issued=date(2025, 11, 1))
        self._invoice(200.0, date(2025, 11, 20), issued=date(2025, 11, 1))
        dispute = self.env["credit.dispute"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "reason_id": self.env["credit.dispute.reason"].search([], limit=1).id,
                "date": date(2025, 11, 10),
                "line_ids": [Command.create({"move_line_id": self._receivable(move).id, "amount": 400.0})],
            }
        )
        self.assertEqual(self._amount("disputed_share"), 40.0)
        self.assertEqual(self._amount("dispute_rate"), 50.0)
        self.assertEqual(self._amount("disputed_share", date(2025, 11, 9)), 0.0)
        self._pay(move, 500.0, date(2025, 11, 15))
        # Of what is left of the item, no more than it: 300 of 500.
        self.assertEqual(self._amount("disputed_share"), 60.0)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE credit_dispute SET state = 'closed', outcome = 'justified', closed_on = '2025-11-20' WHERE id = %s",
            [dispute.id],
        )
        self.env.invalidate_all()
        found = [self._amount(code) for code in ("disputed_share", "dispute_days", "dispute_justified")]
        self.assertEqual(found, [0.0, 10.0, 100.0])
        self.assertEqual(self._amount("disputed_share", date(2025, 11, 19)), 60.0)

    def test_promises(self):
        """Kept 300, broken 100, cancelled 500, one whose day is to come: 50 % and 75 %."""
        self._invoice(2_000.0, date(2025, 11, 5), issued=date(2025, 10, 1))
        states = (("kept", 300.0, 10), ("broken", 100.0, 11), ("cancelled", 500.0, 12), ("kept", 50.0, 29))
        for state, amount, day in states:
            promise = self.env["credit.promise"].create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "date_recorded": date(2025, 11, 1),
                    "date": date(2025, 11, day),
                    "amount": amount,
                }
            )
            self.env.flush_all()
            self.env.cr.execute("UPDATE credit_promise SET state = %s WHERE id = %s", [state, promise.id])
        # The tolerance of 3 days ends on 2 December.
        self.assertEqual((self._amount("promises_kept"), self._amount("promises_kept_value")), (50.0, 75.0))

    def test_bad_debt(self):
        """1 000 without taxes written off, 200 of taxes came back; 50 000 sold without taxes: 2 %."""
        tax = self.company_data["default_tax_sale"].copy({"amount": 20.0, "name": "20 %"})
        move = self._invoice(0.0, date(2025, 10, 1), issued=date(2025, 9, 5))
        move.button_draft()
        move.invoice_line_ids.write({"price_unit": 50_000.0, "tax_ids": [Command.set(tax.ids)]})
        move.action_post()
        loss = self.company_data["default_account_expense"]
        receivable = self._receivable(move).account_id
        entry = self.env["account.move"].create(
            {
                "date": date(2025, 11, 10),
                "journal_id": self.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create({"account_id": loss.id, "debit": 1_000.0}),
                    Command.create({"account_id": self.company_data["default_account_tax_sale"].id, "debit": 200.0}),
                    Command.create({"account_id": receivable.id, "partner_id": self.customer.id, "credit": 1_200.0}),
                ],
            }
        )
        entry.action_post()
        (self._receivable(move) | self._receivable(entry)).reconcile()
        self.assertEqual(self._amount("bad_debt"), 2.0)
        self.assertEqual(self._amount("collected"), 0.0)
        self.assertEqual(self._amount("receivables"), 58_800.0)
        # Once the accounts are named, others don't count.
        self.company.credit_bad_debt_account_ids = loss.copy({"name": "Other", "code": "X999"})
        self.assertEqual(self._amount("bad_debt"), 0.0)
        # Nor is a loss on another account money.
        self.assertEqual(self._amount("collected"), 0.0)

    def test_what_general_entries_collect(self):
        """700 on the bank's account and 200 set off count; 60 of reductions and 40 written off don't."""
        move = self._invoice(1_000.0, date(2025, 11, 30), issued=date(2025, 11, 1))
        data = self.company_data
        for amount, account in (
            (700.0, data["default_journal_bank"].default_account_id),
            (200.0, data["default_account_payable"]),
            (60.0, data["default_account_revenue"]),
            (40.0, data["default_account_expense"]),
        ):
            self._book_off(move, amount, date(2025, 11, 10), account)
        self.assertEqual(self._amount("collected"), 900.0)
