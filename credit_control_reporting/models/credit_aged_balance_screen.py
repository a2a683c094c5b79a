from odoo import api, fields, models

from ..core.aged import Line

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
        :return: ``options`` as they were understood, ``axes`` to choose from, ``columns`` {label, tone}, ``total`` and
            ``lines`` (see :meth:`_prepare_line`), ``count`` of all lines, ``ledger`` {amount, ties} or False where only
            a part is looked at
        """
        options = self._read_options(values)
        report = self._get_report(options)
        shown = report.lines[:limit]
        return {
            "options": {
                "as_of": fields.Date.to_string(options.as_of),
                "axes": list(options.axes),
                "edges": "/".join(map(str, options.edges)),
                "only_overdue": options.only_overdue,
            },
            "axes": [{"code": code, "label": label} for code, label in self._get_axis_labels().items()],
            "columns": self._prepare_columns(options),
            "currency_id": self._get_currency(options).id,
            "companies": ", ".join(self.env["res.company"].browse(options.company_ids).mapped("name")),
            "total": self._prepare_line(report, self.env._("Total")),
            "lines": self._prepare_lines(options.axes[0], shown),
            "count": len(report.lines),
            "ledger": self._prepare_ledger(options, report),
        }

    @api.readonly
    @api.model
    def get_lines(self, values: dict, keys: list) -> list:
        """Return the lines below ``keys``, as :meth:`_prepare_line` gives them: what a line unfolds to."""
        options = self._read_options(values)
        self._check_options(options)
        rows = [(found[len(keys) :], figures) for found, figures in self._query_groups(options, keys)]
        report = self._fold(options, rows)
        return self._prepare_lines(options.axes[len(keys)], report.lines)

    @api.readonly
    @api.model
    def action_open(self, values: dict, keys: list) -> dict:
        """Open the items that a line was added up from, as of the day of the report."""
        options = self._read_options(values)
        item_ids = self._query_item_ids(options, keys)
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_open_item_action")
        action["domain"] = [("id", "in", item_ids)]
        action["context"] = {"as_of": fields.Date.to_string(options.as_of)}
        action["display_name"] = self.env._("Open items as of %s", fields.Date.to_string(options.as_of))
        return action

    def _prepare_columns(self, options):
        size = len(options.scale.codes)
        tones = ["", *(TONES[min(place, len(TONES) - 1)] for place in range(size)), "violet", "blue", ""]
        headings = self._get_headings(options)
        return [{"label": label, "tone": tone} for label, tone in zip(headings, tones, strict=True)]

    def _prepare_lines(self, axis, lines):
        labels = self._get_labels(axis, [line.key for line in lines])
        return [self._prepare_line(line, labels[line.key]) for line in lines]

    def _prepare_line(self, line: Line, label):
        """Return ``{key, label, amounts, folds}``; the amounts in the order of the columns."""
        return {"key": line.key, "label": label, "amounts": line.figures.as_row(), "folds": bool(line.lines)}

    def _prepare_ledger(self, options, report):
        if options.only_overdue or options.partner_ids is not None:
            return False
        amount = self._query_ledger(options)
        return {"amount": amount, "ties": self._get_currency(options).is_zero(amount - report.figures.total)}
