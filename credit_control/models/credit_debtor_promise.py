from odoo import api, fields, models


class CreditDebtorPromise(models.AbstractModel):
    """What a customer promises, on their card: buttons, plans, and how far their word is good."""

    _name = "credit.debtor.promise"
    _description = "Promises on a debtor's card"

    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")

    plan_ids = fields.Many2many("credit.payment.plan", string="Payment plans", compute="_compute_plan_ids")
    plan_count = fields.Integer(
        string="Number of payment plans", compute="_compute_plan_ids", help="Payment plans that run."
    )
    promise_reliability = fields.Char(
        string="Promises kept",
        compute="_compute_promise_reliability",
        help="Promises kept, of those that have been decided; cancelled ones don't count.",
    )

    @api.depends("partner_id", "company_id")
    def _compute_plan_ids(self):
        plans = self.env["credit.payment.plan"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "in", ("draft", "active")),
            ]
        )
        by_customer = plans.grouped(lambda plan: (plan.partner_id, plan.company_id))
        for debtor in self:
            debtor.plan_ids = by_customer.get((debtor.partner_id, debtor.company_id), plans.browse())
            debtor.plan_count = len(debtor.plan_ids.filtered(lambda plan: plan.state == "active"))

    @api.depends("partner_id", "company_id")
    def _compute_promise_reliability(self):
        for company, debtors in self.grouped("company_id").items():
            known = self.env["credit.promise"]._get_reliability(debtors, company)
            for debtor in debtors:
                kept, total = known.get(debtor.partner_id.id, (0, 0))
                debtor.promise_reliability = (
                    self.env._("%(kept)s of %(total)s", kept=kept, total=total) if total else ""
                )

    def action_promise(self):
        """Ask what the customer promises; after an answer by mail, that is how."""
        self.ensure_one()
        answered = self.pause_ids.filtered(lambda pause: pause.source == "reply")
        return self._open_new(
            "credit_control.credit_promise_wizard_action", default_channel="email" if answered else "phone"
        )

    def action_plan_payments(self):
        """Open a new payment plan for what is overdue."""
        self.ensure_one()
        items = self.env["credit.open.item"].search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("amount_residual", ">", 0),
                ("non_trade", "=", False),
            ]
        )
        overdue = items.filtered(lambda item: item.days_overdue > 0) or items
        return self._open_new(
            "credit_control.credit_payment_plan_action_new", default_move_line_ids=overdue.move_line_id.ids
        )

    def action_open_plans(self):
        """Open the payment plans of this debtor."""
        return self._get_related_action("credit_control.credit_payment_plan_action")

    def _open_new(self, xmlid, **defaults):
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        action["context"] = {
            "default_partner_id": self.partner_id.id,
            "default_company_id": self.company_id.id,
            **defaults,
        }
        return action
