from odoo import fields, models
from odoo.fields import Command

# What the decision says of the customer as a whole.
STATUS_OF = {"provision": "doubtful", "write_off": "lost"}


class CreditDunningDecide(models.TransientModel):
    """What a person decides at a decision step."""

    _name = "credit.dunning.decide"
    _description = "Decision on overdue items"

    notice_id = fields.Many2one("credit.dunning.notice", required=True, ondelete="cascade")
    partner_id = fields.Many2one(related="notice_id.partner_id", related_sudo=False)
    currency_id = fields.Many2one(related="notice_id.currency_id", related_sudo=False)
    amount_total = fields.Monetary(related="notice_id.amount_total", related_sudo=False)
    outcome = fields.Selection(
        selection=lambda self: (
            self.env["credit.dunning.notice"]._fields["decision_outcome"]._description_selection(self.env)
        ),
        required=True,
        default="continue",
    )
    note = fields.Char()
    set_status = fields.Boolean(
        string="Give the customer that status",
        default=True,
        help="Provision: doubtful. Write-off: lost. With your note as the reason.",
    )

    def action_decide(self):
        """Write down the decision; the step is done. Litigation opens the file with these items."""
        self.ensure_one()
        self.notice_id.action_record_decision(self.outcome, self.note or "")
        if self.outcome == "litigation":
            return self._open_litigation()
        if self.set_status and self.outcome in STATUS_OF:
            self._give_status()
        return {"type": "ir.actions.act_window_close"}

    def _open_litigation(self):
        """Prepare a file with the items of the decision that are still open and in no other file."""
        notice = self.notice_id
        litigation = self.env["credit.litigation"].create(
            {"partner_id": notice.partner_id.id, "company_id": notice.company_id.id, "note": self.note}
        )
        items = litigation._get_overdue_items().move_line_id & notice.line_ids.move_line_id
        litigation.line_ids = [Command.create({"move_line_id": item.id}) for item in items]
        return litigation._get_records_action()

    def _give_status(self):
        labels = dict(self._fields["outcome"]._description_selection(self.env))
        self.notice_id.debtor_id.write(
            {
                "manual_status": STATUS_OF[self.outcome],
                "manual_status_reason": (self.note or "").strip() or labels[self.outcome],
            }
        )
