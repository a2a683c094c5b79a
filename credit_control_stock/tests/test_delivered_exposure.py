from odoo.fields import Command
from odoo.tests import tagged

from .common_stock import StockCreditCommon


@tagged("post_install", "-at_install")
class TestDeliveredExposure(StockCreditCommon):
    """What customers have had counts once, whatever the order has become."""

    def test_115_from_order_to_delivery_to_draft_to_posted_invoice(self):
        """100 and 15 % of tax: never 230, whether drafts are a source or not."""
        tax = self.env["account.tax"].create(
            {"name": "15 %", "amount": 15.0, "company_id": self.company.id, "type_tax_use": "sale"}
        )
        for drafts, source in ((False, "delivered"), (True, "draft")):
            self.env.ref("credit_control.exposure_source_draft").active = drafts
            before = self._exposure()
            order = self._order(100.0)
            order.order_line.tax_ids = tax
            self.assertEqual(self._exposure() - before, 0.0, "a quotation isn't at risk")
            order.action_confirm()
            order = order.sudo()
            self.assertEqual((self._exposure() - before, self._by_source()["order"]), (115.0, 115.0))
            self.assertEqual(self._deliver(order).state, "done")
            self.assertEqual((self._exposure() - before, self._by_source()["delivered"]), (115.0, 115.0))
            self.assertNotIn("order", self._by_source())
            invoice = order._create_invoices()
            self.assertEqual((self._exposure() - before, self._by_source()[source]), (115.0, 115.0))
            invoice.action_post()
            self.assertEqual(self._exposure() - before, 115.0)
            self.assertFalse(self._rows(res_model="sale.order"))

    def test_a_part_is_delivered(self):
        order = self._confirmed(10.0, 10)
        self._deliver(order, 4)
        self.assertEqual(self._by_source(), {"order": 60.0, "delivered": 40.0})
        order._create_invoices().action_post()
        self.assertEqual(self._by_source(), {"order": 60.0, "not_due": 40.0})
        self._deliver(order)
        self.assertEqual(self._by_source(), {"delivered": 60.0, "not_due": 40.0})

    def test_returns_reduce_it(self):
        order = self._confirmed(10.0, 10)
        picking = self._deliver(order)
        self._take_back(picking, 4)
        self.assertEqual(order.order_line.qty_delivered, 6.0)
        self.assertEqual(self._by_source(), {"delivered": 60.0})
        order._create_invoices().action_post()
        self.assertEqual(self._by_source(), {"not_due": 60.0})

    def test_returned_after_the_invoice(self):
        """At risk until the credit note, as the ledger says; nothing comes back as an order then."""
        order = self._confirmed(10.0, 10)
        picking = self._deliver(order)
        invoice = order._create_invoices()
        invoice.action_post()
        self._take_back(picking, 10)
        self.assertEqual(self._by_source(), {"not_due": 100.0})
        refund = order._create_invoices(final=True)
        self.assertEqual(refund.move_type, "out_refund")
        refund.action_post()
        (invoice | refund).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable" and not line.reconciled
        ).reconcile()
        self.assertEqual(self._exposure(), 0.0)
        self.assertFalse(self._by_source())

    def test_a_return_that_is_replaced_is_an_order_again(self):
        order = self._confirmed(10.0, 10)
        back = self._take_back(self._deliver(order), 4)
        again = self.env["stock.return.picking"].create({"picking_id": back.id})
        again.product_return_moves.quantity = 4
        again.product_return_moves.to_refund = True
        replacement = self.env["stock.picking"].browse(again.action_create_returns()["res_id"])
        self.assertEqual(self._by_source(), {"delivered": 60.0, "order": 40.0})
        replacement.move_ids.quantity = 4
        replacement.with_user(self.stocker).button_validate()
        self.assertEqual(self._by_source(), {"delivered": 100.0})

    def test_more_than_ordered(self):
        order = self._confirmed(10.0, 1)
        self._deliver(order, 3)
        self.assertEqual(self._by_source(), {"delivered": 30.0})
        order._create_invoices().action_post()
        self.assertEqual(self._exposure(), 30.0)

    def test_a_down_payment_is_set_off(self):
        order = self._confirmed(100.0, 10)
        wizards = self.env["sale.advance.payment.inv"].sudo()
        wizard = wizards.with_context(active_model="sale.order", active_ids=order.ids)
        wizard.create({"advance_payment_method": "fixed", "fixed_amount": 300.0}).create_invoices()
        order.invoice_ids.action_post()
        self.assertEqual(self._by_source(), {"order": 700.0, "not_due": 300.0})
        self._deliver(order)
        self.assertEqual(self._by_source(), {"delivered": 700.0, "not_due": 300.0})
        order._create_invoices(final=True).action_post()
        self.assertEqual(self._by_source(), {"not_due": 1000.0})

    def test_a_discount_is_never_delivered(self):
        order = self._confirmed(10.0, 10)
        service = self.env["product.product"].create({"name": "Discount", "type": "service", "taxes_id": []})
        order.order_line = [
            Command.create({"product_id": service.id, "product_uom_qty": 1, "price_unit": -15.0, "tax_ids": []})
        ]
        self._deliver(order)
        self.assertEqual(self._by_source(), {"delivered": 85.0})

    def test_in_another_unit_and_currency(self):
        """Two dozens at 50 francs, 2 francs for one of ours; 12 pieces delivered, then 6 of them returned."""
        francs = self.setup_other_currency("CHF", rates=[("2020-01-01", 2.0)])
        pricelist = self.env["product.pricelist"].create({"name": "Francs", "currency_id": francs.id})
        order = self._order(50.0, pricelist_id=pricelist.id)
        dozen = self.env.ref("uom.product_uom_dozen")
        order.order_line.write({"product_uom_id": dozen.id, "product_uom_qty": 2, "price_unit": 50.0})
        order.action_confirm()
        order = order.sudo()
        move = order.picking_ids.move_ids
        dozens = move.product_uom == dozen
        picking = self._deliver(order, 1 if dozens else 12)
        self.assertEqual(self._by_source(), {"order": 25.0, "delivered": 25.0})
        self._take_back(picking, 0.5 if dozens else 6)
        self.assertEqual(self._by_source(), {"order": 25.0, "delivered": 12.5})

    def test_switched_off_it_stays_a_part_of_the_orders(self):
        self.env.ref("credit_control_stock.exposure_source_delivered").active = False
        order = self._confirmed(10.0, 10)
        self._deliver(order, 4)
        self.assertEqual(self._by_source(), {"order": 100.0})

    def test_the_documents_behind_it(self):
        order = self._confirmed(10.0, 10)
        self._deliver(order, 4)
        row = self._rows(source="delivered")
        self.assertEqual((row.res_model, row.res_id, row.reference), ("sale.order", order.id, order.name))
        scope = row._prepare_scope(self.company.ids, self.customer.ids, None)
        action = self.env[row.source_id.handler]._get_action(row.source_id, scope)
        self.assertEqual(self.env["sale.order"].search(action["domain"]), order)
        self.assertEqual(order.with_user(self.env.user).credit_delivered, 40.0)
