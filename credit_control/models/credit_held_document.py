from dataclasses import replace

from odoo import api, fields, models
from odoo.fields import Command, Domain

from ..core import verdict
from .credit_check import Question


class CreditHeldDocument(models.AbstractModel):
    """A document that credit rules may hold: orders, deliveries, invoices.

    How to add one: inherit from this model beside the document's own, say in
    :meth:`_credit_get_amounts` what it is about, and let :meth:`_credit_split` decide where the
    document is confirmed: what it returns goes on, the others stay as they are and wait in the queue.
    It never raises, so that one held document stops no batch.
    """

    _name = "credit.held.document"
    _description = "Document that credit rules may hold"

    credit_hold_id = fields.Many2one(
        "credit.hold",
        string="Credit hold",
        compute="_compute_credit_hold_id",
        compute_sudo=True,
        help="The hold that this document waits for.",
    )

    credit_is_held = fields.Boolean(
        string="Held by credit control",
        compute="_compute_credit_hold_id",
        search="_search_credit_is_held",
        compute_sudo=True,
    )

    credit_hold_reason = fields.Text(
        string="Why it is held", compute="_compute_credit_hold_id", compute_sudo=True, help="What speaks against it."
    )

    @api.depends_context("lang")
    def _compute_credit_hold_id(self):
        holds = self.env["credit.hold"].search(
            [("res_model", "=", self._name), ("res_id", "in", self._origin.ids), ("state", "=", "open")]
        )
        hold_of = {hold.res_id: hold for hold in holds}
        for document in self:
            hold = hold_of.get(document._origin.id, holds.browse())
            document.credit_hold_id = hold
            document.credit_is_held = bool(hold)
            document.credit_hold_reason = hold.reason

    @api.model
    def _search_credit_is_held(self, operator, value):
        if operator != "in":
            return NotImplemented
        holds = self.env["credit.hold"].sudo()
        held = holds._search([("res_model", "=", self._name), ("state", "=", "open")])
        asked = Domain("id", "in", held.subselect("res_id"))
        return Domain.OR([asked if is_held else ~asked for is_held in set(value)])

    # -- to be said by each kind of document -----------------------------------------------

    def _credit_get_amounts(self):
        """Return what this document is about: ``(partner, amount, prepaid)`` in its company's currency, or None.

        None: the rules don't concern it (a credit note, nothing to pay…).
        """
        raise NotImplementedError

    def _credit_get_batch_amounts(self):
        """Return ``{document id: what _credit_get_amounts says}`` of documents that are asked about together."""
        return {document.id: document._credit_get_amounts() for document in self}

    def _credit_get_whole(self):
        """Return what a release must cover, where the amounts are those of a part only; in company currency."""
        return 0.0

    def _credit_is_exposed(self):
        """Whether this document stands in the exposure already, itself and not what comes of it."""
        return False

    def _credit_get_known(self, company):
        """Return ``{commercial partner id: amount}`` of what the exposure holds of these documents already."""
        exposed = self.filtered(lambda document: document._credit_is_exposed())
        known = {}
        for row in exposed._credit_get_rows(company, exposed.partner_id.commercial_partner_id):
            known[row.partner_id.id] = known.get(row.partner_id.id, 0.0) + row.amount
        return known

    def _credit_get_rows(self, company, partners):
        """Return the rows of the exposure of these documents, which are those of ``partners``."""
        if not self:
            return self.env["credit.exposure"]
        return self.env["credit.exposure"].search(
            [
                ("partner_id", "in", partners.ids),
                ("company_id", "=", company.id),
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
            ]
        )

    def _credit_get_excused(self):
        """Return ``{document id: ids of rules}`` that somebody let pass for what the document comes of."""
        return {}

    def _credit_may_be_held(self):
        """Whether it may wait at all: what was delivered, for one, must be invoiced."""
        return True

    def _credit_get_salesperson(self):
        """Return who sold it."""
        return self.env["res.users"]

    # -- the check -------------------------------------------------------------------------

    def _credit_get_verdicts(self, stage, is_final=False):
        """Return ``{document: verdict}`` of those that the rules concern, in few queries for all."""
        verdicts = {}
        for company, documents in self.grouped("company_id").items():
            asked, questions = [], []
            excused = documents.sudo()._credit_get_excused()
            amounts = documents.sudo()._credit_get_batch_amounts()
            for document in documents:
                question = document._credit_get_question(stage, amounts[document.id])
                if question:
                    asked.append(document)
                    questions.append(replace(question, excused=excused.get(document.id, frozenset())))
            if asked:
                answers = self.env["credit.check"]._check(company, questions, is_final=is_final)
                verdicts.update(zip(asked, answers, strict=True))
        return verdicts

    def _credit_get_question(self, stage, amounts):
        if amounts is None:
            return None
        partner, amount, prepaid = amounts
        return Question(
            partner_id=partner.commercial_partner_id._origin.id,
            amount=amount,
            prepaid=prepaid,
            stage=stage if self.sudo()._credit_may_be_held() else verdict.QUOTATION,
            res_model=self._name,
            res_id=self._origin.id or 0,
            whole=self.sudo()._credit_get_whole(),
        )

    def _credit_split(self, stage):
        """Return the documents that may go on; the others are held, with why, and those concerned are told."""
        verdicts = self._credit_get_verdicts(stage, is_final=True)
        held = {document: answer for document, answer in verdicts.items() if answer.is_held}
        holds = self.env["credit.hold"].sudo()
        if held:
            holds._hold([document._prepare_credit_hold(stage, answer) for document, answer in held.items()])
        passing = self - self.browse([document.id for document in held])
        holds._close_passed({(self._name, document.id) for document in passing if document in verdicts})
        self.invalidate_recordset(["credit_hold_id", "credit_hold_reason", "credit_is_held"])
        return passing

    def _prepare_credit_hold(self, stage, answer):
        document = self.sudo()
        return {
            "res_model": self._name,
            "res_id": self.id,
            "document_name": document.display_name,
            "partner_id": document._credit_get_amounts()[0].commercial_partner_id.id,
            "company_id": document.company_id.id,
            "rule_id": answer.leading.rule,
            "rule_ids": [Command.set([found.rule for found in answer.findings if found.effect != verdict.WARN])],
            "effect": answer.effect,
            "stage": stage,
            "findings": [found.told() for found in answer.weighed],
            "amount": answer.amount,
            "exposure": answer.position.exposure,
            "amount_over": answer.over_by,
            "requested_by_id": self.env.uid,
            "salesperson_id": document._credit_get_salesperson().id,
        }

    def _credit_open_hold(self):
        """Return the action that opens the hold, for who may read both."""
        self.ensure_one()
        self.check_access("read")
        hold = self.sudo(False).credit_hold_id
        hold.check_access("read")
        return hold._get_records_action()

    @api.model
    def _credit_get_words(self, answer):
        """Return what a person reads above the document: nothing where nothing speaks against it."""
        return "\n".join(answer.reasons) if answer else ""
