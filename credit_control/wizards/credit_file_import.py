import base64

from odoo import api, fields, models
from odoo.exceptions import UserError


class CreditFileImport(models.AbstractModel):
    """What all imports of a CSV file have in common: three screens, and problems told by line and column.

    File → preview → done. The preview shows what would be imported, or every problem; all of the
    file is imported in one transaction, or nothing.
    """

    _name = "credit.file.import"
    _description = "Import of a CSV file"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    file = fields.Binary(string="File (CSV)", attachment=False)
    filename = fields.Char()
    date_order = fields.Selection(
        [("dmy", "Day, month, year"), ("mdy", "Month, day, year"), ("ymd", "Year, month, day")],
        string="Order of the dates",
        help="Empty: found from the dates themselves. Needed where every date of the file has two meanings.",
    )
    state = fields.Selection(
        [("file", "File"), ("preview", "Preview"), ("done", "Done")], default="file", required=True
    )
    preview = fields.Html(readonly=True, sanitize=False)
    row_count = fields.Integer(string="Rows", readonly=True)
    problem_count = fields.Integer(string="Problems", readonly=True)

    def action_check(self):
        """Read the file and show what would be imported, or what prevents it."""
        self.ensure_one()
        self.write({"state": "preview", **self._prepare_preview()})
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
        if self.state == "done":
            raise UserError(self.env._("This file was imported already."))
        self.write({"state": "done", **self._import()})
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env["ir.model"]._get(self._name).name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _get_content(self):
        """Return the file as bytes.

        :raise UserError: where none was chosen, or it didn't arrive as a file does
        """
        content = self.with_context(bin_size=False).file
        if not content:
            raise UserError(self.env._("Choose a file first."))
        try:
            return base64.b64decode(content)
        except ValueError as error:
            raise UserError(self.env._("The file didn't arrive whole: choose it again.")) from error

    # ------------------------------------------------------------ of each kind of file

    def _prepare_preview(self):
        """Return what the preview shows: ``row_count``, ``problem_count``, ``preview`` and more of its own."""
        raise NotImplementedError

    def _import(self):
        """Import all rows; return what the last screen shows.

        :raise UserError: where anything in the file can't be imported
        """
        raise NotImplementedError

    @api.model
    def _get_words(self):
        """Return what each code of a problem says to people, and the label of each field: two dicts."""
        raise NotImplementedError

    # ------------------------------------------------------------ telling

    @api.model
    def _sentence(self, problem):
        """Return what is wrong, and where, in the user's language."""
        sentences, _labels = self._get_words()
        details = {
            "value": problem.value,
            "other": problem.other,
            "fields": ", ".join(self._label(key) for key in problem.value.split(",")),
        }
        sentence = self.env._(sentences[problem.code])
        text = sentence % details
        place = {"line": problem.line, "column": problem.column}
        if problem.line and problem.column:
            return self.env._("Line %(line)s, column “%(column)s”: %(text)s", text=text, **place)
        if problem.line:
            return self.env._("Line %(line)s: %(text)s", text=text, line=problem.line)
        return text

    def _label(self, key):
        _sentences, labels = self._get_words()
        return self.env._(labels[key]) if key in labels else key
