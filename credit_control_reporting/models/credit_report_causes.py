from odoo import models
from odoo.fields import Date
from odoo.tools import SQL

from odoo.addons.credit_control.core.ageing import AgeingScale

from ..core.metrics import percentage
from ..core.tables import AMOUNT, COUNT, DAYS, PERCENT, Chart, Column, Question, Report, Row, Series, Table, sum_rows

TONES = ("amber", "orange", "red")
DELAY, REASONS, OWNERS = "delay", "reasons", "owners"


class CreditReportCauses(models.AbstractModel):
    """Why customers are late, and what they dispute: by cause, age and owner.

    The cause of an item is what somebody said, else the reason of its dispute. What has none stands in a line of its
    own: the share that is known tells how much the rest is worth.
    """

    _name = "credit.report.causes"
    _inherit = ["credit.report.tables"]
    _description = "Causes of delay and disputes"

    def _get_report_title(self):
        return self.env._("Causes of delay and disputes")

    def _get_questions(self):
        return (
            self._ask_day(),
            Question("months", self.env._("Disputes closed in the last (months)"), "number", 12, most=60),
            self._ask_part(),
        )

    def _build(self, asked):
        self.env.flush_all()
        delay = self._build_delay(asked)
        return Report(
            title=self._get_report_title(),
            notes=(
                self._get_scope_note(asked),
                self._get_day_note(asked),
                self.env._("overdue claims; credits not set off; causes as known today"),
            ),
            tables=(delay, self._build_disputes(asked, REASONS), self._build_disputes(asked, OWNERS)),
            charts=(self._build_chart(delay),) if delay.rows else (),
        )

    def _get_scale(self):
        return AgeingScale.parse(self.env.company.credit_ageing_edges)

    # -- causes of delay --------------------------------------------------------------

    def _query_delay(self, asked, columns, rest, key=None):
        """Run a query over the overdue claims, each with its ``cause``; only of one where a key is given."""
        items = self.env["credit.open.item"].with_context(as_of=asked["as_of"])
        condition = SQL("TRUE") if key is None else SQL("COALESCE(late.cause, 0) = %s", key)
        return self._query(
            """
            SELECT %(columns)s
              FROM (SELECT item.*, %(cause)s AS cause
                      FROM (%(items)s) item
                     WHERE item.days_overdue > 0 AND item.amount_residual > 0 AND NOT item.non_trade) late
             WHERE %(condition)s
             %(rest)s
            """,
            columns=columns,
            cause=items._get_cause_sql(SQL.identifier("item", "id")),
            items=self._get_items_sql(asked),
            condition=condition,
            rest=rest,
        )

    def _build_delay(self, asked):
        env = self.env
        scale = self._get_scale()
        found = self._query_delay(asked, self._get_delay_columns(scale), SQL("GROUP BY late.cause ORDER BY 3 DESC"))
        names = self._get_names("credit.delay.cause", [row[0] for row in found])
        overdue = sum(row[2] for row in found)
        rows = tuple(
            Row(key or 0, (names.get(key, env._("(not known)")), *rest, percentage(rest[1], overdue)))
            for key, *rest in found
        )
        label = self._get_bucket_heading
        columns = (
            Column("cause", env._("Cause")),
            Column("items", env._("Items"), COUNT, is_summed=True, opens=True),
            Column("amount", env._("Overdue"), AMOUNT, is_summed=True, opens=True),
            Column("customers", env._("Customers"), COUNT),
            Column("days", env._("Days late (weighted)"), DAYS),
            *(
                Column(code, label(code), AMOUNT, TONES[min(place, 2)], is_summed=True)
                for place, code in enumerate(scale.codes[1:])
            ),
            Column("share", env._("Share"), PERCENT),
        )
        total = sum_rows(columns, rows, env._("Total"), self._get_currency(asked).rounding)
        known = percentage(sum(row[2] for row in found if row[0]), overdue)
        note = env._("Known of %s %% of what is overdue.", self._write_number(known)) if known is not None else ""
        return Table(DELAY, env._("Causes of delay"), columns, rows, total, note, links=("customers",))

    def _get_delay_columns(self, scale):
        case = SQL(scale.sql_case("late.days_overdue"))
        buckets = SQL(", ").join(
            SQL("COALESCE(SUM(late.amount_residual) FILTER (WHERE %s = %s), 0)::float8", case, code)
            for code in scale.codes[1:]
        )
        return SQL(
            """
            late.cause, COUNT(*), SUM(late.amount_residual)::float8, COUNT(DISTINCT late.partner_id),
            (SUM(late.amount_residual * late.days_overdue) / NULLIF(SUM(late.amount_residual), 0))::float8, %s
            """,
            buckets,
        )

    def _build_chart(self, table):
        shown = table.rows[:10]
        places = [place for place, column in enumerate(table.columns) if column.tone]
        series = tuple(
            Series(table.columns[place].label, tuple(row.cells[place] for row in shown), table.columns[place].tone)
            for place in places
        )
        labels = tuple(row.cells[0] for row in shown)
        return Chart("stack", table.title, labels, series, keys=tuple(row.key for row in shown), table=DELAY)

    # -- disputes ---------------------------------------------------------------------

    def _query_disputes(self, asked, column):
        return self._query(
            """
            SELECT dispute.%(column)s,
                   COUNT(*) FILTER (WHERE is_open),
                   COALESCE(SUM(part.amount) FILTER (WHERE is_open), 0)::float8,
                   AVG(%(day)s::date - dispute.date) FILTER (WHERE is_open)::float8,
                   COUNT(*) FILTER (WHERE is_open AND dispute.deadline < %(day)s),
                   COUNT(*) FILTER (WHERE NOT is_open),
                   AVG(dispute.closed_on - dispute.date) FILTER (WHERE NOT is_open)::float8,
                   (100.0 * COUNT(*) FILTER (WHERE NOT is_open AND dispute.outcome = 'justified')
                       / NULLIF(COUNT(*) FILTER (WHERE NOT is_open), 0))::float8
              FROM credit_dispute dispute
              JOIN res_partner partner ON partner.id = dispute.partner_id
             CROSS JOIN LATERAL (SELECT dispute.closed_on IS NULL OR dispute.closed_on > %(day)s AS is_open) now
         LEFT JOIN (
                SELECT line.dispute_id, SUM(LEAST(NULLIF(line.amount, 0), item.amount_residual)) AS amount
                  FROM credit_dispute_line line
                  JOIN (%(items)s) item ON item.id = line.move_line_id
                 GROUP BY line.dispute_id
             ) part ON part.dispute_id = dispute.id
             WHERE dispute.company_id = ANY(%(companies)s)
               AND dispute.date <= %(day)s
               AND (is_open OR dispute.closed_on > %(since)s)
               AND %(part)s
             GROUP BY dispute.%(column)s
             ORDER BY 3 DESC, 2 DESC
            """,
            column=SQL.identifier(column),
            day=asked["as_of"],
            since=Date.subtract(asked["as_of"], months=asked["months"]),
            items=self._get_items_sql(asked),
            companies=list(asked.company_ids),
            part=self._get_part_sql(asked, SQL("partner.commercial_partner_id"), SQL("dispute.company_id")),
        )

    def _build_disputes(self, asked, code):
        env = self.env
        is_owner = code == OWNERS
        found = self._query_disputes(asked, "user_id" if is_owner else "reason_id")
        names = self._get_names("res.users" if is_owner else "credit.dispute.reason", [row[0] for row in found])
        rows = tuple(Row(key or 0, (names.get(key, env._("(nobody)")), *rest)) for key, *rest in found)
        columns = (
            Column("name", env._("Owner") if is_owner else env._("Reason")),
            Column("open", env._("Open"), COUNT, "violet", is_summed=True, opens=True),
            Column("amount", env._("Disputed"), AMOUNT, "violet", is_summed=True, opens=True),
            Column("age", env._("Days open"), DAYS, "violet"),
            Column("late", env._("Deadline missed"), COUNT, "red", is_summed=True, opens=True),
            Column("closed", env._("Closed"), COUNT, is_summed=True, opens=True),
            Column("days", env._("Days to settle"), DAYS),
            Column("justified", env._("Justified"), PERCENT),
        )
        total = sum_rows(columns, rows, env._("Total"), self._get_currency(asked).rounding)
        title = env._("Disputes by owner") if is_owner else env._("Disputes by reason")
        return Table(code, title, columns, rows, total)

    # -- what is behind ---------------------------------------------------------------

    def _get_behind(self, asked, table, key, column):
        if table == DELAY:
            return [item_id for (item_id,) in self._query_delay(asked, SQL("late.id"), SQL(), key)]
        is_asked_for = self._is_asked_for(asked)
        disputes = self.env["credit.dispute"].search(self._get_dispute_domain(asked, table, key, column))
        return disputes.filtered(lambda one: is_asked_for(one.partner_id.commercial_partner_id.id, one.company_id.id))

    def _get_dispute_domain(self, asked, table, key, column):
        day = asked["as_of"]
        domain = [("company_id", "in", list(asked.company_ids)), ("date", "<=", day)]
        if key is not None:
            domain.append(("user_id" if table == OWNERS else "reason_id", "=", key or False))
        if column == "closed":
            since = Date.subtract(day, months=asked["months"])
            return [*domain, ("closed_on", "<=", day), ("closed_on", ">", since)]
        domain += ["|", ("closed_on", "=", False), ("closed_on", ">", day)]
        return [*domain, ("deadline", "<", day)] if column == "late" else domain

    def _get_partner_ids(self, asked, table, key):
        return {partner_id for (partner_id,) in self._query_delay(asked, SQL("late.partner_id"), SQL(), key)}
