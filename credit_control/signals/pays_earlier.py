from odoo import models

from ..core.signals import Finding


class CreditSignalPaysEarlier(models.AbstractModel):
    """Good news: pays earlier than before."""

    _name = "credit.signal.pays.earlier"
    _inherit = "credit.signal.lateness"
    _description = "Good news: pays earlier than before"

    def _detect(self, scope, rule):
        return [
            Finding(partner_id, value=trend, inputs={"trend": trend, "median": median})
            for partner_id, trend, median in scope.query(self._get_trends_sql(scope))
            if -trend >= rule.threshold
        ]

    def _explain(self, inputs, currency):
        return self.env._("Pays %s days earlier than in the months before.", round(-inputs["trend"]))
