from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import format_amount, format_date

from .company_day import company_today

# How far ahead the card says what is expected.
AHEAD_DAYS = 30
# What the card shows of the profile.
SHOWN = {
    "payment_summary": "summary",
    "payment_habit": "habit",
    "payment_season": "season_text",
    "payment_periods": "periods_table",
    "payment_count": "item_count",
    "payment_days_90": "days_90",
    "payment_days_weighted": "days_weighted",
    "payment_days_to_pay": "days_to_pay",
    "payment_late_rate": "late_rate",
    "payment_date": "date",
}


class CreditPaymentCard(models.AbstractModel):
    """How a debtor pays, on its card: read from its payment profile, stored nowhere."""

    _name = "credit.payment.card"
    _description = "Payment behaviour on a debtor's card"

    payment_profile_id = fields.Many2one("credit.payment.profile", string="Payment profile", compute="_compute_payment")
    payment_summary = fields.Char(string="Pays", compute="_compute_payment")
    payment_habit = fields.Char(string="Pay day", compute="_compute_payment")
    payment_season = fields.Char(string="Season", compute="_compute_payment")
    payment_periods = fields.Html(string="Quarter by quarter", compute="_compute_payment", sanitize=False)
    payment_count = fields.Integer(string="Settled in 12 months", compute="_compute_payment")
    payment_days_90 = fields.Float(
        string="Days late (9 in 10)",
        compute="_compute_payment",
        digits=(16, 1),
        help="Nine in ten items of the last 12 months were paid by then.",
    )
    payment_days_weighted = fields.Float(
        string="Days late (weighted)",
        compute="_compute_payment",
        digits=(16, 1),
        help="By amount; overdue items count with their days so far.",
    )
    payment_days_to_pay = fields.Float(
        string="Days to pay",
        compute="_compute_payment",
        digits=(16, 1),
        help="Median of days from the invoice to its payment.",
    )
    payment_late_rate = fields.Float(
        string="Late", compute="_compute_payment", help="Share of the items due in the last 12 months paid late."
    )
    payment_date = fields.Date(string="Profile as of", compute="_compute_payment")
    expected_summary = fields.Char(
        string="Expected in 30 days",
        compute="_compute_expected_summary",
        help="What of the open items is expected within 30 days, and by which day.",
    )

    @api.depends_context("uid", "lang")
    def _compute_payment(self):
        profiles = self.env["credit.payment.profile"].search(
            [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)]
        )
        profile_of = {(profile.partner_id, profile.company_id): profile for profile in profiles}
        for debtor in self:
            profile = profile_of.get((debtor.partner_id, debtor.company_id), profiles.browse())
            debtor.payment_profile_id = profile
            debtor.update({ours: profile[theirs] for ours, theirs in SHOWN.items()})

    @api.depends_context("as_of", "uid", "lang")
    def _compute_expected_summary(self):
        last = self.env["credit.open.item"]._as_of() + timedelta(days=AHEAD_DAYS)
        for debtor in self:
            expected = debtor.open_item_ids._get_expectations()
            day_of = {item: found.date for item, found in expected.items() if found.date and found.date <= last}
            debtor.expected_summary = debtor._sum_up_expected(day_of) if day_of else False

    def _sum_up_expected(self, day_of):
        """Return in words how much of the items of ``{item id: expected day}`` comes, and by when."""
        items = self.env["credit.open.item"].browse(day_of)
        return self.env._(
            "%(amount)s by %(day)s",
            amount=format_amount(self.env, sum(items.mapped("amount_residual")), self.currency_id),
            day=format_date(self.env, max(day_of.values())),
        )

    def action_refresh_profile(self):
        """Work out how this debtor pays, as of now: with the payments of today."""
        self.check_access("write")
        today = company_today(self)
        for company, debtors in self.grouped("company_id").items():
            profiles = self.env["credit.payment.profile"].sudo()
            for _count in profiles._refresh(company, debtors.partner_id.ids, today):
                continue
        return True
