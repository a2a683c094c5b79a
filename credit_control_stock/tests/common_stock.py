from odoo.fields import Command
from odoo.tests import Form, new_test_user

from odoo.addons.credit_control_sale.tests.common_sale import SaleCreditCommon


class StockCreditCommon(SaleCreditCommon):
    """Orders of goods that a warehouse delivers, and who works there without any right in accounting or sales."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create(
            {"name": "Flour", "type": "consu", "invoice_policy": "delivery", "list_price": 10.0, "taxes_id": []}
        )
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        if not cls.warehouse:
            cls.warehouse = cls.warehouse.create({"name": "Depot", "code": "DEP", "company_id": cls.company.id})
        cls.stocker = new_test_user(
            cls.env,
            "credit_stocker",
            "stock.group_stock_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _confirmed(cls, amount, quantity=1, **values):
        """Return an order of ``quantity`` at ``amount`` each that is confirmed, nothing delivered."""
        order = cls._order(amount, **values)
        order.order_line.write({"product_uom_qty": quantity, "price_unit": amount})
        order.action_confirm()
        return order.sudo()

    def _deliver(self, order, quantity=None, backorder=True):
        """Let ``quantity`` of the order leave (None: all that waits), as the warehouse does; return the transfer."""
        picking = order.picking_ids.filtered(lambda one: one.state not in ("done", "cancel"))
        if quantity is not None:
            picking.move_ids.quantity = quantity
        theirs = picking.with_user(self.stocker)
        action = theirs.button_validate()
        if isinstance(action, dict) and action.get("res_model") == "stock.backorder.confirmation":
            wizard = Form(self.env[action["res_model"]].with_user(self.stocker).with_context(**action["context"]))
            getattr(wizard.save(), "process" if backorder else "process_cancel_backorder")()
        return picking

    def _take_back(self, picking, quantity):
        """Return the transfer that brings ``quantity`` of ``picking`` back, done."""
        wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
        wizard.product_return_moves.quantity = quantity
        wizard.product_return_moves.to_refund = True
        back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        back.move_ids.quantity = quantity
        back.with_user(self.stocker).button_validate()
        return back

    def _by_source(self):
        """Return ``{source: amount}`` of the customer."""
        amounts = {}
        for row in self._rows():
            amounts[row.source] = amounts.get(row.source, 0.0) + row.amount
        return amounts
