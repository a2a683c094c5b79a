from odoo import fields, models

from .credit_score_scheme import GRADES


class CreditScoreBand(models.Model):
    """A grade, and the least score for it."""

    _name = "credit.score.band"
    _description = "Grade of the trust score"
    _order = "grade"
    _rec_name = "grade"

    scheme_id = fields.Many2one("credit.score.scheme", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="scheme_id.company_id", store=True, index=True)
    grade = fields.Selection(GRADES, required=True)
    minimum = fields.Float(string="From", digits=(5, 2), required=True, help="The grade holds from this score on.")

    _grade_unique = models.Constraint("UNIQUE (scheme_id, grade)", "Each grade stands once in a scheme.")
    _minimum_in_bounds = models.Constraint(
        "CHECK (minimum >= 0 AND minimum <= 100)", "A grade begins between 0 and 100."
    )
