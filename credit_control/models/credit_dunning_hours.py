from datetime import UTC, datetime, time
from functools import lru_cache

from odoo import api, fields, models

from ..core.window import Window
from .company_day import company_zone
from .credit_debtor import QUIET_DAYS

try:
    from holidays import country_holidays
except ImportError:
    # Without it, the company's own calendar says which days are public holidays.
    country_holidays = None


@lru_cache(maxsize=64)
def _get_country_holidays(country_code, year):
    if country_holidays is None:
        return frozenset()
    try:
        return frozenset(country_holidays(country_code, years=year))
    except NotImplementedError:
        return frozenset()


class CreditDunningHours(models.AbstractModel):
    """When the sender that works by itself may send."""

    _name = "credit.dunning.hours"
    _description = "Hours in which notices leave"

    @api.model
    def _get_sendable_domain(self, company, now=None):
        """Return what of ``company`` may leave by itself at ``now`` (UTC, naive; the clock's, without)."""
        local = self._get_local_time(company, now or fields.Datetime.now())
        holidays = self._get_holidays(company, local.year)
        policies = self.env["credit.dunning.policy"].with_context(active_test=False)
        policies = policies.search([("company_id", "=", company.id)])
        is_open = policies.filtered(lambda policy: self._get_window(policy).is_open(local, holidays))
        return [
            ("company_id", "=", company.id),
            ("state", "=", "queued"),
            ("channel_id.is_manual", "=", False),
            ("channel_id.is_printed", "=", False),
            ("policy_id", "in", [False, *is_open.ids]),
            *self._get_day_domain(local.date()),
            *self._get_bank_domain(company),
        ]

    @api.model
    def _get_bank_domain(self, company):
        """Leave reminders out while payments may be missing in the books, where the company says so."""
        waits = company.sudo().credit_bank_hold and self.env["credit.ledger.guard"]._get_stale_journals(company)
        return [("step_id", "=", False)] if waits else []

    @api.model
    def _get_day_domain(self, day):
        """Leave out what is postponed, and the customers who aren't written to on this day."""
        domain = ["|", ("date_planned", "=", False), ("date_planned", "<=", fields.Date.to_string(day))]
        # By its number: the name of a day is in the language of the server.
        if day.weekday() < len(QUIET_DAYS):
            domain.append((f"debtor_id.{QUIET_DAYS[day.weekday()]}", "=", False))
        return domain

    @api.model
    def _get_local_time(self, company, now):
        """Return the wall clock of ``company`` at ``now``."""
        return now.replace(tzinfo=UTC).astimezone(company_zone(company)).replace(tzinfo=None)

    @api.model
    def _get_holidays(self, company, year):
        """Return the public holidays of ``company`` in ``year`` and the next: its country's and its calendar's."""
        return self._get_days_off(company.country_id, year) | self._get_calendar_holidays(company, year)

    @api.model
    def _get_days_off(self, country, year):
        """Return the public holidays of ``country`` in ``year`` and the next."""
        days = set()
        for known_year in (year, year + 1):
            days |= _get_country_holidays(country.code, known_year) if country.code else set()
        return days

    @api.model
    def _get_calendar_holidays(self, company, year):
        """Return the days off of the company's working calendar, where that module is installed."""
        if "resource.calendar.leaves" not in self.env or "resource_calendar_id" not in company._fields:
            return set()
        leaves = self.env["resource.calendar.leaves"].sudo()
        found = leaves.search(
            [
                ("company_id", "=", company.id),
                ("resource_id", "=", False),
                ("calendar_id", "in", [False, company.resource_calendar_id.id]),
                ("date_to", ">=", datetime(year, 1, 1)),
            ]
        )
        return {day for leave in found for day in self._get_leave_days(company, leave)}

    @api.model
    def _get_leave_days(self, company, leave):
        first, last = (self._get_local_time(company, moment).date() for moment in (leave.date_from, leave.date_to))
        return [first.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1)]

    @api.model
    def _get_window(self, policy):
        """Return the hours of ``policy``."""
        return Window(policy.hour_from, policy.hour_to, policy.send_on_weekend, policy.send_on_holiday)

    @api.model
    def _get_next_opening(self, company, policy, since, quiet=()):
        """Return from when on (UTC, naive) a message of ``policy`` may leave by itself, not before ``since``.

        Without a policy any hour will do. None where there is none within a year.

        :param quiet: days of the week (Monday is 0) on which the customer isn't written to
        """
        if not policy:
            return since
        opening = self._get_local_opening(company, policy, self._get_local_time(company, since), quiet)
        if not opening:
            return None
        return opening.replace(tzinfo=company_zone(company)).astimezone(UTC).replace(tzinfo=None)

    @api.model
    def _get_opening_day(self, company, policy, day, quiet=()):
        """Return the first day from ``day`` on, on which a message of ``policy`` may leave: see the next opening."""
        if not policy:
            return day
        opening = self._get_local_opening(company, policy, datetime.combine(day, time()), quiet)
        return opening and opening.date()

    @api.model
    def _get_local_opening(self, company, policy, local, quiet):
        return self._get_window(policy).next_opening(local, self._get_holidays(company, local.year), quiet)
