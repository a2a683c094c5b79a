from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    credit_sms_country_ids = fields.Many2many(related="company_id.credit_sms_country_ids", readonly=False)
    credit_sms_budget = fields.Float(related="company_id.credit_sms_budget", readonly=False)
