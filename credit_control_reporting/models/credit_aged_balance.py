from dataclasses import dataclass
from datetime import date

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.credit_control.core.ageing import AgeingScale

from ..core.aged import Figures, Line, fold
from .credit_aged_axis import AXES, JOINS


@dataclass(frozen=True)
class Options:
    """What is asked of an aged balance: the day, the companies, one or two axes, the edges of the buckets."""

    as_of: date
    company_ids: tuple[int, ...]
    axes: tuple[str, ...] = ("customer",)
    edges: tuple[int, ...] = (30, 60, 90)
    partner_ids: tuple[int, ...] | None = None

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
        rounding = self.env["res.company"].browse(options.company_ids[0]).currency_id.rounding
        return fold(self._query_groups(options), len(options.scale.codes), rounding)

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

    def _query_groups(self, options):
        """Return ``[(keys, Figures)]`` of the finest groups, in one query."""
        items = self.env["credit.open.item"]
        self.env.flush_all()
        axes = [AXES[code] for code in options.axes]
        joins = dict.fromkeys(name for axis in axes for name in axis.joins)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT %(keys)s, %(buckets)s,
                       SUM(item.amount_disputed)::float8,
                       SUM(item.amount_promised)::float8,
                       COALESCE(SUM(item.amount_residual) FILTER (WHERE item.amount_residual < 0), 0)::float8
                  FROM (%(items)s) item %(joins)s
                 GROUP BY %(places)s
                """,
                keys=SQL(", ").join(axis.expression for axis in axes),
                buckets=self._get_buckets_sql(options.scale),
                items=items._get_items_sql(options.as_of, options.company_ids, options.partner_ids, with_bucket=False),
                joins=SQL(" ").join(JOINS[name] for name in joins),
                places=SQL(", ").join(SQL(str(place)) for place in range(1, len(axes) + 1)),
            )
        )
        size = len(axes)
        return [(row[:size], Figures(row[size:-3], *row[-3:])) for row in rows]

    def _get_buckets_sql(self, scale):
        """Return the sum of each bucket; what a bucket is, is said in ``core/ageing`` alone."""
        case = SQL(scale.sql_case("item.days_overdue"))
        return SQL(", ").join(
            SQL("COALESCE(SUM(item.amount_residual) FILTER (WHERE %s = %s), 0)::float8", case, code)
            for code in scale.codes
        )
