from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .company_day import company_today
from .language import in_language_of


class CreditDebtor(models.Model):
    """The customer answers: reminders stop by themselves for a while, and the collector is told."""

    _inherit = "credit.debtor"

    reply_preview = fields.Char(
        string="They wrote", compute="_compute_reply_preview", help="The beginning of their last message."
    )

    @api.depends("reply_on")
    def _compute_reply_preview(self):
        for debtor in self:
            debtor.reply_preview = debtor.reply_on and debtor._get_last_reply().preview

    def _get_last_reply(self):
        """Return the last message that the customer wrote; what our own people write is none."""
        domain = [("model", "=", self._name), ("res_id", "=", self.id), ("message_type", "in", ("email", "comment"))]
        messages = self.env["mail.message"].search(domain, limit=10)
        return messages.filtered(lambda message: not self._is_our_own(message.sudo().author_id))[:1]

    def _is_our_own(self, author):
        return any(not user.share for user in author.user_ids)

    def action_reply_promise(self):
        """Turn what they wrote into a promise: how it came and what it said are filled in."""
        action = self.action_promise()
        action["context"] |= {"default_channel": "email", "default_note": self.reply_preview or ""}
        return action

    def action_reply_dispute(self):
        """Turn what they wrote into a dispute: what it said is filled in, the items are chosen there."""
        action = self.action_dispute()
        action["context"] |= {"default_note": self.reply_preview or ""}
        return action

    def action_ask_colleague(self):
        """Ask a colleague about this customer."""
        self.ensure_one()
        return self._open_agenda_dialog("credit.colleague.question", self.env._("Ask a colleague")) | {
            "context": {"default_debtor_id": self.id}
        }

    def _note_reply(self, author, email, parent_id=None):
        """Pause the customer's reminders and ask the collector to answer.

        Mail of our own people (who answer from their mailbox, or forward) doesn't count.

        :param author: the partner who wrote, where known
        :param email: their address
        :param parent_id: the ``mail.message`` that they answered
        """
        if self._is_our_own(author):
            return
        self._settle_answered(parent_id)
        for debtor in self:
            debtor._pause_after_reply(author.name or email)
            debtor._ask_collector(author.name or email)
        self._note_answer()

    def _settle_answered(self, parent_id):
        """What was answered has arrived, an uncertain message too."""
        if parent_id:
            notice = self.env["credit.dunning.notice"].search([("mail_message_id", "=", parent_id)], limit=1)
            notice._record_outcome("delivered", "replied")

    def _pause_after_reply(self, who):
        today = company_today(self)
        end = today + timedelta(days=self.company_id.credit_reply_pause_days)
        pauses = self.env["credit.dunning.pause"]
        target = Domain("company_id", "=", self.company_id.id) & Domain("partner_id", "=", self.partner_id.id)
        paused = pauses.search_count(target & pauses._get_domain_on(today) & pauses._get_domain_on(end), limit=1)
        if self.company_id.credit_reply_pause_days and not paused:
            self.env["credit.dunning.pause"].create(
                {
                    "company_id": self.company_id.id,
                    "partner_id": self.partner_id.id,
                    "reason": self.env._("%s answered", who),
                    "source": "reply",
                    "date_start": today,
                    "date_end": end,
                }
            )

    def _ask_collector(self, who, summary=None, note=None):
        """Give the collector an activity, unless the same one waits already; where nobody collects, a credit manager.

        :param who: the customer's person
        :param summary: what to do; to answer them, without
        :param note: why, as safe HTML
        """
        collector = self._get_collector() or self._get_any_manager()
        spoken = in_language_of(self, collector)
        summary = summary or spoken.env._("Answer %s", who)
        waiting = self.activity_ids.filtered(lambda activity: activity.summary == summary)
        if not waiting:
            spoken.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=summary,
                note=note or spoken.env._("The customer answered a reminder: automatic steps are paused meanwhile."),
                user_id=collector.id or self.env.uid,
            )

    def _get_collector(self):
        """Return who looks after this customer; empty where nobody does."""
        collector = self.responsible_id or self._get_last_sender()
        return collector or self.company_id.sudo().credit_management_user_id

    def _get_any_manager(self):
        """Return a credit manager of the company: the first."""
        managers = self.env.ref("credit_control.group_manager").sudo().all_user_ids
        return managers.filtered(lambda user: user.active and self.company_id in user.company_ids).sorted("id")[:1]

    def _get_last_sender(self):
        notice = self.env["credit.dunning.notice"].search(
            [("debtor_id", "in", self.ids), ("user_id", "!=", False)], limit=1
        )
        return notice.user_id or notice.approved_by_id
