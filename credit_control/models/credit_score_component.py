from odoo import api, fields, models

from .derived_key import DerivedMany2one


class CreditScoreComponent(models.Model):
    """What one factor added to a score, and what it was worked out from.

    Factors without material have none: the score names them as left out.
    """

    _name = "credit.score.component"
    _description = "Component of a trust score"
    _order = "score_id, factor_sequence, id"
    # Many rows, written once, together with their score: it says who and when. They are found by it, too;
    # each further index or reference would cost as much as the scoring itself.
    _log_access = False

    score_id = fields.Many2one("credit.score", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="score_id.company_id")
    # Of the score's version, whose factors stay where a score names them.
    factor_id = DerivedMany2one("credit.score.factor", required=True, ondelete="restrict")
    factor_sequence = fields.Integer(string="Order of the factor", readonly=True)
    weight = fields.Float(digits=(6, 3), readonly=True, aggregator=None, help="In the scheme.")
    value = fields.Float(digits=(5, 2), readonly=True, aggregator="avg")
    share = fields.Float(readonly=True, aggregator=None, help="Its weight among the factors that have material.")
    points = fields.Float(digits=(5, 2), readonly=True, aggregator="avg", help="What it adds to the score.")
    inputs = fields.Json(readonly=True)
    explanation = fields.Char(compute="_compute_explanation")

    @api.depends("inputs", "factor_id")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for component in self:
            handler = component.factor_id.sudo()._get_handler()
            component.explanation = handler._explain(component.inputs, component.company_id.currency_id)
