from odoo import fields, models

from .credit_dunning_decision import REASON_LABELS

STATES = [
    ("draft", "Draft"),
    ("to_approve", "To approve"),
    ("queued", "Queued"),
    ("sending", "Sending"),
    ("sent", "Sent"),
    ("delivered", "Delivered"),
    ("uncertain", "Uncertain"),
    ("failed", "Failed"),
    ("bounced", "Bounced"),
    ("cancelled", "Cancelled"),
]
# Not left yet, on its way; surely left; may have left; surely not left.
PENDING_STATES = ("draft", "to_approve", "queued", "sending")
LEFT_STATES = ("sent", "delivered")
DEAD_STATES = ("failed", "bounced", "cancelled")

NOTICE_REASON_LABELS = REASON_LABELS + [
    ("above_ceiling", "Above the ceiling: a person approves"),
    ("superseded", "Replaced by a later plan"),
    ("skipped", "Skipped by a person"),
    ("claim_changed", "Amount changed after the text was edited"),
    ("template_error", "The template can't be rendered"),
    ("transport_error", "The transport refused it"),
    ("bounce", "Came back"),
    ("interrupted", "Sending was interrupted"),
    ("test_mode", "Test mode: nothing leaves"),
    ("neutralized", "Neutralized database: nothing leaves"),
    ("replied", "The customer answered"),
    ("reached", "Reached"),
]


class CreditDunningNotice(models.Model):
    """One message to one debtor by one policy through one channel.

    What it claims is frozen in its lines; its text is frozen when it leaves. The states and
    who may pass from one to the other are the table of ``docs/decisions``.
    """

    _name = "credit.dunning.notice"
    _description = "Dunning notice"
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="restrict")
    debtor_id = fields.Many2one("credit.debtor", required=True, index=True, ondelete="restrict")
    run_id = fields.Many2one("credit.dunning.run", index=True, ondelete="set null")
    policy_id = fields.Many2one("credit.dunning.policy", ondelete="restrict")
    step_id = fields.Many2one("credit.dunning.step", index=True, ondelete="restrict")
    channel_id = fields.Many2one("credit.channel", required=True, ondelete="restrict")
    fallback_for_id = fields.Many2one("credit.channel", help="The channel that couldn't reach the customer.")
    state = fields.Selection(STATES, default="draft", required=True, index=True)
    reason = fields.Selection(NOTICE_REASON_LABELS, index="btree_not_null")
    detail = fields.Char(help="What the transport or the template said.")
    mode = fields.Selection([("auto", "Automatic"), ("approve", "Approve first"), ("manual", "Manual")], required=True)
    date = fields.Date(required=True, help="The day for which it was planned.")
    planned_on = fields.Date(required=True, default=fields.Date.context_today, help="The day on which it was planned.")
    left_on = fields.Date(
        readonly=True,
        index=True,
        help="The day on which it left, in the run's own time: a run that is dated back counts from its date.",
    )
    date_planned = fields.Date(help="Not before this day.")
    user_id = fields.Many2one("res.users", string="Sender", help="The person in whose name it speaks.")
    approved_by_id = fields.Many2one("res.users", readonly=True)
    approved_at = fields.Datetime(readonly=True)
    recipient_ids = fields.Many2many("res.partner", string="Recipients")
    address = fields.Char(help="Where it goes, frozen when it leaves.")
    amount_total = fields.Monetary(help="What is asked in all, in company currency, credits set off.")
    line_ids = fields.One2many("credit.dunning.notice.line", "notice_id")
    # The text: empty while it is still rendered from the template, stored once edited or sent.
    template_id = fields.Many2one(
        "mail.template",
        string="Text",
        ondelete="restrict",
        domain="[('model', '=', 'credit.dunning.notice')]",
        help="Takes the place of the step's text; for messages that answer no step.",
    )
    is_edited = fields.Boolean()
    subject = fields.Char()
    body = fields.Html(sanitize=False)
    attachment_ids = fields.Many2many("ir.attachment")
    message_ref = fields.Char(string="Message-ID", index="btree_not_null", readonly=True)
    mail_message_id = fields.Many2one("mail.message", ondelete="set null", readonly=True)
    sent_at = fields.Datetime(readonly=True)
    outcome_at = fields.Datetime(readonly=True)
    # Phone
    call_outcome = fields.Selection(
        [
            ("reached", "Reached"),
            ("voicemail", "Voicemail"),
            ("no_answer", "No answer"),
            ("wrong_number", "Wrong number"),
            ("promise", "Promises to pay"),
            ("dispute", "Disputes"),
            ("refuses", "Refuses to pay"),
        ]
    )
    call_minutes = fields.Float()
    call_note = fields.Text()
    # Decision step
    decision_outcome = fields.Selection(
        [
            ("continue", "Continue"),
            ("litigation", "Litigation"),
            ("provision", "Provision"),
            ("write_off", "Write-off"),
        ]
    )
    # Registered letter
    registered_number = fields.Char()
    deposited_on = fields.Date()
    presented_on = fields.Date()
    received_on = fields.Date()
    proof_ids = fields.Many2many("ir.attachment", "credit_dunning_notice_proof_rel", string="Proofs")
