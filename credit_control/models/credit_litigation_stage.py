from odoo import fields, models


class CreditLitigationStage(models.Model):
    """How far a litigation has come: first letter, order for payment, summons, judgment, enforcement."""

    _name = "credit.litigation.stage"
    _description = "Stage of litigation"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    fold = fields.Boolean(string="Folded", help="Shown folded in the kanban.")
