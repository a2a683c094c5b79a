import json

from odoo import http
from odoo.http import content_disposition, request


class ReportController(http.Controller):
    """Reports as files; who may see one on the screen may take it along."""

    @http.route(
        "/credit_control/report/<string:report>.<string:kind>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def download(self, report, kind, options="{}", company_ids="", **_ignored):
        """Return a report as a file.

        :param report: its model, see ``credit.report``
        :param kind: ``xlsx`` or ``pdf``
        :param options: the options of its screen, as JSON
        :param company_ids: of the companies that are chosen on the screen, with commas between
        """
        reports = request.env["credit.report"].with_context(allowed_company_ids=self._read_companies(company_ids))
        registered = reports._get_registered(report, kind)
        registered._check_report_access()
        return self._respond(registered._render_report(self._read_values(options), kind))

    @http.route("/credit_control/aged_balance.xlsx", type="http", auth="user", methods=["GET"], readonly=True)
    def download_aged_xlsx(self, **asked):
        """Return the aged balance as a workbook: see :meth:`download`."""
        return self.download("credit.aged.balance", "xlsx", **asked)

    @http.route("/credit_control/aged_balance.pdf", type="http", auth="user", methods=["GET"], readonly=True)
    def download_aged_pdf(self, **asked):
        """Return the aged balance as a PDF: see :meth:`download`."""
        return self.download("credit.aged.balance", "pdf", **asked)

    def _read_companies(self, company_ids):
        """Return those of ``company_ids`` that are the user's; without any, the user's own."""
        allowed = request.env.user.company_ids.ids
        chosen = [int(part) for part in company_ids.split(",") if part.isdecimal() and int(part) in allowed]
        return chosen or request.env.company.ids

    def _read_values(self, options):
        try:
            values = json.loads(options)
        except ValueError:
            values = {}
        return values if isinstance(values, dict) else {}

    def _respond(self, file):
        headers = [
            ("Content-Type", file.mimetype),
            ("Content-Length", len(file.content)),
            ("Content-Disposition", content_disposition(file.name)),
        ]
        return request.make_response(file.content, headers)
