from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _credit_get_unit_price(self):
        """Return the price of one unit in the order's currency: the twin of ``UNIT_PRICE``."""
        if self.product_uom_qty:
            return self.price_total / self.product_uom_qty
        return self.price_unit * (1 - self.discount / 100)
