"""Deliveries in the demonstration of ``credit_control``: one left, one is held since its customer's limit was lowered.

How to use it, after ``credit_control_sale.demo.orders.take``::

    from odoo.addons.credit_control_stock.demo import deliveries
    deliveries.send(env)

Those concerned are told: call it only where mail goes nowhere else than to a catcher.
"""

from odoo.addons.credit_control.demo.risk import find_user

# Its order was confirmed, and leaves.
DELIVERED = "Groupe Hôtelier Exemple"
# Its order was confirmed, too; then the limit was lowered to this.
HELD, LOWERED = "Boulangerie du Moulin", 500.0
GROUP = "stock.group_stock_manager"


def send(env):
    """Let both leave, as the warehouse does; return their transfers."""
    env = env(context={"allowed_company_ids": env.company.ids, "lang": find_user(env, GROUP).lang})
    own = [("company_id", "=", env.company.id), ("picking_type_code", "=", "outgoing")]
    names = [("partner_id.commercial_partner_id.name", "in", (DELIVERED, HELD))]
    pickings = env["stock.picking"].search([*own, *names, ("state", "in", ("confirmed", "assigned"))])
    for picking in pickings:
        customer = picking.partner_id.commercial_partner_id
        if customer.name == HELD:
            manager = find_user(env, "credit_control.group_manager")
            customer.with_user(manager).with_company(env.company).credit_limit = LOWERED
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty
        picking.with_user(find_user(env, GROUP)).button_validate()
    return pickings
