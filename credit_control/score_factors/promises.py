from odoo import models
from odoo.tools import SQL

from ..core import promises as core
from ..core import scoring


class CreditScoreFactorPromises(models.AbstractModel):
    """R: how many of the promises that fell due in 24 months were kept."""

    _name = "credit.score.factor.promises"
    _inherit = "credit.score.factor.handler"
    _description = "Promises"

    def _gather(self, scope):
        """Count the promises that were decided; who has an open one is there, too: paying may keep it."""
        counted = self.env["credit.promise"]._count_decided(scope.company, scope.partner_ids, scope.since, scope.as_of)
        return {
            partner: {"kept": kept, "made": decided, "never_late": self._is_never_late(scope.parts.get(partner, ()))}
            for partner, (kept, decided) in counted.items()
        }

    def _is_never_late(self, parts):
        return bool(parts) and all(part.days <= 0 for part in parts)

    def _decide(self, inputs):
        return scoring.promises(inputs["kept"], inputs["made"], inputs["never_late"])

    def _settle(self, scope, partner_id, inputs, items):
        """Count the open promises, due by now, that these payments would decide."""
        pool, waiting = self._gather_waiting(scope, partner_id)
        if not waiting:
            return inputs
        receipts = [core.Receipt(item.id, scope.as_of, item.amount) for item in items]
        verdicts = core.decide(pool.promises, pool.owed, [*pool.receipts, *receipts], scope.as_of, pool.terms)
        states = [verdicts[promise_id].state for promise_id in waiting]
        return {
            **inputs,
            "kept": inputs["kept"] + states.count(core.KEPT),
            "made": inputs["made"] + sum(state in core.DECIDED for state in states),
        }

    def _gather_waiting(self, scope, partner_id):
        """Return what decides the promises of a customer, and the ids of those that are due and open; read once."""
        key = (self._name, partner_id)
        if key not in scope.memory:
            promises = self.env["credit.promise"].sudo()
            waiting = promises.search(
                [
                    ("partner_id.commercial_partner_id", "=", partner_id),
                    ("company_id", "=", scope.company.id),
                    ("state", "=", "open"),
                    ("date", ">", scope.since),
                    ("date", "<=", scope.as_of),
                    ("date_recorded", "<=", scope.as_of),
                ]
            )
            wanted = SQL("promise.id = ANY(%s)", waiting.ids)
            pools = promises._gather_pools(wanted, SQL("TRUE"), scope.as_of) if waiting else {}
            scope.memory[key] = pools.get(scope.company.id), waiting.ids
        return scope.memory[key]

    def _explain(self, inputs, currency):
        return self.env._(
            "%(kept)s of the %(made)s promises of the last 24 months were kept.",
            kept=inputs["kept"],
            made=inputs["made"],
        )

    def _explain_nothing(self):
        return self.env._("No promise fell due in 24 months, or all were kept by someone who never pays late.")
