from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL


class CreditExposureOrders(models.AbstractModel):
    """Confirmed orders, as far as nothing is invoiced of them yet, incl. VAT.

    In company currency at the rate that the order shows. What an invoice took over is in the ledger: posted
    ones, and drafts too where these are a source of their own. So an order stays what it is from the
    confirmation to the posted invoice, and a down payment only moves a part of it.
    """

    _name = "credit.exposure.orders"
    _inherit = "credit.exposure.handler"
    _description = "Exposure: orders to be invoiced"

    _partner_path = "partner_invoice_id.commercial_partner_id"
    _presence = "order"

    def _get_model(self):
        return self.env["sale.order"].sudo()

    def _get_domain(self, today):
        return Domain("state", "=", "sale") & Domain("credit_uninvoiced", ">", 0)

    def _get_presence_sql(self, scope):
        return SQL(
            """
            EXISTS (
                SELECT FROM sale_order sold
                  JOIN res_partner payer ON payer.id = sold.partner_invoice_id
                 WHERE payer.commercial_partner_id = ANY(%s) AND sold.state = 'sale' AND %s
            )
            """,
            list(scope.partner_ids),
            self._get_model()._get_credit_candidate_sql("sold"),
        )

    def _get_columns(self, query):
        table = query.table
        return {
            "partner_id": self._get_commercial_partner_sql(query, "partner_invoice_id"),
            "company_id": SQL.identifier(table, "company_id"),
            "amount": self._get_model()._get_credit_uninvoiced_sql(table),
            "date_due": SQL(
                "COALESCE(%s, %s)", SQL.identifier(table, "commitment_date"), SQL.identifier(table, "date_order")
            ),
            "res_model": SQL("'sale.order'"),
            "res_id": SQL.identifier(table, "id"),
            "reference": SQL.identifier(table, "name"),
        }
