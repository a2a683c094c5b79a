from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_sale import SaleCreditCommon


@tagged("post_install", "-at_install")
class TestSaleCredit(SaleCreditCommon):
    """Orders in the exposure, and held where a rule says so, whichever way they are confirmed."""

    # -- exposure ---------------------------------------------------------------------------

    def test_115_from_order_to_draft_to_posted_invoice(self):
        """Never 230, whether drafts are a source or not."""
        for drafts in (False, True):
            self.env.ref("credit_control.exposure_source_draft").active = drafts
            before = self._exposure()
            order = self._order(115.0)
            self.assertEqual(self._exposure() - before, 0.0, "a quotation isn't at risk")
            order.action_confirm()
            self.assertEqual(self._exposure() - before, 115.0)
            invoice = order.sudo()._create_invoices()
            self.assertEqual(self._exposure() - before, 115.0)
            invoice.action_post()
            self.assertEqual(self._exposure() - before, 115.0)
            self.assertNotIn(order.id, self._rows(res_model="sale.order").mapped("res_id"))

    def test_a_down_payment_only_moves_a_part(self):
        order = self._order(1000.0)
        order.action_confirm()
        wizards = self.env["sale.advance.payment.inv"].sudo()
        wizard = wizards.with_context(active_model="sale.order", active_ids=order.ids)
        wizard.create({"advance_payment_method": "fixed", "fixed_amount": 300.0}).create_invoices()
        order.sudo().invoice_ids.action_post()
        amounts = {row.source: row.amount for row in self._rows()}
        self.assertEqual((sum(amounts.values()), amounts["order"]), (1000.0, 700.0))
        order.sudo()._create_invoices(final=True).action_post()
        self.assertEqual(self._exposure(), 1000.0)
        self.assertFalse(self._rows(source="order"))

    def test_addresses_count_on_the_parent(self):
        address = self.env["res.partner"].create({"name": "Invoices", "parent_id": self.customer.id, "type": "invoice"})
        self._order(550.0).action_confirm()
        self._order(550.0, partner_id=address.id).action_confirm()
        self.assertEqual(self._exposure(), 1100.0)

    def test_another_currency_counts_once(self):
        other = self.setup_other_currency("CHF", rates=[("2020-01-01", 2.0)])
        pricelist = self.env["product.pricelist"].create({"name": "Francs", "currency_id": other.id})
        order = self._order(1000.0, pricelist_id=pricelist.id)
        order.order_line.price_unit = 1000.0
        order.action_confirm()
        self.assertEqual((order.currency_id, self._exposure()), (other, 500.0))

    def test_each_reads_the_reason_in_their_language(self):
        """Who confirms may speak another language than who decides: a customer on the portal, for one."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner.credit_limit = 100.0
        order = self._order(150.0)
        order.with_context(lang="fr_FR").action_confirm()
        hold = self._hold_of(order)
        self.assertIn("Over the credit limit of", hold.with_context(lang="en_US").reason)
        self.assertIn("Plafond de crédit de", hold.with_context(lang="fr_FR").reason)
        self.assertIn("Over the credit limit of", order.with_context(lang="en_US").credit_hold_reason)
        self.assertIn("Plafond de crédit de", order.with_context(lang="fr_FR").credit_hold_reason)

    def test_a_salesperson_opens_the_hold(self):
        self.partner.credit_limit = 100.0
        order = self._order(150.0)
        order.action_confirm()
        action = order.action_open_credit_hold()
        self.assertEqual((action["res_model"], action["res_id"]), ("credit.hold", self._hold_of(order).id))

    def test_a_salesperson_warns_from_an_order(self):
        order = self._order(115.0)
        action = order.action_credit_raise_signal()
        wizard = self.env["credit.signal.raise"].with_user(self.seller).with_context(**action["context"])
        wizard.create({"rule_id": self.env.ref("credit_control.signal_evasive").id}).action_raise()
        raised = self.env["credit.signal"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((raised.user_id, raised.state), (self.seller, "open"))

    def test_a_cancelled_order_is_no_risk(self):
        order = self._order(115.0)
        order.action_confirm()
        order._action_cancel()
        self.assertEqual(self._exposure(), 0.0)

    def test_the_documents_behind_it(self):
        order = self._order(115.0)
        order.action_confirm()
        row = self._rows(source="order")
        scope = row._prepare_scope(self.company.ids, self.customer.ids, None)
        action = self.env[row.source_id.handler]._get_action(row.source_id, scope)
        self.assertEqual(self.env["sale.order"].search(action["domain"]), order)
        self.assertEqual(order.with_user(self.env.user).credit_uninvoiced, 115.0)

    # -- holds ------------------------------------------------------------------------------

    def test_a_quotation_warns(self):
        self.partner.credit_limit = 100.0
        self.assertIn("Over the credit limit", self._order(101.0).credit_warning)
        self.assertFalse(self._order(100.0).credit_warning)

    def test_two_of_three_pass(self):
        """A limit of 100 and three orders of 40 in one batch, nothing raised."""
        self.partner.credit_limit = 100.0
        orders = self.env["sale.order"].union(*[self._order(40.0) for _rank in range(3)]).with_user(self.seller)
        action = orders.action_confirm()
        self.assertEqual(sorted(orders.mapped("state")), ["draft", "sale", "sale"])
        self.assertIn(orders[2].name, action["params"]["message"])
        hold = self._hold_of(orders[2])
        self.assertEqual((hold.state, hold.amount_over, hold.salesperson_id), ("open", 20.0, self.seller))

    def test_a_salesperson_can_not_pass(self):
        """Button, context, RPC write, create, import, copy and portal: each ends in a quotation."""
        self.partner.credit_limit = 100.0
        order = self._order(150.0).with_context(credit_release=True, force=True, bypass=True)
        order.action_confirm()
        self.assertEqual(order.state, "draft")
        order.write({"state": "sale"})
        self.assertEqual(order.state, "draft")
        born = self._order(150.0, state="sale")
        self.assertEqual(born.state, "draft")
        order.copy().action_confirm()
        result = (
            self.env["sale.order"]
            .with_user(self.seller)
            .with_company(self.company)
            .load([".id", "state"], [[str(order.id), "sale"]])
        )
        self.assertFalse([message for message in result["messages"] if message["type"] == "error"])
        order.sudo().with_user(self.env.ref("base.public_user")).sudo()._validate_order()
        orders = self.env["sale.order"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(set(orders.mapped("state")), {"draft"})
        with self.assertRaises(AccessError):
            self._hold_of(order).with_user(self.seller).action_release_document()

    def test_a_manager_can_and_the_log_says_so(self):
        self.partner.credit_limit = 100.0
        order = self._order(150.0)
        order.action_confirm()
        hold = self._hold_of(order)
        hold.with_user(self.manager).decision_reason = "Paid by phone"
        hold.with_user(self.manager).action_release_document()
        order.action_confirm()
        self.assertEqual((order.state, hold.user_id, hold.decision_reason), ("sale", self.manager, "Paid by phone"))
        self.assertEqual(self._exposure(), 150.0)

    def test_within_the_limit_nothing_waits(self):
        self.partner.credit_limit = 100.0
        born = self._order(60.0, state="sale")
        self.assertEqual(born.state, "sale")
        order = self._order(40.0)
        self.assertIs(order.action_confirm(), True)
        self.assertEqual((order.state, self._exposure()), ("sale", 100.0))
        self.assertFalse(self.env["credit.hold"].search([("partner_id", "=", self.customer.id)]))

    # -- growth -----------------------------------------------------------------------------

    def _confirmed(self, amount, limit=100.0):
        self.partner.credit_limit = limit
        order = self._order(amount)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        return order

    def _line(self, amount):
        return {"product_id": self.product.id, "product_uom_qty": 1, "price_unit": amount, "tax_ids": []}

    def test_a_confirmed_order_does_not_grow_past_the_limit(self):
        """60 of 100 confirmed; 110 by quantity, price, a line, or another order's line: refused, whoever's rights."""
        order = self._confirmed(60.0)
        draft = self._order(50.0)
        keys = {"credit_release": True, "bypass": True, "force": True, "import_file": True}
        lines = order.order_line
        ways = {
            "price": lambda one: one.order_line.write({"price_unit": 110.0}),
            "quantity": lambda one: one.order_line.write({"product_uom_qty": 2, "price_unit": 60.0}),
            "a line": lambda one: one.env["sale.order.line"].create({"order_id": one.id, **self._line(50.0)}),
            "by the order": lambda one: one.write({"order_line": [Command.create(self._line(50.0))]}),
            "with the state": lambda one: one.write(
                {"state": "sale", "order_line": [Command.create(self._line(50.0))]}
            ),
            "from elsewhere": lambda one: draft.with_env(one.env).order_line.write({"order_id": one.id}),
        }
        for one in (order, order.with_context(**keys), order.sudo()):
            for name, grow in ways.items():
                with self.assertRaises(UserError, msg=name) as refused:
                    grow(one)
                self.assertIn("Over the credit limit", str(refused.exception))
                self.assertEqual((order.amount_total, order.order_line), (60.0, lines), name)
        self.assertEqual(self._exposure(), 60.0)

    def test_an_order_grows_within_the_limit(self):
        """To the limit and no further; what takes another line's place is no growth."""
        order = self._confirmed(60.0)
        order.order_line.price_unit = 100.0
        self.assertEqual(self._exposure(), 100.0)
        order.write(
            {
                "order_line": [
                    Command.create(self._line(40.0)),
                    Command.update(order.order_line.id, {"price_unit": 60.0}),
                ]
            }
        )
        self.assertEqual((order.amount_total, self._exposure()), (100.0, 100.0))
        self.partner.credit_limit = 50.0
        order.order_line[0].price_unit = 50.0
        self.assertEqual(self._exposure(), 90.0, "over the limit, but less than before")

    def test_what_is_invoiced_counts_once(self):
        """60 invoiced and 40 added are 100; one more is over."""
        order = self._confirmed(60.0)
        order.sudo()._create_invoices().action_post()
        order.write({"order_line": [Command.create(self._line(40.0))]})
        self.assertEqual(self._exposure(), 100.0)
        with self.assertRaises(UserError):
            order.write({"order_line": [Command.create(self._line(1.0))]})

    def test_another_payer_is_asked_for(self):
        """An order that is confirmed for one customer isn't handed to another one who has no credit left."""
        order = self._confirmed(60.0)
        other = self._new_customer("Atelier Autre")
        other.with_company(self.company).credit_limit = 50.0
        with self.assertRaises(UserError):
            order.partner_invoice_id = other
        other.with_company(self.company).credit_limit = 60.0
        order.partner_invoice_id = other
        self.assertEqual((self._exposure(), self._exposure(other)), (0.0, 60.0))

    def test_a_released_order_grows_up_to_what_was_released(self):
        self.partner.credit_limit = 100.0
        order = self._order(150.0)
        order.action_confirm()
        self._hold_of(order).with_user(self.manager).action_release_document()
        order.action_confirm()
        order.order_line.price_unit = 120.0
        order.order_line.price_unit = 150.0
        with self.assertRaises(UserError):
            order.order_line.price_unit = 151.0
        order.sudo()._create_invoices().action_post()
        with self.assertRaises(UserError):
            order.write({"order_line": [Command.create(self._line(60.0))]})

    def test_a_manager_lets_it_grow_and_the_log_says_so(self):
        order = self._confirmed(60.0)
        boss = new_test_user(
            self.env,
            "credit_sales_boss",
            "sales_team.group_sale_manager,credit_control.group_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        order.with_user(boss).order_line.price_unit = 110.0
        hold = self._hold_of(order)
        self.assertEqual((hold.state, hold.user_id, hold.amount, hold.amount_over), ("released", boss, 110.0, 10.0))
        self.assertTrue(hold.date_decided and hold.decision_reason)
        self.assertIn("Over the credit limit", order.message_ids[0].body)
        order.order_line.price_unit = 105.0
        with self.assertRaises(UserError):
            order.order_line.price_unit = 111.0

    def test_what_was_spent_for_the_customer_is_no_growth(self):
        """An expense that is invoiced again is owed anyway: its entry isn't held up."""
        order = self._confirmed(60.0)
        order.env["sale.order.line"].sudo().create({"order_id": order.id, "is_expense": True, **self._line(50.0)})
        self.assertEqual(self._exposure(), 110.0)
