from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.credit_control.core import verdict

# Orders that passed the check in this transaction, on their way to being confirmed.
PASSED = "credit_control_sale.passed"
UNCONFIRMED = ("draft", "sent")
# Invoices that took a part of an order over: into the ledger, or into the drafts where these are a source.
TAKEN_OVER = SQL(
    """
    (move.state = 'posted' OR move.state = 'draft' AND EXISTS (
        SELECT FROM credit_exposure_source WHERE code = 'draft' AND active
    ))
    """
)


class SaleOrder(models.Model):
    """Orders and credit rules: warned of as quotations, held at their confirmation.

    Whatever confirms an order ends in a write of its state: the button, a batch, the portal, a payment, an
    import, a program. Held ones stay quotations and wait in the queue; the others go on.
    """

    _name = "sale.order"
    _inherit = ["sale.order", "credit.held.document"]

    credit_warning = fields.Text(
        string="Credit control", compute="_compute_credit_warning", help="What speaks against selling this on credit."
    )
    credit_uninvoiced = fields.Float(
        string="At risk as an order",
        compute="_compute_credit_uninvoiced",
        search="_search_credit_uninvoiced",
        groups="credit_control.group_reader",
        help="What isn't invoiced of it, incl. VAT, in company currency.",
    )

    # -- exposure ---------------------------------------------------------------------------

    def _compute_credit_uninvoiced(self):
        self.env["credit.exposure"].flush_model()
        self.env.flush_all()
        query = SQL(
            "SELECT id, %s FROM sale_order WHERE id = ANY(%s)", self._get_credit_uninvoiced_sql("sale_order"), self.ids
        )
        amounts = dict(self.env.execute_query(query))
        for order in self:
            order.credit_uninvoiced = amounts.get(order._origin.id, 0.0)

    def _search_credit_uninvoiced(self, operator, value):
        if operator != ">" or value:
            return NotImplemented
        return Domain.custom(to_sql=lambda model, alias, query: model._get_credit_open_sql(alias))

    @api.model
    def _get_credit_open_sql(self, alias):
        """Return the condition that something isn't invoiced."""
        return SQL("(%s AND %s > 0)", self._get_credit_candidate_sql(alias), self._get_credit_uninvoiced_sql(alias))

    @api.model
    def _get_credit_candidate_sql(self, alias):
        """Return the condition that something might not be invoiced; most orders are, and aren't looked at closely."""
        return SQL(
            """
            (%(status)s <> 'invoiced' OR %(id)s IN (
                SELECT line.order_id
                  FROM account_move move
                  JOIN account_move_line item ON item.move_id = move.id
                  JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = item.id
                  JOIN sale_order_line line ON line.id = rel.order_line_id
                 WHERE move.state = 'draft'
             ))
            """,
            status=SQL.identifier(alias, "invoice_status"),
            id=SQL.identifier(alias, "id"),
        )

    @api.model
    def _get_credit_uninvoiced_sql(self, alias):
        """Return what is at risk of the order in ``alias`` as an order, in company currency."""
        return self._get_credit_expected_sql(alias)

    @api.model
    def _get_credit_expected_sql(self, alias):
        """Return what isn't invoiced yet of the order in ``alias``, in company currency; never less than nothing."""
        total = SQL.identifier(alias, "amount_total")
        own = SQL("line.order_id = %s", SQL.identifier(alias, "id"))
        rest = SQL("GREATEST(0, %s - %s)", total, self._get_credit_invoiced_sql(alias, own))
        return self._get_credit_company_sql(alias, rest)

    @api.model
    def _get_credit_company_sql(self, alias, amount):
        """Return ``amount`` of the order in ``alias`` in the currency of its company, at the order's rate."""
        rate = SQL.identifier(alias, "currency_rate")
        return SQL("ROUND(((%s) / COALESCE(NULLIF(%s, 0), 1))::numeric, 2)", amount, rate)

    @api.model
    def _get_credit_invoiced_sql(self, alias, of):
        """Return what invoices took over of lines of the order in ``alias``, in the order's currency.

        :param of: the condition on these ``line``
        """
        return SQL(
            """
            COALESCE((
                SELECT SUM(item.price_total * CASE WHEN move.move_type = 'out_refund' THEN -1 ELSE 1 END
                           * CASE WHEN move.currency_id = %(currency)s THEN 1
                                  ELSE %(rate)s / COALESCE(NULLIF(move.invoice_currency_rate, 0), 1) END)
                  FROM sale_order_line line
                  JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = line.id
                  JOIN account_move_line item ON item.id = rel.invoice_line_id
                  JOIN account_move move ON move.id = item.move_id
                 WHERE %(of)s AND %(taken_over)s
            ), 0)
            """,
            currency=SQL.identifier(alias, "currency_id"),
            rate=SQL.identifier(alias, "currency_rate"),
            of=of,
            taken_over=TAKEN_OVER,
        )

    # -- what credit rules see --------------------------------------------------------------

    def _credit_get_amounts(self):
        if self.state not in UNCONFIRMED or not self.partner_invoice_id or self.amount_total <= 0:
            return None
        rate = self.currency_rate or 1.0
        currency = self.company_id.currency_id
        return (
            self.partner_invoice_id,
            currency.round(self.amount_total / rate),
            currency.round(self.amount_paid / rate),
        )

    def _credit_get_known(self, company):
        """What is prepaid online and in the books by now lowers the exposure: it is set off once, as prepaid."""
        payments = self.sudo().transaction_ids.payment_id.move_id
        known = {}
        for row in payments._credit_get_rows(company, payments.commercial_partner_id):
            if row.amount < 0:
                known[row.partner_id.id] = known.get(row.partner_id.id, 0.0) + row.amount
        return known

    def _credit_get_salesperson(self):
        return self.user_id

    @api.depends("partner_invoice_id", "amount_total", "state", "company_id")
    def _compute_credit_warning(self):
        verdicts = self.filtered(lambda order: order.state in UNCONFIRMED)._credit_get_verdicts(verdict.QUOTATION)
        for order in self:
            order.credit_warning = order._credit_get_words(verdicts.get(order)) or False

    # -- confirmation -----------------------------------------------------------------------

    def action_confirm(self):
        """Confirm the orders that credit rules let pass; the others stay quotations and wait in the queue."""
        passing = self._credit_pass_orders()
        if self and not passing:
            return self._get_credit_held_notification()
        try:
            result = super(SaleOrder, passing).action_confirm()
        finally:
            self._get_credit_passed().difference_update(passing.ids)
        return result if passing == self else self._get_credit_held_notification(self - passing)

    @api.model_create_multi
    def create(self, vals_list):
        """Let orders that are born confirmed pass the check as all others do."""
        born = [rank for rank, vals in enumerate(vals_list) if vals.get("state") == "sale"]
        if not born:
            return super().create(vals_list)
        vals_list = [{**vals, "state": "draft"} if vals.get("state") == "sale" else vals for vals in vals_list]
        orders = super().create(vals_list)
        self.browse([orders[rank].id for rank in born]).write({"state": "sale"})
        return orders

    def write(self, vals):
        """Write the state of a confirmed order only to those that passed."""
        if vals.get("state") != "sale":
            return super().write(vals)
        passing = self._credit_pass_orders()
        held = self - passing
        self._get_credit_passed().difference_update(passing.ids)
        if held:
            super(SaleOrder, held).write(
                {name: value for name, value in vals.items() if name not in ("state", "date_order")}
            )
        return super(SaleOrder, passing).write(vals)

    def _credit_pass_orders(self):
        """Return those of these orders that may be confirmed; the others are held. Asked once for each."""
        passed = self._get_credit_passed()
        asked = self.filtered(lambda order: order.state in UNCONFIRMED and order.id not in passed)
        if not asked:
            return self
        passing = asked._credit_split(verdict.ORDER)
        passed.update(passing.ids)
        return self - (asked - passing)

    def _get_credit_passed(self):
        """Return the ids that passed already: known to this transaction only, and to no caller."""
        return self.env.cr.precommit.data.setdefault(PASSED, set())

    def _get_credit_held_notification(self, held=None):
        names = ", ".join((held or self).mapped("name"))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Held by credit control"),
                "message": self.env._("Not confirmed, waiting for a decision: %s", names),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
