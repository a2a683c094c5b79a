from odoo import api, models
from odoo.tools import SQL

from ..core.behaviour import Payment, Receivable, months_before
from .bulk import Days, read_groups
from .receipt import IS_RECEIPT, IS_WRITE_OFF, flush_receipts

# What took something off an item: a credit note too where a claim was only moved to another account.
PAID, CREDITED, LOST = 1, 2, 3
NOTHING = 0

# How far back a customer's items are read: all windows of core.behaviour lie within, and the same month of two years.
HISTORY_MONTHS = 36
# Customers at a time: what is kept of each bounds the memory, whatever the size of the ledger.
BATCH = 20_000
# Columns of a row of the history, as :func:`~.bulk.read_groups` names types.
ROW = "iiiiididi?"
DUST = 1e-6


class CreditPaymentHistory(models.AbstractModel):
    """What each customer had to pay and when they paid it: read once, for all who judge by it.

    What it is: the bridge between the ledger and ``core.behaviour``. One statement a batch
    of customers gathers their :class:`Receivable` values; :meth:`_iterate` goes through all customers.

    What counts: posted receivable items of trade accounts that a customer had to pay (not what
    our own payments to them left there), by their own due dates. What a credit note took off is off
    the amount; what was written off is a loss and no payment. Amounts are in company currency at the
    rate of the invoice: rates aren't behaviour, so an item weighs as much when it is paid as while it
    is open. A reconciliation with a draft doesn't count.
    """

    _name = "credit.payment.history"
    _description = "Payment history of customers"

    @api.model
    def _gather(self, company, partner_ids, as_of):
        """Return ``{commercial partner id: [Receivable, …]}`` as of a day, each customer's in the order of due dates.

        Reads with the rights of the database: callers check who may see what comes of it.
        """
        return self._reduce(company, partner_ids, as_of, lambda _partner_id, items: items)

    @api.model
    def _reduce(self, company, partner_ids, as_of, keep):
        """Return ``{commercial partner id: keep(partner id, items)}``: of one customer after the other.

        Only what ``keep`` returns stays in memory, so many customers can be read in one statement.

        :param keep: takes a commercial partner id and its ``Receivable`` values; it may not query
        """
        self._flush_history()
        found, day_of = {}, Days()

        def take(rows):
            if items := _read_items(rows, day_of):
                partner_id = rows[0][0]
                found[partner_id] = keep(partner_id, items)

        read_groups(self.env, self._get_history_sql(company, partner_ids, as_of), ROW, take)
        return found

    @api.model
    def _get_partner_ids(self, company, as_of):
        """Return the commercial partners who have a history in this company, in order."""
        self._flush_history()
        # The first item that is found of a customer is enough: most customers have many.
        query = SQL(
            """
            SELECT DISTINCT customer.commercial_partner_id
              FROM res_partner customer
             CROSS JOIN LATERAL (SELECT %s AND line.partner_id = customer.id LIMIT 1) found
             ORDER BY 1
            """,
            self._get_receivables_sql(company, as_of, self._get_account_ids()),
        )
        return [partner_id for (partner_id,) in self.env.execute_query(query)]

    def _flush_history(self):
        """Write to the database what the queries read."""
        self.env["credit.open.item"]._flush_sources()
        self.env["account.move.line"].flush_model(["balance", "invoice_date", "payment_id", "statement_line_id"])
        flush_receipts(self.env)

    def _get_history_sql(self, company, partner_ids, as_of):
        """Return the query of :meth:`_reduce`: a row an item and what was reconciled with it, customer by customer.

        The columns after the customer are in the order in which :func:`_read_items` sorts them, of the types that
        ``ROW`` tells; where nothing was reconciled, day, amount and kind are nothing. Of what kind a
        reconciliation is, is asked of the joined row: within the join the database takes the question for so dear
        that it looks up millions one by one.
        """
        account_ids = self._get_account_ids()
        return SQL(
            """
            SELECT partner.commercial_partner_id,
                   COALESCE(line.date_maturity, line.date),
                   line.id,
                   COALESCE(partial.max_date, line.date),
                   COALESCE(partial.id, 0),
                   COALESCE(partial.debit_amount_currency::float8
                                * (line.balance::float8 / NULLIF(line.amount_currency, 0)::float8),
                            partial.amount::float8,
                            0),
                   CASE WHEN partial.id IS NULL THEN %(nothing)s
                        WHEN %(is_receipt)s THEN %(paid)s
                        WHEN %(is_write_off)s THEN %(lost)s
                        ELSE %(credited)s END,
                   line.balance::float8,
                   COALESCE(line.invoice_date, line.date),
                   line.id IN (%(disputed)s)
              %(receivables)s
               AND partner.commercial_partner_id = ANY(%(partners)s)
             ORDER BY 1
            """,
            is_receipt=IS_RECEIPT,
            is_write_off=IS_WRITE_OFF,
            nothing=NOTHING,
            paid=PAID,
            lost=LOST,
            credited=CREDITED,
            receivables=self._get_receivables_sql(
                company, as_of, account_ids, self._get_taken_join_sql(as_of, account_ids)
            ),
            disputed=self._get_disputed_sql(as_of),
            partners=list(partner_ids),
        )

    def _get_taken_join_sql(self, as_of, account_ids):
        """Return the join of what was taken off a ``line`` by a day: ``partial``, its ``credit`` and its ``journal``.

        Entries are reconciled on one account, so that those of other accounts needn't be looked at, nor what Odoo
        doesn't take for the credit of a reconciliation: half of what there is.
        """
        return SQL(
            """
            LEFT JOIN (account_partial_reconcile partial
                       JOIN account_move_line credit ON credit.id = partial.credit_move_id
                       JOIN account_journal journal ON journal.id = credit.journal_id)
                   ON partial.debit_move_id = line.id
                  AND partial.max_date <= %(as_of)s
                  AND credit.parent_state = 'posted'
                  AND credit.account_id = ANY(%(accounts)s)
                  AND (credit.balance < 0 OR credit.amount_currency < 0)
            """,
            accounts=account_ids,
            as_of=as_of,
        )

    def _get_disputed_sql(self, as_of):
        """Return the query of the items that were ever disputed by a day."""
        return SQL(
            """
            SELECT line.move_line_id
              FROM credit_dispute_line line
              JOIN credit_dispute dispute ON dispute.id = line.dispute_id
             WHERE dispute.date <= %s
               AND line.move_line_id IS NOT NULL
            """,
            as_of,
        )

    def _get_receivables_sql(self, company, as_of, account_ids, join=None):
        """Return FROM and WHERE of the items that count: open, or settled within the months of history.

        :param join: what else stands in FROM
        """
        since = months_before(as_of, HISTORY_MONTHS)
        return SQL(
            """
              FROM account_move_line line
              JOIN res_partner partner ON partner.id = line.partner_id
              %(join)s
             WHERE line.company_id = %(company)s
               AND line.parent_state = 'posted'
               AND line.date <= %(as_of)s
               AND line.balance > 0
               AND line.payment_id IS NULL
               AND line.statement_line_id IS NULL
               AND line.journal_id IS DISTINCT FROM %(exchange)s
               AND line.account_id = ANY(%(accounts)s)
               AND (line.date > %(since)s
                    OR line.reconciled IS NOT TRUE
                    OR EXISTS (SELECT FROM account_partial_reconcile
                                WHERE debit_move_id = line.id AND max_date > %(since)s))
            """,
            join=join or SQL(),
            company=company.id,
            exchange=self._get_exchange_journal_id(company),
            accounts=account_ids,
            as_of=as_of,
            since=since,
        )

    def _get_exchange_journal_id(self, company):
        return company.sudo().currency_exchange_journal_id.id

    def _get_account_ids(self):
        """Return the ids of the trade receivable accounts.

        Given as values, the database knows how much of the ledger they are, and reads it in one go where that pays.
        """
        domain = [("account_type", "=", "asset_receivable"), ("non_trade", "=", False)]
        accounts = self.env["account.account"].sudo().with_context(active_test=False)
        return accounts.search(domain).ids

    # -- all customers, batch by batch ---------------------------------------------------

    @api.model
    def _iterate(self, company, partner_ids, as_of, keep, size=BATCH):
        """Yield :meth:`_reduce` for ``size`` customers at a time: memory doesn't grow with the ledger."""
        for start in range(0, len(partner_ids), size):
            yield self._reduce(company, partner_ids[start : start + size], as_of, keep)


def _read_items(rows, day_of):
    """Return the items of one customer by due date; of each there is a row for each reconciliation.

    :param rows: as :meth:`CreditPaymentHistory._get_history_sql` tells
    :param day_of: the day for each number of a day
    """
    items, last = [], NOTHING
    # Sorted here: a customer's few rows take less than all rows at once take the database.
    rows.sort()
    for _partner_id, due, line_id, on, _partial_id, taken, kind, balance, issued, disputed in rows:
        payments = (Payment(day_of[on], taken, kind == LOST),) if kind in (PAID, LOST) else ()
        credited = taken if kind == CREDITED else 0.0
        if line_id == last:
            known = items[-1]
            items[-1] = known._replace(amount=known.amount - credited, payments=known.payments + payments)
        else:
            items.append(Receivable(line_id, balance - credited, day_of[due], day_of[issued], payments, disputed))
        last = line_id
    # What credit notes took off whole was never to be paid; sums of binary fractions leave dust.
    return [item for item in items if item.amount > DUST]
