from odoo import fields, models


class CreditDunningPause(models.Model):
    """No reminders for an invoice or a customer until a day, and why."""

    _name = "credit.dunning.pause"
    _description = "Dunning pause"
    _order = "date_end desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    partner_id = fields.Many2one("res.partner", index="btree_not_null", ondelete="cascade")
    move_id = fields.Many2one("account.move", index="btree_not_null", ondelete="cascade", check_company=True)
    reason = fields.Char(required=True)
    date_start = fields.Date(required=True, default=fields.Date.context_today)
    date_end = fields.Date(help="The last day of the pause; empty: until somebody ends it.")
    user_id = fields.Many2one("res.users", string="Author", default=lambda self: self.env.user, readonly=True)
    active = fields.Boolean(default=True)
