from contextlib import contextmanager

from odoo import models

from odoo.addons.credit_control.core import verdict

# Transfers that passed the check in this transaction, on their way to being done.
PASSED = "credit_control_stock.passed"


class StockPicking(models.Model):
    """Deliveries and credit rules: held when goods leave for a customer who may not have them.

    Whatever lets goods leave ends in ``stock.move._action_done``: the button, a batch, a backorder, a
    barcode reader, a program. Held transfers stay as they are and wait in the queue; the others go on.
    Receipts, internal transfers and returns aren't concerned.
    """

    _name = "stock.picking"
    _inherit = ["stock.picking", "credit.held.document"]

    # -- what credit rules see --------------------------------------------------------------

    def _credit_get_amounts(self):
        return self._credit_get_batch_amounts()[self.id]

    def _credit_get_batch_amounts(self):
        """Return who pays, what leaves with each transfer, and which part of that is paid."""
        return {picking.id: picking._credit_sum_up(shares) for picking, shares in self._credit_get_shares().items()}

    def _credit_sum_up(self, shares):
        partner = self._credit_get_payers()
        if not partner or not shares:
            return None
        return partner, sum(value for value, _paid in shares.values()), sum(paid for _value, paid in shares.values())

    def _credit_get_shares(self):
        """Return ``{transfer: {order: (what leaves of it, which part of that is paid)}}``.

        What is paid of an order counts once, for the transfers in their order: those of a batch leave together.
        """
        shares, spent = {}, {}
        for picking in self:
            own = shares[picking] = {}
            for order, value in picking._credit_get_values().items():
                paid = picking._credit_get_prepaid(order, value, spent.get(order, 0.0))
                spent[order] = spent.get(order, 0.0) + paid
                own[order] = (value, paid)
        return shares

    def _credit_get_payers(self):
        """Return who pays for these transfers: whom the order is invoiced to, else who gets them."""
        payers = self.env["res.partner"]
        for picking in self:
            payers |= picking._credit_get_orders().partner_invoice_id[:1] or picking.partner_id
        return payers

    def _credit_get_orders(self):
        return self._credit_get_leaving().sale_line_id.order_id

    def _credit_get_leaving(self):
        """Return the moves that would leave now: those picked, or all where nothing is."""
        leaving = self.move_ids.filtered(lambda move: move._credit_leaves())
        return leaving.filtered("picked") or leaving

    def _credit_get_values(self):
        """Return ``{order, none for what nobody ordered: what leaves of it}`` in company currency."""
        values = {}
        for line, moves in self._credit_get_leaving().grouped("sale_line_id").items():
            values[line.order_id] = values.get(line.order_id, 0.0) + moves._credit_get_value()
        return values

    def _credit_get_prepaid(self, order, value, spent):
        """Return which part of ``value``, which leaves of ``order``, is paid: what left before was paid first.

        :param spent: what is paid of others that leave together with it
        """
        if not order:
            return 0.0
        return min(value, max(0.0, order._credit_get_paid() - order._credit_get_delivered_value() - spent))

    def _credit_get_known(self, company):
        """Orders are at risk from their confirmation on: what leaves of them adds nothing to it.

        What the customer's other orders will let leave later isn't held against this: it is asked then.
        """
        pickings = self.sudo()
        unpaid = {}
        for shares in pickings._credit_get_shares().values():
            for order, (value, paid) in shares.items():
                unpaid[order] = unpaid.get(order, 0.0) + value - paid
        orders = self.env["sale.order"].union(*unpaid)
        orders.invalidate_recordset(["credit_uninvoiced"])
        orders.mapped("credit_uninvoiced")
        known = pickings._credit_get_undelivered(company, unpaid)
        for order, value in unpaid.items():
            partner_id = order.partner_invoice_id.commercial_partner_id.id
            known[partner_id] = known.get(partner_id, 0.0) + order._credit_get_billed(value)
        return known

    def _credit_get_undelivered(self, company, unpaid):
        """Return ``{commercial partner id: what is at risk as orders}`` of the customers, as far as it hasn't left.

        :param unpaid: ``{order: what leaves of it now}``: all that can be told where deliveries are no source
        """
        source = self.env.ref("credit_control_stock.exposure_source_delivered", raise_if_not_found=False)
        partners = self._credit_get_payers().commercial_partner_id
        if source and source.active:
            amounts = partners._get_credit_amounts(partners._get_credit_companies(company), company, partners.ids)
            return {partner_id: by_source.get("order", 0.0) for partner_id, by_source in amounts.items()}
        known = {}
        for order, value in unpaid.items():
            partner_id = order.partner_invoice_id.commercial_partner_id.id
            known[partner_id] = known.get(partner_id, 0.0) + min(value, order.credit_uninvoiced)
        return known

    def _credit_get_excused(self):
        """A release of the order lets its deliveries pass the same rules, not those that speak since."""
        self._credit_read_ahead()
        orders_of = {picking.id: picking._credit_get_orders() for picking in self}
        orders = self.env["sale.order"].union(*orders_of.values())
        if not orders:
            return {}
        released = self.env["credit.hold"].sudo()._get_released_rules(orders)
        rules_of = {order.id: order._credit_get_excused_rules(released.get(order.id, {})) for order in orders}
        return {
            picking_id: frozenset.intersection(*(rules_of[order.id] for order in own))
            for picking_id, own in orders_of.items()
            if own
        }

    def _credit_read_ahead(self):
        """Read for all of these transfers what each is asked for: filtered records forget their batch."""
        orders = self.move_ids.sale_line_id.order_id
        orders.order_line.mapped("qty_delivered")
        orders.mapped("amount_paid")
        orders.mapped("invoice_ids")

    def _credit_get_salesperson(self):
        return self._credit_get_orders().user_id[:1]

    def action_open_credit_hold(self):
        """Open the hold that this transfer waits for: why, since when, who decides."""
        return self._credit_open_hold()

    # -- leaving ----------------------------------------------------------------------------

    def button_validate(self):
        """Validate the transfers that credit rules let leave; the others stay and wait in the queue."""
        with self._credit_passing() as passing:
            if self and not passing:
                return self._get_credit_held_notification()
            result = super(StockPicking, passing).button_validate()
        held = self.filtered(lambda picking: picking.state != "done" and picking.credit_is_held)
        return held._get_credit_held_notification() if held and result is True else result

    def _action_done(self):
        with self._credit_passing() as passing:
            return super(StockPicking, passing)._action_done() if passing or not self else True

    @contextmanager
    def _credit_passing(self):
        """Give those of these transfers that may leave. Each is asked once, however deep Odoo calls itself."""
        passed = self.env.cr.precommit.data.setdefault(PASSED, set())
        asked = self.filtered(lambda picking: picking.id not in passed and picking.state not in ("done", "cancel"))
        passing = asked._credit_split(verdict.DELIVERY) if asked else asked
        passed.update(passing.ids)
        try:
            yield self - (asked - passing)
        finally:
            passed.difference_update(passing.ids)

    def _get_credit_held_notification(self):
        names = ", ".join(self.mapped("name"))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Held by credit control"),
                "message": self.env._("Nothing leaves before somebody decides: %s", names),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
