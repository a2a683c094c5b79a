from odoo import api, fields, models
from odoo.tools import SQL

# As long as a file is in one of these states, its items aren't reminded.
RUNNING = ("draft", "open")


class CreditLitigationFigures(models.AbstractModel):
    """What a litigation is about and what it brought: items, payments since the hand-over, costs."""

    _name = "credit.litigation.figures"
    _description = "Figures of a litigation"

    # Those of the file itself; named here because the figures need them.
    company_id = fields.Many2one("res.company")
    currency_id = fields.Many2one("res.currency")
    date = fields.Date()
    closed_on = fields.Date(string="Closed on")

    item_count = fields.Integer(string="Number of items", compute="_compute_figures")
    amount_total = fields.Monetary(
        string="Handed over", compute="_compute_figures", help="What was open of its items at the hand-over."
    )
    amount_open = fields.Monetary(string="Open", compute="_compute_figures", help="What is open of them now.")
    amount_recovered = fields.Monetary(
        string="Recovered",
        compute="_compute_amount_recovered",
        help="Payments on its items, dated from the hand-over to the end. Credit notes and write-offs don't count.",
    )
    amount_cost = fields.Monetary(string="Costs", compute="_compute_amount_cost")
    recovery_rate = fields.Float(
        string="Recovered %", compute="_compute_recovery_rate", help="Recovered / handed over; empty where nothing was."
    )

    @api.depends("line_ids.amount", "line_ids.move_line_id.amount_residual")
    def _compute_figures(self):
        for litigation in self:
            litigation.item_count = len(litigation.line_ids)
            litigation.amount_total = sum(litigation.line_ids.mapped("amount"))
            litigation.amount_open = sum(litigation.line_ids.sudo().mapped("amount_residual"))

    @api.depends("cost_ids.amount")
    def _compute_amount_cost(self):
        for litigation in self:
            litigation.amount_cost = sum(litigation.cost_ids.mapped("amount"))

    @api.depends("amount_total", "amount_recovered")
    def _compute_recovery_rate(self):
        for litigation in self:
            handed_over = litigation.amount_total
            litigation.recovery_rate = litigation.amount_recovered / handed_over if handed_over else 0.0

    @api.depends("date", "closed_on", "line_ids.move_line_id.amount_residual")
    def _compute_amount_recovered(self):
        recovered = self._query_recovered()
        for litigation in self:
            litigation.amount_recovered = recovered.get(litigation._origin.id, 0.0)

    def _query_recovered(self):
        """Return ``{litigation id: amount}``: what bank and cash paid on the items, in one query.

        The day that counts is the payment's own: money that came before the hand-over and was
        matched later wasn't recovered by it.
        """
        for name in ("credit.litigation", "credit.litigation.line", "account.partial.reconcile", "account.move.line"):
            self.env[name].flush_model()
        query = SQL(
            """
            SELECT litigation.id, SUM(partial.amount)
              FROM credit_litigation litigation
              JOIN credit_litigation_line line ON line.litigation_id = litigation.id
              JOIN account_partial_reconcile partial ON partial.debit_move_id = line.move_line_id
              JOIN account_move_line payment ON payment.id = partial.credit_move_id
              JOIN account_journal journal ON journal.id = payment.journal_id
             WHERE litigation.id = ANY(%s)
               AND journal.type IN ('bank', 'cash', 'credit')
               AND payment.parent_state = 'posted'
               AND payment.date >= litigation.date
               AND (litigation.closed_on IS NULL OR payment.date <= litigation.closed_on)
             GROUP BY litigation.id
            """,
            self._origin.ids,
        )
        return dict(self.env.execute_query(query))
