# Runs inside Odoo: two orders of 60 under a limit of 100, confirmed at the same moment in two transactions.
# ruff: noqa: F821
import psycopg2

from odoo.api import Environment
from odoo.fields import Command

product = env["product.product"].create({"name": "Flour", "type": "service", "invoice_policy": "order"})
partner = env["res.partner"].create({"name": "Client Exemple", "is_company": True, "credit_limit": 100.0})
orders = env["sale.order"].create(
    [
        {
            "partner_id": partner.id,
            "order_line": [Command.create({"product_id": product.id, "price_unit": 60.0, "tax_ids": []})],
        }
        for _rank in range(2)
    ]
)
env.cr.commit()


def attempt(order_id, begun=None):
    """Confirm an order in a transaction of its own; return its state then, or that Odoo would replay it."""
    with env.registry.cursor() as cr:
        own = Environment(cr, env.uid, {})
        own.cr.execute("SELECT 1")  # the snapshot is taken
        if begun:
            begun()
        try:
            own["sale.order"].browse(order_id).action_confirm()
            own.cr.commit()
        except psycopg2.errors.SerializationFailure:
            cr.rollback()
            return "replay"
        return own["sale.order"].browse(order_id).state


first = []
second = attempt(orders[1].id, begun=lambda: first.append(attempt(orders[0].id)))
print("ORDERS", first[0], second, attempt(orders[1].id))
env.invalidate_all()
hold = env["credit.hold"].search([("res_model", "=", "sale.order"), ("res_id", "=", orders[1].id)])
print("HOLD", hold.state, hold.amount_over)
