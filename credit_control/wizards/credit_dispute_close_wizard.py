from odoo import api, fields, models

from ..models.credit_dispute_closing import SEES_ENTRIES


class CreditDisputeCloseWizard(models.TransientModel):
    """Decide a dispute: who is right, why, and what becomes of the disputed part."""

    _name = "credit.dispute.close.wizard"
    _description = "Decide a dispute"

    dispute_id = fields.Many2one("credit.dispute", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="dispute_id.company_id")
    partner_id = fields.Many2one(related="dispute_id.partner_id")
    currency_id = fields.Many2one(related="dispute_id.currency_id")
    amount_total = fields.Monetary(related="dispute_id.amount_total")
    outcome = fields.Selection(
        [("justified", "Justified: the customer is right"), ("unjustified", "Not justified: the claim stands")],
        required=True,
        default="justified",
    )
    explanation = fields.Text(string="Why", help="Kept with the dispute; the customer isn't shown it by itself.")
    credit = fields.Selection(
        [
            ("make", "A credit note is to be made"),
            ("link", "A credit note exists"),
            ("none", "Nothing to credit: what they asked for is done"),
        ],
        default="make",
        required=True,
        help="Until a credit note is posted the disputed part isn't claimed. Where there is nothing to credit, it is "
        "claimed again at once.",
    )
    refund_ids = fields.Many2many("account.move", string="Credit notes", groups=SEES_ENTRIES)
    may_link = fields.Boolean(string="May be linked", compute="_compute_may_link")

    @api.depends_context("uid")
    def _compute_may_link(self):
        self.may_link = self.env.user.has_groups(SEES_ENTRIES)

    def action_close(self):
        """Record the decision; who may invoice goes on to the credit note."""
        self.ensure_one()
        explanation = self.explanation or ""
        if self.outcome == "unjustified":
            self.dispute_id.action_close_unjustified(explanation)
        else:
            refund_ids = self.refund_ids.ids if self.credit == "link" and self.may_link else None
            self.dispute_id.action_close_justified(explanation, self.credit, refund_ids)
        if self.dispute_id.stage == "credit" and self.env["account.move"].has_access("create"):
            return self.dispute_id.action_make_credit_note()
        return {"type": "ir.actions.act_window_close"}
