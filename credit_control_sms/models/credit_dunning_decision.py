from odoo import fields, models

NUMBER_REASONS = [
    ("bad_number", "Invalid phone number"),
    ("landline", "Landline number"),
    ("foreign_number", "Number of another country"),
]
ONDELETE = {code: "set no_contact" for code, _label in NUMBER_REASONS}


class CreditDunningDecision(models.Model):
    _inherit = "credit.dunning.decision"

    reason = fields.Selection(selection_add=NUMBER_REASONS, ondelete=ONDELETE)
