from dataclasses import dataclass
from datetime import date

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.credit_control.core.ageing import AgeingScale
from odoo.addons.credit_control.models.company_day import company_today

from ..core.aged import Figures, Line, fold
from ..report.aged_balance_xlsx import Sheet
from .credit_aged_axis import AXES, JOINS


@dataclass(frozen=True)
class Options:
    """What is asked of an aged balance: the day, the companies, one or two axes, the edges of the buckets."""

    as_of: date
    company_ids: tuple[int, ...]
    axes: tuple[str, ...] = ("customer",)
    edges: tuple[int, ...] = (30, 60, 90)
    partner_ids: tuple[int, ...] | None = None
    only_overdue: bool = False

    @property
    def scale(self):
        return AgeingScale(self.edges)


class CreditAgedBalance(models.AbstractModel):
    """The aged balance as of any date, from the open items, added up in the database.

    Its total is what the receivable accounts of the ledger amount to on that day, in company currency.
    """

    _name = "credit.aged.balance"
    _description = "Aged balance"

    def _get_report(self, options: Options) -> Line:
        """Return the report as a tree: see ``core/aged.fold``.

        :raise AccessError: who isn't a reader of credit control
        :raise UserError: an axis that there isn't, companies that keep different currencies, one that isn't the user's
        """
        self._check_options(options)
        return self._fold(options, self._query_groups(options))

    def _fold(self, options, rows):
        return fold(rows, len(options.scale.codes), self._get_currency(options).rounding)

    def _get_currency(self, options):
        return self.env["res.company"].browse(options.company_ids[0]).currency_id

    def _read_options(self, values):
        """Return the options that a screen or a link asks for, what isn't named as usual.

        :param values: ``as_of`` (ISO text), ``axes`` (codes), ``edges`` (text as people write it), ``only_overdue``
        :raise UserError: a date or edges that can't be read; names them
        """
        edges = values.get("edges") or self.env.company.credit_ageing_edges
        try:
            as_of = fields.Date.to_date(values.get("as_of")) or company_today(self)
        except ValueError as error:
            raise UserError(self.env._("%s isn't a date: year-month-day is expected.", values["as_of"])) from error
        try:
            scale = AgeingScale.parse(str(edges))
        except ValueError as error:
            raise UserError(self.env._("The ages must be ascending whole numbers of days: %s", edges)) from error
        axes = tuple(dict.fromkeys(values.get("axes") or ("customer",)))
        only_overdue = bool(values.get("only_overdue"))
        return Options(as_of, tuple(self.env.companies.ids), axes, scale.edges, None, only_overdue)

    def _check_options(self, options):
        if not self.env.user.has_group("credit_control.group_reader"):
            # It adds up what a salesperson, who sees their own customers, mustn't see.
            raise AccessError(self.env._("Reports are for the readers of credit control."))
        unknown = set(options.axes) - AXES.keys()
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
        axes = [AXES[code] for code in options.axes]
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

    def _query(self, options, keys, columns, rest):
        """Run a query over the open items of ``options`` that belong to ``keys``."""
        self.env.flush_all()
        chosen = [AXES[code] for code in options.axes]
        conditions = [
            SQL("%s IS NOT DISTINCT FROM %s", axis.expression, key) for axis, key in zip(chosen, keys, strict=False)
        ]
        if options.only_overdue:
            conditions.append(SQL("item.days_overdue > 0"))
        return self.env.execute_query(
            SQL(
                "SELECT %(columns)s FROM (%(items)s) item %(joins)s WHERE %(where)s %(rest)s",
                columns=columns,
                items=self.env["credit.open.item"]._get_items_sql(
                    options.as_of, options.company_ids, options.partner_ids, with_bucket=False
                ),
                joins=SQL(" ").join(JOINS[name] for name in dict.fromkeys(axis.join for axis in chosen if axis.join)),
                where=SQL(" AND ").join(conditions or [SQL("TRUE")]),
                rest=rest,
            )
        )

    def _get_buckets_sql(self, scale):
        """Return the sum of each bucket; what a bucket is, is said in ``core/ageing`` alone."""
        case = SQL(scale.sql_case("item.days_overdue"))
        return SQL(", ").join(
            SQL("COALESCE(SUM(item.amount_residual) FILTER (WHERE %s = %s), 0)::float8", case, code)
            for code in scale.codes
        )

    def _query_item_ids(self, options, keys):
        """Return the ids of the open items of a line: exactly those that it was added up from."""
        self._check_options(options)
        return [item_id for (item_id,) in self._query(options, keys, SQL("item.id"), SQL())]

    def _query_ledger(self, options):
        """Return the balance of the receivable accounts on the day, read from the entries themselves."""
        [(balance,)] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(line.balance), 0)::float8
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
        return balance

    # -- words ----------------------------------------------------------------------

    def _get_headings(self, options):
        """Return the words above the amounts, from left to right."""
        label = self.env["credit.debtor"]._get_bucket_label
        env = self.env
        return [
            env._("Total"),
            *(label(code) for code in options.scale.codes),
            env._("Disputed"),
            env._("Promised"),
            env._("Unallocated"),
        ]

    def _get_notes(self, options):
        """Return the lines that say what the figures are of, and by which convention."""
        companies = ", ".join(self.env["res.company"].browse(options.company_ids).mapped("name"))
        currency = self._get_currency(options).name
        scope = self.env._("Overdue items only") if options.only_overdue else self.env._("All open items")
        convention = self.env._("aged by due date, the due day itself is not overdue; buckets add up to the total")
        return (f"{companies} · {currency}", f"{scope} · {convention}")

    def _get_axis_labels(self):
        """Return ``{code: words}`` of the axes."""
        env = self.env
        return {code: env._(axis.label) for code, axis in AXES.items()}

    def _get_labels(self, code, keys):
        """Return ``{key: words}`` of what the keys of an axis stand for, in a query or two."""
        ids_of = {key: _read_ids(key) for key in keys}
        records = self.env[AXES[code].model].sudo().with_context(active_test=False)
        records = records.browse({record_id for ids in ids_of.values() for record_id in ids})
        names = {record.id: record.display_name or "" for record in records}
        none = self.env._("(none)")
        return {key: ", ".join(names[record_id] for record_id in ids) or none for key, ids in ids_of.items()}

    def _get_report_labels(self, options, report):
        """Return ``{key: words}`` for each axis of the report."""
        return [self._get_labels(axis, keys) for axis, keys in zip(options.axes, report.get_keys(), strict=False)]

    def _prepare_sheet(self, options, report):
        """Return what the workbook says: see ``report/aged_balance_xlsx``."""
        labels = self._get_report_labels(options, report)
        axes = self._get_axis_labels()
        return Sheet(
            title=self.env._("Aged balance"),
            as_of=options.as_of,
            notes=self._get_notes(options),
            axes=tuple(axes[code] for code in options.axes),
            headings=tuple(self._get_headings(options)),
            total=report.figures,
            total_label=self.env._("Total"),
            rows=_get_rows(report, labels),
            date_format=self._get_sheet_date_format(),
        )

    def _get_sheet_date_format(self):
        """Return the language's date format as workbooks write it."""
        found = self.env["res.lang"]._get_data(code=self.env.lang or "en_US").date_format or "%Y-%m-%d"
        for code, letters in (("%d", "dd"), ("%m", "mm"), ("%Y", "yyyy"), ("%y", "yy"), ("%b", "mmm"), ("%B", "mmmm")):
            found = found.replace(code, letters)
        return found


def _get_rows(line, labels, above=()):
    """Yield (labels, figures) of the finest groups, in the order of the report."""
    if not line.lines:
        yield above, line.figures
    for part in line.lines:
        yield from _get_rows(part, labels[1:], (*above, labels[0][part.key]))


def _read_ids(key):
    """Return the ids that the key of a group stands for."""
    return [int(part) for part in str(key).split(",")] if key else []
