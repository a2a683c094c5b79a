from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core import law
from .company_day import company_today

PROBLEMS = [
    (law.NO_REGIME, "No regime for this country and kind of debtor"),
    (law.RATE_MISSING, "A rate is missing"),
    (law.NO_NOTICE, "Runs from a formal notice"),
]
# The columns of the query, in the order of the values, with their types in the database.
COLUMNS = {
    "id": "int",
    "amount_principal": "numeric",
    "amount_interest": "numeric",
    "amount_fixed_sum": "numeric",
    "days": "int",
    "regime_id": "int",
    "problem": "text",
}


class CreditChargeItem(models.Model):
    """What each late item bears as of a day (``as_of`` in the context, today without it): reckoned, never stored.

    Interest and fixed sum that were waived, frozen or invoiced aren't in it any more; what is claimed is. An item whose
    principal was paid late stays in it for the company's ``credit_charge_settled_days``. The id is the move line's.
    """

    _name = "credit.charge.item"
    _description = "Running interest"
    _inherit = ["credit.live.rows"]
    _auto = False
    _rec_name = "move_id"
    _order = "amount_interest desc, id"
    _scope_arguments = {
        "id": "line_ids",
        "move_line_id": "line_ids",
        "partner_id": "partner_ids",
        "company_id": "company_ids",
    }

    move_line_id = fields.Many2one("account.move.line", string="Journal item", readonly=True)
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date_maturity = fields.Date(string="Due date", readonly=True)
    is_settled = fields.Boolean(string="Principal paid", readonly=True)
    amount_principal = fields.Monetary(
        string="Amount", readonly=True, depends_context=("as_of",), help="Of the item, less its credit notes."
    )
    amount_interest = fields.Monetary(
        string="Interest",
        readonly=True,
        depends_context=("as_of",),
        help="Run up to the day and neither waived, frozen nor invoiced; what is claimed is in it.",
    )
    fixed_currency_id = fields.Many2one(related="regime_id.currency_id", string="Currency of the fixed sum")
    amount_fixed_sum = fields.Monetary(
        string="Fixed sum",
        currency_field="fixed_currency_id",
        readonly=True,
        depends_context=("as_of",),
        help="For recovery costs, once for an invoice; in the currency of the regime.",
    )
    days = fields.Integer(string="Days charged", readonly=True, depends_context=("as_of",))
    regime_id = fields.Many2one("credit.interest.regime", readonly=True, depends_context=("as_of",))
    problem = fields.Selection(PROBLEMS, string="No interest because", readonly=True, depends_context=("as_of",))

    def _as_query(self, ordered=True):
        return super(CreditChargeItem, self._with_scope({"line_ids": self.ids}))._as_query(ordered)

    def _get_rows_sql(self, **scope):
        day = self.env["credit.open.item"]._as_of()
        scope = {"company_ids": self.env.companies.ids, **scope}
        outcomes = self.env["credit.charge.engine"]._get_outcomes(day, **scope).values()
        rows = [_as_row(outcome) for outcome in outcomes if _is_worth(outcome)]
        columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
        return SQL(
            """
            SELECT found.*, found.id AS move_line_id, line.move_id, line.company_id, line.currency_id,
                   COALESCE(partner.commercial_partner_id, line.partner_id) AS partner_id,
                   COALESCE(line.date_maturity, line.date) AS date_maturity,
                   COALESCE(line.reconciled, FALSE) AS is_settled
              FROM unnest(%(values)s) AS found (%(names)s)
              JOIN account_move_line line ON line.id = found.id
         LEFT JOIN res_partner partner ON partner.id = line.partner_id
            """,
            values=SQL(", ").join(
                SQL("%s::" + kind + "[]", list(column)) for kind, column in zip(COLUMNS.values(), columns, strict=True)
            ),
            names=SQL(", ").join(SQL.identifier(name) for name in COLUMNS),
        )

    # -- buttons ------------------------------------------------------------------------

    def action_claim(self):
        """Store what these items bear today as claimed: it stays when the principal is paid."""
        charges = self._claim_here()
        return charges._get_records_action(name=self.env._("Claimed"))

    def action_waive(self):
        """Waive what these items bear today."""
        return self.env["credit.charge.waive"]._open(items=self)

    def action_invoice(self):
        """Claim what these items bear today, and ask how it is invoiced."""
        return self._claim_here().action_invoice()

    def action_open_move(self):
        """Open the invoice that is late."""
        self.ensure_one()
        return self.move_id._get_records_action()

    def _claim_here(self):
        """Return the charges of these items, claimed up to today.

        :raise UserError: where a rate is missing, or nothing can be charged
        """
        self.env["credit.charge"]._check_may_decide()
        self.check_access("read")
        lines, day = self.move_line_id, company_today(self)
        engine = self.env["credit.charge.engine"]
        engine._check_rates(engine._get_outcomes(day, line_ids=lines.ids).values())
        charges = self.env["credit.charge"]._claim(lines.ids, day)
        if not charges:
            raise UserError(self.env._("There is neither interest nor a fixed sum to charge on these items."))
        return charges


def _is_worth(outcome):
    return outcome.interest or outcome.fixed_sum or outcome.problem


def _as_row(outcome):
    segments = outcome.accrual.segments
    return (
        outcome.case.item,
        outcome.case.claim.principal,
        outcome.interest,
        outcome.fixed_sum,
        sum(part.days for part in segments),
        outcome.regime or None,
        outcome.problem,
    )
