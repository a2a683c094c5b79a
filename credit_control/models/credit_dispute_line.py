from odoo import fields, models


class CreditDisputeLine(models.Model):
    """The disputed part of one item."""

    _name = "credit.dispute.line"
    _description = "Disputed item"

    dispute_id = fields.Many2one("credit.dispute", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="dispute_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="dispute_id.currency_id")
    move_line_id = fields.Many2one("account.move.line", required=True, index=True, ondelete="cascade")
    amount = fields.Monetary(help="The disputed part, in company currency. 0: all of the item.")
