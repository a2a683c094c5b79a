from odoo import models
from odoo.tools import SQL

from ..core.signals import Finding, steps_down


class CreditSignalGradeDown(models.AbstractModel):
    """The trust score has fallen by at least so many grades."""

    _name = "credit.signal.grade.down"
    _inherit = "credit.signal.handler"
    _description = "Early warning: trust is down"

    def _detect(self, scope, rule):
        return [
            Finding(partner_id, now, steps_down(before, now), {"before": before, "now": now})
            for partner_id, before, now in scope.query(self._get_grades_sql(scope, rule))
            if steps_down(before, now) >= max(1, rule.threshold)
        ]

    def _get_grades_sql(self, scope, rule):
        """Return the query of each customer's grade then and now."""
        return SQL(
            """
            SELECT debtor.partner_id, earlier.grade, debtor.score_grade
              FROM credit_debtor debtor
              JOIN LATERAL (
                   SELECT grade
                     FROM credit_score
                    WHERE partner_id = debtor.partner_id AND company_id = debtor.company_id AND date <= %s
                    ORDER BY date DESC
                    LIMIT 1
              ) earlier ON TRUE
             WHERE debtor.company_id = %s AND debtor.score_grade IS NOT NULL AND earlier.grade IS NOT NULL
            """,
            scope.since(rule.days),
            scope.company.id,
        )

    def _explain(self, inputs, currency):
        return self.env._("Trust fell from %(before)s to %(now)s.", before=inputs["before"], now=inputs["now"])
