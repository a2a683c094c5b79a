from collections import defaultdict

from odoo import models
from odoo.fields import Date

from odoo.addons.credit_control.models.company_day import company_today

from ..core.concentration import EXTEND, KEEP, REDUCE, UNKNOWN, WATCH, Risk, zone_of
from ..core.metrics import percentage
from ..core.tables import AMOUNT, COUNT, PERCENT, TEXT, Chart, Column, Question, Report, Row, Series, Table, sum_rows

TONES = {REDUCE: "red", WATCH: "amber", KEEP: "grey", EXTEND: "green", UNKNOWN: "violet"}
# The size of a dot: from nothing overdue to all of it.
SMALLEST, LARGEST = 4, 16


class CreditReportRiskMap(models.AbstractModel):
    """Customers by what is at risk and how far they are trusted; whom one may safely give more.

    As of today: exposure is what is open, ordered and under way now. A proposal, no decision: for natural persons a
    named person decides (CJEU C-634/21).
    """

    _name = "credit.report.risk.map"
    _inherit = ["credit.report.tables"]
    _description = "Risk map"

    def _get_report_title(self):
        return self.env._("Risk map")

    def _get_questions(self):
        zones = (("all", self.env._("All")), *self._get_zones().items())
        return (
            Question("zone", self.env._("Show"), "choice", "all", zones),
            Question("dots", self.env._("Dots on the map"), "number", 100, most=500),
            self._ask_part(),
        )

    def _get_zones(self):
        env = self.env
        return {
            REDUCE: env._("Reduce (D, E)"),
            WATCH: env._("Watch (C)"),
            KEEP: env._("Keep (A, B)"),
            EXTEND: env._("Safe to extend (A, B, sales growing)"),
            UNKNOWN: env._("Without a score"),
        }

    def _build(self, asked):
        risks = self._gather(asked)
        shown = {key: risk for key, risk in risks.items() if asked["zone"] in ("all", zone_of(risk))}
        customers = self._build_customers(asked, shown)
        return Report(
            title=self._get_report_title(),
            notes=(
                self._get_scope_note(asked),
                self.env._(
                    "as of today; exposure: open, ordered and under way, credits set off; sales without VAT of 12 "
                    "months against the 12 before; a proposal that a person decides upon"
                ),
            ),
            tables=(self._build_grades(asked, risks), customers),
            charts=(self._build_map(asked, shown, customers),) if shown else (),
        )

    # -- gather -----------------------------------------------------------------------

    def _gather(self, asked):
        """Return ``{customer id: Risk}`` of who is owed from, in four queries; the companies together."""
        companies = self.env["res.company"].browse(asked.company_ids)
        today = company_today(self)
        is_asked_for = self._is_asked_for(asked)
        exposure = {
            partner_id: sum(
                amount
                for company_id, sources in by_company.items()
                if is_asked_for(partner_id, company_id)
                for amount in sources.values()
            )
            for partner_id, by_company in self.env["credit.exposure"]._get_amounts(companies).items()
        }
        overdue = dict(self._query_overdue(asked, today))
        scores = {partner_id: rest for partner_id, *rest in self._query_scores(asked, today)}
        sales = {partner_id: rest for partner_id, *rest in self._query_sales(asked, today)}
        return {
            partner_id: Risk(
                amount,
                overdue.get(partner_id, 0.0),
                *scores.get(partner_id, (None, "")),
                *sales.get(partner_id, (0.0, 0.0)),
            )
            for partner_id, amount in exposure.items()
            if amount > 0
        }

    def _query_overdue(self, asked, today):
        return self._query(
            """
            SELECT item.partner_id, SUM(item.amount_residual)::float8
              FROM (%(items)s) item
             WHERE item.days_overdue > 0 AND item.amount_residual > 0 AND NOT item.non_trade
             GROUP BY item.partner_id
            """,
            items=self._get_items_sql(asked, today),
        )

    def _query_scores(self, asked, today):
        """Return [(customer, score, grade)]: the latest of each; the worst of several companies."""
        return self._query(
            """
            SELECT DISTINCT ON (partner_id) partner_id, value, grade
              FROM (SELECT DISTINCT ON (partner_id, company_id) partner_id, value::float8, grade, state
                      FROM credit_score
                     WHERE company_id = ANY(%(companies)s) AND date <= %(today)s
                     ORDER BY partner_id, company_id, date DESC) latest
             WHERE state = 'scored'
             ORDER BY partner_id, value
            """,
            companies=list(asked.company_ids),
            today=today,
        )

    def _query_sales(self, asked, today):
        """Return [(customer, sales of the last 12 months, sales of the 12 before)], without VAT."""
        return self._query(
            """
            SELECT partner_id,
                   COALESCE(SUM(amount) FILTER (WHERE date > %(year)s), 0),
                   COALESCE(SUM(amount) FILTER (WHERE date <= %(year)s), 0)
              FROM (%(sales)s) sale
             GROUP BY partner_id
            """,
            sales=self._get_sales_sql(asked, Date.subtract(today, months=24), today),
            year=Date.subtract(today, months=12),
        )

    # -- tables -----------------------------------------------------------------------

    def _build_grades(self, asked, risks):
        env = self.env
        by_grade = defaultdict(list)
        for risk in risks.values():
            by_grade[risk.grade or ""].append(risk)
        total = sum(risk.exposure for risk in risks.values())
        rows = tuple(
            Row(
                grade,
                (
                    grade or env._("(none)"),
                    len(found),
                    round(sum(risk.exposure for risk in found), 2),
                    round(sum(risk.overdue for risk in found), 2),
                    percentage(sum(risk.exposure for risk in found), total),
                ),
            )
            for grade, found in sorted(by_grade.items(), key=lambda pair: pair[0] or "Z")
        )
        columns = (
            Column("grade", env._("Grade")),
            Column("customers", env._("Customers"), COUNT, is_summed=True),
            Column("exposure", env._("Exposure"), AMOUNT, is_summed=True),
            Column("overdue", env._("Overdue"), AMOUNT, "red", is_summed=True),
            Column("share", env._("Share of the exposure"), PERCENT),
        )
        sums = sum_rows(columns, rows, env._("Total"), self._get_currency(asked).rounding)
        return Table("grades", env._("By grade"), columns, rows, sums, links=("customers",))

    def _build_customers(self, asked, risks):
        env = self.env
        names, zones = self._get_names("res.partner", risks), self._get_zones()
        rows = tuple(
            Row(
                partner_id,
                (
                    names[partner_id],
                    risk.grade or None,
                    risk.score,
                    round(risk.exposure, 2),
                    round(risk.overdue, 2),
                    round(risk.sales, 2),
                    risk.growth,
                    zones[zone_of(risk)],
                ),
            )
            for partner_id, risk in sorted(risks.items(), key=lambda pair: -pair[1].exposure)
        )
        columns = (
            Column("customer", env._("Customer")),
            Column("grade", env._("Grade"), TEXT),
            Column("score", env._("Score"), COUNT),
            Column("exposure", env._("Exposure"), AMOUNT, is_summed=True, opens=True),
            Column("overdue", env._("Overdue"), AMOUNT, "red", is_summed=True),
            Column("sales", env._("Sales of 12 months"), AMOUNT, is_summed=True),
            Column("growth", env._("Growth"), PERCENT),
            Column("zone", env._("Proposal")),
        )
        total = sum_rows(columns, rows, env._("Total"), self._get_currency(asked).rounding)
        return Table("customers", env._("By customer"), columns, rows, total, links=("customers",))

    def _build_map(self, asked, risks, customers):
        """Return the map of the customers with most at risk: trust to the right, exposure upwards, overdue in size."""
        names = {row.key: row.cells[0] for row in customers.rows}
        keys = [row.key for row in customers.rows if risks[row.key].score is not None][: asked["dots"]]
        series = tuple(
            Series(
                label,
                tuple(_get_dot(key, risks[key], names) for key in keys if zone_of(risks[key]) == zone),
                TONES[zone],
            )
            for zone, label in self._get_zones().items()
            if zone != UNKNOWN
        )
        axes = (self.env._("Trust score"), self.env._("Exposure"))
        title = self.env._("Exposure and trust; the larger a dot, the more is overdue")
        return Chart("map", title, (), tuple(s for s in series if s.values), axes=axes, table="customers")

    # -- what is behind ---------------------------------------------------------------

    def _get_behind(self, asked, table, key, column):
        partner_ids, is_asked_for = list(self._get_partner_ids(asked, table, key)), self._is_asked_for(asked)
        found = self.env["credit.exposure"].search(
            [("company_id", "in", list(asked.company_ids)), ("partner_id", "in", partner_ids)]
        )
        return found.filtered(lambda one: is_asked_for(one.partner_id.id, one.company_id.id))

    def _get_partner_ids(self, asked, table, key):
        risks = self._gather(asked)
        if table == "grades":
            return [partner_id for partner_id, risk in risks.items() if key is None or (risk.grade or "") == key]
        return [partner_id for partner_id, risk in risks.items() if key in (None, partner_id)]


def _get_dot(key, risk, names):
    share = min(1.0, max(0.0, risk.overdue / risk.exposure))
    return (risk.score, risk.exposure, round(SMALLEST + (LARGEST - SMALLEST) * share, 1), names[key], key)
