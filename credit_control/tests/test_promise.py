from datetime import date

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common_promise import CreditPromiseCommon, day


@tagged("post_install", "-at_install")
class TestPromise(CreditPromiseCommon):
    """Kept, partly kept, broken: from the payments of a real ledger."""

    def assertDecided(self, promise, state, kept=0.0, excluded=0.0, left=0.0):
        self.assertRecordValues(
            promise, [{"state": state, "amount_kept": kept, "amount_excluded": excluded, "amount_left": left}]
        )

    def _entry(self, *lines, on, journal=None):
        """Return a posted entry of (account, balance) lines of the customer."""
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": on,
                "journal_id": (journal or self.company_data["default_journal_misc"]).id,
                "line_ids": [
                    Command.create({"account_id": account.id, "partner_id": self.customer.id, "balance": balance})
                    for account, balance in lines
                ],
            }
        )
        entry.action_post()
        return entry

    # -- the cases of the specification -------------------------------------------------

    def test_1500_of_2000_is_partly_kept(self):
        """Promised 2 000 by the 10th, 1 500 paid on the 9th: known once the three days have passed."""
        promise = self._promise()
        with self.at(9):
            self._pay(self.invoice, 1500.0, 9)
        self.assertDecided(promise, "open", kept=1500.0, left=500.0)
        self._evaluate(13)
        self.assertEqual(promise.state, "open")
        self._evaluate(14)
        self.assertDecided(promise, "partly_kept", kept=1500.0, left=500.0)
        self.assertFalse(promise.broken_on)

    def test_nothing_is_broken(self):
        promise = self._promise()
        self._evaluate(13)
        self.assertEqual(promise.state, "open")
        self._evaluate(20)
        self.assertDecided(promise, "broken", left=2000.0)
        self.assertEqual(promise.broken_on, day(14), "whenever the job ran")

    def test_kept_at_once_by_a_payment(self):
        promise = self._promise()
        with self.at(5):
            self._pay(self.invoice, 1900.0, 5)
        self.assertDecided(promise, "kept", kept=1900.0)

    def test_a_promise_of_today_and_a_transfer_of_today(self):
        with self.at(10):
            promise = self._declare(days=0)
            self._pay(self.invoice, 2000.0, 10)
        self.assertDecided(promise, "kept", kept=2000.0)

    def test_credited_meanwhile_is_excluded(self):
        promise = self._promise()
        with self.at(5):
            self._credit(500.0, 5)
        self.assertDecided(promise, "open", excluded=500.0, left=1500.0)
        with self.at(9):
            self._pay(self.invoice, 1500.0, 9)
        self.assertDecided(promise, "kept", kept=1500.0, excluded=500.0)

    def test_credited_entirely_counts_neither_way(self):
        promise = self._promise()
        with self.at(5):
            note = self._credit(2000.0, 5)
        self.assertDecided(promise, "cancelled", excluded=2000.0)
        self.assertFalse(self.env["credit.promise"]._get_reliability(self.customer, self.company))
        with self.at(6):
            self._receivable(note).remove_move_reconcile()
        self.assertDecided(promise, "open", left=2000.0)

    def test_a_payment_dated_before_the_recording_does_not_count(self):
        other = self._invoice(5000.0, "2025-02-01")
        promise = self._promise(2000.0, recorded=5, items=self._receivable(other))
        with self.at(9):
            self._pay(other, 2000.0, 4)
        self._evaluate(14)
        self.assertDecided(promise, "broken", left=2000.0)

    def test_money_on_its_way_already_counts_neither_way(self):
        """Promised on the 5th; the bank's feed of the 6th brings the transfer of the 4th."""
        promise = self._promise(recorded=5)
        with self.at(6):
            self._pay(self.invoice, 2000.0, 4)
        self.assertDecided(promise, "cancelled", excluded=2000.0)
        self.assertTrue(promise.is_excluded)
        self._evaluate(14)
        self.assertEqual(promise.state, "cancelled")
        self.assertFalse(self.env["credit.promise"]._get_reliability(self.customer, self.company))

    def test_a_payment_after_the_tolerance_does_not_count(self):
        promise = self._promise()
        with self.at(14):
            self._pay(self.invoice, 2000.0, 14)
        self.assertEqual(promise.state, "broken")

    def test_the_tolerance_and_the_share_are_the_company_s(self):
        self.company.write({"credit_promise_tolerance_days": 10, "credit_promise_share": 50.0})
        promise = self._promise()
        self._evaluate(20)
        self.assertEqual(promise.state, "open")
        with self.at(20):
            self._pay(self.invoice, 1000.0, 20)
        self.assertDecided(promise, "kept", kept=1000.0)

    # -- the ledger ---------------------------------------------------------------------

    def test_a_payment_in_another_currency(self):
        """600 at 3 for 1 is 200; 600 paid at 4 for 1 are 150 and a loss of 50 that isn't the customer's."""
        gold = self.setup_other_currency("HRK", rates=[("2024-10-01", 3.0), ("2025-03-01", 4.0)])
        invoice = self._invoice(600.0, "2025-02-01", currency_id=gold.id)
        with self.at(1):
            promise = self._declare(600.0, items=self._receivable(invoice), currency=gold)
        self.assertEqual(promise.amount, 200.0)
        with self.at(9):
            self._pay(invoice, 300.0, 9, currency_id=gold.id)
            self.assertDecided(promise, "open", kept=100.0, left=100.0)
            self._pay(invoice, 300.0, 9, currency_id=gold.id)
        self.assertDecided(promise, "kept", kept=200.0)

    def test_one_line_of_an_invoice_in_instalments(self):
        """30 % at once and 70 % later: the promise is for the second, what pays the first doesn't count."""
        terms = self.env["account.payment.term"].create(
            {
                "name": "30 / 70",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 30, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 70, "nb_days": 45}),
                ],
            }
        )
        invoice = self._invoice(1000.0, False, invoice_payment_term_id=terms.id)
        first, second = self._receivable(invoice).sorted("date_maturity")
        promise = self._promise(700.0, items=second)
        with self.at(5):
            self._pay(invoice, 300.0, 5)
        self.assertEqual((first.amount_residual, second.amount_residual), (0.0, 700.0))
        self.assertDecided(promise, "open", left=700.0)
        with self.at(9):
            self._pay(invoice, 700.0, 9)
        self.assertDecided(promise, "kept", kept=700.0)

    def test_an_entry_of_the_bank_is_a_payment_whatever_its_journal(self):
        promise = self._promise()
        bank = self.company_data["default_journal_bank"].default_account_id
        entry = self._entry((bank, 2000.0), (self.item.account_id, -2000.0), on=day(8))
        with self.at(8):
            (self.item + entry.line_ids.filtered("account_id.reconcile")).reconcile()
        self.assertDecided(promise, "kept", kept=2000.0)

    def test_a_write_off_is_no_payment(self):
        promise = self._promise()
        entry = self._entry(
            (self.company_data["default_account_expense"], 400.0), (self.item.account_id, -400.0), on=day(8)
        )
        with self.at(8):
            (self.item + self._receivable(entry)).reconcile()
            self._pay(self.invoice, 1600.0, 8)
        self.assertDecided(promise, "kept", kept=1600.0, excluded=400.0)

    def test_whoever_enters_the_payment(self):
        """An accountant without any right in credit control."""
        accountant = new_test_user(self.env, "accountant", "account.group_account_invoice", company_id=self.company.id)
        plan = self.env["credit.payment.plan"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "move_line_ids": [Command.set(self.item.ids)],
                "count": 1,
                "date_first": day(10),
            }
        )
        with self.at(1):
            plan.action_agree()
        with self.at(5):
            self._pay(self.invoice.with_user(accountant), 2000.0, 5)
        self.assertEqual((plan.promise_ids.state, plan.state), ("kept", "done"))

    def test_a_cancelled_invoice_is_excluded(self):
        promise = self._promise()
        with self.at(5):
            self.invoice.button_draft()
            self.invoice.button_cancel()
        self._evaluate(6)
        self.assertDecided(promise, "cancelled", excluded=2000.0)

    def test_a_payment_taken_back_opens_it_again(self):
        promise = self._promise()
        with self.at(5):
            payment = self._pay(self.invoice, 2000.0, 5)
            self.assertEqual(promise.state, "kept")
            payment.action_draft()
        self.assertDecided(promise, "open", left=2000.0)

    def test_the_bank_is_fed_late(self):
        """The payment of the 9th is entered on the 20th: the promise was kept after all."""
        promise = self._promise()
        self._evaluate(15)
        self.assertEqual((promise.state, promise.broken_on), ("broken", day(14)))
        with self.at(20):
            self._pay(self.invoice, 2000.0, 9)
        self.assertDecided(promise, "kept", kept=2000.0)
        self.assertFalse(promise.broken_on)

    def test_a_payment_corrected_afterwards_keeps_it_still(self):
        """Reset to draft on the 20th to correct its memo, and confirmed: Odoo leaves it reconciled meanwhile."""
        promise = self._promise()
        with self.at(9):
            payment = self._pay(self.invoice, 2000.0, 9)
        with self.at(20):
            payment.action_draft()
            self.assertEqual(promise.state, "broken")
            payment.memo = "Invoice of February"
            payment.action_post()
        self.assertDecided(promise, "kept", kept=2000.0)
        self.assertFalse(promise.broken_on)

    def test_a_cancelled_invoice_that_is_confirmed_after_all(self):
        promise = self._promise()
        with self.at(5):
            self.invoice.button_draft()
            self.invoice.button_cancel()
        self._evaluate(6)
        with self.at(7):
            self.invoice.button_draft()
            self.invoice.action_post()
        self.assertDecided(promise, "open", left=2000.0)

    def test_two_promises_on_overlapping_items(self):
        """The earlier day is served first, and no euro counts twice."""
        other = self._receivable(self._invoice(1000.0, "2025-02-15"))
        later = self._promise(1000.0, on=20, items=self.item + other)
        sooner = self._promise(2000.0, on=10, items=self.item)
        with self.at(8):
            self._pay(self.invoice, 2000.0, 8)
        self.assertDecided(sooner, "kept", kept=2000.0)
        self.assertDecided(later, "open", left=1000.0)
        self._evaluate(24)
        self.assertDecided(later, "broken", left=1000.0)

    def test_a_few_queries_whatever_their_number(self):
        """As many for forty promises as for four: the outcomes are written together."""

        def measure(count):
            promises = self.env["credit.promise"]
            for number in range(count):
                customer = self._new_customer(f"Client {count}-{number}")
                item = self._receivable(self._invoice(100.0, "2025-02-01", partner=customer))
                promises |= self._promise(100.0, items=item, partner_id=customer.id)
                self.env["credit.debtor"]._ensure(self.company, customer.ids)
            self.env.flush_all()
            self.env.invalidate_all()
            with self.at(20):
                before = self.env.cr.sql_log_count
                self.env["credit.promise"]._cron_evaluate()
                self.env.flush_all()
                used = self.env.cr.sql_log_count - before
            self.assertEqual(set(promises.mapped("state")), {"broken"})
            return used

        measure(1)
        few, many = measure(4), measure(40)
        self.assertLessEqual(many, few + 2)

    # -- what it sets in motion ----------------------------------------------------------

    def test_the_customer_s_thread_tells_of_it(self):
        with self.at(1):
            self._declare()
        debtor = self.env["credit.debtor"].search([("partner_id", "=", self.customer.id)])
        self.assertIn("Promised", debtor.message_ids[0].body)
        self._evaluate(14)
        self.assertIn("Promise broken", debtor.message_ids[0].body)

    def test_reliability(self):
        other = self._new_customer("Atelier Nord")
        for state in ("kept", "kept", "partly_kept", "broken", "open", "cancelled"):
            self._promise(100.0, state=state)
        reliability = self.env["credit.promise"]._get_reliability
        self.assertEqual(reliability(self.customer | other, self.company), {self.customer.id: (2, 4)})
        debtors = self.env["credit.debtor"]._ensure(self.company, (self.customer | other).ids)
        self.assertEqual(reliability(debtors, self.company), {self.customer.id: (2, 4)})

    def test_a_broken_promise_has_its_own_step(self):
        """One day after it was broken the answer to it is due; once it left, the ladder goes on."""
        step = self.env["credit.dunning.step"].create(
            {
                "policy_id": self.policy.id,
                "name": "Promise broken",
                "delay_basis": "promise_broken",
                "delay_days": 1,
                "sequence": 9,
                "mode": "auto",
                "channel_ids": [Command.set(self.email.ids)],
            }
        )
        self._promise()
        with self.at(12):
            self.assertEqual(self._reason(self.invoice, self._plan(day(12))), "promised")
        self._evaluate(14)
        with self.at(15):
            run = self._plan(day(15))
        self.assertEqual(run.notice_ids.step_id, step)
        self.assertEqual(run.notice_ids.amount_total, 2000.0)

    def test_a_plan_of_today_knows_what_is_broken_today(self):
        promise = self._promise()
        with self.at(14):
            run = self._plan(day(14))
        self.assertEqual(promise.state, "broken")
        self.assertEqual(self._reason(self.invoice, run), "remind")


@tagged("post_install", "-at_install")
class TestPromiseDeclared(CreditPromiseCommon):
    """The one way in for calls, answers and the portal."""

    def test_recorded_with_who_and_how(self):
        contact = self.env["res.partner"].create({"name": "Accounts payable", "parent_id": self.customer.id})
        with self.at(1):
            promise = self._declare(1200.004, contact=contact, channel="email", note="By transfer")
        self.assertRecordValues(
            promise,
            [
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "amount": 1200.0,
                    "amount_left": 1200.0,
                    "date": day(10),
                    "date_recorded": day(1),
                    "state": "open",
                    "contact_id": contact.id,
                    "channel": "email",
                    "user_id": self.collector.id,
                    "note": "By transfer",
                }
            ],
        )
        self.assertEqual(promise.move_line_ids, self.item)

    def test_a_contact_stands_for_the_customer(self):
        contact = self.env["res.partner"].create({"name": "Accounts payable", "parent_id": self.customer.id})
        promise = self.env["credit.promise"]._declare(contact, self.item, 10.0, fields.Date.today())
        self.assertEqual(promise.partner_id, self.customer)

    def test_the_same_twice_is_one(self):
        with self.at(1):
            first = self._declare(500.0)
            self.assertEqual(self._declare(500.0), first)
            self.assertNotEqual(self._declare(600.0), first, "another amount is another promise")
        self.assertEqual(len(self.env["credit.promise"].search([("partner_id", "=", self.customer.id)])), 2)

    def test_what_is_refused(self):
        for amount in (0, -5.0, False, "", "abc", float("nan"), float("inf"), 0.001):
            with self.subTest(amount=amount), self.assertRaisesRegex(UserError, "Amount"):
                self._declare(amount)
        with self.assertRaisesRegex(UserError, "2,000.00"):
            self._declare(2000.01)
        for days in (-1, 91):
            with self.subTest(days=days), self.assertRaisesRegex(UserError, "To be paid by"):
                self._declare(days=days)
        for wrong in ("soon", False, "2025-02-30"):
            with self.subTest(date=wrong), self.assertRaisesRegex(UserError, "To be paid by"):
                self.env["credit.promise"]._declare(self.customer, self.item, 10.0, wrong)

    def test_what_is_promised_already(self):
        with self.at(1):
            self._declare(1500.0)
            with self.assertRaisesRegex(UserError, "promised already"):
                self._declare(501.0)
            self.assertEqual(self._declare(500.0).state, "open")

    def test_items_of_others_are_refused(self):
        """Also where it is called with all rights for a visitor of the portal."""
        stranger = self._new_customer("Atelier Nord")
        theirs = self._receivable(self._invoice(100.0, "2025-02-01", partner=stranger))
        paid = self._receivable(self._invoice(70.0, "2025-02-01"))
        self._pay(paid.move_id, 70.0, 1)
        income = self.invoice.line_ids - self.item
        promises = self.env["credit.promise"].sudo()
        missing = self.item.browse(2**30)
        for items in (theirs, self.item | theirs, paid, income, self.item.browse(), missing):
            with self.subTest(items=items), self.assertRaisesRegex(UserError, "Choose open invoices of Boulangerie"):
                promises._declare(self.customer, items, 10.0, fields.Date.today())

    def test_the_contact_is_the_customer_s(self):
        with self.assertRaisesRegex(ValidationError, "Atelier Nord"):
            self._declare(contact=self._new_customer("Atelier Nord"))

    def test_hostile_words_are_words(self):
        with self.at(1):
            promise = self._declare(note="<script>alert(1)</script>" * 1000)
        self.customer.name = "<img src=x onerror=alert(1)>"
        self._evaluate(20)
        self.assertNotIn("<img", promise.message_ids[0].body)

    def test_without_items_it_is_for_all_that_is_open(self):
        other = self._receivable(self._invoice(100.0, date(2025, 6, 1)))
        promise = self._promise(items=self.item.browse())
        self.assertEqual(promise.move_line_ids, self.item | other)

    def test_cancelled_by_a_person(self):
        promise = self._promise().with_user(self.collector)
        promise.action_cancel()
        with self.at(9):
            self._pay(self.invoice, 2000.0, 9)
        self.assertEqual((promise.state, promise.amount_left), ("cancelled", 0.0))
        kept = self._promise(state="kept")
        with self.assertRaisesRegex(UserError, "only an open promise"):
            kept.action_cancel()

    def test_cancelling_one_frees_its_money_for_the_other(self):
        first, second = self._promise(1000.0, on=8), self._promise(1000.0, on=9)
        with self.at(5):
            self._pay(self.invoice, 900.0, 5)
            self.assertEqual((first.amount_kept, second.amount_kept), (900.0, 0.0))
            first.action_cancel()
        self.assertEqual(second.amount_kept, 900.0)

    def test_the_terms_change(self):
        promise = self._promise()
        with self.at(5):
            self._pay(self.invoice, 1000.0, 5)
            self.assertEqual(promise.state, "open")
            promise.with_user(self.collector).amount = 1000.0
        self.assertEqual(promise.state, "kept")

    def test_changed_to_what_could_not_be_declared(self):
        with self.at(1):
            promise = self._declare(500.0)
            for words, vals in (("Amount", {"amount": 2000.01}), ("To be paid by", {"date": "2025-02-27"})):
                with self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
                    promise.write(vals)

    @mute_logger("odoo.sql_db")
    def test_a_promise_without_its_day_is_refused_in_words(self):
        with self.at(1):
            promise = self._declare(500.0)
            vals = {"date": False, "amount": 0.0, "move_line_ids": [Command.clear()]}
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                promise.write(vals)

    def test_a_reader_records_nothing(self):
        with self.assertRaises(AccessError):
            self._declare(user=self.reader)
