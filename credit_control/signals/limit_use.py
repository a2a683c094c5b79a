from odoo import models

from ..core.signals import Finding, is_used_up


class CreditSignalLimitUse(models.AbstractModel):
    """More than a share of the credit limit is used."""

    _name = "credit.signal.limit.use"
    _inherit = "credit.signal.handler"
    _description = "Early warning: credit limit nearly used up"

    def _detect(self, scope, rule):
        cards = self.env["credit.debtor"].sudo().search([("company_id", "=", scope.company.id)])
        partners = self.env["res.partner"].sudo().with_company(scope.company)
        positions = partners._get_credit_positions(scope.company, cards.partner_id.ids)
        return [
            Finding(
                partner_id, value=position.exposure, inputs={"exposure": position.exposure, "limit": position.limit}
            )
            for partner_id, position in positions.items()
            if is_used_up(position.exposure, position.limit, rule.threshold)
        ]

    def _explain(self, inputs, currency):
        exposure, limit = inputs["exposure"], inputs["limit"]
        if not limit:
            return self.env._("%s at risk, though no credit is allowed.", currency.format(exposure))
        return self.env._(
            "%(share)s %% of the limit of %(limit)s is used.",
            share=round(100 * exposure / limit),
            limit=currency.format(limit),
        )
