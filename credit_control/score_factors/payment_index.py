from odoo import models

from ..core import behaviour, scoring


class CreditScoreFactorPaymentIndex(models.AbstractModel):
    """P: how late each euro of the last 24 months was paid, and how late what is overdue is by now."""

    _name = "credit.score.factor.payment_index"
    _inherit = "credit.score.factor.handler"
    _description = "Payment index"

    def _gather(self, scope):
        return {partner: self._prepare_inputs(parts) for partner, parts in scope.parts.items() if parts}

    def _prepare_inputs(self, parts):
        late = [part for part in parts if part.is_open]
        return {
            "index": behaviour.weighted_index(parts),
            "days": behaviour.weighted_delay(parts),
            "payments": len([part for part in parts if part.is_paid]),
            "overdue": len(late),
        }

    def _decide(self, inputs):
        return scoring.punctuality(inputs["index"])

    def _explain(self, inputs, currency):
        days = round(inputs["days"])
        values = {"days": abs(days), "payments": inputs["payments"], "overdue": inputs["overdue"]}
        if days < 0:
            return self.env._(
                "Over 24 months, weighed by amount: %(days)s days before the due date (%(payments)s payments, "
                "%(overdue)s overdue items).",
                **values,
            )
        return self.env._(
            "Over 24 months, weighed by amount: %(days)s days after the due date (%(payments)s payments, "
            "%(overdue)s overdue items).",
            **values,
        )

    def _explain_nothing(self):
        return self.env._("Nothing was paid in 24 months, and nothing is overdue.")
