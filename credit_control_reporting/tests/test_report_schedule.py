import io
from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.credit_control.tests.common import CreditControlCommon

from ..models import credit_report_schedule
from ..models.credit_aged_balance import CreditAgedBalance

LOGGER = credit_report_schedule.__name__
MONDAY = date(2025, 6, 30)


class ReportScheduleCommon(CreditControlCommon):
    """Two companies with one invoice each; the reader knows the first, the manager both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._invoice(1_000.0, date(2025, 6, 1), issued=date(2025, 5, 1))
        cls.foreign = cls.setup_other_company()["company"]
        cls.foreign.currency_id = cls.company.currency_id
        cls.stranger = cls._new_customer("Atelier Étranger")
        cls._invoice(
            77.0,
            date(2025, 6, 1),
            issued=date(2025, 5, 1),
            partner=cls.stranger,
            company_id=cls.foreign.id,
            journal_id=cls.env["account.journal"]
            .search([("company_id", "=", cls.foreign.id), ("type", "=", "sale")], limit=1)
            .id,
        )
        cls.manager.company_ids = [Command.link(cls.foreign.id)]
        for user in (cls.reader, cls.manager, cls.collector):
            user.email = f"{user.login}@example.com"

    @contextmanager
    def _at(self, day):
        """Let it be ``day`` for the companies."""
        with patch.object(credit_report_schedule, "company_today", return_value=day):
            yield


@tagged("post_install", "-at_install")
class TestReportSchedule(ReportScheduleCommon):
    """A report goes out once a period, to each recipient with their own rights; what fails is told to the owner."""

    def _schedule(self, user=None, **values):
        user = user or self.reader
        schedules = self.env["credit.report.schedule"].with_user(user)
        with self._at(date(2025, 6, 20)):
            return schedules.with_context(allowed_company_ids=(self.company | user.company_ids).ids).create(
                {
                    "name": "Aged balance at closing",
                    "report": "credit.aged.balance",
                    "company_ids": [Command.set(self.company.ids)],
                    "options": {"axes": ["customer"]},
                    "recipient_ids": [Command.set(user.ids)],
                    "frequency": "weekly",
                    "reported_day": "day",
                    **values,
                }
            )

    def _mails(self):
        """Return the mails with a report, not those that tell of an error."""
        mails = self.env["mail.mail"].sudo()
        return mails.search(
            [("subject", "like", "Aged balance at closing"), ("attachment_ids", "!=", False)], order="id"
        )

    def _read(self, mail):
        """Return the first and the last column of the workbook's rows."""
        workbook = mail.attachment_ids.filtered(lambda attachment: attachment.name.endswith(".xlsx"))
        page = load_workbook(io.BytesIO(workbook.raw), data_only=True).active
        return [(row[0].value, row[1].value) for row in page.iter_rows(min_row=6)]

    def _cron(self, day):
        with self._at(day), self.enter_registry_test_mode():
            self.env.ref("credit_control_reporting.cron_report_schedule").sudo().method_direct_trigger()

    def test_once_a_period(self):
        schedule = self._schedule()
        self.assertEqual(schedule.next_date, date(2025, 6, 23))
        for day, count in ((22, 0), (23, 1), (23, 1), (24, 1), (30, 2), (30, 2)):
            self._cron(date(2025, 6, day))
            self.assertEqual(len(self._mails()), count, day)
        self.assertEqual((schedule.last_date, schedule.next_date), (MONDAY, date(2025, 7, 7)))

    def test_days_that_were_missed_are_one_mail(self):
        schedule = self._schedule(frequency="daily")
        self._cron(date(2025, 6, 28))
        self.assertEqual((len(self._mails()), schedule.next_date), (1, date(2025, 6, 29)))

    def test_the_second_server_finds_nothing_to_do(self):
        """What one server is mailing is locked; what it has mailed is over when the other gets the lock."""
        schedule = self._schedule()
        with self._at(MONDAY):
            with patch.object(type(schedule), "try_lock_for_update", return_value=schedule.browse()):
                schedule.sudo()._send_due()
            self.assertFalse(self._mails())
            schedule.sudo()._send_due()
            schedule.sudo()._send_due()
        self.assertEqual(len(self._mails()), 1)

    def test_a_crash_leaves_neither_mail_nor_date(self):
        schedule = self._schedule()
        with self._at(MONDAY), self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            with patch.object(type(schedule), "_get_next_date", side_effect=ZeroDivisionError):
                schedule.sudo()._send_due()
        self.assertFalse(self._mails())
        self.assertEqual(schedule.next_date, date(2025, 6, 23))
        self._cron(MONDAY)
        self.assertEqual(len(self._mails()), 1)

    def test_the_mail_holds_the_report(self):
        self._schedule(kind="both", options={"axes": ["customer"], "as_of": "2020-01-01"})
        with patch.object(CreditAgedBalance, "_render_pdf", return_value=b"%PDF"):
            self._cron(MONDAY)
        mail = self._mails()
        self.assertEqual(
            sorted(mail.attachment_ids.mapped("name")), ["Aged balance 2025-06-30.pdf", "Aged balance 2025-06-30.xlsx"]
        )
        self.assertEqual(self._read(mail), [("Boulangerie Exemple", 1_000), ("Total", 1_000)])
        self.assertEqual((mail.recipient_ids, mail.state), (self.reader.partner_id, "outgoing"))
        # Who may read the schedule mayn't therefore read what others were sent.
        self.assertEqual(set(mail.attachment_ids.mapped("res_model")), {"mail.message"})
        with self.assertRaises(AccessError):
            mail.attachment_ids.with_user(self.collector).read(["raw"])

    def test_each_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.collector.lang = "fr_FR"
        self._schedule(recipient_ids=[Command.set((self.reader | self.collector).ids)])
        self._cron(MONDAY)
        subjects = {mail.recipient_ids: mail.subject.rpartition("· ")[2] for mail in self._mails()}
        self.assertEqual(subjects[self.reader.partner_id], "06/30/2025")
        self.assertEqual(subjects[self.collector.partner_id], "30/06/2025")

    def test_companies_are_those_that_everybody_may_see(self):
        both = [Command.set((self.company | self.foreign).ids)]
        with self.assertRaises(AccessError):
            self._schedule(company_ids=both)
        refused = self.assertRaisesRegex(ValidationError, "credit_reader.* no access to all companies")
        with refused, self.cr.savepoint():
            self._schedule(self.manager, company_ids=both, recipient_ids=[Command.set(self.reader.ids)])
        schedule = self._schedule(self.manager, company_ids=both)
        self._cron(MONDAY)
        self.assertEqual(sorted(self._read(self._mails()))[-1], ("Total", 1_077))
        self.assertFalse(schedule.last_error)

    def test_recipients_are_internal_readers(self):
        salesperson = self._new_user("salesperson")
        portal = new_test_user(self.env, "credit_portal", "base.group_portal", company_id=self.company.id)
        plain = new_test_user(self.env, "credit_plain", "base.group_user", company_id=self.company.id)
        for user in (salesperson, portal, plain):
            with self.subTest(user=user.login), self.assertRaisesRegex(ValidationError, user.login):
                self._schedule(recipient_ids=[Command.set(user.ids)])
        with self.assertRaisesRegex(ValidationError, "who gets it"):
            self._schedule(recipient_ids=[Command.clear()])

    def test_rights_lost_since_are_looked_at_again(self):
        schedule = self._schedule(recipient_ids=[Command.set((self.reader | self.collector).ids)])
        self.collector.group_ids = [Command.set(self.env.ref("base.group_user").ids)]
        with mute_logger(LOGGER):
            self._cron(MONDAY)
        self.assertEqual(self._mails().recipient_ids, self.reader.partner_id)
        self.assertIn(self.collector.name, schedule.last_error)
        self.assertEqual(schedule.next_date, date(2025, 7, 7))
        told = schedule.message_ids.filtered(lambda message: self.reader.partner_id in message.partner_ids)
        self.assertIn(self.collector.name, str(told.body))

    def test_options_of_now_are_checked_now(self):
        with self.assertRaisesRegex(UserError, "astrology"):
            self._schedule(options={"axes": ["astrology"]})

    def test_one_that_fails_stops_no_other(self):
        self._schedule(name="Aged balance at closing, first")
        second = self._schedule(name="Aged balance at closing, second")
        render = CreditAgedBalance._render_xlsx
        calls = []

        def fail_once(balance, options, values):
            calls.append(values)
            if len(calls) == 1:
                raise ZeroDivisionError
            return render(balance, options, values)

        with mute_logger(LOGGER), patch.object(CreditAgedBalance, "_render_xlsx", fail_once):
            self._cron(MONDAY)
        self.assertEqual(len(self._mails()), 1)
        self.assertFalse(second.last_error and self._mails().subject.startswith("Aged balance at closing, first"))

    def test_readers_change_their_own_only(self):
        schedule = self._schedule()
        schedule.month_day = 15
        with self.assertRaises(AccessError):
            schedule.with_user(self.collector).month_day = 3
        with self.assertRaises(AccessError):
            schedule.with_user(self.collector).action_send_now()
        schedule.with_user(self.manager).with_context(allowed_company_ids=self.company.ids).month_day = 5
        stranger = self._new_stranger(self.foreign)
        self.assertFalse(self.env["credit.report.schedule"].with_user(stranger).search([("id", "=", schedule.id)]))

    def test_send_now(self):
        schedule = self._schedule()
        before = schedule.next_date
        self.assertEqual(schedule.action_send_now()["params"]["type"], "success")
        self.assertEqual((len(self._mails()), schedule.next_date), (1, before))

    def test_any_report_goes_out(self):
        """Each as each kind of file; those of the registry, so that none is forgotten."""
        for number, name in enumerate(self.env["credit.report"]._get_reports(), 1):
            schedule = self._schedule(report=name, kind="both", options={})
            with self.subTest(report=name):
                self.assertEqual(schedule.action_send_now()["params"]["type"], "success", schedule.last_error)
                mails = self._mails()
                self.assertEqual(len(mails), number)
                self.assertEqual({file.name.rpartition(".")[2] for file in mails[-1].attachment_ids}, {"xlsx", "pdf"})
                action = schedule.action_open_report()
                self.assertEqual(action["params"].get("model", name), name)
                self.assertEqual("model" in action["params"], action["tag"] == "credit_report")

    def test_screen_hands_over_its_options(self):
        balance = self.env["credit.aged.balance"].with_user(self.reader).with_company(self.company)
        action = balance.action_schedule({"axes": ["country"], "as_of": "2025-01-31"})
        self.assertEqual(action["context"]["default_options"], {"axes": ["country"]})
        schedule = self._schedule(options=action["context"]["default_options"])
        self.assertIn("Country", schedule.options_text)
        self.assertEqual(schedule.action_open_report()["params"]["values"], {"axes": ["country"]})
