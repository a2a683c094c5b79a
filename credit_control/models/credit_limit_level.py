from odoo import api, fields, models

from ..core import limits


class CreditLimitLevel(models.Model):
    """Up to which amount some people may approve limits."""

    _name = "credit.limit.level"
    _description = "Approval level of limits"
    _order = "is_unlimited, amount, id"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    group_id = fields.Many2one("res.groups", ondelete="cascade", help="Everybody in this group.")
    user_ids = fields.Many2many("res.users", string="Users", help="These people, whatever their groups.")
    amount = fields.Monetary(string="Up to", help="The highest limit that they may approve.")
    is_unlimited = fields.Boolean(string="Any amount", help="They may approve any limit, and that there is none.")
    active = fields.Boolean(default=True)

    _amount_positive = models.Constraint("CHECK (amount >= 0)", "A level is up to an amount of 0 or more.")
    _somebody = models.Constraint(
        "CHECK (is_unlimited OR amount > 0)", "A level says up to which amount, or that it is any amount."
    )

    @api.depends("group_id", "user_ids", "amount", "is_unlimited")
    def _compute_display_name(self):
        for level in self:
            people = ", ".join([*level.group_id.mapped("display_name"), *level.user_ids.mapped("name")])
            currency = level.currency_id or self.env.company.currency_id
            amount = level.env._("any amount") if level.is_unlimited else currency.format(level.amount)
            level.display_name = f"{people}: {amount}"

    @api.model
    def _may_approve(self, user, company, limit):
        """Whether ``user`` may grant ``limit`` in ``company``.

        Where the company has no level at all, credit managers may grant any limit.

        :param limit: an amount in company currency; None: no limit at all
        """
        levels = self.sudo().search([("company_id", "=", company.id)])
        if not levels:
            return user.has_group("credit_control.group_manager")
        own = levels.filtered(lambda level: user in level.user_ids or level.group_id in user.sudo().all_group_ids)
        return limits.may_approve((None if level.is_unlimited else level.amount for level in own), limit)
