from dataclasses import replace
from datetime import date, timedelta

from odoo import models
from odoo.tools import SQL, format_date

from odoo.addons.credit_control.core.forecast import PROMISE
from odoo.addons.credit_control.models.receipt import IS_RECEIPT, is_claim_sql

from ..core import receipts
from ..core.receipts import AFTER, DUE, HABIT, KNOWN, LATE, NEVER, VIEWS, Claim
from ..core.tables import AMOUNT, PERCENT, Chart, Column, Question, Report, Row, Series, Table, sum_rows

# How many weeks the calendar shows, and how many past weeks the forecast is measured over.
CALENDAR_WEEKS = 6
MEASURED_WEEKS = 12
# Each open item has a forecast of each month: the latest one isn't older than this.
FORECAST_DAYS = 62
TONES = {DUE: "grey", HABIT: "amber", KNOWN: "blue"}


class CreditReportReceipts(models.AbstractModel):
    """What will come in, by week and by day, in three views; and how well that was foretold so far.

    Claims of trade customers, whole: an item is expected on one day, by its larger part. Credits aren't set off.
    """

    _name = "credit.report.receipts"
    _inherit = ["credit.report.tables"]
    _description = "Receipts forecast"

    def _get_report_title(self):
        return self.env._("Receipts forecast")

    def _get_questions(self):
        env = self.env
        return (
            self._ask_day(),
            Question("weeks", env._("Weeks"), "number", 8, most=26),
            Question("view", env._("Calendar"), "choice", KNOWN, tuple(self._get_views().items())),
            Question("ago", env._("Measured: weeks before"), "number", 4, most=26),
            self._ask_part(),
        )

    def _get_views(self):
        env = self.env
        return {
            DUE: env._("By due date"),
            HABIT: env._("As customers pay"),
            KNOWN: env._("With promises and disputes"),
        }

    def _build(self, asked):
        claims = self._gather(asked)
        table = self._build_weeks(asked, claims)
        return Report(
            title=self._get_report_title(),
            notes=(self._get_scope_note(asked), self._get_convention()),
            tables=(table, self._build_error(asked)),
            charts=(self._build_bars(asked, table), self._build_calendar(asked, claims)),
        )

    def _get_convention(self):
        return self.env._(
            "claims of trade customers, credits not set off; each item is expected whole, on one day, by its larger "
            "part; habits are as known today"
        )

    # -- gather -----------------------------------------------------------------------

    def _gather(self, asked):
        """Return the open claims of the companies with the day that each view expects."""
        is_asked_for = self._is_asked_for(asked)
        return [
            claim
            for company in self.env["res.company"].browse(asked.company_ids)
            for claim in self._gather_company(company.sudo(), asked["as_of"])
            if is_asked_for(claim.partner_id, company.id)
        ]

    def _gather_company(self, company, as_of):
        forecasts = self.env["credit.forecast"].with_company(company)
        cases = forecasts._read_cases(company, as_of)
        known = forecasts._gather(company, cases, as_of)
        return [self._prepare_claim(forecasts, case, known, as_of) for case in cases]

    def _prepare_claim(self, forecasts, case, known, as_of):
        told = forecasts._decide(case, known, as_of)
        usual = told
        if case.is_disputed or case.is_promised:
            # What the customer would do, had nobody promised or disputed anything.
            usual = forecasts._decide(replace(case, disputed=0.0, promised=0.0), known, as_of)
        return Claim(
            id=case.id,
            partner_id=case.partner_id,
            amount=case.residual,
            due=case.due,
            habit=usual.date,
            known=told.date,
            is_promised=told.rule == PROMISE,
            is_disputed=case.is_disputed,
        )

    # -- tables -----------------------------------------------------------------------

    def _build_weeks(self, asked, claims):
        day, weeks, rounding = asked["as_of"], asked["weeks"], self._get_currency(asked).rounding
        parts = [receipts.spread(claims, view, day, weeks, rounding) for view in VIEWS]
        for kind in ("is_promised", "is_disputed"):
            of_kind = (claim for claim in claims if getattr(claim, kind))
            parts.append(receipts.spread(of_kind, KNOWN, day, weeks, rounding))
        rows = tuple(
            Row(place, (self._get_place_label(place), *(part[place] for part in parts)))
            for place in receipts.get_places(day, weeks)
        )
        columns = (Column("week", self.env._("Week from")), *self._get_week_columns())
        total = sum_rows(columns, rows, self.env._("Total"), rounding)
        return Table("weeks", self.env._("By week"), columns, rows, total, links=("customers",))

    def _get_week_columns(self):
        labels = {
            **self._get_views(),
            "promised": self.env._("of it promised"),
            "disputed": self.env._("of it disputed"),
        }
        tones = {**TONES, "promised": "blue", "disputed": "violet"}
        return [Column(code, label, AMOUNT, tones[code], is_summed=True, opens=True) for code, label in labels.items()]

    def _get_place_label(self, place):
        words = {
            LATE: self.env._("Before (overdue)"),
            AFTER: self.env._("Later"),
            NEVER: self.env._("Not expected by itself (procedures, litigation)"),
        }
        return words.get(place) or format_date(self.env, date.fromisoformat(place))

    def _build_bars(self, asked, table):
        shown = [row for row in table.rows if row.key not in (AFTER, NEVER)]
        series = tuple(
            Series(label, tuple(row.cells[place] for row in shown), TONES[view], key=view)
            for place, (view, label) in enumerate(self._get_views().items(), 1)
        )
        labels = tuple(row.cells[0] for row in shown)
        keys = tuple(row.key for row in shown)
        return Chart("bar", self.env._("Receipts by week"), labels, series, keys=keys, table="weeks")

    def _build_calendar(self, asked, claims):
        first = receipts.week_of(asked["as_of"])
        days = [first + timedelta(days=place) for place in range(7 * CALENDAR_WEEKS)]
        amounts = receipts.by_day(claims, asked["view"], days)
        label = self._get_views()[asked["view"]]
        return Chart(
            "calendar",
            self.env._("Calendar: %s", label),
            tuple(day.isoformat() for day in days),
            (Series(label, tuple(amounts), key=asked["view"]),),
            table="days",
        )

    # -- what was foretold, and what came ------------------------------------------------

    def _build_error(self, asked):
        env = self.env
        rows = tuple(
            Row(
                week.isoformat(),
                (format_date(env, week), said, came, others, round(said - came, 2), _get_share(said, came)),
            )
            for week, said, came, others in self._query_error(asked)
        )
        columns = (
            Column("week", env._("Week from")),
            Column("forecast", env._("Forecast"), AMOUNT, is_summed=True, opens=True),
            Column("came", env._("Came of these items"), AMOUNT, is_summed=True),
            Column("others", env._("Came of others"), AMOUNT, is_summed=True),
            Column("difference", env._("Forecast less came"), AMOUNT, is_summed=True),
            Column("error", env._("Error"), PERCENT),
        )
        error = receipts.error_of([row.cells[1:3] for row in rows])
        total = sum_rows(columns, rows, env._("Total"), known={"error": error.absolute})
        title = env._("Its own error: what was forecast %s weeks before", asked["ago"])
        return Table("error", title, columns, rows, total if rows else None, self._get_error_note(error))

    def _get_error_note(self, error):
        if error.absolute is None:
            return self.env._("No forecast was kept that long ago: each night keeps one of what is new.")
        return self.env._(
            "By week, off by %(error)s %% of what came; bias %(bias)s %% (positive: too much was expected). Others: "
            "invoiced or reopened since.",
            error=self._write_number(error.absolute),
            bias=self._write_number(error.bias),
        )

    def _query_error(self, asked):
        """Return [(week, forecast, came of the items that were known, came of others)], the latest week last."""
        last = receipts.week_of(asked["as_of"])
        rows = self._query(
            """
            WITH week AS (
                SELECT day::date AS start
                  FROM generate_series(%(last)s::date - 7 * %(count)s, %(last)s::date - 7, '7 days') day
            ),
            known AS MATERIALIZED (%(known)s),
            came AS (%(came)s)
            SELECT week.start, COALESCE(said.amount, 0)::float8, COALESCE(paid.of_known, 0)::float8,
                   COALESCE(paid.amount - paid.of_known, 0)::float8
              FROM week
              JOIN (SELECT DISTINCT start FROM known) measured ON measured.start = week.start
         LEFT JOIN (
                SELECT start, SUM(amount) AS amount
                  FROM known
                 WHERE date_expected BETWEEN start AND start + 6
                 GROUP BY start
             ) said ON said.start = week.start
         LEFT JOIN (
                SELECT week.start, SUM(came.amount) AS amount,
                       COALESCE(SUM(came.amount) FILTER (WHERE known.move_line_id IS NOT NULL), 0) AS of_known
                  FROM week
                  JOIN came ON came.day BETWEEN week.start AND week.start + 6
             LEFT JOIN known ON known.start = week.start AND known.move_line_id = came.line_id
                 GROUP BY week.start
             ) paid ON paid.start = week.start
             ORDER BY week.start
            """,
            last=last,
            count=MEASURED_WEEKS,
            known=self._get_known_sql(asked),
            came=self._get_came_sql(asked, last),
        )
        return rows

    def _get_known_sql(self, asked):
        """Return the query of the latest forecast of each item ``ago`` weeks before each ``week``."""
        self.env["credit.forecast.record"].flush_model()
        return SQL(
            """
            SELECT week.start, latest.*
              FROM week
             CROSS JOIN LATERAL (
                SELECT DISTINCT ON (move_line_id) move_line_id, amount, date_expected, date_settled
                  FROM credit_forecast_record
                 WHERE company_id = ANY(%(companies)s)
                   AND %(part)s
                   AND date_made <= week.start - %(days)s
                   AND date_made > week.start - %(days)s - %(kept)s
                 ORDER BY move_line_id, date_made DESC
             ) latest
             WHERE latest.date_settled IS NULL OR latest.date_settled > week.start - %(days)s
            """,
            companies=list(asked.company_ids),
            part=self._get_part_sql(asked, SQL("partner_id"), SQL("company_id")),
            days=7 * asked["ago"],
            kept=FORECAST_DAYS,
        )

    def _get_came_sql(self, asked, last):
        """Return the query of (line_id, day, amount) of the payments in the weeks that are measured."""
        self.env["credit.payment.history"]._flush_history()
        return SQL(
            """
            SELECT partial.debit_move_id AS line_id, partial.max_date AS day, partial.amount
              FROM account_partial_reconcile partial
              JOIN account_move_line debit ON debit.id = partial.debit_move_id AND debit.parent_state = 'posted'
              JOIN account_account account ON account.id = debit.account_id
              JOIN account_move_line credit ON credit.id = partial.credit_move_id AND credit.parent_state = 'posted'
              JOIN account_journal journal ON journal.id = credit.journal_id
              JOIN account_journal claimed ON claimed.id = debit.journal_id
         LEFT JOIN res_partner partner ON partner.id = debit.partner_id
             WHERE partial.company_id = ANY(%(companies)s)
               AND %(part)s
               AND partial.max_date >= %(last)s::date - 7 * %(count)s
               AND partial.max_date < %(last)s
               AND account.account_type = 'asset_receivable'
               AND account.non_trade IS NOT TRUE
               AND %(is_claim)s
               AND %(is_receipt)s
            """,
            companies=list(asked.company_ids),
            is_claim=is_claim_sql("debit", "claimed"),
            part=self._get_part_sql(asked, SQL("partner.commercial_partner_id"), SQL("debit.company_id")),
            last=last,
            count=MEASURED_WEEKS,
            is_receipt=IS_RECEIPT,
        )

    # -- what is behind ---------------------------------------------------------------

    def _get_behind(self, asked, table, key, column):
        if table == "error":
            return self._get_forecasts(asked, key)
        return [claim.id for claim in self._choose(asked, table, key, column)]

    def _get_partner_ids(self, asked, table, key):
        return {claim.partner_id for claim in self._choose(asked, table, key, KNOWN)}

    def _choose(self, asked, table, key, column):
        """Return the claims of a cell: of a day in the calendar, of a place in the table, or all."""
        view = column if column in VIEWS else KNOWN
        claims = self._gather(asked)
        if column in ("promised", "disputed"):
            claims = [claim for claim in claims if getattr(claim, f"is_{column}")]
        if table == "days":
            return [claim for claim in claims if str(claim.get_day(view)) == key]
        place = receipts.place_of
        day, weeks = asked["as_of"], asked["weeks"]
        return [claim for claim in claims if key is None or place(claim.get_day(view), day, weeks) == key]

    def _get_forecasts(self, asked, key):
        """Return the forecasts that a week was foretold from."""
        day, is_asked_for = self._read_day(key), self._is_asked_for(asked)
        found = self.env["credit.forecast.record"].search(
            [
                ("company_id", "in", list(asked.company_ids)),
                ("date_made", "<=", day - timedelta(days=7 * asked["ago"])),
                ("date_made", ">", day - timedelta(days=7 * asked["ago"] + FORECAST_DAYS)),
                ("date_expected", ">=", day),
                ("date_expected", "<=", day + timedelta(days=6)),
            ]
        )
        return found.filtered(lambda record: is_asked_for(record.partner_id.id, record.company_id.id))


def _get_share(said, came):
    return 100 * abs(said - came) / came if came > 0 else None
