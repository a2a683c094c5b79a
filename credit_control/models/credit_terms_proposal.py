from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .company_day import company_today

# Written by a decision and by nothing else.
DECISION = {"state", "decided_by_id", "decided_on"}


class CreditTermsProposal(models.Model):
    """Terms proposed for one customer because of its grade: a credit manager approves or refuses them.

    Nothing changes before; who decided, when and why stays.
    """

    _name = "credit.terms.proposal"
    _description = "Proposed terms"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _rec_name = "partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    debtor_id = fields.Many2one("credit.debtor", required=True, index=True, ondelete="cascade", readonly=True)
    score_id = fields.Many2one("credit.score", ondelete="set null", index="btree_not_null", readonly=True)
    score_label = fields.Char(string="Trust", readonly=True, help="The score when it was proposed.")
    is_natural_person = fields.Boolean(related="debtor_id.is_natural_person")
    terms_id = fields.Many2one("credit.terms", string="Terms of the grade", ondelete="set null", readonly=True)
    current_term_id = fields.Many2one("account.payment.term", string="Present payment term", readonly=True)
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Proposed payment term",
        check_company=True,
        tracking=True,
        help="Given to the customer on approval; empty: left as it is.",
    )
    note = fields.Text(string="Also asked for", tracking=True)
    reason = fields.Text(
        tracking=True,
        help="Why it is decided so. For natural persons the score alone is no reason: say what else you looked at.",
    )
    state = fields.Selection(
        [("proposed", "Proposed"), ("approved", "Approved"), ("refused", "Refused")],
        default="proposed",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    user_id = fields.Many2one("res.users", string="Proposed by", readonly=True, default=lambda self: self.env.user)
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True)
    decided_on = fields.Date(string="Decided on", readonly=True)

    _one_open = models.UniqueIndex(
        "(debtor_id) WHERE state = 'proposed'", "Terms are proposed for this customer already: decide on these first."
    )

    @api.model
    def _propose(self, debtor):
        """Return the open proposal for ``debtor``, made from the terms of its grade where there is none.

        :raise UserError: where no terms are set for the grade
        """
        open_one = self.search([("debtor_id", "=", debtor.id), ("state", "=", "proposed")], limit=1)
        return open_one or self.create(self._prepare_proposal(debtor))

    def _prepare_proposal(self, debtor):
        terms = self._get_terms(debtor)
        partner = debtor.partner_id.with_company(debtor.company_id)
        return {
            "partner_id": partner.id,
            "company_id": debtor.company_id.id,
            "debtor_id": debtor.id,
            "score_id": debtor.score_id.id,
            "score_label": debtor._get_score_label(),
            "terms_id": terms.id,
            "current_term_id": partner.property_payment_term_id.id,
            "payment_term_id": terms.payment_term_id.id,
            "note": "\n".join(filter(None, (terms.name, terms.note))),
        }

    def _get_terms(self, debtor):
        verdict = debtor._get_score_verdicts()[debtor.id]
        if not verdict.state or verdict.state == "objected":
            raise UserError(
                self.env._(
                    "%(customer)s: %(score)s. Terms by grade need a score.",
                    customer=debtor.partner_id.display_name,
                    score=verdict.label,
                )
            )
        grade = verdict.grade or "none"
        terms = self.env["credit.terms"].search([("company_id", "=", debtor.company_id.id), ("grade", "=", grade)])
        if not terms:
            raise UserError(
                self.env._(
                    "%(company)s has no terms for this score (%(score)s). A credit manager sets them under "
                    "Configuration, Terms by grade.",
                    company=debtor.company_id.name,
                    score=verdict.label,
                )
            )
        return terms[:1]

    # The decision

    def action_approve(self):
        """Approve: the customer gets the payment term, and the card says who decided what and why."""
        self._check_decision()
        for proposal in self:
            partner = proposal.partner_id.with_company(proposal.company_id)
            if proposal.payment_term_id:
                partner.property_payment_term_id = proposal.payment_term_id
        return self._decide("approved")

    def action_refuse(self):
        """Refuse: nothing changes."""
        self._check_decision()
        return self._decide("refused")

    def _check_decision(self):
        """Let only a credit manager decide, once, and for a natural person with a reason of their own."""
        if not self.env.user.has_group("credit_control.group_manager"):
            raise AccessError(self.env._("Proposed terms are decided on by a credit manager."))
        # Two managers at once: the second one sees what the first one decided.
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        for proposal in self:
            name = proposal.partner_id.display_name
            if proposal.state != "proposed":
                raise UserError(self.env._("%s: it has been decided on these terms already.", name))
            if proposal.is_natural_person and not (proposal.reason or "").strip():
                raise UserError(
                    self.env._("%s is a natural person: write down the reason, the score alone is none.", name)
                )

    def _decide(self, state):
        decision = {"state": state, "decided_by_id": self.env.uid, "decided_on": company_today(self)}
        # The guard below lets nobody else write these.
        self.sudo().write(decision)
        for proposal in self:
            proposal.debtor_id.message_post(body=proposal._get_message())
        return True

    def _get_message(self):
        """Return what the customer's card keeps of the decision."""
        states = dict(self._fields["state"]._description_selection(self.env))
        return self.env._(
            "Terms for the score %(score)s – %(state)s. Payment term: %(term)s. %(note)s Reason: %(reason)s",
            score=self.score_label,
            state=states[self.state],
            term=self.payment_term_id.name or self.env._("unchanged"),
            note=self.note or "",
            reason=self.reason or "–",
        )

    # What may be changed

    @api.model_create_multi
    def create(self, vals_list):
        """A proposal begins as one, whoever makes it."""
        if any(vals.keys() & DECISION for vals in vals_list):
            raise UserError(self.env._("Terms are proposed first, then decided on."))
        return super().create(vals_list)

    def write(self, vals):
        """Keep decisions to :meth:`action_approve` and :meth:`action_refuse`, and what was decided as it was."""
        decided = self.filtered(lambda proposal: proposal.state != "proposed")
        if decided and not vals.keys() <= {"message_main_attachment_id"}:
            raise UserError(
                self.env._("%s: it has been decided on these terms already.", decided[0].partner_id.display_name)
            )
        if vals.keys() & DECISION and not self.env.su:
            raise UserError(self.env._("Terms are decided on by approving or refusing them."))
        return super().write(vals)
