from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..core.kpi import INDICATORS, Value
from ..models.credit_aged_balance import Options
from ..models.credit_kpi_words import FORMULAS, LABELS
from .kpi_common import NOVEMBER, KpiCommon


@tagged("post_install", "-at_install")
class TestKpi(KpiCommon):
    """The DSO family on a real ledger: every figure worked out by hand."""

    def test_simple_dso(self):
        """30 000 owed / 60 000 sold × 91 days from September to November = 45.5."""
        paid = self._invoice(30_000.0, date(2025, 10, 1), issued=date(2025, 9, 10))
        self._invoice(30_000.0, date(2025, 12, 10), issued=date(2025, 10, 10))
        self._pay(paid, 30_000.0, date(2025, 11, 5))
        self.assertEqual(self._amount("dso"), 45.5)
        # Before it was paid: 60 000 of 60 000 sold from August to October: all of the 92 days.
        self.assertEqual(self._amount("dso", date(2025, 10, 31)), 92.0)

    def test_another_simple_dso(self):
        """5 700 / 7 600 × 91 = 68.25."""
        paid = self._invoice(1_900.0, date(2025, 10, 1), issued=date(2025, 9, 10))
        self._invoice(5_700.0, date(2025, 12, 10), issued=date(2025, 10, 10))
        self._pay(paid, 1_900.0, date(2025, 10, 5))
        self.assertEqual(self._amount("dso"), 68.25)

    def test_count_back(self):
        """2 500 owed; sold 1 200, 800, 700 backwards: 30 + 31 + 500/700 × 30 = 82.43."""
        self._invoice(700.0, date(2025, 10, 1), issued=date(2025, 9, 10))
        self._invoice(800.0, date(2025, 11, 1), issued=date(2025, 10, 10))
        self._invoice(1_200.0, date(2025, 12, 1), issued=date(2025, 11, 10))
        self._opening(-200.0, date(2025, 11, 20))
        self.assertEqual(self._amount("receivables"), 2_500.0)
        self.assertEqual(self._amount("dso_count_back"), 82.43)
        self.assertFalse(self._value("dso_count_back").is_beyond)

    def test_count_back_says_where_history_ends(self):
        """3 000 owed, 2 700 ever sold, from September on: more than 91 days."""
        self._invoice(2_700.0, date(2025, 10, 1), issued=date(2025, 9, 1))
        self._opening(300.0, date(2025, 8, 31))
        self.assertEqual(self._value("dso_count_back"), Value(91.0, True))

    def test_count_back_in_mid_month(self):
        """On 10 November: 10 days (100), 31 of October (310), then 90 of the 300 of September: 9 days."""
        for day, amount in ((date(2025, 9, 1), 300.0), (date(2025, 10, 1), 310.0), (date(2025, 11, 1), 100.0)):
            self._invoice(amount, day, issued=day)
        self._opening(-210.0, date(2025, 11, 2))
        self.assertEqual(self._amount("dso_count_back", date(2025, 11, 10)), 50.0)

    def test_best_possible_and_days_delinquent(self):
        """15 000 owed, 4 000 of it current, 10 000 sold, 30 days: 45, 12, 33."""
        self._opening(5_000.0, date(2025, 10, 1))
        self._invoice(6_000.0, date(2025, 11, 20), issued=date(2025, 11, 1))
        self._invoice(4_000.0, NOVEMBER, issued=date(2025, 11, 2))
        found = [self._amount(code, months=1) for code in ("dso", "dso_best", "delinquent_days")]
        self.assertEqual(found, [45.0, 12.0, 33.0])

    def test_no_sales_is_no_figure(self):
        self._opening(1_000.0, date(2025, 11, 1))
        for code in ("dso", "dso_best", "delinquent_days", "dso_count_back"):
            self.assertIsNone(self._amount(code), code)
        self.assertEqual(self._amount("receivables"), 1_000.0)

    def test_more_credits_than_claims(self):
        """−100 / 1 000 × 30 = −3: not turned around; by count-back nothing is to be waited for; no share of it."""
        move = self._invoice(1_000.0, NOVEMBER, issued=date(2025, 11, 1))
        self._pay(move, 1_000.0, date(2025, 11, 3))
        self._opening(-100.0, date(2025, 11, 4))
        self.assertEqual(self._amount("dso", months=1), -3.0)
        self.assertEqual(self._value("dso_count_back"), Value(0.0))
        self.assertIsNone(self._amount("overdue_share"))

    def test_shares(self):
        """100 not due, 60 overdue, 40 of these for more than 90 days: 60 and 20 percent of 200."""
        for amount, due in ((80.0, date(2025, 12, 1)), (80.0, date(2025, 9, 1)), (40.0, date(2025, 8, 31))):
            self._invoice(amount, due, issued=date(2025, 8, 1))
        self.assertEqual(self._amount("overdue_share"), 60.0)
        self.assertEqual(self._amount("at_risk_share"), 20.0)
        self.assertEqual(self._amount("not_due"), 80.0)

    def test_ties_to_the_aged_balance_on_every_end_of_month(self):
        """Part payments, a credit note, instalments, another currency: by customer, on each of 14 ends of months."""
        self._sell_in_many_ways()
        options = self._options(date(2025, 12, 15), axis="customer", history=13)
        found = self._kpi()._get_values(options, ["receivables", "overdue"])
        balance = self.env["credit.aged.balance"].with_user(self.reader).with_company(self.company)
        for place, day in enumerate(options.days[at] for at in options.places):
            report = balance._get_report(Options(day, (self.company.id,)))
            expected = {line.key: (line.figures.total, line.figures.overdue) for line in report.lines}
            values = {
                key: tuple(round(each[code][place].amount, 2) for code in ("receivables", "overdue"))
                for key, each in found.items()
            }
            self.assertEqual({key: value for key, value in values.items() if any(value)}, expected, day)

    def test_by_axis_and_filtered(self):
        north = self.env["credit.portfolio"].create({"name": "North", "company_id": self.company.id})
        other = self._new_customer("Atelier Nord")
        self._invoice(100.0, NOVEMBER, issued=date(2025, 11, 1))
        self._invoice(70.0, NOVEMBER, issued=date(2025, 11, 1), partner=other)
        self.env["credit.debtor"]._ensure(self.company, (self.customer | other).ids)
        other.with_company(self.company).credit_debtor_id.portfolio_id = north
        found = self._kpi()._get_values(self._options(axis="portfolio"), ["receivables"])
        self.assertEqual(
            {key: values["receivables"][0].amount for key, values in found.items()}, {None: 100.0, north.id: 70.0}
        )
        self.assertEqual(self._amount("receivables", filters=(("portfolio", north.id),)), 70.0)
        self.assertEqual(self._amount("receivables", filters=(("portfolio", None),)), 100.0)

    def test_drafts_and_other_receivables_dont_count(self):
        """A reconciliation with a draft isn't known to the ledger; an account that isn't of trade isn't asked for."""
        move = self._invoice(1_000.0, NOVEMBER, issued=date(2025, 11, 1))
        refund = move._reverse_moves([{"invoice_date": date(2025, 11, 2), "date": date(2025, 11, 2)}], cancel=False)
        self.assertEqual(refund.state, "draft")
        (self._receivable(move) | self._receivable(refund)).reconcile()
        self.assertEqual(self._amount("receivables"), 1_000.0)
        self._receivable(move).account_id.non_trade = True
        self.assertEqual(self._amount("receivables"), 0.0)

    def test_who_may_read_what(self):
        nobody = new_test_user(self.env, "credit_nobody", groups="base.group_user", company_id=self.company.id)
        for user in (nobody, self._new_user("salesperson")):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._kpi(user)._get_values(self._options(), ["dso"])
        foreign = self.env["res.company"].create({"name": "Other company"})
        options = self._options()
        for wrong, words in (
            ({"company_ids": (self.company.id, foreign.id)}, "logged in"),
            ({"axis": "astrology"}, "astrology"),
            ({"filters": (("account; DROP TABLE", 1),)}, "DROP TABLE"),
            ({"filters": (("customer", "receivables"),)}, "receivables"),
            ({"filters": (("tag", "1,x"),)}, "1,x"),
            ({"months": 0}, "period"),
        ):
            values = {**{name: getattr(options, name) for name in ("as_of", "company_ids")}, **wrong}
            with self.subTest(words=words), self.assertRaisesRegex(UserError, words):
                self._kpi()._get_values(type(options)(**values), ["dso"])
        with self.assertRaisesRegex(UserError, "horoscope"):
            self._kpi()._get_values(options, ["horoscope"])

    def test_every_indicator_has_its_words_and_formula(self):
        self.assertEqual(set(LABELS), set(INDICATORS))
        self.assertEqual(set(FORMULAS), set(INDICATORS))
        for code in INDICATORS:
            self.assertTrue(self.env["credit.kpi.words"]._get_kpi_formula(code))

    def test_number_of_statements_is_that_of_the_sources(self):
        """Not one per customer or month."""
        for number in range(5):
            self._invoice(100.0, NOVEMBER, issued=date(2025, 11, 1), partner=self._new_customer(f"Atelier {number}"))
        kpi, options = self._kpi(), self._options(axis="customer", history=23)
        self.env.flush_all()
        kpi._get_values(options, list(INDICATORS))
        before = self.env.cr.sql_log_count
        found = kpi._get_values(options, list(INDICATORS))
        self.assertLessEqual(self.env.cr.sql_log_count - before, 16)
        self.assertEqual(len(found), 5)
