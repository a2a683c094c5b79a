from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..models.company_day import company_today
from ..models.language import in_language_of

DAYS_TO_ANSWER = 2


class CreditColleagueQuestion(models.TransientModel):
    """Ask a colleague about a customer: the salesperson, the warehouse, whoever knows."""

    _name = "credit.colleague.question"
    _description = "Question to a colleague"

    debtor_id = fields.Many2one("credit.debtor", string="Customer", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="debtor_id.company_id")
    user_id = fields.Many2one(
        "res.users",
        string="Colleague",
        compute="_compute_user_id",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="The customer's salesperson, until you choose somebody else. They need no right in credit control.",
    )
    question = fields.Char(required=True)
    note = fields.Text(string="More about it", help="The colleague reads it even where they can't see the customer.")
    date_deadline = fields.Date(
        string="Answer by",
        compute="_compute_date_deadline",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="On the day after it the customer is on your agenda again.",
    )

    @api.depends("debtor_id")
    def _compute_user_id(self):
        for wizard in self:
            wizard.user_id = wizard.debtor_id.partner_id.user_id

    @api.depends("debtor_id")
    def _compute_date_deadline(self):
        for wizard in self:
            day = fields.Date.add(company_today(wizard), days=DAYS_TO_ANSWER)
            wizard.date_deadline = (wizard.company_id or self.env.company)._credit_get_working_day_from(day)

    def action_ask(self):
        """Plan the question for the colleague, who is told by Odoo; the answer comes back on the asker's agenda.

        :raise UserError: where the day is over, or the colleague is the user
        """
        self.ensure_one()
        if self.date_deadline < company_today(self):
            raise UserError(self.env._("Answer by: choose today or a later day."))
        if self.user_id == self.env.user:
            raise UserError(self.env._("Ask a colleague, not yourself."))
        spoken = in_language_of(self.debtor_id, self.user_id)
        followed = self.user_id.partner_id in self.debtor_id.message_partner_ids
        spoken.activity_schedule(
            "credit_control.activity_question",
            self.date_deadline,
            summary=f"{self.debtor_id.partner_id.display_name}: {self.question}",
            note=plaintext2html(self.note or ""),
            user_id=self.user_id.id,
            automated=False,
        )
        if not followed:
            # Who was asked one thing doesn't want all that the customer ever writes.
            self.debtor_id.message_unsubscribe(self.user_id.partner_id.ids)
        return {"type": "ir.actions.act_window_close"}
