from odoo.fields import Command
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common_sale import SaleCreditCommon

# A picture of one pixel, for who signs.
SIGNATURE = "R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=="


@tagged("post_install", "-at_install")
class TestSaleCreditPortal(SaleCreditCommon, AccountPaymentCommon, HttpCase):
    """Customers who sign or pay on the portal, over HTTP: held as all others, nothing of theirs is lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner.credit_limit = 100.0

    def _sent(self, amount, **values):
        order = self._order(amount, **values).sudo()
        order.action_quotation_sent()
        return order

    def _sign(self, order):
        self.authenticate(None, None)
        return self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {"access_token": order._portal_ensure_token(), "name": "A customer", "signature": SIGNATURE},
        )

    def _pay(self, order, amount):
        """Pay ``amount`` as the order's page does, let the bank confirm, and let the page ask what became of it."""
        self.authenticate(None, None)
        self.make_jsonrpc_request(
            f"/my/orders/{order.id}/transaction",
            {
                "access_token": order._portal_ensure_token(),
                "amount": amount,
                "provider_id": self.provider.id,
                "payment_method_id": self.payment_method_id,
                "token_id": None,
                "flow": "redirect",
                "tokenization_requested": False,
                "landing_route": f"/my/orders/{order.id}",
            },
        )
        transaction = order.transaction_ids.sorted("id")[-1:]
        transaction._set_done()
        self.make_jsonrpc_request("/payment/status/poll", {})
        order.invalidate_recordset()
        return transaction

    def test_signed(self):
        """Over the limit it stays a quotation, with the signature, and waits; within it is confirmed."""
        order = self._sent(150.0, require_signature=True, require_payment=False)
        answer = self._sign(order)
        self.assertNotIn("error", answer)
        self.assertEqual((order.state, order.signed_by), ("sent", "A customer"))
        hold = self._hold_of(order)
        self.assertEqual((hold.state, hold.amount_over, hold.salesperson_id), ("open", 50.0, self.seller))
        within = self._sent(100.0, require_signature=True, require_payment=False)
        self._sign(within)
        self.assertEqual(within.state, "sale")

    @mute_logger("odoo.addons.payment.models.payment_transaction")
    def test_paid_in_full(self):
        """What is prepaid isn't risked, whatever the limit."""
        order = self._sent(150.0, require_signature=False, require_payment=True, prepayment_percent=1.0)
        transaction = self._pay(order, 150.0)
        self.assertEqual((transaction.state, order.state), ("done", "sale"))
        self.assertFalse(self._hold_of(order))

    @mute_logger("odoo.addons.payment.models.payment_transaction")
    def test_paid_in_part(self):
        """A fifth paid of 150: 120 would be risked. Nothing is lost: the payment stands, the order waits."""
        order = self._sent(150.0, require_signature=False, require_payment=True, prepayment_percent=0.2)
        transaction = self._pay(order, 30.0)
        self.assertEqual((transaction.state, order.state), ("done", "sent"))
        self.assertEqual(self._hold_of(order).amount_over, 20.0)
        self.assertEqual(transaction.payment_id.amount, 30.0)
        order.action_confirm()
        self.assertEqual(order.state, "sent", "the payment counts once, though it is in the books now")
        self.assertEqual(self._hold_of(order).amount_over, 20.0)
        self.partner.credit_limit = 120.0
        order.action_confirm()
        self.assertEqual((order.state, self._exposure()), ("sale", 120.0))

    @mute_logger("odoo.addons.payment.models.payment_transaction")
    def test_paid_in_part_within_the_limit(self):
        self.partner.credit_limit = 120.0
        order = self._sent(150.0, require_signature=False, require_payment=True, prepayment_percent=0.2)
        self._pay(order, 30.0)
        self.assertEqual((order.state, self._exposure()), ("sale", 120.0))

    @mute_logger("odoo.http")
    def test_rpc_of_a_salesperson(self):
        """Everything that a program of theirs may call, context keys and all: each ends in a quotation."""
        order = self._order(150.0)
        self.authenticate(self.seller.login, self.seller.login)
        keys = {"credit_release": True, "credit_control_bypass": True, "su": True, "import_file": True}
        ways = {
            "action_confirm": [order.ids],
            "write": [order.ids, {"state": "sale"}],
            "web_save": [order.ids, {"state": "sale"}, {"state": {}}],
            "action_unlock": [order.ids],
        }
        for method, arguments in ways.items():
            self._call("sale.order", method, arguments, keys)
            self.assertEqual((order.state, self._hold_of(order).state), ("draft", "open"), method)
        for values in ({"state": "sale"}, {"state": "sale", "locked": True}):
            born = self._call("sale.order", "create", [self._prepare_order(150.0) | values], keys)
            self.assertEqual(self.env["sale.order"].browse(born).state, "draft")
        copied = self._call("sale.order", "copy", [order.ids, {"state": "sale"}], keys)
        self._call("sale.order", "action_confirm", [copied], keys)
        self.assertEqual(self.env["sale.order"].browse(copied).mapped("state"), ["draft"])
        names = ["partner_id/.id", "state", "order_line/product_id/.id", "order_line/price_unit"]
        row = [str(self.customer.id), "sale", str(self.product.id), "150"]
        imported = self._call("sale.order", "load", [names, [row]], keys)
        self.assertEqual(self.env["sale.order"].browse(imported["ids"]).mapped("state"), ["draft"])
        hold = self._hold_of(order)
        for method in ("_validate_order", "_action_confirm"):
            with self.assertRaises(JsonRpcException):
                self._call("sale.order", method, [order.ids], keys)
        for method, arguments in {
            "action_release": [hold.ids],
            "action_release_document": [hold.ids],
            "write": [hold.ids, {"state": "released"}],
            "unlink": [hold.ids],
            "create": [{"res_model": "sale.order", "res_id": order.id, "state": "released"}],
            "_hold": [[]],
        }.items():
            with self.assertRaises(JsonRpcException, msg=method):
                self._call("credit.hold", method, arguments, keys)
        with self.assertRaises(JsonRpcException):
            self._call("res.partner", "write", [self.customer.ids, {"credit_limit": 1e9}], keys)
        self.assertEqual((order.state, hold.state), ("draft", "open"))

    def _call(self, model, method, arguments, context):
        result = self.make_jsonrpc_request(
            "/web/dataset/call_kw",
            {"model": model, "method": method, "args": arguments, "kwargs": {"context": context}},
        )
        self.env.invalidate_all()
        return result


@tagged("post_install", "-at_install")
class TestSaleCreditCompanies(SaleCreditCommon):
    """Orders in two companies add up whatever the company switcher shows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company()["company"]
        cls.both = cls.company | cls.other
        cls.elsewhere = cls._new_user_of(cls.other)
        cls.both.credit_limit_scope = "database"

    @classmethod
    def _new_user_of(cls, company):
        user = cls.seller.copy({"login": "credit_seller_elsewhere", "name": "Elsewhere"})
        user.sudo().write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        user.group_ids += cls.env.ref("credit_control.group_reader")
        return user

    def _order_elsewhere(self, amount):
        values = self._prepare_order(amount) | {"company_id": self.other.id, "user_id": self.elsewhere.id}
        order = self.env["sale.order"].with_user(self.elsewhere).with_company(self.other).create(values)
        order.action_confirm()
        return order

    def test_they_add_up(self):
        """60 here and 60 there are 120, whichever companies the switcher shows."""
        self._order(60.0).action_confirm()
        self._order_elsewhere(60.0)
        self.seller.sudo().company_ids = self.both
        for shown in (self.company, self.other, self.both):
            partner = self.customer.with_user(self.seller).with_context(allowed_company_ids=shown.ids)
            partner.invalidate_recordset()
            self.assertEqual(partner.credit_exposure_all, 120.0, shown.mapped("name"))

    def test_the_sum_but_no_document_of_the_other(self):
        mine = self._order(60.0)
        mine.action_confirm()
        theirs = self._order_elsewhere(60.0)
        for user, own in ((self.seller, mine), (self.elsewhere, theirs)):
            env = self.env(user=user, context={"allowed_company_ids": user.company_ids.ids})
            partner = env["res.partner"].browse(self.customer.id)
            partner.invalidate_recordset()
            self.assertEqual(partner.credit_exposure_all, 120.0)
            rows = env["credit.exposure"].search([("partner_id", "=", partner.id), ("source", "=", "order")])
            self.assertEqual(rows.mapped("res_id"), own.ids)
            self.assertEqual(env["sale.order"].search([("partner_id", "=", partner.id)]).ids, own.ids)

    def test_the_limit_is_held_against_all_of_them(self):
        """A limit of 100, 60 ordered elsewhere: 60 here are held, by a user who sees nothing of the other company."""
        self.partner.credit_limit = 100.0
        theirs = self._order_elsewhere(60.0)
        order = self._order(60.0)
        order.action_confirm()
        hold = self._hold_of(order)
        self.assertEqual((order.state, hold.amount_over), ("draft", 20.0))
        self.assertNotIn(theirs.name, hold.reason)
        self.both.credit_limit_scope = "company"
        order.action_confirm()
        self.assertEqual(order.state, "sale", "each company by itself")
