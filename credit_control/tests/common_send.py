from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from odoo import fields

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.credit_control.channels.abstract import Content

from .common import CreditControlCommon

PLAN_DAY = date(2024, 12, 30)


class FakeServer:
    """A mail server that takes messages, or does what ``on_data`` says instead."""

    from_filter = False
    smtp_from = False

    def __init__(self):
        self.messages = []
        self.connections = 0
        self.before = None
        self.on_data = None

    def data(self, message):
        """As in smtplib: the message itself is handed over."""
        if self.on_data:
            self.on_data(message)
        self.messages.append(message)

    def send_message(self, message, smtp_from, smtp_to):
        """As in smtplib: sender and recipients first, then the message."""
        if self.before:
            self.before(message)
        self.data(message)

    def quit(self):
        """As in smtplib."""


class MailCatcher:
    """A mail server that can be watched, beside the fixtures of a test."""

    @contextmanager
    def catch_words(self):
        """Let mail leave to ``self.server`` in its own words."""
        self.server = FakeServer()

        def connect(model, **_kwargs):
            self.server.connections += 1
            return self.server

        with (
            patch.object(IrMail_Server, "_disable_send", lambda *_args: False),
            patch.object(IrMail_Server, "_connect__", connect),
        ):
            yield self.server


class CreditSendCommon(MailCatcher, CreditControlCommon):
    """A customer with one invoice of 1 000 due on 1 December 2024, and a mail server that can be watched."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._invoice(1000, date(2024, 12, 1))

    @contextmanager
    def catch_mail(self):
        """Let mail leave to ``self.server``, with a text that any notice can bear."""
        with self.plain_text(), self.catch_words() as server:
            yield server

    @contextmanager
    def plain_text(self):
        """Write notices without templates: the amount, and nothing else."""

        def render(_handler, notices):
            return {
                notice.id: Content("Reminder", f"<p>Please pay {notice.amount_total:.2f}</p>") for notice in notices
            }

        email, letter = (type(self.env[f"credit.channel.{code}"]) for code in ("email", "letter"))
        with patch.object(email, "_render", render), patch.object(letter, "_render", render):
            yield

    def _new_notice(self, day=PLAN_DAY):
        """Return the approved notice of the run of ``day`` for the one customer."""
        run = self._plan(day)
        run.action_approve()
        return run.notice_ids

    def _send(self, notices):
        """Send as the collector, and return what left."""
        with self.catch_mail() as server:
            notices.with_user(self.collector)._send_now()
        return server.messages

    def _send_by_cron(self, moment):
        """Send as the cron would at ``moment`` (UTC), and return what left."""
        with self.catch_mail() as server:
            self.env["credit.dunning.notice"]._cron_send(now=fields.Datetime.to_datetime(moment))
        return server.messages
