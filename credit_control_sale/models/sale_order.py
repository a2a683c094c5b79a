from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.credit_control.core import verdict

# Orders that passed the check in this transaction, on their way to being confirmed.
PASSED = "credit_control_sale.passed"
# Confirmed orders of which somebody looks already whether they grow.
WATCHED = "credit_control_sale.watched"
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

    A confirmed order that comes to more than it was, or to another customer, is asked about again: what a rule
    would hold is refused, but to those who may release it. What they let pass stands among the releases.
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
        if self.state not in (*UNCONFIRMED, "sale") or not self.partner_invoice_id or self.amount_total <= 0:
            return None
        if self.state == "sale":
            return self._credit_get_open_amounts()
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
        rows = payments._credit_get_rows(company, payments.commercial_partner_id)
        known = {}
        for row in [*rows.filtered(lambda row: row.amount < 0), *self._credit_get_own_rows(company)]:
            known[row.partner_id.id] = known.get(row.partner_id.id, 0.0) + row.amount
        return known

    def _credit_get_own_rows(self, company):
        """Return the rows that the confirmed ones of these orders have in the exposure."""
        confirmed = self.sudo().filtered(lambda order: order.state == "sale")
        return confirmed._credit_get_rows(company, confirmed.partner_invoice_id.commercial_partner_id)

    def _credit_get_open_amounts(self):
        """Return what a confirmed order is about: what isn't invoiced of it, and what is paid of that."""
        rows = self._credit_get_own_rows(self.company_id)
        amount = sum(rows.mapped("amount")) or self._credit_get_whole()
        payments = self.sudo().transaction_ids.payment_id.move_id
        paid = payments._credit_get_rows(self.company_id, payments.commercial_partner_id).mapped("amount")
        return self.partner_invoice_id, amount, min(amount, -sum(received for received in paid if received < 0))

    def _credit_get_whole(self):
        return self.company_id.currency_id.round(self.amount_total / (self.currency_rate or 1.0))

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
        """Write the state of a confirmed order only to those that passed; and let none grow past the rules."""
        if vals.get("state") != "sale":
            with self._credit_watching_growth():
                return super().write(vals)
        passing = self._credit_pass_orders()
        held = self - passing
        self._get_credit_passed().difference_update(passing.ids)
        if held:
            super(SaleOrder, held).write(
                {name: value for name, value in vals.items() if name not in ("state", "date_order")}
            )
        with passing._credit_watching_growth():
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

    # -- growth -----------------------------------------------------------------------------

    @contextmanager
    def _credit_watching_growth(self):
        """Refuse what happens inside if a confirmed order of these comes to more by it than the rules let pass.

        Looked at once, when all of it is done: a line that takes another one's place is no growth.
        """
        watched = self.env.cr.precommit.data.setdefault(WATCHED, set())
        orders = self.sudo().filtered(lambda order: order.state == "sale" and order.id not in watched)
        before = {order: order._credit_get_claim() for order in orders}
        watched.update(orders.ids)
        try:
            yield
        finally:
            watched.difference_update(orders.ids)
        orders.filtered(lambda order: order._credit_has_grown(*before[order]))._credit_ask_again()

    def _credit_get_claim(self):
        """Return whom this order is invoiced to and for how much; what was spent for the customer is owed anyway."""
        spent = sum(self.order_line.filtered("is_expense").mapped("price_total"))
        amount = (self.amount_total - spent) / (self.currency_rate or 1.0)
        return self.partner_invoice_id.commercial_partner_id, self.company_id.currency_id.round(amount)

    def _credit_has_grown(self, payer, amount):
        if self.state != "sale":
            return False
        payer_now, amount_now = self._credit_get_claim()
        return payer_now != payer or self.company_id.currency_id.compare_amounts(amount_now, amount) > 0

    def _credit_ask_again(self):
        """Refuse what the rules hold of these confirmed orders as they are now, or write down who lets it pass."""
        verdicts = self._credit_get_verdicts(verdict.ORDER, is_final=True) if self else {}
        for order, answer in verdicts.items():
            if answer.is_held:
                vals = order._prepare_credit_hold(verdict.ORDER, answer)
                hold = self.env["credit.hold"].sudo().create(vals | {"amount": order._credit_get_whole()})
                if not hold.sudo(False)._is_allowed():
                    raise UserError(order._get_credit_growth_words(answer))
                hold._close("released", self.env._("Changed after its confirmation, by somebody who may release it."))
                order.message_post(body=hold.reason, subject=self.env._("Let pass by credit control"))

    def _get_credit_growth_words(self, answer):
        return self.env._(
            "%(order)s is confirmed and can't come to %(amount)s: %(reasons)s\nPut what is added on a quotation of its"
            " own, which waits for a decision, or ask a credit manager.",
            order=self.name,
            amount=self.currency_id.format(self.amount_total),
            reasons="\n".join(answer.reasons),
        )

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

    def action_open_credit_hold(self):
        """Open the hold that this document waits for: why, since when, who decides."""
        return self._credit_open_hold()

    def action_credit_raise_signal(self):
        """Ask what was noticed about the customer who pays, to warn credit control."""
        self.ensure_one()
        return self.partner_invoice_id.with_company(self.company_id).action_credit_raise_signal()
