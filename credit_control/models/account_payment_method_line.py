from odoo import fields, models

from .account_account import COLLECTION


class AccountPaymentMethodLine(models.Model):
    _inherit = "account.payment.method.line"

    credit_collection = fields.Selection(
        COLLECTION,
        string="Collected by us",
        help="Invoices to be paid this way aren't reminded before a collection came back.",
    )
