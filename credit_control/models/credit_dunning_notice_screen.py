from datetime import UTC, datetime, time

from odoo import api, fields, models
from odoo.exceptions import UserError

from .company_day import company_zone
from .credit_debtor import QUIET_DAYS

# What a person can still change: it hasn't been handed over.
OPEN_STATES = ("draft", "to_approve", "queued")


class CreditDunningNotice(models.Model):
    """What a person sees of a notice before it leaves and may do with it."""

    _inherit = "credit.dunning.notice"

    step_kind = fields.Selection(related="step_id.kind")
    is_call = fields.Boolean(string="Call", compute="_compute_is_call", help="A person carries it out by phone.")
    is_registered = fields.Boolean(related="channel_id.is_registered")
    is_manual = fields.Boolean(related="channel_id.is_manual")
    is_printed = fields.Boolean(related="channel_id.is_printed")
    preview = fields.Html(compute="_compute_preview", sanitize=False, help="The message as it will leave, or left.")
    preview_subject = fields.Char(string="Subject (preview)", compute="_compute_preview")
    preview_error = fields.Char(
        string="Error of the preview", compute="_compute_preview", help="Why the text can't be rendered."
    )

    leaves_from = fields.Datetime(
        string="Leaves from",
        compute="_compute_leaves_from",
        help="When it leaves by itself: in the hours of its policy, not on a day on which the customer isn't written "
        "to. Empty where that is now, or where a person carries it out or prints it.",
    )

    @api.depends("state", "date_planned", "policy_id", "is_manual", "is_printed")
    def _compute_leaves_from(self):
        hours, now = self.env["credit.dunning.hours"], fields.Datetime.now()
        waiting = self.filtered(lambda notice: notice.state == "queued" and notice._leaves_by_itself())
        (self - waiting).leaves_from = False
        for notice in waiting:
            quiet = [day for day, name in enumerate(QUIET_DAYS) if notice.debtor_id[name]]
            since = max(now, notice._get_planned_moment() or now)
            opening = hours._get_next_opening(notice.company_id, notice.policy_id, since, quiet)
            notice.leaves_from = opening if opening and opening > now else False

    def _leaves_by_itself(self):
        return not self.is_manual and not self.is_printed

    def _get_planned_moment(self):
        """Return the first moment (UTC, naive) of the day before which it doesn't leave, None without one."""
        if not self.date_planned:
            return None
        first = datetime.combine(self.date_planned, time(), company_zone(self.company_id))
        return first.astimezone(UTC).replace(tzinfo=None)

    @api.depends("channel_id", "step_id")
    def _compute_is_call(self):
        for notice in self:
            notice.is_call = notice.channel_id.is_manual and notice.step_id.kind != "decision"

    # Preview

    @api.depends("state", "is_edited", "subject", "body", "line_ids.amount", "recipient_ids", "user_id", "template_id")
    def _compute_preview(self):
        kept = self.filtered("body")
        contents = {notice._origin.id: (notice.subject, notice.body, False) for notice in kept}
        for channel, notices in (self - kept).grouped("channel_id").items():
            rendered = channel._get_handler()._preview(notices._origin) if channel else {}
            contents |= {key: self._as_preview(content) for key, content in rendered.items()}
        for notice in self:
            subject, body, error = contents.get(notice._origin.id, (False, False, False))
            notice.update({"preview_subject": subject, "preview": body, "preview_error": error})

    def _as_preview(self, content):
        """Return (subject, body, error) of what a channel answers for one notice."""
        if isinstance(content, Exception):
            return False, False, str(content)
        return content.subject, content.body, False

    # Buttons before it leaves

    def action_approve_next(self):
        """Approve, and let the screen go on to the next notice."""
        return self.action_approve()

    def action_approve_selected(self):
        """Ask before approving several at once: what is missing in the bank is shown first."""
        return self._open_wizard("credit.dunning.approval", self.env._("Approve"), notice_ids=self.ids)

    def action_edit_text(self):
        """Take the text from its template, so that a person can change it for this customer."""
        for notice in self:
            if notice.preview_error:
                raise UserError(notice.preview_error)
            notice.write({"subject": notice.preview_subject, "body": notice.preview, "is_edited": True})
        return True

    def action_reset_text(self):
        """Go back to the template's text."""
        return self.write({"subject": False, "body": False, "is_edited": False})

    def action_send(self):
        """Send what is approved, now: a person may do so outside the hours of the policy."""
        self._expect({"queued"}, self.env._("Only what is approved and hasn't left yet can be sent."))
        self._send_now()
        self.run_id._close_if_done()
        return True

    def action_skip(self):
        """Keep these notices from leaving; the next plan looks at their items again."""
        return self.action_cancel()

    def action_postpone(self):
        """Ask for the day before which these notices don't leave."""
        return self._open_wizard("credit.dunning.postpone", self.env._("Postpone"), notice_ids=self.ids)

    # Buttons for what a person knows better

    def action_mark_not_sent(self):
        """Say that an uncertain message didn't leave: the next plan repeats its step."""
        self._expect({"uncertain"}, self.env._("Only what is uncertain can be settled."))
        self._record_outcome("failed", "interrupted")
        return True

    def action_open_call(self):
        """Ask what came of the call."""
        self.ensure_one()
        return self._open_wizard("credit.dunning.call.wizard", self.env._("Record the call"), notice_id=self.id)

    def action_open_decision(self):
        """Ask for the decision of the step."""
        self.ensure_one()
        return self._open_wizard("credit.dunning.decide", self.env._("Decide"), notice_id=self.id)

    def action_open_tracking(self):
        """Ask for deposit, presentation and receipt of a registered letter."""
        self.ensure_one()
        return self._open_wizard("credit.dunning.tracking", self.env._("Dispatch"), notice_id=self.id)

    def action_open_debtor(self):
        """Open the customer's card."""
        self.ensure_one()
        return self.debtor_id._get_records_action(name=self.env._("Debtor"))

    def _open_wizard(self, model, name, **defaults):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {f"default_{key}": value for key, value in defaults.items()},
        }
