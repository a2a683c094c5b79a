from odoo import models
from odoo.tools import format_date


class ReportAgedBalance(models.AbstractModel):
    """The aged balance on paper, for the options in ``data``."""

    _name = "report.credit_control_reporting.report_aged_balance"
    _description = "Aged balance on paper"

    def _get_report_values(self, docids, data=None):
        balance = self.env["credit.aged.balance"]
        options = balance._read_options((data or {}).get("options") or {})
        report = balance._get_report(options)
        return {
            "doc_ids": docids,
            "docs": self.env["res.company"].browse(options.company_ids[:1]),
            "as_of": format_date(self.env, options.as_of),
            "sheet": balance._prepare_sheet(options, report),
            "report": report,
            "labels": balance._get_report_labels(options, report),
            "currency": balance._get_currency(options),
        }
