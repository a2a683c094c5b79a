import base64
import html
import os
from datetime import date
from pathlib import Path

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CreditControlCommon

HEADER = (
    "Customer,Customer name,Invoice number,Invoice date,Due date,Amount,Currency,Settled date,Amount paid,Disputed\n"
)
PUBLIC = os.environ.get("LEDGER_FILE") or Path(__file__).parents[3] / "shared/data/ibm-late-payment-2012-2013.csv"


@tagged("post_install", "-at_install")
class TestLedgerImport(CreditControlCommon):
    """A ledger from elsewhere becomes posted invoices, payments and disputes; or nothing does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dollars = cls.setup_other_currency("CAD", rates=[("2020-01-01", 2.0)])

    def _wizard(self, *rows, header=HEADER, user=None, **values):
        content = base64.b64encode((header + "".join(f"{row}\n" for row in rows)).encode())
        Import = self.env["credit.ledger.import"].with_user(user or self.manager).with_company(self.company)
        return Import.create({"file": content, "company_id": self.company.id, **values})

    def _import(self, *rows, **values):
        wizard = self._wizard(*rows, **values)
        wizard.action_check()
        self.assertFalse(wizard.problem_count, wizard.preview)
        wizard.action_import()
        return wizard

    def _open(self, as_of):
        items = self.env["credit.open.item"].with_context(as_of=as_of).search([("company_id", "=", self.company.id)])
        return {(item.reference, item.date_maturity): item.amount_residual for item in items}

    def test_invoices_payments_credit_notes_and_instalments(self):
        wizard = self._import(
            "EX,Boulangerie Exemple,F1,2024-01-10,2024-02-09,100,,2024-02-20,,",
            "EX,Boulangerie Exemple,F2,2024-01-15,2024-02-14,80,,2024-02-20,30,",
            "NO,Atelier Nord,F3,2024-01-15,2024-02-14,50,,,,",
            "NO,Atelier Nord,F3,2024-01-15,2024-03-15,70,,,,",
            "NO,Atelier Nord,A1,2024-01-20,2024-01-20,-20,,,,",
        )
        self.assertEqual(
            (len(wizard.move_ids), wizard.partner_count, wizard.payment_count, wizard.dispute_count), (4, 2, 1, 0)
        )
        self.assertEqual(set(wizard.move_ids.mapped("state")), {"posted"})
        self.assertEqual(wizard.move_ids.mapped("name"), ["F1", "F2", "F3", "A1"])
        self.assertEqual(wizard.move_ids.mapped("amount_total"), [100, 80, 120, 20])
        self.assertEqual(wizard.move_ids.mapped("payment_state"), ["paid", "partial", "not_paid", "not_paid"])
        instalments = {
            ("F3", date(2024, 2, 14)): 50,
            ("F3", date(2024, 3, 15)): 70,
            ("A1", date(2024, 1, 20)): -20,
        }
        before = {("F1", date(2024, 2, 9)): 100, ("F2", date(2024, 2, 14)): 80, **instalments}
        self.assertEqual(self._open("2024-02-19"), before)
        self.assertEqual(self._open("2024-02-20"), {("F2", date(2024, 2, 14)): 50, **instalments})

    def test_a_customer_is_known_by_its_reference(self):
        self.customer.ref = "EX"
        wizard = self._import("EX,Other name,F1,2024-01-10,2024-02-09,100,,,,")
        self.assertEqual((wizard.move_ids.partner_id, wizard.partner_count), (self.customer, 0))

    def test_a_foreign_currency_at_the_rate_of_the_day(self):
        wizard = self._import("EX,Exemple,F1,2024-01-10,2024-02-09,100,CAD,2024-02-20,40,")
        line = self._receivable(wizard.move_ids)
        self.assertEqual((line.amount_currency, line.balance, line.currency_id), (100, 50, self.dollars))
        self.assertEqual((line.amount_residual_currency, line.amount_residual), (60, 30))

    def test_disputes_are_open_from_the_invoice_until_it_was_paid(self):
        wizard = self._import(
            "EX,Exemple,F1,2024-01-10,2024-02-09,100,,2024-02-20,,Yes",
            "EX,Exemple,F2,2024-01-10,2024-02-09,60,,,,Yes",
        )
        disputes = self.env["credit.dispute"].search([("company_id", "=", self.company.id)], order="id")
        self.assertEqual((wizard.dispute_count, disputes.mapped("state")), (2, ["closed", "open"]))
        self.assertEqual(disputes.mapped("date"), [date(2024, 1, 10)] * 2)
        self.assertEqual(disputes[0].closed_on, date(2024, 2, 20))
        self.assertEqual(disputes[1].line_ids.move_line_id, self._receivable(wizard.move_ids[1]))

    def test_an_unknown_currency_names_its_line(self):
        wizard = self._wizard(
            "EX,Exemple,F1,2024-01-10,2024-02-09,100,EUR,,,", "EX,Exemple,F2,2024-01-10,2024-02-09,1,XQZ,,,"
        )
        with self.assertRaisesRegex(UserError, "Line 3, column “Currency”: Currency XQZ is unknown"):
            wizard.action_import()
        self.assertFalse(self.env["account.move"].search([("name", "in", ("F1", "F2"))]))

    def test_a_currency_without_a_rate_names_its_line(self):
        self.env["res.currency"].create({"name": "QQQ", "symbol": "Q"})
        wizard = self._wizard("EX,Exemple,F1,2024-01-10,2024-02-09,100,QQQ,,,")
        with self.assertRaisesRegex(UserError, "Line 2, column “Currency”: Currency QQQ has no rate"):
            wizard.action_import()

    def test_every_problem_is_shown_and_nothing_is_imported(self):
        wizard = self._wizard("EX,Exemple,,soon,2024-02-09,1x,,,,", ",,F2,2024-01-10,2024-02-30,5,,,,perhaps")
        wizard.action_check()
        self.assertEqual(wizard.problem_count, 6)
        for text in ("“soon” isn't a date", "“1x” isn't an amount", "“2024-02-30” isn't a date", "neither yes nor no"):
            self.assertIn(text, html.unescape(wizard.preview))
        with self.assertRaises(UserError):
            wizard.action_import()

    def test_a_date_of_two_meanings_is_a_question_that_the_form_answers(self):
        wizard = self._wizard("EX,Exemple,F1,01/02/2024,03/04/2024,5,,,,")
        wizard.action_check()
        self.assertEqual(wizard.problem_count, 1)
        self.assertIn("State the order of the dates", wizard.preview)
        wizard.action_back()
        wizard.date_order = "dmy"
        wizard.action_check()
        wizard.action_import()
        self.assertEqual(wizard.move_ids.invoice_date, date(2024, 2, 1))

    def test_the_same_file_twice_is_refused(self):
        row = "EX,Exemple,F1,2024-01-10,2024-02-09,100,,,,"
        self._import(row)
        wizard = self._wizard(row)
        with self.assertRaisesRegex(UserError, "Line 2, column “Invoice number”: Invoice F1 was imported before"):
            wizard.action_import()

    def test_a_locked_period_is_refused(self):
        self.company.sudo().fiscalyear_lock_date = "2024-01-31"
        wizard = self._wizard("EX,Exemple,F1,2024-01-10,2024-02-09,100,,,,")
        with self.assertRaisesRegex(UserError, "“2024-01-10” lies in a period that is locked"):
            wizard.action_import()

    def test_more_decimals_than_the_currency_has(self):
        wizard = self._wizard("EX,Exemple,F1,2024-01-10,2024-02-09,100.125,CAD,,,", decimal=".")
        with self.assertRaisesRegex(UserError, "“100.125” has more decimals than its currency"):
            wizard.action_import()

    def test_markup_in_the_file_stays_text(self):
        wizard = self._wizard("EX,<script>alert(1)</script>,F1,2024-01-10,2024-02-09,100,,,,")
        wizard.action_check()
        self.assertNotIn("<script", wizard.preview)

    def test_only_a_credit_manager_imports(self):
        for user in (self.collector, self.reader):
            with self.assertRaises(AccessError):
                self._wizard("EX,Exemple,F1,2024-01-10,2024-02-09,100,,,,", user=user)

    def test_the_own_numbering_of_the_company_isnt_disturbed(self):
        before = self._invoice(10, "2024-12-01").name
        self._import("EX,Exemple,999999,2024-10-01,2024-12-01,100,,,,")
        after = self._invoice(10, "2024-12-01").name
        self.assertEqual(int(after.split("/")[-1]), int(before.split("/")[-1]) + 1)

    def test_the_public_ledger_as_of_a_day(self):
        if not Path(PUBLIC).exists():
            self.skipTest("the public ledger isn't beside this checkout")
        header, *rows = Path(PUBLIC).read_text().splitlines()
        # The rows that were open on the day, and some that weren't: the figures of the whole file.
        kept = [row for row in rows if self._is_near(row)]
        self.assertGreater(len(kept), 60)
        self._import(*kept, header=header + "\n")
        items = self.env["credit.open.item"].with_context(as_of="2013-06-30")
        items = items.search([("company_id", "=", self.company.id)])
        self.assertAlmostEqual(sum(items.mapped("amount_residual")), 5119.85)
        overdue = items.filtered(lambda item: item.days_overdue > 0)
        self.assertAlmostEqual(sum(overdue.mapped("amount_residual")), 835.56)
        self.assertFalse(self.env["credit.open.item"].search([("company_id", "=", self.company.id)]))

    def _is_near(self, row):
        month, day, year = row.split(",")[4].split("/")
        return (
            year == "2013" and (int(month), int(day)) >= (5, 15) and int(month) <= 7 or (year, month) == ("2013", "4")
        )
