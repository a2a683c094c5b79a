from odoo import api, fields, models
from odoo.exceptions import UserError


class CreditScoreFactor(models.Model):
    """One measured behaviour, its weight in the score, and the model that measures it."""

    _name = "credit.score.factor"
    _description = "Factor of the trust score"
    _inherit = ["credit.plug"]
    _order = "sequence, id"
    _plug_method = "_settle"

    scheme_id = fields.Many2one("credit.score.scheme", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="scheme_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    code = fields.Char(required=True, help="A short code, stable over time, e.g. P.")
    weight = fields.Float(
        digits=(6, 3),
        required=True,
        help="Its share in the score. Shares of factors without material go to the others, in proportion.",
    )
    handler = fields.Char(required=True, help="Technical name of the model that measures it.")
    description = fields.Text(
        translate=True, help="What is measured, in plain words: printed for the person concerned."
    )

    _weight_not_negative = models.Constraint("CHECK (weight >= 0)", "A weight can't be negative.")
    _code_unique = models.Constraint("UNIQUE (scheme_id, code)", "Each factor of a scheme has a code of its own.")

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_scored(self):
        """Keep what a score is made of: the database doesn't check it, see the component."""
        component = self.env["credit.score.component"].sudo().search([("factor_id", "in", self.ids)], limit=1)
        if component:
            raise UserError(
                self.env._(
                    "The factor “%s” is part of scores that were given and stays on record: archive it.",
                    component.factor_id.name,
                )
            )
