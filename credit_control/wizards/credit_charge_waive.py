from odoo import api, fields, models
from odoo.exceptions import UserError


class CreditChargeWaive(models.TransientModel):
    """Why interest and fixed sums are waived: of rows that are claimed, or of what runs today."""

    _name = "credit.charge.waive"
    _description = "Waive interest and fixed sums"

    charge_ids = fields.Many2many("credit.charge", string="Charges")
    move_line_ids = fields.Many2many("account.move.line", string="Items")
    reason = fields.Char(required=True, help="Kept with your name and the day.")

    @api.model
    def _open(self, charges=None, items=None):
        """Return the action that asks for the reason."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Waive"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_charge_ids": charges.ids if charges else [],
                "default_move_line_ids": items.move_line_id.ids if items else [],
            },
        }

    def action_waive(self):
        """Waive them, with the reason."""
        self.ensure_one()
        charges = self.charge_ids
        if self.move_line_ids:
            items = self.env["credit.charge.item"].search([("id", "in", self.move_line_ids.ids)])
            charges |= items._claim_here()
        if not charges:
            raise UserError(self.env._("There is nothing to waive."))
        charges._waive(self.reason)
        return {"type": "ir.actions.act_window_close"}
