from odoo import fields, models


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
