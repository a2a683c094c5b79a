from odoo import models


class StockMove(models.Model):
    """Moves of held deliveries aren't done, whoever asks for it and however."""

    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        with self.picking_id._credit_passing() as passing:
            moves = self._credit_without_held(passing)
            if self and not moves:
                return moves
            return super(StockMove, moves)._action_done(cancel_backorder=cancel_backorder)

    def write(self, vals):
        """Write the state of a move that is done only where its delivery may leave."""
        if vals.get("state") != "done":
            return super().write(vals)
        with self.picking_id._credit_passing() as passing:
            moves = self._credit_without_held(passing)
            others = {name: value for name, value in vals.items() if name != "state"}
            if self != moves and others:
                super(StockMove, self - moves).write(others)
            return super(StockMove, moves).write(vals)

    def _credit_without_held(self, passing):
        return self.filtered(lambda move: not move.picking_id or move.picking_id in passing)

    def _credit_leaves(self):
        """Whether goods leave for a customer, from us or from a supplier of ours, with a quantity that is set."""
        self.ensure_one()
        leaves = self.location_dest_id.usage == "customer" and self.location_id.usage != "customer"
        return leaves and self.state not in ("done", "cancel") and self.quantity > 0

    def _credit_get_value(self):
        """Return what these moves, all of one line of an order or of none, are worth in company currency, incl. VAT.

        What nobody ordered counts at its sales price.
        """
        line = self.sale_line_id
        company = self.company_id
        if not line:
            return sum(move._credit_get_list_value() for move in self)
        quantity = self._credit_get_line_quantity(line)
        value = quantity * line._credit_get_unit_price() / (line.order_id.currency_rate or 1.0)
        return company.currency_id.round(value)

    def _credit_get_line_quantity(self, line):
        """Return how much of ``line`` these moves deliver, in its unit; of a kit the part that is complete first."""
        if self.product_id == line.product_id:
            return sum(
                move.product_uom._compute_quantity(move.quantity, line.product_uom_id, round=False) for move in self
            )
        shares = [move.quantity / move.product_uom_qty for move in self if move.product_uom_qty]
        return max(shares, default=1.0) * max(line.product_uom_qty - line.qty_delivered, 0.0)

    def _credit_get_list_value(self):
        product = self.product_id
        quantity = self.product_uom._compute_quantity(self.quantity, product.uom_id, round=False)
        return product.currency_id._convert(product.lst_price * quantity, self.company_id.currency_id, self.company_id)
