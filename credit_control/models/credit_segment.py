from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval


class CreditSegment(models.Model):
    """A type of customer, found by ordered rules; it picks the dunning policy."""

    _name = "credit.segment"
    _description = "Segment of customers"
    _order = "sequence, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    kind = fields.Selection(
        [("business", "Business"), ("consumer", "Consumer"), ("public", "Public sector")],
        default="business",
        required=True,
        help="What the law sees in these customers. Consumers are never charged fixed sums or business interest.",
    )
    domain = fields.Char(
        string="Customers",
        default="[]",
        required=True,
        help="The first segment whose rule a customer meets is theirs. An empty rule takes everyone.",
    )
    policy_id = fields.Many2one(
        "credit.dunning.policy",
        check_company=True,
        help="How customers of this segment are reminded. Empty: the company's policy.",
    )
    portfolio_id = fields.Many2one(
        "credit.portfolio", check_company=True, help="Into which customers of this segment come, unless they have one."
    )

    def _get_domain(self):
        """Return the rule as a domain on ``res.partner``."""
        self.ensure_one()
        return Domain(safe_eval(self.domain or "[]", {"uid": self.env.uid}))

    @api.constrains("domain")
    def _check_domain(self):
        for segment in self:
            try:
                segment._get_domain().validate(self.env["res.partner"])
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The rule of the segment “%(segment)s” can't be read: %(error)s",
                        segment=segment.name,
                        error=error,
                    )
                ) from error
