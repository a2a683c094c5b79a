from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.company_day import company_today


class CreditWriteOff(models.TransientModel):
    """Write small balances off: one entry an item, reconciled with it by Odoo. VAT isn't touched."""

    _name = "credit.write.off"
    _description = "Write small balances off"

    move_line_ids = fields.Many2many("account.move.line", string="Items", required=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(string="Written off", compute="_compute_amount")
    date = fields.Date(required=True, default=company_today)
    journal_id = fields.Many2one(
        "account.journal",
        required=True,
        check_company=True,
        domain="[('type', '=', 'general'), ('company_id', '=', company_id)]",
        compute="_compute_journal_id",
        store=True,
        precompute=True,
        readonly=False,
    )
    account_id = fields.Many2one(
        "account.account",
        required=True,
        check_company=True,
        domain="[('account_type', 'in', ('expense', 'income', 'income_other')), ('company_ids', 'in', company_id)]",
        help="Expense account of small differences (in France 6588).",
    )

    @api.depends("move_line_ids")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = sum(wizard.move_line_ids.mapped("amount_residual"))

    @api.depends("company_id")
    def _compute_journal_id(self):
        journals = self.env["account.journal"]
        for wizard in self:
            wizard.journal_id = journals.search(
                [("type", "=", "general"), ("company_id", "=", wizard.company_id.id)], limit=1
            )

    def action_write_off(self):
        """Post the entries and reconcile them.

        :raise UserError: where an item is of another company, isn't open or is above the company's small balance
        """
        self.ensure_one()
        for line in self.move_line_ids:
            self._check_small(line)
        moves = self.env["account.move"].create([self._prepare_move(line) for line in self.move_line_ids])
        moves.action_post()
        for line, move in zip(self.move_line_ids, moves, strict=True):
            (line | move.line_ids.filtered(lambda own, line=line: own.account_id == line.account_id)).reconcile()
        return {"type": "ir.actions.act_window_close"}

    def _check_small(self, line):
        name, most = line.move_name or line.name or "", self.company_id.credit_small_balance
        if line.company_id != self.company_id or line.parent_state != "posted" or line.reconciled:
            raise UserError(self.env._("%s isn't open any more: look again.", name))
        if line.account_id.account_type != "asset_receivable" or not 0 < line.amount_residual <= most:
            limit = self.currency_id.format(most)
            raise UserError(self.env._("%(item)s isn't a small balance: up to %(limit)s.", item=name, limit=limit))

    def _prepare_move(self, line):
        label = self.env._("Small balance of %s written off", line.move_name or line.name or "")
        common = {"partner_id": line.partner_id.id, "currency_id": line.currency_id.id, "name": label}
        sides = ((line.account_id, -1), (self.account_id, 1))
        return {
            "move_type": "entry",
            "company_id": self.company_id.id,
            "journal_id": self.journal_id.id,
            "date": self.date,
            "ref": label,
            "line_ids": [
                Command.create(
                    {
                        **common,
                        "account_id": account.id,
                        "balance": sign * line.amount_residual,
                        "amount_currency": sign * line.amount_residual_currency,
                    }
                )
                for account, sign in sides
            ],
        }
