from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.company_day import company_today


class CreditDunningPauseWizard(models.TransientModel):
    """Pause a customer or some invoices: why, and until when."""

    _name = "credit.dunning.pause.wizard"
    _description = "Pause reminders"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    partner_id = fields.Many2one("res.partner", string="Customer")
    move_ids = fields.Many2many("account.move", string="Invoices")
    reason = fields.Char(required=True)
    date_end = fields.Date(string="Until", help="The last day of the pause; empty: until somebody ends it.")

    @api.constrains("date_end")
    def _check_date_end(self):
        if any(wizard.date_end and wizard.date_end < company_today(wizard) for wizard in self):
            raise UserError(self.env._("The pause would be over already: choose today or a later day."))

    def action_pause(self):
        """Write one pause for the customer, or one for each invoice."""
        self.ensure_one()
        if not (self.partner_id or self.move_ids):
            raise UserError(self.env._("Choose a customer or invoices to pause."))
        self.env["credit.dunning.pause"].create(self._prepare_pauses())
        self.env["credit.debtor"]._note_work_on(self.partner_id | self.move_ids.partner_id, self.company_id)
        return {"type": "ir.actions.act_window_close"}

    def _prepare_pauses(self):
        common = {"reason": self.reason, "date_end": self.date_end}
        if self.move_ids:
            return [{**common, "move_id": move.id, "company_id": move.company_id.id} for move in self.move_ids]
        return [{**common, "partner_id": self.partner_id.id, "company_id": self.company_id.id}]
