from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.company_day import company_today


class CreditStatusWizard(models.TransientModel):
    """A person says that a debt is doubtful or lost, and why; or takes that back."""

    _name = "credit.status.wizard"
    _description = "Status given by a person"

    debtor_ids = fields.Many2many("credit.debtor", string="Customers", required=True)
    status = fields.Selection(
        [
            ("doubtful", "Doubtful: payment is in doubt"),
            ("lost", "Lost: nothing is expected any more"),
            ("none", "Neither: take it back"),
        ],
        required=True,
        default="doubtful",
    )
    reason = fields.Char(help="Kept on the customer's card with your name and the day.")
    stop_reminders = fields.Boolean(
        string="Stop the reminders too",
        compute="_compute_stop_reminders",
        store=True,
        readonly=False,
        help="Pauses the reminders of these customers until somebody ends the pause.",
    )

    @api.depends("status")
    def _compute_stop_reminders(self):
        for wizard in self:
            wizard.stop_reminders = wizard.status == "lost"

    def action_set(self):
        """Write the status on the cards; a pause where wanted."""
        self.ensure_one()
        given = self.status != "none"
        if given and not (self.reason or "").strip():
            raise UserError(self.env._("Say why the debt is doubtful or lost."))
        self.debtor_ids.write({"manual_status": given and self.status, "manual_status_reason": given and self.reason})
        if given and self.stop_reminders:
            self._pause()
        return {"type": "ir.actions.act_window_close"}

    def _pause(self):
        """Pause the customers that aren't paused without an end yet."""
        pauses = self.env["credit.dunning.pause"]
        endless = pauses._get_domain_on(company_today(self)) & Domain("date_end", "=", False)
        known = {(pause.partner_id, pause.company_id) for pause in self.debtor_ids._search_own(pauses._name, endless)}
        pauses.create(
            [
                {"partner_id": debtor.partner_id.id, "company_id": debtor.company_id.id, "reason": self.reason}
                for debtor in self.debtor_ids
                if (debtor.partner_id, debtor.company_id) not in known
            ]
        )
