from odoo import models
from odoo.tools import SQL
from odoo.tools.query import Query

# The open items of today, read once for all sources that are made of them.
SHARED = "credit_exposure_open_item"
COLUMNS = (
    "id",
    "move_id",
    "reference",
    "partner_id",
    "company_id",
    "date_maturity",
    "days_overdue",
    "amount_residual",
)


class CreditExposureOpenItem(models.AbstractModel):
    """What is open in the ledger today, by the open items: the only reader of due dates.

    Bills and direct debits that are still open stay in it: they aren't reminded, but they are risked.
    """

    _name = "credit.exposure.open.item"
    _inherit = "credit.exposure.handler"
    _description = "Exposure: open items"

    _shared = SHARED

    def _get_model(self):
        return self.env["credit.open.item"].sudo()

    def _get_shared_sql(self, scope):
        if scope.stands:
            return self._get_model()._get_standing_items_sql(scope.today, scope.company_ids, scope.partner_ids)
        items = self._get_model()._get_ledger_items_sql(
            scope.today,
            company_ids=scope.company_ids,
            partner_ids=scope.partner_ids,
            line_ids=scope.record_ids,
        )
        columns = SQL(", ").join(SQL.identifier("item", name) for name in COLUMNS)
        return SQL("SELECT %s FROM (%s) item", columns, items)

    def _get_query(self, domain):
        model = self._get_model()
        query = Query(self.env, model._table, SQL.identifier(SHARED))
        query.add_where(domain.optimize_full(model)._to_sql(model, model._table, query))
        return query

    def _get_columns(self, query):
        table = query.table
        return {
            "partner_id": SQL.identifier(table, "partner_id"),
            "company_id": SQL.identifier(table, "company_id"),
            "amount": SQL.identifier(table, "amount_residual"),
            "date_due": SQL.identifier(table, "date_maturity"),
            "res_model": SQL("'account.move'"),
            "res_id": SQL.identifier(table, "move_id"),
            "reference": SQL.identifier(table, "reference"),
        }
