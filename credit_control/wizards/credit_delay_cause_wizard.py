from odoo import api, fields, models
from odoo.exceptions import UserError


class CreditDelayCauseWizard(models.TransientModel):
    """Say why items are late, for many at once."""

    _name = "credit.delay.cause.wizard"
    _description = "Say why items are late"

    # Ids of entries: who may record a cause may read the ledger.
    move_line_ids = fields.Many2many("account.move.line", string="Items")
    cause_id = fields.Many2one("credit.delay.cause")
    note = fields.Char()
    item_count = fields.Integer(string="Number of items", compute="_compute_item_count")

    @api.depends("move_line_ids")
    def _compute_item_count(self):
        for wizard in self:
            wizard.item_count = len(wizard.move_line_ids)

    def action_set(self):
        """Record the cause; without one, take back what was said."""
        self.ensure_one()
        if not self.move_line_ids:
            raise UserError(self.env._("Choose the items first."))
        self.env["credit.delay.cause.item"]._set_cause(self.move_line_ids, self.cause_id, self.note or "")
        return {"type": "ir.actions.act_window_close"}
