"""What is known of some customers on a day: read once, shared by all factors of a score."""

from collections import defaultdict
from functools import cached_property
from typing import NamedTuple

from odoo.tools import SQL

from ..core import behaviour
from ..core.behaviour import Payment, Receivable


class OpenItem(NamedTuple):
    """An item open on the day: what the customer owes of it (negative: a credit), and how late it is."""

    id: int
    reference: str
    amount: float
    days: int


class ScoreScope:
    """Customers of one company as of a day.

    What it is for: each factor asks it for what it needs; what several of them need is read
    once, for all customers of the scope. Nothing later than ``as_of`` is seen.

    :param env: an environment that may read the ledger
    :param company: the company whose receivables they are
    :param as_of: the day
    :param partner_ids: commercial partners; memory grows with them, so a caller takes them in portions
    """

    def __init__(self, env, company, as_of, partner_ids):
        self.env = env
        self.company = company
        self.as_of = as_of
        self.partner_ids = list(partner_ids)

        env.flush_all()

    @property
    def since(self):
        """The day after which payments, promises and disputes count: 24 months back."""
        return behaviour.months_before(self.as_of, behaviour.INDEX_MONTHS)

    @cached_property
    def open_items(self):
        """``{partner id: [OpenItem]}`` of trade receivables and unallocated credits."""
        found = defaultdict(list)
        for row in self._open_rows:
            found[row[0]].append(OpenItem(row[1], row[2], row[5], row[4]))
        return found

    @cached_property
    def receivables(self):
        """``{partner id: [Receivable]}``: what was paid in 24 months, and what is open."""
        paid = defaultdict(list)
        heads = {}
        for partner, line, due, on, amount in self._query_payments():
            paid[line].append(Payment(on, amount))
            heads[line] = (partner, due)
        left = {}
        for partner, line, _reference, due, _days, amount, booked in self._open_rows:
            if amount > 0:
                left[line] = booked
                heads[line] = (partner, due)
        found = defaultdict(list)
        for line, (partner, due) in heads.items():
            payments = tuple(paid.get(line, ()))
            amount = sum(payment.amount for payment in payments) + left.get(line, 0.0)
            found[partner].append(Receivable(line, amount, due, payments=payments))
        return found

    @cached_property
    def parts(self):
        """``{partner id: [Part]}``: payments of 24 months and what is overdue, each with its days late."""
        return {partner: behaviour.parts_of(items, self.as_of) for partner, items in self.receivables.items()}

    @cached_property
    def counts(self):
        """``{partner id: items settled in twelve months, or overdue}``: what a figure rests on."""
        return {partner: behaviour.active_count(items, self.as_of) for partner, items in self.receivables.items()}

    def query(self, query):
        """Return the rows of ``query``; all was written to the database when the scope was made."""
        return self.env.execute_query(query)

    @cached_property
    def _open_rows(self):
        """Open items, the last column in the value at which they were booked: rates of exchange aren't behaviour."""
        items = self.env["credit.open.item"]
        return self.query(
            SQL(
                """
                SELECT item.partner_id, item.id, item.reference, item.date_maturity, item.days_overdue,
                       item.amount_residual::float8,
                       COALESCE(item.amount_residual_currency * line.balance / NULLIF(line.amount_currency, 0),
                                item.amount_residual)::float8
                  FROM (%s) item
                  JOIN account_move_line line ON line.id = item.id
                 WHERE NOT item.non_trade
                 ORDER BY item.date_maturity, item.id
                """,
                items._get_items_sql(
                    self.as_of, company_ids=self.company.ids, partner_ids=self.partner_ids, with_bucket=False
                ),
            )
        )

    def _query_payments(self):
        """Return each part paid of a trade receivable in 24 months: customer, item, due date, day, amount.

        What a credit note or a difference of exchange took off wasn't paid. A part that a
        prepayment settled counts from the day of the later of the two entries.
        """
        return self.query(
            SQL(
                """
                SELECT partner.commercial_partner_id, line.id, COALESCE(line.date_maturity, line.date), partial.max_date,
                       COALESCE(partial.debit_amount_currency * line.balance / NULLIF(line.amount_currency, 0),
                                partial.amount)::float8
                  FROM account_partial_reconcile partial
                  JOIN account_move_line line ON line.id = partial.debit_move_id
                  JOIN account_account account ON account.id = line.account_id
                  JOIN account_move_line credit ON credit.id = partial.credit_move_id
                  JOIN account_move counterpart ON counterpart.id = credit.move_id
                  JOIN res_partner partner ON partner.id = line.partner_id
                 WHERE partial.max_date > %(since)s
                   AND partial.max_date <= %(as_of)s
                   AND line.company_id = %(company)s
                   AND line.parent_state = 'posted'
                   AND credit.parent_state = 'posted'
                   AND account.account_type = 'asset_receivable'
                   AND account.non_trade IS NOT TRUE
                   AND counterpart.move_type <> 'out_refund'
                   AND counterpart.journal_id IS DISTINCT FROM %(exchange_journal)s
                   AND partial.amount > 0
                   AND partner.commercial_partner_id = ANY(%(partners)s)
                 ORDER BY partial.max_date, partial.id
                """,
                since=self.since,
                as_of=self.as_of,
                company=self.company.id,
                exchange_journal=self.company.currency_exchange_journal_id.id or None,
                partners=self.partner_ids,
            )
        )
