from odoo import models
from odoo.tools import SQL

from ..core.signals import Finding


class CreditSignalReturnedPayment(models.AbstractModel):
    """A direct debit or a bill came back lately, and its item is still open."""

    _name = "credit.signal.returned.payment"
    _inherit = "credit.signal.handler"
    _description = "Early warning: returned payment"

    def _detect(self, scope, rule):
        return [
            Finding(partner_id, f"return/{return_id}", amount, {"amount": amount, "reason": reason or ""}, once=True)
            for partner_id, return_id, amount, reason in scope.query(self._get_returns_sql(scope, rule))
            if amount > rule.threshold
        ]

    def _get_returns_sql(self, scope, rule):
        return SQL(
            """
            SELECT partner.commercial_partner_id, came_back.id, came_back.amount::float8, came_back.reason
              FROM credit_payment_return came_back
              JOIN account_move_line line ON line.id = came_back.move_line_id
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE line.company_id = %s
               AND came_back.date > %s
               AND came_back.date <= %s
               AND line.amount_residual > 0
            """,
            scope.company.id,
            scope.since(rule.days),
            scope.as_of,
        )

    def _explain(self, inputs, currency):
        amount = currency.format(inputs["amount"])
        if inputs["reason"]:
            return self.env._("A payment of %(amount)s came back: %(why)s.", amount=amount, why=inputs["reason"])
        return self.env._("A payment of %s came back.", amount)
