from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.credit_control.demo import customers, risk
from odoo.addons.credit_control.demo.ledger import build
from odoo.addons.credit_control.tests.common import CreditControlCommon

from ..demo import orders

TODAY = date(2025, 6, 18)


@tagged("post_install", "-at_install")
@freeze_time("2025-06-18 10:00:00")
class TestSaleDemo(CreditControlCommon):
    """The demonstration has orders that wait, each for another reason, and orders that were decided."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(
            cls.env,
            "demo_seller",
            "sales_team.group_sale_salesman,credit_control.group_salesperson",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        if "stock.warehouse" in cls.env:
            cls.env["stock.warehouse"].create({"name": "Depot", "code": "DEP", "company_id": cls.company.id})
        demo_env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        names = {told.customer for told in orders.ORDERS}
        chosen = [customer for customer in customers.CUSTOMERS if customer.name in names]
        with freeze_time("2025-06-18 10:00:00"):
            build(demo_env, TODAY, chosen, days=100)
            risk.grant(demo_env, TODAY)
            cls.orders = orders.take(demo_env(su=True), TODAY)

    def _hold_of(self, name):
        return self.env["credit.hold"].search(
            [("partner_id.name", "=", name), ("res_model", "=", "sale.order"), ("company_id", "=", self.company.id)]
        )

    def test_orders_wait_each_for_its_reason(self):
        waiting = {
            "Moulin de la Vallée": ("limit", "hold"),
            "Sandwicherie du Campus": ("insolvency", "prepayment"),
            "Bar à Jus du Marché": ("litigation", "hold"),
            "Café de la Gare": ("overdue_days", "approval"),
        }
        found = {name: self._hold_of(name) for name in waiting}
        self.assertEqual({name: (hold.rule_id.criterion, hold.effect) for name, hold in found.items()}, waiting)
        self.assertEqual({hold.state for hold in found.values()}, {"open"})
        self.assertEqual({hold.requested_by_id for hold in found.values()}, {self.seller})
        self.assertTrue(found["Moulin de la Vallée"].amount_over)
        self.assertEqual(found["Moulin de la Vallée"].date.date(), date(2025, 6, 17))
        held = self.orders.filtered("credit_is_held")
        self.assertEqual(set(held.partner_id.mapped("name")), set(waiting))
        self.assertEqual(set(held.mapped("state")), {"draft"})

    def test_orders_were_decided_by_the_manager(self):
        decided = {
            "Hôtel des Voyageurs": ("released", False, "sale"),
            "Boulangerie Exemple": ("released", date(2025, 6, 25), "sale"),
            "Confitures du Verger": ("refused", False, "draft"),
        }
        for name, (state, until, order_state) in decided.items():
            hold = self._hold_of(name)
            order = self.orders.filtered(lambda order, name=name: order.partner_id.name == name)
            self.assertEqual((hold.state, hold.date_until, order.state), (state, until, order_state), name)
            self.assertEqual(hold.user_id, self.manager, name)
            self.assertTrue(hold.decision_reason, name)

    def test_others_pass_and_a_quotation_warns(self):
        passing = self.orders.filtered(
            lambda order: order.partner_id.name in ("Traiteur du Canal", "Boulangerie du Moulin")
        )
        self.assertEqual(set(passing.mapped("state")), {"sale"})
        quotation = self.orders.filtered(lambda order: order.partner_id.name == "Hôtel de la Plage")
        self.assertEqual(quotation.state, "draft")
        self.assertTrue(quotation.credit_warning)

    def test_limits_of_every_kind(self):
        limits = self.env["credit.limit"].search([("company_id", "=", self.company.id)])
        self.assertLessEqual({"requested", "approved"}, set(limits.mapped("state")))
        temporary = limits.filtered(lambda limit: limit.date_to and limit.state == "approved")
        self.assertEqual(temporary.partner_id.name, "Traiteur du Canal")
        self.assertTrue(temporary.is_in_force)
        self.assertEqual(temporary.partner_id.with_company(self.company).credit_limit, 9000)

    def test_guarantees_and_ratings_of_every_kind(self):
        own = [("company_id", "=", self.company.id)]
        guarantees = self.env["credit.insurance.guarantee"].search(own)
        self.assertEqual(
            {facts.partner_id.name: facts.state for facts in guarantees},
            {"Groupe Hôtelier Exemple": "reduced", "Moulin de la Vallée": "requested"},
        )
        ratings = self.env["credit.rating"].search(own)
        self.assertIn(risk.PROSPECT, ratings.partner_id.mapped("name"))
        self.assertEqual(ratings.filtered("is_stale").partner_id.name, "Hôtel de la Plage")
