from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    credit_dunning_policy_id = fields.Many2one(related="company_id.credit_dunning_policy_id", readonly=False)
    credit_test_mode = fields.Boolean(related="company_id.credit_test_mode", readonly=False)
    credit_bank_hold = fields.Boolean(related="company_id.credit_bank_hold", readonly=False)
    credit_bank_fresh_days = fields.Integer(related="company_id.credit_bank_fresh_days", readonly=False)
    credit_small_balance = fields.Float(related="company_id.credit_small_balance", readonly=False)
    credit_ageing_edges = fields.Char(related="company_id.credit_ageing_edges", readonly=False)
    credit_management_user_id = fields.Many2one(related="company_id.credit_management_user_id", readonly=False)
    credit_legal_user_id = fields.Many2one(related="company_id.credit_legal_user_id", readonly=False)
    credit_insolvency_later_items = fields.Selection(
        related="company_id.credit_insolvency_later_items", readonly=False, required=True
    )
    credit_promise_tolerance_days = fields.Integer(related="company_id.credit_promise_tolerance_days", readonly=False)
    credit_promise_share = fields.Float(related="company_id.credit_promise_share", readonly=False)
    credit_promise_max_days = fields.Integer(related="company_id.credit_promise_max_days", readonly=False)
    credit_charge_account_id = fields.Many2one(related="company_id.credit_charge_account_id", readonly=False)
    credit_charge_settled_days = fields.Integer(related="company_id.credit_charge_settled_days", readonly=False)
    credit_portal_enabled = fields.Boolean(related="company_id.credit_portal_enabled", readonly=False)
    credit_portal_access = fields.Selection(related="company_id.credit_portal_access", readonly=False, required=True)
    credit_portal_link_days = fields.Integer(related="company_id.credit_portal_link_days", readonly=False)
    credit_portal_promise_days = fields.Integer(related="company_id.credit_portal_promise_days", readonly=False)
    credit_limit_zero = fields.Selection(related="company_id.credit_limit_zero", readonly=False, required=True)
    credit_limit_scope = fields.Selection(related="company_id.credit_limit_scope", readonly=False, required=True)
    credit_limit_by_approval = fields.Boolean(related="company_id.credit_limit_by_approval", readonly=False)
    credit_limit_review_months = fields.Integer(related="company_id.credit_limit_review_months", readonly=False)
    credit_hold_user_id = fields.Many2one(related="company_id.credit_hold_user_id", readonly=False)
