from odoo import api, fields, models

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
        string="Held by credit control", compute="_compute_credit_hold_id", compute_sudo=True
    )

    def _compute_credit_hold_id(self):
        holds = self.env["credit.hold"].search(
            [("res_model", "=", self._name), ("res_id", "in", self._origin.ids), ("state", "=", "open")]
        )
        hold_of = {hold.res_id: hold.id for hold in holds}
        for document in self:
            document.credit_hold_id = hold_of.get(document._origin.id, False)
            document.credit_is_held = bool(document.credit_hold_id)

    # -- to be said by each kind of document -----------------------------------------------

    def _credit_get_amounts(self):
        """Return what this document is about: ``(partner, amount, prepaid)`` in its company's currency, or None.

        None: the rules don't concern it (a credit note, nothing to pay…).
        """
        raise NotImplementedError

    def _credit_is_exposed(self):
        """Whether this document stands in the exposure already, itself and not what comes of it."""
        return False

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
            for document in documents:
                question = document._credit_get_question(stage)
                if question:
                    asked.append(document)
                    questions.append(question)
            if asked:
                answers = self.env["credit.check"]._check(company, questions, is_final=is_final)
                verdicts.update(zip(asked, answers, strict=True))
        return verdicts

    def _credit_get_question(self, stage):
        amounts = self.sudo()._credit_get_amounts()
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
        self.invalidate_recordset(["credit_hold_id", "credit_is_held"])
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
            "effect": answer.effect,
            "stage": stage,
            "reason": "\n".join(answer.reasons),
            "amount": answer.amount,
            "exposure": answer.position.exposure,
            "amount_over": answer.over_by,
            "requested_by_id": self.env.uid,
            "salesperson_id": document._credit_get_salesperson().id,
        }

    @api.model
    def _credit_get_words(self, answer):
        """Return what a person reads above the document: nothing where nothing speaks against it."""
        return "\n".join(answer.reasons) if answer else ""
