import io

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import ledger_file
from .credit_ledger_import_sentences import FIELD_LABELS, SENTENCES

SHOWN_PROBLEMS = 100
SHOWN_ROWS = 10


class CreditLedgerImport(models.TransientModel):
    """Load a receivables ledger that another system exported: customers, invoices, payments, disputes.

    The preview shows which column was taken for what, the first rows as they were understood,
    or every problem by line and column.
    """

    _name = "credit.ledger.import"
    _description = "Import of a receivables ledger"
    _inherit = "credit.file.import"

    currency_id = fields.Many2one(related="company_id.currency_id")
    file = fields.Binary(string="Ledger (CSV)")
    decimal = fields.Selection(
        [(",", "Comma"), (".", "Point")],
        string="Decimal sign",
        help="Empty: found from the amounts themselves.",
    )
    move_ids = fields.Many2many("account.move", string="Invoices", readonly=True)
    partner_count = fields.Integer(string="New customers", readonly=True)
    payment_count = fields.Integer(string="Payments", readonly=True)
    dispute_count = fields.Integer(string="Disputes", readonly=True)

    def _prepare_preview(self):
        entries, problems, count, layout = self._read()
        return {
            "row_count": len(entries),
            "problem_count": count,
            "preview": self._render_preview(layout, entries, problems, count),
        }

    def _import(self):
        entries, problems, count, _layout = self._read()
        if count:
            raise UserError("\n".join(self._sentences(problems[:20], count)))
        return self._apply_entries(entries)

    @api.model
    def _get_words(self):
        return SENTENCES, FIELD_LABELS

    def action_open_invoices(self):
        """Show what was imported."""
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        return {**action, "domain": [("id", "in", self.move_ids.ids)], "context": {"create": False}}

    # ------------------------------------------------------------ reading

    def _read(self):
        """Return the entries, the problems (the first of them), their number, and the layout (or None)."""
        stream = io.BytesIO(self._get_content())
        options = ledger_file.Options(date_order=self.date_order or "", decimal=self.decimal or "")
        survey = ledger_file.survey(stream, options)
        if not survey.layout:
            return [], list(survey.problems), len(survey.problems), None
        entries, problems, count = ledger_file.check(ledger_file.read(stream, survey.layout), SHOWN_PROBLEMS)
        if not count:
            problems = self._check_entries(entries, survey.layout)
            count = len(problems)
        return entries, problems[:SHOWN_PROBLEMS], count, survey.layout

    # ------------------------------------------------------------ telling

    def _sentences(self, problems, count):
        """Return one sentence a problem, and one for those left out."""
        sentences = [self._sentence(problem) for problem in problems]
        if count > len(problems):
            sentences.append(self.env._("… and %s more.", count - len(problems)))
        return [self.env._("Nothing was imported."), *sentences]

    def _render_preview(self, layout, entries, problems, count):
        places = layout.columns if layout else {}
        columns = [(layout.headers[place], self._label(key)) for key, place in places.items()]
        return self.env["ir.qweb"]._render(
            "credit_control.ledger_import_preview",
            {
                "wizard": self,
                "layout": layout,
                "columns": columns,
                "orders": dict(self._fields["date_order"]._description_selection(self.env)),
                "entries": entries[:SHOWN_ROWS],
                "total": len(entries),
                "customers": len({entry.customer for entry in entries}),
                "sums": self._sums(entries),
                "sentences": [self._sentence(problem) for problem in problems],
                "hidden": count - len(problems),
            },
        )

    def _sums(self, entries):
        """Return per currency: what the rows amount to, and what is still open."""
        sums = {}
        for entry in entries:
            amount, residual = sums.get(entry.currency, (0, 0))
            sums[entry.currency] = (amount + entry.amount, residual + entry.amount - entry.paid)
        return {code or self.currency_id.name: pair for code, pair in sorted(sums.items())}
