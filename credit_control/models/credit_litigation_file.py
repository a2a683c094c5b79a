import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .credit_litigation_archive import BATCH
from .language import in_language_of

_logger = logging.getLogger(__name__)

ACTIVE = ("queued", "running")
# A file that was interrupted that many times without getting any further isn't tried again by itself.
MAX_ATTEMPTS = 3
CRON = "credit_control.cron_litigation_file"


class CreditLitigationFile(models.Model):
    """The making of a litigation's file as one ZIP, in the background.

    First each invoice that has no stored PDF is printed, batch by batch, and kept on the invoice; then
    everything is streamed into a temporary file on disk, one document at a time, and stored. Each batch
    is committed: an interrupted job goes on where it stood, and what it printed is found again.
    """

    _name = "credit.litigation.file"
    _description = "File of a litigation"
    _inherit = ["credit.litigation.archive"]
    _order = "id desc"

    litigation_id = fields.Many2one("credit.litigation", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="litigation_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="litigation_id.partner_id")
    user_id = fields.Many2one("res.users", string="Asked by", required=True, readonly=True)
    state = fields.Selection(
        [("queued", "Waiting"), ("running", "Being made"), ("done", "Ready"), ("failed", "Failed")],
        default="queued",
        required=True,
        readonly=True,
        index=True,
    )
    done_count = fields.Integer(string="Number done", readonly=True, help="Documents that are printed or packed.")
    total_count = fields.Integer(string="Number in all", readonly=True)
    progress = fields.Float(compute="_compute_progress", help="Percent of the documents that are done.")
    attempts = fields.Integer(readonly=True, help="Times that it was begun without getting any further.")
    error = fields.Text(readonly=True)
    failed_move_ids = fields.Many2many("account.move", string="Not printed", readonly=True)
    problems = fields.Text(readonly=True, help="What is missing in the file, and why.")
    attachment_id = fields.Many2one("ir.attachment", string="ZIP", readonly=True)
    file_size = fields.Integer(related="attachment_id.file_size", string="Size")
    finished_at = fields.Datetime(string="Finished on", readonly=True)

    _active_unique = models.UniqueIndex(
        "(litigation_id) WHERE state IN ('queued', 'running')", "This file is being made already."
    )

    @api.depends("done_count", "total_count", "state")
    def _compute_progress(self):
        for job in self:
            share = job.done_count / job.total_count if job.total_count else 0.0
            job.progress = 100.0 if job.state == "done" else min(99.0, 100.0 * share)

    @api.depends("litigation_id", "create_date")
    def _compute_display_name(self):
        for job in self:
            job.display_name = self.env._("File: %s", job.litigation_id.display_name)

    # -- buttons ------------------------------------------------------------------------

    def action_download(self):
        """Download the ZIP."""
        self.ensure_one()
        if not self.attachment_id:
            raise UserError(self.env._("%s isn't ready yet.", self.display_name))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
            "target": "self",
        }

    # -- the job ------------------------------------------------------------------------

    @api.model
    def _cron_make(self):
        """Make the files that are asked for, and go on with those that were interrupted."""
        progress = self.env["ir.cron"]._commit_progress
        active = Domain("state", "in", ACTIVE)
        jobs = self.search(active, order="id")
        if jobs:
            progress(remaining=len(jobs))
        for job in jobs:
            job = job.try_lock_for_update().filtered_domain(active)
            if job and not job.with_company(job.company_id)._make():
                return
            if not progress(1):
                return

    def _make(self):
        """Make this file; return whether it has ended, well or not. False: the time is up, it goes on later."""
        self.ensure_one()
        try:
            self._begin()
            if not self._print_missing():
                return False
            self._pack()
        except Exception as error:  # noqa: BLE001
            self.env.cr.rollback()
            _logger.exception("%s can't be made", self)
            self._fail(str(error))
        return True

    def _begin(self):
        """Count the attempt before anything else: a crash doesn't come back to say so."""
        if self.attempts >= MAX_ATTEMPTS:
            raise UserError(self.env._("It was interrupted %s times without getting any further.", self.attempts))
        self.write({"state": "running", "attempts": self.attempts + 1, "error": False})
        self.env["ir.cron"]._commit_progress()

    def _print_missing(self):
        """Print the invoices that have no stored PDF yet; return whether all is printed."""
        moves = self._get_invoices()
        missing = self._get_unprinted(moves)
        self.write({"total_count": len(moves), "done_count": len(moves) - len(missing)})
        for start in range(0, len(missing), BATCH):
            batch = moves.browse(missing.ids[start : start + BATCH])
            self._print_batch(batch)
            self.write({"done_count": self.done_count + len(batch), "attempts": 0})
            if not self.env["ir.cron"]._commit_progress(len(batch), remaining=len(missing) - start):
                self.env.ref(CRON)._trigger()
                return False
            self.env.invalidate_all()
        return True

    def _print_batch(self, moves):
        """Print a batch; where one of it can't be printed, the others are, each by itself."""
        try:
            with self.env.cr.savepoint():
                moves._credit_get_pdf_attachments()
        except Exception:  # noqa: BLE001
            _logger.info("%s: a batch can't be printed, each invoice is tried by itself", self, exc_info=True)
            for move in moves:
                self._print_one(move)

    def _print_one(self, move):
        try:
            with self.env.cr.savepoint():
                move._credit_get_pdf_attachments()
        except Exception as error:  # noqa: BLE001
            self._note_problem(move.name, error)
            self.failed_move_ids += move

    def _note_problem(self, name, error):
        line = self.env._("%(name)s: %(error)s", name=name, error=str(error) or type(error).__name__)
        self.problems = "\n".join(filter(None, (self.problems, line)))

    def _pack(self):
        """Write the ZIP, store it and tell who asked for it."""
        with self._write_archive() as path:
            attachment = self._store_archive(path)
        self.write(
            {
                "state": "done",
                "attachment_id": attachment.id,
                "finished_at": fields.Datetime.now(),
                "done_count": self.total_count,
                "attempts": 0,
            }
        )
        self._tell(self._speaking().env._("The file is ready"), "success")
        self.env["ir.cron"]._commit_progress()

    def _fail(self, error):
        self.write({"state": "failed", "error": error, "finished_at": fields.Datetime.now()})
        self._tell(self._speaking().env._("The file couldn't be made"), "danger")
        self.env["ir.cron"]._commit_progress()

    def _speaking(self):
        return in_language_of(self, self.user_id)

    def _tell(self, summary, kind):
        """Leave an activity to who asked for it, and tell them at once where they are looking."""
        litigation = self.litigation_id
        litigation.activity_schedule(
            "credit_control.mail_activity_type_litigation_file",
            summary=summary,
            note=self.error,
            user_id=self.user_id.id,
        )
        message = f"{summary}: {litigation.display_name}"
        self.user_id._bus_send("simple_notification", {"type": kind, "message": message, "sticky": False})
