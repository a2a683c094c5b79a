from odoo import models
from odoo.tools import SQL, format_date

from ..core.signals import Finding


class CreditSignalDisputeLate(models.AbstractModel):
    """The deadline of an open dispute was missed."""

    _name = "credit.signal.dispute.late"
    _inherit = "credit.signal.handler"
    _description = "Early warning: deadline of a dispute missed"

    def _detect(self, scope, rule):
        return [
            Finding(partner_id, f"dispute/{dispute_id}", days, {"deadline": deadline.isoformat()}, once=True)
            for partner_id, dispute_id, deadline, days in scope.query(self._get_disputes_sql(scope))
            if days > rule.threshold
        ]

    def _get_disputes_sql(self, scope):
        return SQL(
            """
            SELECT partner_id, id, deadline, %s::date - deadline
              FROM credit_dispute
             WHERE company_id = %s AND state = 'open' AND deadline IS NOT NULL
            """,
            scope.as_of,
            scope.company.id,
        )

    def _explain(self, inputs, currency):
        return self.env._("A dispute should have been settled by %s.", format_date(self.env, inputs["deadline"]))
