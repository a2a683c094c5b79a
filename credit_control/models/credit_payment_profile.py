from dataclasses import asdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..core.behaviour import PayDays, months_before, profile_of_told, tell
from ..core.forecast import SPREAD, Baseline, Customer, Tally, Usual, customer_of, outcomes_of_told
from .bulk import upsert_rows
from .company_day import company_today

# Quarters that are kept: two years and the one that runs.
PERIODS = 9
# Months that are forecast as of their days when the forecasts begin.
BACK_MONTHS = 6
PARTNER_KEY = SQL("(company_id, partner_id) WHERE partner_id IS NOT NULL")
SEGMENT_KEY = SQL("(company_id, segment_id) WHERE segment_id IS NOT NULL")
COMPANY_KEY = SQL("(company_id) WHERE scope = 'company'")


class CreditPaymentProfile(models.Model):
    """How a customer pays: median, trend, pay days, quarter by quarter; what the expected dates rest on.

    One row a customer and company, one a segment and one for the company as a whole: where a customer
    has too little history, these stand in. Made by :meth:`_refresh_company`, never by hand.
    """

    _name = "credit.payment.profile"
    _description = "Payment profile"
    _inherit = ["credit.payment.words"]
    _order = "scope desc, company_id, id"
    _check_company_auto = True

    scope = fields.Selection(
        [("customer", "Customer"), ("segment", "Segment"), ("company", "Company")], required=True, readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    segment_id = fields.Many2one("credit.segment", readonly=True, index="btree_not_null", ondelete="cascade")
    date = fields.Date(string="As of", required=True, readonly=True)
    item_count = fields.Integer(
        string="Settled items", readonly=True, help="Items settled in the last 12 months: what the days rest on."
    )
    overdue_count = fields.Integer(string="Overdue items", readonly=True)
    days_median = fields.Float(
        string="Days late (median)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Half of the items settled in the last 12 months were paid by then; negative: early.",
    )
    days_weighted = fields.Float(
        string="Days late (weighted)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Σ (amount × days late) / Σ amount of the last 12 months; overdue items count with their days so far.",
    )
    days_90 = fields.Float(
        string="Days late (9 in 10)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Nine in ten items of the last 12 months were paid by then.",
    )
    days_to_pay = fields.Float(
        string="Days to pay",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Median of days from the invoice to its payment.",
    )
    trend = fields.Float(
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Weighted days late of the last 3 months less those of the 9 months before: positive is slower.",
    )
    has_trend = fields.Boolean(
        string="Has a trend", readonly=True, help="Whether there were payments in both spans of time."
    )
    payment_index = fields.Float(
        string="Payment index",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="0–100, by days late, weighted by amount over 24 months.",
    )
    late_rate = fields.Float(
        string="Late", readonly=True, aggregator="avg", help="Share of the items due in the last 12 months paid late."
    )
    late_amount_rate = fields.Float(
        string="Late (amount)", readonly=True, aggregator="avg", help="The same by amount: only what came late counts."
    )
    pay_weekday = fields.Selection(
        [
            ("0", "Monday"),
            ("1", "Tuesday"),
            ("2", "Wednesday"),
            ("3", "Thursday"),
            ("4", "Friday"),
            ("5", "Saturday"),
            ("6", "Sunday"),
        ],
        string="Pays on (day of the week)",
        readonly=True,
        help="The day of the week on which at least 70 % of the payments of the last 12 months came.",
    )
    pay_month_day = fields.Integer(
        string="Pays on (day of the month)",
        readonly=True,
        aggregator=None,
        help="The same by day of the month; 31 is the last of the month. 0: none.",
    )
    pay_share = fields.Float(
        string="Payments on that day",
        readonly=True,
        aggregator=None,
        help="The share of payments that keep to the pay day.",
    )
    season = fields.Json(
        string="Season by month", readonly=True, help="[month of the year, days later than usual], where it is known."
    )
    periods = fields.Json(readonly=True, help="By quarter of the due dates: items, days late, late rate.")
    facts = fields.Json(readonly=True, help="What the expected dates of open items are worked out from.")

    _partner_unique = models.UniqueIndex("(company_id, partner_id) WHERE partner_id IS NOT NULL")
    _segment_unique = models.UniqueIndex("(company_id, segment_id) WHERE segment_id IS NOT NULL")
    _company_unique = models.UniqueIndex("(company_id) WHERE scope = 'company'")

    @api.depends("scope", "partner_id", "segment_id", "company_id")
    def _compute_display_name(self):
        for profile in self:
            profile.display_name = (profile.partner_id or profile.segment_id or profile.company_id).display_name

    # -- making them -----------------------------------------------------------------------

    @api.model
    def _cron_compute(self):
        """Work out the profiles of all companies, batch by batch, then keep and check the forecasts.

        What was done today isn't done again: a run that was cut short goes on where it stopped.
        """
        days = {company: company_today(company) for company in self.env["res.company"].search(Domain.TRUE)}
        todo = {company: self._get_stale_partner_ids(company, today) for company, today in days.items()}
        self.env["ir.cron"]._commit_progress(remaining=sum(map(len, todo.values())) + len(todo))
        for company, partner_ids in todo.items():
            for count in self.with_company(company)._bring_up_to_date(company, partner_ids, days[company]):
                if not self.env["ir.cron"]._commit_progress(count):
                    return

    def _bring_up_to_date(self, company, partner_ids, today):
        """Work out what is missing of a company; yield what was done after each piece, to be committed."""
        if partner_ids and not self.env["credit.forecast.record"].search_count(
            [("company_id", "=", company.id)], limit=1
        ):
            yield from self._look_back(company, today)
        yield from self._refresh(company, partner_ids, today)
        self._finish(company, today)
        yield 1

    def _look_back(self, company, today):
        """The first time, forecast the past months as of their days, from what was known by then.

        So the accuracy can be looked at from the first day on, and a drift of the forecasts is known.
        """
        for months in range(BACK_MONTHS, 0, -1):
            self._refresh_company(company, months_before(today, months))
            yield 0

    def _get_stale_partner_ids(self, company, as_of):
        """Return the customers with a history whose profile isn't of ``as_of`` yet."""
        fresh = self.sudo().search_fetch([("company_id", "=", company.id), ("date", "=", as_of)], ["partner_id"])
        done = set(fresh.partner_id.ids)
        partner_ids = self.env["credit.payment.history"]._get_partner_ids(company, as_of)
        return [partner_id for partner_id in partner_ids if partner_id not in done]

    def _refresh(self, company, partner_ids, as_of):
        """Work out and store the profiles of these customers; yield the size of each batch when it is stored."""
        slips_of = self._get_slips(company, as_of) if partner_ids else {}

        def prepare(partner_id, items):
            common = {"scope": "customer", "company_id": company.id, "partner_id": partner_id, "date": as_of}
            return {**common, **self._prepare_profile(items, as_of, slips_of.get(partner_id, ()))}

        for rows in self.env["credit.payment.history"]._iterate(company, partner_ids, as_of, prepare):
            upsert_rows(self, list(rows.values()), PARTNER_KEY)
            yield len(rows)

    def _refresh_company(self, company, as_of):
        """Work out everything of a company at once, without a commit."""
        partner_ids = self.env["credit.payment.history"]._get_partner_ids(company, as_of)
        for _count in self._refresh(company, partner_ids, as_of):
            continue
        self._finish(company, as_of)

    def _finish(self, company, as_of):
        """Do what needs the profiles of all customers of the company."""
        self._forget(company, as_of)
        self._store_groups(company, as_of)
        self.env["credit.forecast.record"]._keep(company, as_of)

    def _prepare_profile(self, items, as_of, slips=()):
        """Return the values of a customer's profile."""
        told = [tell(item, as_of) for item in items]
        found = profile_of_told(told, as_of)
        return {
            "item_count": found.count,
            "overdue_count": found.overdue_count,
            "days_median": found.days_median,
            "days_weighted": found.days_weighted,
            "days_90": found.days_90,
            "days_to_pay": found.days_to_pay,
            "trend": found.trend,
            "has_trend": found.trend is not None,
            "payment_index": found.index,
            "late_rate": found.lateness.rate,
            "late_amount_rate": found.lateness.amount_rate,
            "pay_weekday": None if found.pay_days.weekday is None else str(found.pay_days.weekday),
            "pay_month_day": found.pay_days.month_day or 0,
            "pay_share": found.pay_days.share,
            "season": found.season,
            "periods": [self._prepare_period(period) for period in found.periods[-PERIODS:]],
            "facts": self._prepare_facts(customer_of(outcomes_of_told(told), as_of, found.pay_days, slips)),
        }

    def _prepare_facts(self, customer):
        """Return a customer's facts as they are kept; :meth:`_read_customer` reads them."""
        habit = customer.pay_days
        return {
            "recent": customer.recent,
            "delays": customer.delays,
            "settled": customer.settled,
            "disputed": customer.disputed,
            "slippage": customer.slippage,
            "promises": customer.promises,
            "pay_days": {"weekday": habit.weekday, "month_day": habit.month_day, "share": habit.share},
        }

    def _prepare_period(self, period):
        return {
            "start": period.start.isoformat(),
            "count": period.lateness.count,
            "amount": round(period.lateness.amount, 2),
            "late": period.lateness.late,
            "late_amount": round(period.lateness.late_amount, 2),
            "days": period.days,
            "weighted": period.weighted,
        }

    def _forget(self, company, as_of):
        """Remove the profiles of customers who have no history any more."""
        self.sudo().search([("company_id", "=", company.id), ("scope", "=", "customer"), ("date", "<", as_of)]).unlink()

    # -- segments and the company as a whole ---------------------------------------------------

    def _store_groups(self, company, as_of):
        """Work out what stands in where a customer has too little history, from all customers' recent items."""
        whole, segments = self._tally(company)
        drift = self.env["credit.forecast.record"]._get_drift(company, as_of)
        baseline = whole.baseline(drift)
        common = {"company_id": company.id, "date": as_of}
        upsert_rows(
            self, [{**common, "scope": "company", **self._prepare_group(baseline.usual, asdict(baseline))}], COMPANY_KEY
        )
        rows = [
            {**common, "scope": "segment", "segment_id": segment_id, **self._prepare_group(usual, asdict(usual))}
            for segment_id, tally in segments.items()
            if (usual := tally.usual(baseline.dispute_days)).count
        ]
        upsert_rows(self, rows, SEGMENT_KEY)

    def _prepare_group(self, usual, facts):
        return {"item_count": usual.count, "days_median": usual.days, "facts": facts}

    def _tally(self, company):
        """Return the tally of the company's customers, and ``{segment id: tally}``; read row by row, kept small."""
        self.env["credit.debtor"].flush_model(["partner_id", "company_id", "segment_id"])
        self.env.cr.execute(
            SQL(
                """
                SELECT debtor.segment_id, profile.facts -> 'recent'
                  FROM credit_payment_profile profile
             LEFT JOIN credit_debtor debtor
                    ON debtor.partner_id = profile.partner_id AND debtor.company_id = profile.company_id
                 WHERE profile.company_id = %s
                   AND profile.scope = 'customer'
                """,
                company.id,
            )
        )
        whole, segments = Tally(), {}
        for segment_id, recent in self.env.cr.fetchall():
            whole.add(recent)
            if segment_id:
                segments.setdefault(segment_id, Tally()).add(recent)
        return whole, segments

    def _get_slips(self, company, as_of):
        """Return ``{partner id: days that past promises came after their day}``; what never came counts until now.

        A promise came when 95 % of it had been received on its items since it was recorded.
        """
        self.env["credit.promise"].flush_model()
        query = SQL(
            """
            SELECT partner_id, ARRAY_AGG(came - date ORDER BY date)
              FROM (
                SELECT promise.partner_id, promise.date, COALESCE(MIN(received.day), %(as_of)s) AS came
                  FROM credit_promise promise
             LEFT JOIN LATERAL (
                    SELECT partial.max_date AS day,
                           SUM(partial.amount) OVER (ORDER BY partial.max_date, partial.id) AS amount
                      FROM account_move_line_credit_promise_rel rel
                      JOIN account_partial_reconcile partial ON partial.debit_move_id = rel.account_move_line_id
                     WHERE rel.credit_promise_id = promise.id
                       AND partial.max_date BETWEEN promise.date_recorded AND %(as_of)s
                  ) received ON received.amount >= 0.95 * promise.amount
                 WHERE promise.company_id = %(company)s
                   AND promise.state IN ('kept', 'partly_kept', 'broken')
                   AND promise.date <= %(as_of)s
                 GROUP BY promise.id
              ) ended
             GROUP BY partner_id
            """,
            company=company.id,
            as_of=as_of,
        )
        return dict(self.env.execute_query(query))

    # -- reading them --------------------------------------------------------------------------

    @api.model
    def _get_customers(self, company, partner_ids):
        """Return ``{partner id: forecast.Customer}`` of those who have a profile."""
        self.flush_model(["company_id", "partner_id", "facts"])
        query = SQL(
            "SELECT partner_id, facts FROM credit_payment_profile WHERE company_id = %s AND partner_id = ANY(%s)",
            company.id,
            list(partner_ids),
        )
        rows = self.env.execute_query(query)
        return {partner_id: self._read_customer(facts) for partner_id, facts in rows if facts}

    def _read_customer(self, facts):
        """Return a customer's facts as the core takes them; :meth:`_prepare_facts` wrote them."""
        return Customer(
            **{
                **facts,
                "recent": tuple(map(tuple, facts["recent"])),
                "delays": tuple(facts["delays"]),
                "pay_days": PayDays(**facts["pay_days"]),
            }
        )

    @api.model
    def _get_baseline(self, company):
        """Return what the company as a whole says; nothing of it where it wasn't worked out yet."""
        facts = self.sudo().search([("company_id", "=", company.id), ("scope", "=", "company")], limit=1).facts
        return Baseline(**{**facts, "usual": Usual(**facts["usual"])}) if facts else Baseline(spread=SPREAD)

    @api.model
    def _get_segments(self, company):
        """Return ``{segment id: forecast.Usual}``."""
        profiles = self.sudo().search([("company_id", "=", company.id), ("scope", "=", "segment")])
        return {profile.segment_id.id: Usual(**profile.facts) for profile in profiles}

    # -- buttons -------------------------------------------------------------------------------

    def action_refresh(self):
        """Work out these profiles again, as of today."""
        self.check_access("read")
        today = company_today(self)
        for company, profiles in self.filtered("partner_id").grouped("company_id").items():
            for _count in self.sudo()._refresh(company, profiles.partner_id.ids, today):
                continue
        return True

    def action_open_items(self):
        """Open the customer's invoices, paid and open, that the figures are made of."""
        self.ensure_one()
        domain = Domain("company_id", "=", self.company_id.id) & Domain(
            "commercial_partner_id", "=", self.partner_id.id
        )
        domain &= Domain("move_type", "=", "out_invoice") & Domain("state", "=", "posted")
        action = self.env["ir.actions.actions"]._for_xml_id("account.action_move_out_invoice")
        return {**action, "domain": domain, "context": {"default_move_type": "out_invoice"}, "name": self.display_name}
