from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..core.ageing import AgeingScale

# A promise still counts as such for these days after its date: transfers take a while.
PROMISE_TOLERANCE_DAYS = 3
# States of payment in which nothing is claimed, whatever the residual says: the money is on its way.
SETTLED_STATES = ("in_payment", "paid", "reversed")


class CreditOpenItem(models.Model):
    """Receivable items open as of a day: the only reader of due dates.

    What it is: one row per posted receivable item that was open on the day in the context
    (``as_of``, a date or its ISO text; today without it). The id is the move line's.

    How it works: what is open on a past day is what is open now, plus the reconciliations
    that came later. So only these are read again, whatever the age of the ledger. A
    reconciliation with an entry that is still a draft doesn't count: the ledger doesn't
    know it. The total equals the receivable accounts' balance on that day.
    """

    _name = "credit.open.item"
    _description = "Open item"
    _auto = False
    _rec_name = "reference"
    _order = "date_maturity, id"
    _depends = {
        "account.move.line": [
            "account_id",
            "amount_residual",
            "amount_residual_currency",
            "company_id",
            "currency_id",
            "date",
            "date_maturity",
            "journal_id",
            "move_id",
            "no_followup",
            "parent_state",
            "partner_id",
            "reconciled",
        ],
        "account.move": ["move_type", "name", "payment_state"],
        "account.account": ["account_type", "non_trade"],
        "account.partial.reconcile": [
            "amount",
            "credit_amount_currency",
            "credit_move_id",
            "debit_amount_currency",
            "debit_move_id",
            "max_date",
        ],
        "credit.dispute": ["closed_on", "date", "state"],
        "credit.dispute.line": ["amount", "dispute_id", "move_line_id"],
        "credit.promise": ["amount", "date", "date_recorded", "move_line_ids", "state"],
        "res.partner": ["commercial_partner_id"],
    }

    move_line_id = fields.Many2one("account.move.line", readonly=True)
    move_id = fields.Many2one("account.move", string="Entry", readonly=True)
    reference = fields.Char(readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    account_id = fields.Many2one("account.account", readonly=True)
    journal_id = fields.Many2one("account.journal", readonly=True)
    move_type = fields.Char(readonly=True)
    payment_state = fields.Char(readonly=True)
    no_followup = fields.Boolean(readonly=True)
    non_trade = fields.Boolean(readonly=True)
    date = fields.Date(readonly=True)
    date_maturity = fields.Date(string="Due date", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    days_overdue = fields.Integer(
        readonly=True, aggregator="max", help="Days since the due date; negative before it.", depends_context=("as_of",)
    )
    bucket = fields.Char(readonly=True, depends_context=("as_of",))
    amount_residual = fields.Monetary(currency_field="company_currency_id", readonly=True, depends_context=("as_of",))
    amount_residual_currency = fields.Monetary(readonly=True, depends_context=("as_of",))
    amount_disputed = fields.Monetary(currency_field="company_currency_id", readonly=True, depends_context=("as_of",))
    amount_promised = fields.Monetary(currency_field="company_currency_id", readonly=True, depends_context=("as_of",))

    def _as_of(self):
        """Return the day in question: the context's ``as_of`` (date or ISO text), else today."""
        return fields.Date.to_date(self.env.context.get("as_of")) or fields.Date.context_today(self)

    @property
    def _table_query(self):
        return self._get_items_sql(self._as_of())

    def _get_items_sql(self, as_of):
        """Return the query of the items open on ``as_of``, in all companies."""
        return SQL(
            """
            WITH undone AS (%(undone)s),
            candidate AS (
                SELECT line.id
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                 WHERE line.reconciled IS NOT TRUE
                   AND line.parent_state = 'posted'
                   AND account.account_type = 'asset_receivable'
                 UNION
                SELECT undone.line_id FROM undone
            ),
            disputed AS (%(disputed)s),
            promised AS (%(promised)s)
            SELECT item.*,
                   %(bucket)s AS bucket,
                   LEAST(item.amount_residual, COALESCE(disputed.amount, 0)) AS amount_disputed,
                   LEAST(
                       item.amount_residual - LEAST(item.amount_residual, COALESCE(disputed.amount, 0)),
                       COALESCE(promised.amount, 0)
                   ) AS amount_promised
              FROM (%(items)s) item
         LEFT JOIN disputed ON disputed.line_id = item.id
         LEFT JOIN promised ON promised.line_id = item.id
             WHERE item.amount_residual <> 0 OR item.amount_residual_currency <> 0
            """,
            undone=self._get_undone_sql(as_of),
            disputed=self._get_disputed_sql(as_of),
            promised=self._get_promised_sql(as_of),
            items=self._get_residual_sql(as_of),
            bucket=self._get_bucket_sql(),
        )

    def _get_residual_sql(self, as_of):
        """Return the query of the candidates with what was open of each on ``as_of``."""
        return SQL(
            """
            SELECT line.id,
                   line.id AS move_line_id,
                   line.move_id,
                   COALESCE(line.move_name, line.name, '') AS reference,
                   COALESCE(partner.commercial_partner_id, line.partner_id) AS partner_id,
                   line.company_id,
                   line.account_id,
                   line.journal_id,
                   move.move_type,
                   move.payment_state,
                   COALESCE(line.no_followup, FALSE) AS no_followup,
                   COALESCE(account.non_trade, FALSE) AS non_trade,
                   line.date,
                   COALESCE(line.date_maturity, line.date) AS date_maturity,
                   line.currency_id,
                   %(as_of)s::date - COALESCE(line.date_maturity, line.date) AS days_overdue,
                   line.amount_residual + COALESCE(undone.amount, 0) AS amount_residual,
                   line.amount_residual_currency + COALESCE(undone.amount_currency, 0) AS amount_residual_currency
              FROM candidate
              JOIN account_move_line line ON line.id = candidate.id
              JOIN account_move move ON move.id = line.move_id
              JOIN account_account account ON account.id = line.account_id
         LEFT JOIN res_partner partner ON partner.id = line.partner_id
         LEFT JOIN undone ON undone.line_id = line.id
             WHERE line.parent_state = 'posted'
               AND line.date <= %(as_of)s
               AND account.account_type = 'asset_receivable'
            """,
            as_of=as_of,
        )

    def _get_undone_sql(self, as_of):
        """Return per line what later or unposted reconciliations took, to be added back."""
        return SQL(
            """
            SELECT line_id, SUM(amount) AS amount, SUM(amount_currency) AS amount_currency
              FROM (
                WITH later AS (
                    SELECT * FROM account_partial_reconcile WHERE max_date > %(as_of)s
                     UNION
                    SELECT partial.*
                      FROM account_move_line line
                      JOIN account_partial_reconcile partial
                        ON line.id IN (partial.debit_move_id, partial.credit_move_id)
                     WHERE line.parent_state = 'draft' AND line.matching_number IS NOT NULL
                )
                SELECT debit_move_id AS line_id, amount, debit_amount_currency AS amount_currency FROM later
                 UNION ALL
                SELECT credit_move_id, -amount, -credit_amount_currency FROM later
              ) later_line
             GROUP BY line_id
            """,
            as_of=as_of,
        )

    def _get_disputed_sql(self, as_of):
        """Return the disputed part per line; an amount of 0 disputes all of it."""
        return SQL(
            """
            SELECT line.move_line_id AS line_id,
                   SUM(CASE WHEN COALESCE(line.amount, 0) = 0 THEN 'Infinity'::float8
                            ELSE line.amount::float8 END) AS amount
              FROM credit_dispute_line line
              JOIN credit_dispute dispute ON dispute.id = line.dispute_id
             WHERE dispute.date <= %(as_of)s
               AND (dispute.state = 'open' OR dispute.closed_on > %(as_of)s)
             GROUP BY line.move_line_id
            """,
            as_of=as_of,
        )

    def _get_promised_sql(self, as_of):
        """Return the promised part per line: a promise covers its items in the order of their due dates."""
        return SQL(
            """
            SELECT line_id, SUM(amount) AS amount
              FROM (
                SELECT line.id AS line_id,
                       GREATEST(0, promise.amount - COALESCE(SUM(line.amount_residual) OVER (
                           PARTITION BY promise.id ORDER BY line.date_maturity, line.id
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                       ), 0)) AS amount
                  FROM credit_promise promise
                  JOIN account_move_line_credit_promise_rel rel ON rel.credit_promise_id = promise.id
                  JOIN account_move_line line ON line.id = rel.account_move_line_id
                 WHERE promise.state = 'open'
                   AND promise.date_recorded <= %(as_of)s
                   AND promise.date >= %(last_day)s
              ) part
             GROUP BY line_id
            """,
            as_of=as_of,
            last_day=as_of - timedelta(days=PROMISE_TOLERANCE_DAYS),
        )

    def _get_bucket_sql(self):
        """Return the CASE of the bucket, by each company's own edges."""
        edges_of = {
            company.id: AgeingScale.parse(company.credit_ageing_edges)
            for company in self.env["res.company"].sudo().search([])
        }
        scales = set(edges_of.values())
        if len(scales) == 1:
            return SQL(scales.pop().sql_case("item.days_overdue"))
        whens = SQL(" ").join(
            SQL("WHEN %s THEN %s", company_id, SQL(scale.sql_case("item.days_overdue")))
            for company_id, scale in edges_of.items()
        )
        return SQL("CASE item.company_id %s END", whens)

    def _get_collected_line_ids(self, line_ids, as_of):
        """Return those of ``line_ids`` that are under direct debit or a bill, and haven't come back."""
        return set()
