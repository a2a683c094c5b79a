from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from ..core.behaviour import Payment, Receivable, months_before

# How far back a customer's items are read: all windows of core.behaviour lie within, and the same month of two years.
HISTORY_MONTHS = 36
# Customers at a time: some 15 items each, so that a batch takes 30 MB whatever the size of the ledger.
BATCH = 5000


class CreditPaymentHistory(models.AbstractModel):
    """What each customer had to pay and when they paid it: read once, for all who judge by it.

    What it is: the bridge between the ledger and ``core.behaviour``. One statement a batch
    of customers gathers their :class:`Receivable` values; :meth:`_iterate` goes through all customers.

    What counts: posted receivable items of trade accounts that a customer had to pay (not what
    our own payments to them left there), by their own due dates. What a credit note took off is off
    the amount. Amounts are in company currency at the rate of the invoice: rates aren't behaviour,
    so an item weighs as much when it is paid as while it is open. A reconciliation with a draft
    doesn't count.
    """

    _name = "credit.payment.history"
    _description = "Payment history of customers"

    @api.model
    def _gather(self, company, partner_ids, as_of):
        """Return ``{commercial partner id: [Receivable, …]}`` as of a day, each customer's in the order of due dates.

        Reads with the rights of the database: callers check who may see what comes of it.
        """
        self._flush_history()
        found = defaultdict(list)
        for partner_id, line_id, amount, due, issued, disputed, paid_on, paid in self.env.execute_query(
            self._get_history_sql(company, partner_ids, as_of)
        ):
            payments = tuple(map(Payment, paid_on, paid)) if paid_on else ()
            found[partner_id].append(Receivable(line_id, amount, due, issued, payments, disputed))
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
            self._get_receivables_sql(company, as_of),
        )
        return [partner_id for (partner_id,) in self.env.execute_query(query)]

    def _flush_history(self):
        """Write to the database what the queries read."""
        self.env["credit.open.item"]._flush_sources()
        self.env["account.move.line"].flush_model(["balance", "invoice_date", "payment_id", "statement_line_id"])
        self.env["account.journal"].flush_model(["type"])

    def _get_history_sql(self, company, partner_ids, as_of):
        """Return the query of :meth:`_gather`: a row an item, its payments as two arrays by date."""
        return SQL(
            """
            WITH receivable AS MATERIALIZED (
                SELECT line.id,
                       partner.commercial_partner_id AS partner_id,
                       line.balance,
                       line.balance / NULLIF(line.amount_currency, 0) AS rate,
                       COALESCE(line.date_maturity, line.date) AS due,
                       COALESCE(line.invoice_date, line.date) AS issued
                       %(receivables)s
                   AND line.partner_id IN (SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%(partners)s))
            ),
            disputed AS (
                SELECT DISTINCT line.move_line_id AS id
                  FROM credit_dispute_line line
                  JOIN credit_dispute dispute ON dispute.id = line.dispute_id
                 WHERE dispute.date <= %(as_of)s
            )
            SELECT receivable.partner_id,
                   receivable.id,
                   (receivable.balance - COALESCE(taken.credited, 0))::float8,
                   receivable.due,
                   receivable.issued,
                   disputed.id IS NOT NULL,
                   taken.paid_on,
                   taken.paid
              FROM receivable
         LEFT JOIN (
                SELECT partial.debit_move_id AS id,
                       SUM(part.amount) FILTER (WHERE NOT kind.is_payment) AS credited,
                       ARRAY_AGG(partial.max_date ORDER BY partial.max_date, partial.id)
                           FILTER (WHERE kind.is_payment) AS paid_on,
                       ARRAY_AGG(part.amount::float8 ORDER BY partial.max_date, partial.id)
                           FILTER (WHERE kind.is_payment) AS paid
                  FROM receivable
                  JOIN account_partial_reconcile partial ON partial.debit_move_id = receivable.id
                  JOIN account_move_line credit ON credit.id = partial.credit_move_id
                  JOIN account_journal journal ON journal.id = credit.journal_id
                 CROSS JOIN LATERAL (
                    SELECT journal.type <> 'sale' AND journal.id IS DISTINCT FROM %(exchange)s AS is_payment
                 ) kind
                 CROSS JOIN LATERAL (
                    SELECT COALESCE(partial.debit_amount_currency * receivable.rate, partial.amount) AS amount
                 ) part
                 WHERE partial.max_date <= %(as_of)s
                   AND credit.parent_state = 'posted'
                 GROUP BY partial.debit_move_id
             ) taken ON taken.id = receivable.id
         LEFT JOIN disputed ON disputed.id = receivable.id
             WHERE receivable.balance > COALESCE(taken.credited, 0)
             ORDER BY receivable.due, receivable.id
            """,
            receivables=self._get_receivables_sql(company, as_of),
            partners=list(partner_ids),
            exchange=company.sudo().currency_exchange_journal_id.id,
            as_of=as_of,
        )

    def _get_receivables_sql(self, company, as_of):
        """Return FROM and WHERE of the items that count: open, or settled within the months of history."""
        since = months_before(as_of, HISTORY_MONTHS)
        return SQL(
            """
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE line.company_id = %(company)s
               AND line.parent_state = 'posted'
               AND line.date <= %(as_of)s
               AND line.balance > 0
               AND line.payment_id IS NULL
               AND line.statement_line_id IS NULL
               AND line.journal_id IS DISTINCT FROM %(exchange)s
               AND account.account_type = 'asset_receivable'
               AND account.non_trade IS NOT TRUE
               AND (line.date > %(since)s
                    OR line.reconciled IS NOT TRUE
                    OR EXISTS (SELECT FROM account_partial_reconcile
                                WHERE debit_move_id = line.id AND max_date > %(since)s))
            """,
            company=company.id,
            exchange=company.sudo().currency_exchange_journal_id.id,
            as_of=as_of,
            since=since,
        )

    # -- all customers, batch by batch ---------------------------------------------------

    @api.model
    def _iterate(self, company, partner_ids, as_of, size=BATCH):
        """Yield :meth:`_gather` for ``size`` customers at a time: memory doesn't grow with the ledger."""
        for start in range(0, len(partner_ids), size):
            yield self._gather(company, partner_ids[start : start + size], as_of)
