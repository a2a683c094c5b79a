from odoo import api, fields, models


class CreditDispute(models.Model):
    """Items, or parts of them, that a customer disputes: not claimed until it is closed."""

    _name = "credit.dispute"
    _description = "Dispute"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "deadline, id"
    _check_company_auto = True

    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    reason_id = fields.Many2one("credit.dispute.reason", required=True, ondelete="restrict")
    user_id = fields.Many2one("res.users", string="Owner", default=lambda self: self.env.user, tracking=True)
    date = fields.Date(string="Opened on", required=True, default=fields.Date.context_today)
    deadline = fields.Date(tracking=True)
    state = fields.Selection([("open", "Open"), ("closed", "Closed")], default="open", required=True, tracking=True)
    outcome = fields.Selection([("justified", "Justified"), ("unjustified", "Not justified")], tracking=True)
    closed_on = fields.Date(readonly=True)
    line_ids = fields.One2many("credit.dispute.line", "dispute_id")
    note = fields.Text()
    amount_total = fields.Monetary(
        string="Disputed", compute="_compute_amount_total", help="Of items disputed whole: what is open of them."
    )

    @api.depends("line_ids.amount", "line_ids.move_line_id.amount_residual")
    def _compute_amount_total(self):
        for dispute in self:
            # The owner of a dispute needs no accounting right to see how much it is about.
            lines = dispute.sudo().line_ids
            dispute.amount_total = sum(line.amount or line.move_line_id.amount_residual for line in lines)

    @api.depends("partner_id", "reason_id")
    def _compute_display_name(self):
        for dispute in self:
            dispute.display_name = f"{dispute.partner_id.display_name or ''} – {dispute.reason_id.name or ''}"

    def action_close_justified(self):
        """Close it in the customer's favour."""
        return self._close("justified")

    def action_close_unjustified(self):
        """Close it in ours: dunning goes on where it stood."""
        return self._close("unjustified")

    def action_reopen(self):
        """Take it up again."""
        return self.write({"state": "open", "outcome": False, "closed_on": False})

    def _close(self, outcome):
        today = fields.Date.context_today(self)
        return self.write({"state": "closed", "outcome": outcome, "closed_on": today})
