from odoo import fields, models


class CreditInterestTier(models.Model):
    """The fixed sum for recovery costs, from an amount of the invoice on."""

    _name = "credit.interest.tier"
    _description = "Fixed sum for recovery costs"
    _order = "regime_id, amount_from"

    regime_id = fields.Many2one("credit.interest.regime", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="regime_id.company_id", store=True)
    tier_currency_id = fields.Many2one(related="regime_id.tier_currency_id")
    currency_id = fields.Many2one(related="regime_id.currency_id")
    amount_from = fields.Monetary(
        string="Invoices from", currency_field="tier_currency_id", help="Amount with taxes from which it holds."
    )
    amount = fields.Monetary(string="Fixed sum")

    _amounts_positive = models.Constraint("CHECK (amount_from >= 0 AND amount >= 0)", "Amounts can't be negative.")
    _from_unique = models.Constraint(
        "UNIQUE (regime_id, amount_from)", "There is a fixed sum for invoices of this amount already."
    )
