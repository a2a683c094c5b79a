from odoo import fields, models

COLLECTION = [("direct_debit", "Direct debit"), ("bill", "Bill of exchange")]


class AccountPaymentMethodLine(models.Model):
    _inherit = "account.payment.method.line"

    credit_collection = fields.Selection(
        COLLECTION,
        string="Collected by us",
        help="Receivables collected this way aren't reminded before the collection came back.",
    )
