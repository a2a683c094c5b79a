from odoo import fields, models


class CreditSimulationCustomer(models.Model):
    """One of the customers who would have heard most."""

    _name = "credit.simulation.customer"
    _description = "Customer in a simulation"
    _order = "count desc, id"

    simulation_id = fields.Many2one("credit.simulation", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="simulation_id.company_id", store=True, index=True)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, readonly=True, ondelete="cascade")
    message_count = fields.Integer(string="Messages", readonly=True)
    call_count = fields.Integer(string="Calls", readonly=True)
    count = fields.Integer(string="In all", readonly=True)
    count_in_force = fields.Integer(
        string="By the policies in force", readonly=True, help="What they would have heard of these."
    )
