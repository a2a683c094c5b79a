"""What is known of some customers on a day: read once, shared by all factors of a score."""

from collections import defaultdict
from functools import cached_property
from typing import NamedTuple

from odoo.tools import SQL

from ..core import behaviour
from ..models.bulk import pausing_gc


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
    :param within: a scope of these and other customers: what is dear to read is taken from there
    """

    def __init__(self, env, company, as_of, partner_ids, within=None):
        self.env = env
        self.within = within
        self.company = company
        self.as_of = as_of
        self.partner_ids = list(partner_ids)

        # What a factor found out of one customer, for the time of an explanation.
        self.memory = {}
        env.flush_all()

    @property
    def since(self):
        """The day after which payments, promises and disputes count: 24 months back."""
        return behaviour.months_before(self.as_of, behaviour.INDEX_MONTHS)

    @cached_property
    def open_items(self):
        """``{partner id: [OpenItem]}`` of trade receivables and unallocated credits, in the order of due dates."""
        if self.within:
            return defaultdict(list, self._choose(self.within.open_items))
        items = self.env["credit.open.item"]._get_items_sql(
            self.as_of, company_ids=self.company.ids, partner_ids=self.partner_ids, with_bucket=False
        )
        found = defaultdict(list)
        for partner, *values in self.query(
            SQL(
                """
                SELECT partner_id, id, reference, amount_residual::float8, days_overdue
                  FROM (%s) item
                 WHERE NOT non_trade
                 ORDER BY date_maturity, id
                """,
                items,
            )
        ):
            found[partner].append(OpenItem(*values))
        return found

    @property
    def parts(self):
        """``{partner id: [Part]}``: payments of 24 months and what is overdue, each with its days late."""
        return self._behaviour[0]

    @property
    def counts(self):
        """``{partner id: items settled in twelve months, or overdue}``: what a figure rests on."""
        return self._behaviour[1]

    @cached_property
    def _behaviour(self):
        """Parts and counts: each customer's items are read once and aren't kept."""
        if self.within:
            return self._choose(self.within.parts), self._choose(self.within.counts)
        parts, counts = {}, {}

        def keep(partner, items):
            told = [behaviour.tell(item, self.as_of) for item in items]
            parts[partner] = behaviour.parts_of_told(told, self.as_of)
            counts[partner] = behaviour.active_count_of_told(told, self.as_of)

        with pausing_gc():
            self.env["credit.payment.history"]._reduce(self.company, self.partner_ids, self.as_of, keep)
        return parts, counts

    def _choose(self, found):
        """Return what of ``{partner id: anything}`` is of the customers of this scope."""
        return {partner: found[partner] for partner in self.partner_ids if partner in found}

    def query(self, query):
        """Return the rows of ``query``; all was written to the database when the scope was made."""
        return self.env.execute_query(query)
