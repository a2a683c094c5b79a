from odoo import fields, models

from odoo.addons.credit_control.models.credit_company_limits import OWN_PEOPLE


class ResCompany(models.Model):
    _inherit = "res.company"

    credit_bad_debt_account_ids = fields.Many2many(
        "account.account",
        "credit_bad_debt_account_rel",
        "company_id",
        "account_id",
        string="Accounts of bad debts",
        domain="[('internal_group', '=', 'expense')]",
        groups=OWN_PEOPLE,
        help="Where receivables are written off. Without any, every expense that an entry settling a receivable books "
        "counts as a bad debt: bank charges and discounts, too.",
    )
    credit_kpi_months = fields.Integer(
        string="Period of the indicators (months)",
        default=3,
        required=True,
        groups=OWN_PEOPLE,
        help="Over how many months sales, payments and what fell due are taken, in the history of the indicators.",
    )
    credit_kpi_grace_days = fields.Integer(
        string="Grace of the late rate (days)",
        default=0,
        required=True,
        groups=OWN_PEOPLE,
        help="An item settled within so many days after its due date isn't counted as late.",
    )
    _credit_kpi_terms_sound = models.Constraint(
        "CHECK (credit_kpi_months BETWEEN 1 AND 12 AND credit_kpi_grace_days BETWEEN 0 AND 27)",
        "The period of the indicators is 1 to 12 months, the grace 0 to 27 days.",
    )
