from odoo import fields, models


class CreditDisputeReason(models.Model):
    """Why a customer disputes an item: price, quantity, delivery…"""

    _name = "credit.dispute.reason"
    _description = "Reason of a dispute"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    active = fields.Boolean(default=True)

    _code_unique = models.Constraint("UNIQUE (code)", "Each reason has a code of its own.")
