from odoo import fields, models
from odoo.tools import ormcache

# Portal users read their company; how it controls credit is no business of theirs.
OWN_PEOPLE = "base.group_user"


class CreditCompanyLimits(models.AbstractModel):
    """How a company grants credit: its settings for limits and holds."""

    _name = "credit.company.limits"
    _description = "Credit settings of a company"

    credit_limit_zero = fields.Selection(
        [("no_limit", "No limit"), ("no_credit", "No credit")],
        string="A limit of zero means",
        default="no_limit",
        required=True,
        groups=OWN_PEOPLE,
        help="What a customer without a credit limit, or with one of 0, may buy on credit.",
    )
    credit_limit_scope = fields.Selection(
        [("company", "This company with its branches"), ("database", "All companies of the database")],
        string="Limits are compared with the exposure in",
        default="company",
        required=True,
        groups=OWN_PEOPLE,
    )
    credit_limit_by_approval = fields.Boolean(
        string="Limits by approval only",
        groups=OWN_PEOPLE,
        help="A limit is raised by an approved request; written directly, only by who may approve that amount.",
    )
    credit_limit_review_months = fields.Integer(
        string="Limits are reviewed after",
        default=12,
        groups=OWN_PEOPLE,
        help="Months after which an approved limit is due for review. 0: never.",
    )
    credit_hold_user_id = fields.Many2one(
        "res.users",
        string="Told of held documents",
        groups=OWN_PEOPLE,
        help="Where the customer's portfolio names no manager.",
    )

    _credit_limit_review_months_bounded = models.Constraint(
        "CHECK (credit_limit_review_months BETWEEN 0 AND 120)", "Limits are reviewed after 1 to 120 months; 0: never."
    )

    def _get_creditor(self):
        """Return the company with its branches: one creditor in law, whichever of them a document is of."""
        return self.sudo().browse(self._get_creditor_ids())

    @ormcache("self.id")
    def _get_creditor_ids(self):
        root = self.sudo().root_id
        return tuple(root.search([("id", "child_of", root.id)]).ids)
