from odoo import models
from odoo.tools import SQL

from ..core.signals import Finding

# So many items settled in time make a habit of it.
HABIT_ITEMS = 3


class CreditSignalFirstLate(models.AbstractModel):
    """A customer who always paid in time is late for the first time."""

    _name = "credit.signal.first.late"
    _inherit = "credit.signal.handler"
    _description = "Early warning: first late payment ever"

    def _detect(self, scope, rule):
        late = {partner_id: known for partner_id, known in scope.late.items() if known[1] > rule.threshold}
        found = []
        for partner_id, count in scope.query(self._get_punctual_sql(scope, rule, list(late))):
            item_id, days, amount = late[partner_id]
            inputs = {"days": days, "amount": amount, "count": count}
            found.append(Finding(partner_id, f"item/{item_id}", days, inputs, once=True))
        return found

    def _get_punctual_sql(self, scope, rule, partner_ids):
        """Return the query of those who settled all their items in time so far, and how many these are."""
        return SQL(
            """
            SELECT partner.commercial_partner_id, COUNT(*)
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN res_partner partner ON partner.id = line.partner_id
              JOIN LATERAL (
                   SELECT MAX(max_date) AS day FROM account_partial_reconcile WHERE debit_move_id = line.id
              ) paid ON paid.day IS NOT NULL
             WHERE partner.commercial_partner_id = ANY(%(partners)s)
               AND line.company_id = %(company)s
               AND line.parent_state = 'posted'
               AND line.balance > 0
               AND line.reconciled
               AND line.date <= %(as_of)s
               AND account.account_type = 'asset_receivable'
             GROUP BY 1
            HAVING COUNT(*) >= %(habit)s
               AND MAX(paid.day - COALESCE(line.date_maturity, line.date)) <= %(grace)s
            """,
            partners=partner_ids,
            company=scope.company.id,
            as_of=scope.as_of,
            habit=HABIT_ITEMS,
            grace=int(rule.threshold),
        )

    def _explain(self, inputs, currency):
        return self.env._(
            "First late payment ever: %(days)s days, after %(count)s invoices paid in time.",
            days=inputs["days"],
            count=inputs["count"],
        )
