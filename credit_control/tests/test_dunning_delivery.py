import base64
import errno
import os
import smtplib
from datetime import date, datetime, timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Date
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server

from ..channels.abstract import Outcome
from ..channels.smtp import SmtpTransport
from .common_send import CreditSendCommon

SENDER = "odoo.addons.credit_control.models.credit_dunning_delivery"
# A Wednesday at noon and at night in Paris.
NOON, NIGHT, SATURDAY, CHRISTMAS = (
    "2026-11-18 11:00:00",
    "2026-11-18 21:00:00",
    "2026-11-21 11:00:00",
    "2026-12-25 11:00:00",
)


@tagged("post_install", "-at_install")
class TestSender(CreditSendCommon):
    """What leaves, when, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.country_id = cls.env.ref("base.fr")
        cls.company.partner_id.tz = "Europe/Paris"

    def _others(self, count):
        for number in range(count):
            self._invoice(100, date(2024, 12, 1), partner=self._new_customer(f"Client Exemple{number}"))

    def test_message_as_it_leaves(self):
        notice = self._new_notice()
        notice.sudo()._apply({"user_id": self.collector.id})
        [message] = self._send(notice)
        self.assertEqual(message["Message-Id"], notice.message_ref)
        self.assertEqual(message["To"], '"Boulangerie Exemple" <exemple@example.com>')
        self.assertEqual(message["Auto-Submitted"], "auto-generated")
        self.assertIn("credit_collector", message["From"])
        self.assertEqual(notice.address, "exemple@example.com")
        self.assertEqual(notice.recipient_ids, self.customer)
        self.assertIn("1000.00", notice.body)

    def test_it_stands_in_the_chatter_of_the_debtor(self):
        notice = self._new_notice()
        self._send(notice)
        chatter = notice.debtor_id.message_ids.filtered(lambda message: message.message_type == "email_outgoing")
        self.assertEqual(chatter, notice.mail_message_id)
        self.assertEqual(chatter.message_id, notice.message_ref)
        self.assertEqual(chatter.notification_ids.notification_status, "sent")
        self.assertFalse(chatter.with_user(self.collector).is_internal)

    def test_next_message_belongs_to_the_thread(self):
        first = self._new_notice(date(2024, 12, 12))
        self._send(first)
        [message] = self._send(self._new_notice(date(2024, 12, 31)))
        self.assertEqual(message["References"], first.message_ref)

    def test_twice_asked_once_sent(self):
        notice = self._new_notice()
        self.assertEqual(len(self._send(notice)), 1)
        self.assertEqual(len(self._send(notice)), 0)

    def test_only_what_is_approved(self):
        self.first.mode = "approve"
        notice = self._plan(date(2024, 12, 30)).notice_ids
        self.assertFalse(self._send(notice))
        self.assertEqual(notice.state, "to_approve")

    def test_one_connection_for_all(self):
        self._others(4)
        self.assertEqual(len(self._send(self._new_notice())), 5)
        self.assertEqual(self.server.connections, 1)

    # -- when -----------------------------------------------------------------------

    def test_cron_keeps_the_hours_of_the_policy(self):
        notice = self._new_notice()
        for moment in (NIGHT, SATURDAY, CHRISTMAS):
            self.assertFalse(self._send_by_cron(moment), moment)
        self.assertEqual(notice.state, "queued")
        self.assertEqual(len(self._send_by_cron(NOON)), 1)

    def test_policy_may_send_on_holidays(self):
        self._new_notice()
        self.policy.send_on_holiday = True
        self.assertEqual(len(self._send_by_cron(CHRISTMAS)), 1)

    def test_quiet_day_of_the_customer(self):
        notice = self._new_notice()
        notice.debtor_id.quiet_wednesday = True
        self.assertFalse(self._send_by_cron(NOON))

    def test_quiet_days_hang_on_no_language(self):
        """The name of a day is French where the server's locale is."""

        class FrenchMonday(date):
            def __format__(self, _spec):
                return "lundi"

        domain = self.env["credit.dunning.hours"]._get_day_domain(FrenchMonday(2026, 11, 23))
        self.assertIn(("debtor_id.quiet_monday", "=", False), domain)

    def test_reminders_wait_for_the_bank(self):
        """Where the company says so: nobody is reminded of what they may have paid, until the bank is fed again."""
        notice = self._new_notice()
        self.company.credit_bank_hold = True
        self.assertFalse(self._send_by_cron(NOON))
        self.assertEqual((notice.state, notice.reason), ("queued", "bank_stale"))
        for journal in self.env["credit.ledger.guard"]._get_stale_journals(self.company):
            self._feed(journal)
        self.assertEqual(len(self._send_by_cron(NOON)), 1)
        self.assertEqual((notice.state, notice.reason), ("sent", False))

    def test_what_waited_for_the_bank_waits_no_longer(self):
        """The setting is taken off at an hour at which nothing leaves: the message doesn't go on saying so."""
        notice = self._new_notice()
        self.company.credit_bank_hold = True
        self._send_by_cron(NOON)
        self.company.credit_bank_hold = False
        self.env["credit.dunning.notice"]._note_bank(self.company)
        self.assertEqual((notice.state, notice.reason), ("queued", False))

    def test_a_branch_banks_with_its_company(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        guard = self.env["credit.ledger.guard"]
        stale = guard._get_stale_journals(self.company)
        self.assertTrue(stale)
        self.assertEqual(guard._get_stale_journals(branch), stale)
        own = self.env["account.journal"].create(
            {"name": "Branch bank", "code": "BRB", "type": "bank", "company_id": branch.id}
        )
        self.assertEqual(guard._get_stale_journals(branch), own)

    def test_a_person_sends_without_the_bank(self):
        notice = self._new_notice()
        self.company.credit_bank_hold = True
        self.assertEqual(len(self._send(notice)), 1)

    def _feed(self, journal):
        account = journal.default_account_id
        lines = [Command.create({"account_id": account.id, "debit": amount}) for amount in (1.0, 0.0)]
        lines[1][2]["credit"] = 1.0
        move = self.env["account.move"].create({"journal_id": journal.id, "date": Date.today(), "line_ids": lines})
        move.action_post()

    def test_postponed(self):
        notice = self._new_notice()
        notice.with_user(self.collector).action_reschedule(date(2026, 11, 19))
        self.assertFalse(self._send_by_cron(NOON))
        self.assertEqual(len(self._send_by_cron("2026-11-19 11:00:00")), 1)

    def test_a_person_sends_at_any_hour(self):
        notice = self._new_notice()
        notice.with_user(self.collector).action_reschedule(Date.today() + timedelta(days=3))
        self.assertEqual(len(self._send(notice)), 1)

    def test_a_person_reads_when_it_leaves(self):
        """Saturday noon in Paris: from Monday at eight; on Tuesday where Monday is quiet; not before it is planned."""
        notice = self._new_notice()
        self.assertEqual(self._leaves_from(notice, SATURDAY), datetime(2026, 11, 23, 7))
        notice.debtor_id.quiet_monday = True
        self.assertEqual(self._leaves_from(notice, SATURDAY), datetime(2026, 11, 24, 7))
        notice.with_user(self.collector).action_reschedule(date(2026, 11, 26))
        self.assertEqual(self._leaves_from(notice, SATURDAY), datetime(2026, 11, 26, 7))

    def _leaves_from(self, notice, moment):
        notice.invalidate_recordset(["leaves_from"])
        with freeze_time(moment):
            return notice.with_user(self.collector).leaves_from

    def test_what_leaves_at_once_or_never_by_itself_names_no_hour(self):
        notice = self._new_notice()
        self.assertFalse(self._leaves_from(notice, NOON))
        self.policy.send_on_weekend = True
        self.assertFalse(self._leaves_from(notice, SATURDAY))
        self.policy.send_on_weekend = False
        notice.sudo()._apply({"channel_id": self.letter.id})
        self.assertFalse(self._leaves_from(notice, SATURDAY))

    def test_the_button_sends_what_is_approved_only(self):
        self.first.mode = "approve"
        run = self._plan(date(2024, 12, 30))
        notice = run.notice_ids.with_user(self.collector)
        with self.catch_mail() as server:
            with self.assertRaisesRegex(UserError, "Boulangerie Exemple"):
                notice.action_send()
            notice.action_approve()
            with self.assertRaises(AccessError):
                notice.with_user(self.reader).action_send()
            self.assertFalse(server.messages)
            notice.action_send()
        self.assertEqual((len(server.messages), notice.state, run.state), (1, "sent", "done"))

    def test_the_day_on_which_it_left_is_the_company_s(self):
        """An hour after midnight in London it is still the day before in New York: it left on the run's own day."""
        self.company.partner_id.tz = "America/New_York"
        day = date(2025, 1, 15)
        with freeze_time("2025-01-15 01:00:00"):
            notice = self._new_notice(day)
            self._send(notice)
            self.assertEqual(notice.left_on, day)
            self.assertFalse(self._plan(day).notice_ids)

    def test_a_run_dated_before_what_left_repeats_nothing(self):
        self._send(self._new_notice(date(2024, 12, 30)))
        run = self._plan(date(2024, 12, 20))
        self.assertFalse(run.notice_ids)

    def test_cron_leaves_printing_and_calls_to_people(self):
        self.customer.phone = "+33142685300"
        self.first.channel_ids = self.letter + self.phone
        notices = self._new_notice()
        self._send_by_cron(NOON)
        self.assertEqual(notices.mapped("state"), ["queued", "queued"])
        self._send(notices)
        self.assertEqual(
            {notice.channel_id: notice.state for notice in notices}, {self.letter: "sent", self.phone: "queued"}
        )

    # -- nothing leaves ---------------------------------------------------------------

    def test_test_mode(self):
        notice = self._new_notice()
        self.company.credit_test_mode = True
        self.assertFalse(self._send(notice))
        self.assertFalse(self._send_by_cron(NOON))
        self.assertEqual((notice.state, notice.reason), ("queued", "test_mode"))
        self.company.credit_test_mode = False
        self.assertEqual(len(self._send(notice)), 1)
        self.assertFalse(notice.reason)

    def test_neutralized_database(self):
        notice = self._new_notice()
        self.env["ir.config_parameter"].sudo().set_param("database.is_neutralized", True)
        self.assertFalse(self._send(notice))
        self.assertEqual((notice.state, notice.reason), ("queued", "neutralized"))

    # -- faults -------------------------------------------------------------------------

    def _fail_for(self, address, error):
        """Let the server raise ``error`` for one recipient, and take the rest."""

        def check(message):
            if address in message["To"]:
                raise error

        return check

    def _send_with(self, notices, before=None, on_data=None):
        with self.catch_mail() as server:
            server.before, server.on_data = before, on_data
            notices.with_user(self.collector)._send_now()
        return server.messages

    @mute_logger("odoo.addons.base.models.ir_mail_server")
    def test_refused_recipient(self):
        """550: it surely hasn't left, the address is dead; the other customer's message leaves."""
        self._others(1)
        notices = self._new_notice()
        refused = smtplib.SMTPRecipientsRefused({"exemple@example.com": (550, b"No such user")})
        messages = self._send_with(notices, before=self._fail_for("<exemple@example.com>", refused))
        self.assertEqual(len(messages), 1)
        notice = notices.filtered(lambda notice: notice.partner_id == self.customer)
        self.assertEqual((notice.state, notice.reason), ("failed", "bounce"))
        self.assertIn("No such user", notice.detail)
        self.assertFalse(notice.mail_message_id)
        self.assertFalse(notice.line_ids.live)
        self.assertEqual((notices - notice).state, "sent")

    @mute_logger("odoo.addons.base.models.ir_mail_server")
    def test_connection_lost_while_handing_over(self):
        """Nobody knows whether it left: uncertain, and never sent again by itself."""
        notice = self._new_notice()

        def hang_up(_message):
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")

        self._send_with(notice, on_data=hang_up)
        self.assertEqual((notice.state, notice.reason), ("uncertain", "interrupted"))
        self.assertFalse(self._send(notice))
        self.assertFalse(self._send_by_cron(NOON))
        self.assertTrue(notice.line_ids.live)
        self.assertFalse(self._plan(date(2025, 1, 15)).notice_ids)

    def test_connection_lost_between_two_messages(self):
        """The server hung up while we were idle: the connection is opened again, nothing is lost."""
        self._others(1)
        notices = self._new_notice()
        lost = [smtplib.SMTPServerDisconnected("please run connect() first")]

        def hang_up_once(_message):
            if lost:
                raise lost.pop()

        self.assertEqual(len(self._send_with(notices, before=hang_up_once)), 2)
        self.assertEqual(notices.mapped("state"), ["sent", "sent"])
        self.assertEqual(self.server.connections, 2)

    @mute_logger(SENDER)
    def test_connection_lost_in_the_middle_ends_the_run(self):
        """One is uncertain, not all that come after it: they stay queued and leave in the next run."""
        self._others(2)
        notices = self._new_notice()

        def hang_up(_message):
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed: timed out")

        self.assertFalse(self._send_with(notices, on_data=hang_up))
        self.assertEqual(sorted(notices.mapped("state")), ["queued", "queued", "uncertain"])
        self.assertEqual(self.server.connections, 1)
        self.assertEqual(len(self._send(notices)), 2)
        self.assertEqual(sorted(notices.mapped("state")), ["sent", "sent", "uncertain"])

    @mute_logger(SENDER)
    def test_no_space_left(self):
        """Not the customer's fault: nothing is failed, the notice says why it waits, and leaves when there is space."""
        self._others(1)
        notices = self._new_notice()
        handler = type(self.env["credit.channel.email"])
        with self.catch_mail(), patch.object(handler, "_render", side_effect=OSError(errno.ENOSPC, "No space left")):
            notices.with_user(self.collector)._send_now()
        self.assertEqual(notices.mapped("state"), ["queued", "queued"])
        self.assertIn(
            ("transport_error", True), [(notice.reason, "space" in (notice.detail or "")) for notice in notices]
        )
        self.assertEqual(len(self._send(notices)), 2)

    @mute_logger(SENDER, "odoo.addons.base.models.ir_attachment")
    def test_a_file_that_is_gone_or_cut_does_not_leave(self):
        """Odoo reads a missing file as empty: the message would go without its invoice."""
        for size in (None, 10):
            notice = self._new_notice()
            attachment = self._attach(notice, os.urandom(500))
            path = attachment._full_path(attachment.store_fname)
            os.unlink(path)
            if size:
                with open(path, "wb") as stream:
                    stream.write(b"x" * size)
            attachment.invalidate_recordset()
            self.assertFalse(self._send(notice))
            self.assertEqual((notice.state, notice.reason), ("failed", "template_error"))
            self.assertIn(attachment.name, notice.detail)

    def _attach(self, notice, content):
        attachment = self.env["ir.attachment"].create(
            {"name": "Invoice.pdf", "raw": content, "res_model": notice._name, "res_id": notice.id}
        )
        notice.sudo().write({"attachment_ids": attachment.ids, "subject": "Reminder", "body": "<p>Please pay</p>"})
        return attachment

    @mute_logger(SENDER)
    def test_mail_server_down(self):
        """All stay queued, none is failed: the next turn of the cron tries again."""
        self._others(1)
        notices = self._new_notice()
        with self.catch_mail(), patch.object(IrMail_Server, "_connect__", side_effect=OSError("No route to host")):
            notices.with_user(self.collector)._send_now()
        self.assertEqual(notices.mapped("state"), ["queued", "queued"])
        self.assertIn("No route to host", "".join(notices.mapped(lambda notice: notice.detail or "")))
        self.assertEqual(len(self._send(notices)), 2)

    def test_without_an_address_of_ours(self):
        """A matter of set-up, not of the customer: nothing is failed, and the reason says what is missing."""
        self.company.email = False
        notice = self._new_notice()
        with mute_logger(SENDER):
            self.assertFalse(self._send(notice))
        self.assertEqual((notice.state, notice.reason), ("queued", "transport_error"))
        self.assertIn(self.company.name, notice.detail)

    @mute_logger(SENDER)
    def test_broken_text_stops_nobody_else(self):
        self._others(2)
        notices = self._new_notice()
        handler = type(self.env["credit.channel.email"])

        with self.catch_mail() as server:
            render = handler._render

            def break_one(model, todo):
                if self.customer in todo.partner_id:
                    raise ValueError("name 'objet' is not defined")
                return render(model, todo)

            with patch.object(handler, "_render", break_one):
                notices.with_user(self.collector)._send_now()
        self.assertEqual(len(server.messages), 2)
        notice = notices.filtered(lambda notice: notice.partner_id == self.customer)
        self.assertEqual((notice.state, notice.reason), ("failed", "template_error"))
        self.assertIn("objet", notice.detail)

    def test_left_behind_by_a_dead_sender(self):
        """``sending`` and held by nobody: uncertain, listed for a person, whose word it takes to send again."""
        notice = self._new_notice()
        notice.sudo()._apply({"state": "sending"})
        self.assertFalse(self._send_by_cron(NOON))
        self.assertEqual((notice.state, notice.reason), ("uncertain", "interrupted"))
        notice.with_user(self.collector).action_retry()
        self.assertEqual(len(self._send_by_cron(NOON)), 1)

    def test_left_behind_while_its_report_is_being_written(self):
        """The transport is asked again once the other has written: what was delivered isn't left as uncertain."""
        notice = self._new_notice()
        notice.sudo()._apply({"state": "sending"})
        answers = [SerializationFailure("could not serialize access"), Outcome("delivered")]
        handler = type(self.env["credit.channel.email"])
        with patch.object(handler, "_settle", side_effect=answers):
            self._send_by_cron(NOON)
        self.assertEqual(notice.state, "delivered")

    def test_more_than_a_click(self):
        """What doesn't fit in a click is left to the cron, which is called."""
        self._others(3)
        notices = self._new_notice()
        with patch(f"{SENDER}.INLINE_LIMIT", 2):
            self.assertEqual(len(self._send(notices)), 2)
        self.assertEqual(sorted(notices.mapped("state")), ["queued", "queued", "sent", "sent"])
        trigger = (
            self.env["ir.cron.trigger"].sudo().search([("cron_id", "=", self.env.ref("credit_control.cron_send").id)])
        )
        self.assertTrue(trigger)

    def test_pictures_go_along_with_the_message(self):
        picture = base64.b64decode("R0lGODlhAQABAAAAACwAAAAAAQABAAA=")
        notice = self._new_notice()
        body = f'<p>Scan <img src="data:image/gif;base64,{base64.b64encode(picture).decode()}" alt="Code"/></p>'
        notice.sudo()._apply({"is_edited": True, "subject": "Reminder", "body": body})
        [message] = self._send(notice)
        html = message.get_body(("html",)).get_content()
        self.assertNotIn("data:image", html)
        [part] = [part for part in message.walk() if part.get_content_type() == "image/gif"]
        self.assertIn(f"cid:{part['Content-ID'].strip('<>')}", html)
        self.assertEqual(part.get_content(), picture)
        self.assertIn("data:image/gif", notice.body, "what is kept needs nothing from elsewhere")

    def test_name_of_the_sender_is_kept(self):
        """Where a company writes from its own default address, Odoo would leave the bare address."""
        sender = '"Comptabilité" <compta@example.com>'
        server = self.env["ir.mail_server"].with_context(domain_notifications_email="compta@example.com")
        server.search([]).active = False
        self.assertEqual(SmtpTransport()._find_server(server, sender)[1], sender)

    def test_companies_are_sent_in_their_own_name(self):
        other = self.setup_other_company(name="Other company of the test")["company"]
        notice = self._new_notice()
        notice.sudo()._apply({"user_id": False})
        self.collector.sudo().write({"company_ids": [Command.link(other.id)], "company_id": other.id})
        [message] = self._send(notice.with_context(allowed_company_ids=[other.id, self.company.id]))
        self.assertEqual(notice.mail_message_id.record_company_id, self.company)
        self.assertIn(self.company.name, message["From"])
