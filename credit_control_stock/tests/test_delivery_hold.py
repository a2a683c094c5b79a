from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common_stock import StockCreditCommon


@tagged("post_install", "-at_install")
class TestDeliveryHold(StockCreditCommon):
    """Goods leave only where the rules let them, whoever lets them leave and however."""

    def _waiting(self, amount=60.0, limit=50.0, **values):
        """Return the delivery of an order that was confirmed before its customer's limit fell to ``limit``."""
        self.partner.credit_limit = 0.0
        picking = self._confirmed(amount, **values).picking_ids
        self.partner.credit_limit = limit
        return picking

    def _assert_held(self, picking):
        self.assertEqual(picking.state, "assigned")
        self.assertEqual(picking.move_ids.mapped("state"), ["assigned"] * len(picking.move_ids))
        self.assertFalse(picking.move_line_ids.filtered(lambda line: line.state == "done"))
        hold = self._hold_of(picking)
        self.assertEqual((len(hold), hold.state, hold.stage), (1, "open", "delivery"))
        return hold

    # -- what is asked ------------------------------------------------------------------------

    def test_it_waits_and_says_why(self):
        picking = self._waiting()
        action = picking.with_user(self.stocker).button_validate()
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn(picking.name, action["params"]["message"])
        hold = self._assert_held(picking)
        self.assertEqual((hold.amount, hold.exposure, hold.amount_over), (60.0, 0.0, 10.0))
        self.assertEqual((hold.requested_by_id, hold.salesperson_id), (self.stocker, self.seller))
        self.assertEqual(hold.partner_id, self.customer)
        theirs = picking.with_user(self.stocker)
        self.assertTrue(theirs.credit_is_held)
        self.assertIn("Over the credit limit", theirs.credit_hold_reason)
        found = self.env["stock.picking"].with_user(self.stocker).search([("credit_is_held", "=", True)])
        self.assertEqual(found, picking)

    def test_the_hold_is_one_click_away(self):
        picking = self._waiting()
        picking.with_user(self.stocker).button_validate()
        hold = self._assert_held(picking)
        action = picking.with_user(self.seller).action_open_credit_hold()
        self.assertEqual((action["res_model"], action["res_id"]), ("credit.hold", hold.id))
        with self.assertRaises(AccessError):
            picking.with_user(self.stocker).action_open_credit_hold()

    def test_an_order_within_the_limit_leaves(self):
        """What was ordered is at risk already: its delivery adds nothing."""
        self.partner.credit_limit = 100.0
        first, second = self._confirmed(60.0), self._confirmed(40.0)
        for order in (first, second):
            self.assertEqual(self._deliver(order).state, "done")
        self.assertEqual(self._exposure(), 100.0)
        self.assertFalse(self.env["credit.hold"].search([("partner_id", "=", self.customer.id)]))

    def test_batch_two_of_three_leave(self):
        """40, 40 and 40 in one go, a limit of 100: two leave, one is held, nothing is raised."""
        pickings = self.env["stock.picking"].union(*[self._confirmed(40.0).picking_ids for _rank in range(3)])
        self.partner.credit_limit = 100.0
        action = pickings.with_user(self.stocker).button_validate()
        self.assertEqual(pickings.mapped("state"), ["done", "done", "assigned"])
        self.assertIn(pickings[2].name, action["params"]["message"])
        self.assertEqual(self._assert_held(pickings[2]).amount_over, 20.0)

    def test_one_by_one_as_in_a_batch(self):
        """What the other orders will let leave later isn't held against the first."""
        pickings = [self._confirmed(40.0).picking_ids for _rank in range(3)]
        self.partner.credit_limit = 100.0
        for picking in pickings:
            picking.with_user(self.stocker).button_validate()
        self.assertEqual([picking.state for picking in pickings], ["done", "done", "assigned"])
        self.assertEqual(self._assert_held(pickings[2]).amount_over, 20.0)

    def test_where_deliveries_are_no_source(self):
        self.env.ref("credit_control_stock.exposure_source_delivered").active = False
        self.partner.credit_limit = 100.0
        self.assertEqual(self._deliver(self._confirmed(60.0)).state, "done")
        order = self._confirmed(40.0)
        self.assertEqual(self._deliver(order).state, "done")
        picking = self._waiting(10.0, limit=100.0)
        picking.with_user(self.stocker).button_validate()
        self.assertEqual(self._assert_held(picking).exposure, 100.0)

    def test_only_what_leaves_counts(self):
        """Ten at 10 under a limit of 50: four leave, the six of the backorder wait."""
        picking = self._waiting(10.0, quantity=10, limit=50.0)
        order = picking.sale_id
        self.assertEqual(self._deliver(order, 4).state, "done")
        backorder = order.picking_ids - picking
        backorder.with_user(self.stocker).button_validate()
        self.assertEqual(self._assert_held(backorder).amount, 60.0)

    def test_what_is_paid_leaves(self):
        """Whatever else speaks against it: a late customer may have what it paid for."""
        self.product.invoice_policy = "order"
        order = self._confirmed(60.0)
        invoice = order._create_invoices()
        invoice.action_post()
        self.rule.write({"criterion": "overdue_days", "threshold": 30})
        self._owe(5.0, days=-40)
        picking = order.picking_ids
        picking.with_user(self.stocker).button_validate()
        self._assert_held(picking)
        self._register_payment(invoice)
        self.assertIs(picking.with_user(self.stocker).button_validate(), True)
        self.assertEqual((picking.state, self._hold_of(picking).state), ("done", "released"))

    def test_what_is_paid_in_part_leaves_once(self):
        """100 ordered, 50 paid, two transfers of 50 in one go: one is paid, the other one waits."""
        self.product.invoice_policy = "order"
        order = self._confirmed(50.0, quantity=2)
        first = order.picking_ids
        second = first.copy({"move_ids": []})
        moved = self.env["stock.move"].create(first.move_ids._split(1.0))
        moved.picking_id = second
        moved._action_confirm(merge=False)
        both = first | second
        both.action_assign()
        both.move_ids.quantity = 1
        invoice = order._create_invoices()
        invoice.action_post()
        self._register_payment(invoice, amount=50.0)
        self.rule.write({"criterion": "overdue_days", "threshold": 30})
        self._owe(5.0, days=-40)
        both.with_user(self.stocker).button_validate()
        self.assertEqual(both.mapped("state"), ["done", "assigned"])
        self.assertEqual(self._assert_held(second).amount, 50.0)
        second.with_user(self.stocker).button_validate()
        self._assert_held(second)

    def test_an_invoice_before_the_delivery_counts_once(self):
        self.product.invoice_policy = "order"
        order = self._confirmed(60.0)
        order._create_invoices().action_post()
        self.partner.credit_limit = 60.0
        self.assertEqual(self._deliver(order).state, "done")

    def test_other_transfers_are_not_concerned(self):
        """Receipts and returns pass while a rule holds everything of the customer."""
        picking = self._deliver(self._confirmed(60.0))
        self.rule.write({"criterion": "overdue_days", "threshold": 30})
        self._owe(5.0, days=-40)
        self.assertEqual(self._take_back(picking, 1).state, "done")
        self.assertFalse(self.env["credit.hold"].search([("partner_id", "=", self.customer.id)]))

    def test_a_drop_shipment_is_held_too(self):
        picking = self._waiting()
        suppliers = self.env.ref("stock.stock_location_suppliers")
        picking.location_id = suppliers
        picking.move_ids.location_id = suppliers
        picking.move_ids.quantity = 1
        picking.with_user(self.stocker).button_validate()
        self._assert_held(picking)

    def test_what_nobody_ordered(self):
        """It has no price but the product's own; whom we owe nothing it concerns all the same."""
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "partner_id": self.customer.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": 2,
                            "location_id": self.warehouse.lot_stock_id.id,
                            "location_dest_id": self.env.ref("stock.stock_location_customers").id,
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.move_ids.quantity = 2
        self.partner.credit_limit = 15.0
        picking.with_user(self.stocker).button_validate()
        hold = self._assert_held(picking)
        self.assertEqual((hold.amount, hold.amount_over), (20.0, 5.0))

    # -- no way around ------------------------------------------------------------------------

    def test_no_way_around(self):
        """The button, the context, the methods behind it, a write, RPC: nothing leaves, nothing is raised."""
        picking = self._waiting()
        keys = {"credit_release": True, "skip_sanity_check": True, "skip_backorder": True, "cancel_backorder": True}
        theirs = picking.with_user(self.stocker)
        for one in (theirs, theirs.with_context(**keys), picking.sudo(), picking.with_user(self.seller).sudo()):
            one.button_validate()
            one._action_done()
            one.move_ids.picked = True
            one.move_ids._action_done()
            one.move_ids.write({"state": "done"})
            self._assert_held(picking)
        with self.assertRaises(AccessError):
            self._hold_of(picking).with_user(self.stocker).action_release_document()
        with self.assertRaises(AccessError):
            self._hold_of(picking).with_user(self.seller).action_release_document()
        self.assertEqual(picking.sale_id.order_line.qty_delivered, 0.0)

    def test_one_held_transfer_stops_no_batch(self):
        """Methods behind the button too: of another customer they leave."""
        held = self._waiting()
        other = self._confirmed(60.0, partner_id=self._new_customer("Atelier Autre").id).picking_ids
        both = (held | other).with_user(self.stocker)
        both.move_ids.picked = True
        both.move_ids._action_done()
        self.assertEqual(other.state, "done")
        self._assert_held(held)

    def test_batch_transfer(self):
        """Inventory's batches, where they are installed."""
        if "stock.picking.batch" not in self.env:
            self.skipTest("stock_picking_batch isn't installed")
        pickings = self.env["stock.picking"].union(*[self._confirmed(40.0).picking_ids for _rank in range(3)])
        self.partner.credit_limit = 100.0
        batch = self.env["stock.picking.batch"].create(
            {"picking_ids": [Command.set(pickings.ids)], "company_id": self.company.id}
        )
        batch.action_confirm()
        batch.with_user(self.stocker).action_done()
        self.assertEqual(pickings.mapped("state"), ["done", "done", "assigned"])

    def test_a_manager_can_and_the_log_says_so(self):
        picking = self._waiting()
        picking.with_user(self.stocker).button_validate()
        hold = self._assert_held(picking).with_user(self.manager)
        hold.decision_reason = "Paid by phone"
        hold.action_release_document()
        self.assertEqual(self._deliver(picking.sale_id), picking)
        self.assertEqual(picking.state, "done")
        self.assertEqual((hold.state, hold.user_id, hold.decision_reason), ("released", self.manager, "Paid by phone"))
        self.assertTrue(hold.date_decided)

    def test_a_release_of_the_order_lets_its_goods_leave(self):
        """For the rules that held the order; what speaks against the customer since then holds them."""
        self.partner.credit_limit = 50.0
        orders = [self._order(60.0), self._order(70.0)]
        for order in orders:
            order.action_confirm()
            self._hold_of(order).with_user(self.manager).action_release_document()
            order.action_confirm()
            self.assertEqual(order.state, "sale")
        first, second = (order.sudo() for order in orders)
        self.assertEqual(self._deliver(first).state, "done")
        late = self.env["credit.rule"].create(
            {"name": "Late", "criterion": "overdue_days", "effect": "hold", "threshold": 30}
        )
        self._owe(5.0, days=-40)
        picking = self._deliver(second)
        self.assertEqual(self._assert_held(picking).rule_id, late)

    def test_an_order_that_grew_is_asked_again(self):
        self.partner.credit_limit = 50.0
        order = self._order(60.0)
        order.action_confirm()
        self._hold_of(order).with_user(self.manager).action_release_document()
        order.action_confirm()
        self.partner.credit_limit = 150.0
        order.sudo().order_line.write({"product_uom_qty": 2, "price_unit": 60.0})
        self.partner.credit_limit = 50.0
        self._assert_held(self._deliver(order.sudo()))

    # -- invoices -----------------------------------------------------------------------------

    def test_what_was_delivered_must_be_invoiced(self):
        """C. com. L441-9: whatever the rules say. What isn't delivered yet may be held, with a rule that says so."""
        self.rule.on_invoice = True
        self.product.invoice_policy = "order"
        delivered, ahead = self._confirmed(60.0), self._confirmed(60.0)
        self._deliver(delivered)
        self.partner.credit_limit = 50.0
        invoices = (delivered | ahead)._create_invoices(grouped=True)
        self.assertEqual(len(invoices), 2)
        invoices._post()
        of = {order: order.invoice_ids for order in (delivered, ahead)}
        self.assertEqual((of[delivered].state, of[ahead].state), ("posted", "draft"))
        self.assertEqual(self._hold_of(of[ahead]).stage, "invoice")
        self.assertFalse(self._hold_of(of[delivered]))
        self._hold_of(of[ahead]).with_user(self.manager).action_release_document()
        of[ahead].action_post()
        self.assertEqual(of[ahead].state, "posted")

    def test_few_queries(self):
        """A batch takes no more queries for its customers than one of them: the rules are asked once."""
        pickings = self.env["stock.picking"].union(*[self._confirmed(10.0).picking_ids for _rank in range(6)])
        verdicts = {}
        for batch in (pickings[:2], pickings):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            batch._credit_get_verdicts("delivery", is_final=True)
            verdicts[len(batch)] = self.env.cr.sql_log_count - before
        self.assertLessEqual(verdicts[6], verdicts[2] + 2)
