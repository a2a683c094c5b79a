from odoo import models
from odoo.tools import SQL

from ..core.signals import Finding
from .first_late import HABIT_ITEMS


class CreditSignalFirstPartPayment(models.AbstractModel):
    """A customer who always paid in full pays a part for the first time."""

    _name = "credit.signal.first.part.payment"
    _inherit = "credit.signal.handler"
    _description = "Early warning: first part payment ever"

    def _detect(self, scope, rule):
        return [
            Finding(
                partner_id,
                f"item/{item_id}",
                left,
                {"left": left, "amount": amount, "reference": reference},
                once=True,
            )
            for partner_id, item_id, reference, left, amount in scope.query(self._get_parts_sql(scope, rule))
        ]

    def _get_parts_sql(self, scope, rule):
        """Return the query of the one item that was paid in part, where all others were paid at once.

        Credit notes aren't payments; what is left must be more than the threshold, and the item due.
        """
        return SQL(
            """
            WITH paid AS (
                SELECT line.id,
                       partner.commercial_partner_id AS partner_id,
                       COALESCE(line.move_name, line.name, '') AS reference,
                       line.reconciled IS NOT TRUE AND line.amount_residual > %(least)s
                           AND COALESCE(line.date_maturity, line.date) < %(as_of)s AS is_open,
                       line.reconciled IS NOT TRUE OR COUNT(DISTINCT partial.max_date) > 1 AS is_part,
                       line.amount_residual::float8 AS amount_left,
                       line.balance::float8 AS amount
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                  JOIN res_partner partner ON partner.id = line.partner_id
                  JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
                  JOIN account_move_line credit ON credit.id = partial.credit_move_id
                  JOIN account_move document ON document.id = credit.move_id AND document.move_type = 'entry'
                 WHERE line.company_id = %(company)s
                   AND line.parent_state = 'posted'
                   AND line.balance > 0
                   AND account.account_type = 'asset_receivable'
                   AND partial.max_date <= %(as_of)s
                 GROUP BY line.id, partner.commercial_partner_id
            )
            SELECT partner_id,
                   MAX(id) FILTER (WHERE is_part),
                   MAX(reference) FILTER (WHERE is_part),
                   MAX(amount_left) FILTER (WHERE is_part),
                   MAX(amount) FILTER (WHERE is_part)
              FROM paid
             GROUP BY partner_id
            HAVING COUNT(*) FILTER (WHERE is_part) = 1
               AND COUNT(*) FILTER (WHERE is_part AND is_open) = 1
               AND COUNT(*) FILTER (WHERE NOT is_part) >= %(habit)s
            """,
            least=rule.threshold,
            as_of=scope.as_of,
            company=scope.company.id,
            habit=HABIT_ITEMS,
        )

    def _explain(self, inputs, currency):
        return self.env._(
            "First part payment ever: %(left)s of %(amount)s are left of %(document)s.",
            left=currency.format(inputs["left"]),
            amount=currency.format(inputs["amount"]),
            document=inputs["reference"],
        )
