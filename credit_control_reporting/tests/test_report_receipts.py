from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_report import ReportCommon

# A Wednesday.
TODAY = date(2025, 3, 5)


@tagged("post_install", "-at_install")
class TestReportReceipts(ReportCommon):
    """What will come in by week: each view adds up to what is open, and a cell opens its items."""

    model = "credit.report.receipts"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.values = {"as_of": TODAY.isoformat(), "weeks": 2}
        cls.late = cls._invoice(100.0, date(2025, 3, 3), issued=date(2025, 2, 1))
        cls.soon = cls._invoice(200.0, date(2025, 3, 12), issued=date(2025, 2, 1))
        cls.later = cls._invoice(400.0, date(2025, 5, 1), issued=date(2025, 2, 1))

    def test_views_by_week(self):
        due = self._cells("weeks", "due")
        self.assertEqual(due, {"late": 100.0, "2025-03-03": 0.0, "2025-03-10": 200.0, "after": 400.0, "never": 0.0})
        # Nobody has a history yet: the late one is expected in 14 days, the others when they are due.
        habit = self._cells("weeks", "habit")
        self.assertEqual(habit, {"late": 0.0, "2025-03-03": 0.0, "2025-03-10": 200.0, "after": 500.0, "never": 0.0})
        self.assertEqual(self._row("weeks", None)["known"], 700.0)

    def test_promise_moves_the_known_view_only(self):
        self.env["credit.promise"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "date": date(2025, 3, 7),
                "date_recorded": date(2025, 3, 4),
                "amount": 400.0,
                "move_line_ids": self._receivable(self.later).ids,
            }
        )
        row = self._row("weeks", "2025-03-03")
        self.assertEqual((row["due"], row["habit"], row["known"], row["promised"]), (0.0, 0.0, 400.0, 400.0))
        self.assertEqual(self._open("weeks", "2025-03-03", "known").move_id, self.later)
        calendar = self._screen()["charts"][1]
        self.assertEqual(dict(zip(calendar["labels"], calendar["series"][0]["values"], strict=True))["2025-03-07"], 400)
        self.assertEqual(self._open("days", "2025-03-07", "known").move_id, self.later)

    def test_procedure_is_not_expected(self):
        self.env["credit.insolvency"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "kind": "liquidation",
                "date": date(2025, 3, 1),
                "judgment_date": date(2025, 3, 1),
            }
        )
        self.assertEqual(self._row("weeks", "never")["known"], 700.0)
        self.assertEqual(self._row("weeks", "late")["due"], 100.0)

    def test_own_error(self):
        """Foretold four weeks before: 200 in the week of 10 March; 150 came of it, and 50 of what came up since."""
        records = self.env["credit.forecast.record"].with_company(self.company)
        records._keep(self.company, date(2025, 2, 5))
        since = self._invoice(50.0, date(2025, 3, 12), issued=date(2025, 2, 20))
        self._pay(self.soon, 150.0, date(2025, 3, 11))
        self._pay(since, 50.0, date(2025, 3, 13))
        # The rest is written off: that isn't money.
        self._book_off(self.soon, 50.0, date(2025, 3, 14), self.company_data["default_account_expense"])
        [row] = [row for row in self._table("error", as_of="2025-03-17", ago=4)["rows"] if row["key"] == "2025-03-10"]
        self.assertEqual(row["cells"][1:5], [200.0, 150.0, 50.0, 50.0])
        self.assertAlmostEqual(row["cells"][5], 100 * 50 / 150)
        self.assertEqual(self._open("error", "2025-03-10", "forecast", as_of="2025-03-17").move_id, self.soon)

    def test_workbook_says_the_same(self):
        formulas, values = self._workbook()
        page, plain = formulas.worksheets[0], values.worksheets[0]
        last = page.max_row
        self.assertEqual(page.cell(last, 2).value[:14], "=SUBTOTAL(109,")
        self.assertEqual([plain.cell(last, place).value for place in (2, 3, 4)], [700, 700, 700])
        self.assertEqual(len(formulas.worksheets), 2)

    def test_customers_of_a_row(self):
        action = self._report().action_open_customers(self.values, "weeks", "2025-03-10")
        self._debtor()
        found = self.env["credit.debtor"].with_user(self.reader).search(action["domain"])
        self.assertEqual(found.partner_id, self.customer)

    def test_bad_answers_are_named(self):
        for values, words in (
            ({"as_of": "31/06/2025"}, "31/06/2025"),
            ({"weeks": "many"}, "Weeks: many"),
            ({"weeks": 0}, "Weeks: 0"),
            ({"view": "stars"}, "stars"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, words):
                self._report().get_screen(values)

    def test_key_that_is_none_opens_nothing_else(self):
        self.assertFalse(self._open("weeks", "nonsense", "due"))
        with self.assertRaisesRegex(UserError, "nonsense"):
            self._report().action_open(self.values, "error", "nonsense", "forecast")
