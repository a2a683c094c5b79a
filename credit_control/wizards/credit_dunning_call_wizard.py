from odoo import api, fields, models

from ..models.company_day import company_today

# In how many days a call that came to this is made again.
DAYS_AGAIN = {"no_answer": 1, "voicemail": 2, "reached": 7, "refuses": 7}


class CreditDunningCallWizard(models.TransientModel):
    """What came of a call: spoken, to try again, promised, disputed."""

    _name = "credit.dunning.call.wizard"
    _description = "Outcome of a call"

    notice_id = fields.Many2one("credit.dunning.notice", ondelete="cascade", help="The call that was planned.")
    debtor_id = fields.Many2one(
        "credit.debtor",
        compute="_compute_debtor_id",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(related="debtor_id.partner_id", related_sudo=False)
    company_id = fields.Many2one(related="debtor_id.company_id", related_sudo=False)
    currency_id = fields.Many2one(related="debtor_id.currency_id", related_sudo=False)
    phone = fields.Char(compute="_compute_phone", help="With the country's prefix, so that any phone dials it.")
    contact_name = fields.Char(string="Ask for", compute="_compute_phone")
    amount_claimed = fields.Monetary(string="To claim", compute="_compute_amount_claimed")
    script_lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Script in",
        default=lambda self: self.env.lang,
    )
    has_languages = fields.Boolean(string="Has languages", compute="_compute_has_languages")
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
    date_again = fields.Date(
        string="Call again on",
        compute="_compute_date_again",
        store=True,
        readonly=False,
        help="Proposed by the outcome, on a working day. Empty: the scenario goes on by itself.",
    )
    promise_date = fields.Date(
        string="To be paid by", default=lambda self: fields.Date.add(company_today(self), days=7)
    )
    promise_amount = fields.Monetary(
        string="Promised amount", compute="_compute_promise_amount", store=True, readonly=False
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Promised by",
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="Who promised it on the phone.",
    )
    confirm = fields.Boolean(string="Confirm by a message", help="Writes to the customer what was recorded.")
    dispute_reason_id = fields.Many2one("credit.dispute.reason", string="Reason of the dispute")
    dispute_line_ids = fields.Many2many(
        "credit.dunning.notice.line",
        string="Disputed items",
        domain="[('notice_id', '=', notice_id), ('is_credit', '=', False)]",
    )
    dispute_item_ids = fields.Many2many(
        "account.move.line",
        string="Disputed invoices",
        domain="[('account_id.account_type', '=', 'asset_receivable'), ('parent_state', '=', 'posted'), "
        "('amount_residual', '>', 0), ('partner_id', 'child_of', partner_id), ('company_id', '=', company_id)]",
    )
    dispute_amount = fields.Monetary(
        string="Disputed part", help="Of the one disputed item, in company currency; 0: all of it."
    )

    @api.depends("notice_id")
    def _compute_debtor_id(self):
        for wizard in self.filtered("notice_id"):
            wizard.debtor_id = wizard.notice_id.debtor_id

    @api.depends("debtor_id", "notice_id")
    def _compute_phone(self):
        """Whom to call: as the phone's own channel would reach them, with the contacts' roles of the step."""
        channel = self.env.ref("credit_control.channel_phone")
        for wizard in self:
            debtor = wizard.debtor_id
            reach = channel._get_handler()._reach(channel, debtor, wizard.notice_id.step_id) if debtor else {}
            found = reach.get(debtor.id)
            person = self.env["res.partner"].browse(found.recipient_ids[:1] if found else ())
            wizard.phone = wizard.notice_id.address or (found and found.address) or debtor.phone
            wizard.contact_name = person.name if person != debtor.partner_id else False

    @api.depends("notice_id", "debtor_id")
    def _compute_amount_claimed(self):
        for wizard in self:
            wizard.amount_claimed = wizard.notice_id.amount_total or wizard.debtor_id.amount_overdue

    @api.depends("script_lang")
    def _compute_has_languages(self):
        self.has_languages = len(self.env["res.lang"].get_installed()) > 1

    @api.depends("notice_id", "script_lang")
    def _compute_script(self):
        """The step's script in the language of the call; a call that answers no step has none."""
        for wizard in self:
            spoken = wizard.notice_id.with_context(lang=wizard.script_lang or self.env.lang)
            content = spoken._render_call_scripts().get(spoken.id) if spoken.step_id else None
            wizard.script = str(content) if isinstance(content, Exception) else content and content.body

    @api.depends("outcome", "debtor_id")
    def _compute_date_again(self):
        for wizard in self:
            days = DAYS_AGAIN.get(wizard.outcome)
            company = wizard.company_id or self.env.company
            day = days and fields.Date.add(company_today(company), days=days)
            wizard.date_again = day and company._credit_get_working_day_from(day)

    @api.depends("notice_id", "debtor_id")
    def _compute_promise_amount(self):
        for wizard in self:
            wizard.promise_amount = wizard.amount_claimed

    def action_record(self):
        """Write down the call and what follows from it; a dispute opens for the rest of its story."""
        self.ensure_one()
        made = self._record()
        if made._name == "credit.dispute":
            return made._get_records_action(name=self.env._("Dispute"))
        return {"type": "ir.actions.act_window_close"}

    def action_record_next(self):
        """Write down the call, and go on to the customer who comes next on the agenda."""
        self.ensure_one()
        debtor = self.debtor_id
        self._record()
        return debtor.action_agenda_next()

    def action_take_outcome(self):
        """Write down the outcome that the context names, in one click, and go on to the next customer."""
        self.ensure_one()
        self.outcome = self.env.context.get("credit_outcome") or self.outcome
        return self.action_record_next()

    def _record(self):
        notice = self.notice_id or self.debtor_id._make_call_notice()
        made = notice.action_record_call(
            self.outcome, self.minutes, self.note or "", self.date_again, **self._prepare_details()
        )
        if self.date_again and self.outcome != "no_answer":
            self.debtor_id.write({"call_again_on": self.date_again})
            self.debtor_id._note_work()
        return made

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
        items = self.dispute_line_ids.move_line_id | self.dispute_item_ids
        return {item.id: self.dispute_amount if len(items) == 1 else 0.0 for item in items}
