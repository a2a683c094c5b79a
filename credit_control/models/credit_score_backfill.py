import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.behaviour import months_before
from ..core.ladder import end_of_month
from .company_day import company_today

_logger = logging.getLogger(__name__)

# How far back the graph on the card looks.
MONTHS = 24


class CreditScoreBackfill(models.AbstractModel):
    """Scores of the past: at the end of each month, from the ledger as it stood; so the graph isn't empty at first.

    They are worked out oldest first by a cron, month by month and portion by portion, each committed:
    a run that was cut short goes on where it stopped. They are marked, and the present score stays alone.
    """

    _name = "credit.score.backfill"
    _description = "Trust scores of the past"

    credit_score_backfill_date = fields.Date(
        string="Past scores: next month",
        copy=False,
        groups="base.group_user",
        help="The end of the month whose trust scores are worked out next; empty: nothing is left to do.",
    )

    @api.private
    def action_credit_backfill_scores(self):
        """Button: have the scores of the past 24 months worked out, in the background."""
        self.env["credit.score.scheme"].check_access("write")
        self.sudo()._credit_plan_score_backfill()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The scores of the past 24 months are worked out in the background."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _credit_plan_score_backfill(self):
        """Note that the past of these companies is to be scored; the cron does it."""
        for company in self:
            today = company_today(company)
            company.credit_score_backfill_date = end_of_month(months_before(today, MONTHS))
        self.env.ref("credit_control.cron_score_backfill").sudo()._trigger()

    @api.model
    def _cron_credit_backfill_scores(self):
        """Do what is left for each company."""
        todo = self.sudo().search([("credit_score_backfill_date", "!=", False)])
        self.env["ir.cron"]._commit_progress(remaining=MONTHS * len(todo))
        for company in todo:
            try:
                has_time = company.with_company(company)._credit_backfill_scores()
            except UserError as error:
                # Asked for again once the company has a scheme.
                _logger.warning("No past trust scores of %s: %s", company.name, error)
                company.credit_score_backfill_date = False
                self.env["ir.cron"]._commit_progress(MONTHS)
                continue
            if not has_time:
                return

    def _credit_backfill_scores(self):
        """Score the past of one company; return whether there is time for more."""
        engine = self.env["credit.score.engine"].sudo().with_company(self)
        today = company_today(self)
        engine._ensure_debtors(self, today)
        version = engine._get_version(self)
        while (day := self.credit_score_backfill_date) and day < today:
            debtor_ids = engine._get_unscored(self, day)
            for portion, within in engine._iterate(self, debtor_ids, day):
                engine._backfill(self, portion, day, version, within)
                if not self.env["ir.cron"]._commit_progress():
                    return False
            self.credit_score_backfill_date = end_of_month(day + timedelta(days=1))
            if not self.env["ir.cron"]._commit_progress(1):
                return False
        self.credit_score_backfill_date = False
        return True
