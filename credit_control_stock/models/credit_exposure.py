from odoo import models


class CreditExposure(models.Model):
    _inherit = "credit.exposure"
    _depends = {
        "sale.order.line": [
            "discount",
            "is_downpayment",
            "price_total",
            "price_unit",
            "product_id",
            "product_uom_id",
            "product_uom_qty",
            "qty_delivered",
        ],
        "stock.location": ["usage"],
        "stock.move": [
            "location_dest_id",
            "location_final_id",
            "location_id",
            "product_id",
            "product_uom",
            "product_uom_qty",
            "quantity",
            "sale_line_id",
            "state",
            "to_refund",
        ],
        "uom.uom": ["factor"],
    }
