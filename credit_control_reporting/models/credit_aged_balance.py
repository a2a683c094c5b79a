import os
import tempfile
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from odoo.addons.credit_control.core.ageing import AgeingScale
from odoo.addons.credit_control.models.bulk import pausing_gc
from odoo.addons.credit_control.models.company_day import asked_day, company_today

from ..core.aged import Figures, Line, fold, gather_above
from ..core.kpi import INDICATORS, split_key
from ..report.aged_balance_xlsx import Sheet, write_workbook
from .credit_kpi import KPI_AXES, KpiOptions
from .credit_report import PDF, XLSX, ReportFile

PDF_REPORT = "credit_control_reporting.action_report_aged_balance"
# What is told beside a line where it is asked for: the axes whose key most of the line has.
DETAILS = ("status", "level", "cause")
# And behind the amounts.
DSO = "dso_count_back"


@dataclass(frozen=True)
class Options:
    """What is asked of an aged balance: the day, the companies, one or two axes, the edges of the buckets."""

    as_of: date
    company_ids: tuple[int, ...]
    axes: tuple[str, ...] = ("customer",)
    edges: tuple[int, ...] = (30, 60, 90)
    partner_ids: tuple[int, ...] | None = None
    only_overdue: bool = False
    with_details: bool = False
    with_dso: bool = False

    @property
    def scale(self):
        return AgeingScale(self.edges)


class Booked(NamedTuple):
    """What the receivable accounts amount to, and what of it isn't of trade: advances to staff, deposits…"""

    amount: float
    non_trade: float


class CreditAgedBalance(models.AbstractModel):
    """The aged balance as of any date, from the open items, added up in the database.

    Its total is what the receivable accounts of the ledger amount to on that day, in company currency.
    """

    _name = "credit.aged.balance"
    _description = "Aged balance"
    _inherit = ["credit.report", "credit.aged.axis"]

    def _get_report(self, options: Options) -> Line:
        """Return the report as a tree: see ``core/aged.fold``.

        :raise AccessError: who isn't a reader of credit control
        :raise UserError: an axis that there isn't, companies that keep different currencies, one that isn't the user's
        """
        self._check_options(options)
        with pausing_gc():
            return self._fold(options, self._query_groups(options))

    def _fold(self, options, rows):
        return fold(rows, len(options.scale.codes), self._get_currency(options).rounding)

    def _get_currency(self, options):
        return self.env["res.company"].browse(options.company_ids[0]).currency_id

    def _read_options(self, values):
        """Return the options that a screen or a link asks for, what isn't named as usual.

        :param values: ``as_of`` (ISO text), ``axes`` (codes), ``edges`` (text as people write it), ``only_overdue``,
            ``details``, ``dso``
        :raise UserError: a date or edges that can't be read; names them
        """
        axes = values.get("axes") or ("customer",)
        return Options(
            as_of=asked_day(self.env, values.get("as_of")) or company_today(self),
            company_ids=tuple(self.env.companies.ids),
            axes=tuple(dict.fromkeys(map(str, [axes] if isinstance(axes, str) else axes))),
            edges=self._read_edges(values.get("edges") or self.env.company.credit_ageing_edges),
            only_overdue=bool(values.get("only_overdue")),
            with_details=bool(values.get("details")),
            with_dso=bool(values.get("dso")),
        )

    def _read_edges(self, text):
        try:
            return AgeingScale.parse(str(text)).edges
        except ValueError as error:
            raise UserError(self.env._("The ages must be ascending whole numbers of days: %s", text)) from error

    def _check_options(self, options):
        self._check_report_access()
        unknown = set(options.axes) - self._get_axes().keys()
        if unknown or not options.axes:
            raise UserError(self.env._("Receivables can't be added up by: %s", ", ".join(sorted(unknown)) or "–"))
        if not set(options.company_ids) <= set(self.env.companies.ids) or not options.company_ids:
            raise UserError(self.env._("Choose among the companies that you are logged in to."))
        companies = self.env["res.company"].browse(options.company_ids)
        if len(companies.currency_id) > 1:
            names = ", ".join(f"{company.name} ({company.currency_id.name})" for company in companies)
            raise UserError(self.env._("These companies keep different currencies, report them apart: %s", names))

    # -- queries --------------------------------------------------------------------

    def _query_groups(self, options, keys=()):
        """Return ``[(keys, Figures)]`` of the finest groups, in one query.

        :param keys: only what is below these, one for each of the first axes
        """
        axes = self._choose_axes(options)
        rows = self._query(
            options,
            keys,
            SQL(
                """
                %s, %s, SUM(item.amount_disputed)::float8, SUM(item.amount_promised)::float8,
                COALESCE(SUM(item.amount_residual) FILTER (WHERE item.amount_residual < 0), 0)::float8
                """,
                SQL(", ").join(axis.expression for axis in axes),
                self._get_buckets_sql(options.scale),
            ),
            SQL("GROUP BY %s", SQL(", ").join(SQL(str(place)) for place in range(1, len(axes) + 1))),
        )
        size = len(axes)
        return [(row[:size], Figures(row[size:-3], *row[-3:])) for row in rows]

    def _choose_axes(self, options):
        known = self._get_axes()
        return [known[code] for code in options.axes]

    def _query(self, options, keys, columns, rest, column=""):
        """Run a query over the open items of ``options`` that belong to ``keys``, and make up the figure ``column``."""
        self.env.flush_all()
        chosen = self._choose_axes(options)
        if not all(key is None or isinstance(key, int | str) for key in keys):
            raise UserError(self.env._("The aged balance has no such line: %s", keys))
        conditions = [
            SQL("%s IS NOT DISTINCT FROM %s", axis.expression, key) for axis, key in zip(chosen, keys, strict=False)
        ]
        if options.only_overdue:
            conditions.append(SQL("item.days_overdue > 0"))
        if column:
            conditions.append(self._get_column_sql(options, column))
        joins = dict.fromkeys(axis.join for axis in chosen if axis.join)
        return self.env.execute_query(
            SQL(
                "SELECT %(columns)s FROM (%(items)s) item %(joins)s WHERE %(where)s %(rest)s",
                columns=columns,
                items=self._get_items_sql(options),
                joins=SQL(" ").join(self._get_join_sql(name, options.as_of) for name in joins),
                where=SQL(" AND ").join(conditions or [SQL("TRUE")]),
                rest=rest,
            )
        )

    def _get_items_sql(self, options):
        return self.env["credit.open.item"]._get_items_sql(
            options.as_of, options.company_ids, options.partner_ids, with_bucket=False
        )

    def _get_column_sql(self, options, column):
        """Return the condition of the items that a figure is added up from: see :meth:`_get_column_codes`."""
        if column in options.scale.codes:
            return SQL("%s = %s", SQL(options.scale.sql_case("item.days_overdue")), column)
        conditions = {
            "total": SQL("TRUE"),
            "disputed": SQL("item.amount_disputed <> 0"),
            "promised": SQL("item.amount_promised <> 0"),
            "unallocated": SQL("item.amount_residual < 0"),
        }
        if column not in conditions:
            raise UserError(self.env._("The aged balance has no column called %s.", column))
        return conditions[column]

    def _get_buckets_sql(self, scale):
        """Return the sum of each bucket; what a bucket is, is said in ``core/ageing`` alone."""
        case = SQL(scale.sql_case("item.days_overdue"))
        return SQL(", ").join(
            SQL("COALESCE(SUM(item.amount_residual) FILTER (WHERE %s = %s), 0)::float8", case, code)
            for code in scale.codes
        )

    def _query_item_ids(self, options, keys, column=""):
        """Return the ids of the open items of a line, or of one figure of it: those that it was added up from."""
        self._check_options(options)
        return [item_id for (item_id,) in self._query(options, keys, SQL("item.id"), SQL(), column)]

    def _query_details(self, options, keys=()):
        """Return ``{keys: details}`` of what is asked for besides the amounts: words of each of DETAILS, then the DSO.

        :param keys: only what is below these
        """
        words = self._query_words(options, keys) if options.with_details else {}
        days = self._query_dso(options, keys) if options.with_dso else {}
        nothing = self._get_no_words(options)
        return {
            group: words.get(group, nothing) + ((days.get(group),) if options.with_dso else ())
            for group in {**words, **days}
        }

    def _get_no_details(self, options):
        """Return the details of a line that nothing is known of."""
        return self._get_no_words(options) + ((None,) if options.with_dso else ())

    def _get_no_words(self, options):
        return ("",) * len(DETAILS) if options.with_details else ()

    def _query_words(self, options, keys):
        """Return ``{keys: words of each of DETAILS}`` of the finest groups: what most of the amount is about."""
        found = [self._query_main_keys(replace(options, axes=(*options.axes, code)), keys) for code in DETAILS]
        groups = dict.fromkeys(group for main in found for group in main)
        return {group: tuple(main.get(group, "") for main in found) for group in groups}

    def _query_dso(self, options, keys):
        """Return ``{keys: count-back DSO}`` of the lines and of their total, whole days or “> 730”.

        Nothing by axes of items and entries: these have no sales.
        """
        left = options.axes[len(keys) :]
        if not set(options.axes) <= set(KPI_AXES) or not 1 <= len(left) <= 2:
            return {}
        filters = tuple(zip(options.axes, keys, strict=False))
        asked = KpiOptions(
            options.as_of, options.company_ids, left[0], filters=filters, below=left[1] if len(left) > 1 else ""
        )
        series_of = self.env["credit.kpi"]._get_series(asked, [DSO])
        groups = {(*keys, *split_key(key, left)): one for key, one in series_of.items()}
        return {group: self._get_days(asked, parts) for group, parts in gather_above(groups, len(keys)).items()}

    def _get_days(self, asked, parts):
        series = parts[0] if len(parts) == 1 else self.env["credit.kpi"]._add_series(asked, parts)
        found = INDICATORS[DSO].value(series)
        if found.amount is None:
            return None
        return f"> {found.amount:.0f}" if found.is_beyond else round(found.amount)

    def _query_main_keys(self, options, keys):
        """Return ``{keys without the last axis: words of the last}``, of its keys the one with the largest amount."""
        rows = [(found[:-1], found[-1], figures.total) for found, figures in self._query_groups(options, keys)]
        main = {found: key for found, key, _amount in sorted(rows, key=lambda row: row[2]) if key}
        labels = self._get_labels(options.axes[-1], set(main.values()))
        return {found: labels[key] for found, key in main.items()}

    def _query_ledger(self, options):
        """Return the :class:`Booked` of the receivable accounts on the day, read from the entries themselves."""
        [found] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(line.balance), 0)::float8,
                       COALESCE(SUM(line.balance) FILTER (WHERE account.non_trade), 0)::float8
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                 WHERE account.account_type = 'asset_receivable'
                   AND line.parent_state = 'posted'
                   AND line.date <= %s
                   AND line.company_id = ANY(%s)
                """,
                options.as_of,
                list(options.company_ids),
            )
        )
        return Booked(*found)

    # -- words ----------------------------------------------------------------------

    def _get_column_codes(self, options):
        """Return the codes of the figures, from left to right."""
        return ("total", *options.scale.codes, "disputed", "promised", "unallocated")

    def _get_headings(self, options):
        """Return the words above the amounts, from left to right."""
        env = self.env
        return [
            env._("Total"),
            *map(self._get_bucket_heading, options.scale.codes),
            env._("Disputed"),
            env._("Promised"),
            env._("Unallocated"),
        ]

    def _get_detail_headings(self, options):
        """Return the words above what is told beside a line, before its amounts."""
        labels = self._get_axis_labels()
        return [labels[code] for code in DETAILS] if options.with_details else []

    def _get_tail_headings(self, options):
        """Return the words above what is told beside a line, behind its amounts."""
        return [self.env._("DSO")] if options.with_dso else []

    def _get_notes(self, options):
        """Return the lines that say what the figures are of, and by which convention."""
        companies = ", ".join(self.env["res.company"].browse(options.company_ids).mapped("name"))
        currency = self._get_currency(options).name
        scope = self.env._("Overdue items only") if options.only_overdue else self.env._("All open items")
        convention = self.env._("aged by due date, the due day itself is not overdue; buckets add up to the total")
        return (f"{companies} · {currency}", f"{scope} · {convention}")

    def _get_ledger(self, options, report):
        """Return ``{amount, ties, note}``: whether the total is the ledger's, in words too; None of a part only."""
        if options.only_overdue or options.partner_ids is not None:
            return None
        booked, currency = self._query_ledger(options), self._get_currency(options)
        ties = currency.is_zero(booked.amount - report.figures.total)
        return {"amount": booked.amount, "ties": ties, "note": self._get_ledger_note(booked, ties, currency)}

    def _get_ledger_note(self, booked, ties, currency):
        amount = currency.format(booked.amount)
        if ties:
            note = self.env._("equals the receivable accounts: %s", amount)
        else:
            note = self.env._("the receivable accounts say %s", amount)
        if currency.is_zero(booked.non_trade):
            return note
        aside = self.env._(
            "of it %s on accounts that aren't of trade, which the dashboard leaves out",
            currency.format(booked.non_trade),
        )
        return f"{note}; {aside}"

    def _get_file_notes(self, options, report):
        """Return the notes of the files: those of the report, and what the ledger says."""
        scope, convention = self._get_notes(options)
        ledger = self._get_ledger(options, report)
        return (f"{scope} · {ledger['note']}" if ledger else scope, convention)

    def _get_report_labels(self, options, report):
        """Return ``{key: words}`` for each axis of the report."""
        return [self._get_labels(axis, keys) for axis, keys in zip(options.axes, report.get_keys(), strict=False)]

    def _prepare_sheet(self, options, report):
        """Return what the workbook says: see ``report/aged_balance_xlsx``."""
        labels = self._get_report_labels(options, report)
        axes = self._get_axis_labels()
        details = self._query_details(options)
        return Sheet(
            title=self.env._("Aged balance"),
            as_of=options.as_of,
            notes=self._get_file_notes(options, report),
            axes=tuple(axes[code] for code in options.axes),
            details=tuple(self._get_detail_headings(options)),
            tail=tuple(self._get_tail_headings(options)),
            total_tail=details.get((), self._get_no_details(options))[len(self._get_detail_headings(options)) :],
            headings=tuple(self._get_headings(options)),
            total=report.figures,
            total_label=self.env._("Total"),
            rows=_get_rows(report, labels, details, self._get_no_details(options)),
            date_format=self._get_sheet_date_format(),
        )

    def _get_sheet_date_format(self):
        """Return the language's date format as workbooks write it."""
        found = self.env["res.lang"]._get_data(code=self.env.lang or "en_US").date_format or "%Y-%m-%d"
        for code, letters in (("%d", "dd"), ("%m", "mm"), ("%Y", "yyyy"), ("%y", "yy"), ("%b", "mmm"), ("%B", "mmmm")):
            found = found.replace(code, letters)
        return found

    # -- files ------------------------------------------------------------------------

    def _get_report_title(self):
        return self.env._("Aged balance")

    def _get_report_action(self):
        return "credit_control_reporting.credit_aged_balance_action"

    def _check_report_values(self, values):
        self._check_options(self._read_options(values))

    def _describe_report_values(self, values):
        options = self._read_options(values)
        labels = self._get_axis_labels()
        axes = " › ".join(labels.get(code, code) for code in options.axes)
        scope = self.env._("Overdue items only") if options.only_overdue else self.env._("All open items")
        return f"{axes} · {'/'.join(map(str, options.edges))} · {scope}"

    def _render_report(self, values, kind):
        options = self._read_options(values)
        self._check_options(options)
        render = {XLSX: self._render_xlsx, PDF: self._render_pdf}[kind]
        name = f"{self._get_report_title()} {options.as_of}.{kind}"
        return ReportFile(name, render(options, values), kind)

    def _render_xlsx(self, options, _values):
        sheet = self._prepare_sheet(options, self._get_report(options))
        handle, path = tempfile.mkstemp(suffix=".xlsx")
        os.close(handle)
        try:
            write_workbook(path, sheet)
            with open(path, "rb") as file:
                return file.read()
        finally:
            os.unlink(path)

    def _render_pdf(self, options, values):
        footer = f"{self._get_report_title()} · {format_date(self.env, options.as_of)}"
        reports = self.env["ir.actions.report"].with_context(credit_footer=footer)
        return reports._render_qweb_pdf(PDF_REPORT, list(options.company_ids[:1]), data={"options": values})[0]


def _get_rows(line, labels, details, nothing, keys=(), words=()):
    """Yield (labels, details, figures) of the finest groups, in the order of the report."""
    if keys and not line.lines:
        yield words, details.get(keys, nothing), line.figures
    for part in line.lines:
        yield from _get_rows(part, labels[1:], details, nothing, (*keys, part.key), (*words, labels[0][part.key]))
