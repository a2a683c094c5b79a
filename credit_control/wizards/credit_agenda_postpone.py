from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..models.company_day import company_today


class CreditAgendaPostpone(models.TransientModel):
    """Put customers off: they come back on the agenda on a later day."""

    _name = "credit.agenda.postpone"
    _description = "Postpone customers on the agenda"

    debtor_ids = fields.Many2many("credit.debtor", string="Customers", required=True)
    date = fields.Date(
        string="Back on", required=True, default=lambda self: company_today(self.env.company) + timedelta(days=1)
    )
    reason = fields.Char(help="Kept in the customer's history.")

    def action_postpone(self):
        """Write the day on the cards; reminders that leave by themselves aren't stopped by it.

        :raise UserError: where the day isn't after today
        """
        self.ensure_one()
        if self.date <= company_today(self.env.company):
            raise UserError(self.env._("Back on: choose a day after today."))
        self.debtor_ids.write({"postponed_until": self.date})
        if self.reason:
            note = self.env._("Postponed: %s", self.reason)
            self.debtor_ids._message_log_batch({debtor.id: note for debtor in self.debtor_ids})
        self.debtor_ids._note_work(is_answered=False)
        return {"type": "ir.actions.act_window_close"}
