from dataclasses import dataclass, field

from odoo import models
from odoo.tools import SQL

from ..core import promises as core
from .company_day import company_today

# What the queries below read.
SOURCES = {
    "credit.promise": [
        "amount",
        "broken_on",
        "company_id",
        "date",
        "date_recorded",
        "is_excluded",
        "move_line_ids",
        "partner_id",
        "state",
    ],
    "account.move.line": ["balance", "date", "date_maturity", "move_id", "parent_state", "account_id"],
    "account.move": ["journal_id", "move_type", "origin_payment_id", "statement_line_id"],
    "account.partial.reconcile": ["amount", "credit_move_id", "debit_move_id", "exchange_move_id", "max_date"],
    "credit.dispute": ["closed_on", "date", "state"],
    "credit.dispute.line": ["amount", "dispute_id", "move_line_id"],
    "res.company": ["credit_promise_tolerance_days", "credit_promise_share"],
    "res.partner": ["commercial_partner_id"],
}


@dataclass
class Pool:
    """The promises of a company's customers, with what was received on their items."""

    terms: core.Terms
    promises: list[core.Promise] = field(default_factory=list)
    owed: dict[int, float] = field(default_factory=dict)
    receipts: list[core.Receipt] = field(default_factory=list)


class CreditPromiseLedger(models.AbstractModel):
    """Promises against what the ledger says was received: gathered in few queries, decided by the core."""

    _name = "credit.promise.ledger"
    _description = "Promises against receipts"

    def _get_promised_parts(self, as_of, known_on, company_ids=None, partner_ids=None, line_ids=None):
        """Return ``{receivable item: amount promised of it}`` on ``as_of``, in company currency.

        How a promise ended is known, but for the broken ones not when: on a past day it ran.

        :param known_on: the day up to which promises and receipts are known
        :param company_ids: only of these companies
        :param partner_ids: only of these commercial partners
        :param line_ids: only on these items
        """
        running = SQL(
            """(
                promise.date + company.credit_promise_tolerance_days >= %(as_of)s
            AND promise.state <> 'cancelled'
            AND (promise.state <> 'broken' OR promise.broken_on > %(known_on)s)
            AND (promise.state IN ('open', 'broken') OR %(is_past)s)
            )""",
            as_of=as_of,
            known_on=known_on,
            is_past=known_on < company_today(self),
        )
        wanted = SQL("%s AND %s", running, self._get_promise_scope_sql(company_ids, partner_ids, line_ids))
        parts = {}
        pools = self._gather_pools(wanted, running, known_on)
        disputed = self._get_disputed_parts(pools, known_on)
        for pool in pools.values():
            for verdict in core.decide(pool.promises, pool.owed, pool.receipts, as_of, pool.terms, disputed).values():
                for line_id, amount in verdict.parts.items():
                    parts[line_id] = parts.get(line_id, 0.0) + amount
        return parts

    def _get_disputed_parts(self, pools, known_on):
        """Return ``{item: disputed part}`` of the items in ``pools``; infinite where all of it is disputed."""
        line_ids = [line_id for pool in pools.values() for line_id in pool.owed]
        if not line_ids:
            return {}
        disputed = self.env["credit.open.item"]._get_disputed_sql(known_on)
        query = SQL("SELECT line_id, amount, is_whole FROM (%s) disputed WHERE line_id = ANY(%s)", disputed, line_ids)
        return {
            line_id: float("inf") if is_whole else float(amount)
            for line_id, amount, is_whole in self.env.execute_query(query)
        }

    def _get_promise_scope_sql(self, company_ids, partner_ids, line_ids):
        """Return the condition that ``promise`` may concern these."""
        conditions = [SQL("TRUE")]
        if company_ids is not None:
            conditions.append(SQL("promise.company_id = ANY(%s)", list(company_ids)))
        if partner_ids is not None:
            partners = SQL("SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)", list(partner_ids))
            conditions.append(SQL("promise.partner_id IN (%s)", partners))
        if line_ids is not None:
            conditions.append(self._get_on_lines_sql(line_ids))
        return SQL(" AND ").join(conditions)

    def _get_on_lines_sql(self, line_ids):
        """Return the condition that ``promise`` is for one of these items."""
        return SQL(
            """promise.id IN (
                SELECT credit_promise_id FROM account_move_line_credit_promise_rel WHERE account_move_line_id = ANY(%s)
            )""",
            list(line_ids),
        )

    # -- gather -------------------------------------------------------------------------

    def _gather_pools(self, wanted, running, known_on):
        """Return ``{company id: Pool}`` of the customers of whom a promise is ``wanted``, in two queries.

        All promises of these customers are in it: those that are over have had their money.

        :param wanted: SQL condition on ``promise`` and ``company``
        :param running: SQL condition that a promise still stands for its items
        """
        for model, names in SOURCES.items():
            self.env[model].flush_model(names)
        rows = self._query_promises(wanted, running, known_on)
        pools = {}
        for company_id, tolerance, share, *values, line_ids in rows:
            if company_id not in pools:
                rounding = self.env["res.company"].sudo().browse(company_id).currency_id.rounding
                pools[company_id] = Pool(core.Terms(tolerance, share / 100.0, rounding))
            promise_id, recorded, due, amount, is_running = values
            pools[company_id].promises.append(
                core.Promise(promise_id, recorded, due, amount, tuple(line_ids), is_running)
            )
        self._gather_receipts(pools, known_on)
        return pools

    def _query_promises(self, wanted, running, known_on):
        return self.env.execute_query(
            SQL(
                """
                SELECT promise.company_id,
                       company.credit_promise_tolerance_days,
                       company.credit_promise_share::float8,
                       promise.id,
                       promise.date_recorded,
                       promise.date,
                       promise.amount::float8,
                       %(running)s AS is_running,
                       ARRAY(
                           SELECT line.id
                             FROM account_move_line_credit_promise_rel rel
                             JOIN account_move_line line ON line.id = rel.account_move_line_id
                            WHERE rel.credit_promise_id = promise.id
                            ORDER BY COALESCE(line.date_maturity, line.date), line.id
                       )
                  FROM credit_promise promise
                  JOIN res_company company ON company.id = promise.company_id
                 WHERE promise.date_recorded <= %(known_on)s
                   AND (promise.state <> 'cancelled' OR promise.is_excluded)
                   AND (promise.partner_id, promise.company_id) IN (
                        SELECT promise.partner_id, promise.company_id
                          FROM credit_promise promise
                          JOIN res_company company ON company.id = promise.company_id
                         WHERE promise.date_recorded <= %(known_on)s AND %(wanted)s
                       )
                """,
                running=running,
                wanted=wanted,
                known_on=known_on,
            )
        )

    def _gather_receipts(self, pools, known_on):
        """Put into ``pools`` what their items were at first, and what has settled them by ``known_on``."""
        company_of = {
            line_id: company_id
            for company_id, pool in pools.items()
            for promise in pool.promises
            for line_id in promise.items
        }
        for line_id, owed, is_gone, on, amount, is_payment in self._query_receipts(list(company_of), known_on):
            pool = pools[company_of[line_id]]
            pool.owed[line_id] = owed
            if is_gone:
                # A cancelled invoice can't be paid any more, as if it had been credited.
                pool.receipts.append(core.Receipt(line_id, known_on, owed, is_payment=False))
            elif on:
                pool.receipts.append(core.Receipt(line_id, on, amount, is_payment))

    def _query_receipts(self, line_ids, known_on):
        """Return (item, owed at first, is cancelled, day, amount, is payment) of what settled each item.

        An item that nothing has settled has one row without a day.

        A payment is what stands in a journal of bank or cash, or moves an account of these. An exchange
        difference goes with what it comes from.
        """
        if not line_ids:
            return []
        query = SQL(
            """
            SELECT line.id, line.balance::float8, line.parent_state = 'cancel',
                   settled.date, settled.amount::float8, settled.is_payment
              FROM account_move_line line
         LEFT JOIN LATERAL (%s) settled ON TRUE
             WHERE line.id = ANY(%s)
            """,
            self._get_settled_sql(known_on),
            line_ids,
        )
        return self.env.execute_query(query)

    def _get_settled_sql(self, known_on):
        """Return what settled ``line`` by ``known_on``, in the order of its days: (day, amount, is payment)."""
        return SQL(
            """
            SELECT source.date, partial.amount, %(is_payment)s AS is_payment
              FROM account_partial_reconcile partial
              JOIN account_move_line credit ON credit.id = partial.credit_move_id
         LEFT JOIN LATERAL (
                SELECT origin.credit_move_id
                  FROM account_partial_reconcile origin
                 WHERE origin.exchange_move_id = credit.move_id
                 ORDER BY origin.debit_move_id = line.id DESC, origin.id
                 LIMIT 1
              ) exchange ON TRUE
              JOIN account_move_line source ON source.id = COALESCE(exchange.credit_move_id, credit.id)
              JOIN account_move move ON move.id = source.move_id
              JOIN account_journal journal ON journal.id = move.journal_id
             WHERE partial.debit_move_id = line.id
               AND partial.max_date <= %(known_on)s
               AND credit.parent_state = 'posted'
             ORDER BY source.date, partial.id
            """,
            is_payment=self._get_is_payment_sql(),
            known_on=known_on,
        )

    def _get_is_payment_sql(self):
        """Return the condition that the entry ``move`` of ``journal`` is a payment."""
        return SQL(
            """
            (move.move_type <> 'out_refund' AND (
                move.origin_payment_id IS NOT NULL
                OR move.statement_line_id IS NOT NULL
                OR journal.type IN ('bank', 'cash', 'credit')
                OR EXISTS (
                    SELECT FROM account_move_line counterpart
                      JOIN account_account account ON account.id = counterpart.account_id
                     WHERE counterpart.move_id = move.id
                       AND account.account_type IN ('asset_cash', 'liability_credit_card')
                )
            ))
            """
        )
