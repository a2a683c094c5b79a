from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..core import charges as core
from ..core import delivery, law
from ..core.interest import Claim, Settlement
from .credit_insolvency_deadline import AMICABLE
from .credit_open_item import IS_OPEN

# What the queries read; whatever isn't written yet is written first.
SOURCES = {
    "account.move": ["move_type", "origin_payment_id", "reversed_entry_id", "statement_line_id"],
    "account.move.line": [
        "account_id",
        "amount_currency",
        "company_id",
        "currency_id",
        "date",
        "date_maturity",
        "journal_id",
        "move_id",
        "no_followup",
        "parent_state",
        "partner_id",
        "reconciled",
    ],
    "account.partial.reconcile": ["credit_move_id", "debit_amount_currency", "debit_move_id", "max_date"],
    "credit.charge": ["date_to", "invoice_id", "kind", "move_id", "move_line_id", "state"],
    "credit.debtor": ["company_id", "interest_regime_id", "partner_id", "segment_id"],
    "credit.dunning.notice": ["left_on", "received_on", "state", "step_id"],
    "credit.dunning.notice.line": ["move_line_id", "notice_id"],
    "credit.dunning.step": ["is_formal_notice"],
    "credit.insolvency": ["company_id", "extra_line_ids", "judgment_date", "kind", "partner_id", "result"],
    "credit.segment": ["kind"],
    "res.company": ["partner_id"],
    "res.partner": ["commercial_partner_id", "country_id", "is_company", "vat"],
}
INVOICES = ("out_invoice", "out_receipt")
# An entry without invoice may be anything. It bears interest where it was written in a general or a sales journal
# with a due date, and a person lets it be reminded (Odoo excludes those of general journals until then).
TAKEN_OVER = SQL(
    """
    move.move_type = 'entry'
    AND line.no_followup IS NOT TRUE
    AND line.date_maturity IS NOT NULL
    AND move.origin_payment_id IS NULL
    AND move.statement_line_id IS NULL
    AND EXISTS (SELECT FROM account_journal journal
                 WHERE journal.id = line.journal_id AND journal.type IN ('general', 'sale'))
    """
)
# Which invoices are in an entry of several debts isn't known, and so not how many fixed sums.
COLLECTIVE = SQL(
    """
    move.move_type = 'entry' AND EXISTS (
        SELECT FROM account_move_line other JOIN account_account debts ON debts.id = other.account_id
         WHERE other.move_id = line.move_id AND other.id <> line.id AND other.balance > 0
           AND debts.account_type = 'asset_receivable')
    """
)


@dataclass
class Facts:
    """What is known of late items beside themselves, by item or (of the fixed sum) by document."""

    settlements: dict = field(default_factory=lambda: defaultdict(list))
    noticed: dict = field(default_factory=dict)
    covered: dict = field(default_factory=dict)
    fixed_done: set = field(default_factory=set)
    stops: dict = field(default_factory=lambda: defaultdict(list))
    terms: list = field(default_factory=list)
    sizes: dict = field(default_factory=dict)
    # By currency.
    roundings: dict = field(default_factory=dict)


class CreditChargeEngine(models.AbstractModel):
    """What late items bear as of a day: gathered in few queries, decided by ``core/charges.py``.

    Whoever asks for interest or a fixed sum asks here: letters, screens, sheets, wizards. So what the law
    forbids (a consumer's fixed sum, a business rate for a consumer) can't be had anywhere.
    """

    _name = "credit.charge.engine"
    _description = "Interest and fixed sums of late items"

    @api.model
    def _get_outcomes(self, as_of, company_ids=None, partner_ids=None, line_ids=None):
        """Return ``{item id: Outcome}`` of what is late on ``as_of``; amounts in the currency of the document.

        :param company_ids: only of these companies
        :param partner_ids: only of these commercial partners
        :param line_ids: these items, even where they were settled long ago; else what is open, and what was
            settled late within the company's ``credit_charge_settled_days``
        """
        cases, terms, rates = self._get_cases(as_of, company_ids, partner_ids, line_ids)
        return {outcome.case.item: outcome for outcome in core.decide(cases, terms, rates, as_of)}

    @api.model
    def _get_cases(self, as_of, company_ids=None, partner_ids=None, line_ids=None):
        """Return what the core decides on: (cases, regimes, rates)."""
        for model, names in SOURCES.items():
            self.env[model].flush_model(names)
        rows = self._query_items(as_of, company_ids, partner_ids, line_ids)
        facts = self._gather_facts(rows, as_of)
        cases = [self._prepare_case(row, facts) for row in rows]
        return cases, facts.terms, self.env["credit.interest.rate"]._get_rates()

    # -- gather -------------------------------------------------------------------------

    def _query_items(self, as_of, company_ids, partner_ids, line_ids):
        """Return a row for each item, invoiced or taken over, that was due before ``as_of``.

        The items in question are found first, by themselves: the planner takes a customer for one of few items, and
        would look for those who have thousands in a loop over the ledger.
        """
        return self.env.execute_query_dict(
            SQL(
                """
                WITH asked AS MATERIALIZED (%(asked)s)
                SELECT line.id,
                       line.move_id,
                       COALESCE(partner.commercial_partner_id, line.partner_id) AS partner_id,
                       line.company_id,
                       line.currency_id,
                       line.date,
                       COALESCE(line.date_maturity, line.date) AS due,
                       line.amount_currency::float8 AS amount,
                       COALESCE(segment.kind,
                           CASE WHEN firm.is_company OR firm.vat <> '' THEN 'business' ELSE 'consumer' END) AS kind,
                       COALESCE(country.code, home_country.code) AS country,
                       debtor.interest_regime_id AS chosen,
                       %(collective)s AS is_collective
                  FROM asked
                  JOIN account_move_line line ON line.id = asked.id
                  JOIN account_account account ON account.id = line.account_id
                  JOIN account_move move ON move.id = line.move_id
                  JOIN res_company company ON company.id = line.company_id
                  JOIN res_partner home ON home.id = company.partner_id
             LEFT JOIN res_country home_country ON home_country.id = home.country_id
             LEFT JOIN res_partner partner ON partner.id = line.partner_id
             LEFT JOIN res_partner firm ON firm.id = COALESCE(partner.commercial_partner_id, line.partner_id)
             LEFT JOIN res_country country ON country.id = firm.country_id
             LEFT JOIN credit_debtor debtor ON debtor.partner_id = firm.id AND debtor.company_id = line.company_id
             LEFT JOIN credit_segment segment ON segment.id = debtor.segment_id
                 WHERE line.parent_state = 'posted'
                   AND account.account_type = 'asset_receivable'
                   AND account.non_trade IS NOT TRUE
                   AND (move.move_type IN %(types)s OR %(taken_over)s)
                   AND line.amount_currency > 0
                   AND line.date <= %(as_of)s
                   AND COALESCE(line.date_maturity, line.date) < %(as_of)s
                   AND NOT EXISTS (SELECT FROM credit_charge charge WHERE charge.invoice_id = line.move_id)
                 ORDER BY line.id
                """,
                collective=COLLECTIVE,
                types=INVOICES,
                taken_over=TAKEN_OVER,
                as_of=as_of,
                asked=self._get_asked_sql(as_of, company_ids, partner_ids, line_ids),
            )
        )

    def _get_asked_sql(self, as_of, company_ids, partner_ids, line_ids):
        """Return the query of the lines in question; without items: open on the day, or settled late lately."""
        conditions = [SQL("line.parent_state = 'posted'")]
        if company_ids is not None:
            conditions.append(SQL("line.company_id = ANY(%s)", list(company_ids)))
        if partner_ids is not None:
            partners = SQL("SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)", list(partner_ids))
            conditions.append(SQL("line.partner_id IN (%s)", partners))
        if line_ids is not None:
            conditions.append(SQL("line.id = ANY(%s)", list(line_ids)))
        scope = SQL(" AND ").join(conditions)
        if line_ids is not None:
            return SQL("SELECT line.id FROM account_move_line line WHERE %s", scope)
        return SQL(
            """
            SELECT line.id FROM account_move_line line WHERE %(is_open)s AND %(scope)s
             UNION
            SELECT line.id
              FROM account_partial_reconcile partial
              JOIN account_move_line line ON line.id = partial.debit_move_id
             WHERE partial.max_date > %(since)s
               AND partial.max_date > COALESCE(line.date_maturity, line.date)
               AND %(scope)s
            """,
            is_open=IS_OPEN,
            scope=scope,
            since=as_of - timedelta(days=self._get_settled_days(company_ids)),
        )

    def _get_settled_days(self, company_ids):
        """Return for how many days an item that was settled late is asked for still: the longest of the companies."""
        companies = self.env["res.company"].sudo().browse(company_ids) if company_ids else self.env.companies.sudo()
        return max(companies.mapped("credit_charge_settled_days"), default=0)

    def _gather_facts(self, rows, as_of):
        line_ids = [row["id"] for row in rows]
        facts = Facts(terms=self.env["credit.interest.regime"]._get_terms({row["company_id"] for row in rows}))
        if not rows:
            return facts
        for line_id, day, amount, is_credit_note in self._query_settlements(line_ids, as_of):
            facts.settlements[line_id].append(Settlement(day, amount, is_credit_note))
        currencies = self.env["res.currency"].sudo().browse({row["currency_id"] for row in rows})
        facts.roundings = {currency.id: currency.rounding for currency in currencies}
        facts.noticed = self._query_noticed(line_ids, as_of)
        self._gather_stored(facts, line_ids, [row["move_id"] for row in rows])
        for partner_id, company_id, judged, extra in self._query_judgments(
            {row["partner_id"] for row in rows} - {None}
        ):
            facts.stops[partner_id, company_id].append((judged, frozenset(extra)))
        self._gather_sizes(facts, rows)
        return facts

    def _query_settlements(self, line_ids, as_of):
        """Return (item, day, amount, is credit note) of what settled the items by ``as_of``."""
        return self.env.execute_query(
            SQL(
                """
                SELECT partial.debit_move_id,
                       partial.max_date,
                       partial.debit_amount_currency::float8,
                       move.move_type = 'out_refund'
                           AND COALESCE(move.reversed_entry_id, debit.move_id) = debit.move_id
                  FROM account_partial_reconcile partial
                  JOIN account_move_line debit ON debit.id = partial.debit_move_id
                  JOIN account_move_line credit ON credit.id = partial.credit_move_id
                  JOIN account_move move ON move.id = credit.move_id
                 WHERE partial.debit_move_id = ANY(%(lines)s)
                   AND partial.max_date <= %(as_of)s
                   AND partial.debit_amount_currency > 0
                   AND credit.parent_state = 'posted'
                """,
                lines=line_ids,
                as_of=as_of,
            )
        )

    def _query_noticed(self, line_ids, as_of):
        """Return ``{item: day}`` of the first formal notice: its receipt, where that is known, else when it left."""
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT line.move_line_id, MIN(COALESCE(notice.received_on, notice.left_on))
                      FROM credit_dunning_notice_line line
                      JOIN credit_dunning_notice notice ON notice.id = line.notice_id
                      JOIN credit_dunning_step step ON step.id = notice.step_id
                     WHERE line.move_line_id = ANY(%(lines)s)
                       AND step.is_formal_notice
                       AND notice.state IN %(left)s
                       AND COALESCE(notice.received_on, notice.left_on) <= %(as_of)s
                     GROUP BY line.move_line_id
                    """,
                    lines=line_ids,
                    left=tuple(delivery.LEFT),
                    as_of=as_of,
                )
            )
        )

    def _gather_stored(self, facts, line_ids, move_ids):
        """Note what was waived, frozen or invoiced: it isn't charged again. What is claimed still is."""
        query = SQL(
            """
            SELECT kind, move_line_id, move_id, MAX(date_to)
              FROM credit_charge
             WHERE state <> 'claimed' AND (move_line_id = ANY(%s) OR (kind = 'fixed_sum' AND move_id = ANY(%s)))
             GROUP BY 1, 2, 3
            """,
            line_ids,
            move_ids,
        )
        for kind, line_id, move_id, day in self.env.execute_query(query):
            if kind == "interest":
                facts.covered[line_id] = day
            else:
                facts.fixed_done.add(move_id)

    def _query_judgments(self, partner_ids):
        """Return (customer, company, day, later items that belong to the claim) of the judgments that stop interest.

        An amicable procedure has no judgment, and what was recorded by mistake never was.
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT insolvency.partner_id,
                       insolvency.company_id,
                       insolvency.judgment_date,
                       ARRAY(SELECT rel.account_move_line_id FROM account_move_line_credit_insolvency_rel rel
                              WHERE rel.credit_insolvency_id = insolvency.id)
                  FROM credit_insolvency insolvency
                 WHERE insolvency.partner_id = ANY(%(partners)s)
                   AND insolvency.judgment_date IS NOT NULL
                   AND insolvency.kind NOT IN %(amicable)s
                   AND insolvency.result IS DISTINCT FROM 'mistake'
                """,
                partners=list(partner_ids),
                amicable=tuple(AMICABLE),
            )
        )

    def _gather_sizes(self, facts, rows):
        """Note the amount of documents that aren't in the currency that the tiers of a fixed sum go by.

        Which regime applies is decided later: so an amount is noted for each currency of tiers, and taken
        where tiers differ at all.
        """
        regimes = self.env["credit.interest.regime"].sudo().browse(terms.regime.id for terms in facts.terms)
        tiered = regimes.filtered(lambda regime: len(regime.tier_ids) > 1)
        totals = defaultdict(float)
        for row in rows:
            totals[row["move_id"]] += row["amount"]
        currencies = self.env["res.currency"].browse({row["currency_id"] for row in rows}).sudo()
        countries = {code: regime.tier_currency_id for regime in tiered for code in regime.country_ids.mapped("code")}
        for row in rows:
            target = countries.get(row["country"])
            source = currencies.browse(row["currency_id"])
            total = totals[row["move_id"]]
            if target and target != source:
                company = self.env["res.company"].sudo().browse(row["company_id"])
                total = source._convert(total, target, company, row["date"], round=False)
            facts.sizes[row["move_id"]] = total

    def _prepare_case(self, row, facts):
        stops = [
            judged
            for judged, extra in facts.stops.get((row["partner_id"], row["company_id"]), ())
            if row["date"] <= judged or row["id"] in extra
        ]
        settlements = tuple(facts.settlements.get(row["id"], ()))
        return core.Case(
            item=row["id"],
            document=row["move_id"],
            kind=row["kind"],
            country=row["country"],
            company=row["company_id"],
            due=row["due"],
            claim=Claim(row["amount"], row["due"], settlements, min(stops, default=None)),
            rounding=facts.roundings[row["currency_id"]],
            noticed=facts.noticed.get(row["id"]),
            chosen=row["chosen"],
            covered=facts.covered.get(row["id"]),
            is_fixed_done=row["is_collective"] or row["move_id"] in facts.fixed_done,
            size=facts.sizes.get(row["move_id"]),
        )

    # -- sentences ----------------------------------------------------------------------

    @api.model
    def _get_problem_labels(self):
        return {
            law.NO_REGIME: self.env._("No regime for this country and kind of debtor: only the principal is owed."),
            law.RATE_MISSING: self.env._("A rate is missing."),
            law.NO_NOTICE: self.env._("Interest runs from a formal notice: none has left."),
        }

    @api.model
    def _tell_problem(self, outcome):
        """Return in words why ``outcome`` has no interest; empty where it has."""
        if not outcome.missing:
            return self._get_problem_labels().get(outcome.problem, "")
        reference = self.env["credit.interest.reference"].sudo().browse(outcome.missing.reference)
        return self.env._(
            "The rate “%(reference)s” of the half-year from %(day)s isn't known. Enter it under Credit control ▸ "
            "Configuration ▸ Reference rates.",
            reference=reference.name,
            day=format_date(self.env, outcome.missing.half_year),
        )

    @api.model
    def _check_rates(self, outcomes):
        """Refuse to go on where a rate is missing: nothing is guessed.

        :raise UserError: says which rate, and where it is entered
        """
        for outcome in outcomes:
            if outcome.problem == law.RATE_MISSING:
                raise UserError(self._tell_problem(outcome))
