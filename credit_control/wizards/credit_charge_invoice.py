from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..models.company_day import company_today


class CreditChargeInvoice(models.TransientModel):
    """Make an invoice of claimed interest and fixed sums: a draft, without VAT, on the company's account for them."""

    _name = "credit.charge.invoice"
    _description = "Invoice interest and fixed sums"

    charge_ids = fields.Many2many("credit.charge", string="Charges", required=True)
    company_id = fields.Many2one("res.company", required=True)
    partner_ids = fields.Many2many("res.partner", compute="_compute_partner_ids", string="Customers")
    date = fields.Date(string="Invoice date", required=True, default=company_today)
    date_due = fields.Date(string="Due date", required=True, default=company_today)
    account_id = fields.Many2one(
        "account.account",
        required=True,
        domain="[('account_type', 'in', ('income', 'income_other')), ('company_ids', 'in', company_id)]",
        help="The company's account of interest and fixed sums; set it in the settings of credit control.",
    )

    @api.model
    def _open(self, charges):
        """Return the action that asks how ``charges`` are invoiced.

        :raise UserError: where they belong to several companies, or aren't claimed
        """
        if len(charges.company_id) != 1:
            raise UserError(self.env._("Choose charges of one company."))
        charges._lock_in(("claimed",), self.env._("only what is claimed can be invoiced"))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoice interest and fixed sums"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_charge_ids": charges.ids,
                "default_company_id": charges.company_id.id,
                "default_account_id": charges.company_id.credit_charge_account_id.id,
            },
        }

    @api.depends("charge_ids")
    def _compute_partner_ids(self):
        for wizard in self:
            wizard.partner_ids = wizard.charge_ids.partner_id

    def action_invoice(self):
        """Make one draft invoice for each customer and currency, and open it."""
        self.ensure_one()
        charges = self.charge_ids
        charges._check_may_decide()
        charges._lock_in(("claimed",), self.env._("only what is claimed can be invoiced"))
        charges._check_lawful()
        charges = charges.filtered(lambda charge: charge.amount > 0)
        if not charges:
            raise UserError(self.env._("There is nothing to invoice."))
        groups = charges.grouped(lambda charge: (charge.partner_id, charge.currency_id))
        moves = self.env["account.move"].create([self._prepare_move(*key, some) for key, some in groups.items()])
        for move, some in zip(moves, groups.values(), strict=True):
            some.sudo().write({"state": "invoiced", "invoice_id": move.id})
        return moves._get_records_action(name=self.env._("Invoices of interest and fixed sums"))

    def _prepare_move(self, partner, currency, charges):
        lang = partner.lang or self.env.lang
        rows = charges.sorted(lambda charge: (charge.move_line_id.date_maturity, charge.move_id.id, charge.kind))
        return {
            "move_type": "out_invoice",
            "partner_id": partner.address_get(["invoice"])["invoice"] or partner.id,
            "company_id": self.company_id.id,
            "currency_id": currency.id,
            "invoice_date": self.date,
            "invoice_date_due": self.date_due,
            "invoice_payment_term_id": False,
            "invoice_origin": ", ".join(charges.move_id.mapped("name")),
            "narration": self.with_context(lang=lang)._get_note(),
            "invoice_line_ids": [Command.create(self.with_context(lang=lang)._prepare_line(row)) for row in rows],
        }

    def _get_note(self):
        return self.env._(
            "Late-payment interest and fixed sums for recovery costs compensate a loss: they are outside the scope of "
            "VAT."
        )

    def _prepare_line(self, charge):
        return {
            "name": self._get_label(charge),
            "quantity": 1,
            "price_unit": charge.amount,
            "account_id": self.account_id.id,
            "tax_ids": [Command.set([])],
        }

    def _get_label(self, charge):
        if charge.kind == "fixed_sum":
            return self.env._("Fixed sum for recovery costs, invoice %s", charge.move_id.name)
        return self.env._(
            "Late-payment interest on invoice %(invoice)s from %(first)s to %(last)s (%(regime)s)",
            invoice=charge.move_id.name,
            first=format_date(self.env, charge.date_from),
            last=format_date(self.env, charge.date_to),
            regime=charge.regime_id.with_env(self.env).sudo().rate_text,
        )
