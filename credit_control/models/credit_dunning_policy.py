from odoo import fields, models


class CreditDunningPolicy(models.Model):
    """A dunning scenario: whom, from which amount, when, and by which steps."""

    _name = "credit.dunning.policy"
    _description = "Dunning policy"
    _order = "sequence, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    step_ids = fields.One2many("credit.dunning.step", "policy_id", copy=True)
    minimum_amount = fields.Monetary(help="Below this total a customer isn't written to. 0: no minimum.")
    ceiling_amount = fields.Monetary(help="Above this total a person approves whatever the mode. 0: no ceiling.")
    contact_interval_days = fields.Integer(default=7, help="Days between two contacts with a customer.")
    hour_from = fields.Float(default=8.0, help="Messages leave from this hour on (company's time zone).")
    hour_to = fields.Float(default=18.0, help="No message leaves from this hour on (company's time zone).")
    send_on_weekend = fields.Boolean(help="Messages may leave on Saturdays and Sundays.")
    send_on_holiday = fields.Boolean(help="Messages may leave on public holidays.")
