"""One answer to "what day is it?".

The client's answer depends on who asks (``fields.Date.context_today`` takes the user's time
zone, a cron has none): what a person enters in Sydney on Tuesday morning would lie in the
future for the cron that sends the reminders. Whatever is entered, planned, guarded and shown
goes by the wall calendar of the company instead.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytz

from odoo import api, models
from odoo.exceptions import UserError

from ..core.days import YEARS, read_day


def company_zone(company: models.Model) -> ZoneInfo:
    """Return the company's own time zone, else its country's first, else UTC."""
    return ZoneInfo(company._get_credit_zone_name())


def country_zone_name(code: str | None) -> str:
    """Return the name of the first time zone of a country, by its code; UTC where none is known."""
    return (pytz.country_timezones.get(code or "") or ["UTC"])[0]


def company_today(records: models.Model) -> date:
    """Return the day that it is for the company of ``records``.

    :param records: a company, or a single record that has one; else the current company counts
    """
    company = records.env.company
    if len(records) == 1:
        own = records if records._name == "res.company" else records._fields.get("company_id") and records.company_id
        company = own or company
    return zone_today(company_zone(company))


def company_day(record: models.Model, moment: datetime) -> date:
    """Return the day that ``moment`` (UTC, naive, as Odoo keeps it) was for the company of ``record``."""
    return moment.replace(tzinfo=UTC).astimezone(company_zone(record.company_id)).date()


def zone_today(zone: ZoneInfo) -> date:
    """Return the day that it is in a time zone: for who asks often, and knows the company's zone already."""
    return datetime.now(UTC).astimezone(zone).date()


def asked_day(env: api.Environment, answer: date | str | None) -> date | None:
    """Return the day that a screen, a link or a program asks for; None where it asks for none.

    :raise UserError: what is no day, or lies where nothing can be counted from it any more
    """
    try:
        return read_day(answer)
    except ValueError as error:
        message = env._(
            "%(answer)s isn't a date: year-month-day is expected, from %(first)s to %(last)s.",
            answer=answer,
            first=YEARS[0],
            last=YEARS[-1],
        )
        raise UserError(message) from error


def companies_by_day(env: api.Environment, today: date | None = None) -> dict[date, models.Model]:
    """Return all companies by the day it is for them: what works on all at once asks this, not a clock.

    :param today: the day that counts for every company instead
    """
    companies = env["res.company"].sudo().search([])
    return companies.grouped(lambda company: today or company_today(company))
