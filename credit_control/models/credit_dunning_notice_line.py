from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import delivery
from ..core.claim import Row
from .credit_dunning_notice import ENGINE
from .derived_key import DerivedMany2one


class CreditDunningNoticeLine(models.Model):
    """One item in a notice, as it was claimed. Without a step the item is only shown."""

    _name = "credit.dunning.notice.line"
    _description = "Line of a dunning notice"
    _order = "notice_id, date_due, id"
    # Its notice tells who wrote it and when.
    _log_access = False

    notice_id = fields.Many2one("credit.dunning.notice", required=True, index=True, ondelete="cascade")
    company_id = DerivedMany2one("res.company", required=True)
    move_line_id = fields.Many2one("account.move.line", string="Journal item", index=True, ondelete="set null")
    move_id = fields.Many2one(related="move_line_id.move_id")
    # Of the notice's policy, whose steps stay where a line names them.
    step_id = DerivedMany2one("credit.dunning.step", ondelete="restrict")
    channel_id = DerivedMany2one("credit.channel", required=True, ondelete="restrict")
    occurrence = fields.Integer(default=1, help="The how-manieth time this step is sent for this item.")
    live = fields.Boolean(default=True, help="Cleared when the notice failed, bounced or was cancelled.")
    is_credit = fields.Boolean(string="Credit", help="An unallocated credit that is set off.")
    reference = fields.Char(required=True, help="Number of the document, kept if the document goes.")
    date = fields.Date(help="Date of the document.")
    date_due = fields.Date(string="Due date")
    currency_id = fields.Many2one("res.currency", required=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    amount = fields.Monetary(help="What is asked, in the document's currency.")
    amount_company = fields.Monetary(string="Amount in company currency", currency_field="company_currency_id")
    amount_original = fields.Monetary(string="Original amount", help="Amount of the document or instalment.")
    amount_disputed = fields.Monetary(
        string="Disputed amount", help="The part not asked because it is disputed, in the document's currency."
    )
    amount_promised = fields.Monetary(
        string="Promised amount", help="The part not asked because it is promised, in the document's currency."
    )

    _live_unique = models.UniqueIndex(
        "(move_line_id, step_id, channel_id, occurrence) WHERE live",
        "This step has already been planned or sent for this item through this channel.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_kept()
        return lines

    def write(self, vals):
        if self.env.context.get("credit_notice_key") is not ENGINE:
            self._check_kept()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unsent(self):
        self._check_kept()

    def _check_kept(self):
        """Refuse to alter the lines of a notice that has left, or may have."""
        kept = self.notice_id.filtered(lambda notice: notice.state in delivery.KEPT)[:1]
        if kept:
            raise UserError(
                self.env._(
                    "%s has left, or may have: it is kept as it was sent and can't be changed.", kept.display_name
                )
            )

    def _set_live(self, live):
        """Say whether these lines count as planned or sent."""
        self.with_context(credit_notice_key=ENGINE).write({"live": live})

    def _get_live_twins(self):
        """Return the live lines that stand for the same step of the same item."""
        keys = {(line.move_line_id, line.step_id, line.channel_id, line.occurrence) for line in self if line.step_id}
        return self.search([("live", "=", True), ("move_line_id", "in", self.move_line_id.ids)]).filtered(
            lambda line: (line.move_line_id, line.step_id, line.channel_id, line.occurrence) in keys
        )

    def _lower(self, amount, item):
        """Ask ``amount`` (company currency) of ``item`` instead; in the document's currency in proportion."""
        self.ensure_one()
        share = self.amount / self.amount_company if self.amount_company else 1.0
        self.write(
            {
                "amount_company": amount,
                "amount": self.currency_id.round(amount * share),
                "amount_disputed": self.currency_id.round(item.disputed * share),
                "amount_promised": self.currency_id.round(item.promised * share),
            }
        )

    def _get_claim_row(self):
        """Return the line as the core's value."""
        self.ensure_one()
        return Row(
            reference=self.reference,
            date=self.date,
            due=self.date_due,
            original=self.amount_original,
            asked=self.amount,
            disputed=self.amount_disputed,
            promised=self.amount_promised,
            currency=self.currency_id,
            is_credit=self.is_credit,
            item=self,
        )

    def _get_customer_reference(self):
        """Return the customer's own reference of the document (order, commitment); empty where there is none."""
        move = self.move_id.sudo()
        return move.ref or "" if not self.is_credit else ""
