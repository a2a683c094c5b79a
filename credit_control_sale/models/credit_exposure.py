from odoo import models


class CreditExposure(models.Model):
    _inherit = "credit.exposure"
    _depends = {
        "account.move": ["invoice_currency_rate", "move_type", "state"],
        "account.move.line": ["parent_state", "price_total"],
        "sale.order": [
            "amount_total",
            "commitment_date",
            "company_id",
            "currency_id",
            "currency_rate",
            "date_order",
            "invoice_status",
            "name",
            "partner_invoice_id",
            "state",
        ],
        "sale.order.line": ["invoice_lines", "order_id"],
    }
