from odoo import fields, models


class CreditDunningDecide(models.TransientModel):
    """What a person decides at a decision step."""

    _name = "credit.dunning.decide"
    _description = "Decision on overdue items"

    notice_id = fields.Many2one("credit.dunning.notice", required=True, ondelete="cascade")
    partner_id = fields.Many2one(related="notice_id.partner_id")
    currency_id = fields.Many2one(related="notice_id.currency_id")
    amount_total = fields.Monetary(related="notice_id.amount_total")
    outcome = fields.Selection(
        selection=lambda self: (
            self.env["credit.dunning.notice"]._fields["decision_outcome"]._description_selection(self.env)
        ),
        required=True,
        default="continue",
    )
    note = fields.Char()

    def action_decide(self):
        """Write down the decision; the step is done."""
        self.ensure_one()
        self.notice_id.action_record_decision(self.outcome, self.note or "")
        return {"type": "ir.actions.act_window_close"}
