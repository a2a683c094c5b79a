from odoo import fields, models

NUMBER_REASONS = [
    ("bad_number", "The phone number isn't valid"),
    ("landline", "The phone number is a landline"),
    ("foreign_number", "The phone number is of a country that isn't written to"),
]
ONDELETE = {code: "set no_contact" for code, _label in NUMBER_REASONS}


class CreditDunningDecision(models.Model):
    _inherit = "credit.dunning.decision"

    reason = fields.Selection(selection_add=NUMBER_REASONS, ondelete=ONDELETE)
