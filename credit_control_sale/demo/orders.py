"""Orders in the demonstration of ``credit_control``: some confirmed, some held, each for another reason.

How to use it, after ``credit_control.demo.ledger.build`` and ``credit_control.demo.risk.grant``::

    from odoo.addons.credit_control_sale.demo import orders
    orders.take(env, date.today())

Those concerned are told: call it only where mail goes nowhere else than to a catcher. A salesperson confirms, a
credit manager decides. Customers that aren't there are left out.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from odoo import Command

from odoo.addons.credit_control.demo.risk import find_user, write_french


@dataclass(frozen=True)
class Order:
    """An order of so many sacks, ``ago`` days ago, and what becomes of it.

    ``decided``: nothing (it waits, where a rule holds it), released (this order only), until (its customer's orders
    for a week) or refused; ``why`` is what the manager says. A ``quotation`` isn't confirmed.
    """

    customer: str
    sacks: int
    ago: int
    decided: str = ""
    why: str = ""
    quotation: bool = False
    asked: bool = False


PRICE = 24.0
ORDERS = (
    # Nothing speaks against them.
    Order("Groupe Hôtelier Exemple", 310, 6),
    Order("Boulangerie du Moulin", 22, 3),
    # Passes by a temporary limit.
    Order("Traiteur du Canal", 180, 2),
    # Wait: over the limit, a collective procedure, a litigation, more than 90 days late.
    Order("Moulin de la Vallée", 160, 1),
    Order("Sandwicherie du Campus", 30, 2, asked=True),
    Order("Bar à Jus du Marché", 45, 5),
    Order("Café de la Gare", 18, 0),
    # Decided.
    Order("Hôtel des Voyageurs", 40, 4, "released", "Le chèque est au courrier, vu avec la comptable."),
    Order("Boulangerie Exemple", 110, 3, "until", "Client régulier, révision de la limite en cours."),
    Order("Confitures du Verger", 60, 7, "refused", "Liquidation : rien ne part sans paiement."),
    # Not confirmed yet: the quotation warns.
    Order("Hôtel de la Plage", 75, 0, quotation=True),
)


def take(env, today: date):
    """Take the orders in ``env.company`` as of ``today``; return them."""
    return DemoOrders(env, today).take()


class DemoOrders:
    """The steps of :func:`take`."""

    def __init__(self, env, today):
        self.manager = find_user(env, "credit_control.group_manager")
        self.salesperson = find_user(env, "credit_control.group_salesperson")
        self.env = env(context={"allowed_company_ids": env.company.ids, "lang": self.salesperson.lang})
        self.today = today
        self.company = self.env.company

    def take(self):
        """Take the orders; decide those that are decided."""
        self.company.credit_hold_user_id = self.manager
        names = [told.customer for told in ORDERS]
        own = [("company_id", "=", self.company.id), ("name", "in", names), ("parent_id", "=", False)]
        partner_of = {partner.name: partner for partner in self.env["res.partner"].search(own)}
        product = self._make_product()
        orders = self.env["sale.order"]
        for told in ORDERS:
            if partner := partner_of.get(told.customer):
                partner.user_id = self.salesperson
                orders |= self._take(told, partner, product)
        return orders

    def _make_product(self):
        product = (
            self.env["product.product"]
            .with_context(lang="en_US")
            .create(
                {
                    "name": "Wheat flour T65, sack of 25 kg",
                    "type": "consu",
                    "invoice_policy": "delivery",
                    "list_price": PRICE,
                    "company_id": self.company.id,
                    "taxes_id": [],
                }
            )
        )
        write_french(product, name="Farine de blé T65, sac de 25 kg")
        return product

    def _take(self, told, partner, product):
        line = {"product_id": product.id, "product_uom_qty": told.sacks, "price_unit": PRICE, "tax_ids": []}
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "user_id": self.salesperson.id,
                "date_order": self._moment(told),
                "order_line": [Command.create(line)],
            }
        )
        if not told.quotation:
            order.with_user(self.salesperson).action_confirm()
            order.date_order = self._moment(told)
            self._decide(told, order)
        return order

    def _moment(self, told):
        return datetime.combine(self.today - timedelta(days=told.ago), time(8, 40))

    def _decide(self, told, order):
        """Decide on the order's hold, where it has one, and confirm again what is released."""
        hold = order.credit_hold_id.with_user(self.manager)
        hold.sudo().date = self._moment(told)
        if told.asked:
            hold.action_ask_salesperson()
        if not (hold and told.decided):
            return
        hold.decision_reason = told.why
        if told.decided == "refused":
            hold.action_refuse()
            return
        if told.decided == "until":
            hold.date_until = self.today + timedelta(days=7)
            hold.action_release_until()
        else:
            hold.action_release_document()
        order.with_user(self.salesperson).action_confirm()
