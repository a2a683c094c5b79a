from odoo import api, fields, models
from odoo.tools import SQL

from .company_day import company_today


class CreditPaymentReturn(models.Model):
    """A direct debit or bill that came back: the item is open again, and is reminded from where it was.

    Written where a reconciliation with one of our collections is undone, and by people.
    """

    _name = "credit.payment.return"
    _description = "Returned payment"
    _order = "date desc, id desc"
    _check_company_auto = True

    move_line_id = fields.Many2one("account.move.line", string="Item", required=True, index=True, ondelete="cascade")
    move_id = fields.Many2one(related="move_line_id.move_id", string="Entry")
    partner_id = fields.Many2one(related="move_line_id.partner_id", string="Customer", store=True, index=True)
    company_id = fields.Many2one(related="move_line_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, default=company_today)
    amount = fields.Monetary(help="What came back, in company currency.")
    reason = fields.Char(help="What the bank said, for instance insufficient funds.")
    user_id = fields.Many2one("res.users", string="Recorded by", default=lambda self: self.env.user, readonly=True)

    @api.model
    def _is_used(self):
        """Whether anything is collected by direct debit or bill at all."""
        query = SQL(
            """
            SELECT EXISTS (SELECT 1 FROM account_payment_method_line WHERE credit_collection IS NOT NULL)
                OR EXISTS (SELECT 1 FROM account_account WHERE credit_collection IS NOT NULL)
            """
        )
        self.env["account.payment.method.line"].flush_model(["credit_collection"])
        self.env["account.account"].flush_model(["credit_collection"])
        return self.env.execute_query(query)[0][0]

    def _record(self, vals_list):
        """Create returns for the items that still exist, on the day and for the reason in the context.

        ``credit_return_date``, today without it; ``credit_return_reason``.
        """
        lines = self.env["account.move.line"].browse(vals["move_line_id"] for vals in vals_list).exists()
        date = self.env.context.get("credit_return_date") or company_today(self)
        reason = self.env.context.get("credit_return_reason")
        return self.create(
            [{"date": date, "reason": reason, **vals} for vals in vals_list if vals["move_line_id"] in lines.ids]
        )
