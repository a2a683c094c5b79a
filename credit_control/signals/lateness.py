from odoo import models
from odoo.tools import SQL

from ..core.signals import Finding


class CreditSignalLateness(models.AbstractModel):
    """Pays later than before: by the payment profile's trend, in days."""

    _name = "credit.signal.lateness"
    _inherit = "credit.signal.handler"
    _description = "Early warning: pays later than before"

    def _detect(self, scope, rule):
        return [
            Finding(partner_id, value=trend, inputs={"trend": trend, "median": median})
            for partner_id, trend, median in scope.query(self._get_trends_sql(scope))
            if trend >= rule.threshold
        ]

    def _get_trends_sql(self, scope):
        return SQL(
            """
            SELECT partner_id, trend::float8, days_median::float8
              FROM credit_payment_profile
             WHERE company_id = %s AND partner_id IS NOT NULL AND has_trend
            """,
            scope.company.id,
        )

    def _explain(self, inputs, currency):
        return self.env._(
            "Pays %(trend)s days later than in the months before (median: %(median)s days late).",
            trend=round(inputs["trend"]),
            median=round(inputs["median"]),
        )
