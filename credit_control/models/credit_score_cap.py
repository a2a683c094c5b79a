from odoo import fields, models


class CreditScoreCap(models.Model):
    """What a fact from outside the payments does to the score: an insolvency, a litigation, a warning…"""

    _name = "credit.score.cap"
    _description = "Cap of the trust score"
    _order = "sequence, id"

    scheme_id = fields.Many2one("credit.score.scheme", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="scheme_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    code = fields.Char(required=True, help="The fact that it is for, as the part that knows it names it.")
    kind = fields.Selection(
        [("at_most", "At most"), ("at_least", "At least"), ("less", "Lower by up to")],
        required=True,
        default="at_most",
    )
    amount = fields.Float(
        digits=(5, 2), required=True, help="For facts that bring a figure of their own, such as a rating: the bound."
    )

    _code_unique = models.Constraint("UNIQUE (scheme_id, code)", "Each fact stands once in a scheme.")
    _amount_in_bounds = models.Constraint("CHECK (amount >= 0 AND amount <= 100)", "A cap is between 0 and 100.")
