from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL


class CreditExposurePayment(models.AbstractModel):
    """Customers' payments that settled something in the books while the bank hasn't shown the money yet.

    Payments without an entry of their own settle nothing before the bank does: their invoices are still open items.
    The payment's state doesn't tell: where its invoices are paid, Odoo calls it paid, seen or not.
    """

    _name = "credit.exposure.payment"
    _inherit = "credit.exposure.handler"
    _description = "Exposure: payments that the bank hasn't shown yet"

    _partner_path = "partner_id.commercial_partner_id"
    _presence = "payment"

    def _get_model(self):
        return self.env["account.payment"].sudo()

    def _get_domain(self, today):
        received = Domain("payment_type", "=", "inbound") & Domain("partner_type", "=", "customer")
        on_its_way = Domain("state", "in", ("in_process", "paid")) & Domain("is_matched", "=", False)
        return received & on_its_way & Domain("move_id", "!=", False) & Domain("partner_id", "!=", False)

    def _get_presence_sql(self, scope):
        return SQL(
            """
            EXISTS (
                SELECT FROM account_payment paid
                  JOIN res_partner payer ON payer.id = paid.partner_id
                 WHERE payer.commercial_partner_id = ANY(%s)
                   AND paid.move_id IS NOT NULL
                   AND paid.state IN ('in_process', 'paid')
                   AND paid.is_matched IS NOT TRUE
            )
            """,
            list(scope.partner_ids),
        )

    def _get_columns(self, query):
        table = query.table
        return {
            "partner_id": self._get_commercial_partner_sql(query),
            "company_id": SQL.identifier(table, "company_id"),
            "amount": SQL("COALESCE(%s, 0)", SQL.identifier(table, "amount_company_currency_signed")),
            "date_due": SQL.identifier(table, "date"),
            "res_model": SQL("'account.payment'"),
            "res_id": SQL.identifier(table, "id"),
            "reference": SQL("COALESCE(%s, %s)", SQL.identifier(table, "name"), SQL.identifier(table, "memo")),
        }
