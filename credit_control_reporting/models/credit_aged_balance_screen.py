from dataclasses import replace

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..core.aged import Line
from .credit_open_item import write_cell

# How many lines a screen shows before it is asked for more.
PAGE = 200
# The colour of a bucket: see the ageing bar of credit control. Never alone: each column has its heading.
TONES = ("grey", "amber", "orange", "red")


class CreditAgedBalance(models.AbstractModel):
    """The aged balance on the screen: lines that unfold, amounts that open their entries."""

    _inherit = "credit.aged.balance"

    @api.readonly
    @api.model
    def get_screen(self, values: dict, limit: int = PAGE) -> dict:
        """Return all that the screen shows; amounts in the currency of the companies.

        :param values: see :meth:`_read_options`
        :param limit: how many lines of the first axis
        :return: ``options`` as they were understood, ``axes`` to choose from, ``details`` (headings), ``columns``
            {code, label, tone}, ``total`` and ``lines`` (see :meth:`_prepare_line`), ``count`` of all lines,
            ``ledger`` {amount, ties, note} or False where only a part is looked at
        """
        options = self._read_options(values)
        report = self._get_report(options)
        shown, details = report.lines[:limit], self._prepare_details(options, ())
        return {
            "options": {
                "as_of": fields.Date.to_string(options.as_of),
                "axes": list(options.axes),
                "edges": "/".join(map(str, options.edges)),
                "only_overdue": options.only_overdue,
                "details": options.with_details,
                "dso": options.with_dso,
            },
            "axes": [{"code": code, "label": label} for code, label in self._get_axis_labels().items()],
            "details": self._get_detail_headings(options),
            "dso": self.env._("DSO"),
            "tail": self._get_tail_headings(options),
            "columns": self._prepare_columns(options),
            "currency_id": self._get_currency(options).id,
            "companies": ", ".join(self.env["res.company"].browse(options.company_ids).mapped("name")),
            "total": self._prepare_line(report, self.env._("Total"), details.get((), ())),
            "lines": self._prepare_lines(options, (), shown, details),
            "count": len(report.lines),
            "ledger": self._get_ledger(options, report) or False,
        }

    @api.readonly
    @api.model
    def get_lines(self, values: dict, keys: list) -> list:
        """Return the lines below ``keys``, as :meth:`_prepare_line` gives them: what a line unfolds to."""
        options = self._read_options(values)
        self._check_options(options)
        keys = tuple(keys)
        rows = [(found[len(keys) :], figures) for found, figures in self._query_groups(options, keys)]
        lines = self._fold(options, rows).lines
        return self._prepare_lines(options, keys, lines, self._prepare_details(options, keys))

    @api.readonly
    @api.model
    def action_open(self, values: dict, keys: list, column: str = "total") -> dict:
        """Open the items that a figure was added up from, as of the day of the report."""
        options = self._read_options(values)
        self._check_options(options)
        self._get_column_sql(options, column)
        headings = dict(zip(self._get_column_codes(options), self._get_headings(options), strict=True))
        # Keys come back from the screen: of one that nothing is below for this user, not even the name is told.
        known = keys if self._query(options, keys, SQL("1"), SQL("LIMIT 1")) else ()
        labels = [self._get_labels(code, [key])[key] for code, key in zip(options.axes, known, strict=False)]
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_open_item_action")
        action["domain"] = [("aged_cell", "=", write_cell(values, options, keys, column))]
        action["context"] = {"as_of": fields.Date.to_string(options.as_of)}
        action["display_name"] = " · ".join([*labels, headings[column], format_date(self.env, options.as_of)])
        return action

    @api.readonly
    @api.model
    def action_open_customers(self, values: dict, keys: list) -> dict:
        """Open the cards of the customers of a line."""
        options = self._read_options(values)
        self._check_options(options)
        found = self._query(options, keys, SQL("item.partner_id"), SQL("GROUP BY item.partner_id"))
        partner_ids = [partner_id for (partner_id,) in found if partner_id]
        return self._prepare_customers_action(partner_ids, options.company_ids)

    def _prepare_columns(self, options):
        size = len(options.scale.codes)
        tones = ["", *(TONES[min(place, len(TONES) - 1)] for place in range(size)), "violet", "blue", ""]
        columns = zip(self._get_column_codes(options), self._get_headings(options), tones, strict=True)
        return [{"code": code, "label": label, "tone": tone} for code, label, tone in columns]

    def _prepare_lines(self, options, keys, lines, details):
        """Return the lines below ``keys`` as the screen has them."""
        level = len(keys)
        labels = self._get_labels(options.axes[level], [line.key for line in lines])
        return [self._prepare_line(line, labels[line.key], details.get((*keys, line.key), ())) for line in lines]

    def _prepare_details(self, options, keys):
        """Return ``{keys: details}`` of the lines right below ``keys``, and of their total."""
        return self._query_details(replace(options, axes=options.axes[: len(keys) + 1]), keys)

    def _prepare_line(self, line: Line, label, details=()):
        """Return ``{key, label, details, amounts, folds}``; the amounts in the order of the columns."""
        return {
            "key": line.key,
            "label": label,
            "details": list(details),
            "amounts": line.figures.as_row(),
            "folds": bool(line.lines),
        }
