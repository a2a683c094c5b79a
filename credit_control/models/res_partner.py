from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    credit_role_ids = fields.Many2many("credit.contact.role", string="Credit control roles")
