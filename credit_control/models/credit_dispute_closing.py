from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import format_date

from .company_day import company_today
from .language import in_language_of

SEES_ENTRIES = "account.group_account_invoice,account.group_account_readonly"


class CreditDisputeClosing(models.AbstractModel):
    """How a dispute is decided.

    Not justified: it is closed, and what it held back is claimed again, at the step at which its
    items stand. Justified: either there is nothing to credit (a copy of the invoice was sent) and
    it is closed too; or a credit note is due, and the dispute stays open, so that nothing is
    claimed, until that is posted. The owner decides; somebody with the right makes the credit note.
    """

    _name = "credit.dispute.closing"
    _description = "Closing of a dispute"

    refund_ids = fields.Many2many(
        "account.move",
        "credit_dispute_refund_rel",
        "dispute_id",
        "move_id",
        string="Credit notes",
        copy=False,
        groups=SEES_ENTRIES,
        help="The credit notes in which the disputed part is given back, by the decision that stands.",
    )
    refund_names = fields.Char(
        string="Credited by", compute="_compute_refund_names", help="Numbers of the credit notes, for everybody."
    )

    def _compute_refund_names(self):
        for dispute in self:
            refunds = dispute.sudo()._get_refunds()
            dispute.refund_names = ", ".join(refund.name or self.env._("draft") for refund in refunds)

    # -- buttons ------------------------------------------------------------------------

    def action_close_justified(self, explanation=None, credit="make", refund_ids=None):
        """Decide in the customer's favour; without an explanation a dialog asks for it.

        :param explanation: why, in words
        :param credit: ``make``: a credit note is to be made; ``link``: ``refund_ids`` are it;
            ``none``: there is nothing to credit
        """
        if explanation is None:
            return self._ask_explanation("justified")
        return self._decide_justified(explanation, credit, self.env["account.move"].browse(refund_ids or []))

    def action_close_unjustified(self, explanation=None):
        """Decide in our favour: dunning goes on where it stood; without an explanation a dialog asks for it."""
        if explanation is None:
            return self._ask_explanation("unjustified")
        return self._close("unjustified", explanation)

    def action_reopen(self):
        """Take it up again: its parts are held back again, as far as they are open."""
        self.check_access("write")
        undecided = self.filtered(lambda dispute: dispute.stage == "open")[:1]
        if undecided:
            raise UserError(self.env._("%s is open: there is nothing to reopen.", undecided.display_name))
        self._forget_refunds()
        self.sudo().write(
            {"state": "open", "outcome": False, "closed_on": False, "closed_by_id": False, "explanation": False}
        )
        self.line_ids._check_parts()
        self._ask_owner()
        return True

    def action_make_credit_note(self):
        """Make the credit notes of the disputed parts with Odoo's own reversal, as drafts to look at."""
        self.ensure_one()
        if not self.env["account.move"].has_access("create"):
            raise UserError(self.env._("A credit note is made by somebody who may invoice: ask your accountants."))
        if self.stage != "credit":
            raise UserError(self.env._("%s awaits no credit note: close it as justified first.", self.display_name))
        if not self._get_refunds():
            self._link_refunds(self._make_refunds())
        return self.action_open_refunds()

    def action_open_refunds(self):
        """Open the credit notes of this dispute."""
        return self._get_refunds()._get_records_action(name=self.env._("Credit notes"))

    def _ask_explanation(self, outcome):
        self.ensure_one()
        self._expect_open()
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_dispute_close_wizard_action")
        action["context"] = {"default_dispute_id": self.id, "default_outcome": outcome}
        return action

    # -- decisions ----------------------------------------------------------------------

    def _expect_open(self):
        """Refuse a decision on what is closed, saying who closed it: somebody else may just have done so.

        Two who decide at the same moment both write the dispute's row: the database refuses the
        second transaction, Odoo replays it, and it ends here.
        """
        self.check_access("write")
        for dispute in self.filtered(lambda dispute: dispute.state == "closed")[:1]:
            raise UserError(
                self.env._(
                    "%(dispute)s was closed on %(date)s by %(user)s (%(outcome)s). Reopen it to decide otherwise.",
                    dispute=dispute.display_name,
                    date=format_date(self.env, dispute.closed_on),
                    user=dispute.closed_by_id.sudo().name or "–",
                    outcome=dispute._get_outcome_label(),
                )
            )

    def _get_outcome_label(self):
        return dict(self._fields["outcome"]._description_selection(self.env)).get(self.outcome, "–")

    def _decide_justified(self, explanation, credit, refunds):
        self._expect_open()
        if credit == "none":
            return self._close("justified", explanation)
        if credit == "link":
            self._check_refunds(refunds)
            self._link_refunds(refunds)
        self._decide("justified", explanation)
        self._settle_credited()
        self.filtered(lambda dispute: dispute.stage == "credit")._ask_credit_note()
        return True

    def _close(self, outcome, explanation):
        """Close these disputes for good: who, when, why."""
        self._expect_open()
        self._decide(outcome, explanation, state="closed", closed_on=company_today(self))
        self.activity_ids.filtered("automated").sudo().unlink()
        return True

    def _decide(self, outcome, explanation, **vals):
        """Record a decision.

        :raise UserError: without an explanation
        """
        explanation = (explanation or "").strip()
        if not explanation:
            raise UserError(self.env._("Say why: the customer will ask, and so will the next auditor."))
        self.sudo().write({**vals, "outcome": outcome, "explanation": explanation, "closed_by_id": self.env.uid})
        for dispute in self:
            dispute.sudo().message_post(body=explanation, subtype_xmlid="mail.mt_note")

    # -- credit notes -------------------------------------------------------------------

    def _get_refunds(self):
        """Return the credit notes of the decision; a cancelled one gives nothing back."""
        return self.refund_ids.filtered(lambda refund: refund.state != "cancel")

    def _forget_refunds(self):
        """Let the next decision have credit notes of its own: what an earlier one gave back is only told.

        A draft has given nothing back yet: it is still to be posted, and no second one made beside it.
        """
        for dispute in self.sudo():
            given = dispute.refund_ids.filtered(lambda refund: refund.state == "posted")
            if given:
                names = ", ".join(given.mapped("name"))
                note = self.env._("Reopened. Credited by the earlier decision: %s.", names)
                dispute.message_post(body=note, subtype_xmlid="mail.mt_note")
            dispute.refund_ids = dispute.refund_ids.filtered(lambda refund: refund.state == "draft")

    def _check_refunds(self, refunds):
        """Whoever links credit notes may read them; they are this customer's in this company.

        :raise UserError, ValidationError: naming what is wrong
        """
        refunds.check_access("read")
        if not refunds:
            raise UserError(self.env._("Choose the credit note."))
        for refund in refunds:
            if (
                refund.move_type != "out_refund"
                or refund.commercial_partner_id != self.partner_id
                or refund.company_id != self.company_id
                or refund.state == "cancel"
            ):
                raise ValidationError(
                    self.env._(
                        "%(refund)s isn't a credit note for %(customer)s.",
                        refund=refund.display_name,
                        customer=self.partner_id.display_name,
                    )
                )

    def _link_refunds(self, refunds):
        self.sudo().write({"refund_ids": [Command.link(refund.id) for refund in refunds]})

    def _make_refunds(self):
        """Return draft credit notes, one for each disputed document, over its disputed part."""
        refunds = self.env["account.move"]
        for move, lines in self.line_ids.grouped(lambda line: line.move_line_id.move_id).items():
            wizard = (
                self.env["account.move.reversal"]
                .with_context(active_model="account.move", active_ids=move.ids)
                .create({"reason": self.reason_id.name, "journal_id": move.journal_id.id})
            )
            wizard.refund_moves()
            wizard.new_move_ids._credit_scale(sum(line._get_wrong() for line in lines) / abs(move.amount_total_signed))
            refunds += wizard.new_move_ids
        return refunds

    @api.model
    def _settle_posted(self, refunds):
        """Close the disputes whose last credit note has just been posted; called by the posting itself."""
        disputes = self.sudo().search([("stage", "=", "credit"), ("refund_ids", "in", refunds.ids)])
        disputes._settle_credited()

    def _settle_credited(self):
        """Close those of these disputes whose credit notes are all posted."""
        for dispute in self.sudo():
            refunds = dispute._get_refunds()
            if refunds and set(refunds.mapped("state")) == {"posted"}:
                dispute.write({"state": "closed", "closed_on": company_today(dispute)})
                dispute.activity_ids.filtered("automated").unlink()

    def _ask_credit_note(self):
        """Ask the collector, who may invoice, for the credit note that the owner can't make."""
        for dispute in self.filtered(lambda dispute: not dispute.sudo()._get_refunds()):
            dispute.activity_ids.filtered("automated").sudo().unlink()
            debtor = dispute._get_debtor()
            user = debtor.responsible_id or dispute.user_id or self.env.user
            spoken = in_language_of(dispute.sudo(), user)
            spoken.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=spoken.env._("Make the credit note of the dispute"),
                user_id=user.id,
            )
