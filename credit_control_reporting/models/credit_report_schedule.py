import logging

from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.credit_control.models.company_day import company_today

from ..core import schedule
from .credit_report import PDF, XLSX

_logger = logging.getLogger(__name__)

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]
KINDS = {"xlsx": (XLSX,), "pdf": (PDF,), "both": (XLSX, PDF)}


class CreditReportSchedule(models.Model):
    """A report that is mailed to people again and again: which, to whom, when.

    Each recipient gets the report as they would see it themselves: with their own rights, in the companies of the
    schedule, in their language unless the schedule says another. A period is mailed once: the mails and the next date
    are written in one transaction, on a row that is locked, so that neither a crash nor a second server repeats it.
    """

    _name = "credit.report.schedule"
    _description = "Report mailed on a schedule"
    _inherit = ["mail.thread"]
    _order = "next_date, id"

    name = fields.Char(required=True, help="Stands as the subject of the mail.")
    active = fields.Boolean(default=True)
    report = fields.Selection(selection="_select_report", required=True)
    options = fields.Json(help="The options of the report, as its screen had them.")
    options_text = fields.Char(string="Options shown", compute="_compute_options_text")
    kind = fields.Selection(
        [("xlsx", "Workbook (XLSX)"), ("pdf", "PDF"), ("both", "Workbook and PDF")],
        string="Format",
        required=True,
        default="xlsx",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        default=lambda self: self.env.user,
        index=True,
        help="Is told where a mail couldn't be made.",
    )
    recipient_ids = fields.Many2many(
        "res.users",
        "credit_report_schedule_recipient_rel",
        string="Recipients",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="Internal users who may read the report; each gets it with their own rights.",
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    company_ids = fields.Many2many(
        "res.company",
        "credit_report_schedule_company_rel",
        string="Companies reported",
        required=True,
        default=lambda self: self.env.companies,
        help="The report is of these companies together. Recipients must have access to each.",
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        help="Without one each recipient gets it in their own.",
    )
    frequency = fields.Selection(
        [("daily", "Every day"), ("weekly", "Every week"), ("monthly", "Every month")],
        required=True,
        default="monthly",
    )
    weekday = fields.Selection(WEEKDAYS, default="0", help="On which day of the week it is mailed.")
    month_day = fields.Integer(
        string="Day of the month", default=1, help="On which day it is mailed; 31 is the last day of every month."
    )
    reported_day = fields.Selection(
        [("day", "The day of the mail"), ("day_before", "The day before"), ("month_end", "The end of the last month")],
        string="As of",
        required=True,
        default="month_end",
        help="As of which day the report is made.",
    )
    next_date = fields.Date(
        string="Next mail",
        compute="_compute_next_date",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        copy=False,
    )
    last_date = fields.Date(string="Last mail", readonly=True, copy=False)
    last_error = fields.Text(string="Last error", readonly=True, copy=False)

    _month_day_range = models.Constraint("CHECK (month_day BETWEEN 1 AND 31)", "A day of the month is from 1 to 31.")

    @api.model
    def _select_report(self):
        return list(self.env["credit.report"]._get_reports().items())

    @api.depends("report", "options")
    @api.depends_context("lang")
    def _compute_options_text(self):
        for one in self:
            try:
                one.options_text = one.report and one._get_report()._describe_report_values(one._get_options())
            except UserError as error:
                one.options_text = str(error)

    @api.depends("frequency", "weekday", "month_day")
    def _compute_next_date(self):
        for one in self:
            one.next_date = one._get_next_date(company_today(one))

    def _get_next_date(self, after):
        return schedule.next_day(self.frequency or "daily", after, int(self.weekday or 0), max(self.month_day, 1))

    def _get_report(self):
        return self.env["credit.report"]._get_registered(self.report)

    def _get_options(self):
        """Return the options of the report, as its screen had them.

        :raise UserError: where a program wrote something else
        """
        options = self.options or {}
        if not isinstance(options, dict):
            raise UserError(self.env._("%s: the options of the report can't be read.", self.name))
        return options

    @api.onchange("report")
    def _onchange_report(self):
        """Name it after the report; options of another report mean nothing to this one."""
        if self.report:
            self.name = self.name or self._get_report()._get_report_title()

    # -- who may get it ---------------------------------------------------------------

    @api.constrains("recipient_ids", "company_ids", "company_id", "report", "options", "kind")
    def _check_schedule(self):
        for one in self:
            one._check_companies()
            one._check_kind()
            for user in one.recipient_ids:
                one._check_recipient(user)

    def _check_companies(self):
        if self.company_id not in self.company_ids:
            raise ValidationError(
                self.env._(
                    "%(schedule)s: %(company)s must be among the companies reported.",
                    schedule=self.name,
                    company=self.company_id.name,
                )
            )
        if self.env.su:
            return
        foreign = self.company_ids - self.env.user.company_ids
        if foreign:
            names = ", ".join(foreign.sudo().mapped("name"))
            raise ValidationError(
                self.env._("%(schedule)s: you have no access to %(companies)s.", schedule=self.name, companies=names)
            )

    def _check_kind(self):
        reports = self.env["credit.report"]
        for kind in KINDS[self.kind]:
            reports._get_registered(self.report, kind)
        if not self.recipient_ids:
            raise ValidationError(self.env._("%s: say who gets it.", self.name))

    def _check_recipient(self, user):
        """Raise where ``user`` mustn't get the report, or its options can't be read."""
        words = {"schedule": self.name, "user": user.sudo().name}
        if user.share or not user.active:
            raise ValidationError(self.env._("%(schedule)s: %(user)s isn't an internal user.", **words))
        if self.company_ids - user.sudo().company_ids:
            raise ValidationError(
                self.env._("%(schedule)s: %(user)s has no access to all companies of the report.", **words)
            )
        try:
            report = self._get_report_of(user)
            report._check_report_access()
        except AccessError as error:
            raise ValidationError(self.env._("%(schedule)s: %(user)s mustn't read this report.", **words)) from error
        report._check_report_values(self._get_values(company_today(self)))

    def _get_report_of(self, user):
        """Return the report as ``user`` sees it."""
        user = user.sudo()
        companies = (self.company_id | self.company_ids).ids
        context = {"lang": self.lang or user.lang, "tz": user.tz, "allowed_company_ids": companies}
        return self._get_report().with_user(user).with_context(**context)

    def _get_values(self, day):
        """Return the options of the report that is mailed on ``day``."""
        as_of = schedule.reported_day(self.reported_day, day)
        return {**self._get_options(), "as_of": fields.Date.to_string(as_of)}

    # -- mailing ----------------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Mail what is due, schedule by schedule; one that fails tells its owner, and stops no other."""
        due = [one.id for one in self.search([]) if one.next_date <= company_today(one)]
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for schedule_id in due:
            self.browse(schedule_id)._send_due()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _send_due(self):
        """Mail this schedule once, unless another server does or did."""
        locked = self.try_lock_for_update().filtered_domain(Domain("active", "=", True))
        if not locked or locked.next_date > company_today(locked):
            return
        day = company_today(locked)
        locked._send(day)
        locked.write({"next_date": locked._get_next_date(day), "last_date": day})

    def _send(self, day):
        """Make the mails of ``day``; what goes wrong is told to the owner."""
        self.ensure_one()
        sent, errors = [], []
        for user in self.recipient_ids:
            try:
                with self.env.cr.savepoint():
                    self._mail_to(user, day)
                sent.append(user.name)
            except Exception as error:  # one recipient stops no other
                _logger.warning("%s: %s gets no mail", self.name, user.login, exc_info=True)
                errors.append(f"{user.name}: {error}")
        self.last_error = "\n".join(errors)
        if sent:
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
            self._message_log(body=self.env._("Mailed to %s", ", ".join(sent)))
        if errors:
            self._tell_owner(errors)

    def _mail_to(self, user, day):
        self._check_recipient(user)
        if not user.email:
            raise UserError(self.env._("there is no e-mail address."))
        report = self._get_report_of(user)
        values = self._get_values(day)
        files = [report._render_report(values, kind) for kind in KINDS[self.kind]]
        mail = self.env["mail.mail"].sudo().create(self._prepare_mail(report, user, values))
        # Of the mail alone: who may read the schedule mayn't therefore read what others were sent.
        owner = {"res_model": "mail.message", "res_id": mail.mail_message_id.id}
        attachments = self.env["ir.attachment"].sudo()
        for file in files:
            attachments += attachments.create(
                {"name": file.name, "raw": file.content, "mimetype": file.mimetype, **owner}
            )
        mail.attachment_ids = [Command.set(attachments.ids)]

    def _prepare_mail(self, report, user, values):
        as_of = format_date(report.env, values["as_of"])
        body = Markup("<p>%s</p><p>%s</p><p>%s</p>") % (
            report.env._("%(report)s as of %(day)s", report=self.name, day=as_of),
            report._describe_report_values(values),
            report.env._("%(owner)s has it mailed to you on a schedule.", owner=self.user_id.sudo().name),
        )
        return {
            "subject": f"{self.name} · {as_of}",
            "body_html": body,
            "email_from": self.company_id.sudo().email_formatted or self.user_id.sudo().email_formatted,
            "recipient_ids": [Command.link(user.partner_id.id)],
            "auto_delete": True,
        }

    def _tell_owner(self, errors):
        env = self.with_context(lang=self.user_id.lang).env
        body = Markup("<p>%s</p><ul>%s</ul>") % (
            env._("Not everybody got “%s”:", self.name),
            Markup().join(Markup("<li>%s</li>") % error for error in errors),
        )
        self.message_post(body=body, partner_ids=self.user_id.partner_id.ids, subtype_xmlid="mail.mt_note")

    def action_send_now(self):
        """Mail it now, beside its dates."""
        self.ensure_one()
        self.check_access("write")
        self.lock_for_update()
        self.sudo()._send(company_today(self))
        failed = bool(self.last_error)
        message = (
            self.last_error if failed else self.env._("On its way to %s", ", ".join(self.recipient_ids.mapped("name")))
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"message": message, "type": "danger" if failed else "success"},
        }

    def action_open_report(self):
        """Open the report on the screen."""
        self.ensure_one()
        xmlid = self._get_report()._get_report_action()
        if not xmlid:
            raise UserError(self.env._("%s has no screen of its own.", self.name))
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        # Which report it is stands there already, where several share a screen.
        action["params"] = {**(action.get("params") or {}), "values": self._get_options()}
        return action
