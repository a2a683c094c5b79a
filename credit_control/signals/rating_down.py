from odoo import models
from odoo.tools import SQL

from ..core.signals import Finding


class CreditSignalRatingDown(models.AbstractModel):
    """An agency rates the customer worse than the last time."""

    _name = "credit.signal.rating.down"
    _inherit = "credit.signal.handler"
    _description = "Early warning: external rating down"

    def _detect(self, scope, rule):
        return [
            Finding(
                partner_id,
                f"rating/{rating_id}",
                before_score - score,
                {"agency": agency_id, "before": before, "now": now},
                once=True,
            )
            for partner_id, rating_id, agency_id, now, score, before, before_score in scope.query(
                self._get_ratings_sql(scope, rule)
            )
            if before_score - score > rule.threshold
        ]

    def _get_ratings_sql(self, scope, rule):
        """Return the query of the last rating of each agency, where it is recent, with the one before it."""
        return SQL(
            """
            SELECT partner_id, id, agency_id, value, score::float8, before_value, before_score::float8
              FROM (
                   SELECT rating.*,
                          LAG(value) OVER earlier AS before_value,
                          LAG(score) OVER earlier AS before_score,
                          ROW_NUMBER() OVER (PARTITION BY partner_id, agency_id ORDER BY date DESC, id DESC) AS place
                     FROM credit_rating rating
                    WHERE (company_id IS NULL OR company_id = %s) AND date <= %s
                   WINDOW earlier AS (PARTITION BY partner_id, agency_id ORDER BY date, id)
              ) rating
             WHERE place = 1 AND date > %s AND before_score IS NOT NULL
            """,
            scope.company.id,
            scope.as_of,
            scope.since(rule.days),
        )

    def _explain(self, inputs, currency):
        agency = self.env["credit.rating.agency"].sudo().browse(inputs["agency"]).exists()
        return self.env._(
            "%(agency)s: from %(before)s to %(now)s.",
            agency=agency.name or self.env._("Rating"),
            before=inputs["before"],
            now=inputs["now"],
        )
