from odoo import models
from odoo.tools import format_date

# So many rows stand in a table of their own: the printer lays out one of ten thousand rows a hundred times slower.
ROWS_A_TABLE = 500


class ReportAgedBalance(models.AbstractModel):
    """The aged balance on paper, for the options in ``data``."""

    _name = "report.credit_control_reporting.report_aged_balance"
    _description = "Aged balance on paper"

    def _get_report_values(self, docids, data=None):
        balance = self.env["credit.aged.balance"]
        options = balance._read_options((data or {}).get("options") or {})
        report = balance._get_report(options)
        rows = self._prepare_rows(options, report)
        return {
            "doc_ids": docids,
            "docs": self.env["res.company"].browse(options.company_ids[:1]),
            "as_of": format_date(self.env, options.as_of),
            "title": balance._get_report_title(),
            "notes": balance._get_file_notes(options, report),
            "axes": [balance._get_axis_labels()[code] for code in options.axes],
            "details": balance._get_detail_headings(options),
            "headings": [*balance._get_headings(options), *balance._get_tail_headings(options)],
            "tables": [rows[start : start + ROWS_A_TABLE] for start in range(0, len(rows), ROWS_A_TABLE)],
        }

    def _prepare_rows(self, options, report):
        """Return the rows as they are printed, the total last: ``{kind, label, details, amounts}``."""
        balance = self.env["credit.aged.balance"]
        write = self._get_writer(balance._get_currency(options))
        labels = balance._get_report_labels(options, report)
        details, nothing = balance._query_details(options), balance._get_no_details(options)
        words = len(balance._get_detail_headings(options))
        rows = []

        def add(kind, label, line, keys):
            told = details.get(keys, nothing)
            amounts = [write(amount) for amount in line.figures.as_row()]
            amounts += ["–" if days is None else str(days) for days in told[words:]]
            rows.append({"kind": kind, "label": label, "details": told[:words], "amounts": amounts})

        def walk(line, keys):
            for part in line.lines:
                found = (*keys, part.key)
                kind = "credit_group" if part.lines else "credit_part" if keys else ""
                add(kind, labels[len(keys)][part.key], part, found)
                walk(part, found)

        walk(report, ())
        add("credit_total", self.env._("Total"), report, ())
        return rows

    def _get_writer(self, currency):
        """Return the function that writes an amount as the user's language does."""
        lang = self.env["res.lang"]._lang_get(self.env.lang or "en_US")
        digits = f"%.{currency.decimal_places}f"
        return lambda amount: lang.format(digits, amount, grouping=True) if amount else "–"
