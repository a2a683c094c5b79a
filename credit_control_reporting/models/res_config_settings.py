from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    credit_kpi_months = fields.Integer(related="company_id.credit_kpi_months", readonly=False)
    credit_kpi_grace_days = fields.Integer(related="company_id.credit_kpi_grace_days", readonly=False)
    credit_bad_debt_account_ids = fields.Many2many(related="company_id.credit_bad_debt_account_ids", readonly=False)
