from datetime import timedelta

from odoo import fields, models

from ..core import limits
from .company_day import company_today

YEAR = timedelta(days=365)
# How long an invoice takes to be paid, where the customer hasn't shown it yet.
USUAL_DAYS = 45


class CreditLimitProposal(models.AbstractModel):
    """What limit a customer needs to go on buying as it does, and how that was worked out."""

    _name = "credit.limit.proposal"
    _description = "Proposal of a credit limit"

    # Those of the limit; named here because the proposal needs them.
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    currency_id = fields.Many2one("res.currency")
    amount = fields.Monetary()
    proposal = fields.Text(
        string="How it was proposed", readonly=True, help="The formula with this customer's figures."
    )

    def action_propose(self):
        """Put the proposed amount and its explanation into these requests."""
        self._require_state("requested")
        day = company_today(self)
        for company, requests in self.grouped("company_id").items():
            proposals = requests._get_proposals(company, day)
            for request in requests:
                request._take_proposal(proposals.get(request.partner_id.id))
        return True

    def _take_proposal(self, proposal):
        words = self._get_proposal_words(proposal)
        self.write({"proposal": words} | ({"amount": proposal.amount} if proposal else {}))

    def _get_proposals(self, company, day):
        """Return ``{commercial partner id: Proposal}``; who bought nothing in a year has none."""
        partners = self.partner_id
        history = self.env["credit.payment.history"].sudo()._gather(company, partners.ids, day)
        grades = partners._get_credit_grades(company)
        found = {}
        for partner_id, items in history.items():
            recent = [item for item in items if item.issued > day - YEAR]
            sales = sum(item.amount for item in recent)
            if proposal := limits.propose(sales, self._get_days(recent), grades.get(partner_id) or ""):
                found[partner_id] = proposal
        return found

    def _get_days(self, items):
        """Return how many days after its invoice money comes in, weighted by amount."""
        paid = [
            ((part.on - item.issued).days, part.amount) for item in items for part in item.payments if not part.is_loss
        ]
        total = sum(amount for _days, amount in paid)
        return sum(days * amount for days, amount in paid) / total if total > 0 else USUAL_DAYS

    def _get_proposal_words(self, proposal):
        if not proposal:
            return self.env._("Nothing was invoiced in the last 12 months: there is nothing to work a limit out from.")
        return self.env._(
            "%(sales)s invoiced in the last 12 months ÷ 365 × %(days)s days until it is paid × %(margin)s for room "
            "× %(factor)s for the grade %(grade)s, rounded up to %(amount)s",
            sales=self.currency_id.format(proposal.sales),
            days=round(proposal.days),
            margin=proposal.margin,
            factor=proposal.factor,
            grade=proposal.grade or self.env._("(none yet)"),
            amount=self.currency_id.format(proposal.amount),
        )
