from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..core.ageing import AgeingScale
from .company_day import asked_day, company_today

# States of payment in which nothing is claimed, whatever the residual says: the money is on its way.
SETTLED_STATES = ("in_payment", "paid", "reversed")

# Until when it is faster to look for what is open now and what was settled since than to read all items.
LATELY_DAYS = 90

# Up to how many customers, and how many items, are looked up one by one: of more, all that is open is read.
FEW_CUSTOMERS = 500
FEW_ITEMS = 20_000

# What is open today.
IS_OPEN = SQL("(line.reconciled IS NOT TRUE AND (line.amount_residual <> 0 OR line.amount_residual_currency <> 0))")
# The receivable accounts as values of a condition: what is not reconciled is found by them, in core's own index.
RECEIVABLE = SQL("line.account_id = ANY(ARRAY(SELECT id FROM account_account WHERE account_type = 'asset_receivable'))")
# Where lines are looked for.
LINES = SQL("account_move_line line JOIN account_account account ON account.id = line.account_id")
# Entries that are drafts, or drafts again, though they are reconciled.
DRAFTS = SQL("SELECT id FROM account_move_line WHERE parent_state = 'draft' AND matching_number IS NOT NULL")
# What reconciliations take from a line: as their debit, or give to it, as their credit.
SIDES = {
    "taken": ("debit_move_id", "debit_amount_currency"),
    "given": ("credit_move_id", "credit_amount_currency"),
}


def _is_narrow(partner_ids, line_ids):
    """Whether it is cheaper to look up each of these than to read the ledger; None stands for all."""
    few_customers = partner_ids is not None and len(partner_ids) <= FEW_CUSTOMERS
    return few_customers or line_ids is not None and len(line_ids) <= FEW_ITEMS


class CreditOpenItem(models.Model):
    """Receivable items open as of a day: the only reader of due dates.

    What it is: one row per posted receivable item that was open on the day in the context
    (``as_of``, a date or its ISO text; today without it). The id is the move line's.

    How it works: what is open on a past day is what is open now, plus the reconciliations
    that came later. So only these are read again, whatever the age of the ledger. A
    reconciliation with an entry that is still a draft doesn't count: the ledger doesn't
    know it. The total equals the receivable accounts' balance on that day.

    How to read many: :meth:`_get_items_sql` is a query to be joined by others. It restricts
    itself early to companies, customers or items; so does a search for some of them.
    """

    _name = "credit.open.item"
    _description = "Open item"
    _inherit = ["credit.live.rows", "credit.forecast.item", "credit.limitation"]
    _auto = False
    _rec_name = "reference"
    _order = "date_maturity, id"
    _scope_arguments = {
        "id": "line_ids",
        "move_line_id": "line_ids",
        "partner_id": "partner_ids",
        "company_id": "company_ids",
    }
    _depends = {
        "account.move.line": [
            "account_id",
            "amount_residual",
            "amount_residual_currency",
            "company_id",
            "currency_id",
            "date",
            "date_maturity",
            "journal_id",
            "matching_number",
            "move_id",
            "move_name",
            "name",
            "no_followup",
            "parent_state",
            "partner_id",
            "reconciled",
        ],
        "account.move": ["move_type", "origin_payment_id", "payment_state", "preferred_payment_method_line_id"],
        "account.account": ["account_type", "credit_collection", "non_trade"],
        "account.partial.reconcile": [
            "amount",
            "credit_amount_currency",
            "credit_move_id",
            "debit_amount_currency",
            "debit_move_id",
            "max_date",
        ],
        "account.payment": ["payment_method_line_id"],
        "account.payment.method.line": ["credit_collection"],
        "credit.dispute": ["closed_on", "date", "state"],
        "credit.dispute.line": ["amount", "dispute_id", "move_line_id"],
        "credit.payment.return": ["date", "move_line_id"],
        "credit.promise": ["amount", "broken_on", "date", "date_recorded", "move_line_ids", "state"],
        "res.partner": ["commercial_partner_id"],
    }

    move_line_id = fields.Many2one("account.move.line", string="Journal item", readonly=True)
    move_id = fields.Many2one("account.move", string="Entry", readonly=True)
    reference = fields.Char(readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    account_id = fields.Many2one("account.account", readonly=True)
    journal_id = fields.Many2one("account.journal", readonly=True)
    move_type = fields.Char(string="Kind of document", readonly=True)
    payment_state = fields.Char(string="State of payment", readonly=True)
    no_followup = fields.Boolean(string="No follow-up", readonly=True)
    non_trade = fields.Boolean(string="Not a trade receivable", readonly=True)
    date = fields.Date(readonly=True)
    date_maturity = fields.Date(string="Due date", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    days_overdue = fields.Integer(
        string="Days late",
        readonly=True,
        aggregator="max",
        help="Days since the due date; negative before it.",
        depends_context=("as_of",),
    )
    bucket = fields.Char(readonly=True, depends_context=("as_of",))
    amount_residual = fields.Monetary(
        string="Open amount", currency_field="company_currency_id", readonly=True, depends_context=("as_of",)
    )
    amount_residual_currency = fields.Monetary(
        string="Open amount in its currency", readonly=True, depends_context=("as_of",)
    )
    amount_disputed = fields.Monetary(
        string="Disputed amount", currency_field="company_currency_id", readonly=True, depends_context=("as_of",)
    )
    amount_promised = fields.Monetary(
        string="Promised amount", currency_field="company_currency_id", readonly=True, depends_context=("as_of",)
    )
    collected = fields.Boolean(
        readonly=True,
        depends_context=("as_of",),
        help="Collected by direct debit or bill, and not come back: it isn't reminded.",
    )

    def _as_of(self):
        """Return the day in question: the context's ``as_of`` (date or ISO text), else today."""
        return asked_day(self.env, self.env.context.get("as_of")) or company_today(self.env.company)

    # -- reading through the ORM ----------------------------------------------------

    def _get_rows_sql(self, **scope):
        return self._get_items_sql(self._as_of(), **scope)

    def _as_query(self, ordered=True):
        return super(CreditOpenItem, self._with_scope({"line_ids": self.ids}))._as_query(ordered)

    # -- the query --------------------------------------------------------------------

    def _get_items_sql(self, as_of, company_ids=None, partner_ids=None, line_ids=None, known_on=None, with_bucket=True):
        """Return the query of the items open on ``as_of``; it has a column for each stored field.

        And what the line holds today: ``residual_now``, ``residual_currency_now``, ``amount_original``.
        Flush first where it isn't run by the ORM: :meth:`_flush_sources`.

        :param company_ids: only of these companies
        :param partner_ids: only of these commercial partners
        :param line_ids: only these items
        :param known_on: the day whose disputes and promises count, where it isn't ``as_of``: a
            run that is dated back acts upon what is known by now
        :param with_bucket: without it the bucket is null, and the companies' edges aren't read
        """
        known_on = known_on or as_of
        return SQL(
            """
            WITH %(residual)s
            SELECT item.*,
                   %(bucket)s AS bucket,
                   owed.disputed AS amount_disputed,
                   LEAST(owed.amount - owed.disputed, COALESCE(promised.amount, 0)) AS amount_promised,
                   %(collected)s AS collected
              FROM (%(items)s) item
         LEFT JOIN (%(disputed)s) disputed ON disputed.line_id = item.id
         LEFT JOIN (%(promised)s) promised ON promised.line_id = item.id
             CROSS JOIN LATERAL (
                SELECT GREATEST(item.amount_residual, 0) AS amount,
                       CASE WHEN disputed.is_whole THEN GREATEST(item.amount_residual, 0)
                            ELSE LEAST(GREATEST(item.amount_residual, 0), COALESCE(disputed.amount, 0))
                       END AS disputed
             ) owed
            """,
            residual=self._get_residual_ctes_sql(as_of, company_ids, partner_ids, line_ids),
            items=self._get_columns_sql(as_of),
            bucket=self._get_bucket_sql() if with_bucket else SQL("NULL"),
            disputed=self._get_disputed_sql(known_on),
            promised=self._get_promised_sql(as_of, known_on, company_ids, partner_ids, line_ids),
            collected=self._get_collected_sql(known_on),
        )

    def _get_ledger_items_sql(self, as_of, company_ids=None, partner_ids=None, line_ids=None):
        """Return the query of the items open on ``as_of`` by the ledger alone: nothing disputed, promised or collected.

        Its columns are those of :meth:`_get_columns_sql`, the arguments those of :meth:`_get_items_sql`.
        """
        return SQL(
            "WITH %(residual)s %(items)s",
            residual=self._get_residual_ctes_sql(as_of, company_ids, partner_ids, line_ids),
            items=self._get_columns_sql(as_of),
        )

    def _get_residual_ctes_sql(self, as_of, company_ids, partner_ids, line_ids):
        """Return the CTE ``residual``, with what it stands on: the lines of these that were open on ``as_of``."""
        is_narrow = _is_narrow(partner_ids, line_ids)
        scope = self._get_scope_sql(company_ids, partner_ids, line_ids)
        return SQL(
            "%(undone)s residual AS %(kept)s (%(lines)s)",
            undone=SQL() if is_narrow else self._get_undone_ctes_sql(as_of),
            kept=self._get_kept_sql(is_narrow),
            lines=SQL(" UNION ALL ").join(
                self._get_residual_sql(as_of, is_narrow, *source)
                for source in self._get_sources_sql(as_of, is_narrow, scope)
            ),
        )

    def _get_stands_sql(self, as_of, partner_ids):
        """Return the condition that what a few customers' items show as open today is what was open on ``as_of``.

        That is: nothing of theirs was reconciled later, or with a draft. :meth:`_get_standing_items_sql` is right then.
        """
        return SQL(
            """
            NOT EXISTS (
                SELECT FROM (
                    SELECT debit_move_id, credit_move_id FROM account_partial_reconcile WHERE max_date > %(as_of)s
                     UNION ALL
                    SELECT debit_move_id, credit_move_id FROM account_partial_reconcile
                     WHERE debit_move_id IN (%(drafts)s)
                     UNION ALL
                    SELECT debit_move_id, credit_move_id FROM account_partial_reconcile
                     WHERE credit_move_id IN (%(drafts)s)
                ) partial
                  JOIN account_move_line line ON line.id IN (partial.debit_move_id, partial.credit_move_id)
                  JOIN res_partner partner ON partner.id = line.partner_id
                 WHERE partner.commercial_partner_id = ANY(%(partners)s)
            )
            """,
            as_of=as_of,
            drafts=DRAFTS,
            partners=list(partner_ids),
        )

    def _get_standing_items_sql(self, as_of, company_ids, partner_ids):
        """Return what is open of a few customers by the ledger as it stands: see :meth:`_get_stands_sql`.

        Some columns of :meth:`_get_columns_sql`; planning it takes the server a tenth of the time.
        """
        return SQL(
            """
            SELECT line.id,
                   line.move_id,
                   COALESCE(line.move_name, line.name, '') AS reference,
                   partner.commercial_partner_id AS partner_id,
                   line.company_id,
                   COALESCE(line.date_maturity, line.date) AS date_maturity,
                   %(as_of)s::date - COALESCE(line.date_maturity, line.date) AS days_overdue,
                   line.amount_residual
              FROM account_move_line line
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE partner.commercial_partner_id = ANY(%(partners)s)
               AND line.company_id = ANY(%(companies)s)
               AND line.parent_state = 'posted'
               AND line.date <= %(as_of)s
               AND %(receivable)s
               AND %(is_open)s
            """,
            as_of=as_of,
            partners=list(partner_ids),
            companies=list(company_ids),
            receivable=RECEIVABLE,
            is_open=IS_OPEN,
        )

    def _read_plain_now(self, companies, partner, today):
        """Return what is open of one customer as it stands, where nothing else is known about it; else None.

        For who asks customer by customer, in haste: most have no dispute, promise or direct
        debit, and then the ledger's own residuals say all; planning :meth:`_get_items_sql` takes
        the server ten times as long. What later entries settle counts as settled here. ``may_be_held`` is false on
        all of them where the customer has no pause, no collective procedure and no litigation, of whatever day.
        """
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT line.id,
                       line.move_id,
                       line.amount_residual::float8 AS amount_residual,
                       0.0 AS amount_disputed,
                       0.0 AS amount_promised,
                       FALSE AS collected,
                       line.date,
                       COALESCE(line.date_maturity, line.date) AS date_maturity,
                       COALESCE(line.no_followup, FALSE) AS no_followup,
                       COALESCE(account.non_trade, FALSE) AS non_trade,
                       move.payment_state,
                       account.credit_collection IS NOT NULL
                           OR EXISTS (SELECT FROM credit_dispute_line WHERE move_line_id = line.id)
                           OR EXISTS (SELECT FROM account_move_line_credit_promise_rel
                                       WHERE account_move_line_id = line.id)
                           OR EXISTS (SELECT FROM account_payment_method_line method
                                       WHERE method.id = move.preferred_payment_method_line_id
                                         AND method.credit_collection IS NOT NULL) AS has_more,
                       EXISTS (SELECT FROM credit_dunning_pause
                                WHERE partner_id = %(partner)s OR move_id = line.move_id)
                           OR EXISTS (SELECT FROM credit_insolvency WHERE partner_id = %(partner)s)
                           OR EXISTS (SELECT FROM credit_litigation WHERE partner_id = %(partner)s) AS may_be_held
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                  JOIN account_move move ON move.id = line.move_id
                 WHERE line.partner_id IN (SELECT id FROM res_partner WHERE commercial_partner_id = %(partner)s)
                   AND line.company_id = ANY(%(companies)s)
                   AND line.parent_state = 'posted'
                   AND line.date <= %(today)s
                   AND account.account_type = 'asset_receivable'
                   AND %(is_open)s
                """,
                partner=partner.id,
                companies=companies.ids,
                today=today,
                is_open=IS_OPEN,
            )
        )
        return None if any(row["has_more"] for row in rows) else rows

    def _flush_sources(self):
        """Write to the database what the query reads."""
        for model, names in self._depends.items():
            self.env[model].flush_model(names)

    def _get_columns_sql(self, as_of):
        """Return the columns that don't depend on our own models, of the lines in ``residual``."""
        return SQL(
            """
            SELECT line.id,
                   line.id AS move_line_id,
                   line.move_id,
                   line.reference,
                   COALESCE(partner.commercial_partner_id, line.partner_id) AS partner_id,
                   line.company_id,
                   line.account_id,
                   line.journal_id,
                   line.move_type,
                   line.payment_state,
                   line.no_followup,
                   line.non_trade,
                   line.collection,
                   line.date,
                   line.date_maturity,
                   line.currency_id,
                   %(as_of)s::date - line.date_maturity AS days_overdue,
                   line.amount_residual,
                   line.amount_residual_currency,
                   line.residual_now,
                   line.residual_currency_now,
                   line.amount_original
              FROM residual line
         LEFT JOIN res_partner partner ON partner.id = line.partner_id
             WHERE line.amount_residual <> 0 OR line.amount_residual_currency <> 0
            """,
            as_of=as_of,
        )

    def _get_residual_sql(self, as_of, is_narrow, lines, condition):
        """Return ``lines`` that were posted by ``as_of`` and meet ``condition``, with what was open of each then."""
        return SQL(
            """
            SELECT line.id,
                   line.move_id,
                   COALESCE(line.move_name, line.name, '') AS reference,
                   line.partner_id,
                   line.company_id,
                   line.account_id,
                   line.journal_id,
                   move.move_type,
                   move.payment_state,
                   COALESCE(line.no_followup, FALSE) AS no_followup,
                   COALESCE(account.non_trade, FALSE) AS non_trade,
                   COALESCE(account.credit_collection, method.credit_collection) AS collection,
                   line.date,
                   COALESCE(line.date_maturity, line.date) AS date_maturity,
                   line.currency_id,
                   line.amount_residual + COALESCE(taken.amount, 0) - COALESCE(given.amount, 0) AS amount_residual,
                   line.amount_residual_currency
                       + COALESCE(taken.amount_currency, 0) - COALESCE(given.amount_currency, 0)
                       AS amount_residual_currency,
                   line.amount_residual AS residual_now,
                   line.amount_residual_currency AS residual_currency_now,
                   line.amount_currency AS amount_original
              FROM %(lines)s
              -- Each line has one: outer, so that who reads nothing of it doesn't read all entries either. Joined here,
              -- where the database knows how few lines there are.
         LEFT JOIN account_move move ON move.id = line.move_id
         LEFT JOIN account_payment_method_line method ON method.id = move.preferred_payment_method_line_id
                   %(joins)s
             WHERE line.parent_state = 'posted'
               AND line.date <= %(as_of)s
               AND account.account_type = 'asset_receivable'
               AND %(condition)s
            """,
            lines=lines,
            as_of=as_of,
            joins=self._get_undone_joins_sql(as_of, is_narrow),
            condition=condition,
        )

    def _get_scope_sql(self, company_ids, partner_ids, line_ids):
        """Return the condition that a line is one of these."""
        conditions = [SQL("TRUE")]
        if company_ids is not None:
            conditions.append(SQL("line.company_id = ANY(%s)", list(company_ids)))
        if line_ids is not None:
            conditions.append(SQL("line.id = ANY(%s)", list(line_ids)))
        if partner_ids is not None:
            partners = SQL("SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)", list(partner_ids))
            conditions.append(SQL("line.partner_id IN (%s)", partners))
        return SQL(" AND ").join(conditions)

    def _get_sources_sql(self, as_of, is_narrow, scope):
        """Return ``[(lines, condition)]`` that find the open lines of ``scope``, each line by one of them.

        Today: what is open, found by its index, and the few that a later or a draft entry settles.
        Lately: the same for all customers; for a few of them it is simpler to look at all that they
        had. Long ago: all lines, because most of what was open then was settled since.
        """
        today = company_today(self.env.company)
        if is_narrow and as_of < today:
            return [(LINES, scope)]
        if self._is_long_ago(as_of):
            # The accounts once more: whoever reads all lines passes over most of them by this alone.
            found = SQL("(%s OR taken.line_id IS NOT NULL OR given.line_id IS NOT NULL) AND %s", IS_OPEN, RECEIVABLE)
            return [(LINES, SQL("%s AND %s", scope, found))]
        undone = SQL(" UNION ").join(
            SQL("SELECT line_id FROM (%s) undone", self._get_undone_sql(name, as_of))
            if is_narrow
            else SQL("SELECT line_id FROM %s", SQL.identifier(name))
            for name in SIDES
        )
        return [
            (LINES, SQL("%s AND %s", scope, IS_OPEN)) if is_narrow else (self._get_open_lines_sql(scope), SQL("TRUE")),
            (LINES, SQL("%s AND (%s) IS NOT TRUE AND line.id IN (%s)", scope, IS_OPEN, undone)),
        ]

    def _get_open_lines_sql(self, scope):
        """Return the lines of ``scope`` that are open today, of all customers: account by account, by core's own index.

        Fenced by ``OFFSET``: how little of a receivable account is open can't be known from statistics that take each
        condition for itself. Without it the database reads all lines, once there are millions.
        """
        return SQL(
            """
            account_account account
             CROSS JOIN LATERAL (
                SELECT * FROM account_move_line line
                 WHERE line.account_id = account.id AND %(scope)s AND %(is_open)s
                OFFSET 0
             ) line
            """,
            scope=scope,
            is_open=IS_OPEN,
        )

    def _is_long_ago(self, as_of):
        return as_of < company_today(self.browse()) - timedelta(days=LATELY_DAYS)

    def _get_kept_sql(self, is_narrow):
        """Return whether the open lines are worked out first, with all that is known of them: of few customers."""
        return SQL("MATERIALIZED" if is_narrow else "NOT MATERIALIZED")

    def _get_undone_ctes_sql(self, as_of):
        """Return the CTEs ``taken`` and ``given``: what to add back to each line of the ledger."""
        return SQL().join(SQL("%s AS (%s),", SQL.identifier(name), self._get_undone_sql(name, as_of)) for name in SIDES)

    def _get_undone_joins_sql(self, as_of, is_narrow):
        """Return the joins of ``taken`` and ``given`` to ``line``; of a few lines each by its index."""
        if not is_narrow:
            return SQL("LEFT JOIN taken ON taken.line_id = line.id LEFT JOIN given ON given.line_id = line.id")
        return SQL(" ").join(
            SQL(
                "LEFT JOIN LATERAL (%s) %s ON TRUE",
                self._get_undone_sql(name, as_of, SQL("AND partial.%s = line.id", SQL.identifier(SIDES[name][0]))),
                SQL.identifier(name),
            )
            for name in SIDES
        )

    def _get_undone_sql(self, name, as_of, condition=None):
        """Return per line what later or unposted reconciliations took from it, as debit or as credit."""
        side, amount_currency = (SQL.identifier("partial", column) for column in SIDES[name])
        return SQL(
            """
            SELECT %(side)s AS line_id, SUM(partial.amount) AS amount, SUM(%(amount_currency)s) AS amount_currency
              FROM account_partial_reconcile partial
             WHERE (partial.max_date > %(as_of)s OR partial.id = ANY(ARRAY(
                    SELECT id FROM account_partial_reconcile WHERE debit_move_id IN (%(drafts)s)
                     UNION ALL
                    SELECT id FROM account_partial_reconcile WHERE credit_move_id IN (%(drafts)s)
                   )))
                   %(condition)s
             GROUP BY %(side)s
            """,
            side=side,
            amount_currency=amount_currency,
            as_of=as_of,
            drafts=DRAFTS,
            condition=condition or SQL(),
        )

    def _get_disputed_sql(self, as_of):
        """Return the disputed part per line; an amount of 0 disputes all of it."""
        return SQL(
            """
            SELECT line.move_line_id AS line_id,
                   SUM(line.amount) AS amount,
                   BOOL_OR(COALESCE(line.amount, 0) = 0) AS is_whole
              FROM credit_dispute_line line
              JOIN credit_dispute dispute ON dispute.id = line.dispute_id
             WHERE dispute.date <= %(as_of)s
               AND (dispute.state = 'open' OR dispute.closed_on > %(as_of)s)
             GROUP BY line.move_line_id
            """,
            as_of=as_of,
        )

    def _get_promised_sql(self, as_of, known_on, company_ids, partner_ids, line_ids):
        """Return the promised part per line.

        Who shares what was received with whom is decided by ``core/promises.py``, for the promises that
        run: so they are read and decided first, and stand in the query as values.
        """
        parts = self.env["credit.promise"]._get_promised_parts(as_of, known_on, company_ids, partner_ids, line_ids)
        return SQL(
            "SELECT * FROM unnest(%s::int[], %s::numeric[]) AS part (line_id, amount)",
            list(parts),
            list(parts.values()),
        )

    # -- direct debits and bills --------------------------------------------------------

    def _get_collected_sql(self, as_of):
        """Return the condition that ``item`` is under collection: by us, and not come back since.

        What decides is the account (bills to receive), else the payment method of the invoice. An
        item that came back is under collection again once a later direct debit paid a part of it.
        """
        return SQL(
            """
            (item.collection IS NOT NULL AND owed.amount > 0 AND NOT EXISTS (
                SELECT 1
                  FROM credit_payment_return came_back
                 WHERE came_back.move_line_id = item.id
                   AND came_back.date <= %(as_of)s
                   AND came_back.date >= COALESCE((
                       SELECT MAX(partial.max_date)
                         FROM account_partial_reconcile partial
                         JOIN account_move_line credit ON credit.id = partial.credit_move_id
                         JOIN account_move move ON move.id = credit.move_id
                         JOIN account_payment payment ON payment.id = move.origin_payment_id
                         JOIN account_payment_method_line method ON method.id = payment.payment_method_line_id
                        WHERE partial.debit_move_id = item.id
                          AND partial.max_date <= %(as_of)s
                          AND method.credit_collection IS NOT NULL
                          AND credit.parent_state = 'posted'
                   ), '-infinity')
            ))
            """,
            as_of=as_of,
        )

    def _get_collected_line_ids(self, line_ids, as_of):
        """Return those of ``line_ids`` that are under direct debit or a bill, and haven't come back."""
        self._flush_sources()
        items = self._get_items_sql(as_of, line_ids=line_ids)
        rows = self.env.execute_query(SQL("SELECT id FROM (%s) item WHERE collected", items))
        return {line_id for (line_id,) in rows}

    def _get_bucket_sql(self):
        """Return the CASE of the bucket, by each company's own edges."""
        edges_of = {
            company.id: AgeingScale.parse(company.credit_ageing_edges)
            for company in self.env["res.company"].sudo().search([])
        }
        scales = set(edges_of.values())
        if len(scales) == 1:
            return SQL(scales.pop().sql_case("item.days_overdue"))
        whens = SQL(" ").join(
            SQL("WHEN %s THEN %s", company_id, SQL(scale.sql_case("item.days_overdue")))
            for company_id, scale in edges_of.items()
        )
        return SQL("CASE item.company_id %s END", whens)
