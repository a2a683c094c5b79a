import json
from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from odoo.addons.credit_control.core.ageing import AgeingScale
from odoo.addons.credit_control.models.company_day import company_today
from odoo.addons.credit_control.models.credit_open_item import DRAFTS, IS_OPEN
from odoo.addons.credit_control.models.receipt import IS_RECEIPT, is_claim_sql

from ..core.concentration import rank
from ..core.kpi import INDICATORS
from ..core.metrics import count_back_dso, month_end, months_back, percentage
from ..core.tables import (
    AMOUNT,
    COUNT,
    DAYS,
    GAUGE,
    GOAL,
    PERCENT,
    TEXT,
    Chart,
    Column,
    Report,
    Row,
    Series,
    Table,
    choose_columns,
)
from .credit_report_concentration import OVERDUE
from .credit_report_tables import Asked

TONES = ("grey", "amber", "orange", "red")
# How many months of sales are read for the DSO: a few, and more where they don't make up what is open.
SALES_MONTHS = (6, 24)
AGE_MONTHS = 12
PROMISE_DAYS, LARGEST, PORTFOLIOS = 7, 10, 15
REPORTS = "credit_control_reporting."
# The blocks that are made of what the tiles have read: they come with them.
WITH_FIGURES = ("portfolios", "largest")
# The indicator that a tile shows: its past is written down, and it may have a target.
SHOWN = {
    "open": "receivables",
    "overdue": "overdue_share",
    "old": "at_risk_share",
    "dso": "dso_count_back",
    "collected": "collected",
}
# There is room for so much of the largest customers.
LARGEST_COLUMNS = ("customer", "amount", "share")
# Of which shares of the past are worked out, several companies together.
PAST = ("receivables", "overdue", "at_risk", "dso_count_back")


class OpenNow(NamedTuple):
    """What a customer owes a company today, credits set off: all, what is overdue, for more than 90 days.

    ``aside`` is what they owe on accounts that aren't of trade; the others don't count it.
    """

    partner_id: int | None
    company_id: int
    amount: float
    overdue: float
    old: float
    aside: float
    portfolio_id: int | None


class CollectedNow(NamedTuple):
    """What came in this month from the customers of a portfolio, of it on overdue items; by then last month."""

    portfolio_id: int | None
    amount: float
    late: float
    earlier: float


class Known(NamedTuple):
    """What the tiles and the blocks beside them are made of: what is open, what came in, and the targets of today."""

    items: list[OpenNow]
    collected: list[CollectedNow]
    targets: dict


class CreditDashboard(models.AbstractModel):
    """The credit manager's page: first the page, then its figures at once, then charts that load by themselves.

    Each tile and chart opens the report that it comes from. As of today; what is open is read once, for the tiles and
    the blocks that are made of it, and everything else in one query each, whatever the size of the ledger.
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
            Row(
                tile["code"],
                (tile["label"], tile["value"], tile["note"], tile["trend"]["text"], tile["target"]["text"]),
                kind=tile["kind"],
            )
            for tile in self._prepare_tiles(asked, self._gather(asked))
        )
        columns = (
            Column("label", self.env._("Figure")),
            Column("value", self.env._("Value"), AMOUNT),
            Column("note", self.env._("Note"), TEXT),
            Column("trend", self.env._("Trend"), TEXT),
            Column("target", self.env._("Target"), TEXT),
        )
        notes = (self._get_scope_note(asked), format_date(self.env, company_today(self)))
        return Report(self._get_report_title(), notes, (Table("tiles", self._get_report_title(), columns, rows),))

    # -- the page ---------------------------------------------------------------------

    @api.readonly
    @api.model
    def get_dashboard(self) -> dict:
        """Return the page without figures: nothing of the ledger is read, so it stands there at once."""
        asked = self._read_asked({})
        self._check_asked(asked)
        return {
            "currency_id": self._get_currency(asked).id,
            "note": self._get_scope_note(asked),
            "favourites": self._get_favourites(),
            "blocks": [
                {"code": code, "title": title, "with_figures": code in WITH_FIGURES}
                for code, title in self._get_blocks().items()
            ],
        }

    @api.readonly
    @api.model
    def get_figures(self) -> dict:
        """Return the tiles, and by code the blocks that are made of the same open items: see :meth:`get_block`."""
        asked = self._read_asked({})
        self._check_asked(asked)
        known = self._gather(asked)
        return {
            "tiles": self._prepare_tiles(asked, known),
            "blocks": {
                code: self._prepare_block(*getattr(self, f"_build_{code}")(asked, known)) for code in WITH_FIGURES
            },
        }

    @api.readonly
    @api.model
    def get_block(self, code: str) -> dict:
        """Return a block: ``charts`` and ``tables`` as reports have them, the XML id of the ``action`` behind it."""
        asked = self._read_asked({})
        self._check_asked(asked)
        if code not in self._get_blocks() or code in WITH_FIGURES:
            raise UserError(self.env._("There is no block called %s.", code))
        return self._prepare_block(*getattr(self, f"_build_{code}")(asked))

    def _prepare_block(self, action, charts, tables):
        return {
            "action": action,
            "charts": [self._prepare_chart(chart) for chart in charts],
            "tables": [self._prepare_table(table, LARGEST) for table in tables],
        }

    def _get_favourites(self):
        """Return the reports that the user has kept under a name, with what they are asked."""
        domain = [("model_id", "in", list(self._get_reports())), ("user_ids", "=", self.env.uid)]
        found = self.env["ir.filters"].search_read(domain, ["name", "model_id", "context"], order="name")
        tags = {model: self._get_screen_tag(model) for model in {one["model_id"] for one in found}}
        return [
            {
                "id": one["id"],
                "name": one["name"],
                "model": one["model_id"],
                "tag": tags[one["model_id"]],
                "values": _read_values(one["context"]),
            }
            for one in found
        ]

    def _get_screen_tag(self, model):
        """Return which screen of the web client shows a report; "" where none does."""
        action = self.env[model]._get_report_action()
        return self.env.ref(action).sudo().tag if action else ""

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

    def _gather(self, asked):
        targets = self.env["credit.kpi.target"]._get_targets(asked.company_ids, SHOWN.values(), company_today(self))
        return Known(self._query_open(asked), self._query_collected(asked, company_today(self)), targets)

    def _prepare_tiles(self, asked, known):
        """Return the tiles: ``{code, label, value, kind, note, action, tone, trend, target}``.

        ``trend`` and ``target`` are ``{text, tone}``, with empty texts where nothing is known of them.
        """
        today = company_today(self)
        tiles = (
            *self._get_open_tiles(asked, today, known.items),
            self._get_collected_tile(asked, known.collected),
            self._get_promise_tile(asked, today),
            self._get_dispute_tile(asked, today),
            self._get_hold_tile(asked),
        )
        tiles = [tile for tile in tiles if tile]
        self._add_trends(asked, today, tiles)
        self._add_targets(asked, tiles, known.targets)
        return tiles

    def _add_trends(self, asked, today, tiles):
        """Say of each tile that shows an indicator how it moved since the end of last month."""
        since = today.replace(day=1) - timedelta(days=1)
        past = self._get_past(asked, since)
        for tile in tiles:
            before = past.get(SHOWN.get(tile["code"]))
            if before is not None and tile["value"] is not None:
                tile["trend"] = self._get_trend(tile, before, since)

    def _get_past(self, asked, day):
        """Return ``{indicator: value}`` of the end of a month, as written down; what can't be said isn't in it."""
        companies = self.env["res.company"].browse(asked.company_ids)
        found = self.env["credit.kpi.snapshot"]._read_month_end(companies, day, PAST)
        if len(found.get("receivables", ())) != len(companies):
            return {}
        owed, overdue, old = (sum(found.get(code, ())) for code in PAST[:3])
        return {
            "receivables": owed,
            "overdue_share": percentage(overdue, owed),
            "at_risk_share": percentage(old, owed),
            # Of several companies it isn't the sum, nor an average.
            "dso_count_back": found.get("dso_count_back", [None])[0] if len(companies) == 1 else None,
        }

    def _get_trend(self, tile, before, since):
        """Return the trend of a tile: an amount in percent, a share in points, days in days."""
        change = tile["value"] - before
        if tile["kind"] == AMOUNT:
            change = percentage(change, before) or 0.0
        change = round(change, 1)
        # More that is owed may be more that was sold: it is neither good nor bad.
        tone = "" if tile["code"] == "open" or not change else "red" if change > 0 else "green"
        day = format_date(self.env, since, date_format="d MMM")
        return {"text": self._write_trend(tile["kind"], change, day), "tone": tone}

    def _write_trend(self, kind, change, day):
        written = self._write_change(change)
        if kind == AMOUNT:
            return self.env._("%(change)s %% since %(day)s", change=written, day=day)
        if kind == PERCENT:
            return self.env._("%(change)s points since %(day)s", change=written, day=day)
        return self.env._("%(change)s days since %(day)s", change=written, day=day)

    def _write_change(self, change):
        sign = "+" if change > 0 else "−" if change < 0 else ""
        return f"{sign}{self._write_number(abs(change))}"

    def _add_targets(self, asked, tiles, targets):
        for tile in tiles:
            code = SHOWN.get(tile["code"])
            target = targets.get((code, False))
            if target is None or tile["value"] is None:
                continue
            is_met = tile["value"] <= target if INDICATORS[code].better == "low" else tile["value"] >= target
            text = self.env._("target: %s", self._write_target(asked, tile["kind"], target))
            # A month's target may still be reached until its end.
            is_running = code == "collected" and company_today(self) < month_end(company_today(self))
            tile["target"] = {"text": text, "tone": "green" if is_met else "" if is_running else "red"}

    def _write_target(self, asked, kind, target):
        if kind == AMOUNT:
            return self._get_currency(asked).format(target)
        number = self._write_number(target)
        return f"{number} %" if kind == PERCENT else self.env._("%s days", number)

    def _query_open(self, asked):
        """Return the :class:`OpenNow` of every customer and company."""
        self.env.flush_all()
        items = self.env["credit.open.item"]._get_ledger_items_sql(company_today(self), asked.company_ids)
        rows = self._query(
            """
            SELECT item.*, debtor.portfolio_id
              FROM (
                SELECT partner_id, company_id,
                       COALESCE(SUM(amount_residual) FILTER (WHERE NOT non_trade), 0)::float8,
                       COALESCE(SUM(amount_residual) FILTER (WHERE NOT non_trade AND days_overdue > 0), 0)::float8,
                       COALESCE(SUM(amount_residual) FILTER (WHERE NOT non_trade AND days_overdue > 90), 0)::float8,
                       COALESCE(SUM(amount_residual) FILTER (WHERE non_trade), 0)::float8
                  FROM (%(items)s) item
                 GROUP BY partner_id, company_id
              ) item
         LEFT JOIN credit_debtor debtor ON debtor.partner_id = item.partner_id AND debtor.company_id = item.company_id
            """,
            items=items,
        )
        return [OpenNow(*row) for row in rows]

    def _get_open_tiles(self, asked, today, found):
        """Return outstanding, the share that is overdue, the DSO and what is insured: from open items and sales."""
        total, overdue, old = (sum(getattr(one, name) for one in found) for name in ("amount", "overdue", "old"))
        env, write = self.env, self._get_currency(asked).format
        dso, best = self._get_dso(asked, today, (total, total - overdue))
        aged = f"{REPORTS}credit_aged_balance_action"
        old_words = env._("older than 90 days: %s", write(old))
        best_words = env._("best possible: %s days", round(best.days))
        return (
            _tile("open", env._("Outstanding"), round(total, 2), AMOUNT, self._get_aside_note(asked, found), aged),
            _tile("overdue", env._("Overdue"), percentage(overdue, total), PERCENT, write(overdue), aged, "amber"),
            _tile("old", env._("At risk"), percentage(old, total), PERCENT, old_words, aged, "red"),
            _tile("dso", env._("DSO (count-back)"), dso.days if total > 0 else None, DAYS, best_words, aged),
            self._get_insured_tile(asked, found, total),
        )

    def _get_aside_note(self, asked, found):
        """Return what the aged balance counts besides; "" where there is nothing."""
        currency, aside = self._get_currency(asked), sum(one.aside for one in found)
        if currency.is_zero(aside):
            return ""
        return self.env._("without %s on accounts that aren't of trade", currency.format(aside))

    def _get_insured_tile(self, asked, found, total):
        """Return the share of the outstanding that insurers bear; none where nobody is insured."""
        facts = self.env["credit.insurance.facts"].sudo()
        companies = self.env["res.company"].browse(asked.company_ids).filtered(facts._is_used)
        if not companies:
            return None
        insured = sum(
            split.insured
            for company in companies
            for split in facts._get_insured(company, _get_debts(found, company)).values()
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

    def _query_collected(self, asked, today):
        """Return the :class:`CollectedNow` of every portfolio, and of the customers of none."""
        first, before = today.replace(day=1), today - relativedelta(months=1)
        rows = self._query(
            """
            SELECT debtor.portfolio_id,
                   COALESCE(SUM(partial.amount) FILTER (WHERE partial.max_date >= %(first)s), 0)::float8,
                   COALESCE(SUM(partial.amount) FILTER (
                       WHERE partial.max_date >= %(first)s
                         AND partial.max_date > COALESCE(line.date_maturity, line.date)), 0)::float8,
                   COALESCE(SUM(partial.amount) FILTER (WHERE partial.max_date <= %(before)s), 0)::float8
              FROM account_partial_reconcile partial
             -- Of two months: both sides of each are looked up, where the database would rather read the whole ledger.
             CROSS JOIN LATERAL (
                   SELECT claim.*
                     FROM account_move_line claim
                     JOIN account_account account ON account.id = claim.account_id
                     JOIN account_journal claimed ON claimed.id = claim.journal_id
                    WHERE claim.id = partial.debit_move_id
                      AND claim.parent_state = 'posted'
                      AND account.account_type = 'asset_receivable'
                      AND account.non_trade IS NOT TRUE
                      AND %(is_claim)s
                   OFFSET 0) line
             CROSS JOIN LATERAL (
                   SELECT
                     FROM account_move_line credit
                     JOIN account_journal journal ON journal.id = credit.journal_id
                    WHERE credit.id = partial.credit_move_id
                      AND credit.parent_state = 'posted'
                      AND %(is_receipt)s
                   OFFSET 0) receipt
         LEFT JOIN res_partner partner ON partner.id = line.partner_id
         LEFT JOIN credit_debtor debtor ON debtor.partner_id = partner.commercial_partner_id
                                       AND debtor.company_id = line.company_id
             WHERE partial.company_id = ANY(%(companies)s)
               AND partial.max_date BETWEEN %(start)s AND %(today)s
             GROUP BY debtor.portfolio_id
            """,
            companies=list(asked.company_ids),
            first=first,
            before=before,
            start=before.replace(day=1),
            today=today,
            is_claim=is_claim_sql("claim", "claimed"),
            is_receipt=IS_RECEIPT,
        )
        return [CollectedNow(*row) for row in rows]

    def _get_collected_tile(self, asked, found):
        """Return what came in this month, of it on overdue items, and how much more that is than by then last month."""
        amount, late, earlier = (sum(getattr(one, name) for one in found) for name in ("amount", "late", "earlier"))
        note = self.env._("of it overdue: %s", self._get_currency(asked).format(late))
        label, action = self.env._("Collected this month"), f"{REPORTS}credit_report_team_action"
        return _tile(
            "collected",
            label,
            round(amount, 2),
            AMOUNT,
            note,
            action,
            "green",
            self._get_collected_trend(amount, earlier),
        )

    def _get_collected_trend(self, amount, earlier):
        if earlier <= 0:
            return None
        change = round(percentage(amount - earlier, earlier), 1)
        text = self.env._("%s %% on last month by this day", self._write_change(change))
        return {"text": text, "tone": "green" if change > 0 else "red" if change < 0 else ""}

    def _get_promise_tile(self, asked, today):
        last = today + timedelta(days=PROMISE_DAYS)
        domain = [("company_id", "in", asked.company_ids), ("state", "=", "open"), ("date", "<=", last)]
        [(number, amount)] = self.env["credit.promise"]._read_group(domain, [], ["__count", "amount:sum"])
        note = self.env._("%(number)s promises within %(days)s days", number=number, days=PROMISE_DAYS)
        action = "credit_control.credit_promise_action"
        return _tile("promises", self.env._("Promises due"), amount or 0.0, AMOUNT, note, action, "blue")

    def _get_dispute_tile(self, asked, today):
        domain = [("company_id", "in", asked.company_ids), ("state", "=", "open")]
        days = self.env["credit.dispute"]._read_group(domain, ["deadline:day"], ["__count"])
        late = sum(count for deadline, count in days if deadline and deadline < today)
        note = self.env._("of %s open ones", sum(count for _deadline, count in days))
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
        label = self._get_bucket_heading
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

        What was open on a day is what is open now, and what was reconciled after that day or with a draft.
        """
        self.env["credit.open.item"]._flush_sources()
        return self._query(
            """
            WITH day AS (SELECT unnest(%(days)s::date[]) AS day),
            part AS (
                SELECT line.date, COALESCE(line.date_maturity, line.date) AS due, line.amount_residual AS amount,
                       NULL::date AS until
                  FROM account_move_line line
                 WHERE %(is_open)s
                   AND %(is_claim)s
                 UNION ALL
                SELECT line.date, COALESCE(line.date_maturity, line.date), undone.amount, undone.until
                  FROM (%(undone)s) undone
                  JOIN account_move_line line ON line.id = undone.debit_move_id
                 WHERE %(is_claim)s
                   AND (undone.until IS NULL OR COALESCE(line.date_maturity, line.date) + 1 < undone.until)
            )
            SELECT day.day, %(case)s, SUM(part.amount)::float8
              FROM day
              JOIN part ON part.due < day.day AND part.date <= day.day AND (part.until IS NULL OR part.until > day.day)
             GROUP BY 1, 2
            """,
            days=days,
            is_open=IS_OPEN,
            is_claim=self._get_claim_sql(asked, days[-1]),
            undone=self._get_undone_sql(days[0]),
            case=SQL(scale.sql_case("(day.day - part.due)")),
        )

    def _get_claim_sql(self, asked, last):
        """Return the condition that ``line`` claims something that was due before ``last``."""
        return SQL(
            """
            line.account_id = ANY(ARRAY(SELECT id FROM account_account
                                         WHERE account_type = 'asset_receivable' AND non_trade IS NOT TRUE))
            AND line.parent_state = 'posted'
            AND line.balance > 0
            AND line.company_id = ANY(%(companies)s)
            AND COALESCE(line.date_maturity, line.date) < %(last)s
            """,
            companies=list(asked.company_ids),
            last=last,
        )

    def _get_undone_sql(self, first):
        """Return what reconciliations took that don't count on ``first``, and until when it was open; None: today."""
        return SQL(
            """
            SELECT debit_move_id, amount, max_date AS until
              FROM account_partial_reconcile
             WHERE max_date > %(first)s
               AND credit_move_id <> ALL(ARRAY(%(drafts)s))
             UNION ALL
            SELECT debit_move_id, amount, NULL
              FROM account_partial_reconcile
             WHERE credit_move_id = ANY(ARRAY(%(drafts)s))
            """,
            first=first,
            drafts=DRAFTS,
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

    def _build_largest(self, asked, known):
        """Return the customers with the largest overdue: the first lines of the concentration of it."""
        report = self.env["credit.report.concentration"]
        overdue = defaultdict(float)
        for one in known.items:
            if one.partner_id:
                overdue[one.partner_id] += one.overdue
        table = report._build_customers(Asked(asked.company_ids, {"measure": OVERDUE}), rank(overdue)[:LARGEST])
        return f"{REPORTS}credit_report_concentration_action", (), (choose_columns(table, LARGEST_COLUMNS),)

    def _build_portfolios(self, _asked, known):
        """Return what is not due and overdue of each portfolio, the most overdue first, and against its target."""
        sums = defaultdict(lambda: [0.0, 0.0])
        for one in known.items:
            if one.amount or one.overdue:
                sums[one.portfolio_id][0] += one.amount - one.overdue
                sums[one.portfolio_id][1] += one.overdue
        shown = sorted(sums.items(), key=lambda pair: -pair[1][1])[:PORTFOLIOS]
        names = self._get_names("credit.portfolio", [key for key, _amounts in shown])
        none = self.env._("(none)")
        shown = [(key, names.get(key, none), *amounts) for key, amounts in shown]
        series = (
            Series(self.env._("Not due"), tuple(round(current, 2) for _key, _name, current, _late in shown), "grey"),
            Series(self.env._("Overdue"), tuple(round(late, 2) for _key, _name, _current, late in shown), "red"),
        )
        labels = tuple(name for _key, name, _current, _late in shown)
        chart = Chart("stack", self._get_blocks()["portfolios"], labels, series)
        tables = (*self._build_against_targets(shown, known.targets), *self._build_collected(known))
        return f"{REPORTS}credit_aged_balance_action", (chart,), tables

    def _build_against_targets(self, shown, targets):
        """Return the table of the overdue share of portfolios beside their target; none where nobody set one.

        A portfolio without a target of its own has that of all.
        """
        common = targets.get(("overdue_share", False))
        rows = tuple(
            _get_gauge(key, name, percentage(late, current + late), targets.get(("overdue_share", key), common))
            for key, name, current, late in shown
        )
        env = self.env
        columns = (
            Column("portfolio", env._("Portfolio")),
            Column("share", env._("Overdue share"), PERCENT),
            Column("target", env._("Target"), PERCENT),
            Column("gauge", env._("Of the target"), GAUGE),
        )
        has_targets = any(row.cells[2] is not None for row in rows)
        return (Table("targets", env._("Portfolios"), columns, rows),) if has_targets else ()

    def _build_collected(self, known):
        """Return the table of what came in this month beside the month's target of portfolios that have one.

        The target of all customers isn't that of each portfolio: an amount is for all of them together.
        """
        targets = {key: target for (code, key), target in known.targets.items() if code == "collected" and key}
        amounts = {one.portfolio_id: one.amount for one in known.collected}
        names = self._get_names("credit.portfolio", list(targets))
        shown = sorted(targets, key=lambda key: amounts.get(key, 0.0) / targets[key] if targets[key] else 0.0)
        rows = tuple(
            _get_gauge(key, names[key], round(amounts.get(key, 0.0), 2), targets[key]) for key in shown[:PORTFOLIOS]
        )
        env = self.env
        columns = (
            Column("portfolio", env._("Portfolio")),
            Column("collected", env._("Collected this month"), AMOUNT),
            Column("target", env._("Target"), AMOUNT),
            Column("reached", env._("Of the target"), GOAL),
        )
        return (Table("collected", env._("Collected this month"), columns, rows),) if rows else ()


def _get_debts(found, company):
    """Return ``{customer: what they owe the company}`` of those who owe something."""
    return {
        one.partner_id: one.amount
        for one in found
        if one.company_id == company.id and one.partner_id and one.amount > 0
    }


def _read_values(context):
    """Return what a favourite asks; nothing where it can't be read."""
    try:
        values = json.loads(json.loads(context)["options"])
    except (KeyError, TypeError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _get_gauge(key, name, share, target):
    """Return the row of a portfolio: 100 is the target, more is missing it."""
    gauge = None if share is None or target is None else percentage(share, target)
    return Row(key or 0, (name, share, target, gauge))


def _tile(code, label, value, kind, note, action, tone="", trend=None):
    return {
        "code": code,
        "label": label,
        "value": value,
        "kind": kind,
        "note": note,
        "action": action,
        "tone": tone,
        "trend": trend or {"text": "", "tone": ""},
        "target": {"text": "", "tone": ""},
    }
