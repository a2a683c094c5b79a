from odoo import models
from odoo.tools import SQL, format_date

from ..core.signals import Finding


class CreditSignalBrokenPromise(models.AbstractModel):
    """A promise was broken lately, and what was promised is still open."""

    _name = "credit.signal.broken.promise"
    _inherit = "credit.signal.handler"
    _description = "Early warning: broken promise"

    def _detect(self, scope, rule):
        return [
            Finding(partner_id, f"promise/{promise_id}", left, {"left": left, "day": day.isoformat()}, once=True)
            for partner_id, promise_id, left, day in scope.query(self._get_promises_sql(scope, rule))
            if left > rule.threshold
        ]

    def _get_promises_sql(self, scope, rule):
        return SQL(
            """
            SELECT promise.partner_id, promise.id, promise.amount_left::float8, promise.date
              FROM credit_promise promise
             WHERE promise.company_id = %s
               AND promise.state IN ('broken', 'partly_kept')
               AND promise.broken_on > %s
               AND promise.broken_on <= %s
               AND EXISTS (
                   SELECT FROM account_move_line_credit_promise_rel rel
                     JOIN account_move_line line ON line.id = rel.account_move_line_id
                    WHERE rel.credit_promise_id = promise.id AND line.amount_residual > 0)
            """,
            scope.company.id,
            scope.since(rule.days),
            scope.as_of,
        )

    def _explain(self, inputs, currency):
        return self.env._(
            "%(amount)s, promised by %(day)s, didn't come.",
            amount=currency.format(inputs["left"]),
            day=format_date(self.env, inputs["day"]),
        )
