import base64
import io

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import ledger_file
from .credit_ledger_import_sentences import FIELD_LABELS, SENTENCES

MAX_BYTES = ledger_file.MAX_BYTES
SHOWN_PROBLEMS = 100
SHOWN_ROWS = 10


class CreditLedgerImport(models.TransientModel):
    """Load a receivables ledger that another system exported: customers, invoices, payments, disputes.

    What it is: three screens, file → preview → done. The preview shows which column was
    taken for what, the first rows as they were understood, or every problem by line and
    column. All of the file is imported in one transaction, or nothing.
    """

    _name = "credit.ledger.import"
    _description = "Import of a receivables ledger"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    file = fields.Binary(string="Ledger (CSV)", attachment=False)
    filename = fields.Char()
    date_order = fields.Selection(
        [("dmy", "Day, month, year"), ("mdy", "Month, day, year"), ("ymd", "Year, month, day")],
        string="Order of the dates",
        help="Empty: found from the dates themselves. Needed where every date of the file has two meanings.",
    )
    decimal = fields.Selection(
        [(",", "Comma"), (".", "Point")],
        string="Decimal sign",
        help="Empty: found from the amounts themselves.",
    )
    state = fields.Selection(
        [("file", "File"), ("preview", "Preview"), ("done", "Done")], default="file", required=True
    )
    preview = fields.Html(readonly=True, sanitize=False)
    row_count = fields.Integer(string="Rows", readonly=True)
    problem_count = fields.Integer(string="Problems", readonly=True)
    move_ids = fields.Many2many("account.move", string="Invoices", readonly=True)
    partner_count = fields.Integer(string="New customers", readonly=True)
    payment_count = fields.Integer(string="Payments", readonly=True)
    dispute_count = fields.Integer(string="Disputes", readonly=True)

    def action_check(self):
        """Read the file and show what would be imported, or what prevents it."""
        self.ensure_one()
        entries, problems, count, layout = self._read()
        self.write(
            {
                "state": "preview",
                "row_count": len(entries),
                "problem_count": count,
                "preview": self._render_preview(layout, entries, problems, count),
            }
        )
        return self._reopen()

    def action_back(self):
        """Choose another file, or answer a question of the preview."""
        self.write({"state": "file", "preview": False})
        return self._reopen()

    def action_import(self):
        """Import all of the file.

        :raise UserError: naming lines and columns, where anything in it can't be imported
        """
        self.ensure_one()
        entries, problems, count, layout = self._read()
        if count:
            raise UserError("\n".join(self._sentences(problems[:20], layout, count)))
        done = self._apply_entries(entries)
        self.write({"state": "done", **done})
        return self._reopen()

    def action_open_invoices(self):
        """Show what was imported."""
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        return {**action, "domain": [("id", "in", self.move_ids.ids)], "context": {"create": False}}

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    # ------------------------------------------------------------ reading

    def _read(self):
        """Return the entries, the problems (the first of them), their number, and the layout (or None)."""
        content = self.with_context(bin_size=False).file
        if not content:
            raise UserError(self.env._("Choose a file first."))
        if len(content) * 3 // 4 > MAX_BYTES + 3:
            problem = ledger_file.Problem(0, "", ledger_file.TOO_LARGE, str(MAX_BYTES // 1_000_000))
            return [], [problem], 1, None
        stream = io.BytesIO(base64.b64decode(content))
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

    @api.model
    def _sentence(self, problem):
        """Return what is wrong, and where, in the user's language."""
        details = {
            "value": problem.value,
            "other": problem.other,
            "fields": ", ".join(self._label(key) for key in problem.value.split(",")),
        }
        sentence = self.env._(SENTENCES[problem.code])
        text = sentence % details
        if problem.line and problem.column:
            return self.env._("Line %(line)s, column “%(column)s”: %(text)s", text=text, **self._place(problem))
        if problem.line:
            return self.env._("Line %(line)s: %(text)s", line=problem.line, text=text)
        return text

    def _label(self, key):
        return self.env._(FIELD_LABELS[key]) if key in FIELD_LABELS else key

    def _place(self, problem):
        return {"line": problem.line, "column": problem.column}

    def _sentences(self, problems, layout, count):
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
