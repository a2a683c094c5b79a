from odoo import models
from odoo.tools import SQL

from ..core.signals import Finding, is_peak

# What is usual is the mean of so many days before the recent ones.
USUAL_DAYS = 360


class CreditSignalOrderPeak(models.AbstractModel):
    """A customer who is late buys much more than usual: the last purchases before the end, sometimes."""

    _name = "credit.signal.order.peak"
    _inherit = "credit.signal.handler"
    _description = "Early warning: buys more than usual while late"

    def _detect(self, scope, rule):
        spans = USUAL_DAYS / max(1, rule.days)
        return [
            Finding(partner_id, value=recent, inputs={"recent": recent, "usual": before / spans, "days": rule.days})
            for partner_id, recent, before in scope.query(self._get_sales_sql(scope, rule))
            if is_peak(recent, before / spans, rule.threshold)
        ]

    def _get_sales_sql(self, scope, rule):
        """Return the query of what late customers were invoiced lately, and in the year before it, without tax."""
        return SQL(
            """
            SELECT commercial_partner_id,
                   COALESCE(SUM(amount_untaxed_signed) FILTER (WHERE invoice_date > %(since)s), 0)::float8,
                   COALESCE(SUM(amount_untaxed_signed) FILTER (WHERE invoice_date <= %(since)s), 0)::float8
              FROM account_move
             WHERE company_id = %(company)s
               AND move_type IN ('out_invoice', 'out_refund')
               AND state = 'posted'
               AND invoice_date > %(first)s
               AND invoice_date <= %(as_of)s
               AND commercial_partner_id = ANY(%(late)s)
             GROUP BY commercial_partner_id
            """,
            since=scope.since(rule.days),
            first=scope.since(rule.days + USUAL_DAYS),
            as_of=scope.as_of,
            company=scope.company.id,
            late=list(scope.late),
        )

    def _explain(self, inputs, currency):
        return self.env._(
            "Bought for %(recent)s in %(days)s days, usually %(usual)s, and is late.",
            recent=currency.format(inputs["recent"]),
            usual=currency.format(inputs["usual"]),
            days=inputs["days"],
        )
