from odoo import api, fields, models
from odoo.fields import Command

from ..models.company_day import company_today


class CreditPromiseWizard(models.TransientModel):
    """What a customer promises: how much, by when, for which invoices, who said so and how."""

    _name = "credit.promise.wizard"
    _description = "Record a promise"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", string="Customer", required=True)
    item_ids = fields.Many2many(
        "account.move.line",
        string="Items",
        compute="_compute_item_ids",
        store=True,
        readonly=False,
        domain="[('account_id.account_type', '=', 'asset_receivable'), ('parent_state', '=', 'posted'), "
        "('amount_residual', '>', 0), ('partner_id', 'child_of', partner_id), ('company_id', '=', company_id)]",
        help="What it is for: all that is overdue, until you say which.",
    )
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False)
    date = fields.Date(required=True, default=lambda self: fields.Date.add(company_today(self), days=7))
    contact_id = fields.Many2one(
        "res.partner", string="Promised by", domain="[('commercial_partner_id', '=', partner_id)]"
    )
    channel = fields.Selection(
        selection=lambda self: self.env["credit.promise"]._fields["channel"]._description_selection(self.env),
        string="How",
        required=True,
        default="phone",
    )
    note = fields.Text()
    confirm = fields.Boolean(string="Confirm by a message", help="Writes to the customer what was promised.")

    @api.depends("partner_id", "company_id")
    def _compute_item_ids(self):
        for wizard in self:
            # What was chosen by the screen that opened it stays; another customer has other items.
            if wizard.item_ids.partner_id.commercial_partner_id != wizard.partner_id.commercial_partner_id:
                items = wizard._get_open_items()
                overdue = items.filtered(lambda item: item.days_overdue > 0)
                wizard.item_ids = [Command.set((overdue or items).move_line_id.ids)]

    @api.depends("item_ids")
    def _compute_amount(self):
        """What isn't promised or disputed yet of the chosen items."""
        for wizard in self:
            chosen = set(wizard.item_ids._origin.ids)
            items = wizard._get_open_items().filtered(lambda item, chosen=chosen: item.id in chosen)
            wizard.amount = sum(item.amount_residual - item.amount_disputed - item.amount_promised for item in items)

    def _get_open_items(self):
        """Return what the customer has open."""
        return self.env["credit.open.item"].search(
            [
                ("partner_id", "=", self.partner_id.commercial_partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("amount_residual", ">", 0),
                ("non_trade", "=", False),
            ]
        )

    def action_record(self):
        """Record the promise; say so where it can't be confirmed."""
        self.ensure_one()
        promise = self.env["credit.promise"]._declare(
            self.partner_id,
            self.item_ids,
            self.amount,
            self.date,
            contact=self.contact_id,
            channel=self.channel,
            note=self.note or "",
            confirm=self.confirm,
        )
        if self.confirm and not promise.confirmation_id:
            return promise._warn_unconfirmed()
        return {"type": "ir.actions.act_window_close"}
