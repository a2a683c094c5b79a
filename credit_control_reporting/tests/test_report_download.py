import io
import json
import re
from unittest.mock import patch

from openpyxl import load_workbook

from odoo.http import Controller
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader

from odoo.addons.base.models.ir_actions_report import _wkhtml

from ..controllers.report import ReportController
from ..report.aged_balance_pdf import ReportAgedBalance
from .test_report_schedule import ReportScheduleCommon

ROUTES = ("/credit_control/aged_balance.{}", "/credit_control/report/credit.aged.balance.{}")


@tagged("post_install", "-at_install")
class TestReportDownload(ReportScheduleCommon, HttpCase):
    """Over the wire: who asks for another company's figures gets their own, or nothing."""

    def _get(self, path, company_ids="", **options):
        options = {"as_of": "2025-06-30", **options}
        return self.url_open(f"{path}?company_ids={company_ids}&options={json.dumps(options)}")

    def _rows(self, response):
        page = load_workbook(io.BytesIO(response.content), data_only=True).active
        return [row[0].value for row in page.iter_rows(min_row=6)]

    def test_foreign_companies_are_left_out(self):
        self.authenticate("credit_reader", "credit_reader")
        own, both = str(self.company.id), f"{self.company.id},{self.foreign.id}"
        for route in ROUTES:
            for company_ids in ("", own, both, str(self.foreign.id), "x,-1,²", "999999999"):
                with self.subTest(route=route, company_ids=company_ids):
                    response = self._get(route.format("xlsx"), company_ids)
                    self.assertEqual(self._rows(response), ["Boulangerie Exemple", "Total"])

    def test_own_companies_together(self):
        self.authenticate("credit_manager", "credit_manager")
        response = self._get(ROUTES[0].format("xlsx"), f"{self.company.id},{self.foreign.id}")
        self.assertEqual(set(self._rows(response)), {"Boulangerie Exemple", "Atelier Étranger", "Total"})

    def test_foreign_customers_are_nobodys(self):
        """Keys of a line that belong to another company open nothing."""
        self.authenticate("credit_reader", "credit_reader")
        values = {"as_of": "2025-06-30", "axes": ["company", "customer"]}
        found = self._call("get_lines", values, [self.foreign.id])
        self.assertEqual(found, [])
        cell = json.dumps([values, [self.foreign.id, self.stranger.id], "total"])
        items = self.make_jsonrpc_request(
            "/web/dataset/call_kw/credit.open.item/search_read",
            {
                "model": "credit.open.item",
                "method": "search_read",
                "args": [[["aged_cell", "=", cell]], ["reference"]],
                "kwargs": {},
            },
        )
        self.assertEqual(items, [])

    def _call(self, method, *args):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/credit.aged.balance/{method}",
            {"model": "credit.aged.balance", "method": method, "args": list(args), "kwargs": {}},
        )

    @mute_logger("odoo.http")
    def test_salespeople_get_no_file(self):
        self._new_user("salesperson")
        self.authenticate("credit_salesperson", "credit_salesperson")
        for route in ROUTES:
            for kind in ("xlsx", "pdf"):
                self.assertEqual(self._get(route.format(kind)).status_code, 403, route)

    @mute_logger("odoo.http")
    def test_reports_that_there_are_not(self):
        self.authenticate("credit_reader", "credit_reader")
        for path in ("res.users.xlsx", "credit.debtor.xlsx", "credit.aged.balance.exe"):
            self.assertGreaterEqual(self._get(f"/credit_control/report/{path}").status_code, 400, path)

    def test_page_is_a_pdf(self):
        self.authenticate("credit_reader", "credit_reader")
        response = self._get(ROUTES[1].format("pdf"))
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        self.assertIn("2025-06-30.pdf", response.headers["Content-Disposition"])

    def test_all_of_it_runs_read_only(self):
        """A replica can serve it: the files and what the screen reads."""
        for name in ("download", "download_aged_xlsx", "download_aged_pdf"):
            self.assertIs(getattr(ReportController, name).original_routing["readonly"], True, name)
        self.assertTrue(issubclass(ReportController, Controller))
        for name in ("get_screen", "get_lines", "action_open", "action_schedule"):
            self.assertTrue(getattr(type(self.env["credit.aged.balance"]), name)._readonly, name)

    def test_every_page_of_a_long_report_says_its_number(self):
        """Printed for real: some fifty pages, each with its number, the headings and no row lost."""
        reports = self.env["ir.actions.report"]
        if reports.get_wkhtmltopdf_state() != "ok" or not _wkhtml().is_patched_qt:
            self.skipTest("this machine's wkhtmltopdf prints no footers")
        rows = [
            {"kind": "", "label": f"Customer {number:04}", "details": (), "amounts": [f"{number}.00"] * 9}
            for number in range(1_700)
        ]
        with patch.object(ReportAgedBalance, "_prepare_rows", return_value=rows):
            balance = self.env["credit.aged.balance"].with_user(self.manager)
            file = balance.with_context(force_report_rendering=True)._render_report({"as_of": "2025-06-30"}, "pdf")
        pages = [page.extract_text() for page in PdfFileReader(io.BytesIO(file.content)).pages]
        self.assertGreater(len(pages), 20)
        for number, text in enumerate(pages, 1):
            with self.subTest(page=number):
                self.assertIn(f"{number} / {len(pages)}", text)
                self.assertIn("Total", text)
        found = re.findall(r"Customer (\d{4})", " ".join(pages))
        self.assertEqual(found, [f"{number:04}" for number in range(1_700)])

    def test_pages_say_their_number(self):
        """The printer writes the footers itself: it leaves some of hundreds out where each is a web page."""
        seen = {}

        def run(printer, bodies, report_ref=False, header=None, footer=None, **options):
            paper = printer._get_report(report_ref).get_paperformat()
            seen["arguments"] = printer._build_wkhtmltopdf_args(paper, False)
            seen["pages"] = (header, footer)
            return b"%PDF-1.4"

        base = self.registry["ir.actions.report"].mro()
        odoos = next(each for each in base if each.__module__.startswith("odoo.addons.base"))
        with patch.object(odoos, "_run_wkhtmltopdf", run):
            for model in ("credit.aged.balance", "credit.report.provision"):
                report = self.env[model].with_user(self.manager).with_context(force_report_rendering=True)
                report._render_report({}, "pdf")
                footer = seen["arguments"][seen["arguments"].index("--footer-right") + 1]
                self.assertTrue(footer.startswith(report._get_report_title()), footer)
                self.assertTrue(footer.endswith(" · [page] / [topage]"), footer)
                self.assertEqual(seen["pages"], (None, None))
