from odoo import fields, models


class CreditDelayCause(models.Model):
    """Why an item isn't paid in time: price, delivery, cash difficulties, forgotten…"""

    _name = "credit.delay.cause"
    _description = "Cause of delay"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="A stable word for reports and interfaces.")
    active = fields.Boolean(default=True)
    reason_ids = fields.One2many(
        "credit.dispute.reason",
        "cause_id",
        string="Reasons of disputes",
        help="An item disputed for one of these is late for this cause, without anybody saying so.",
    )

    _code_unique = models.Constraint("UNIQUE (code)", "Each cause has a code of its own.")
