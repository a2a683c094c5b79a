import json
import os
import tempfile

from odoo import http
from odoo.http import content_disposition, request

from ..report.aged_balance_xlsx import write_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF_REPORT = "credit_control_reporting.action_report_aged_balance"


class AgedBalanceController(http.Controller):
    """The aged balance as a file; who may see it on the screen may take it along."""

    @http.route("/credit_control/aged_balance.xlsx", type="http", auth="user", methods=["GET"], readonly=True)
    def download_xlsx(self, options="{}", company_ids="", **_ignored):
        """Return the workbook for the ``options`` of the screen (JSON, see ``credit.aged.balance._read_options``)."""
        balance, values = self._read(options, company_ids)
        options = balance._read_options(values)
        sheet = balance._prepare_sheet(options, balance._get_report(options))
        handle, path = tempfile.mkstemp(suffix=".xlsx")
        os.close(handle)
        try:
            write_workbook(path, sheet)
            with open(path, "rb") as file:
                content = file.read()
        finally:
            os.unlink(path)
        return self._respond(content, XLSX, f"{sheet.title} {sheet.as_of}.xlsx")

    @http.route("/credit_control/aged_balance.pdf", type="http", auth="user", methods=["GET"], readonly=True)
    def download_pdf(self, options="{}", company_ids="", **_ignored):
        """Return the PDF for ``options``, as :meth:`download_xlsx`."""
        balance, values = self._read(options, company_ids)
        report = balance.env["ir.actions.report"]
        content, _kind = report._render_qweb_pdf(PDF_REPORT, balance.env.company.ids, data={"options": values})
        as_of = balance._read_options(values).as_of
        return self._respond(content, "application/pdf", f"{balance.env._('Aged balance')} {as_of}.pdf")

    def _read(self, options, company_ids):
        """Return the report's model in the companies that are chosen on the screen, and its options."""
        allowed = request.env.user.company_ids.ids
        chosen = [int(part) for part in company_ids.split(",") if part.isdigit() and int(part) in allowed]
        try:
            values = json.loads(options)
        except ValueError:
            values = {}
        chosen = chosen or request.env.company.ids
        balance = request.env["credit.aged.balance"].with_context(allowed_company_ids=chosen)
        return balance, values if isinstance(values, dict) else {}

    def _respond(self, content, mimetype, name):
        headers = [
            ("Content-Type", mimetype),
            ("Content-Length", len(content)),
            ("Content-Disposition", content_disposition(name)),
        ]
        return request.make_response(content, headers)
