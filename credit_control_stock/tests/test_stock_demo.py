from datetime import date

from odoo.tests import freeze_time, tagged

from odoo.addons.credit_control.demo import customers, risk
from odoo.addons.credit_control.demo.ledger import build
from odoo.addons.credit_control_sale.demo import orders

from ..demo import deliveries
from .common_stock import StockCreditCommon

TODAY = date(2025, 6, 18)


@tagged("post_install", "-at_install")
@freeze_time("2025-06-18 10:00:00")
class TestStockDemo(StockCreditCommon):
    """In the demonstration a delivery left, and another is held because its customer's limit was lowered since."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        demo_env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        names = (deliveries.DELIVERED, deliveries.HELD)
        chosen = [customer for customer in customers.CUSTOMERS if customer.name in names]
        with freeze_time("2025-06-18 10:00:00"):
            build(demo_env, TODAY, chosen, days=100)
            risk.grant(demo_env, TODAY)
            orders.take(demo_env(su=True), TODAY)
            cls.pickings = deliveries.send(demo_env(su=True))

    def test_one_left_and_one_is_held(self):
        states = {picking.partner_id.name: (picking.state, picking.credit_is_held) for picking in self.pickings}
        self.assertEqual(states, {deliveries.DELIVERED: ("done", False), deliveries.HELD: ("assigned", True)})
        hold = self.pickings.credit_hold_id
        self.assertEqual((hold.stage, hold.rule_id.criterion), ("delivery", "limit"))
        log = self.env["credit.limit"].search([("partner_id", "=", hold.partner_id.id), ("origin", "=", "direct")])
        self.assertEqual((log.amount, log.user_id), (deliveries.LOWERED, self.manager))
