from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from odoo import api, models
from odoo.tools import SQL

from ..core.forecast import Baseline, Case, Customer, Expectation, Usual, expect

# Reasons of a debtor's block in which no payment is expected by itself.
OUT_REASONS = frozenset({"insolvent", "litigation"})
NOBODY = Customer()


@dataclass(frozen=True)
class OpenCase:
    """An open item as read from the ledger, for which a day is to be expected.

    The larger part decides: what is disputed or promised by less than half is expected as the rest of it.
    """

    id: int
    partner_id: int
    due: date
    issued: date
    residual: float
    disputed: float
    promised: float

    @property
    def is_disputed(self):
        """Whether most of it waits for a dispute."""
        return bool(self.disputed) and self.disputed >= self.residual / 2

    @property
    def is_promised(self):
        """Whether most of what is claimed of it is promised."""
        return bool(self.promised) and self.promised >= (self.residual - self.disputed) / 2


@dataclass
class Known:
    """What is known of a company's customers and items on a day."""

    customers: dict[int, Customer]
    baseline: Baseline
    segments: dict[int, Usual]
    segment_of: dict[int, int]
    holidays: frozenset
    promised: dict[int, date] = field(default_factory=dict)
    deadlines: dict[int, date] = field(default_factory=dict)
    out: set[int] = field(default_factory=set)


class CreditForecast(models.AbstractModel):
    """When open items will be paid: gathers what is known of many of them, the core decides.

    What it is: the stored payment profiles (worked out every night) and the facts of today
    (promises, disputes, procedures), read at the moment of asking. So a promise that was just
    recorded changes the expected day at once. Queries don't grow with the items.
    """

    _name = "credit.forecast"
    _description = "Expected dates of payment"

    @api.model
    def _expect(self, company, cases, as_of):
        """Return ``{item id: Expectation}`` for items of one company.

        :param cases: ``OpenCase`` values, claims only (no credits)
        """
        known = self._gather(company, cases, as_of)
        return {case.id: self._decide(case, known, as_of) for case in cases}

    def _decide(self, case, known, as_of) -> Expectation:
        return expect(
            Case(
                due=case.due,
                disputed=case.is_disputed,
                deadline=known.deadlines.get(case.id) if case.is_disputed else None,
                promised=known.promised.get(case.id) if case.is_promised else None,
                is_out=case.id in known.out,
            ),
            known.customers.get(case.partner_id, NOBODY),
            known.baseline,
            as_of,
            known.segments.get(known.segment_of.get(case.partner_id)),
            known.holidays,
        )

    # -- gather ----------------------------------------------------------------------------

    def _gather(self, company, cases, as_of):
        """Return what is known, in a number of queries that doesn't depend on the items."""
        profiles = self.env["credit.payment.profile"]
        partner_ids = {case.partner_id for case in cases}
        debtors = self._get_debtors(company, partner_ids)
        return Known(
            customers=profiles._get_customers(company, partner_ids),
            baseline=profiles._get_baseline(company),
            segments=profiles._get_segments(company),
            segment_of={debtor.partner_id.id: debtor.segment_id.id for debtor in debtors},
            holidays=frozenset(self.env["credit.dunning.hours"]._get_holidays(company, as_of.year)),
            promised=self._get_promised(company, [case.id for case in cases if case.is_promised], as_of),
            deadlines=self._get_deadlines([case.id for case in cases if case.is_disputed], as_of),
            out=self._get_out(debtors, cases, as_of),
        )

    def _get_debtors(self, company, partner_ids):
        domain = [("company_id", "=", company.id), ("partner_id", "in", list(partner_ids))]
        return self.env["credit.debtor"].sudo().search_fetch(domain, ["partner_id", "segment_id"])

    def _get_promised(self, company, line_ids, as_of):
        """Return ``{item id: day of the latest promise that still runs}``."""
        if not line_ids:
            return {}
        self.env["credit.promise"].flush_model()
        query = SQL(
            """
            SELECT rel.account_move_line_id, MAX(promise.date)
              FROM account_move_line_credit_promise_rel rel
              JOIN credit_promise promise ON promise.id = rel.credit_promise_id
             WHERE rel.account_move_line_id = ANY(%s)
               AND promise.state <> 'cancelled'
               AND promise.date_recorded <= %s
               AND promise.date >= %s
             GROUP BY rel.account_move_line_id
            """,
            line_ids,
            as_of,
            as_of - timedelta(days=company.credit_promise_tolerance_days),
        )
        return dict(self.env.execute_query(query))

    def _get_deadlines(self, line_ids, as_of):
        """Return ``{item id: latest deadline of the disputes that are open}``."""
        if not line_ids:
            return {}
        self.env["credit.dispute"].flush_model()
        self.env["credit.dispute.line"].flush_model()
        query = SQL(
            """
            SELECT line.move_line_id, MAX(dispute.deadline)
              FROM credit_dispute_line line
              JOIN credit_dispute dispute ON dispute.id = line.dispute_id
             WHERE line.move_line_id = ANY(%(lines)s)
               AND dispute.date <= %(as_of)s
               AND (dispute.state = 'open' OR dispute.closed_on > %(as_of)s)
               AND dispute.deadline IS NOT NULL
             GROUP BY line.move_line_id
            """,
            lines=line_ids,
            as_of=as_of,
        )
        return dict(self.env.execute_query(query))

    def _get_out(self, debtors, cases, as_of):
        """Return the ids of the items that a collective procedure or litigation holds."""
        debtor_of = {debtor.partner_id.id: debtor.id for debtor in debtors}
        running = debtors._query_procedures(as_of)
        blocks = debtors._get_blocks(as_of, running)
        whole = {debtor_id for debtor_id, codes in blocks.items() if OUT_REASONS & set(codes)}
        items = [(case.id, debtor_of[case.partner_id], case.issued) for case in cases if case.partner_id in debtor_of]
        held = debtors._get_item_blocks(as_of, items, running)
        return {
            item_id
            for item_id, debtor_id, _issued in items
            if debtor_id in whole or OUT_REASONS & set(held.get(item_id, ()))
        }

    # -- all that is open ---------------------------------------------------------------------

    @api.model
    def _read_cases(self, company, as_of):
        """Return what is open of a company on a day as ``OpenCase`` values, claims only."""
        items = self.env["credit.open.item"].sudo()
        items._flush_sources()
        query = SQL(
            """
            SELECT id, partner_id, date_maturity, date,
                   amount_residual::float8, amount_disputed::float8, amount_promised::float8
              FROM (%s) item
             WHERE amount_residual > 0
               AND partner_id IS NOT NULL
               AND NOT non_trade
             ORDER BY id
            """,
            items._get_items_sql(as_of, company_ids=company.ids, with_bucket=False),
        )
        return [OpenCase(*row) for row in self.env.execute_query(query)]

    @api.model
    def _expect_by_company(self, rows, as_of):
        """Return ``{item id: Expectation}`` for items of any companies, given as ``(company, OpenCase)``."""
        by_company = defaultdict(list)
        for company, case in rows:
            by_company[company].append(case)
        found = {}
        for company, cases in by_company.items():
            found.update(self._expect(company, cases, as_of))
        return found
