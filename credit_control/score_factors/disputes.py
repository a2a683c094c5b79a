from odoo import models
from odoo.tools import SQL

from ..core import scoring


class CreditScoreFactorDisputes(models.AbstractModel):
    """D: how many of the disputes that were closed in 24 months weren't justified."""

    _name = "credit.score.factor.disputes"
    _inherit = "credit.score.factor.handler"
    _description = "Disputes"

    def _gather(self, scope):
        return {
            partner: {"unjustified": unjustified, "closed": closed}
            for partner, unjustified, closed in scope.query(self._get_query(scope))
        }

    def _get_query(self, scope):
        return SQL(
            """
            SELECT partner.commercial_partner_id, COUNT(*) FILTER (WHERE dispute.outcome = 'unjustified'), COUNT(*)
              FROM credit_dispute dispute
              JOIN res_partner partner ON partner.id = dispute.partner_id
             WHERE dispute.company_id = %s
               AND dispute.state = 'closed'
               AND dispute.outcome IS NOT NULL
               AND dispute.closed_on > %s
               AND dispute.closed_on <= %s
               AND partner.commercial_partner_id = ANY(%s)
             GROUP BY 1
            """,
            scope.company.id,
            scope.since,
            scope.as_of,
            scope.partner_ids,
        )

    def _decide(self, inputs):
        return scoring.disputes(inputs["unjustified"], inputs["closed"])

    def _explain(self, inputs, currency):
        return self.env._(
            "%(unjustified)s of the %(closed)s disputes closed in 24 months weren't justified.",
            unjustified=inputs["unjustified"],
            closed=inputs["closed"],
        )

    def _explain_nothing(self):
        return self.env._("No dispute was closed in 24 months.")
