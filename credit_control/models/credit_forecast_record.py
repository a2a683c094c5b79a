from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..core import forecast
from .bulk import insert_rows
from .credit_forecast_item import CONFIDENCES, RULES
from .receipt import IS_RECEIPT

# Rules whose errors tell of a drift: what customers usually do. The others have reasons of their own.
HABITS = (forecast.CUSTOMER, forecast.SEGMENT, forecast.COMPANY)


class CreditForecastRecord(models.Model):
    """A forecast as it was made, and what came true: so that its error can be looked at.

    Each open item has one of each month in which it was open. Nobody changes it afterwards but
    :meth:`_close`, once the item is settled.
    """

    _name = "credit.forecast.record"
    _description = "Forecast of a payment"
    _order = "date_made desc, id desc"
    _rec_name = "reference"

    move_line_id = fields.Many2one(
        "account.move.line", string="Journal item", required=True, index=True, ondelete="cascade", readonly=True
    )
    move_id = fields.Many2one(related="move_line_id.move_id", string="Document")
    reference = fields.Char(related="move_line_id.move_name")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_made = fields.Date(
        string="Forecast made on", required=True, readonly=True, help="The day on which the forecast was made."
    )
    is_first = fields.Boolean(string="First of its item", readonly=True, help="The first forecast of its item.")
    date_due = fields.Date(string="Due date", required=True, readonly=True)
    amount = fields.Monetary(readonly=True, help="What was open on the day of the forecast, in company currency.")
    date_expected = fields.Date(string="Expected", readonly=True, help="Empty: no payment was expected.")
    rule = fields.Selection(RULES, string="Method", required=True, readonly=True)
    confidence = fields.Selection(CONFIDENCES, required=True, readonly=True)
    drift = fields.Float(
        readonly=True, aggregator=None, help="Days that were taken off because earlier forecasts were too late by them."
    )
    state = fields.Selection(
        [("open", "Open"), ("paid", "Paid"), ("cancelled", "Settled otherwise")],
        required=True,
        default="open",
        readonly=True,
        index=True,
        help="Settled otherwise: by credit notes only; nothing was paid, so nothing is measured.",
    )
    date_settled = fields.Date(string="Paid on", readonly=True, help="The day of the payment that settled the item.")
    error = fields.Float(
        string="Bias (days)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Expected less paid: positive, paid earlier.",
    )
    error_abs = fields.Float(
        string="Error (days)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Days between expected and paid, either way.",
    )
    error_due = fields.Float(
        string="Error of the due date (days)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Days between the due date and the payment: what one would have been off without a forecast.",
    )

    _item_day_unique = models.UniqueIndex("(move_line_id, date_made)")
    _drift_idx = models.Index("(company_id, date_settled) WHERE is_first")

    # -- keeping -----------------------------------------------------------------------------

    @api.model
    def _keep(self, company, as_of):
        """Look at what came true, then keep a forecast of each open item that has none of this month."""
        self._reopen(company)
        self._close(company, as_of)
        known = self._get_known(company)
        month = as_of.replace(day=1)
        forecasts = self.env["credit.forecast"]
        todo = [
            case for case in forecasts._read_cases(company, as_of) if case.id not in known or known[case.id] < month
        ]
        expected = forecasts._expect(company, todo, as_of)
        drift = self.env["credit.payment.profile"]._get_baseline(company).drift
        insert_rows(
            self,
            [
                self._prepare_record(company, case, expected[case.id], as_of, case.id not in known, drift)
                for case in todo
            ],
        )

    def _prepare_record(self, company, case, expectation, as_of, is_first, drift):
        return {
            "company_id": company.id,
            "move_line_id": case.id,
            "partner_id": case.partner_id,
            "date_made": as_of,
            "is_first": is_first,
            "date_due": case.due,
            "amount": case.residual,
            "date_expected": expectation.date,
            "rule": expectation.rule,
            "confidence": expectation.confidence,
            "drift": drift if expectation.rule in HABITS else 0.0,
            "state": "open",
        }

    def _get_known(self, company):
        """Return ``{item id: day of its last forecast}`` of what was open when it was last looked at."""
        self.flush_model()
        query = SQL(
            """
            SELECT move_line_id, MAX(date_made)
              FROM credit_forecast_record
             WHERE company_id = %s
               AND state = 'open'
             GROUP BY move_line_id
            """,
            company.id,
        )
        return dict(self.env.execute_query(query))

    # -- what came true ------------------------------------------------------------------------

    def _close(self, company, as_of):
        """Note the day on which items were settled, in one statement; what nobody paid isn't measured."""
        self.flush_model()
        self.env["credit.payment.history"]._flush_history()
        self.env.cr.execute(
            SQL(
                """
                UPDATE credit_forecast_record record
                   SET state = CASE WHEN settled.paid_on IS NULL THEN 'cancelled' ELSE 'paid' END,
                       date_settled = COALESCE(settled.paid_on, settled.day),
                       error = record.date_expected - settled.paid_on,
                       error_abs = ABS(record.date_expected - settled.paid_on),
                       error_due = ABS(record.date_due - settled.paid_on),
                       write_date = %(now)s,
                       write_uid = %(uid)s
                  FROM (
                    SELECT line.id,
                           MAX(partial.max_date) AS day,
                           MAX(partial.max_date) FILTER (WHERE %(is_receipt)s) AS paid_on
                      FROM account_move_line line
                      JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
                      JOIN account_move_line credit ON credit.id = partial.credit_move_id
                      JOIN account_journal journal ON journal.id = credit.journal_id
                     WHERE line.id IN (SELECT move_line_id FROM credit_forecast_record
                                        WHERE company_id = %(company)s AND state = 'open')
                       AND line.reconciled
                     GROUP BY line.id
                    HAVING MAX(partial.max_date) <= %(as_of)s
                       AND BOOL_AND(credit.parent_state = 'posted')
                  ) settled
                 WHERE record.move_line_id = settled.id
                   AND record.state = 'open'
                """,
                company=company.id,
                is_receipt=IS_RECEIPT,
                as_of=as_of,
                now=self.env.cr.now(),
                uid=self.env.uid,
            )
        )
        self.invalidate_model()

    def _reopen(self, company):
        """Take back what a returned or removed payment had settled."""
        self.flush_model()
        self.env["account.move.line"].flush_model(["reconciled"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE credit_forecast_record record
                   SET state = 'open', date_settled = NULL, error = NULL, error_abs = NULL, error_due = NULL
                  FROM account_move_line line
                 WHERE line.id = record.move_line_id
                   AND line.reconciled IS NOT TRUE
                   AND record.company_id = %s
                   AND record.state <> 'open'
                """,
                company.id,
            )
        )
        self.invalidate_model()

    @api.model
    def _get_drift(self, company, as_of):
        """Return by how many days the first forecasts that came true in the last 60 days were too late."""
        self.flush_model()
        query = SQL(
            """
            SELECT (error + COALESCE(drift, 0))::float8
              FROM credit_forecast_record
             WHERE company_id = %s
               AND is_first
               AND date_settled > %s
               AND date_settled <= %s
               AND state = 'paid'
               AND rule = ANY(%s)
            """,
            company.id,
            as_of - timedelta(days=forecast.DRIFT_DAYS),
            as_of,
            list(HABITS),
        )
        return forecast.drift_of([error for (error,) in self.env.execute_query(query)])

    def action_open_move(self):
        """Open the document that the forecast is about."""
        self.ensure_one()
        return self.move_id._get_records_action()
