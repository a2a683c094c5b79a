from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.company_day import company_today

IN_FORCE = ("granted", "reduced")


class CreditInsuranceAnswer(models.TransientModel):
    """What the insurer said of a guarantee: granted, changed, refused, withdrawn, from a day on.

    A request is answered in its own row. A change of what is in force ends that row the day
    before and begins another, so that each past day keeps its figure.
    """

    _name = "credit.insurance.answer"
    _description = "Answer of an insurer"
    _check_company_auto = True

    guarantee_id = fields.Many2one("credit.insurance.guarantee", required=True, readonly=True)
    company_id = fields.Many2one(related="guarantee_id.company_id", related_sudo=False)
    partner_id = fields.Many2one(related="guarantee_id.partner_id", related_sudo=False, string="Customer")
    currency_id = fields.Many2one(related="guarantee_id.currency_id", related_sudo=False)
    is_request = fields.Boolean(string="Is a request", compute="_compute_is_request")
    answer = fields.Selection(
        [
            ("grant", "Granted: so much is guaranteed"),
            ("refuse", "Refused"),
            ("cancel", "Withdrawn by the insurer"),
            ("give_up", "Given up by us"),
        ],
        required=True,
        default="grant",
        string="What was decided",
    )
    amount = fields.Monetary(
        string="Guaranteed", compute="_compute_amount", store=True, readonly=False, help="All in all, from then on."
    )
    quota = fields.Float(
        string="Insured percentage", digits=(5, 2), compute="_compute_quota", store=True, readonly=False
    )
    date = fields.Date(
        string="As of",
        required=True,
        default=company_today,
        help="The first day of what was decided; of a withdrawal, the first day without the guarantee.",
    )
    date_to = fields.Date(
        string="Until", compute="_compute_date_to", store=True, readonly=False, help="Empty: until revoked."
    )
    reference = fields.Char(compute="_compute_reference", store=True, readonly=False)
    note = fields.Text(string="Reason given")

    @api.depends("guarantee_id")
    def _compute_is_request(self):
        for wizard in self:
            wizard.is_request = wizard.guarantee_id.state == "requested"

    # One method a field: a value that is given would keep the others of its method from being computed.

    @api.depends("guarantee_id")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.guarantee_id.amount or wizard.guarantee_id.amount_requested

    @api.depends("guarantee_id")
    def _compute_quota(self):
        for wizard in self:
            wizard.quota = wizard.guarantee_id.quota

    @api.depends("guarantee_id")
    def _compute_date_to(self):
        for wizard in self:
            wizard.date_to = wizard.guarantee_id.date_to

    @api.depends("guarantee_id")
    def _compute_reference(self):
        for wizard in self:
            wizard.reference = wizard.guarantee_id.reference

    def action_apply(self):
        """Record the answer.

        :raise UserError: where it doesn't fit what is awaited or in force (somebody else was faster)
        """
        self.ensure_one()
        guarantee = self.guarantee_id
        guarantee._expect({"requested", *IN_FORCE}, self.env._("An answer was recorded already."))
        if guarantee.state == "requested":
            self._answer_request(guarantee)
        else:
            self._change(guarantee)
        if self.note:
            guarantee.message_post(body=self.note)
        return {"type": "ir.actions.act_window_close"}

    def _answer_request(self, guarantee):
        if self.answer == "cancel":
            raise UserError(self.env._("Nothing is in force that could be withdrawn: it was refused, or given up."))
        if self.answer == "grant":
            self._end_previous(guarantee)
            guarantee.write(self._prepare_grant(guarantee.amount_requested))
        elif self.answer == "refuse":
            guarantee.write({"state": "refused", "date_decision": self.date, "reference": self.reference})
        else:
            guarantee.write(
                {"state": "cancelled", "by_insurer": False, "date_decision": self.date, "date_from": False, "amount": 0}
            )

    def _change(self, guarantee):
        if self.answer == "refuse":
            raise UserError(
                self.env._("It was granted before: record what is guaranteed now, or that it is withdrawn.")
            )
        if self.date <= guarantee.date_from:
            raise UserError(
                self.env._(
                    "%(guarantee)s holds from %(first)s: a change takes effect after that day. What was recorded by "
                    "mistake is put right on the form itself.",
                    guarantee=guarantee.display_name,
                    first=guarantee.date_from,
                )
            )
        last_day = self.date - timedelta(days=1)
        if self.answer == "grant":
            vals = {**self._prepare_grant(guarantee.amount), "previous_id": guarantee.id}
            guarantee.write({"date_to": last_day})
            # The database refuses the new one as long as it knows the old end.
            guarantee.flush_recordset()
            guarantee.copy(vals)
        else:
            guarantee.write(
                {"state": "cancelled", "date_to": last_day, "by_insurer": self.answer == "cancel"}
                | {"date_decision": self.date}
            )

    def _end_previous(self, guarantee):
        """End the permanent guarantee that the granted one takes the place of, the day before."""
        if guarantee.kind != "permanent":
            return
        running = guarantee.search(
            [
                ("partner_id", "=", guarantee.partner_id.id),
                ("company_id", "=", guarantee.company_id.id),
                ("kind", "=", "permanent"),
                ("state", "in", IN_FORCE),
                ("date_from", "<", self.date),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", self.date),
            ]
        )
        running.write({"date_to": self.date - timedelta(days=1)})
        running.flush_recordset()
        guarantee.previous_id = running[:1] or guarantee.previous_id

    def _prepare_grant(self, before):
        """Return the values of what is guaranteed from now on; less than asked, or than before, is a reduction."""
        return {
            "state": "granted" if self.currency_id.compare_amounts(self.amount, before) >= 0 else "reduced",
            "amount": self.amount,
            "quota": self.quota,
            "date_decision": self.date,
            "date_from": self.date,
            "date_to": self.date_to,
            "reference": self.reference,
        }
