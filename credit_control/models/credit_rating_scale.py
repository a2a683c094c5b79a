from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core import rating


class CreditRatingScale(models.Model):
    """One step of an agency's scale: where a grade stands from 0 to 100, and which bounds it sets for our score."""

    _name = "credit.rating.scale"
    _description = "Step of a rating scale"
    _order = "agency_id, score desc, id"

    agency_id = fields.Many2one("credit.rating.agency", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(related="agency_id.kind")
    value = fields.Char(string="Grade", help="As the agency writes it; blanks and capitals don't matter.")
    name = fields.Char(string="Meaning", translate=True)
    score = fields.Float(
        string="Common scale",
        digits=(5, 2),
        required=True,
        help="0: worst, 100: best. Where the agency gives figures, this step holds from here on upwards.",
    )
    ceiling = fields.Float(
        string="Our score at most", digits=(5, 2), default=100.0, required=True, help="100: no such bound."
    )
    floor = fields.Float(
        string="Our score at least", digits=(5, 2), default=0.0, required=True, help="0: no such bound."
    )

    _score_in_bounds = models.Constraint(
        "CHECK (score BETWEEN 0 AND 100 AND floor >= 0 AND floor <= ceiling AND ceiling <= 100)",
        "Steps of a scale are between 0 and 100, and our score can't be at least more than at most.",
    )

    @api.constrains("value", "agency_id")
    def _check_value(self):
        for agency in self.agency_id.filtered(lambda agency: agency.kind == rating.GRADES):
            grades = [rating.normalize(step.value or "") for step in agency.scale_ids]
            if "" in grades:
                raise ValidationError(self.env._("%s: a step of its scale has no grade.", agency.display_name))
            twice = {grade for grade in grades if grades.count(grade) > 1}
            if twice:
                raise ValidationError(
                    self.env._(
                        "%(agency)s: its scale has %(grade)s twice.",
                        agency=agency.display_name,
                        grade=", ".join(sorted(twice)),
                    )
                )
