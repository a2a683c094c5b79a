import random
from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from odoo.addons.credit_control.core.ageing import AgeingScale

from ..models import credit_open_item
from .common import CreditControlCommon

JANUARY, FEBRUARY, MARCH = date(2025, 1, 15), date(2025, 2, 15), date(2025, 3, 15)


class OpenItemCommon(CreditControlCommon):
    def _items(self, as_of, *domain, user=None):
        items = self.env["credit.open.item"].with_context(as_of=as_of)
        if user:
            items = items.with_user(user).with_company(self.company)
        return items.search([("company_id", "=", self.company.id), *domain])

    def _open(self, as_of, move):
        """Return the amount that was open of ``move`` on a day."""
        return sum(self._items(as_of, ("move_id", "=", move.id)).mapped("amount_residual"))

    def _balance(self, as_of, company=None):
        """Return the balance of the receivable accounts, from the entries alone."""
        domain = [
            ("company_id", "=", (company or self.company).id),
            ("account_id.account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            ("date", "<=", as_of),
        ]
        return self.env["account.move.line"]._read_group(domain, [], ["balance:sum"])[0][0]

    def _pay(self, move, amount, day, **values):
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=move.ids)
        return wizard.create({"amount": amount, "payment_date": day, **values})._create_payments()

    def _entry(self, *lines, day=JANUARY, post=True):
        """Return an entry of (account, partner, balance) lines."""
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "line_ids": [
                    Command.create(
                        {"account_id": account.id, "partner_id": partner and partner.id, "balance": balance, **values}
                    )
                    for account, partner, balance, values in lines
                ],
            }
        )
        if post:
            entry.action_post()
        return entry


@tagged("post_install", "-at_install")
class TestOpenItem(OpenItemCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.revenue = cls.company_data["default_account_revenue"]
        cls.dispute_reason = cls.env["credit.dispute.reason"].create({"name": "Wrong price", "code": "test"})
        cls.invoice = cls._invoice(1000.0, FEBRUARY, issued=JANUARY)

    # -- one item ---------------------------------------------------------------------

    def test_an_invoice_is_an_item_with_its_due_date(self):
        (item,) = self._items(MARCH)
        self.assertRecordValues(
            item,
            [
                {
                    "id": self._receivable(self.invoice).id,
                    "move_line_id": self._receivable(self.invoice).id,
                    "move_id": self.invoice.id,
                    "reference": self.invoice.name,
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "date": JANUARY,
                    "date_maturity": FEBRUARY,
                    "days_overdue": 28,
                    "bucket": "1-30",
                    "amount_residual": 1000.0,
                    "amount_residual_currency": 1000.0,
                    "amount_disputed": 0.0,
                    "amount_promised": 0.0,
                    "no_followup": False,
                    "non_trade": False,
                    "collected": False,
                }
            ],
        )

    def test_two_days_in_one_transaction(self):
        """The cache keeps the days apart."""
        self._pay(self.invoice, 300.0, FEBRUARY)
        item = self.env["credit.open.item"].browse(self._receivable(self.invoice).id)
        before, after = item.with_context(as_of=JANUARY), item.with_context(as_of=MARCH)
        self.assertEqual((before.days_overdue, after.days_overdue), (-31, 28))
        self.assertEqual((before.bucket, after.bucket), ("not_due", "1-30"))
        self.assertEqual((before.amount_residual, after.amount_residual), (1000.0, 700.0))
        self.assertEqual((before.amount_residual_currency, after.amount_residual_currency), (1000.0, 700.0))

    def test_the_day_is_a_date_its_text_or_today(self):
        self.assertEqual(self._items("2025-03-15").days_overdue, 28)
        self.assertEqual(self._items("2025-03-15 23:59:59").days_overdue, 28)
        today = fields.Date.context_today(self.env.user)
        self.assertEqual(self._items(None).days_overdue, (today - FEBRUARY).days)

    def test_a_day_that_is_none_is_refused(self):
        with self.assertRaisesRegex(UserError, "tomorrow"):
            self._items("tomorrow")

    def test_an_invoice_in_memory_is_read_at_once(self):
        """Nothing is flushed by hand: the model says what it reads."""
        line = self._receivable(self.invoice)
        self.assertEqual(self._items(MARCH).date_maturity, FEBRUARY)
        line.date_maturity = MARCH
        self.assertEqual(self._items(MARCH).days_overdue, 0)
        later = self._invoice(50.0, MARCH, issued=FEBRUARY)
        self.assertEqual(self._open(MARCH, later), 50.0)
        self._pay(later, 20.0, MARCH)
        self.assertEqual(self._open(MARCH, later), 30.0)
        self.customer.parent_id = self._new_customer("Groupe Exemple", is_company=True)
        self.customer.is_company = False
        self.assertEqual(self._items(MARCH).partner_id, self.customer.commercial_partner_id)

    def test_it_was_not_there_before_its_date(self):
        self.assertFalse(self._items(JANUARY - timedelta(days=1)))
        self.assertEqual(self._items(JANUARY).amount_residual, 1000.0)

    def test_drafts_and_cancelled_entries_are_no_items(self):
        draft = self._invoice(10.0, MARCH, issued=JANUARY)
        cancelled = self._invoice(20.0, MARCH, issued=JANUARY)
        draft.button_draft()
        cancelled.button_draft()
        cancelled.button_cancel()
        self.assertEqual(self._items(MARCH).move_id, self.invoice)

    # -- what was settled, and when ---------------------------------------------------

    def test_part_payments(self):
        self._pay(self.invoice, 300.0, FEBRUARY)
        self._pay(self.invoice, 700.0, MARCH)
        days = [JANUARY, FEBRUARY - timedelta(days=1), FEBRUARY, MARCH - timedelta(days=1), MARCH]
        self.assertEqual([self._open(day, self.invoice) for day in days], [1000.0, 1000.0, 700.0, 700.0, 0.0])

    def test_a_payment_before_the_invoice_is_a_credit_until_then(self):
        payment = self._pay(self.invoice, 1000.0, date(2025, 1, 10))
        self.assertEqual(self._open(date(2025, 1, 12), payment.move_id), -1000.0)
        self.assertEqual(self._open(date(2025, 1, 12), self.invoice), 0.0)
        self.assertFalse(self._items(JANUARY))

    def test_an_unallocated_payment_is_a_credit(self):
        payment = self.env["account.payment"].create(
            {"payment_type": "inbound", "partner_id": self.customer.id, "amount": 80.0, "date": FEBRUARY}
        )
        payment.action_post()
        credit = self._items(MARCH, ("move_id", "=", payment.move_id.id))
        self.assertRecordValues(credit, [{"amount_residual": -80.0, "amount_disputed": 0.0, "amount_promised": 0.0}])

    def test_a_refund_lowers_from_its_own_date(self):
        refund = self._invoice(400.0, MARCH, issued=FEBRUARY, move_type="out_refund")
        self.assertEqual([self._open(MARCH, self.invoice), self._open(MARCH, refund)], [1000.0, -400.0])
        (self._receivable(self.invoice) + self._receivable(refund)).reconcile()
        self.assertEqual([self._open(MARCH, self.invoice), self._open(MARCH, refund)], [600.0, 0.0])
        self.assertEqual(self._open(JANUARY, self.invoice), 1000.0)

    def test_a_draft_refund_lowers_nothing(self):
        """Odoo lowers the invoice's residual at once; the ledger's balance doesn't know the draft."""
        refund = self._invoice(1000.0, MARCH, issued=FEBRUARY, move_type="out_refund")
        refund.button_draft()
        (self._receivable(self.invoice) + self._receivable(refund)).reconcile()
        self.assertEqual(self.invoice.amount_residual, 0.0)
        for day in (JANUARY, MARCH, fields.Date.context_today(self.env.user)):
            self.assertEqual(self._open(day, self.invoice), 1000.0)
            self.assertEqual(sum(self._items(day).mapped("amount_residual")), self._balance(day))

    def test_a_payment_that_is_a_draft_again_pays_nothing(self):
        payment = self._pay(self.invoice, 1000.0, FEBRUARY)
        payment.action_draft()
        self.assertEqual(self._open(MARCH, self.invoice), 1000.0)
        self.assertEqual(sum(self._items(MARCH).mapped("amount_residual")), self._balance(MARCH))

    def test_a_payment_dated_in_the_future_is_not_there_yet(self):
        today = fields.Date.context_today(self.env.user)
        self._pay(self.invoice, 1000.0, today + timedelta(days=30))
        self.assertEqual(self._open(today, self.invoice), 1000.0)
        self.assertEqual(self._open(today + timedelta(days=30), self.invoice), 0.0)

    def test_a_reconciliation_undone_opens_again(self):
        self._pay(self.invoice, 1000.0, FEBRUARY)
        self._receivable(self.invoice).remove_move_reconcile()
        self.assertEqual(self._open(MARCH, self.invoice), 1000.0)

    # -- kinds of items ---------------------------------------------------------------

    def test_instalments_age_each_by_its_own_due_date(self):
        terms = self.env["account.payment.term"].create(
            {
                "name": "30 % at once, 70 % after 45 days",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 30, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 70, "nb_days": 45}),
                ],
            }
        )
        invoice = self._invoice(
            200.0, False, issued=JANUARY, invoice_payment_term_id=terms.id, partner_id=self.customer.id
        )
        items = self._items(MARCH, ("move_id", "=", invoice.id)).sorted("date_maturity")
        self.assertRecordValues(
            items,
            [
                {"date_maturity": JANUARY, "days_overdue": 59, "bucket": "31-60", "amount_residual": 60.0},
                {"date_maturity": date(2025, 3, 1), "days_overdue": 14, "bucket": "1-30", "amount_residual": 140.0},
            ],
        )

    def test_equal_lines_of_one_entry_are_two_items(self):
        line = (self.receivable, self.customer, 25.0, {"date_maturity": FEBRUARY, "name": "Opening"})
        entry = self._entry(line, line, (self.revenue, None, -50.0, {}))
        self.assertEqual(self._items(MARCH, ("move_id", "=", entry.id)).mapped("amount_residual"), [25.0, 25.0])

    def test_an_item_without_customer_or_due_date(self):
        entry = self._entry((self.receivable, None, 10.0, {}), (self.revenue, None, -10.0, {}))
        self._receivable(entry).date_maturity = False
        (item,) = self._items(MARCH, ("move_id", "=", entry.id))
        self.assertFalse(item.partner_id)
        self.assertEqual((item.date_maturity, item.days_overdue), (JANUARY, 59))
        self.assertIn(item, self._items(MARCH, ("partner_id", "=", False)))

    def test_an_entry_carries_its_exclusion_from_follow_up(self):
        entry = self._entry((self.receivable, self.customer, 10.0, {}), (self.revenue, None, -10.0, {}))
        self.assertTrue(self._items(MARCH, ("move_id", "=", entry.id)).no_followup)

    def test_other_receivables_tie_to_the_ledger_and_say_so(self):
        deposit = self.receivable.copy({"non_trade": True, "code": "D10001"})
        entry = self._entry((deposit, self.customer, 10.0, {}), (self.revenue, None, -10.0, {}))
        self.assertTrue(self._items(MARCH, ("move_id", "=", entry.id)).non_trade)
        self.assertEqual(sum(self._items(MARCH).mapped("amount_residual")), self._balance(MARCH))

    def test_a_contact_s_items_are_the_company_s(self):
        contact = self.env["res.partner"].create({"name": "Accounts", "parent_id": self.customer.id})
        entry = self._entry((self.receivable, contact, 10.0, {}), (self.revenue, None, -10.0, {}))
        items = self._items(MARCH, ("partner_id", "=", self.customer.id))
        self.assertEqual(items.move_id, self.invoice + entry)

    # -- currencies -------------------------------------------------------------------

    def test_a_foreign_item_and_its_exchange_difference(self):
        """300 at 3 for 1 is 100 in January; 300 paid at 2 for 1 in March is 150: the gain of 50 settles nothing."""
        gold = self.setup_other_currency("HRK", rates=[("2025-01-01", 3.0), ("2025-03-01", 2.0)])
        invoice = self._invoice(300.0, FEBRUARY, issued=JANUARY, currency_id=gold.id)
        (item,) = self._items(FEBRUARY, ("move_id", "=", invoice.id))
        self.assertRecordValues(
            item, [{"currency_id": gold.id, "amount_residual": 100.0, "amount_residual_currency": 300.0}]
        )
        self._pay(invoice, 120.0, MARCH, currency_id=gold.id)
        (item,) = self._items(MARCH, ("move_id", "=", invoice.id))
        self.assertRecordValues(item, [{"amount_residual": 60.0, "amount_residual_currency": 180.0}])
        self._pay(invoice, 180.0, MARCH, currency_id=gold.id)
        self.assertFalse(self._items(MARCH, ("move_id", "=", invoice.id)))
        self.assertEqual(self._open(FEBRUARY, invoice), 100.0)
        for day in (JANUARY, FEBRUARY, date(2025, 3, 14), MARCH, date(2025, 4, 30)):
            self.assertAlmostEqual(sum(self._items(day).mapped("amount_residual")), self._balance(day))

    # -- companies and rights ---------------------------------------------------------

    def test_a_branch_has_its_own_items_in_its_own_buckets(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        branch.credit_ageing_edges = "7,14"
        self.env.user.company_ids += branch
        self.customer.with_company(branch).property_account_receivable_id = self.receivable
        self.env["account.move"].with_company(branch).create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": JANUARY,
                "invoice_date_due": FEBRUARY,
                "invoice_payment_term_id": False,
                "company_id": branch.id,
                "invoice_line_ids": [Command.create({"name": "Bread", "price_unit": 5.0, "tax_ids": []})],
            }
        ).action_post()
        items = self.env["credit.open.item"].with_context(as_of=MARCH)
        of_branch = items.search([("company_id", "=", branch.id)])
        self.assertRecordValues(of_branch, [{"company_id": branch.id, "amount_residual": 5.0, "bucket": "15+"}])
        self.assertEqual(self._items(MARCH).bucket, "1-30")

    def test_the_reader_sees_the_items_of_their_companies_only(self):
        other = self.setup_other_company()
        stranger = self._new_stranger(other["company"], "reader")
        self.assertEqual(self._items(MARCH, user=self.reader).move_id, self.invoice)
        self.assertFalse(self.env["credit.open.item"].with_user(stranger).with_context(as_of=MARCH).search([]))
        with self.assertRaises(AccessError):
            self._items(MARCH).with_user(stranger).read(["amount_residual"])

    def test_others_see_nothing_and_nobody_writes(self):
        employee = new_test_user(self.env, login="employee", groups="base.group_user")
        with self.assertRaises(AccessError):
            self._items(MARCH, user=employee)
        with self.assertRaises(AccessError):
            self._items(MARCH).with_user(self.manager).write({"reference": "Mine"})

    def test_columns_are_summed_by_the_pivot(self):
        self._invoice(500.0, date(2025, 1, 31), issued=JANUARY)
        items = self.env["credit.open.item"].with_user(self.reader).with_context(as_of=MARCH)
        groups = items._read_group(
            [("partner_id", "=", self.customer.id)], ["bucket"], ["amount_residual:sum", "days_overdue:max", "__count"]
        )
        self.assertEqual(sorted(groups), [("1-30", 1000.0, 28, 1), ("31-60", 500.0, 43, 1)])
        (by_customer,) = items.formatted_read_group(
            [("company_id", "=", self.company.id)], ["partner_id", "date_maturity:month"], ["amount_residual:sum"]
        )[1:]
        self.assertEqual(by_customer["amount_residual:sum"], 1000.0)

    def test_a_list_is_sorted_and_cut_in_the_database(self):
        self._invoice(1.0, date(2025, 1, 20), issued=JANUARY)
        items = self.env["credit.open.item"].with_user(self.collector).with_context(as_of=MARCH)
        first = items.search_fetch([], ["reference", "bucket"], limit=1)
        self.assertEqual((first.bucket, first.date_maturity), ("31-60", date(2025, 1, 20)))
        self.assertEqual(items.search_count([("days_overdue", ">", 30)]), 1)

    # -- narrow reads -----------------------------------------------------------------

    def test_restricted_reads_give_the_same_rows(self):
        """What is searched for by customer or item reads less of the ledger, and finds the same."""
        other = self._new_customer("Fromagerie Exemple")
        second = self._invoice(70.0, MARCH, partner=other, issued=JANUARY)
        self._pay(self.invoice, 250.0, FEBRUARY)
        self._pay(second, 70.0, MARCH)
        for day in (JANUARY, FEBRUARY, MARCH, fields.Date.context_today(self.env.user)):
            wanted = [(item.id, item.amount_residual) for item in self._items(day) if item.partner_id == other]
            for domain in (
                [("partner_id", "=", other.id)],
                [("partner_id", "in", other.ids), ("partner_id", "!=", self.customer.id)],
                [("move_line_id", "in", self._receivable(second).ids)],
                ["|", ("partner_id", "=", other.id), ("id", "=", 0)],
            ):
                found = [(item.id, item.amount_residual) for item in self._items(day, *domain)]
                self.assertEqual(found, wanted, (day, domain))

    def test_contradicting_conditions_find_nothing(self):
        other = self._new_customer("Fromagerie Exemple")
        self.assertFalse(self._items(MARCH, ("partner_id", "=", other.id), ("partner_id", "=", self.customer.id)))

    def test_the_query_is_restricted_by_its_arguments(self):
        line = self._receivable(self.invoice)
        items = self.env["credit.open.item"]
        items._flush_sources()
        for arguments, found in (
            ({"company_ids": self.company.ids}, line.ids),
            ({"company_ids": []}, []),
            ({"partner_ids": self.customer.ids}, line.ids),
            ({"partner_ids": []}, []),
            ({"line_ids": line.ids, "company_ids": self.company.ids}, line.ids),
            ({"line_ids": line.ids, "partner_ids": [0]}, []),
        ):
            query = SQL(
                "SELECT id FROM (%s) item WHERE company_id = %s",
                items._get_items_sql(MARCH, **arguments),
                self.company.id,
            )
            self.assertEqual([row for (row,) in self.env.execute_query(query)], found, arguments)

    def test_few_are_looked_up_and_many_are_read_with_the_same_result(self):
        other = self._invoice(70.0, MARCH, issued=JANUARY)
        self._pay(self.invoice, 250.0, FEBRUARY)
        lines = self._receivable(self.invoice) + self._receivable(other)
        items = self.env["credit.open.item"]
        items._flush_sources()
        today = fields.Date.context_today(self.env.user)
        for limits in ({"FEW_CUSTOMERS": 1, "FEW_ITEMS": 2}, {"FEW_CUSTOMERS": 0, "FEW_ITEMS": 1}):
            for day, open_of_first in ((JANUARY, 1000.0), (FEBRUARY, 750.0), (MARCH, 750.0), (today, 750.0)):
                for arguments in ({"line_ids": lines.ids}, {"partner_ids": self.customer.ids}):
                    with (
                        self.subTest(limits=limits, day=day, arguments=arguments),
                        patch.multiple(credit_open_item, **limits),
                    ):
                        query = SQL(
                            "SELECT id, amount_residual::float8 FROM (%s) item",
                            items._get_items_sql(day, **arguments),
                        )
                        self.assertEqual(
                            dict(self.env.execute_query(query)),
                            dict(zip(lines.ids, (open_of_first, 70.0), strict=True)),
                        )

    # -- buckets ----------------------------------------------------------------------

    def test_the_bucket_is_python_s_day_by_day(self):
        for edges in ("30,60,90", "1", "10/20/45/400"):
            self.company.credit_ageing_edges = edges
            scale = AgeingScale.parse(edges)
            for days in (-31, -1, *range(95), 399, 400, 401, 4000):
                item = self._items(FEBRUARY + timedelta(days=days))
                self.assertEqual((item.days_overdue, item.bucket), (days, scale.code(days)))

    def test_edges_that_make_no_buckets_are_refused(self):
        for text in ("thirty", "30,20", "0,30", ",", "30.5,60"):
            with self.assertRaisesRegex(ValidationError, "30,60,90"):
                self.company.credit_ageing_edges = text

    # -- disputed and promised parts ----------------------------------------------------

    def _dispute(self, amount=0.0, move=None, **values):
        return self.env["credit.dispute"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "reason_id": self.dispute_reason.id,
                "date": JANUARY,
                "line_ids": [
                    Command.create({"move_line_id": self._receivable(move or self.invoice).id, "amount": amount})
                ],
                **values,
            }
        )

    def _promise(self, amount, *moves, **values):
        return self.env["credit.promise"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "amount": amount,
                "date": MARCH,
                "date_recorded": FEBRUARY,
                "move_line_ids": [Command.set([self._receivable(move).id for move in moves or [self.invoice]])],
                **values,
            }
        )

    def test_a_disputed_part(self):
        dispute = self._dispute(400.0)
        self.assertEqual(self._items(MARCH).amount_disputed, 400.0)
        self.assertEqual(self._items(JANUARY).amount_disputed, 400.0)
        dispute.write({"state": "closed", "closed_on": MARCH, "outcome": "unjustified"})
        self.assertEqual(self._items(MARCH).amount_disputed, 0.0)
        self.assertEqual(self._items(FEBRUARY).amount_disputed, 400.0, "it was open then")

    def test_a_dispute_of_all_or_of_more_than_is_open(self):
        self._dispute()
        self.assertEqual(self._items(MARCH).amount_disputed, 1000.0)
        self._pay(self.invoice, 900.0, FEBRUARY)
        self.assertEqual(self._items(MARCH).amount_disputed, 100.0)

    def test_a_dispute_does_not_reach_back(self):
        self._dispute(400.0, date=FEBRUARY)
        self.assertEqual(self._items(JANUARY).amount_disputed, 0.0)

    def test_a_promised_part(self):
        promise = self._promise(300.0)
        self.assertEqual(self._items(JANUARY).amount_promised, 0.0, "nobody had promised yet")
        self.assertEqual(self._items(MARCH).amount_promised, 300.0)
        self.assertEqual(self._items(MARCH + timedelta(days=3)).amount_promised, 300.0, "transfers take a while")
        self.assertEqual(self._items(MARCH + timedelta(days=4)).amount_promised, 0.0)
        promise.state = "cancelled"
        self.assertEqual(self._items(MARCH).amount_promised, 0.0)

    def test_a_broken_promise_counted_until_it_was_broken(self):
        self._promise(300.0, state="broken", broken_on=date(2025, 3, 16))
        self.assertEqual(self._items(MARCH).amount_promised, 300.0)
        self.assertEqual(self._items(date(2025, 3, 16)).amount_promised, 0.0)

    def test_what_was_received_keeps_the_promise(self):
        """300 of 1 000 promised, 100 received: 200 are still promised, and 700 asked."""
        self._promise(300.0)
        self._pay(self.invoice, 100.0, date(2025, 3, 1))
        (item,) = self._items(MARCH)
        self.assertEqual((item.amount_residual, item.amount_promised), (900.0, 200.0))
        self._pay(self.invoice, 250.0, date(2025, 3, 2))
        self.assertEqual(self._items(MARCH).amount_promised, 0.0)

    def test_what_was_paid_before_the_promise_does_not_keep_it(self):
        self._pay(self.invoice, 100.0, date(2025, 2, 1))
        self._promise(300.0)
        self.assertEqual(self._items(MARCH).amount_promised, 300.0)

    def test_a_promise_covers_the_oldest_items_first(self):
        young = self._invoice(500.0, MARCH, issued=JANUARY)
        self._promise(1200.0, young, self.invoice)
        self.assertEqual(self._items(MARCH).mapped("amount_promised"), [1000.0, 200.0])

    def test_a_plan_of_several_promises_covers_what_they_add_up_to(self):
        """Three times 300 on items of 1 000 and 500: the first is received, 600 are promised."""
        young = self._invoice(500.0, MARCH, issued=JANUARY)
        self._pay(self.invoice, 300.0, date(2025, 3, 10))
        for state, day in (("kept", date(2025, 3, 10)), ("open", date(2025, 4, 10)), ("open", date(2025, 5, 10))):
            self._promise(300.0, self.invoice, young, state=state, date=day)
        old, new = self._items(MARCH)
        self.assertEqual((old.amount_residual, old.amount_promised), (700.0, 600.0))
        self.assertEqual((new.amount_residual, new.amount_promised), (500.0, 0.0))

    def test_promises_on_overlapping_items_share_what_was_received(self):
        """400 of the first, 600 of either; 400 received on the first: the 600 are promised still."""
        young = self._invoice(500.0, MARCH, issued=JANUARY)
        self._promise(400.0, date=date(2025, 3, 5))
        self._promise(600.0, self.invoice, young)
        self._pay(self.invoice, 400.0, date(2025, 3, 4))
        self.assertEqual(self._items(MARCH).mapped("amount_promised"), [100.0, 500.0])

    def test_a_payment_on_another_item_leaves_the_promise(self):
        """400 of the first, 100 of either; 500 received on the second: the 400 are promised still."""
        young = self._invoice(500.0, MARCH, issued=JANUARY)
        self._promise(400.0)
        self._promise(100.0, self.invoice, young)
        self._pay(young, 500.0, date(2025, 3, 4))
        self.assertEqual(self._items(MARCH).mapped("amount_promised"), [400.0])

    def test_a_promise_stands_for_what_is_not_disputed(self):
        """All of the older is disputed: 300 promised for either are 300 of the younger."""
        young = self._invoice(500.0, MARCH, issued=JANUARY)
        self._dispute()
        self._promise(300.0, self.invoice, young)
        self.assertEqual(self._items(MARCH).mapped("amount_promised"), [0.0, 300.0])

    def test_what_is_disputed_is_not_promised_too(self):
        self._dispute(800.0)
        self._promise(300.0)
        (item,) = self._items(MARCH)
        self.assertEqual((item.amount_disputed, item.amount_promised), (800.0, 200.0))


@tagged("post_install", "-at_install")
class TestOpenItemTies(OpenItemCommon):
    def test_the_total_is_the_ledger_s_on_any_day(self):
        """Invariant 10, over a ledger drawn at random: payments, refunds, instalments, currencies, drafts."""
        draw = random.Random(19)
        self._draw_ledger(draw)
        days = [date(2024, 12, 25) + timedelta(days=7 * week) for week in range(24)]
        scale = AgeingScale.parse(self.company.credit_ageing_edges)
        for day in days:
            items = self._items(day)
            self.assertAlmostEqual(sum(items.mapped("amount_residual")), self._balance(day), 2, day)
            spread = scale.spread((item.days_overdue, item.amount_residual) for item in items)
            groups = dict(
                self.env["credit.open.item"]
                .with_context(as_of=day)
                ._read_group([("company_id", "=", self.company.id)], ["bucket"], ["amount_residual:sum"])
            )
            for code, amount in spread.items():
                self.assertAlmostEqual(groups.get(code, 0.0), amount, 2, (day, code))

    def _draw_ledger(self, draw):
        gold = self.setup_other_currency(
            "HRK", rates=[(f"2025-0{month}-01", 2.0 + month / 10) for month in range(1, 7)]
        )
        start = date(2025, 1, 1)
        for number in range(25):
            issued = start + timedelta(days=draw.randrange(120))
            amount = draw.randrange(100, 100_000) / 100
            values = {"currency_id": gold.id} if number % 4 == 0 else {}
            invoice = self._invoice(amount, issued + timedelta(days=draw.randrange(45)), issued=issued, **values)
            self._settle(draw, invoice, issued)

    def _settle(self, draw, invoice, issued):
        """Pay in up to two parts, on days before and after; some by a refund, some of these drafts again."""
        for _part in range(draw.randrange(3)):
            day = issued + timedelta(days=draw.randrange(-5, 60))
            if not invoice.amount_residual:
                return
            amount = round(invoice.amount_residual * draw.choice([1, 0.4, 0.75]), 2)
            if draw.random() < 0.3:
                values = {"currency_id": invoice.currency_id.id, "move_type": "out_refund"}
                refund = self._invoice(amount, day, issued=day, **values)
                if draw.random() < 0.3:
                    refund.button_draft()
                (self._receivable(invoice) + self._receivable(refund)).reconcile()
            else:
                payment = self._pay(invoice, amount, day, currency_id=invoice.currency_id.id)
                if draw.random() < 0.2:
                    payment.action_draft()
