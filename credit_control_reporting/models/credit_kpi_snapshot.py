from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.credit_control.models.company_day import company_today

from ..core.kpi import INDICATORS, add_series, compare, days_back, last_month_end, split_key
from ..core.metrics import month_end
from .credit_aged_axis import AXES
from .credit_kpi import KpiOptions
from .credit_kpi_words import LABELS

# What is written down each day, and what at the end of a month only.
DAILY_AXES = ("portfolio", "segment", "company")
MONTHLY_AXES = ("customer", "collector", "salesperson", "country", *DAILY_AXES)
# Whom an item belongs to by the ledger alone: a card or customer that moves doesn't change their past.
LEDGER_AXES = frozenset({"company", "customer"})
# There are as many of these as customers.
CUSTOMER_INDICATORS = ("receivables", "overdue", "sales", "dso", "dso_count_back", "delay")
# How many months are rebuilt and checked, and how many days are caught up.
REBUILT_MONTHS, CAUGHT_UP_DAYS = 24, 31
# How many customers times months are held in memory at a time; so of many customers few months are rebuilt in one go.
PORTION = 100_000


class CreditKpiSnapshot(models.Model):
    """The figures of a day, written down: never altered afterwards.

    What it is: one row per company, day, axis, value of the axis and indicator. ``version`` 1 is what was written
    first. Where the ledger says something else later, since entries were posted or reconciled back in time, the new
    figure is a row of its own with the next version: see ``credit.kpi.change`` for what changed.

    Past months are rebuilt from the reconciliations, by the same statements that take a snapshot. What a customer's
    card says (portfolio, segment…) has no history in the ledger: those axes are rebuilt with the cards as they are, and
    never compared. Where there is nothing (no row, or an amount of 0) is the same; what can't be said has no row.

    Rows come by one INSERT only (:meth:`_record`). No ORM method alters them, whoever calls; the database refuses it,
    too, because other modules' SQL doesn't ask the ORM. The one thing that may follow is ``partner_id``, where
    customers are merged.
    """

    _name = "credit.kpi.snapshot"
    _description = "Figures of a day"
    _order = "date desc, axis, axis_value, indicator, version"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True, ondelete="restrict")
    date = fields.Date(required=True, index=True, readonly=True)
    is_month_end = fields.Boolean(string="End of a month", readonly=True)
    axis = fields.Selection(
        selection=lambda self: [(code, self.env._(AXES[code].label)) for code in MONTHLY_AXES],
        required=True,
        readonly=True,
    )
    axis_value = fields.Char(
        string="Value of the axis",
        readonly=True,
        help="The id of what the figure is about; empty for customers of none.",
    )
    label = fields.Char(
        string="Of", readonly=True, help="What it was called on the day that the figure was written down."
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    indicator = fields.Selection(
        selection=lambda self: self.env["credit.kpi.words"]._get_indicators(), required=True, readonly=True
    )
    value = fields.Float(digits=(16, 2), readonly=True, aggregator="avg")
    is_beyond = fields.Boolean(string="More than", readonly=True, help="It is more than the value: see the formula.")
    months = fields.Integer(string="Period (months)", readonly=True, aggregator=None)
    method = fields.Selection(
        [("snapshot", "Snapshot"), ("rebuilt", "Rebuilt")],
        required=True,
        readonly=True,
        help="Snapshot: written down the day after. Rebuilt: worked out later, from entries and reconciliations.",
    )
    version = fields.Integer(required=True, readonly=True, aggregator="max")
    taken_at = fields.Datetime(string="Written down at", required=True, readonly=True)
    is_latest = fields.Boolean(
        string="As known now",
        compute="_compute_is_latest",
        search="_search_is_latest",
        help="No later version says something else.",
    )

    _once = models.UniqueIndex(
        "(company_id, date, axis, axis_value, indicator, months, version)",
        "These figures are written down already.",
    )

    # What was written down again is little, of millions of rows.
    _again = models.Index("(company_id, date) WHERE version > 1")

    def init(self):
        """Let the database refuse what the ORM refuses."""
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION credit_kpi_snapshot_refuse() RETURNS trigger AS $$
            BEGIN
                RAISE EXCEPTION 'credit.kpi.snapshot: figures that were written down are never altered'
                      USING ERRCODE = 'restrict_violation';
            END $$ LANGUAGE plpgsql;
            DROP TRIGGER IF EXISTS credit_kpi_snapshot_refuse ON credit_kpi_snapshot;
            CREATE TRIGGER credit_kpi_snapshot_refuse
            BEFORE DELETE OR UPDATE OF company_id, date, is_month_end, axis, axis_value, label, indicator, value,
                                       is_beyond, months, method, version, taken_at
                ON credit_kpi_snapshot
               FOR EACH ROW EXECUTE FUNCTION credit_kpi_snapshot_refuse();
            DROP TRIGGER IF EXISTS credit_kpi_snapshot_refuse_all ON credit_kpi_snapshot;
            CREATE TRIGGER credit_kpi_snapshot_refuse_all
            BEFORE TRUNCATE ON credit_kpi_snapshot
               FOR EACH STATEMENT EXECUTE FUNCTION credit_kpi_snapshot_refuse();
            """
        )

    @api.depends("axis", "axis_value", "indicator", "date")
    def _compute_display_name(self):
        labels = {code: self.env._(label) for code, label in LABELS.items()}
        for snapshot in self:
            about = snapshot.partner_id.display_name or snapshot.label or ""
            snapshot.display_name = f"{labels.get(snapshot.indicator, '')} {about} {snapshot.date or ''}"

    @api.depends("version")
    def _compute_is_latest(self):
        latest = self.search([("id", "in", self.ids), ("is_latest", "=", True)])
        for snapshot in self:
            snapshot.is_latest = snapshot in latest

    def _search_is_latest(self, operator, value):
        if operator != "in":
            return NotImplemented
        superseded = SQL(
            """
            SELECT earlier.id
              FROM credit_kpi_snapshot earlier
              JOIN credit_kpi_snapshot later
                ON (later.company_id, later.date, later.axis, later.axis_value, later.indicator, later.months)
                   = (earlier.company_id, earlier.date, earlier.axis, earlier.axis_value, earlier.indicator,
                      earlier.months)
               AND later.version > earlier.version
             WHERE later.version > 1
            """
        )
        return [("id", "not in" if True in value else "in", superseded)]

    # -- never altered ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse(self.env._("Figures of a day are written down by the system only."))
        return super().create(vals_list)

    def write(self, vals):
        self._refuse(self.env._("Figures that were written down are never altered."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._refuse(self.env._("Figures that were written down are never deleted."))

    def _refuse(self, message):
        """Whoever asks: there is no right that allows it."""
        raise UserError(message)

    # -- writing down -----------------------------------------------------------------

    @api.model
    def _cron_take(self):
        """Write down the figures of each day until yesterday, of every company; the past months at first."""
        companies = self.env["res.company"].search([("active", "=", True)], order="id")
        for place, company in enumerate(companies, 1):
            self._take_company(company)
            if not self._commit_kpi_progress(1, len(companies) - place):
                break

    def _take_company(self, company):
        yesterday = company_today(company) - timedelta(days=1)
        last = self._get_last_day(company)
        if not last:
            self._rebuild(company)
            last = yesterday - timedelta(days=1)
        days = (yesterday - last).days
        for back in range(min(days, CAUGHT_UP_DAYS) - 1, -1, -1):
            self._take(company, yesterday - timedelta(days=back), "rebuilt" if back else "snapshot")

    def _get_last_day(self, company):
        found = self.search([("company_id", "=", company.id), ("axis", "=", "company")], order="date desc", limit=1)
        return found.date

    def _take(self, company, day, method="snapshot"):
        """Write down the figures of one day."""
        series_of = self._read_daily_series(company, day)
        for axis in MONTHLY_AXES if day == month_end(day) else DAILY_AXES:
            self._record(company, axis, day, 0, method, series_of.get(axis))

    def _read_daily_series(self, company, day):
        """Return ``{axis: {key: Series}}`` of the axes of each day: the ledger is read once for all of them.

        It is read by portfolio and segment together, of which there are few; each axis adds up its own.
        """
        kpi = self.env["credit.kpi"].sudo()
        axes = ("portfolio", "segment")
        options = self._prepare_snapshot_options(company, axes[0], day, 0)
        parts = {axis: defaultdict(list) for axis in DAILY_AXES}
        for pair, series in kpi._read_series(replace(options, below=axes[1]), tuple(INDICATORS)).items():
            for axis, key in zip(axes, split_key(pair, axes), strict=True):
                parts[axis][key].append(series)
            parts["company"][company.id].append(series)
        empty = kpi._get_empty_series(options)
        return {axis: {key: add_series(some, empty) for key, some in found.items()} for axis, found in parts.items()}

    @api.model
    def _cron_check(self):
        """Look whether the ledger still says of past months what was written down, of every company."""
        companies = self.env["res.company"].search([("active", "=", True)], order="id")
        for place, company in enumerate(companies, 1):
            self._rebuild(company)
            if not self._commit_kpi_progress(1, len(companies) - place):
                break

    def _commit_kpi_progress(self, done=0, remaining=None):
        """Keep what was written, where a cron writes it; return the seconds that are left."""
        if "cron_id" not in self.env.context:
            return float("inf")
        return self.env["ir.cron"]._commit_progress(done, remaining=remaining)

    def _rebuild(self, company, months=REBUILT_MONTHS):
        """Write down of the past months what isn't there, or is another by now. Can be cut short and done again.

        The company's own figures come last: as long as they aren't there, it isn't done.
        """
        # Yesterday is left to the snapshot of it.
        day = last_month_end(company_today(company) - timedelta(days=2))
        for axis in MONTHLY_AXES:
            for last, count in self._divide_months(company, axis, day, months):
                self._record(company, axis, last, count - 1, "rebuilt")
                self._commit_kpi_progress()

    def _divide_months(self, company, axis, day, months):
        """Yield last day and number of months of each portion that is rebuilt in one go; together ``months``."""
        customers = 1
        if axis == "customer":
            customers += self.env["credit.debtor"].sudo().search_count([("company_id", "=", company.id)])
        size = max(1, PORTION // customers)
        days = days_back(day, months - 1)
        for start in range(0, months, size):
            portion = days[start : start + size]
            yield portion[-1], len(portion)

    def _record(self, company, axis, day, history, method, series_of=None):
        """Write down the figures of ``day`` and of the ``history`` ends of months before, where they are new.

        :param series_of: ``{key: Series}``, where they were read already
        :return: how many rows were written
        """
        options = self._prepare_snapshot_options(company, axis, day, history)
        codes = CUSTOMER_INDICATORS if axis == "customer" else tuple(INDICATORS)
        known = self._read_known(options)
        values = self._read_values(options, codes, series_of)
        before = {key: value for key, (value, _version) in known.items() if value}
        if axis not in LEDGER_AXES:
            # What is written down of a day stays all that is known of it.
            dates = {key[0] for key in before}
            values = {key: value for key, value in values.items() if key[0] not in dates}
            before = {}
        found = compare(before, {key: value.amount for key, value in values.items()})
        return self._insert(options, method, [(one, known.get(one.key, (0, 0))[1] + 1, values) for one in found])

    def _prepare_snapshot_options(self, company, axis, day, history):
        return KpiOptions(
            day, (company.id,), axis, company.credit_kpi_months, history, (), company.credit_kpi_grace_days
        )

    def _read_values(self, options, codes, series_of=None):
        """Return ``{(day, value of the axis, indicator): Value}`` by the ledger; nothing where it is 0 or unknown."""
        kpi = self.env["credit.kpi"].sudo()
        days = [options.days[place] for place in options.places]
        found = {}
        for key, series in (kpi._read_series(options, codes) if series_of is None else series_of).items():
            for code, values in kpi._evaluate(options, series, codes).items():
                for day, value in zip(days, values, strict=True):
                    if value.amount:
                        found[day, str(key or ""), code] = value._replace(amount=round(value.amount, 2))
        return found

    def _read_known(self, options):
        """Return ``{(day, value of the axis, indicator): (value, version)}`` of what is written down last."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (date, axis_value, indicator)
                       date, axis_value, indicator, value::float8, version
                  FROM credit_kpi_snapshot
                 WHERE company_id = %s AND axis = %s AND months = %s AND date = ANY(%s)
                 ORDER BY date, axis_value, indicator, version DESC
                """,
                options.company_ids[0],
                options.axis,
                options.months,
                [options.days[place] for place in options.places],
            )
        )
        return {tuple(row[:3]): row[3:] for row in rows}

    def _read_month_end(self, companies, day, codes):
        """Return ``{indicator: [value of each company]}`` of whole companies, as known now, of the end of a month.

        Where a company has no figure, none is in the list.
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (figure.company_id, figure.indicator) figure.indicator, figure.value::float8
                  FROM credit_kpi_snapshot figure
                  JOIN res_company company ON company.id = figure.company_id
                 WHERE figure.company_id = ANY(%s)
                   AND figure.date = %s
                   AND figure.axis = 'company'
                   AND figure.indicator = ANY(%s)
                   AND figure.months = company.credit_kpi_months
                 ORDER BY figure.company_id, figure.indicator, figure.version DESC
                """,
                companies.ids,
                day,
                list(codes),
            )
        )
        found = {}
        for code, value in rows:
            found.setdefault(code, []).append(value)
        return found

    def _insert(self, options, method, found):
        """Write rows of ``(Differs, version, values)``; what another transaction wrote meanwhile stays."""
        if not found:
            return 0
        keys = [one.key for one, _version, _values in found]
        beyond = [bool(values.get(one.key) and values[one.key].is_beyond) for one, _version, values in found]
        labels = self._get_value_labels(options.axis, {value for _day, value, _code in keys})
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO credit_kpi_snapshot (company_id, date, is_month_end, axis, axis_value, label, partner_id,
                                                 indicator, value, is_beyond, months, method, version, taken_at)
                SELECT %(company)s, date, date = (date_trunc('month', date) + INTERVAL '1 month - 1 day')::date,
                       %(axis)s, axis_value, label, partner_id, indicator, value, is_beyond, %(months)s, %(method)s,
                       version, now() AT TIME ZONE 'UTC'
                  FROM unnest(%(dates)s::date[], %(values)s::varchar[], %(labels)s::varchar[], %(partners)s::int[],
                              %(codes)s::varchar[], %(amounts)s::numeric[], %(beyond)s::bool[], %(versions)s::int[])
                       row (date, axis_value, label, partner_id, indicator, value, is_beyond, version)
                    ON CONFLICT DO NOTHING
                """,
                company=options.company_ids[0],
                axis=options.axis,
                months=options.months,
                method=method,
                dates=[day for day, _value, _code in keys],
                values=[value for _day, value, _code in keys],
                labels=[labels.get(value) for _day, value, _code in keys],
                partners=[int(value) if options.axis == "customer" and value else None for _day, value, _code in keys],
                codes=[code for _day, _value, code in keys],
                amounts=[one.after or 0.0 for one, _version, _values in found],
                beyond=beyond,
                versions=[version for _one, version, _values in found],
            )
        )
        self.invalidate_model(flush=False)
        return self.env.cr.rowcount

    def _get_value_labels(self, axis, values):
        """Return what the values of an axis are called; of customers nothing is kept beside the customer."""
        if axis == "customer":
            return {}
        records = self.env[AXES[axis].model].sudo().with_context(active_test=False)
        records = records.browse(int(value) for value in values if value)
        return {"": self.env._("(none)"), **{str(record.id): record.display_name for record in records}}

    def action_check(self):
        """Have the past months looked at in the background: what is another by now, is listed then."""
        self.check_access("read")
        self.env["credit.kpi.target"].check_access("create")
        self.env.ref("credit_control_reporting.cron_check_snapshots").sudo()._trigger()
        message = self.env._("The past months are being looked at. What is another by now, will be listed here.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"message": message, "type": "info", "next": {"type": "ir.actions.act_window_close"}},
        }
