from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.company_day import company_today


class CreditDunningPostpone(models.TransientModel):
    """Let notices leave on a later day."""

    _name = "credit.dunning.postpone"
    _description = "Postpone notices"

    notice_ids = fields.Many2many("credit.dunning.notice", required=True)
    date = fields.Date(string="Not before", required=True, default=lambda self: company_today(self) + timedelta(days=7))

    @api.constrains("date")
    def _check_date(self):
        if any(wizard.date and wizard.date <= company_today(wizard) for wizard in self):
            raise UserError(self.env._("Choose a day after today."))

    def action_postpone(self):
        """Write the day on the notices; their state stays."""
        self.ensure_one()
        self.notice_ids.action_reschedule(self.date)
        return {"type": "ir.actions.act_window_close"}
