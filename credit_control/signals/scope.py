from datetime import timedelta
from functools import cached_property

from odoo.tools import SQL


class SignalScope:
    """What all detectors look at: a company on a day; what several of them need is read once."""

    def __init__(self, env, company, as_of):
        self.env = env
        self.company = company
        self.as_of = as_of

    def since(self, days):
        """Return the day before the last ``days`` days."""
        return self.as_of - timedelta(days=days)

    def query(self, query):
        """Return the rows of ``query``; what the ORM holds back was written before."""
        return self.env.execute_query(query)

    @cached_property
    def late(self):
        """``{customer: (oldest overdue item, its days, all that is overdue)}`` by the ledger."""
        items = self.env["credit.open.item"]._get_ledger_items_sql(self.as_of, self.company.ids)
        query = SQL(
            """
            SELECT partner_id,
                   (ARRAY_AGG(id ORDER BY date_maturity, id))[1],
                   MAX(days_overdue),
                   SUM(amount_residual)::float8
              FROM (%s) item
             WHERE amount_residual > 0 AND days_overdue > 0 AND NOT non_trade AND partner_id IS NOT NULL
             GROUP BY partner_id
            """,
            items,
        )
        return {partner_id: tuple(known) for partner_id, *known in self.query(query)}
