from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.credit_control.tests.common import CreditControlCommon

from ..models.credit_report import XLSX


@tagged("post_install", "-at_install")
class TestFarDates(CreditControlCommon):
    """Due dates at the ends of the calendar, and reports as of days that nobody means: figures or words, no error."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for due in (date(9999, 12, 31), date(1900, 1, 1), date(2024, 11, 1)):
            cls._invoice(100.0, due)
        cls._register_payment(cls._invoice(100.0, date(9999, 12, 31)), amount=100.0, payment_date="2024-11-15")

    def _reports(self):
        """Yield each registered report, as a reader of the company has it."""
        for name in self.env["credit.report"]._get_reports():
            with self.subTest(report=name):
                yield self.env[name].with_user(self.reader).with_company(self.company)

    def test_each_report_has_them(self):
        for report in self._reports():
            self.assertTrue(report.get_screen({}))
            self.assertTrue(report._render_report({}, XLSX).content)

    def _get_asked_days(self, report):
        """Return the names of the days that may be asked of a report."""
        if report._name == "credit.aged.balance":
            return ["as_of"]
        return [question.name for question in report._get_questions() if question.kind == "date"]

    def test_each_report_answers_for_days_far_away(self):
        count = 0
        for report in self._reports():
            names = self._get_asked_days(report)
            self.assertTrue(report.get_screen(dict.fromkeys(names, "1900-01-01")))
            for name in names:
                for day in ("9999-12-31", "0001-01-01"):
                    with self.subTest(name=name, day=day), self.assertRaisesRegex(UserError, day):
                        report.get_screen({name: day})
                count += 1
        self.assertGreater(count, 10)

    def test_dashboard(self):
        dashboard = self.env["credit.report.dashboard"].with_user(self.reader).with_company(self.company)
        figures = dashboard.get_figures()
        self.assertTrue(figures["tiles"])
        for block in dashboard.get_dashboard()["blocks"]:
            if not block["with_figures"]:
                self.assertTrue(dashboard.get_block(block["code"]))

    def test_aged_balance_is_the_ledger(self):
        balance = self.env["credit.aged.balance"].with_user(self.reader).with_company(self.company)
        report = balance._get_report(balance._read_options({"as_of": "2024-11-30"}))
        self.assertEqual(report.figures.total, 300.0)
        # Not due, 1 to 30, 31 to 60, 61 to 90, more than 90 days late.
        self.assertEqual(report.figures.buckets, (100.0, 100.0, 0.0, 0.0, 100.0))
