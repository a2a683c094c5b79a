from odoo import models

from odoo.addons.credit_control.models.company_day import company_today


class ReportBadDebtVat(models.AbstractModel):
    """The statements of unpaid invoices for the customers (CGI 272-1), one a customer."""

    _name = "report.credit_control_reporting.report_bad_debt_vat"
    _description = "Statement of unpaid invoices (CGI 272-1)"

    def _get_report_values(self, docids, data=None):
        report = self.env["credit.report.bad.debt.vat"]
        asked = report._read_asked((data or {}).get("values") or {})
        report._check_asked(asked)
        return {
            "doc_ids": docids,
            "docs": self.env["res.company"].browse(asked.company_ids[:1]),
            "statements": report._prepare_statements(asked),
            "today": company_today(self),
        }
