import logging
import time

from odoo import fields, models

from odoo.addons.queue_job.exception import RetryableJobError

_logger = logging.getLogger(__name__)

# For how long a job works before it leaves the rest to the next: well below what a worker may take.
SECONDS = 60
ATTEMPTS = 3
ROOT = "root.credit_control"
# The channel of each scheduled action of ours, by its XML id; that of all others is the root of ours.
CHANNELS = {
    "credit_control.cron_send": "sending",
    "credit_control.cron_send_second": "sending",
    "credit_control.cron_litigation_file": "files",
    "credit_control_reporting.cron_report_schedule": "files",
    "credit_control.cron_payment_profile": "figures",
    "credit_control.cron_rank": "figures",
    "credit_control.cron_score": "figures",
    "credit_control.cron_score_backfill": "figures",
    "credit_control_reporting.cron_check_snapshots": "figures",
    "credit_control_reporting.cron_take_snapshots": "figures",
}


class IrCron(models.Model):
    """The scheduled actions of credit control, done by jobs.

    How it works. When such an action is due, it puts one job into the queue in place of its work. The job runs the
    same code with Odoo's own report of progress, for a minute; where work is left, it puts another into the queue.
    What the action does knows nothing of it, so it is the same without jobs.
    """

    _inherit = "ir.cron"

    credit_runs_as_job = fields.Boolean(
        string="Runs as a job",
        default=True,
        help="The job queue does the work of this scheduled action; else it is done as without a queue.",
    )
    credit_is_ours = fields.Boolean(
        string="Of credit control", compute="_compute_credit_is_ours", help="It belongs to credit control."
    )

    def _compute_credit_is_ours(self):
        names = self.get_external_id()
        for cron in self:
            cron.credit_is_ours = names[cron.id].startswith("credit_control")

    def _callback(self, cron_name, server_action_id):
        """Hand the work over to a job; in the job itself, do it."""
        if self.env.context.get("credit_in_job") or not (self.credit_is_ours and self.credit_runs_as_job):
            return super()._callback(cron_name, server_action_id)
        self._credit_enqueue()
        self._commit_progress()
        return None

    def _credit_enqueue(self):
        """Put a job into the queue, unless one is waiting there already."""
        self.with_delay(
            channel=self._credit_get_channel(),
            description=self.cron_name,
            identity_key=f"{ROOT}.{self.id}",
            max_retries=ATTEMPTS,
        )._credit_run_job()

    def _credit_get_channel(self):
        place = CHANNELS.get(self.get_external_id()[self.id])
        return f"{ROOT}.{place}" if place else ROOT

    def _credit_run_job(self):
        """Job: work for a while, and leave the rest to the next one.

        :raise RetryableJobError: whatever went wrong; what was done until then is committed
        """
        cron, progress = self._add_progress()
        cron = cron.with_user(self.user_id).with_context(
            cron_id=self.id, cron_end_time=time.monotonic() + SECONDS, credit_in_job=True
        )
        try:
            cron._callback(self.cron_name, self.ir_actions_server_id.id)
        except Exception as error:
            _logger.exception("%s, as a job", self.cron_name)
            raise RetryableJobError(str(error)) from error
        progress.invalidate_recordset()
        if progress.done and progress.remaining:
            self._credit_enqueue()
