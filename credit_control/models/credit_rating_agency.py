from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core import rating
from .language import format_figure


class CreditRatingAgency(models.Model):
    """Who rates customers, and how its ratings read on the common scale of 0 (worst) to 100 (best)."""

    _name = "credit.rating.agency"
    _description = "Rating agency"
    _order = "sequence, name, id"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("grades", "Grades, such as AAA or 3+"), ("figures", "Figures between a worst and a best one")],
        string="It gives",
        required=True,
        default="grades",
    )
    worst = fields.Float(string="Worst figure", help="Stands for 0 on the common scale.")
    best = fields.Float(
        string="Best figure",
        default=100.0,
        help="Stands for 100 on the common scale. It may be the lower one, as with probabilities of default.",
    )
    validity_days = fields.Integer(
        default=365,
        string="Valid for (days)",
        help="Where a rating doesn't say until when it is valid: so many days after its date. 0: for ever.",
    )
    tolerance = fields.Float(
        string="Agrees within (points)",
        digits=(5, 2),
        default=25.0,
        help="Where this agency and our own score are at least so many points apart, the difference is shown.",
    )
    scale_ids = fields.One2many("credit.rating.scale", "agency_id", copy=True)
    note = fields.Text()

    _name_unique = models.Constraint("UNIQUE (name)", "There is an agency of this name already.")
    _validity_bounded = models.Constraint(
        "CHECK (validity_days BETWEEN 0 AND 3650)", "A rating is valid for 0 to 3650 days."
    )

    @api.constrains("kind", "worst", "best")
    def _check_figures(self):
        for agency in self:
            if agency.kind == rating.FIGURES and agency.worst == agency.best:
                raise ValidationError(
                    self.env._("%s: its worst and its best figure can't be the same.", agency.display_name)
                )

    def _get_scale(self):
        """Return the :class:`rating.Scale` of this agency."""
        self.ensure_one()
        steps = tuple(rating.Step(step.score, step.value or "", step.ceiling, step.floor) for step in self.scale_ids)
        return rating.Scale(self.kind, steps, self.worst, self.best)

    def _describe_scale(self):
        """Return in words what this agency's ratings may be, for messages of error."""
        if self.kind == rating.FIGURES:
            return self.env._(
                "a figure between %(worst)s and %(best)s",
                worst=format_figure(self.env, self.worst),
                best=format_figure(self.env, self.best),
            )
        grades = [step.value for step in self.scale_ids if step.value]
        return self.env._("one of %s", ", ".join(grades)) if grades else self.env._("none: its scale is empty")
