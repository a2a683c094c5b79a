from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.credit_control.tests.common_send import CreditSendCommon
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs

from ..models import ir_cron

NOON = "2026-11-18 11:00:00"


@tagged("post_install", "-at_install")
class TestJobs(CreditSendCommon):
    """The scheduled actions hand their work over; what they do is the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("credit_control.cron_send").sudo()
        cls.function = cls.env["ir.cron"]._credit_run_job

    def _trigger(self, cron=None):
        cron = cron or self.cron
        with patch.object(type(cron), "_commit_progress", lambda *_args, **_kwargs: 60.0):
            cron._callback(cron.cron_name, cron.ir_actions_server_id.id)

    def _run(self, cron=None, done=0, remaining=0):
        """Run the job as the queue would, inside this transaction."""
        cron = cron or self.cron
        work = patch.object(type(self.env["ir.actions.server"]), "run", self._report_progress(done, remaining))
        with work, patch.object(self.env.cr, "commit", lambda: None):
            cron._credit_run_job()

    def _report_progress(self, done, remaining):
        def run(action):
            progress = action.env["ir.cron.progress"].browse(action.env.context["ir_cron_progress_id"])
            progress.write({"done": done, "remaining": remaining})

        return run

    def test_it_is_handed_over_once(self):
        with trap_jobs() as trap:
            self._trigger()
            trap.assert_jobs_count(1)
            [job] = trap.enqueued_jobs
            self.assertEqual(job.channel, "root.credit_control.sending")
            self.assertEqual(job.identity_key, f"root.credit_control.{self.cron.id}")
            self.assertEqual(job.max_retries, ir_cron.ATTEMPTS)

    def test_one_waits_at_a_time(self):
        for _twice in range(2):
            self._trigger()
        second = self.env.ref("credit_control.cron_send_second").sudo()
        self._trigger(second)
        jobs = self.env["queue.job"].sudo().search([("method_name", "=", "_credit_run_job")])
        keys = {f"root.credit_control.{cron.id}" for cron in self.cron + second}
        self.assertEqual(sorted(jobs.mapped("identity_key")), sorted(keys))

    def test_each_of_ours_is_a_job_and_no_other(self):
        crons = self.env["ir.cron"].sudo().search([]).with_context(active_test=False)
        ours = crons.filtered("credit_is_ours")
        self.assertGreater(len(ours), 15)
        addons = {name.partition(".")[0] for name in ours.get_external_id().values()}
        self.assertEqual({addon for addon in addons if not addon.startswith("credit_control")}, set())
        for cron in ours:
            with trap_jobs() as trap:
                self._trigger(cron)
                trap.assert_jobs_count(1)

    def test_channels_exist(self):
        names = {f"{ir_cron.ROOT}.{place}" for place in ir_cron.CHANNELS.values()}
        channels = self.env["queue.job.channel"].sudo().search([("complete_name", "in", list(names))])
        self.assertEqual(set(channels.mapped("complete_name")), names)

    def test_named_actions_exist(self):
        installed = self.env["ir.module.module"].sudo().search([("state", "=", "installed")]).mapped("name")
        for xmlid in ir_cron.CHANNELS:
            if xmlid.partition(".")[0] in installed:
                self.assertEqual(self.env.ref(xmlid)._name, "ir.cron")

    def test_what_is_left_is_the_next_job(self):
        with trap_jobs() as trap:
            self._run(done=100, remaining=50)
            trap.assert_jobs_count(1)
        for done, remaining in ((100, 0), (0, 50)):
            with trap_jobs() as trap:
                self._run(done=done, remaining=remaining)
                trap.assert_jobs_count(0)

    def test_it_sends_as_the_cron_does(self):
        notice = self._new_notice()
        with self.catch_mail() as server, patch.object(self.env.cr, "commit", lambda: None):
            self.policy.write({"hour_from": 0, "hour_to": 24, "send_on_weekend": True, "send_on_holiday": True})
            self.cron._credit_run_job()
        self.assertEqual(len(server.messages), 1)
        self.assertEqual(notice.state, "sent")

    @mute_logger("odoo.addons.credit_control_queue_job.models.ir_cron")
    def test_it_is_tried_again(self):
        failing = patch.object(type(self.env["ir.actions.server"]), "run", side_effect=ValueError("no such figure"))
        with failing, self.assertRaisesRegex(RetryableJobError, "no such figure"):
            with patch.object(self.env.cr, "commit", lambda: None), patch.object(self.env.cr, "rollback", lambda: None):
                self.cron._credit_run_job()
        config = self.env["queue.job.function"].sudo().job_config("<ir.cron>._credit_run_job")
        self.assertTrue(config.allow_commit)
        self.assertEqual(config.retry_pattern, {1: 60, 2: 600})

    def test_switched_off_it_works_as_without(self):
        self.cron.credit_runs_as_job = False
        self._new_notice()
        self.policy.write({"hour_from": 0, "hour_to": 24, "send_on_weekend": True, "send_on_holiday": True})
        with trap_jobs() as trap, self.catch_mail() as server, patch.object(self.env.cr, "commit", lambda: None):
            self.cron._callback(self.cron.cron_name, self.cron.ir_actions_server_id.id)
            trap.assert_jobs_count(0)
        self.assertEqual(len(server.messages), 1)
