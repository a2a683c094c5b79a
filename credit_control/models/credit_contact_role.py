from odoo import fields, models


class CreditContactRole(models.Model):
    """What a contact of a customer is to us: accounts payable, buyer, director…"""

    _name = "credit.contact.role"
    _description = "Role of a customer's contact"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)

    _code_unique = models.Constraint("UNIQUE (code)", "Each role has a code of its own.")
