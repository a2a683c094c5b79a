from odoo import fields, models

from .credit_simulation_engine import IN_FORCE, TRIED

VARIANTS = [(TRIED, "The policy tried"), (IN_FORCE, "The policies in force")]


class CreditSimulationLine(models.Model):
    """How much would have left on a day, by step and channel."""

    _name = "credit.simulation.line"
    _description = "Result of a simulation"
    _order = "date, id"

    simulation_id = fields.Many2one("credit.simulation", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="simulation_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    variant = fields.Selection(VARIANTS, required=True, readonly=True)
    date = fields.Date(required=True, readonly=True)
    step_id = fields.Many2one("credit.dunning.step", readonly=True, ondelete="cascade")
    channel_id = fields.Many2one("credit.channel", readonly=True, ondelete="cascade")
    kind = fields.Selection(
        [("message", "Message"), ("call", "Call"), ("decision", "Decision")], required=True, readonly=True
    )
    count = fields.Integer(string="How many", readonly=True)
    amount = fields.Monetary(string="Asked for", readonly=True)
