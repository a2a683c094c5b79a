from datetime import date

from lxml import html

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_report import DAY, ReportCommon


@tagged("post_install", "-at_install")
class TestReportProvision(ReportCommon):
    """What is provided for: worked out by hand from the rates that are shipped."""

    model = "credit.report.provision"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax = cls.company_data["default_tax_sale"].copy({"amount": 20.0, "name": "20 %"})
        # 200 days overdue on 30 June: 1 000 net, 1 200 with VAT.
        cls.old = cls._with_tax(1_000.0, date(2024, 12, 12))
        cls._with_tax(500.0, date(2025, 6, 20))

    @classmethod
    def _with_tax(cls, net, due, partner=None, taxes=None, **values):
        lines = [
            Command.create({"name": "Flour", "price_unit": net, "quantity": 1, "tax_ids": [Command.set(tax.ids)]})
            for tax in taxes or cls.tax
        ]
        return cls._invoice(net, due, partner=partner, invoice_line_ids=lines, **values)

    def test_by_age_without_vat(self):
        """1 000 net, more than 180 days overdue: half of it; what is 10 days late isn't provided for."""
        row = self._row("customers", f"{self.customer.id}/{self.company.id}")
        self.assertEqual(
            (row["days"], row["open"], row["base"], row["rate"], row["amount"]), (200, 1_800, 1_000, 50, 500)
        )
        self.assertEqual(self._open("customers", None, "amount").move_id, self.old)

    def test_credits_are_set_off_against_the_oldest(self):
        """A credit note of 240 leaves 960 of 1 200: 800 net, half of it is 400."""
        self._invoice(240.0, date(2025, 5, 1), issued=date(2025, 5, 1), move_type="out_refund")
        row = self._row("customers", f"{self.customer.id}/{self.company.id}")
        self.assertEqual((row["credit"], row["base"], row["amount"]), (-240, 800, 400))

    def test_status_goes_before_age_from_its_day_on(self):
        debtor = self._debtor()
        debtor.write({"manual_status": "lost", "manual_status_reason": "Closed down"})
        self.env.flush_all()
        self.env.cr.execute("UPDATE credit_debtor SET manual_status_on = '2025-06-15' WHERE id = %s", [debtor.id])
        debtor.invalidate_recordset()
        self.assertEqual(self._row("customers", None)["amount"], 1_500)
        # On the 14th nobody had given the debt up: 184 days, half of 1 000; the other isn't due.
        self.assertEqual(self._row("customers", None, as_of="2025-06-14")["amount"], 500)

    def test_company_with_rates_of_its_own(self):
        self.env["credit.provision.rule"].create({"company_id": self.company.id, "days": 5, "rate": 10})
        row = self._row("customers", None)
        self.assertEqual((row["base"], row["amount"]), (1_500, 150))
        self.assertEqual(self._row("rules", None)["count"], 2)

    def test_who_may_change_rates(self):
        rules = self.env["credit.provision.rule"]
        self.assertTrue(rules.with_user(self.manager).create({"company_id": self.company.id, "rate": 10}))
        for user in (self.reader, self.collector):
            with self.assertRaises(AccessError):
                rules.with_user(user).create({"company_id": self.company.id, "rate": 10})
        foreign = self._new_foreign_reader()
        found = rules.with_user(foreign).search([])
        self.assertEqual(found.company_id, self.env["res.company"])

    def test_workbook_adds_up(self):
        _formulas, values = self._workbook()
        page = values.worksheets[0]
        self.assertEqual(page.cell(page.max_row, 8).value, 500)


@tagged("post_install", "-at_install")
class TestReportBadDebtVat(TestReportProvision):
    """The VAT of what is lost: 1 200 open of which 200 are VAT."""

    model = "credit.report.bad.debt.vat"
    # What the provision tests isn't tested again here.
    test_by_age_without_vat = test_credits_are_set_off_against_the_oldest = None
    test_status_goes_before_age_from_its_day_on = test_company_with_rates_of_its_own = None
    test_who_may_change_rates = test_workbook_adds_up = None

    def _lose(self):
        debtor = self._debtor()
        debtor.write({"manual_status": "lost", "manual_status_reason": "Closed down"})
        self.env.flush_all()
        self.env.cr.execute("UPDATE credit_debtor SET manual_status_on = '2025-06-15' WHERE id = %s", [debtor.id])
        debtor.invalidate_recordset()

    def test_lost(self):
        self.assertFalse(self._table("invoices")["rows"])
        self._lose()
        self._pay(self.old, 600.0, date(2025, 6, 1))
        row = self._row("invoices", self._receivable(self.old).id)
        self.assertEqual((row["gross"], row["net"], row["vat"]), (600, 500, 100))
        self.assertEqual(self._row("taxes", self.tax.id)["vat"], 200)
        self.assertEqual(self._open("invoices", self._receivable(self.old).id).move_id, self.old)

    def test_vat_on_receipts_was_never_due(self):
        """Services of 1 200, then goods and services of 1 200 each: the VAT of the goods alone comes back."""
        self._lose()
        services = self._tax_on_receipts(self.tax)
        alone = self._receivable(self._with_tax(1_000.0, date(2025, 1, 31), taxes=services))
        both = self._receivable(self._with_tax(1_000.0, date(2025, 2, 28), taxes=self.tax | services))
        row = self._row("invoices", alone.id)
        self.assertEqual((row["gross"], row["net"], row["vat"]), (1_200, 1_000, 0))
        row = self._row("invoices", both.id)
        self.assertEqual((row["gross"], row["net"], row["vat"]), (2_400, 2_000, 200))
        self.assertEqual(self._cells("taxes", "vat"), {self.tax.id: 500})
        self.assertEqual(self._row("invoices", None)["vat"], 500)
        [statement] = self._report()._prepare_statements(self._report()._read_asked(self.values))
        self.assertNotIn(alone.id, [item["id"] for item in statement["items"]])
        self.assertEqual((statement["net"], statement["vat"], statement["later"]), (3_500, 500, 200))

    def test_a_cent_of_rounding_is_no_vat_to_recover(self):
        """100.05 of services are left open: 83.38 and 16.67 that was never due, not 83.38, 16.68 and −0.01."""
        self._lose()
        services = self._with_tax(1_000.0, date(2025, 1, 31), taxes=self._tax_on_receipts(self.tax))
        self._pay(services, 1_099.95, date(2025, 6, 1))
        row = self._row("invoices", self._receivable(services).id)
        self.assertEqual((row["gross"], row["net"], row["vat"]), (100.05, 83.38, 0))
        [statement] = self._report()._prepare_statements(self._report()._read_asked(self.values))
        self.assertEqual(len(statement["items"]), 2)

    def test_what_was_paid_without_saying_for_what_is_set_off(self):
        """600 of the 1 200: 100 of VAT are left; a credit note brings its VAT back itself. The oldest goes first."""
        self._lose()
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": 600.0,
                "date": date(2025, 6, 1),
            }
        )
        payment.action_post()
        row = self._row("invoices", self._receivable(self.old).id)
        self.assertEqual((row["gross"], row["net"], row["vat"]), (600, 500, 100))
        # The VAT of both invoices, 300, less what the payment covers.
        self.assertEqual(self._cells("taxes", "vat"), {self.tax.id: 200})
        self._with_tax(600.0, date(2025, 6, 20), move_type="out_refund", issued=date(2025, 6, 20))
        [item] = [row for row in self._table("invoices")["rows"] if row["key"]]
        self.assertEqual(item["cells"][-3:], [480, 400, 80])

    def test_liquidation_from_the_judgment_on(self):
        self.env["credit.insolvency"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "kind": "liquidation",
                "date": date(2025, 6, 20),
                "judgment_date": date(2025, 6, 10),
            }
        )
        self.assertEqual(self._row("invoices", None)["vat"], 300)
        self.assertFalse(self._table("invoices", as_of="2025-06-09")["rows"])

    def test_statement_says_the_words_of_the_law(self):
        self._lose()
        report = self.env["ir.actions.report"].with_user(self.reader).with_company(self.company)
        name = "credit_control_reporting.action_report_bad_debt_vat"
        data = {"values": {**self.values, "paper": "statements"}}
        page = report._render_qweb_html(name, self.company.ids, data=data)[0].decode()
        text = " ".join(html.fromstring(page).text_content().split())
        self.assertIn(self.old.name, text)
        self.assertIn("1,500.00", text)
        self.assertIn("300.00", text)
        self.assertIn("article 272", text)


@tagged("post_install", "-at_install")
class TestReportLateTerms(ReportCommon):
    """The table of D.441-6 for the year that ends on 30 June 2025, by hand."""

    model = "credit.report.late.terms"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"fiscalyear_last_day": 30, "fiscalyear_last_month": "6"})
        cls.values = {"as_of": DAY.isoformat(), "tax": "gross"}
        issued = date(2025, 1, 2)
        cls.on_the_day = cls._invoice(10.0, DAY, issued=issued)
        cls.month = cls._invoice(100.0, date(2025, 5, 31), issued=issued)
        cls.old = cls._invoice(200.0, date(2025, 3, 31), issued=issued)
        cls.not_due = cls._invoice(690.0, date(2025, 7, 1), issued=issued)

    def test_not_paid_on_the_closing_day(self):
        """Turnover 1 000: 100 are 30 days late, 200 are 91 days late."""
        number, amount, share = (self._row("closing", key) for key in ("number", "amount", "share"))
        self.assertEqual([number[band] for band in ("0", "1-30", "31-60", "61-90", "91+", "total")], [1, 1, 0, 0, 1, 2])
        self.assertEqual((amount["0"], amount["1-30"], amount["91+"], amount["total"]), (10, 100, 200, 300))
        self.assertEqual((share["91+"], share["total"]), (20, 30))
        self.assertEqual(self._open("closing", "amount", "total").move_id, self.month | self.old)

    def test_disputed_are_told_apart(self):
        self._dispute(self.old, 50.0)
        self.assertEqual(self._row("closing", "amount")["total"], 100)
        self.assertEqual(self._row("closing", "left_amount")["total"], 200)
        self.assertEqual(self._row("closing", "left_number")["total"], 1)
        self.assertEqual(self._open("closing", "left_amount", "total").move_id, self.old)
        self.assertEqual(self._row("closing", "amount", leave_out=False)["total"], 300)

    def test_late_in_the_course_of_the_year(self):
        """Paid 40 days late: 690 more. It was never late on the closing day."""
        early = self._invoice(690.0, date(2025, 4, 1), issued=date(2025, 1, 2))
        self._pay(early, 690.0, date(2025, 5, 11))
        punctual = self._invoice(310.0, date(2025, 4, 1), issued=date(2025, 1, 2))
        self._pay(punctual, 310.0, date(2025, 3, 31))
        amount, number = self._row("year", "amount"), self._row("year", "number")
        self.assertEqual((amount["31-60"], amount["total"], number["total"]), (690, 990, 3))
        # 990 of 2 000, and 3 of 6 invoices.
        self.assertEqual(self._row("year", "share")["total"], 49.5)
        self.assertEqual(self._row("year", "share_number")["total"], 50)
        self.assertEqual(self._row("closing", "amount")["total"], 300)

    def test_what_is_written_off_was_not_paid_late(self):
        """Of 300 that are late, 60 are written off in the year: 240 are left, and nothing was paid."""
        self._book_off(self.old, 60.0, date(2025, 6, 2), self.company_data["default_account_expense"])
        self.assertEqual((self._row("closing", "amount")["total"], self._row("year", "amount")["total"]), (240, 240))

    def test_instalments_count_as_one_invoice(self):
        """30 % at once, 70 % at the end of the next month: both late, one invoice."""
        move = self._invoice(1_000.0, False, issued=date(2025, 4, 15), invoice_payment_term_id=self.pay_terms_b.id)
        number, amount = self._row("closing", "number"), self._row("closing", "amount")
        self.assertEqual((number["total"], amount["61-90"], amount["1-30"]), (3, 300, 800))
        self.assertEqual(self._open("closing", "number", "61-90").move_id, move)

    def test_amounts_without_vat(self):
        tax = self.company_data["default_tax_sale"].copy({"amount": 20.0, "name": "20 %"})
        line = {"name": "Flour", "price_unit": 1_000.0, "quantity": 1, "tax_ids": [Command.set(tax.ids)]}
        self._invoice(0, date(2025, 6, 1), issued=date(2025, 5, 1), invoice_line_ids=[Command.create(line)])
        self.assertEqual(self._row("closing", "amount", tax="net")["1-30"], 1_100)
        self.assertEqual(self._row("closing", "amount", tax="gross")["1-30"], 1_300)
        self.assertEqual(self._row("closing", "share", tax="net")["total"], 65)
