"""What the indicators are made of, read from the ledger in a few statements, however many customers and months."""

from collections.abc import Callable
from dataclasses import dataclass

from odoo import models
from odoo.tools import SQL

from odoo.addons.credit_control.models.credit_open_item import DRAFTS
from odoo.addons.credit_control.models.receipt import IS_RECEIPT, flush_receipts, is_claim_sql

from ..core.kpi import EPOCH, spread
from .credit_aged_axis import AXES, JOINS

# Days after its due date from which an open item is at risk.
RISK_DAYS = 90
# The accounts as values: who reads all lines passes over most of them by this alone.
TRADE_ACCOUNTS = SQL(
    "ARRAY(SELECT id FROM account_account WHERE account_type = 'asset_receivable' AND non_trade IS NOT TRUE)"
)
# What a statement over the whole ledger may take of the database server's memory, per step.
WORK_MEMORY = "128MB"


@dataclass(frozen=True)
class Source:
    """A statement and the measures that it reads; several parts where one statement adds up by several days.

    ``build`` is a method of ``credit.kpi.source``: given the options and the numbers of the parts that are wanted, it
    returns the query of rows ``key, place, part, amount…``, with as many amounts as the longest part has measures;
    ``key`` is the axis', ``place`` the index of the day. A key may have several rows for a place: they are added up.
    """

    build: Callable
    parts: tuple[tuple[str, ...], ...]

    @property
    def measures(self):
        return {name for part in self.parts for name in part}


class CreditKpiSource(models.AbstractModel):
    """The measures of the receivables by axis and day: see ``core/kpi``.

    How it works: each event (an entry, a reconciliation) counts from its own day on, and as overdue from the day after
    the due date on, if that is later. So one pass over the ledger gives the balances of every day that is asked for:
    events are added up between two days, and summed up from the first day on afterwards.

    Reads with the rights of the database: callers check who may see what comes of it.
    """

    _name = "credit.kpi.source"
    _description = "Measures of receivables"

    def _read_measures(self, options, names):
        """Return ``{key: {measure: amounts by day}}`` of the measures ``names``, by the axis of ``options``."""
        self._flush_ledger()
        # For this transaction: what doesn't fit is sorted on the disk, which takes twice as long.
        self.env.cr.execute(SQL("SET LOCAL work_mem = %s", WORK_MEMORY))
        found = {}
        for source in SOURCES:
            if source.measures & names:
                self._read_source(options, source, names, found)
        self.env.cr.execute("SET LOCAL work_mem TO DEFAULT")
        return found

    def _read_source(self, options, source, names, found):
        parts = [place for place, part in enumerate(source.parts) if names & set(part)]
        width = max(len(source.parts[part]) for part in parts)
        columns = [SQL.identifier(f"amount_{place}") for place in range(width)]
        rows = self.env.execute_query(
            SQL(
                "SELECT key, part, ARRAY_AGG(place), %s FROM (%s) found (key, place, part, %s) GROUP BY key, part",
                SQL(", ").join(SQL("ARRAY_AGG(COALESCE(%s, 0)::float8)", column) for column in columns),
                source.build(self, options, parts),
                SQL(", ").join(columns),
            )
        )
        for key, part, places, *columns_of in rows:
            measures = found.setdefault(key, {})
            for name, amounts in zip(source.parts[part], columns_of, strict=False):
                if name in names:
                    measures[name] = spread(places, amounts, len(options.days))

    def _flush_ledger(self):
        """Write to the database what the statements read."""
        self.env["credit.open.item"]._flush_sources()
        self.env["account.move.line"].flush_model(["balance", "invoice_date", "payment_id", "statement_line_id"])
        self.env["account.move"].flush_model(
            ["amount_total_signed", "amount_untaxed_signed", "commercial_partner_id", "date", "state"]
        )
        flush_receipts(self.env)
        self.env["credit.debtor"].flush_model()
        self.env["res.partner"].flush_model()
        self.env["res.company"].flush_model()

    # -- what statements share ------------------------------------------------------------

    def _get_places_sql(self, day, options):
        """Return the place at which something of ``day`` counts: that of the first day that isn't before it."""
        return SQL("width_bucket((%s) - 1, %s::date[])", day, list(options.days))

    def _get_keyed_sql(self, items, options, columns):
        """Return the rows of ``items`` with the key of the axis, only those that the filters let through.

        :param items: a query with ``partner_id`` (commercial), ``company_id`` and ``currency_id``
        """
        axes = [AXES[code] for code in (options.axis, options.below) if code]
        key = SQL("CONCAT(%s)", SQL(", '/', ").join(axis.expression for axis in axes)) if options.below else None
        axes += [AXES[code] for code, _key in options.filters]
        joins = dict.fromkeys(axis.join for axis in axes if axis.join)
        conditions = [SQL("%s IS NOT DISTINCT FROM %s", AXES[code].expression, key) for code, key in options.filters]
        return SQL(
            "SELECT %s AS key, %s FROM (%s) item %s WHERE %s",
            key or axes[0].expression,
            SQL(columns),
            items,
            SQL(" ").join(JOINS[name] for name in joins),
            SQL(" AND ").join(conditions or [SQL("TRUE")]),
        )

    def _get_lines_sql(self, options, condition=None):
        """Return the trade receivable items of the ledger until the last day, with the key of the axis.

        ``is_claim``: a customer had to pay it; it isn't what a payment to them left there.

        :param condition: of ``line``, that they must meet besides
        """
        lines = SQL(
            """
            SELECT line.id,
                   line.move_id,
                   line.company_id,
                   line.currency_id,
                   COALESCE(partner.commercial_partner_id, line.partner_id) AS partner_id,
                   line.date,
                   COALESCE(line.date_maturity, line.date) AS due,
                   COALESCE(line.invoice_date, line.date) AS issued,
                   line.balance,
                   journal.type = 'sale' AS is_sale,
                   %(is_claim)s AS is_claim
              FROM account_move_line line
              JOIN account_journal journal ON journal.id = line.journal_id
         LEFT JOIN res_partner partner ON partner.id = line.partner_id
             WHERE line.account_id = ANY(%(accounts)s)
               AND line.parent_state = 'posted'
               AND line.date <= %(until)s
               AND line.company_id = ANY(%(companies)s)
               AND %(condition)s
            """,
            accounts=TRADE_ACCOUNTS,
            is_claim=is_claim_sql("line", "journal"),
            until=options.as_of,
            companies=list(options.company_ids),
            condition=condition or SQL("TRUE"),
        )
        columns = "item.id, item.move_id, item.date, item.due, item.issued, item.balance, item.is_sale, item.is_claim"
        return self._get_keyed_sql(lines, options, columns)

    def _get_exchange_journal_ids(self, options):
        companies = self.env["res.company"].sudo().browse(options.company_ids)
        return companies.currency_exchange_journal_id.ids

    def _get_partials_sql(self, options):
        """Return the reconciliations that the ledger knows on the last day: not those with an entry that is a draft."""
        return SQL(
            """
            SELECT partial.*
              FROM account_partial_reconcile partial
             WHERE partial.max_date <= %(until)s
               AND partial.id <> ALL(ARRAY(
                    SELECT id FROM account_partial_reconcile WHERE debit_move_id IN (%(drafts)s)
                     UNION ALL
                    SELECT id FROM account_partial_reconcile WHERE credit_move_id IN (%(drafts)s)
                   ))
            """,
            until=options.as_of,
            drafts=DRAFTS,
        )

    # -- balances and sales -----------------------------------------------------------------

    def _build_balances(self, options, parts):
        """By the day of the event; by the day on which it is overdue; by the day on which it is at risk."""
        # What isn't asked for costs nothing: the database doesn't read a CTE that nobody reads. Without due dates the
        # items are added up while they are read, they needn't be kept.
        items = self._get_lines_sql(options) if parts == [0] else SQL("SELECT * FROM item")
        sums = [
            self._get_owed_sql(options, items) if part == 0 else self._get_late_sql(part, options) for part in parts
        ]
        return SQL(
            """
            WITH item AS MATERIALIZED (%(lines)s),
            partial AS NOT MATERIALIZED (%(partials)s),
            crossed AS MATERIALIZED (%(crossed)s),
            side AS MATERIALIZED (%(sides)s)
            %(sums)s
            """,
            lines=self._get_lines_sql(options),
            partials=self._get_partials_sql(options),
            crossed=self._get_crossed_sql(),
            sides=self._get_lines_sql(
                options,
                SQL("line.id = ANY(ARRAY(SELECT debit_move_id FROM crossed UNION SELECT credit_move_id FROM crossed))"),
            ),
            sums=SQL(" UNION ALL ").join(sums),
        )

    def _get_crossed_sql(self):
        """Return the reconciliations that may change what a group owes: few.

        The key of a group and whether an item is looked at are of its customer, company, currency and account (see
        ``KPI_AXES``): between two items that have these in common nothing moves but what is open of them.
        """
        return SQL(
            """
            SELECT partial.debit_move_id, partial.credit_move_id, partial.max_date, partial.amount::float8
              FROM partial
         LEFT JOIN account_move_line debit
                ON debit.id = partial.debit_move_id AND debit.account_id = ANY(%(accounts)s)
         LEFT JOIN account_move_line credit
                ON credit.id = partial.credit_move_id AND credit.account_id = ANY(%(accounts)s)
             WHERE debit.partner_id IS DISTINCT FROM credit.partner_id
                OR debit.account_id IS DISTINCT FROM credit.account_id
                OR debit.currency_id IS DISTINCT FROM credit.currency_id
                OR debit.company_id IS DISTINCT FROM credit.company_id
            """,
            accounts=TRADE_ACCOUNTS,
        )

    def _get_owed_sql(self, options, items):
        """Return what is owed and sold by day: what was booked, and what reconciliations moved between groups."""
        return SQL(
            """
            SELECT key, %(date)s, 0, SUM(balance::float8), SUM(balance::float8) FILTER (WHERE is_sale), NULL::float8
              FROM (%(items)s) booked
             GROUP BY 1, 2
             UNION ALL
            SELECT side.key, %(max_date)s, 0, -crossed.amount, NULL, NULL
              FROM crossed JOIN side ON side.id = crossed.debit_move_id
             UNION ALL
            SELECT side.key, %(max_date)s, 0, crossed.amount, NULL, NULL
              FROM crossed JOIN side ON side.id = crossed.credit_move_id
            """,
            items=items,
            date=self._get_places_sql(SQL("booked.date"), options),
            max_date=self._get_places_sql(SQL("crossed.max_date"), options),
        )

    def _get_late_sql(self, part, options):
        """Return what becomes overdue (part 1) or at risk (part 2) by day, and of it the claims, with their due dates.

        An event counts from its own day on, or from that on which its item becomes late, if that is later.
        """
        late = 1 if part == 1 else RISK_DAYS + 1
        return SQL(
            """
            SELECT key,
                   place,
                   %(part)s,
                   SUM(amount)::float8,
                   (SUM(amount) FILTER (WHERE is_claim))::float8,
                   (SUM(amount * (due - %(epoch)s)) FILTER (WHERE is_claim))::float8
              FROM (
                SELECT key, due, is_claim, balance AS amount, %(date)s AS place
                  FROM item WHERE due + %(late)s <= %(until)s
                 UNION ALL
                SELECT item.key, item.due, item.is_claim, -partial.amount, %(max_date)s
                  FROM partial JOIN item ON item.id = partial.debit_move_id WHERE item.due + %(late)s <= %(until)s
                 UNION ALL
                SELECT item.key, item.due, item.is_claim, partial.amount, %(max_date)s
                  FROM partial JOIN item ON item.id = partial.credit_move_id WHERE item.due + %(late)s <= %(until)s
              ) event
             GROUP BY 1, 2
            """,
            part=part,
            epoch=EPOCH,
            late=late,
            until=options.as_of,
            date=self._get_places_sql(SQL("GREATEST(date, due + %s)", late), options),
            max_date=self._get_places_sql(SQL("GREATEST(partial.max_date, item.due + %s)", late), options),
        )

    # -- sales without taxes --------------------------------------------------------------

    def _build_untaxed(self, options, _parts):
        """Sales without taxes: each item's part of its document's."""
        return SQL(
            """
            SELECT item.key,
                   %(place)s,
                   0,
                   SUM(item.balance * CASE WHEN move.move_type <> 'entry' AND move.amount_total_signed <> 0
                                           THEN move.amount_untaxed_signed / move.amount_total_signed ELSE 1 END)
              FROM (%(lines)s) item
              JOIN account_move move ON move.id = item.move_id
             WHERE item.is_sale
             GROUP BY 1, 2
            """,
            lines=self._get_lines_sql(options),
            place=self._get_places_sql(SQL("item.date"), options),
        )

    # -- payments -----------------------------------------------------------------------------

    def _build_payments(self, options, _parts):
        """What paid claims, by the day of the payment: see ``receipt`` of credit_control."""
        return SQL(
            """
            SELECT item.key,
                   %(place)s,
                   0,
                   SUM(partial.amount) FILTER (WHERE partial.max_date <= item.due),
                   SUM(partial.amount) FILTER (WHERE partial.max_date > item.due),
                   SUM(partial.amount * (partial.max_date - item.due)),
                   SUM(partial.amount * (partial.max_date - item.issued))
              FROM (%(lines)s) item
              JOIN (%(partials)s) partial ON partial.debit_move_id = item.id
              JOIN account_move_line credit ON credit.id = partial.credit_move_id
              JOIN account_journal journal ON journal.id = credit.journal_id
             WHERE item.is_claim
               AND %(is_receipt)s
             GROUP BY 1, 2
            """,
            lines=self._get_lines_sql(options),
            partials=self._get_partials_sql(options),
            place=self._get_places_sql(SQL("partial.max_date"), options),
            is_receipt=IS_RECEIPT,
        )

    def _get_loss_sql(self, options):
        """Return the condition that the item ``loss`` on ``account`` writes a receivable off."""
        companies = self.env["res.company"].sudo().browse(options.company_ids)
        return SQL(" OR ").join(
            SQL(
                "(loss.company_id = %s AND %s)",
                company.id,
                SQL("loss.account_id = ANY(%s)", company.credit_bad_debt_account_ids.ids)
                if company.credit_bad_debt_account_ids
                else SQL("account.account_type LIKE 'expense%%'"),
            )
            for company in companies
        )

    def _build_write_offs(self, options, _parts):
        """What entries that settle receivables book as a loss, shared by the items of the entry; without taxes."""
        return SQL(
            """
            WITH item AS MATERIALIZED (%(lines)s),
            loss AS (
                SELECT loss.move_id, SUM(loss.balance) AS amount
                  FROM account_move_line loss
                  JOIN account_account account ON account.id = loss.account_id
                  JOIN account_journal journal ON journal.id = loss.journal_id
                 WHERE loss.parent_state = 'posted'
                   AND loss.date <= %(until)s
                   AND journal.type NOT IN ('sale', 'purchase')
                   AND journal.id <> ALL(%(exchange)s)
                   AND (%(is_loss)s)
                 GROUP BY loss.move_id
            ),
            settled AS (
                SELECT move_id, SUM(balance) AS balance FROM item GROUP BY move_id HAVING SUM(balance) <> 0
            )
            SELECT item.key, %(place)s, 0, SUM(loss.amount * item.balance / settled.balance)
              FROM item
              JOIN loss ON loss.move_id = item.move_id
              JOIN settled ON settled.move_id = item.move_id
             GROUP BY 1, 2
            """,
            lines=self._get_lines_sql(options),
            until=options.as_of,
            exchange=self._get_exchange_journal_ids(options),
            is_loss=self._get_loss_sql(options),
            place=self._get_places_sql(SQL("item.date"), options),
        )

    # -- items by due date ------------------------------------------------------------------

    def _build_due(self, options, _parts):
        """Claims by due date, and those that weren't settled within the days of grace; an item counts once posted.

        ``ahead``: those that will be late, whose days of grace run beyond the day.
        """
        return SQL(
            """
            WITH item AS MATERIALIZED (%(lines)s),
            settled AS (
                SELECT debit_move_id AS id, SUM(amount) AS amount, MAX(max_date) AS day
                  FROM (%(partials)s) partial
                 GROUP BY debit_move_id
            ),
            due AS (
                SELECT item.key,
                       item.balance,
                       %(place)s AS place,
                       item.due + %(grace)s AS allowed,
                       settled.amount IS NULL OR settled.amount < item.balance OR settled.day > item.due + %(grace)s
                           AS is_late
                  FROM item LEFT JOIN settled ON settled.id = item.id
                 WHERE item.is_claim AND item.due <= %(until)s
            ),
            judged AS (
                SELECT due.*, is_late AND (%(days)s::date[])[place + 1] <= allowed AS is_ahead FROM due
            )
            SELECT key,
                   place,
                   0,
                   COUNT(*),
                   COUNT(*) FILTER (WHERE is_late),
                   COUNT(*) FILTER (WHERE is_ahead),
                   SUM(balance),
                   SUM(balance) FILTER (WHERE is_late),
                   SUM(balance) FILTER (WHERE is_ahead)
              FROM judged
             GROUP BY 1, 2
            """,
            lines=self._get_lines_sql(options),
            partials=self._get_partials_sql(options),
            place=self._get_places_sql(SQL("GREATEST(item.due, item.date)"), options),
            grace=options.grace,
            until=options.as_of,
            days=list(options.days),
        )

    # -- disputes and promises ----------------------------------------------------------------

    def _build_invoices(self, options, _parts):
        """Invoices issued, and of those of the period that ends on the day, how many had been disputed by then."""
        invoices = self._get_invoices_sql(options)
        starts = [options.days[max(0, place - options.months)] for place in range(len(options.days))]
        return SQL(
            """
            WITH invoice AS MATERIALIZED (%(invoices)s)
            SELECT key, %(place)s AS place, 0, COUNT(*), NULL FROM invoice GROUP BY 1, 2
             UNION ALL
            SELECT invoice.key, day.place - 1, 0, NULL, COUNT(*)
              FROM invoice
              JOIN unnest(%(days)s::date[], %(starts)s::date[]) WITH ORDINALITY day (day, start, place)
                ON invoice.disputed_on <= day.day AND invoice.date <= day.day AND invoice.date > day.start
             GROUP BY 1, 2
            """,
            invoices=invoices,
            place=self._get_places_sql(SQL("date"), options),
            days=list(options.days),
            starts=starts,
        )

    def _get_invoices_sql(self, options):
        invoices = SQL(
            """
            SELECT move.commercial_partner_id AS partner_id,
                   move.company_id,
                   move.currency_id,
                   move.date,
                   dispute.date AS disputed_on
              FROM account_move move
         LEFT JOIN (
                SELECT line.move_id, MIN(dispute.date) AS date
                  FROM credit_dispute_line part
                  JOIN credit_dispute dispute ON dispute.id = part.dispute_id
                  JOIN account_move_line line ON line.id = part.move_line_id
                 GROUP BY line.move_id
             ) dispute ON dispute.move_id = move.id
             WHERE move.move_type = 'out_invoice'
               AND move.state = 'posted'
               AND move.date <= %s
               AND move.company_id = ANY(%s)
            """,
            options.as_of,
            list(options.company_ids),
        )
        return self._get_keyed_sql(invoices, options, "item.date, item.disputed_on")

    def _build_disputed(self, options, _parts):
        """What was disputed on each day, of what was open then; an amount of 0 disputes all of an item."""
        return SQL(
            """
            WITH disputed AS MATERIALIZED (
                SELECT day.day,
                       day.place,
                       part.move_line_id AS line_id,
                       SUM(part.amount) AS amount,
                       BOOL_OR(COALESCE(part.amount, 0) = 0) AS is_whole
                  FROM unnest(%(days)s::date[]) WITH ORDINALITY day (day, place)
                  JOIN credit_dispute dispute
                    ON dispute.date <= day.day AND (dispute.state = 'open' OR dispute.closed_on > day.day)
                  JOIN credit_dispute_line part ON part.dispute_id = dispute.id
                 WHERE dispute.company_id = ANY(%(companies)s)
                 GROUP BY 1, 2, 3
            )
            SELECT item.key,
                   disputed.place - 1,
                   0,
                   SUM(GREATEST(0, LEAST(residual.amount,
                                         CASE WHEN disputed.is_whole THEN residual.amount ELSE disputed.amount END)))
              FROM disputed
              JOIN (%(lines)s) item ON item.id = disputed.line_id AND item.date <= disputed.day
             CROSS JOIN LATERAL (
                SELECT item.balance
                       - COALESCE((SELECT SUM(amount) FROM (%(partials)s) partial
                                    WHERE debit_move_id = item.id AND max_date <= disputed.day), 0)
                       + COALESCE((SELECT SUM(amount) FROM (%(partials)s) partial
                                    WHERE credit_move_id = item.id AND max_date <= disputed.day), 0) AS amount
             ) residual
             GROUP BY 1, 2
            """,
            days=list(options.days),
            companies=list(options.company_ids),
            lines=self._get_lines_sql(options),
            partials=self._get_partials_sql(options),
        )

    def _build_closed(self, options, _parts):
        """Disputes by the day on which they were closed, with the days that it took, and those found justified."""
        disputes = SQL(
            """
            SELECT partner.commercial_partner_id AS partner_id, dispute.company_id, company.currency_id,
                   dispute.closed_on, dispute.closed_on - dispute.date AS days, dispute.outcome
              FROM credit_dispute dispute
              JOIN res_partner partner ON partner.id = dispute.partner_id
              JOIN res_company company ON company.id = dispute.company_id
             WHERE dispute.state = 'closed' AND dispute.closed_on <= %s AND dispute.company_id = ANY(%s)
            """,
            options.as_of,
            list(options.company_ids),
        )
        return SQL(
            """
            SELECT key, %s, 0, COUNT(*), SUM(days), COUNT(*) FILTER (WHERE outcome = 'justified')
              FROM (%s) dispute GROUP BY 1, 2
            """,
            self._get_places_sql(SQL("closed_on"), options),
            self._get_keyed_sql(disputes, options, "item.closed_on, item.days, item.outcome"),
        )

    def _build_promises(self, options, _parts):
        """Promises that were kept or broken, by the last day on which they could be kept."""
        promises = SQL(
            """
            SELECT partner.commercial_partner_id AS partner_id, promise.company_id, company.currency_id,
                   promise.date + company.credit_promise_tolerance_days AS date, promise.amount, promise.state
              FROM credit_promise promise
              JOIN res_partner partner ON partner.id = promise.partner_id
              JOIN res_company company ON company.id = promise.company_id
             WHERE promise.state IN ('kept', 'partly_kept', 'broken') AND promise.company_id = ANY(%s)
            """,
            list(options.company_ids),
        )
        return SQL(
            """
            SELECT key,
                   %s,
                   0,
                   COUNT(*),
                   COUNT(*) FILTER (WHERE state = 'kept'),
                   SUM(amount),
                   SUM(amount) FILTER (WHERE state = 'kept')
              FROM (%s) promise WHERE date <= %s GROUP BY 1, 2
            """,
            self._get_places_sql(SQL("date"), options),
            self._get_keyed_sql(promises, options, "item.date, item.amount, item.state"),
            options.as_of,
        )


SOURCES = (
    Source(
        CreditKpiSource._build_balances,
        (("receivable", "sales"), ("overdue", "late_amount", "late_due"), ("at_risk",)),
    ),
    Source(CreditKpiSource._build_untaxed, (("sales_untaxed",),)),
    Source(CreditKpiSource._build_payments, (("cash_current", "cash_overdue", "paid_delay", "paid_days"),)),
    Source(CreditKpiSource._build_write_offs, (("written_off",),)),
    Source(
        CreditKpiSource._build_due,
        (("due_count", "late_count", "late_count_ahead", "due_value", "late_value", "late_value_ahead"),),
    ),
    Source(CreditKpiSource._build_invoices, (("invoices", "invoices_disputed"),)),
    Source(CreditKpiSource._build_disputed, (("disputed",),)),
    Source(CreditKpiSource._build_closed, (("closed", "closed_days", "closed_justified"),)),
    Source(CreditKpiSource._build_promises, (("promises", "kept", "promises_value", "kept_value"),)),
)
