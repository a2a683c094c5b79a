from odoo import fields, models

from .company_day import company_today


class CreditLitigationCost(models.Model):
    """What a litigation costs us: fees, commissions, stamps."""

    _name = "credit.litigation.cost"
    _description = "Cost of a litigation"
    _order = "date, id"
    _check_company_auto = True

    litigation_id = fields.Many2one("credit.litigation", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="litigation_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, default=company_today)
    name = fields.Char(string="What for", required=True)
    amount = fields.Monetary(required=True, help="Without VAT, in company currency.")
    is_recoverable = fields.Boolean(
        string="Borne by the customer", help="The customer bears it, by law or by the judgment."
    )

    _amount_positive = models.Constraint("CHECK (amount >= 0)", "A cost can't be negative.")
