from odoo import api, fields, models


class CreditInterestReference(models.Model):
    """A rate that somebody publishes twice a year, and that late-payment interest is reckoned from."""

    _name = "credit.interest.reference"
    _description = "Reference rate"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="How data files name it.")
    country_id = fields.Many2one("res.country")
    publisher = fields.Char(translate=True, help="Who publishes it, and where.")
    note = fields.Text(translate=True, help="How the published figure becomes the rate of a half-year.")
    rate_ids = fields.One2many("credit.interest.rate", "reference_id", string="Rates")
    rate_last = fields.Char(string="Last rate", compute="_compute_rate_last", help="The rate of the latest half-year.")

    _code_unique = models.Constraint("UNIQUE (code)", "There is a reference rate with this code already.")

    @api.depends("rate_ids.rate", "rate_ids.date_from")
    @api.depends_context("lang")
    def _compute_rate_last(self):
        for reference in self:
            last = reference.rate_ids.sorted("date_from")[-1:]
            reference.rate_last = last.display_name if last else self.env._("none entered")
