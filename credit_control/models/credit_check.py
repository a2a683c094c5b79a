from dataclasses import dataclass, replace

from odoo import api, fields, models
from odoo.tools import SQL

from ..core import verdict
from ..core.verdict import Facts, Request
from .company_day import company_today

# Which facts each criterion looks at: gathered only where a rule asks for them.
GATHERED = {
    verdict.OVERDUE_AMOUNT: "_gather_overdue",
    verdict.OVERDUE_DAYS: "_gather_overdue",
    verdict.GRADE: "_gather_grades",
    verdict.INSOLVENCY: "_gather_procedures",
    verdict.LITIGATION: "_gather_procedures",
    verdict.REVIEW_EXPIRED: "_gather_reviews",
    verdict.STATUS: "_gather_statuses",
    verdict.INSURER: "_gather_insurers",
}


@dataclass(frozen=True)
class Question:
    """May this customer have this on credit? ``amount`` and ``prepaid`` are in the company's currency.

    ``res_model`` and ``res_id`` name the document: what it counts for in the exposure already isn't
    counted again, and a release of it holds, if it was for ``whole`` where that is more. ``excused`` are
    rules that somebody let pass for what it comes of.
    """

    partner_id: int
    amount: float
    prepaid: float = 0.0
    stage: str = verdict.ORDER
    res_model: str = ""
    res_id: int = 0
    excused: frozenset[int] = frozenset()
    whole: float = 0.0


class CreditCheck(models.AbstractModel):
    """Whether customers may have something on credit: gathers the facts of all of them, lets the core decide.

    Two transactions that ask at once can't both pass the last euro: a final check *updates* the
    customer's card, so that under REPEATABLE READ the later one fails and is replayed by Odoo, with the
    first one's order in its figures. A lock of the row alone would let both pass.
    """

    _name = "credit.check"
    _description = "Credit check"

    @api.model
    def _check(self, company, questions, day=None, is_final=True):
        """Return a verdict for each question, in order; what passes counts for those after it.

        :param company: whose rules, limits and currency
        :param questions: :class:`Question` values
        :param day: the day in question; None: today
        :param is_final: the answer is acted upon: see the class. Without it nothing is written, for
            warnings on screens.
        """
        day = day or company_today(self)
        company = company.sudo()
        check = self.sudo()
        partners = self.env["res.partner"].sudo().browse({question.partner_id for question in questions})
        if is_final:
            check._serialize(company, partners)
            check._bring_limits_up_to(company, partners, day)
        rules = self.env["credit.rule"]._get_rules(company.id)
        facts = check._gather(company, partners, rules, day)
        facts = check._take_off_known(company, facts, questions)
        released = check._get_released(company, questions)
        requests = [
            (
                question.partner_id,
                Request(question.amount, question.prepaid, question.stage, is_released, question.excused),
            )
            for question, is_released in zip(questions, released, strict=True)
        ]
        verdicts = verdict.decide_all(requests, facts, self.env["credit.rule"]._get_rules_of(rules, partners))
        return [self._add_reasons(answer, company) for answer in verdicts]

    @api.model
    def _add_reasons(self, answer, company):
        """Return the verdict with sentences in the reader's language, the strictest first."""
        told = [found.told() for found in answer.weighed]
        return replace(answer, reasons=tuple(self.env["credit.rule"]._get_sentences(told, company.currency_id)))

    # -- at once ----------------------------------------------------------------------------

    @api.model
    def _serialize(self, company, partners):
        """Write to the customers' cards, made where missing: who else does so at once is replayed."""
        debtors = self.env["credit.debtor"]
        debtors.flush_model(["check_count", "company_id", "partner_id"])
        keeper = self._get_keeper(company)
        missing = set(partners.ids) - self._count_check(keeper, partners.ids)
        if missing:
            debtors._make_missing(keeper, sorted(missing))
            self._count_check(keeper, list(missing))
        debtors.invalidate_model(["check_count"], flush=False)

    @api.model
    def _count_check(self, keeper, partner_ids):
        """Count a check on the cards of these customers; return those who have a card."""
        query = SQL(
            """
            UPDATE credit_debtor SET check_count = COALESCE(check_count, 0) + 1
             WHERE company_id = %s AND partner_id = ANY(%s)
         RETURNING partner_id
            """,
            keeper.id,
            partner_ids,
        )
        return {partner_id for (partner_id,) in self.env.execute_query(query)}

    @api.model
    def _get_keeper(self, company):
        """Return the company whose cards serialize: one for all companies whose exposures add up."""
        if company.credit_limit_scope == "database":
            return self.env["res.company"].search([], order="id", limit=1)
        return company.root_id

    @api.model
    def _bring_limits_up_to(self, company, partners, day):
        """Let limits that end or begin by now do so, though the cron hasn't run yet."""
        limits = self.env["credit.limit"]
        own = [("company_id", "in", company.parent_ids.ids), ("partner_id", "in", partners.ids)]
        due = limits.search(fields.Domain.AND([own, limits._get_due_domain(day)]))
        for owner, ended in due.grouped("company_id").items():
            limits._refresh(owner, ended.partner_id, day)

    # -- facts ------------------------------------------------------------------------------

    @api.model
    def _gather(self, company, partners, rules, day):
        """Return ``{commercial partner id: Facts}``: what the rules look at, and no more."""
        positions = partners._get_credit_positions(company, partners.ids)
        values = {partner_id: {"position": position} for partner_id, position in positions.items()}
        criteria = {applied.rule.criterion for applied in rules}
        for gather in sorted({GATHERED[criterion] for criterion in criteria if criterion in GATHERED}):
            for partner_id, found in getattr(self, gather)(company, partners, day).items():
                values[partner_id].update(found)
        for partner_id in self._get_waived(company, partners, day):
            values[partner_id]["waived"] = True
        return {partner_id: Facts(**known) for partner_id, known in values.items()}

    @api.model
    def _gather_overdue(self, company, partners, day):
        """What is late, disputed parts and what is under collection set aside."""
        found = {partner.id: {"overdue_amount": 0.0, "overdue_days": 0} for partner in partners}
        for partner_id, days, amount in self._read_late(company, partners, day):
            if not company.currency_id.is_zero(amount):
                known = found[partner_id]
                known["overdue_amount"] += amount
                known["overdue_days"] = max(known["overdue_days"], days)
        return found

    @api.model
    def _read_late(self, company, partners, day):
        """Yield ``(commercial partner id, days late, amount)`` of the items that are late on ``day``."""
        items = self.env["credit.open.item"].with_context(as_of=day)
        creditor = company._get_creditor()
        if len(partners) == 1 and day == company_today(self):
            items._flush_sources()
            rows = items._read_plain_now(creditor, partners, day)
            if rows is not None:
                for row in rows:
                    late = (day - row["date_maturity"]).days
                    if late > 0 and row["amount_residual"] > 0:
                        yield partners.id, late, row["amount_residual"]
                return
        rows = items.search_fetch(
            [
                ("partner_id", "in", partners.ids),
                ("company_id", "in", creditor.ids),
                ("days_overdue", ">", 0),
                ("amount_residual", ">", 0),
            ],
            ["partner_id", "days_overdue", "amount_residual", "amount_disputed", "collected"],
        )
        for row in rows:
            amount = 0.0 if row.collected else row.amount_residual - row.amount_disputed
            yield row.partner_id.id, row.days_overdue, amount

    @api.model
    def _gather_grades(self, company, partners, day):
        debtors = self._get_debtors(company, partners)
        scores = debtors._get_score_verdicts()
        return {
            debtor.partner_id.id: {"grade": score.grade, "grade_binds": score.is_binding}
            for debtor in debtors
            if (score := scores[debtor.id]).grade
        }

    @api.model
    def _gather_procedures(self, company, partners, day):
        procedures = self.env["credit.debtor"]._get_procedures_of(company._get_creditor(), partners, day)
        return {
            partner_id: {"insolvent": "insolvent" in since, "litigation": "litigation" in since}
            for partner_id, since in procedures.items()
        }

    @api.model
    def _gather_reviews(self, company, partners, day):
        holding = {}
        # The nearest company that granted one goes before those that it belongs to.
        for owner in company.parent_ids:
            holding |= self.env["credit.limit"]._get_holding(owner, partners.ids, day)
        return {
            partner_id: {"review_date": limit.review_date, "review_expired": limit.review_date < day}
            for partner_id, limit in holding.items()
            if limit.review_date
        }

    @api.model
    def _gather_statuses(self, company, partners, day):
        return {debtor.partner_id.id: {"status": debtor.status} for debtor in self._get_debtors(company, partners)}

    @api.model
    def _gather_insurers(self, company, partners, day):
        debtors = self._get_debtors(company, partners)
        return {debtor.partner_id.id: {"insurer_refused": bool(debtor.insurer_refusal)} for debtor in debtors}

    @api.model
    def _get_debtors(self, company, partners):
        own = [("company_id", "=", company.id), ("partner_id", "in", partners.ids)]
        return self.env["credit.debtor"].search_fetch(own, ["company_id", "partner_id"])

    @api.model
    def _take_off_known(self, company, facts, questions):
        """Take off what the documents in question count for in the exposure already."""
        known = self._get_known(company, questions)
        if not known:
            return facts
        return {
            partner_id: replace(found, position=found.position.add(-known.get(partner_id, 0.0)))
            for partner_id, found in facts.items()
        }

    @api.model
    def _get_known(self, company, questions):
        """Return ``{commercial partner id: amount}`` of what the exposure holds of the documents in question."""
        ids_of = {}
        for question in questions:
            if question.res_id:
                ids_of.setdefault(question.res_model, []).append(question.res_id)
        known = {}
        for res_model, res_ids in ids_of.items():
            documents = self.env[res_model].browse(res_ids)
            for partner_id, amount in documents._credit_get_known(company).items():
                known[partner_id] = known.get(partner_id, 0.0) + amount
        return known

    # -- releases ---------------------------------------------------------------------------

    @api.model
    def _get_released(self, company, questions):
        """Return for each question whether its document was let pass, for as much as it is about."""
        named = [question for question in questions if question.res_id]
        released = self.env["credit.hold"]._get_released_amounts(
            {(question.res_model, question.res_id) for question in named}
        )
        rounding = company.currency_id.rounding
        return [
            max(question.amount, question.whole)
            <= released.get((question.res_model, question.res_id), -1.0) + rounding / 2
            for question in questions
        ]

    @api.model
    def _get_waived(self, company, partners, day):
        """Return the customers whose documents somebody let pass until a day that isn't past."""
        return set(
            self.env["credit.hold"]
            .search(
                [
                    ("company_id", "=", company.id),
                    ("partner_id", "in", partners.ids),
                    ("state", "=", "released"),
                    ("date_until", ">=", day),
                ]
            )
            .partner_id.ids
        )
