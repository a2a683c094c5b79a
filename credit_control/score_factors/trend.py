from odoo import models

from ..core import behaviour, scoring


class CreditScoreFactorTrend(models.AbstractModel):
    """T: whether the last 3 months are slower than the 9 before; what is overdue counts now."""

    _name = "credit.score.factor.trend"
    _inherit = "credit.score.factor.handler"
    _description = "Trend"

    def _gather(self, scope):
        recent = behaviour.months_before(scope.as_of, behaviour.RECENT_MONTHS)
        start = behaviour.months_before(scope.as_of, behaviour.PROFILE_MONTHS)
        return {partner: self._prepare_inputs(parts, start, recent) for partner, parts in scope.parts.items() if parts}

    def _prepare_inputs(self, parts, start, recent):
        return {
            "recent": behaviour.weighted_delay([part for part in parts if part.on > recent]),
            "before": behaviour.weighted_delay([part for part in parts if start < part.on <= recent]),
        }

    def _decide(self, inputs):
        return scoring.trend(inputs["recent"], inputs["before"])

    def _explain(self, inputs, currency):
        recent, before = round(inputs["recent"]), round(inputs["before"])
        values = {"recent": recent, "before": before}
        if recent == before:
            return self.env._("As fast as before: %(recent)s days late in the last 3 months.", **values)
        if recent > before:
            return self.env._(
                "Slower: %(recent)s days late in the last 3 months, %(before)s in the 9 months before.", **values
            )
        return self.env._(
            "Faster: %(recent)s days late in the last 3 months, %(before)s in the 9 months before.", **values
        )

    def _explain_nothing(self):
        return self.env._("A trend needs payments in the last 3 months and in the 9 months before.")
