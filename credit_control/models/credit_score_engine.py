"""Scoring of many customers at once: gather, decide, apply.

What it is: for the debtors of one company on a day, the factors gather their inputs (each in
few queries for all), the core decides, and two statements write what changed.

How to use it: :meth:`CreditScoreEngine._measure` and :meth:`CreditScoreEngine._compute`. The
first only looks; the explanation of a score asks it, and asks again as if items were paid.
"""

from dataclasses import dataclass
from datetime import date

from odoo import api, models
from odoo.tools import SQL

from ..core import scoring
from ..core.scoring import Cap, Component, Score
from ..score_factors.scope import ScoreScope
from .bulk import copy_rows, insert_rows, pausing_gc

# Customers scored in one go: memory grows with it, the number of queries falls.
BATCH = 20_000
# Customers whose items are read in one go: little is kept of each.
AHEAD = 200_000


@dataclass
class Measured:
    """One customer as measured: inputs by factor id (those without material aren't there), count, caps."""

    debtor_id: int
    partner_id: int
    inputs: dict
    count: int
    caps: list[Cap]
    score: Score | None = None


@dataclass
class Measurement:
    """Some customers of one company, measured on a day by one version of the scheme."""

    scope: ScoreScope
    version: models.Model
    weights: dict
    customers: list[Measured]


class CreditScoreEngine(models.AbstractModel):
    """Makes trust scores. See the module's docstring."""

    _name = "credit.score.engine"
    _description = "Making of trust scores"

    # -- whom ---------------------------------------------------------------------------

    @api.model
    def _ensure_debtors(self, company, as_of):
        """Make the cards of customers who have none yet, though something was or is to be paid by them."""
        self.env["account.move.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT partner.commercial_partner_id
                  FROM (SELECT id, commercial_partner_id
                          FROM res_partner
                         WHERE NOT EXISTS (
                               SELECT FROM credit_debtor debtor
                                WHERE debtor.partner_id = res_partner.commercial_partner_id
                                  AND debtor.company_id = %(company)s)
                        -- These few first; then the first entry of each is enough.
                        OFFSET 0) partner
                 CROSS JOIN LATERAL (
                       SELECT
                         FROM account_move_line line
                        WHERE line.partner_id = partner.id
                          AND line.company_id = %(company)s
                          AND line.parent_state = 'posted'
                          AND line.date <= %(as_of)s
                          AND line.account_id = ANY(%(accounts)s)
                        LIMIT 1) entry
                """,
                company=company.id,
                as_of=as_of,
                accounts=self.env["credit.payment.history"]._get_account_ids(),
            )
        )
        return self.env["credit.debtor"]._ensure(company, [partner for (partner,) in rows]) if rows else None

    @api.model
    def _get_due(self, company, today):
        """Return the ids of the debtors that weren't scored on ``today`` yet; none who objects."""
        debtors = self.env["credit.debtor"].sudo()
        unscored = ["|", ("score_date", "=", False), ("score_date", "<", today)]
        domain = [("company_id", "=", company.id), ("credit_score_objection", "=", False), *unscored]
        return debtors.search(domain, order="id").ids

    @api.model
    def _get_unscored(self, company, day):
        """Return the ids of the debtors who have no score of that past day, and had none before; none who objects."""
        self.env["credit.score"].flush_model()
        self.env["credit.debtor"].flush_model(["partner_id", "company_id", "credit_score_objection"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT debtor.id
                  FROM credit_debtor debtor
                 WHERE debtor.company_id = %(company)s
                   AND debtor.credit_score_objection IS NOT TRUE
                   AND NOT EXISTS (
                       SELECT FROM credit_score score
                        WHERE score.partner_id = debtor.partner_id
                          AND score.company_id = debtor.company_id
                          AND (score.date = %(day)s OR score.date < %(day)s AND score.is_backfilled IS NOT TRUE))
                 ORDER BY debtor.id
                """,
                company=company.id,
                day=day,
            )
        )
        return [debtor_id for (debtor_id,) in rows]

    # -- gather and decide ----------------------------------------------------------------

    @api.model
    def _get_version(self, company):
        """Return the version by which ``company`` scores now."""
        return self.env["credit.score.version"]._get_current(self.env["credit.score.scheme"]._get_for(company))

    @api.model
    def _iterate(self, company, debtor_ids, as_of):
        """Yield ``(debtor ids, a scope of more customers or None)``, so many at a time as are scored in one go.

        Whatever the number of customers, each reading of their items passes over the whole ledger: it is done for
        several portions at once.
        """
        for start in range(0, len(debtor_ids), AHEAD):
            ahead = debtor_ids[start : start + AHEAD]
            within = None
            if len(ahead) > BATCH:
                partner_ids = [partner for _debtor, partner in self._query_debtors(company, ahead)]
                within = ScoreScope(self.sudo().env, company, as_of, partner_ids)
            for place in range(0, len(ahead), BATCH):
                yield ahead[place : place + BATCH], within

    @api.model
    def _measure(self, company, debtor_ids, as_of, version=None, within=None):
        """Return the :class:`Measurement` of these debtors, scores decided. Nothing is written but a new version."""
        engine = self.sudo()
        rows = engine._query_debtors(company, debtor_ids)
        version = version or engine._get_version(company)
        scope = ScoreScope(engine.env, company, as_of, [partner for _debtor, partner in rows], within)
        weights = version._get_weights()
        # By id: a record as a key takes ten times as long, and there is one for each factor of each customer.
        gathered = {factor.id: factor._get_handler()._gather(scope) for factor in weights}
        debtors = engine.env["credit.debtor"].browse(debtor for debtor, _partner in rows)
        # In one go, whatever their number: who knows of a fact looks for it by customer.
        debtors.fetch(["partner_id", "company_id"])
        facts = debtors._get_score_facts(as_of)
        counts, caps_of = scope.counts, version._get_caps_of(facts)
        customers = [
            Measured(
                debtor_id=debtor,
                partner_id=partner,
                inputs={factor: found[partner] for factor, found in gathered.items() if partner in found},
                count=counts.get(partner, 0),
                caps=caps_of.get(debtor, []),
            )
            for debtor, partner in rows
        ]
        measurement = Measurement(scope, version, weights, customers)
        engine._decide(measurement)
        return measurement

    def _query_debtors(self, company, debtor_ids):
        self.env["credit.debtor"].flush_model(["partner_id", "company_id", "credit_score_objection"])
        return self.env.execute_query(
            SQL(
                """
                SELECT id, partner_id FROM credit_debtor
                 WHERE id = ANY(%s) AND company_id = %s AND credit_score_objection IS NOT TRUE ORDER BY id
                """,
                list(debtor_ids),
                company.id,
            )
        )

    def _decide(self, measurement):
        rules, weighed = measurement.version._get_rules(), self._get_weighed(measurement.weights)
        for customer in measurement.customers:
            components = self._get_components(weighed, customer.inputs)
            customer.score = scoring.decide(components, customer.count, customer.caps, rules)

    def _get_weighed(self, weights):
        """Return ``(factor id, weight, handler)`` of each factor."""
        return [(factor.id, weight, factor._get_handler()) for factor, weight in weights.items()]

    def _get_components(self, weighed, inputs):
        return [
            Component(factor_id, weight, handler._decide(inputs[factor_id]) if factor_id in inputs else None)
            for factor_id, weight, handler in weighed
        ]

    def _rescore(self, measurement, customer, items):
        """Return the score as it would be if ``items`` of that customer were paid on the day; None without a figure."""
        weighed = self._get_weighed(measurement.weights)
        inputs = {
            factor_id: handler._settle(measurement.scope, customer.partner_id, customer.inputs[factor_id], items)
            for factor_id, _weight, handler in weighed
            if factor_id in customer.inputs
        }
        components = self._get_components(weighed, inputs)
        return scoring.decide(components, customer.count, customer.caps, measurement.version._get_rules()).value

    def _get_gains(self, measurement, customer):
        """Return what paying would bring, as :class:`~..core.scoring.Gain` of open items; nothing without a figure."""
        if customer.score.value is None:
            return []
        items = [item for item in measurement.scope.open_items.get(customer.partner_id, ()) if self._is_late(item)]
        items.sort(key=lambda item: (item.days <= scoring.OVERDUE_DAYS, -item.amount))
        return scoring.largest_gains(
            items, customer.score.value, lambda paid: self._rescore(measurement, customer, paid)
        )

    def _is_late(self, item):
        return item.amount > 0 and item.days > 0

    # -- apply ----------------------------------------------------------------------------

    @api.model
    def _compute(self, company, debtor_ids, as_of, version=None, within=None):
        """Score these debtors as of a day, by the current version or another, and write down what changed."""
        with pausing_gc():
            measurement = self._measure(company, debtor_ids, as_of, version, within)
            self.sudo()._record(measurement, company, as_of)

    @api.model
    def _backfill(self, company, debtor_ids, as_of, version, within=None):
        """Write down the scores of a past day, marked as such; the cards stay as they are.

        Who had neither paid nor owed anything by then gets none.
        """
        measurement = self._measure(company, debtor_ids, as_of, version, within)
        known = [customer for customer in measurement.customers if customer.inputs]
        if known:
            self.sudo()._insert_scores(known, version, company, as_of, is_backfilled=True)

    def _record(self, measurement, company, as_of):
        last = self._query_last(company, measurement.scope.partner_ids, as_of)
        changed = [
            customer
            for customer in measurement.customers
            if self._is_new(customer.score, last.get(customer.partner_id), measurement.version, as_of)
        ]
        if any(found[1] == as_of for found in last.values()):
            self._delete_day(changed, company, as_of)
        scores = self._insert_scores(changed, measurement.version, company, as_of) if changed else {}
        self._update_debtors(measurement.customers, scores, last, as_of)

    def _query_last(self, company, partner_ids, as_of):
        """Return the last score of each customer until that day: ``{partner id: (id, date, what it said…)}``."""
        self.env["credit.score"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (partner_id) partner_id, id, date, version_id, state, value::float8, grade,
                       CASE WHEN is_limited THEN ceiling::float8 END
                  FROM credit_score
                 WHERE company_id = %s AND partner_id = ANY(%s) AND date <= %s
                 ORDER BY partner_id, date DESC, id DESC
                """,
                company.id,
                list(partner_ids),
                as_of,
            )
        )
        return {row[0]: row[1:] for row in rows}

    def _is_new(self, score, last, version, as_of):
        """Whether the answer differs from the last one, or that is of an earlier month."""
        if last is None:
            return True
        _id, day, *said = last
        if said != [version.id, score.state, score.value, score.grade, score.ceiling]:
            return True
        return (day.year, day.month) != (as_of.year, as_of.month)

    def _insert_scores(self, customers, version, company, as_of: date, is_backfilled=False):
        """Write one row for each customer, with its components; return ``{partner id: score id}``."""
        scores = self.env["credit.score"]
        common = {
            "company_id": company.id,
            "date": as_of,
            "version_id": version.id,
            "is_backfilled": is_backfilled,
        }
        rows = [{**common, **self._prepare_score(customer)} for customer in customers]
        ids = dict(zip([customer.partner_id for customer in customers], insert_rows(scores, rows).ids, strict=True))
        components = (
            values for customer in customers for values in self._prepare_components(customer, ids[customer.partner_id])
        )
        copy_rows(self.env["credit.score.component"], components)
        return ids

    def _delete_day(self, customers, company, as_of):
        partner_ids = [customer.partner_id for customer in customers]
        self.env.execute_query(
            SQL(
                "DELETE FROM credit_score WHERE company_id = %s AND date = %s AND partner_id = ANY(%s) RETURNING id",
                company.id,
                as_of,
                partner_ids,
            )
        )

    def _prepare_score(self, customer):
        score = customer.score
        return {
            "partner_id": customer.partner_id,
            "state": score.state,
            "value": score.value,
            "plain_value": score.plain,
            "grade": score.grade,
            "ceiling": score.ceiling,
            "is_limited": score.ceiling is not None,
            "item_count": score.count,
            "caps": [{"code": cap.code, "kind": cap.kind, "amount": cap.amount} for cap in score.caps],
        }

    def _prepare_components(self, customer, score_id):
        for place, part in enumerate(customer.score.components):
            if part.value is not None:
                yield {
                    "score_id": score_id,
                    "factor_id": part.factor,
                    "factor_sequence": place,
                    "weight": part.weight,
                    "value": round(part.value, 2),
                    "share": part.share,
                    "points": round(part.points, 2),
                    "inputs": customer.inputs[part.factor],
                }

    def _update_debtors(self, customers, scores, last, as_of):
        """Keep on each card what its last score says, and that it was scored on that day; all in one statement."""
        if not customers:
            return
        score_ids = [scores.get(one.partner_id) or last[one.partner_id][0] for one in customers]
        self.env.execute_query(
            SQL(
                """
                UPDATE credit_debtor debtor
                   SET score_id = new.score_id, score_date = %s, score_state = score.state, score_value = score.value,
                       score_grade = score.grade
                  FROM unnest(%s::int[], %s::int[]) new (id, score_id)
                  JOIN credit_score score ON score.id = new.score_id
                 WHERE debtor.id = new.id
                   AND (debtor.score_date IS NULL OR debtor.score_date <= %s)
             RETURNING debtor.id
                """,
                as_of,
                [one.debtor_id for one in customers],
                score_ids,
                as_of,
            )
        )
        # What is computed from these columns, on cards and partners, too.
        self.env.invalidate_all()
