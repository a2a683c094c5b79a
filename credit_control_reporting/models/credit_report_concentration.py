from odoo import models
from odoo.fields import Date
from odoo.tools import SQL

from ..core.concentration import rank, shares_of_tops
from ..core.tables import AMOUNT, COUNT, PERCENT, Chart, Column, Question, Report, Row, Series, Table, sum_rows

OPEN, OVERDUE, SALES = "open", "overdue", "sales"
# How many customers the chart shows.
SHOWN = 20


class CreditReportConcentration(models.AbstractModel):
    """On how few customers receivables, what is overdue, or sales hang: the Pareto list."""

    _name = "credit.report.concentration"
    _inherit = ["credit.report.tables"]
    _description = "Concentration"

    def _get_report_title(self):
        return self.env._("Concentration")

    def _get_questions(self):
        measures = tuple(self._get_measures().items())
        return (self._ask_day(), Question("measure", self.env._("Of"), "choice", OPEN, measures), self._ask_part())

    def _get_measures(self):
        env = self.env
        return {OPEN: env._("Receivables"), OVERDUE: env._("Overdue"), SALES: env._("Sales of 12 months")}

    def _build(self, asked):
        places = self._rank(asked)
        table = self._build_customers(asked, places)
        return Report(
            title=self._get_report_title(),
            notes=(
                self._get_scope_note(asked),
                self._get_day_note(asked),
                self.env._("customers who owe on balance; class A makes up the first four fifths of all"),
            ),
            tables=(self._build_tops(places), table),
            charts=(self._build_chart(asked, table),) if places else (),
        )

    def _rank(self, asked):
        """Return the places of the customers, the largest first."""
        return rank(dict(self._query_amounts(asked)))

    def _query_amounts(self, asked):
        """Return [(customer, amount)]."""
        if asked["measure"] == SALES:
            return self._query_sales(asked)
        return self._query(
            """
            SELECT item.partner_id, SUM(item.amount_residual)::float8
              FROM (%(items)s) item
             WHERE item.partner_id IS NOT NULL AND NOT item.non_trade AND %(condition)s
             GROUP BY item.partner_id
            """,
            items=self._get_items_sql(asked),
            condition=SQL("item.days_overdue > 0") if asked["measure"] == OVERDUE else SQL("TRUE"),
        )

    def _query_sales(self, asked):
        """Return the sales without VAT of the 12 months until the day, by customer."""
        day = asked["as_of"]
        sales = self._get_sales_sql(asked, Date.subtract(day, months=12), day)
        return self._query("SELECT partner_id, SUM(amount) FROM (%(sales)s) sale GROUP BY partner_id", sales=sales)

    def _build_tops(self, places):
        env = self.env
        rows = tuple(
            Row(top, (env._("The largest %s", top) if top > 1 else env._("The largest"), top, round(amount, 2), share))
            for top, amount, share in shares_of_tops(places)
        )
        columns = (
            Column("top", env._("Customers")),
            Column("count", env._("Number"), COUNT),
            Column("amount", env._("Amount"), AMOUNT, opens=True),
            Column("share", env._("Share of all"), PERCENT),
        )
        return Table("tops", env._("Share of the largest"), columns, rows, links=("customers",))

    def _build_customers(self, asked, places):
        env = self.env
        names = self._get_names("res.partner", [place.key for place in places])
        rows = tuple(
            Row(place.key, (names[place.key], number, place.grade, place.amount, place.share, place.cumulated))
            for number, place in enumerate(places, 1)
        )
        columns = (
            Column("customer", env._("Customer")),
            Column("rank", env._("Rank"), COUNT),
            Column("class", env._("Class")),
            Column("amount", self._get_measures()[asked["measure"]], AMOUNT, "", True, True),
            Column("share", env._("Share"), PERCENT),
            Column("cumulated", env._("Cumulated"), PERCENT),
        )
        total = sum_rows(columns, rows, env._("Total"), self._get_currency(asked).rounding)
        return Table("customers", env._("By customer"), columns, rows, total, links=("customers",))

    def _build_chart(self, asked, table):
        shown = table.rows[:SHOWN]
        series = (
            Series(table.columns[3].label, tuple(row.cells[3] for row in shown), "grey", key="amount"),
            Series(self.env._("Cumulated, in percent"), tuple(row.cells[5] for row in shown), "red", kind="line"),
        )
        labels = tuple(row.cells[0] for row in shown)
        return Chart(
            "bar",
            self.env._("The largest customers"),
            labels,
            series,
            keys=tuple(r.key for r in shown),
            table="customers",
        )

    # -- what is behind ---------------------------------------------------------------

    def _get_partner_ids(self, asked, table, key):
        places = self._rank(asked)
        if table == "tops":
            return [place.key for place in places[: key if isinstance(key, int) else None]]
        return [place.key for place in places if key in (None, place.key)]

    def _get_behind(self, asked, table, key, column):
        partner_ids = list(self._get_partner_ids(asked, table, key))
        condition = SQL("days_overdue > 0") if asked["measure"] == OVERDUE else SQL("TRUE")
        part = self._get_part_sql(asked, SQL("partner_id"), SQL("company_id"))
        items = self.env["credit.open.item"]._get_items_sql(
            asked["as_of"], asked.company_ids, partner_ids, with_bucket=False
        )
        self.env.flush_all()
        rows = self._query(
            "SELECT id FROM (%(items)s) item WHERE NOT non_trade AND %(condition)s AND %(part)s",
            items=items,
            condition=condition,
            part=part,
        )
        return [item_id for (item_id,) in rows]
