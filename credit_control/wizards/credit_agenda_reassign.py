from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.company_day import company_today


class CreditAgendaReassign(models.TransientModel):
    """Give customers to a colleague: for good, or while somebody is away."""

    _name = "credit.agenda.reassign"
    _description = "Give customers to a colleague"

    scope = fields.Selection(
        [("selected", "The selected customers"), ("colleague", "All customers of a colleague")],
        required=True,
        default=lambda self: "selected" if self.env.context.get("default_debtor_ids") else "colleague",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    debtor_ids = fields.Many2many("credit.debtor", string="Customers")
    from_user_id = fields.Many2one(
        "res.users", string="Colleague", domain="[('company_ids', 'in', company_id), ('share', '=', False)]"
    )
    with_shared = fields.Boolean(
        string="Those they share too",
        help="Also the customers that others of the same portfolio have on their agenda: they go to the one person.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Give to",
        required=True,
        domain="[('company_ids', 'in', company_id), ('share', '=', False)]",
    )
    date_end = fields.Date(
        string="Until", help="The last day; the collector has them back after it. Empty: they are given for good."
    )
    count = fields.Integer(compute="_compute_count", help="How many customers change hands.")

    @api.depends("scope", "debtor_ids", "from_user_id", "with_shared")
    def _compute_count(self):
        for wizard in self:
            wizard.count = len(wizard._get_debtors())

    def _get_debtors(self):
        if self.scope == "selected":
            return self.debtor_ids
        if not self.from_user_id:
            return self.debtor_ids.browse()
        of_colleague = self.debtor_ids._get_looked_after_domain(self.from_user_id, with_shared=self.with_shared)
        return self.debtor_ids.search(of_colleague & Domain("company_id", "=", self.company_id.id))

    def action_give(self):
        """Write the collector, or who stands in for them until the day.

        :raise UserError: where nobody changes hands, the day is past, or the colleague can't open a customer
        """
        self.ensure_one()
        debtors = self._get_debtors()
        self._check_given(debtors)
        if self.date_end:
            debtors.write({"substitute_id": self.user_id.id, "substitute_until": self.date_end})
        else:
            debtors.write({"collector_id": self.user_id.id, "substitute_id": False, "substitute_until": False})
        return {"type": "ir.actions.act_window_close"}

    def _check_given(self, debtors):
        if not debtors:
            raise UserError(self.env._("No customer is chosen: select some, or a colleague who has any."))
        if self.date_end and self.date_end < company_today(self.company_id):
            raise UserError(self.env._("Until: choose today or a later day."))
        if not self.user_id.has_group("credit_control.group_collector"):
            raise UserError(self.env._("%s isn't a collector: give them that right first.", self.user_id.name))
