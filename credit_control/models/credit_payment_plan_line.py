from odoo import api, fields, models

from .company_day import company_today


class CreditPaymentPlanLine(models.Model):
    """One instalment of a payment plan: a promise, once the plan is agreed."""

    _name = "credit.payment.plan.line"
    _description = "Instalment"
    _order = "plan_id, date, id"

    plan_id = fields.Many2one("credit.payment.plan", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    number = fields.Integer(compute="_compute_number", help="Its place in the plan.")
    date = fields.Date(required=True, string="To be paid by")
    amount = fields.Monetary(required=True)
    promise_id = fields.Many2one(
        "credit.promise", index="btree_not_null", readonly=True, ondelete="restrict", copy=False
    )
    state = fields.Selection(related="promise_id.state")
    amount_kept = fields.Monetary(related="promise_id.amount_kept")
    amount_left = fields.Monetary(related="promise_id.amount_left")

    _amount_positive = models.Constraint("CHECK (amount > 0)", "An instalment is more than nothing.")

    @api.depends("plan_id.line_ids.date")
    def _compute_number(self):
        for line in self:
            places = line.plan_id.line_ids.sorted(
                lambda known: (known.date or company_today(known), known._origin.id or 0)
            )
            line.number = places.ids.index(line.id) + 1 if line.id in places.ids else 0
