from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..core.kpi import COUNT_BACK_MONTHS, INDICATORS, Series, add_series, days_back, get_needs
from .credit_aged_axis import AXES

# By what indicators are worked out: what customers and their cards say. (Axes of items and entries have no sales.)
KPI_AXES = (
    "company",
    "portfolio",
    "collector",
    "segment",
    "salesperson",
    "country",
    "state",
    "tag",
    "group",
    "customer",
    "currency",
)
PERIODS = (1, 3, 6, 12)
MOST_MONTHS = 60


@dataclass(frozen=True)
class KpiOptions:
    """What is asked of the indicators.

    :param months: of the period, that of the day included
    :param history: how many ends of months before the day are asked for
    :param filters: ``(axis, key)`` pairs, all of which must hold; a key is None for customers of none
    :param grace: days after the due date in which an item isn't called late, 0–27
    :param below: a second axis: keys are texts then, see ``core.kpi.split_key``
    """

    as_of: date
    company_ids: tuple[int, ...]
    axis: str = "company"
    months: int = 3
    history: int = 0
    filters: tuple[tuple[str, object], ...] = ()
    grace: int = 0
    below: str = ""

    @cached_property
    def days(self):
        """All days that are measured; before those asked for as many as the count-back DSO needs."""
        return tuple(days_back(self.as_of, self.history + COUNT_BACK_MONTHS + 1))

    @property
    def places(self):
        """The places of the days that are asked for, in order; the last is that of ``as_of``."""
        return range(len(self.days) - 1 - self.history, len(self.days))


class CreditKpi(models.AbstractModel):
    """The indicators of receivables by axis, on any day and on the ends of the months before.

    What it is: the bridge from the ledger (``credit.kpi.source``) to the formulas (``core/kpi``). Values of the past
    are worked out from what was entered and reconciled by their day, so they are as they stood.

    How to use it: :meth:`_get_values` for figures by key; :meth:`_get_series` for who works on with the measures.
    """

    _name = "credit.kpi"
    _description = "Indicators of receivables"
    _inherit = ["credit.kpi.source"]

    def _get_values(self, options: KpiOptions, codes: Sequence[str]) -> dict:
        """Return ``{key: {code: (Value of each day, …)}}`` by the axis of ``options``.

        :raise AccessError: who isn't a reader of credit control
        :raise UserError: see :meth:`_check_kpi_options`
        """
        series_of = self._get_series(options, codes)
        return {key: self._evaluate(options, series, codes) for key, series in series_of.items()}

    def _get_total(self, options, codes):
        """Return ``{code: (Value of each day, …)}`` of everything together."""
        series_of = self._get_series(options, codes)
        return self._evaluate(options, self._add_series(options, series_of.values()), codes)

    def _evaluate(self, options, series, codes):
        places, months = tuple(options.places), options.months
        return {code: INDICATORS[code].values(series, places, months) for code in codes}

    def _get_series(self, options: KpiOptions, codes: Sequence[str]) -> dict:
        """Return ``{key: Series}`` with the measures that the indicators ``codes`` need."""
        self._check_kpi_options(options, codes)
        return self._read_series(options, codes)

    def _read_series(self, options, codes):
        """As :meth:`_get_series`, for who has looked at the rights."""
        empty = self._get_empty_series(options)
        found = self._read_measures(options, get_needs(codes))
        return {key: Series(empty.days, measures, empty.start, empty.rounding) for key, measures in found.items()}

    def _add_series(self, options, parts):
        return add_series(parts, self._get_empty_series(options))

    def _get_empty_series(self, options):
        companies = self.env["res.company"].sudo().browse(options.company_ids)
        return Series(options.days, {}, self._get_first_sale(options), companies[0].currency_id.rounding)

    def _get_first_sale(self, options):
        """Return the day of the first sale in the books; None where nothing was sold."""
        [(day,)] = self.env.execute_query(
            SQL(
                """
                SELECT MIN(sale.date)
                  FROM account_journal journal
                 CROSS JOIN unnest(%s) company (id)
                 CROSS JOIN LATERAL (
                    SELECT move.date
                      FROM account_move move
                     WHERE move.journal_id = journal.id
                       AND move.company_id = company.id
                       AND move.state = 'posted'
                     ORDER BY move.date
                     LIMIT 1
                 ) sale
                 WHERE journal.type = 'sale'
                """,
                list(options.company_ids),
            )
        )
        return day

    # -- what figures are made of ---------------------------------------------------------

    def _get_event_options(self, end):
        """Return the options of the events until ``end``: in the companies of the user, by the context's filters.

        :raise UserError: see :meth:`_check_kpi_options`
        """
        filters = tuple((code, key) for code, key in self.env.context.get("kpi_filters") or ())
        options = KpiOptions(end, tuple(self.env.companies.ids), "customer", filters=filters)
        self._check_kpi_options(options, ())
        return options

    def _get_open_item_ids(self, options, late_days=None):
        """Return the ids of the trade items open on the day, as they are added up; those later than ``late_days``."""
        self._check_kpi_options(options, ())
        self._flush_ledger()
        items = self.env["credit.open.item"]._get_ledger_items_sql(options.as_of, options.company_ids)
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM (%s) item WHERE non_trade IS NOT TRUE AND date_maturity < %s",
                self._get_keyed_sql(items, options, "item.id, item.non_trade, item.date_maturity"),
                date.max if late_days is None else options.as_of - timedelta(days=late_days),
            )
        )
        return [item_id for (item_id,) in rows]

    def _check_kpi_options(self, options, codes):
        """Raise where something is asked that there isn't, or by somebody who may not."""
        if not self.env.user.has_group("credit_control.group_reader"):
            # It adds up what a salesperson, who sees their own customers, mustn't see.
            raise AccessError(self.env._("Reports are for the readers of credit control."))
        axes = {options.axis, options.below or options.axis, *(code for code, _key in options.filters)}
        unknown = (axes - set(KPI_AXES) | axes - AXES.keys()) or set(codes) - INDICATORS.keys()
        if unknown:
            raise UserError(self.env._("There is no such axis or indicator: %s", ", ".join(sorted(unknown))))
        wrong = [str(key) for code, key in options.filters if not _is_key(code, key)]
        if wrong:
            raise UserError(self.env._("Customers can't be told apart by: %s", ", ".join(wrong)))
        if not 1 <= options.months <= COUNT_BACK_MONTHS or not 0 <= options.history <= MOST_MONTHS:
            raise UserError(self.env._("The period must be 1 to 24 months, the trend at most 60 months."))
        self._check_kpi_companies(options)

    def _check_kpi_companies(self, options):
        if not options.company_ids or not set(options.company_ids) <= set(self.env.companies.ids):
            raise UserError(self.env._("Choose among the companies that you are logged in to."))
        companies = self.env["res.company"].browse(options.company_ids)
        if len(companies.currency_id) > 1:
            names = ", ".join(f"{company.name} ({company.currency_id.name})" for company in companies)
            raise UserError(self.env._("These companies keep different currencies, report them apart: %s", names))


def _is_key(code, key):
    """Whether customers may have ``key`` on the axis ``code``: an id, none, or, of tags, ids with commas between."""
    if code == "tag" and isinstance(key, str):
        return all(part.isdecimal() for part in key.split(","))
    return key is None or (isinstance(key, int) and not isinstance(key, bool))
