from odoo import models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ..core.tables import AMOUNT, COUNT, DATE, DAYS, GAUGE, GOAL, PERCENT

# Of how many rows of a table paper shows the first ones: more is read in a workbook.
MOST_ROWS = 1_000


class ReportTables(models.AbstractModel):
    """A report on paper: ``data`` names its model and what is asked."""

    _name = "report.credit_control_reporting.report_tables"
    _description = "Report on receivables, on paper"

    def _get_report_values(self, docids, data=None):
        model = self.env["credit.report"]._get_registered((data or {}).get("model") or "")
        asked = model._read_asked((data or {}).get("values") or {})
        report = model._get_report(asked)
        return {
            "doc_ids": docids,
            "docs": self.env["res.company"].browse(asked.company_ids[:1]),
            "report": report,
            "most": MOST_ROWS,
            "write": self._get_writer(model._get_currency(asked)),
        }

    def _get_writer(self, currency):
        """Return the function that writes a cell as people read it."""
        digits = {AMOUNT: currency.decimal_places, PERCENT: 1, GAUGE: 0, GOAL: 0, COUNT: 0, DAYS: 1}

        def write(kind, value):
            if value is None or value is False:
                return "–"
            if kind == DATE:
                return format_date(self.env, value)
            if kind not in digits or isinstance(value, str):
                return value
            text = formatLang(self.env, value, digits=digits[kind])
            return f"{text} %" if kind in (PERCENT, GAUGE, GOAL) else text

        return write
