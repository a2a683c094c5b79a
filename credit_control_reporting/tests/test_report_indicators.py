import io
import json
from datetime import date
from urllib.parse import urlencode

from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common_report import ReportCommon

DAY = date(2025, 11, 30)


class IndicatorsCommon(ReportCommon):
    model = "credit.report.indicators"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.values = {"as_of": DAY.isoformat(), "axis": "customer"}
        cls.north = cls.env["credit.portfolio"].create({"name": "North", "company_id": cls.company.id})
        cls.other = cls._new_customer("Atelier <b>Nord</b> =1+1")
        cls.env["credit.debtor"]._ensure(cls.company, (cls.customer | cls.other).ids)
        cls.other.with_company(cls.company).credit_debtor_id.portfolio_id = cls.north
        # 600 owed of 1 000 sold; 400 owed of 400 sold.
        paid = cls._invoice(400.0, date(2025, 10, 10), issued=date(2025, 9, 10))
        cls._invoice(600.0, date(2025, 11, 10), issued=date(2025, 10, 10))
        cls._invoice(400.0, date(2025, 12, 10), issued=date(2025, 11, 10), partner=cls.other)
        cls._pay(cls, paid, 400.0, date(2025, 10, 20))


@tagged("post_install", "-at_install")
class TestReportIndicators(IndicatorsCommon):
    """The indicators on the screen: what they say, what they open, what they are measured against."""

    def test_total_is_worked_out_not_added_up(self):
        """DSO over 91 days: 600/1 000 → 54.6, 400/400 → 91; of all 1 000/1 400 → 65."""
        found = self._cells("figures", "dso", figures="dso")
        self.assertEqual(
            {key: round(value, 2) for key, value in found.items()}, {self.customer.id: 54.6, self.other.id: 91.0}
        )
        total = self._row("figures", None, figures="dso")
        self.assertEqual((total["receivables"], round(total["dso"], 2)), (1_000.0, 65.0))

    def test_largest_first_and_all_sets_are_there(self):
        table = self._table("figures")
        self.assertEqual([row["key"] for row in table["rows"]], [self.customer.id, self.other.id])
        for code in ("main", "dso", "payment", "risk", "disputes"):
            screen = self._screen(figures=code)
            formulas = next(table for table in screen["tables"] if table["code"] == "formulas")
            shown = {column["code"] for column in screen["tables"][0]["columns"][1:]}
            self.assertLessEqual(shown, {row["key"] for row in formulas["rows"]})
            self.assertTrue(all(row["cells"][1] for row in formulas["rows"]))
        self.assertTrue(any("taxes included" in note for note in screen["notes"]))

    def test_each_figure_opens_what_it_is_made_of(self):
        for column, field in (
            ("receivables", "amount_residual"),
            ("overdue", "amount_residual"),
            ("sales", "amount"),
            ("collected", "amount"),
        ):
            for key in (self.customer.id, None):
                cell = self._row("figures", key)[column]
                records = self._open("figures", key, column)
                self.assertEqual(round(sum(records.mapped(field)), 2), cell, (column, key))
        self.assertEqual(len(self._open("figures", self.customer.id, "late_rate_value")), 2)
        dispute = self._dispute(self._receivable(self._invoice(10.0, DAY, issued=DAY)).move_id, day=DAY)
        self.assertEqual(self._open("figures", self.customer.id, "disputed_share", figures="disputes"), dispute)
        self.assertFalse(self._open("figures", self.other.id, "disputed_share", figures="disputes"))

    def test_customers_of_a_line(self):
        values = {**self.values, "axis": "portfolio"}
        action = self._report().action_open_customers(values, "figures", self.north.id)
        found = self.env[action["res_model"]].with_context(**action.get("context") or {}).search(action["domain"])
        self.assertEqual(found.partner_id, self.other)

    def test_only_one_part(self):
        self.assertEqual(list(self._cells("figures", "sales", only=f"portfolio:{self.north.id}")), [self.other.id])
        with self.assertRaises(UserError):
            self._screen(only="portfolio:0; DROP TABLE")

    def test_trend_with_target_and_baseline(self):
        """Baseline 70, target 60, the DSO is 65: 5 days gained, of 1 400 / 91 each: 76.92; 5 to go."""
        self.env["credit.kpi.target"].create(
            [
                {"company_id": self.company.id, "indicator": "dso", "kind": kind, "value": value, "date_from": day}
                for kind, value, day in (
                    ("baseline", 70.0, date(2025, 1, 1)),
                    ("target", 60.0, date(2025, 10, 1)),
                )
            ]
        )
        screen = self._screen(figures="dso", trend="dso", history="12")
        [chart] = screen["charts"]
        self.assertEqual(len(chart["labels"]), 13)
        dso, best, target, baseline = chart["series"]
        self.assertEqual(round(dso["values"][-1], 2), 65.0)
        self.assertEqual(dso["values"][0], None)
        self.assertEqual(round(best["values"][-1], 2), 26.0)
        self.assertEqual(target["values"][-3:], (None, 60.0, 60.0))
        self.assertEqual(baseline["values"][-1], 70.0)
        gains = self._row("gains", "dso", figures="dso")
        self.assertEqual([round(gains[name], 2) for name in ("gained", "cash", "missing")], [5.0, 76.92, 5.0])

    def test_targets_of_what_adds_up_are_for_a_month(self):
        """100 a month: 300 of the three months that are looked at, 100 of one."""
        self.env["credit.kpi.target"].create(
            {"company_id": self.company.id, "indicator": "collected", "value": 100.0, "date_from": date(2025, 1, 1)}
        )
        for months, expected in (("3", 300.0), ("1", 100.0)):
            asked = {"figures": "payment", "trend": "collected", "months": months}
            self.assertEqual(self._row("gains", "collected", **asked)["target"], expected)
            [chart] = self._screen(**asked)["charts"]
            [line] = [series for series in chart["series"] if series["label"] == "Target"]
            self.assertEqual(line["values"][-1], expected)

    def test_targets_are_in_the_unit_of_their_indicator(self):
        for indicator in ("receivables", "overdue_share"):
            self.env["credit.kpi.target"].create(
                {"company_id": self.company.id, "indicator": indicator, "value": 40.0, "date_from": date(2025, 1, 1)}
            )
        kinds = {row["key"]: row["kind"] for row in self._table("gains")["rows"]}
        self.assertEqual(kinds, {"receivables": "amount", "overdue_share": "percent"})

    def test_figures_of_the_past_are_as_they_stood(self):
        """On 15 October nothing was paid, 400 were overdue."""
        total = self._row("figures", None, as_of="2025-10-15")
        self.assertEqual((total["receivables"], total["overdue"]), (1_000.0, 400.0))

    def test_every_axis_adds_up(self):
        axes = next(question for question in self._screen()["questions"] if question["name"] == "axis")["choices"]
        self.assertIn("country", {axis["code"] for axis in axes})
        for axis in axes:
            cells = self._cells("figures", "receivables", axis=axis["code"])
            self.assertEqual(sum(cells.values()), 1_000.0, axis["code"])

    def test_nothing_there(self):
        screen = self._screen(as_of="2020-01-01")
        self.assertEqual(screen["tables"][0]["count"], 0)

    def test_workbook_says_the_same(self):
        _formulas, values = self._workbook(figures="dso")
        cells = [[cell.value for cell in row] for row in values.worksheets[0].iter_rows()]
        rows = {row[0]: row[1:] for row in cells}
        self.assertEqual(rows[self.other.display_name][0], 400)
        self.assertAlmostEqual(rows["Total"][2], 65.0)
        self.assertIn("Formulas", [sheet.title for sheet in values.worksheets])

    def test_page(self):
        pages = self.env["ir.actions.report"].with_user(self.reader).with_company(self.company)
        data = {"model": self.model, "options": self.values, "values": self.values}
        name = "credit_control_reporting.action_report_tables"
        page = pages._render_qweb_html(name, self.company.ids, data=data)[0].decode()
        self.assertIn("Atelier &lt;b&gt;Nord&lt;/b&gt;", page)
        self.assertIn("taxes included", page)

    def test_who_may_read(self):
        salesperson = self._new_user("salesperson")
        for act in (
            lambda report: report.get_screen(self.values),
            lambda report: report.action_open(self.values, "figures", None, "sales"),
            lambda report: report.action_open(self.values, "figures", None, "receivables"),
        ):
            with self.assertRaises(AccessError):
                act(self._report(salesperson))


@tagged("post_install", "-at_install")
class TestReportIndicatorsFiles(IndicatorsCommon, HttpCase):
    """The files, asked for over HTTP: nobody gets what is of a company that isn't theirs."""

    def _download(self, login, company_ids, kind="xlsx"):
        self.authenticate(login, login)
        query = urlencode({"options": json.dumps(self.values), "company_ids": ",".join(map(str, company_ids))})
        return self.url_open(f"/credit_control/report/{self.model}.{kind}?{query}")

    def _read_names(self, response):
        sheet = load_workbook(io.BytesIO(response.content), data_only=True).worksheets[0]
        return {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None}

    def test_foreign_company_in_the_address(self):
        names = self._read_names(self._download("credit_reader", self.company.ids))
        self.assertIn(self.other.display_name, names)
        foreign = self._new_foreign_reader()
        for company_ids in (self.company.ids, [*self.company.ids, *foreign.company_id.ids], []):
            names = self._read_names(self._download(foreign.login, company_ids))
            self.assertFalse({self.other.display_name, self.customer.display_name} & names, company_ids)

    @mute_logger("odoo.http")
    def test_calls_that_name_a_foreign_company(self):
        foreign = self._new_foreign_reader()
        self.authenticate(foreign.login, foreign.login)
        for model, method, args in (
            (self.model, "get_screen", [self.values]),
            (self.model, "action_open", [self.values, "figures", self.customer.id, "receivables"]),
            ("credit.kpi.event", "search_read", [[]]),
            ("credit.kpi.snapshot", "search_read", [[]]),
        ):
            context = {
                "allowed_company_ids": self.company.ids,
                "kpi_kind": "sale",
                "kpi_from": "2025-01-01",
                "kpi_until": "2025-12-31",
            }
            params = {"model": model, "method": method, "args": args, "kwargs": {"context": context}}
            response = self.url_open(
                f"/web/dataset/call_kw/{model}/{method}",
                data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
                headers={"Content-Type": "application/json"},
            )
            found = response.json()
            self.assertIn("error", found, (model, method))
            self.assertNotIn(self.customer.name, json.dumps(found.get("result", "")))

    @mute_logger("odoo.http")
    def test_salesperson_gets_no_file(self):
        new_test_user(
            self.env,
            "credit_seller",
            "credit_control.group_salesperson",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        self.assertEqual(self._download("credit_seller", self.company.ids).status_code, 403)
