from odoo import api, fields, models

from ..models.company_day import company_today


class CreditDunningCallWizard(models.TransientModel):
    """What came of a call: spoken, to try again, promised, disputed."""

    _name = "credit.dunning.call.wizard"
    _description = "Outcome of a call"

    notice_id = fields.Many2one("credit.dunning.notice", required=True, ondelete="cascade")
    partner_id = fields.Many2one(related="notice_id.partner_id")
    company_id = fields.Many2one(related="notice_id.company_id")
    currency_id = fields.Many2one(related="notice_id.currency_id")
    phone = fields.Char(compute="_compute_phone")
    script = fields.Html(compute="_compute_script", sanitize=False)
    outcome = fields.Selection(
        selection=lambda self: (
            self.env["credit.dunning.notice"]._fields["call_outcome"]._description_selection(self.env)
        ),
        required=True,
        default="reached",
    )
    minutes = fields.Float()
    note = fields.Text()
    date_again = fields.Date(string="Call again on", default=lambda self: fields.Date.add(company_today(self), days=1))
    promise_date = fields.Date(
        string="To be paid by", default=lambda self: fields.Date.add(company_today(self), days=7)
    )
    promise_amount = fields.Monetary(compute="_compute_promise_amount", store=True, readonly=False)
    contact_id = fields.Many2one(
        "res.partner",
        string="Promised by",
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="Who promised it on the phone.",
    )
    confirm = fields.Boolean(string="Confirm by a message", help="Writes to the customer what was recorded.")
    dispute_reason_id = fields.Many2one("credit.dispute.reason")
    dispute_line_ids = fields.Many2many(
        "credit.dunning.notice.line",
        string="Disputed items",
        domain="[('notice_id', '=', notice_id), ('is_credit', '=', False)]",
    )
    dispute_amount = fields.Monetary(
        string="Disputed part", help="Of the one disputed item, in company currency; 0: all of it."
    )

    @api.depends("notice_id")
    def _compute_phone(self):
        for wizard in self:
            wizard.phone = wizard.notice_id.address or wizard.partner_id.phone

    @api.depends("notice_id")
    def _compute_script(self):
        for wizard in self:
            wizard.script = wizard.notice_id.preview

    @api.depends("notice_id")
    def _compute_promise_amount(self):
        for wizard in self:
            wizard.promise_amount = wizard.notice_id.amount_total

    def action_record(self):
        """Write down the call and what follows from it; a promise or dispute opens for the rest of its story."""
        self.ensure_one()
        made = self.notice_id.action_record_call(
            self.outcome, self.minutes, self.note or "", self.date_again, **self._prepare_details()
        )
        if made._name == "credit.dispute":
            return made._get_records_action(name=self.env._("Dispute"))
        return {"type": "ir.actions.act_window_close"}

    def _prepare_details(self):
        details = {
            "promise": {
                "promise_date": self.promise_date,
                "promise_amount": self.promise_amount,
                "contact": self.contact_id,
                "confirm": self.confirm,
            },
            "dispute": {
                "dispute_reason_id": self.dispute_reason_id.id,
                "dispute_parts": self._get_disputed_parts(),
                "confirm": self.confirm,
            },
        }
        return details.get(self.outcome, {})

    def _get_disputed_parts(self):
        """Return ``{item id: part}`` of the chosen items; one of them may be disputed in part only."""
        items = self.dispute_line_ids.move_line_id
        return {item.id: self.dispute_amount if len(items) == 1 else 0.0 for item in items}
