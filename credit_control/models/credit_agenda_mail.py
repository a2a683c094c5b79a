import logging
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from .company_day import company_zone

_logger = logging.getLogger(__name__)

# From this hour of their own day on, and not after noon: then it is no morning's list any more.
FROM_HOUR, TO_HOUR = 6, 12
ROWS = 20


class CreditAgendaMail(models.AbstractModel):
    """The day's list by e-mail, for collectors who don't open Odoo every day.

    What it is: whom to call and why, the most urgent first, as the agenda has it. Once a working day and person at
    most, in the morning of their own time zone; nobody gets an empty one.
    """

    _name = "credit.agenda.mail"
    _description = "The day's list by e-mail"

    @api.model
    def _cron_send(self, now=None):
        """Send the list to those for whom it is morning, each committed on its own.

        :param now: the moment that counts, in UTC; the present one, without
        """
        now = now or datetime.now(UTC)
        for user in self._get_readers():
            self._send_if_due(user, now)
            self.env["ir.cron"]._commit_progress(1)

    def _send_if_due(self, user, now):
        """Send the list of ``user``, unless they have it, don't want it now, or another worker is at it."""
        today = self._get_local(user, now).date()
        user = user.try_lock_for_update(allow_referencing=True)
        if not user or not self._is_due(user, now, today):
            return
        try:
            with self.env.cr.savepoint():
                self._send(user, today)
        except Exception:  # one that can't be written stops no other, and is tried again next hour
            _logger.exception("The agenda of user %s can't be sent", user.id)

    @api.model
    def _get_readers(self):
        """Return the collectors who want the list and have an address."""
        collectors = self.env.ref("credit_control.group_collector").sudo().all_user_ids
        return collectors.filtered(
            lambda user: user.active and not user.share and user.email and user.credit_agenda_mail in ("away", "daily")
        )

    @api.model
    def _get_local(self, user, now):
        """Return the moment on the wall clock of ``user``."""
        return now.astimezone(ZoneInfo(user.tz) if user.tz else company_zone(user.company_id))

    @api.model
    def _is_due(self, user, now, today):
        """Whether it is the morning of a working day, the list hasn't left yet, and the user wants it today."""
        local, company = self._get_local(user, now), user.company_id
        if not FROM_HOUR <= local.hour < TO_HOUR or user.credit_agenda_mailed_on == today:
            return False
        if company._credit_get_working_day_from(today) != today:
            return False
        if user.credit_agenda_mail == "daily":
            return True
        return self._get_last_seen(user) < company._credit_get_working_day_before(today - timedelta(days=1))

    @api.model
    def _get_last_seen(self, user):
        """Return the day on which the user last worked in Odoo, an early one where they never did."""
        devices = self.env["res.device.log"].sudo()
        device = devices.search([("user_id", "=", user.id)], order="last_activity desc", limit=1)
        seen = max(filter(None, (device.last_activity, user.login_date)), default=None)
        return self._get_local(user, seen.replace(tzinfo=UTC)).date() if seen else fields.Date.to_date("1970-01-01")

    def _send(self, user, today):
        """Write the list of ``user``, in their language, as they may see it; an empty one doesn't leave."""
        user.credit_agenda_mailed_on = today
        companies = user.company_ids.ids
        own = self.with_user(user).with_context(lang=user.lang, tz=user.tz, allowed_company_ids=companies)
        values = own._prepare_mail(today)
        if not values["rows"]:
            return
        body = own.env["ir.qweb"]._render("credit_control.agenda_mail", values)
        self.env["mail.mail"].sudo().create(
            {
                "subject": values["subject"],
                "body_html": body,
                "email_to": user.email_formatted,
                "email_from": user.company_id.partner_id.email_formatted or self.env.user.email_formatted,
                "author_id": self.env.ref("base.partner_root").id,
                "auto_delete": True,
                "headers": {"X-Auto-Response-Suppress": "OOF"},
            }
        )

    def _prepare_mail(self, today):
        """Return what the mail shows: how much there is, and the first customers of it."""
        debtors = self.env["credit.debtor"]
        due = [*debtors._get_agenda_domain(), ("agenda_date", "<=", today)]
        count = debtors.search_count(due)
        cards = debtors.search(due, order=debtors._get_agenda_order(), limit=ROWS)
        base = debtors.get_base_url()
        day = format_date(self.env, today)
        return {
            "subject": self.env._("Your agenda: %(count)s customers on %(day)s", count=count, day=day),
            "late": debtors.search_count([*due, ("agenda_date", "<", today)]),
            "count": count,
            "more": count - len(cards),
            "rows": [self._prepare_row(card, base) for card in cards],
            "url": f"{base}/odoo/credit-my-agenda",
        }

    def _prepare_row(self, card, base):
        return {
            "name": card.partner_id.display_name,
            "url": f"{base}/odoo/credit-my-agenda/{card.id}",
            "phone": card.partner_id.phone_sanitized or card.phone,
            "overdue": format_amount(self.env, card.agenda_overdue, card.currency_id),
            "days": card.agenda_days_overdue,
            "action": card.agenda_label,
            "reason": card.priority_reason,
        }
