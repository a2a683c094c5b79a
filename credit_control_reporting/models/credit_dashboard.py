import json
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from odoo.addons.credit_control.core.ageing import AgeingScale
from odoo.addons.credit_control.models.company_day import company_today

from ..core.metrics import count_back_dso, month_end, months_back, percentage
from ..core.tables import AMOUNT, COUNT, DAYS, PERCENT, TEXT, Chart, Column, Report, Row, Series, Table

TONES = ("grey", "amber", "orange", "red")
# How many months of sales are read for the DSO: a few, and more where they don't make up what is open.
SALES_MONTHS = (6, 24)
AGE_MONTHS = 12
PROMISE_DAYS, LARGEST = 7, 10
REPORTS = "credit_control_reporting."


class CreditDashboard(models.AbstractModel):
    """The credit manager's page: a few figures at once, and below them charts that load by themselves.

    Each tile and chart opens the report that it comes from. As of today; the figures of the tiles come of one query
    each, whatever the size of the ledger.
    """

    _name = "credit.report.dashboard"
    _inherit = ["credit.report.tables"]
    _description = "Dashboard"

    def _get_report_title(self):
        return self.env._("Dashboard")

    def _get_questions(self):
        return ()

    def _build(self, asked):
        """Return the tiles as a table: what a workbook or a mail shows of the page."""
        rows = tuple(
            Row(tile["code"], (tile["label"], tile["value"], tile["note"]), kind=tile["kind"])
            for tile in self._prepare_tiles(asked)
        )
        columns = (
            Column("label", self.env._("Figure")),
            Column("value", self.env._("Value"), AMOUNT),
            Column("note", self.env._("Note"), TEXT),
        )
        notes = (self._get_scope_note(asked), format_date(self.env, company_today(self)))
        return Report(self._get_report_title(), notes, (Table("tiles", self._get_report_title(), columns, rows),))

    # -- the page ---------------------------------------------------------------------

    @api.readonly
    @api.model
    def get_dashboard(self) -> dict:
        """Return the tiles, and the codes of the blocks that the page asks for one by one."""
        asked = self._read_asked({})
        self._check_asked(asked)
        return {
            "currency_id": self._get_currency(asked).id,
            "note": self._get_scope_note(asked),
            "tiles": self._prepare_tiles(asked),
            "favourites": self._get_favourites(),
            "blocks": [{"code": code, "title": title} for code, title in self._get_blocks().items()],
        }

    @api.readonly
    @api.model
    def get_block(self, code: str) -> dict:
        """Return a block: ``charts`` and ``tables`` as reports have them, the XML id of the ``action`` behind it."""
        asked = self._read_asked({})
        self._check_asked(asked)
        if code not in self._get_blocks():
            raise UserError(self.env._("There is no block called %s.", code))
        action, charts, tables = getattr(self, f"_build_{code}")(asked)
        return {
            "action": action,
            "charts": [self._prepare_chart(chart) for chart in charts],
            "tables": [self._prepare_table(table, LARGEST) for table in tables],
        }

    def _get_favourites(self):
        """Return the reports that the user has kept under a name, with what they are asked."""
        models_of = sorted(self.env.registry["credit.report.tables"]._inherit_children)
        domain = [("model_id", "in", models_of), ("user_ids", "=", self.env.uid)]
        found = self.env["ir.filters"].search_read(domain, ["name", "model_id", "context"], order="name")
        return [
            {"id": one["id"], "name": one["name"], "model": one["model_id"], "values": _read_values(one["context"])}
            for one in found
        ]

    def _get_blocks(self):
        env = self.env
        return {
            "ages": env._("Overdue by age, twelve months"),
            "receipts": env._("Receipts by week"),
            "causes": env._("Causes of delay"),
            "portfolios": env._("Portfolios"),
            "largest": env._("Largest overdue"),
        }

    # -- tiles ------------------------------------------------------------------------

    def _prepare_tiles(self, asked):
        self.env.flush_all()
        today = company_today(self)
        tiles = (
            *self._get_open_tiles(asked, today),
            self._get_collected_tile(asked, today),
            self._get_promise_tile(asked, today),
            self._get_dispute_tile(asked, today),
            self._get_hold_tile(asked),
        )
        return [tile for tile in tiles if tile]

    def _get_open_tiles(self, asked, today):
        """Return outstanding, the share that is overdue, the DSO and what is insured: from open items and sales."""
        rows = self._query_open(asked, today)
        total, overdue, old = (sum(row[place] for row in rows) for place in (2, 3, 4))
        env, write = self.env, self._get_currency(asked).format
        dso, best = self._get_dso(asked, today, (total, total - overdue))
        aged = f"{REPORTS}credit_aged_balance_action"
        old_words = env._("older than 90 days: %s", write(old))
        best_words = env._("best possible: %s days", round(best.days))
        return (
            _tile("open", env._("Outstanding"), round(total, 2), AMOUNT, "", aged),
            _tile("overdue", env._("Overdue"), percentage(overdue, total), PERCENT, write(overdue), aged, "amber"),
            _tile("old", env._("At risk"), percentage(old, total), PERCENT, old_words, aged, "red"),
            _tile("dso", env._("DSO (count-back)"), dso.days if total > 0 else None, DAYS, best_words, aged),
            self._get_insured_tile(asked, rows, total),
        )

    def _query_open(self, asked, today):
        """Return [(customer, company, open, overdue, overdue for more than 90 days)], credits set off."""
        return self._query(
            """
            SELECT partner_id, company_id,
                   SUM(amount_residual)::float8,
                   COALESCE(SUM(amount_residual) FILTER (WHERE days_overdue > 0), 0)::float8,
                   COALESCE(SUM(amount_residual) FILTER (WHERE days_overdue > 90), 0)::float8
              FROM (%(items)s) item
             WHERE NOT non_trade
             GROUP BY partner_id, company_id
            """,
            items=self._get_items_sql(asked, today),
        )

    def _get_insured_tile(self, asked, rows, total):
        """Return the share of the outstanding that insurers bear; none where nobody is insured."""
        facts = self.env["credit.insurance.facts"].sudo()
        companies = self.env["res.company"].browse(asked.company_ids).filtered(facts._is_used)
        if not companies:
            return None
        insured = sum(
            split.insured
            for company in companies
            for split in facts._get_insured(
                company, {row[0]: row[2] for row in rows if row[1] == company.id and row[0] and row[2] > 0}
            ).values()
        )
        note, action = self._get_currency(asked).format(insured), "credit_control.credit_insurance_guarantee_action"
        return _tile("insured", self.env._("Insured"), percentage(insured, total), PERCENT, note, action, "green")

    def _get_dso(self, asked, today, amounts):
        """Return the count-back DSO of some amounts; older sales are read only where the last months don't do."""
        for count in SALES_MONTHS:
            months = months_back(today, dict(self._query_sales(asked, today, count)), count)
            found = [count_back_dso(amount, months) for amount in amounts]
            if not any(one.is_beyond for one in found):
                break
        return found

    def _query_sales(self, asked, today, count):
        """Return [(first of the month, sales with VAT)]: the DSO compares what is open with VAT to them."""
        since = month_end(today - relativedelta(months=count))
        return self._query(
            "SELECT DATE_TRUNC('month', date)::date, SUM(amount) FROM (%(sales)s) sale GROUP BY 1",
            sales=self._get_sales_sql(asked, since, today, with_tax=True),
        )

    def _get_collected_tile(self, asked, today):
        companies = self.env["res.company"].sudo().browse(asked.company_ids)
        [(amount, late)] = self._query(
            """
            SELECT COALESCE(SUM(partial.amount), 0)::float8,
                   COALESCE(SUM(partial.amount) FILTER (
                       WHERE partial.max_date > COALESCE(line.date_maturity, line.date)), 0)::float8
              FROM account_partial_reconcile partial
              JOIN account_move_line line ON line.id = partial.debit_move_id AND line.parent_state = 'posted'
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move_line credit ON credit.id = partial.credit_move_id AND credit.parent_state = 'posted'
              JOIN account_journal journal ON journal.id = credit.journal_id
             WHERE partial.company_id = ANY(%(companies)s)
               AND partial.max_date BETWEEN %(first)s AND %(today)s
               AND account.account_type = 'asset_receivable'
               AND account.non_trade IS NOT TRUE
               AND journal.type <> 'sale'
               AND journal.id <> ALL(%(exchange)s)
            """,
            companies=list(asked.company_ids),
            first=today.replace(day=1),
            today=today,
            exchange=companies.currency_exchange_journal_id.ids,
        )
        note = self.env._("of it overdue: %s", self._get_currency(asked).format(late))
        label, action = self.env._("Collected this month"), f"{REPORTS}credit_report_team_action"
        return _tile("collected", label, amount, AMOUNT, note, action, "green")

    def _get_promise_tile(self, asked, today):
        last = today + timedelta(days=PROMISE_DAYS)
        domain = [("company_id", "in", asked.company_ids), ("state", "=", "open"), ("date", "<=", last)]
        [(number, amount)] = self.env["credit.promise"]._read_group(domain, [], ["__count", "amount:sum"])
        note = self.env._("%(number)s promises within %(days)s days", number=number, days=PROMISE_DAYS)
        action = "credit_control.credit_promise_action"
        return _tile("promises", self.env._("Promises due"), amount or 0.0, AMOUNT, note, action, "blue")

    def _get_dispute_tile(self, asked, today):
        domain = [("company_id", "in", asked.company_ids), ("state", "=", "open")]
        disputes = self.env["credit.dispute"]
        late = disputes.search_count([*domain, ("deadline", "<", today)])
        note = self.env._("of %s open ones", disputes.search_count(domain))
        action = "credit_control.credit_dispute_action"
        return _tile("disputes", self.env._("Disputes late"), late, COUNT, note, action, "violet")

    def _get_hold_tile(self, asked):
        holds = self.env["credit.hold"].search_count([("company_id", "in", asked.company_ids), ("state", "=", "open")])
        return _tile("holds", self.env._("Held documents"), holds, COUNT, "", "credit_control.credit_hold_action")

    # -- blocks -----------------------------------------------------------------------

    def _build_ages(self, asked):
        """Return what was overdue at the last month ends and is today, by age; credits aren't set off."""
        scale = AgeingScale.parse(self.env.company.credit_ageing_edges)
        days = self._get_age_days()
        amounts = {(day, code): amount for day, code, amount in self._query_ages(asked, scale, days)}
        label = self.env["credit.debtor"]._get_bucket_label
        series = tuple(
            Series(label(code), tuple(amounts.get((day, code), 0.0) for day in days), TONES[min(place, 3)])
            for place, code in enumerate(scale.codes[1:], 1)
        )
        labels = tuple(day.strftime("%m/%Y") for day in days)
        chart = Chart("stack", self._get_blocks()["ages"], labels, series)
        return f"{REPORTS}credit_aged_balance_action", (chart,), ()

    def _get_age_days(self):
        """Return the last month ends, and today."""
        today = company_today(self)
        return [month_end(today - relativedelta(months=back)) for back in range(AGE_MONTHS - 1, 0, -1)] + [today]

    def _query_ages(self, asked, scale, days):
        """Return [(day, bucket, overdue)] of some days in one pass.

        What was open on a day is what is open now, and what reconciliations after that day took.
        """
        self.env["credit.open.item"]._flush_sources()
        return self._query(
            """
            WITH day AS (SELECT unnest(%(days)s::date[]) AS day),
            line AS MATERIALIZED (
                SELECT line.id, line.date, COALESCE(line.date_maturity, line.date) AS due, line.amount_residual
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                 WHERE account.account_type = 'asset_receivable'
                   AND account.non_trade IS NOT TRUE
                   AND line.parent_state = 'posted'
                   AND line.balance > 0
                   AND line.company_id = ANY(%(companies)s)
                   AND COALESCE(line.date_maturity, line.date) < %(last)s
                   AND (line.reconciled IS NOT TRUE OR line.id IN (
                        SELECT debit_move_id FROM account_partial_reconcile WHERE max_date > %(first)s))
            ),
            part AS (
                SELECT id, date, due, amount_residual AS amount, NULL::date AS until
                  FROM line
                 WHERE amount_residual <> 0
                 UNION ALL
                SELECT line.id, line.date, line.due, partial.amount, partial.max_date
                  FROM line
                  JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
                 WHERE partial.max_date > %(first)s
            )
            SELECT day.day, %(case)s, SUM(part.amount)::float8
              FROM day
              JOIN part ON part.due < day.day AND part.date <= day.day AND (part.until IS NULL OR part.until > day.day)
             GROUP BY 1, 2
            """,
            days=days,
            first=days[0],
            last=days[-1],
            companies=list(asked.company_ids),
            case=SQL(scale.sql_case("(day.day - part.due)")),
        )

    def _build_receipts(self, _asked):
        report = self.env["credit.report.receipts"]
        asked = report._read_asked({})
        table = report._build_weeks(asked, report._gather(asked))
        return f"{REPORTS}credit_report_receipts_action", (report._build_bars(asked, table),), ()

    def _build_causes(self, _asked):
        report = self.env["credit.report.causes"]
        asked = report._read_asked({})
        table = report._build_delay(asked)
        return f"{REPORTS}credit_report_causes_action", (report._build_chart(table),), ()

    def _build_largest(self, _asked):
        report = self.env["credit.report.concentration"]
        asked = report._read_asked({"measure": "overdue"})
        places = report._rank(asked)[:LARGEST]
        return f"{REPORTS}credit_report_concentration_action", (), (report._build_customers(asked, places),)

    def _build_portfolios(self, asked):
        """Return what is not due and overdue of each portfolio."""
        rows = self._query(
            """
            SELECT debtor.portfolio_id,
                   COALESCE(SUM(item.amount_residual) FILTER (WHERE item.days_overdue <= 0), 0)::float8,
                   COALESCE(SUM(item.amount_residual) FILTER (WHERE item.days_overdue > 0), 0)::float8
              FROM (%(items)s) item
         LEFT JOIN credit_debtor debtor ON debtor.partner_id = item.partner_id AND debtor.company_id = item.company_id
             WHERE NOT item.non_trade
             GROUP BY debtor.portfolio_id
             ORDER BY 3 DESC
             LIMIT 15
            """,
            items=self._get_items_sql(asked, company_today(self)),
        )
        names = self._get_names("credit.portfolio", [row[0] for row in rows])
        series = (
            Series(self.env._("Not due"), tuple(row[1] for row in rows), "grey"),
            Series(self.env._("Overdue"), tuple(row[2] for row in rows), "red"),
        )
        labels = tuple(names.get(row[0], self.env._("(none)")) for row in rows)
        chart = Chart("stack", self._get_blocks()["portfolios"], labels, series)
        return f"{REPORTS}credit_aged_balance_action", (chart,), ()


def _read_values(context):
    """Return what a favourite asks; nothing where it can't be read."""
    try:
        values = json.loads(json.loads(context)["options"])
    except (KeyError, TypeError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _tile(code, label, value, kind, note, action, tone=""):
    return {"code": code, "label": label, "value": value, "kind": kind, "note": note, "action": action, "tone": tone}
