from datetime import date

from babel.dates import get_month_names

from odoo import api, fields, models
from odoo.tools.misc import babel_locale_parse, format_amount, get_lang

from ..core.behaviour import LAST_DAY


class CreditPaymentWords(models.AbstractModel):
    """What is said of a payment profile, in words and as a table."""

    _name = "credit.payment.words"
    _description = "Payment profile in words"

    summary = fields.Char(compute="_compute_summary", help="The profile in a line.")
    habit = fields.Char(string="Pay day", compute="_compute_summary", help="When the customer runs its payments.")
    season_text = fields.Char(string="Season", compute="_compute_summary")
    periods_table = fields.Html(string="Table of the periods", compute="_compute_periods_table", sanitize=False)

    @api.depends("item_count", "overdue_count", "days_median", "trend", "has_trend", "pay_weekday", "pay_month_day")
    @api.depends_context("lang")
    def _compute_summary(self):
        for profile in self:
            profile.summary = profile._get_summary()
            profile.habit = profile._get_habit()
            profile.season_text = profile._get_season()

    def _get_summary(self):
        """Return e.g. “pays 18 days late (median), trend +6 days”."""
        if not self.item_count:
            return self._get_empty_summary()
        days = round(self.days_median)
        if days > 0:
            pays = self.env._("pays %(days)s days late (median)", days=days)
        elif days < 0:
            pays = self.env._("pays %(days)s days early (median)", days=-days)
        else:
            pays = self.env._("pays on the due day (median)")
        if not self.has_trend:
            return pays
        if not round(self.trend):
            return self.env._("%(pays)s, steady", pays=pays)
        return self.env._("%(pays)s, trend %(days)s days", pays=pays, days=f"{round(self.trend):+d}")

    def _get_empty_summary(self):
        if self.overdue_count:
            return self.env._("nothing paid in 12 months, %(count)s items overdue", count=self.overdue_count)
        return self.env._("no payment in 12 months")

    def _get_habit(self):
        """Return e.g. “Thursdays (83 % of payments)”; nothing without a habit."""
        share = round(100 * self.pay_share)
        if self.pay_month_day == LAST_DAY:
            return self.env._("last day of the month (%(share)s %% of payments)", share=share)
        if self.pay_month_day:
            return self.env._(
                "day %(day)s of the month (%(share)s %% of payments)", day=self.pay_month_day, share=share
            )
        if self.pay_weekday:
            names = dict(self._fields["pay_weekday"]._description_selection(self.env))
            return self.env._("%(weekday)s (%(share)s %% of payments)", weekday=names[self.pay_weekday], share=share)
        return False

    def _get_season(self):
        """Return the months that are slower or faster by a week or more: “August +12 days”."""
        names = self._get_month_names()
        found = [(month, round(days)) for month, days in self.season or [] if abs(days) >= 7]
        return ", ".join(
            self.env._("%(month)s %(days)s days", month=names[month], days=f"{days:+d}") for month, days in found
        )

    @api.model
    def _get_month_names(self):
        locale = babel_locale_parse(get_lang(self.env).code)
        return get_month_names("wide", context="stand-alone", locale=locale)

    @api.depends("periods")
    @api.depends_context("lang")
    def _compute_periods_table(self):
        for profile in self:
            rows = [profile._prepare_period_row(period) for period in reversed(profile.periods or [])]
            profile.periods_table = rows and self.env["ir.qweb"]._render(
                "credit_control.payment_periods", {"rows": rows}
            )

    def _prepare_period_row(self, period):
        start = date.fromisoformat(period["start"])
        days, weighted = period["days"], period["weighted"]
        return {
            "name": self.env._("Q%(quarter)s %(year)s", quarter=(start.month + 2) // 3, year=start.year),
            "count": period["count"],
            "amount": format_amount(self.env, period["amount"], self.company_id.currency_id),
            "days": "–" if days is None else round(days),
            "weighted": "–" if weighted is None else round(weighted),
            "late": round(100 * period["late"] / period["count"]) if period["count"] else 0,
            # A bar as long as the days, up to two months; its colour as everywhere, by age.
            "width": min(100, max(0, round((weighted or 0) / 60 * 100))),
            "tone": self._get_tone(weighted or 0),
        }

    @api.model
    def _get_tone(self, days):
        return "grey" if days <= 0 else "amber" if days <= 30 else "orange" if days <= 60 else "red"
