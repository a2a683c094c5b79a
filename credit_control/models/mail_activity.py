from odoo import api, models
from odoo.tools import plaintext2html

from .language import in_language_of


class MailActivity(models.Model):
    """What people plan on a debtor's card stands on the agenda; who asked a colleague is told the answer."""

    _inherit = "mail.activity"

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        activities._get_credit_cards()._refresh_agenda()
        return activities

    def write(self, vals):
        written = super().write(vals)
        if vals.keys() & {"date_deadline", "user_id"}:
            self._get_credit_cards()._refresh_agenda()
        return written

    def _get_credit_cards(self):
        """Return the cards on which people planned these; what the system plans stands there otherwise."""
        planned = self.sudo().filtered(lambda known: known.res_model == "credit.debtor" and not known.automated)
        return self.env["credit.debtor"].sudo().browse(planned.mapped("res_id")).exists()

    def _action_done(self, feedback=False, attachment_ids=None):
        cards = self._get_credit_cards()
        kind = self._get_credit_question_type()
        questions = self.sudo().filtered(lambda known: kind and known.activity_type_id == kind)
        done = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        for question in questions:
            question._tell_credit_answer(feedback or "")
        if self.env.user.has_group("credit_control.group_collector"):
            cards._note_work(is_answered=False)
        else:
            cards._refresh_agenda()
        return done

    def unlink(self):
        cards = self._get_credit_cards()
        deleted = super().unlink()
        cards._refresh_agenda()
        return deleted

    @api.model
    def _get_credit_question_type(self):
        """Return the kind of a question to a colleague; empty where somebody has deleted it."""
        kind = self.env.ref("credit_control.activity_question", raise_if_not_found=False)
        return kind or self.env["mail.activity.type"]

    def _tell_credit_answer(self, answer):
        """Put the answer on the agenda of who asked; their own answer is no news to them."""
        asker, card = self.create_uid, self.env["credit.debtor"].sudo().browse(self.res_id).exists()
        if not card or asker == self.env.user or not asker.active:
            return
        spoken = in_language_of(card, asker)
        spoken.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=spoken.env._("%(who)s has answered: %(question)s", who=self.env.user.name, question=self.summary),
            note=plaintext2html(answer),
            user_id=asker.id,
            automated=False,
        )
