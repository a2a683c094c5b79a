from odoo import api, models


class SaleOrderLine(models.Model):
    """Lines of confirmed orders: what they add is asked about as the order was."""

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        orders = self.env["sale.order"].browse({vals["order_id"] for vals in vals_list if vals.get("order_id")})
        with orders.exists()._credit_watching_growth():
            return super().create(vals_list)

    def write(self, vals):
        orders = self.order_id | self.env["sale.order"].browse(vals.get("order_id") or ())
        with orders._credit_watching_growth():
            return super().write(vals)
