from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

GRADES = [("A", "A"), ("B", "B"), ("C", "C"), ("D", "D"), ("E", "E")]


class CreditScoreScheme(models.Model):
    """How a score is made: factors with their weights, bands of the grades, caps.

    All of it may be changed at any time: the scores that follow carry a new version, those
    that were given keep theirs. See ``credit.score.version``.
    """

    _name = "credit.score.scheme"
    _description = "Scheme of the trust score"
    _order = "company_id, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="The company that scores by it; empty: all that have no scheme of their own."
    )
    minimum_items = fields.Integer(
        string="Least items",
        default=3,
        required=True,
        help="A customer with fewer items settled in twelve months, or overdue, gets no figure: insufficient data.",
    )
    factor_ids = fields.One2many("credit.score.factor", "scheme_id", context={"active_test": False}, copy=True)
    band_ids = fields.One2many("credit.score.band", "scheme_id", copy=True)
    cap_ids = fields.One2many("credit.score.cap", "scheme_id", copy=True)
    version_ids = fields.One2many("credit.score.version", "scheme_id")

    _minimum_items_positive = models.Constraint("CHECK (minimum_items > 0)", "A score needs at least one item.")
    _company_unique = models.UniqueIndex(
        "(COALESCE(company_id, 0)) WHERE active IS TRUE", "A company has one scheme; archive the other one first."
    )

    @api.constrains("factor_ids", "band_ids", "active")
    def _check_complete(self):
        """Refuse a scheme by which nobody could be scored; one that is being made may be empty."""
        for scheme in self.filtered("active"):
            factors = scheme.factor_ids
            if factors and not any(factor.active and factor.weight > 0 for factor in factors):
                raise ValidationError(
                    self.env._("“%s”: at least one active factor needs a weight above zero.", scheme.name)
                )
            least = sorted((band.minimum for band in scheme.band_ids), reverse=True)
            if least != [band.minimum for band in scheme.band_ids.sorted("grade")] or len(set(least)) < len(least):
                raise ValidationError(
                    self.env._("“%s”: each grade needs a lower limit than the one before it.", scheme.name)
                )

    @api.model
    def _get_for(self, company):
        """Return the scheme that ``company`` scores by: its own, else the one for all.

        :raise UserError: where there is none
        """
        schemes = self.sudo().search([("company_id", "in", [company.id, False])])
        scheme = schemes.filtered("company_id")[:1] or schemes[:1]
        if not scheme.band_ids:
            raise UserError(
                self.env._("%s has no scheme of the trust score with grades: activate or complete one.", company.name)
            )
        return scheme

    def action_backfill(self):
        """Have the scores of the past worked out, of the companies that the user works for now."""
        self.check_access("write")
        return self.env.companies.action_credit_backfill_scores()

    def _prepare_content(self):
        """Return all that a score depends on, as plain values: the content of a version."""
        self.ensure_one()
        factors = self.factor_ids.filtered(lambda factor: factor.active and factor.weight > 0).sorted("id")
        return {
            "minimum_items": self.minimum_items,
            "factors": [{"id": factor.id, "code": factor.code, "weight": factor.weight} for factor in factors],
            "bands": [{"grade": band.grade, "minimum": band.minimum} for band in self.band_ids.sorted("grade")],
            "caps": [
                {"code": cap.code, "kind": cap.kind, "amount": cap.amount}
                for cap in self.cap_ids.filtered("active").sorted("code")
            ],
        }
