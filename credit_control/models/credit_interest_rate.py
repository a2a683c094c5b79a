from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..core.interest import half_year
from .language import format_figure


class CreditInterestRate(models.Model):
    """The rate of one half-year. A new rate is a new row: what is past is never changed by it."""

    _name = "credit.interest.rate"
    _description = "Rate of a half-year"
    _order = "reference_id, date_from desc"

    reference_id = fields.Many2one("credit.interest.reference", required=True, index=True, ondelete="cascade")
    date_from = fields.Date(
        string="From", required=True, help="First day of the half-year for which it holds: 1 January or 1 July."
    )
    rate = fields.Float(string="Per cent a year", digits=(8, 4), required=True)
    source = fields.Char(translate=True, help="Where the figure was read.")
    to_confirm = fields.Boolean(
        string="To be confirmed", help="Entered from one source: check it before you rely on it."
    )

    _half_year_unique = models.Constraint(
        "UNIQUE (reference_id, date_from)", "This reference has a rate for that half-year already."
    )

    @api.depends("rate", "date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for rate in self:
            day = format_date(self.env, rate.date_from) if rate.date_from else ""
            rate.display_name = self.env._("%(rate)s %% from %(day)s", rate=format_figure(self.env, rate.rate), day=day)

    @api.constrains("date_from")
    def _check_date_from(self):
        for rate in self:
            if rate.date_from and rate.date_from != half_year(rate.date_from):
                raise ValidationError(
                    self.env._(
                        "%(reference)s: a rate holds for a half-year, so “From” is 1 January or 1 July, not %(day)s.",
                        reference=rate.reference_id.name,
                        day=format_date(self.env, rate.date_from),
                    )
                )

    @api.constrains("rate")
    def _check_rate(self):
        for rate in self:
            if not -5 <= rate.rate <= 100:
                raise ValidationError(
                    self.env._(
                        "%(reference)s: %(rate)s is no rate in per cent a year.",
                        reference=rate.reference_id.name,
                        rate=format_figure(self.env, rate.rate),
                    )
                )

    @api.model
    def _get_rates(self):
        """Return all rates as the core takes them: ``{reference id: {first day of the half-year: rate}}``."""
        rates = {}
        for rate in self.sudo().search_fetch([], ["reference_id", "date_from", "rate"]):
            rates.setdefault(rate.reference_id.id, {})[rate.date_from] = rate.rate
        return rates
