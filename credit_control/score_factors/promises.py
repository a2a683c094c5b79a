from odoo import models
from odoo.tools import SQL

from ..core import scoring

# How a promise ended, where it says something of who made it.
ENDED = ("kept", "partly_kept", "broken")


class CreditScoreFactorPromises(models.AbstractModel):
    """R: how many of the promises that fell due in 24 months were kept."""

    _name = "credit.score.factor.promises"
    _inherit = "credit.score.factor.handler"
    _description = "Promises"

    def _gather(self, scope):
        return {
            partner: {"kept": kept, "made": made, "never_late": self._is_never_late(scope.parts.get(partner, ()))}
            for partner, kept, made in scope.query(self._get_query(scope))
        }

    def _is_never_late(self, parts):
        return bool(parts) and all(part.days <= 0 for part in parts)

    def _get_query(self, scope):
        return SQL(
            """
            SELECT partner.commercial_partner_id, COUNT(*) FILTER (WHERE promise.state = 'kept'), COUNT(*)
              FROM credit_promise promise
              JOIN res_partner partner ON partner.id = promise.partner_id
             WHERE promise.company_id = %s
               AND promise.state = ANY(%s)
               AND promise.date > %s
               AND promise.date <= %s
               AND partner.commercial_partner_id = ANY(%s)
             GROUP BY 1
            """,
            scope.company.id,
            list(ENDED),
            scope.since,
            scope.as_of,
            scope.partner_ids,
        )

    def _decide(self, inputs):
        return scoring.promises(inputs["kept"], inputs["made"], inputs["never_late"])

    def _explain(self, inputs, currency):
        return self.env._(
            "%(kept)s of the %(made)s promises of the last 24 months were kept.",
            kept=inputs["kept"],
            made=inputs["made"],
        )

    def _explain_nothing(self):
        return self.env._("No promise fell due in 24 months, or all were kept by someone who never pays late.")
