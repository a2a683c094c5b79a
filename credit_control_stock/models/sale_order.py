from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# The price of one ordered unit, incl. VAT. Lines that only the delivery added have no total: their price is without.
UNIT_PRICE = SQL(
    """
    CASE WHEN sold.product_uom_qty <> 0 THEN sold.price_total / sold.product_uom_qty
         ELSE sold.price_unit * (1 - COALESCE(sold.discount, 0) / 100) END
    """
)
# What is on its way to the customer and what came back for good, in the unit of the order's line.
MOVED = SQL(
    """
    (SELECT SUM(CASE WHEN move.state <> 'done' AND origin.usage <> 'customer'
                          AND 'customer' IN (target.usage, final.usage)
                     THEN move.product_uom_qty * unit.factor / line_unit.factor ELSE 0 END) AS coming,
            SUM(CASE WHEN move.state = 'done' AND origin.usage = 'customer' AND target.usage <> 'customer'
                          AND move.to_refund
                     THEN move.quantity * unit.factor / line_unit.factor ELSE 0 END) AS back
       FROM stock_move move
       JOIN stock_location origin ON origin.id = move.location_id
       JOIN stock_location target ON target.id = move.location_dest_id
  LEFT JOIN stock_location final ON final.id = move.location_final_id
       JOIN uom_uom unit ON unit.id = move.product_uom
       JOIN uom_uom line_unit ON line_unit.id = sold.product_uom_id
      WHERE move.sale_line_id = sold.id AND move.product_id = sold.product_id
        AND move.state NOT IN ('draft', 'cancel'))
    """
)


class SaleOrder(models.Model):
    """What is delivered of an order is at risk as such; the rest as an order, unless it came back."""

    _inherit = "sale.order"

    credit_delivered = fields.Float(
        string="At risk as delivered",
        compute="_compute_credit_delivered",
        search="_search_credit_delivered",
        groups="credit_control.group_reader",
        help="What the customer has had of it and isn't invoiced, incl. VAT, in company currency.",
    )

    def _compute_credit_delivered(self):
        self.env.flush_all()
        amount = self._get_credit_delivered_sql("sale_order")
        query = SQL("SELECT id, %s FROM sale_order WHERE id = ANY(%s)", amount, self.ids)
        amounts = dict(self.env.execute_query(query))
        for order in self:
            order.credit_delivered = amounts.get(order._origin.id, 0.0)

    def _search_credit_delivered(self, operator, value):
        if operator != ">" or value:
            return NotImplemented
        return Domain.custom(to_sql=lambda model, alias, query: model._get_credit_delivered_open_sql(alias))

    @api.model
    def _get_credit_delivered_open_sql(self, alias):
        """Return the condition that something was delivered and isn't invoiced."""
        return SQL("(%s AND %s > 0)", self._get_credit_candidate_sql(alias), self._get_credit_delivered_sql(alias))

    @api.model
    def _get_credit_uninvoiced_sql(self, alias):
        """Return what is at risk as an order: what isn't invoiced, less what is at risk as delivered or came back."""
        delivered = SQL(
            """
            CASE WHEN EXISTS (SELECT FROM credit_exposure_source WHERE code = 'delivered' AND active)
                 THEN %s ELSE 0 END
            """,
            self._get_credit_delivered_sql(alias),
        )
        return SQL("GREATEST(0, %s - %s)", super()._get_credit_uninvoiced_sql(alias), delivered)

    @api.model
    def _get_credit_expected_sql(self, alias):
        """Return what will be invoiced of the order in ``alias``: not what came back and won't be replaced."""
        return SQL(
            "GREATEST(0, %s - %s)",
            super()._get_credit_expected_sql(alias),
            self._get_credit_company_sql(alias, self._get_credit_returned_sql(alias)),
        )

    @api.model
    def _get_credit_returned_sql(self, alias):
        """Return the value of what came back of the order, as far as it isn't invoiced or credited again."""
        return SQL(
            """
            COALESCE((
                SELECT SUM(LEAST(
                           LEAST(sold.product_uom_qty - sold.qty_delivered - moved.coming, moved.back) * (%(price)s),
                           sold.price_total - %(invoiced)s))
                  FROM sale_order_line sold
                 CROSS JOIN LATERAL %(moved)s moved
                 WHERE sold.order_id = %(id)s AND moved.back > 0
                   AND sold.product_uom_qty > sold.qty_delivered + moved.coming
                   AND sold.price_total > %(invoiced)s
            ), 0)
            """,
            moved=MOVED,
            price=UNIT_PRICE,
            invoiced=self._get_credit_invoiced_sql(alias, SQL("line.id = sold.id")),
            id=SQL.identifier(alias, "id"),
        )

    @api.model
    def _get_credit_delivered_sql(self, alias):
        """Return what is delivered and not invoiced of the order in ``alias``, in company currency.

        Down payments are set off. It is never more than what is to be invoiced (a discount has a line of its own, which
        nobody delivers), but for what was delivered beyond the order.
        """
        return SQL(
            """
            COALESCE((
                SELECT LEAST(GREATEST(0, %(open)s), %(expected)s + %(beyond)s)
                  FROM (
                    SELECT SUM(CASE WHEN sold.is_downpayment THEN -%(invoiced)s
                                    ELSE GREATEST(0, sold.qty_delivered * (%(price)s) - %(invoiced)s) END) AS open,
                           SUM(GREATEST(0, sold.qty_delivered - sold.product_uom_qty) * (%(price)s)) AS beyond
                      FROM sale_order_line sold
                     WHERE sold.order_id = %(id)s AND (sold.qty_delivered <> 0 OR sold.is_downpayment)
                  ) amounts
            ), 0)
            """,
            open=self._get_credit_company_sql(alias, SQL("amounts.open")),
            beyond=self._get_credit_company_sql(alias, SQL("amounts.beyond")),
            expected=self._get_credit_expected_sql(alias),
            invoiced=self._get_credit_invoiced_sql(alias, SQL("line.id = sold.id")),
            price=UNIT_PRICE,
            id=SQL.identifier(alias, "id"),
        )

    # -- what a delivery asks ---------------------------------------------------------------

    def _credit_get_paid(self):
        """Return what is paid of this order, online or by its invoices, in company currency."""
        online = self.amount_paid / (self.currency_rate or 1.0)
        invoices = self.invoice_ids.filtered(lambda move: move.state == "posted")
        settled = sum(move.amount_total_signed - move.amount_residual_signed for move in invoices)
        return self.company_id.currency_id.round(max(online, settled))

    def _credit_get_billed(self, value):
        """Return how much of ``value``, which leaves of this order, is in the ledger already: billed ahead and open."""
        if not self:
            return 0.0
        posted = self.invoice_ids.filtered(lambda move: move.state == "posted")
        still_open = max(0.0, sum(posted.mapped("amount_residual_signed")))
        return min(max(0.0, value - self.credit_uninvoiced), still_open)

    def _credit_get_excused_rules(self, amounts):
        """Return the rules that somebody let this order pass for all that it is about now.

        :param amounts: ``{rule id: amount up to which it was let pass}``
        """
        rounding = self.company_id.currency_id.rounding
        total = self.amount_total / (self.currency_rate or 1.0)
        return frozenset(rule_id for rule_id, amount in amounts.items() if total <= amount + rounding)

    def _credit_get_delivered_value(self):
        """Return the value of all that was delivered of this order, invoiced or not, in company currency."""
        value = sum(line.qty_delivered * line._credit_get_unit_price() for line in self.order_line)
        return self.company_id.currency_id.round(value / (self.currency_rate or 1.0))
