from odoo import fields, models

from .credit_dunning_decision import NUMBER_REASONS


class CreditOpenItem(models.Model):
    _inherit = "credit.open.item"

    decision_reason = fields.Selection(selection_add=NUMBER_REASONS)
