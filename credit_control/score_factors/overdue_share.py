from odoo import models
from odoo.tools import format_amount

from ..core import scoring


class CreditScoreFactorOverdueShare(models.AbstractModel):
    """O: which part of what is owed is overdue for more than 30 days.

    Credits that nobody allocated are taken from the oldest items first, as the law would.
    """

    _name = "credit.score.factor.overdue_share"
    _inherit = "credit.score.factor.handler"
    _description = "Overdue share"

    def _gather(self, scope):
        return {partner: self._prepare_inputs(items) for partner, items in scope.open_items.items()}

    def _prepare_inputs(self, items):
        claims = [item for item in items if item.amount > 0]
        return {
            "claims": sum(item.amount for item in claims),
            "late": sum(item.amount for item in claims if item.days > scoring.OVERDUE_DAYS),
            "credits": -sum(item.amount for item in items if item.amount < 0),
        }

    def _decide(self, inputs):
        late, owed = self._get_amounts(inputs)
        return scoring.overdue_share(late, owed)

    def _get_amounts(self, inputs):
        # To a hundredth of a cent: sums of binary fractions leave dust, and dust owed isn't owed.
        late = round(max(0.0, inputs["late"] - inputs["credits"]), 4)
        return late, round(inputs["claims"] - inputs["credits"], 4)

    def _settle(self, scope, partner_id, inputs, items):
        late = sum(item.amount for item in items if item.days > scoring.OVERDUE_DAYS)
        return {
            **inputs,
            "claims": inputs["claims"] - sum(item.amount for item in items),
            "late": inputs["late"] - late,
        }

    def _explain(self, inputs, currency):
        late, owed = self._get_amounts(inputs)
        return self.env._(
            "%(late)s of the %(owed)s owed are overdue for more than 30 days.",
            late=format_amount(self.env, late, currency),
            owed=format_amount(self.env, owed, currency),
        )

    def _explain_nothing(self):
        return self.env._("Nothing is owed at the moment.")
