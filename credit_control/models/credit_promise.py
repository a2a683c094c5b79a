from odoo import api, fields, models


class CreditPromise(models.Model):
    """An amount that a customer promised to pay by a day, and the items it is for."""

    _name = "credit.promise"
    _description = "Promise to pay"
    _inherit = ["mail.thread"]
    _order = "date, id"
    _check_company_auto = True

    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, help="The day by which the money is promised.")
    date_recorded = fields.Date(required=True, default=fields.Date.context_today)
    amount = fields.Monetary(required=True)
    state = fields.Selection(
        [
            ("open", "Open"),
            ("kept", "Kept"),
            ("partly_kept", "Partly kept"),
            ("broken", "Broken"),
            ("cancelled", "Cancelled"),
        ],
        default="open",
        required=True,
        tracking=True,
    )
    broken_on = fields.Date(readonly=True)
    move_line_ids = fields.Many2many("account.move.line")
    note = fields.Text()

    @api.depends("partner_id", "amount", "date")
    def _compute_display_name(self):
        for promise in self:
            amount = promise.currency_id.format(promise.amount) if promise.currency_id else promise.amount
            promise.display_name = f"{promise.partner_id.display_name or ''} – {amount}"

    def action_cancel(self):
        """Take the promise back: its items are claimed again."""
        return self.write({"state": "cancelled"})
