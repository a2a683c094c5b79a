from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL


class CreditExposureDatedAhead(models.AbstractModel):
    """Invoices and credit notes posted with a date to come: the ledger of today doesn't know them yet.

    What is reconciled with them counts from their own date on, so all of them is at risk until then.
    """

    _name = "credit.exposure.dated.ahead"
    _inherit = "credit.exposure.handler"
    _description = "Exposure: invoices dated ahead"

    _partner_path = "partner_id.commercial_partner_id"

    def _get_model(self):
        return self.env["account.move.line"].sudo()

    def _get_domain(self, today):
        posted = Domain("parent_state", "=", "posted") & Domain("date", ">", today)
        counts = Domain("balance", ">", 0) | Domain("move_id.move_type", "=", "out_refund")
        return posted & Domain("account_id.account_type", "=", "asset_receivable") & counts

    def _get_columns(self, query):
        table = query.table
        return {
            "partner_id": self._get_commercial_partner_sql(query),
            "company_id": SQL.identifier(table, "company_id"),
            "amount": SQL.identifier(table, "balance"),
            "date_due": SQL("COALESCE(%s, %s)", SQL.identifier(table, "date_maturity"), SQL.identifier(table, "date")),
            "res_model": SQL("'account.move'"),
            "res_id": SQL.identifier(table, "move_id"),
            "reference": SQL.identifier(table, "move_name"),
        }
