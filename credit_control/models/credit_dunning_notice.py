from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import delivery
from .company_day import company_day, company_today
from .credit_dunning_decision import REASON_LABELS
from .derived_key import DerivedMany2one

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
PENDING_STATES = delivery.PENDING
LEFT_STATES = delivery.LEFT
DEAD_STATES = tuple(sorted(delivery.DEAD))

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
    ("bank_stale", "Waits for the bank: payments may be missing"),
    ("neutralized", "Neutralized database: nothing leaves"),
    ("replied", "The customer answered"),
    ("reached", "Reached"),
    ("promise_over", "The promise is over"),
    ("dispute_over", "The dispute is closed"),
]


# A person may change these as long as it hasn't left; all the rest belongs to the state machine.
EDITABLE = frozenset(
    {
        "attachment_ids",
        "body",
        "date_planned",
        "deposited_on",
        "is_edited",
        "line_ids",
        "mode",
        "presented_on",
        "proof_ids",
        "received_on",
        "recipient_ids",
        "registered_number",
        "run_id",
        "subject",
        "template_id",
        "user_id",
    }
)
# What becomes known only after it left.
KNOWN_LATER = frozenset({"deposited_on", "presented_on", "proof_ids", "received_on", "registered_number"})
TEXT = frozenset({"attachment_ids", "body", "subject"})
# Shown in the context by the state machine itself; an object, so that no call from outside can forge it.
ENGINE = object()


class CreditDunningNotice(models.Model):
    """One message to one debtor by one policy through one channel.

    What it claims is frozen in its lines; its text is frozen when it leaves. The states and
    who may pass from one to the other are the table of ``docs/decisions``.
    """

    _name = "credit.dunning.notice"
    _description = "Dunning notice"
    _inherit = [
        "credit.dispute.notice",
        "credit.dunning.call",
        "credit.dunning.delivery",
        "credit.dunning.guard",
        "credit.dunning.hours",
        "credit.dunning.message.attachment",
        "credit.dunning.message.letter",
        "credit.dunning.message.payment",
        "credit.dunning.message.plain",
        "credit.dunning.message.text",
        "credit.dunning.message.values",
    ]
    _order = "id desc"
    _check_company_auto = True

    company_id = DerivedMany2one("res.company", required=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = DerivedMany2one("res.partner", required=True, index=True)
    debtor_id = fields.Many2one("credit.debtor", required=True, index=True, ondelete="restrict")
    run_id = fields.Many2one("credit.dunning.run", index=True, ondelete="set null")
    # A policy that a notice names stays, see there.
    policy_id = DerivedMany2one("credit.dunning.policy", ondelete="restrict")
    step_id = fields.Many2one("credit.dunning.step", index=True, ondelete="restrict")
    channel_id = fields.Many2one("credit.channel", required=True, ondelete="restrict")
    fallback_for_id = fields.Many2one(
        "credit.channel", string="Instead of", help="The channel that couldn't reach the customer."
    )
    state = fields.Selection(STATES, default="draft", required=True, index=True)
    reason = fields.Selection(NOTICE_REASON_LABELS, index="btree_not_null")
    detail = fields.Char(help="What the transport or the template said.")
    mode = fields.Selection([("auto", "Automatic"), ("approve", "Approve first"), ("manual", "Manual")], required=True)
    date = fields.Date(required=True, help="The day for which it was planned.")
    planned_on = fields.Date(
        string="Planned on", required=True, default=company_today, help="The day on which it was planned."
    )
    left_on = fields.Date(
        string="Left on",
        readonly=True,
        index="btree_not_null",
        help="The day on which it left, in the run's own time: a run that is dated back counts from its date.",
    )
    date_planned = fields.Date(string="Not before", help="Not before this day.")
    user_id = fields.Many2one("res.users", string="Sender", help="The person in whose name it speaks.")
    approved_by_id = fields.Many2one("res.users", string="Approved by", readonly=True)
    approved_at = fields.Datetime(string="Approved on", readonly=True)
    recipient_ids = fields.Many2many("res.partner", string="Recipients")
    address = fields.Char(help="Where it goes, frozen when it leaves.")
    amount_total = fields.Monetary(
        string="Claimed in all", help="What is asked in all, in company currency, credits set off."
    )
    line_ids = fields.One2many("credit.dunning.notice.line", "notice_id")
    # The text: empty while it is still rendered from the template, stored once edited or sent.
    template_id = fields.Many2one(
        "mail.template",
        string="Text",
        ondelete="restrict",
        domain="[('model', '=', 'credit.dunning.notice')]",
        help="Takes the place of the step's text; for messages that answer no step.",
    )
    is_edited = fields.Boolean(string="Edited")
    subject = fields.Char()
    body = fields.Html(sanitize=False)
    attachment_ids = fields.Many2many("ir.attachment")
    message_ref = fields.Char(string="Message-ID", index="btree_not_null", readonly=True)
    mail_message_id = fields.Many2one("mail.message", string="Message", ondelete="set null", readonly=True)
    sent_at = fields.Datetime(string="Sent on", readonly=True)
    outcome_at = fields.Datetime(string="Outcome on", readonly=True)
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
        ],
        string="Outcome of the call",
    )
    call_minutes = fields.Float(string="Minutes of the call")
    call_note = fields.Text(string="Note of the call")
    # Decision step
    decision_outcome = fields.Selection(
        [
            ("continue", "Continue"),
            ("litigation", "Litigation"),
            ("provision", "Provision"),
            ("write_off", "Write-off"),
        ],
        string="Decision taken",
    )
    # Registered letter
    registered_number = fields.Char(
        string="Number of the registered letter", help="The number on the receipt of the post."
    )
    deposited_on = fields.Date(string="Handed to the post on", help="The day on which it was handed to the post.")
    presented_on = fields.Date(string="Presented on", help="The day on which the post first rang at the door.")
    received_on = fields.Date(
        string="Received on", help="The day on the receipt. Days that a formal notice gives are counted from it."
    )
    proof_ids = fields.Many2many("ir.attachment", "credit_dunning_notice_proof_rel", string="Proofs")

    _promise_once = models.UniqueIndex(
        "(promise_id, purpose) WHERE promise_id IS NOT NULL AND state NOT IN ('failed', 'bounced', 'cancelled')",
        "This message about the promise has been planned or sent already.",
    )
    _dispute_once = models.UniqueIndex(
        "(dispute_id, purpose) WHERE dispute_id IS NOT NULL AND state NOT IN ('failed', 'bounced', 'cancelled')",
        "This message about the dispute has been planned or sent already.",
    )

    # -- what is kept -----------------------------------------------------------------

    def write(self, vals):
        """Refuse to alter what has left, and to write a state that only an action may give.

        A text that a person writes is theirs from then on: it isn't rendered again.
        """
        if self.env.context.get("credit_notice_key") is not ENGINE:
            self._check_kept(vals)
            if TEXT & vals.keys() and "is_edited" not in vals:
                vals = {**vals, "is_edited": True}
        return super().write(vals)

    def _check_kept(self, vals):
        later = vals.keys() <= KNOWN_LATER
        for notice in self.filtered(lambda notice: notice.state in delivery.KEPT and not later):
            raise UserError(
                self.env._(
                    "%s has left, or may have: it is kept as it was sent and can't be changed.", notice.display_name
                )
            )
        if not self.env.su and not vals.keys() <= EDITABLE:
            raise UserError(self.env._("This is changed by the actions of a notice only, not by hand."))

    @api.model_create_multi
    def create(self, vals_list):
        """Let only the engine make a notice that is further than waiting for approval."""
        if not self.env.su and any(vals.get("state", "draft") not in delivery.APPROVABLE for vals in vals_list):
            raise UserError(self.env._("A new notice is a draft."))
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unsent(self):
        for notice in self:
            if notice.state not in ("draft", "to_approve", "cancelled") or notice.message_ref or notice.sent_at:
                raise UserError(
                    self.env._(
                        "%s can't be deleted: it has left, or is about to. It can be cancelled before it leaves.",
                        notice.display_name,
                    )
                )

    def copy_data(self, default=None):
        """A copy would claim the same items twice.

        :raise UserError: always
        """
        raise UserError(self.env._("A notice can't be copied: plan again instead."))

    def _apply(self, vals):
        """Write what the state machine decided, past :meth:`_check_kept`."""
        return self.with_context(credit_notice_key=ENGINE).write(vals)

    # -- buttons ----------------------------------------------------------------------

    def action_approve(self):
        """Let these notices leave."""
        self._expect(delivery.APPROVABLE, self.env._("Only what hasn't been approved yet can be approved."))
        if self.run_id.filtered("is_preview"):
            raise UserError(self.env._("A preview is there to look at: nothing of it can leave."))
        self._apply(
            {
                "state": delivery.QUEUED,
                "reason": False,
                "approved_by_id": self.env.uid,
                "approved_at": fields.Datetime.now(),
            }
        )
        self._wake_senders()
        # To put a call on the list isn't to make it.
        calls = self.filtered("channel_id.is_manual")
        calls.debtor_id._refresh_agenda()
        (self - calls).debtor_id._note_work(is_answered=False)
        return True

    def action_cancel(self):
        """Skip these notices: their steps count as not done, and are planned again."""
        self._expect(delivery.WITHDRAWABLE, self.env._("Only what hasn't left yet can be skipped."))
        self._record_outcome(delivery.CANCELLED, "skipped")
        self.debtor_id._note_work(is_answered=False)
        return True

    def action_retry(self):
        """Queue these notices again: a person answers for it where one may have left already.

        :raise UserError: where one of them can't be sent again, or its step was planned again meanwhile
        """
        self._expect(delivery.RETRIABLE, self.env._("Only a failed, bounced or uncertain notice can be sent again."))
        self._revive_lines()
        self._apply({"state": delivery.QUEUED, "reason": False, "detail": False, "approved_by_id": self.env.uid})
        self._wake_senders()
        return True

    def _wake_senders(self):
        """Have what was queued sent as soon as the transaction is committed and its hours allow."""
        for name in ("cron_send", "cron_send_second"):
            sender = self.env.ref(f"credit_control.{name}", raise_if_not_found=False)
            if sender and sender.sudo().active:
                sender.sudo()._trigger()

    def action_mark_sent(self):
        """Settle uncertain notices: a person knows that they arrived."""
        self._expect({delivery.UNCERTAIN}, self.env._("Only an uncertain notice can be marked as sent."))
        self._record_outcome(delivery.SENT)
        self.debtor_id._note_work(is_answered=False)
        return True

    def action_reschedule(self, date_planned):
        """Send these notices not before ``date_planned``."""
        self._expect(delivery.WITHDRAWABLE, self.env._("Only what hasn't left yet can be postponed."))
        self.write({"date_planned": date_planned})
        self.debtor_id._note_work(is_answered=False)
        return True

    def _expect(self, states, message):
        """Refuse an action on notices that aren't in ``states``, naming the first."""
        self.check_access("write")
        wrong = self.filtered(lambda notice: notice.state not in states)[:1]
        if wrong:
            label = wrong._get_state_label()
            raise UserError(
                self.env._(
                    "%(message)s %(notice)s: %(state)s.", message=message, notice=wrong.display_name, state=label
                )
            )

    def _get_state_label(self):
        return dict(self._fields["state"]._description_selection(self.env))[self.state]

    # -- outcomes ---------------------------------------------------------------------

    def _record_outcome(self, state, reason=False, detail=False, when=None):
        """Record what came of these notices, and return those for which it was news.

        News may be repeated and arrive in any order: what tells nothing new changes nothing
        (``delivered`` never goes back to ``sent``). Failed, bounced and cancelled notices set
        their steps free, so that the next plan repeats them.

        :param state: the new state
        :param reason: a code of ``NOTICE_REASON_LABELS``
        :param detail: the words of the transport
        :param when: the moment of it (UTC); now, without
        """
        self.fetch(["state", "date", "planned_on", "sent_at", "step_id", "mail_message_id", "company_id"])
        news = self.filtered(lambda notice: delivery.counts(notice.state, state))
        when = when or fields.Datetime.now()
        for day, notices in news.grouped(lambda notice: notice._get_left_on(when)).items():
            vals = notices._prepare_outcome_vals(state, reason, detail, when, day)
            notices._apply(vals)
            if "left_on" in vals:
                notices._claim_charges()
        if state in delivery.DEAD:
            news.sudo().line_ids._set_live(False)
        return news

    def _prepare_outcome_vals(self, state, reason, detail, when, left_on):
        vals = {"state": state, "reason": reason, "detail": detail, "outcome_at": when}
        if state in LEFT_STATES and not all(notice.sent_at for notice in self):
            vals.update(sent_at=when, left_on=left_on)
        return vals

    def _get_left_on(self, when):
        """Return the day of ``when`` in the run's own time: a run that is dated back counts from its date."""
        day = company_day(self, when)
        return self.date + timedelta(days=max(0, (day - self.planned_on).days))

    def _revive_lines(self):
        """Make the steps of these notices count again.

        :raise UserError: where a later notice has taken the place of one of them
        """
        for notice in self.sudo():
            lines = notice.line_ids.filtered(lambda line: not line.live)
            if lines._get_live_twins():
                raise UserError(
                    self.env._("%s can't be sent again: the same step was planned again since.", notice.display_name)
                )
            lines._set_live(True)

    @api.depends("partner_id", "step_id", "channel_id")
    def _compute_display_name(self):
        for notice in self:
            parts = (notice.partner_id.display_name, notice.title, notice.channel_id.name)
            notice.display_name = " – ".join(filter(None, parts))
