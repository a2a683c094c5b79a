from dataclasses import replace

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..core.kpi import INDICATORS
from ..core.metrics import days_gained
from ..core.tables import AMOUNT, DAYS, PERCENT, TEXT, Chart, Column, Question, Report, Row, Series, Table
from .credit_aged_axis import AXES
from .credit_kpi import KPI_AXES, PERIODS, KpiOptions
from .credit_kpi_source import RISK_DAYS

# What is shown together: more columns than these don't fit on a page.
SETS = {
    "main": (
        "receivables",
        "overdue",
        "overdue_share",
        "sales",
        "dso_count_back",
        "dso_count_back_best",
        "delay",
        "late_rate_value",
        "collected",
    ),
    "dso": (
        "receivables",
        "sales",
        "dso",
        "dso_best",
        "delinquent_days",
        "dso_count_back",
        "dso_count_back_best",
        "turnover",
    ),
    "payment": (
        "collected",
        "collected_overdue",
        "days_to_pay",
        "delay",
        "late_rate",
        "late_rate_value",
        "effectiveness",
    ),
    "risk": ("receivables", "not_due", "overdue", "overdue_share", "at_risk", "at_risk_share", "bad_debt"),
    "disputes": (
        "disputed_share",
        "dispute_rate",
        "dispute_days",
        "dispute_justified",
        "promises_kept",
        "promises_kept_value",
    ),
}
KINDS = {"amount": AMOUNT, "days": DAYS, "percent": PERCENT, "times": DAYS}
# What stands beside an indicator in its trend.
BESIDE = {"dso": "dso_best", "dso_count_back": "dso_count_back_best", "receivables": "overdue", "sales": "collected"}
# What a figure is made of: open items more than so many days late, or events of the period.
OPEN_ITEMS = {
    **dict.fromkeys(("receivables", "dso", "dso_count_back", "turnover", "effectiveness"), None),
    **dict.fromkeys(("overdue", "overdue_share", "delinquent_days"), 0),
    **dict.fromkeys(("at_risk", "at_risk_share"), RISK_DAYS),
}
EVENTS = {
    "sales": "sale",
    **dict.fromkeys(("collected", "collected_overdue", "days_to_pay", "delay"), "payment"),
    **dict.fromkeys(("late_rate", "late_rate_value"), "due"),
}
DISPUTES = frozenset({"disputed_share", "dispute_rate", "dispute_days", "dispute_justified"})
PROMISES = frozenset({"promises_kept", "promises_kept_value"})
OPENING = {*OPEN_ITEMS, *EVENTS, *DISPUTES, *PROMISES}
TRENDS = (12, 24, 36)
FIGURES, GAINS, FORMULAS = "figures", "gains", "formulas"


class CreditReportIndicators(models.AbstractModel):
    """The indicators by axis on a day, and the trend of one of them: see ``credit.kpi``."""

    _name = "credit.report.indicators"
    _inherit = ["credit.report.tables"]
    _description = "Indicators: DSO family, delays, rates"

    def _get_report_title(self):
        return self.env._("Indicators")

    # -- questions ------------------------------------------------------------------------

    def _get_questions(self):
        env = self.env
        labels = env["credit.kpi.words"]._get_kpi_labels()
        months = {months: env._("%s months", months) for months in {*PERIODS, *TRENDS}} | {1: env._("1 month")}
        part = self._ask_part()
        # Who hasn't made portfolios would see one line.
        usual = "portfolio" if any(code.startswith("portfolio:") for code, _words in part.choices) else "segment"
        return (
            self._ask_day(),
            Question("axis", env._("By"), "choice", usual, tuple(self._get_axis_choices())),
            part,
            Question("figures", env._("Figures"), "choice", "main", self._get_set_choices()),
            Question(
                "months",
                env._("Period"),
                "choice",
                str(env.company.credit_kpi_months if env.company.credit_kpi_months in PERIODS else 3),
                tuple((str(number), months[number]) for number in PERIODS),
            ),
            Question("trend", env._("Trend of"), "choice", "dso_count_back", tuple(labels.items())),
            Question("history", env._("Over"), "choice", "24", tuple((str(one), months[one]) for one in TRENDS)),
        )

    def _get_set_choices(self):
        env = self.env
        # A dict: of pairs in brackets, Odoo takes the codes for terms to translate.
        labels = {
            "main": env._("Main figures"),
            "dso": env._("DSO family"),
            "payment": env._("How customers pay"),
            "risk": env._("Overdue and risk"),
            "disputes": env._("Disputes and promises"),
        }
        return tuple(labels.items())

    def _get_kpi_options(self, asked, *filters):
        """Return what is asked of ``credit.kpi``; the trend has as many ends of months as were asked for."""
        part = self._get_part(asked)
        if part:
            filters = (part, *filters)
        return KpiOptions(
            asked["as_of"],
            asked.company_ids,
            asked["axis"],
            int(asked["months"]),
            int(asked["history"]),
            tuple(filters),
            self.env.company.credit_kpi_grace_days,
        )

    # -- the report -----------------------------------------------------------------------

    def _build(self, asked):
        options = self._get_kpi_options(asked)
        trend = asked["trend"]
        lines = [code for code in (trend, BESIDE.get(trend)) if code]
        codes = list(dict.fromkeys((*SETS[asked["figures"]], *lines)))
        kpi = self.env["credit.kpi"]
        series_of = kpi._get_series(options, codes)
        total = kpi._add_series(options, series_of.values())
        return Report(
            title=self._get_report_title(),
            notes=self._get_notes(asked, options),
            tables=(
                self._build_figures(asked, options, series_of, total),
                *self._build_gains(options, kpi, total, codes),
                self._build_formulas(options, codes),
            ),
            charts=(self._build_trend(options, total, lines),),
        )

    def _get_notes(self, asked, options):
        start = options.days[-1 - options.months]
        period = self.env._(
            "period of the indicators: from %(start)s to %(end)s, %(days)s days",
            start=format_date(self.env, fields.Date.add(start, days=1)),
            end=format_date(self.env, options.as_of),
            days=(options.as_of - start).days,
        )
        scope = self.env._(
            "trade receivable accounts, amounts in company currency, taxes included unless said otherwise"
        )
        return (f"{self._get_scope_note(asked)} · {self._get_day_note(asked)}", f"{period} · {scope}")

    def _build_figures(self, asked, options, series_of, total):
        env = self.env
        codes = SETS[asked["figures"]]
        labels = env["credit.kpi.words"]._get_kpi_labels()
        columns = (
            Column("name", dict(self._get_axis_choices())[options.axis]),
            *(
                Column(code, labels[code], KINDS[INDICATORS[code].unit], opens=code in OPENING, is_summed=False)
                for code in codes
            ),
        )
        names = self._get_key_names(options.axis, series_of)
        rows = [
            Row(key or 0, (names[key], *self._get_cells(options, series, codes))) for key, series in series_of.items()
        ]
        rows = sorted((row for row in rows if any(row.cells[1:])), key=_rank)
        last = Row(None, (env._("Total"), *self._get_cells(options, total, codes)))
        return Table(FIGURES, env._("Indicators"), columns, tuple(rows), last if rows else None, links=("customers",))

    def _get_axis_choices(self):
        return [(code, str(self.env._(AXES[code].label))) for code in KPI_AXES if code in AXES]

    def _get_key_names(self, axis, keys):
        """Return what the keys of an axis are called; a key may be several ids with commas between."""
        ids_of = {key: [int(part) for part in str(key).split(",")] if key else [] for key in keys}
        names = self._get_names(AXES[axis].model, {one for ids in ids_of.values() for one in ids})
        none = self.env._("(none)")
        return {key: ", ".join(names[one] for one in ids) or none for key, ids in ids_of.items()}

    def _get_cells(self, options, series, codes):
        return [_write(INDICATORS[code].value(series, -1, options.months)) for code in codes]

    def _build_gains(self, options, kpi, total, codes):
        """Return the table of what has a baseline or a target; none where nothing has."""
        rows = [row for code in codes if (row := self._build_gain(options, total, code))]
        env = self.env
        columns = (
            Column("name", env._("Indicator")),
            Column("now", env._("Now"), DAYS),
            Column("baseline", env._("Baseline"), DAYS),
            Column("gained", env._("Gained"), DAYS),
            Column("cash", env._("Cash gained"), AMOUNT),
            Column("target", env._("Target"), DAYS),
            Column("missing", env._("To the target"), DAYS),
        )
        note = env._("Cash gained = days gained × sales of the period per day, taxes included; of the DSO only.")
        return [Table(GAINS, env._("Against baseline and target"), columns, tuple(rows), note=note)] if rows else []

    def _build_gain(self, options, total, code):
        baseline, target = (self._get_in_force(options, code, kind)[-1] for kind in ("baseline", "target"))
        if baseline is None and target is None:
            return None
        indicator = INDICATORS[code]
        now = indicator.value(total, -1, options.months).amount
        sales = total.flow("sales", len(total.days) - 1, options.months)
        gained = days_gained(now, baseline, sales, total.length(len(total.days) - 1, options.months))
        better = -1 if indicator.better == "high" else 1
        return Row(
            code,
            (
                self.env["credit.kpi.words"]._get_kpi_labels()[code],
                now,
                baseline,
                better * gained[0] if gained else None,
                gained[1] if gained and code.startswith("dso") else None,
                target,
                None if now is None or target is None else max(0.0, better * (now - target)),
            ),
            # Days stand in columns of days, beside the cash that they are.
            kind="" if KINDS[indicator.unit] == DAYS else KINDS[indicator.unit],
        )

    def _get_in_force(self, options, code, kind):
        """Return the target or baseline of each day of the trend; a portfolio looked at alone may have its own.

        That of what adds up is for a month.
        """
        days = [options.days[place] for place in options.places]
        portfolio = dict(options.filters).get("portfolio", False)
        targets = self.env["credit.kpi.target"]
        values = targets._get_in_force(options.company_ids, code, kind, days, portfolio)
        factor = options.months if INDICATORS[code].is_flow else 1
        return [value if value is None else value * factor for value in values]

    def _build_trend(self, options, total, lines):
        env = self.env
        labels = env["credit.kpi.words"]._get_kpi_labels()
        days = [options.days[place] for place in options.places]
        series = [
            Series(
                labels[code],
                tuple(INDICATORS[code].value(total, place, options.months).amount for place in options.places),
                tone,
            )
            for code, tone in zip(lines, ("blue", "grey"), strict=False)
        ]
        for kind, label, tone in (("target", env._("Target"), "green"), ("baseline", env._("Baseline"), "amber")):
            values = self._get_in_force(options, lines[0], kind)
            if any(value is not None for value in values):
                series.append(Series(label, tuple(values), tone))
        names = tuple(format_date(env, day, date_format="MMM yyyy") for day in days)
        unit = KINDS[INDICATORS[lines[0]].unit]
        return Chart("line", env._("Trend: %s", labels[lines[0]]), names, tuple(series), unit=unit)

    def _build_formulas(self, options, codes):
        env = self.env
        words = env["credit.kpi.words"]
        labels = words._get_kpi_labels()
        columns = (Column("name", env._("Indicator"), TEXT), Column("formula", env._("How it is worked out"), TEXT))
        rows = tuple(Row(code, (labels[code], words._get_kpi_formula(code, options.grace))) for code in codes)
        return Table(FORMULAS, env._("Formulas"), columns, rows)

    # -- what is behind -------------------------------------------------------------------

    def _get_behind_options(self, asked, key):
        options = self._get_kpi_options(asked)
        if key is not None:
            options = self._get_kpi_options(asked, (options.axis, key or None))
        self.env["credit.kpi"]._check_kpi_options(options, ())
        return options

    @api.readonly
    @api.model
    def action_open(self, values: dict, table: str, key, column: str | None = None) -> dict:
        """Open what a figure is made of: open items, events of the period, disputes or promises."""
        if table != FIGURES or column not in EVENTS:
            return super().action_open(values, table, key, column)
        asked = self._read_asked(values)
        self._check_asked(asked)
        options = self._get_behind_options(asked, key)
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control_reporting.credit_kpi_event_action")
        action["context"] = {
            "kpi_kind": EVENTS[column],
            "kpi_from": fields.Date.to_string(options.days[-1 - options.months]),
            "kpi_until": fields.Date.to_string(options.as_of),
            "kpi_filters": [list(pair) for pair in options.filters],
        }
        action["domain"] = [("days_late", ">", 0)] if column == "collected_overdue" else []
        return action

    def _get_behind(self, asked, table, key, column):
        if table != FIGURES:
            # Formulas and gains are made of no records.
            return ()
        options = self._get_behind_options(asked, key)
        if column in DISPUTES or column in PROMISES:
            model = "credit.dispute" if column in DISPUTES else "credit.promise"
            domain = [("company_id", "in", list(asked.company_ids)), ("date", "<=", options.as_of)]
            partner_ids = self._get_keyed_partner_ids(options) if options.filters else None
            if partner_ids is not None:
                domain.append(("partner_id.commercial_partner_id", "in", partner_ids))
            return self.env[model].search(domain)
        return self.env["credit.kpi"]._get_open_item_ids(options, OPEN_ITEMS.get(column))

    def _get_partner_ids(self, asked, table, key):
        return self._get_keyed_partner_ids(self._get_behind_options(asked, key)) if table == FIGURES else ()

    def _get_keyed_partner_ids(self, options):
        """Return the ids of the customers with a card that the filters let through."""
        kpi = self.env["credit.kpi"]
        kpi._flush_ledger()
        debtors = SQL(
            """
            SELECT debtor.partner_id, debtor.company_id, company.currency_id
              FROM credit_debtor debtor
              JOIN res_company company ON company.id = debtor.company_id
             WHERE debtor.company_id = ANY(%s)
            """,
            list(options.company_ids),
        )
        keyed = kpi._get_keyed_sql(debtors, replace(options, axis="customer"), "item.company_id")
        return [key for (key,) in self.env.execute_query(SQL("SELECT DISTINCT key FROM (%s) found", keyed))]


def _write(value):
    """Return the cell of a value: what is more than that is written so."""
    return f"> {value.amount:.0f}" if value.is_beyond else value.amount


def _rank(row):
    """By the first amount, the largest first; what can't be compared last."""
    first = row.cells[1]
    return (0, -first, row.cells[0]) if isinstance(first, float) else (1, 0.0, row.cells[0])
