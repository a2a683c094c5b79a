"""Handing messages over to a mail server: one connection for a batch, and what became of each."""

import logging
import smtplib

from odoo.tools import email_normalize

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from .abstract import Outcome, TransportDown

_logger = logging.getLogger(__name__)

# Answers of a mail server: refused for good from here on; it is closing the connection.
PERMANENT = 500
CLOSING = 421


class SmtpTransport:
    """The connections of a batch, one for each mail server, reused from message to message.

    A plain object: it lives longer than the transactions of the notices that it carries.
    """

    def __init__(self):
        self._sessions = {}
        # Messages that are ready, by notice.
        self.ready = {}
        # Ids of what waits in the chatter to be called sent, by notice.
        self.waiting = {}
        # Why nothing else is handed to a mail server: it broke off in the middle of a message.
        self._broken = {}
        # What is the same for all notices of a sender.
        self.known = {}

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for session in self._sessions.values():
            self._quit(session)

    def _quit(self, session):
        try:
            if session:
                session.quit()
        except (smtplib.SMTPException, OSError):
            _logger.debug("The mail server had hung up already")

    def connect(self, mail_server, email_from, renew=False):
        """Return the session in which messages from ``email_from`` leave.

        :raise TransportDown: where the mail server can't be reached
        """
        key = self._find_server(mail_server, email_from)
        if key in self._broken:
            raise TransportDown(self._broken[key])
        if renew and key in self._sessions:
            self._quit(self._sessions.pop(key))
        if key not in self._sessions:
            server_id, smtp_from = key
            try:
                self._sessions[key] = mail_server._connect__(mail_server_id=server_id, smtp_from=smtp_from)
            except Exception as error:
                raise TransportDown(str(error)) from error
        return self._sessions[key]

    def _find_server(self, mail_server, email_from):
        if email_from not in self.known:
            server, smtp_from = mail_server.sudo()._find_mail_server(email_from)
            if email_normalize(smtp_from) == email_normalize(email_from):
                # The same address, but with the name of who speaks.
                smtp_from = email_from
            self.known[email_from] = (server.id if server else None, smtp_from)
        return self.known[email_from]

    def send(self, mail_server, message, email_from):
        """Hand ``message`` over; a connection that was lost between two messages is opened again.

        One that was lost in the middle of a message isn't: the others would wait as long, and be
        as uncertain. They stay queued for the next run.

        :return: its :class:`Outcome`
        """
        try:
            for renew in (False, True):
                session = self.connect(mail_server, email_from, renew)
                outcome = Handover(session).run(mail_server, message)
                if outcome.state != "queued":
                    break
        except TransportDown as error:
            return Outcome("queued", "transport_error", str(error))
        if outcome.state == "uncertain":
            self._broken[self._find_server(mail_server, email_from)] = outcome.detail
        return outcome


class Handover:
    """One message over one session. Knows whether the message itself was already on its way."""

    def __init__(self, session):
        self._session = session
        self._is_on_its_way = False

    def run(self, mail_server, message):
        """Return ``sent``, ``failed`` (refused), ``uncertain``, or ``queued`` (the connection was lost before)."""
        try:
            with self._watch():
                mail_server.send_email(message, smtp_session=self._session)
        except smtplib.SMTPServerDisconnected as error:
            return self._lost(error)
        except MailDeliveryException as error:
            return self._refused(error.__context__ or error)
        except AssertionError as error:
            return Outcome("failed", "transport_error", str(error))
        return Outcome("sent")

    def _watch(self):
        return _Watch(self, self._session)

    def mark(self):
        """The message itself is being handed over: from here on it may have left."""
        self._is_on_its_way = True

    def _lost(self, error):
        if self._is_on_its_way:
            return Outcome("uncertain", "interrupted", str(error))
        return Outcome("queued", "transport_error", str(error))

    def _refused(self, error):
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            codes = [code for code, _answer in error.recipients.values()]
            if CLOSING in codes:
                return Outcome("queued", "transport_error", self._get_answers(error))
            reason = "bounce" if all(code >= PERMANENT for code in codes) else "transport_error"
            return Outcome("failed", reason, self._get_answers(error))
        if isinstance(error, smtplib.SMTPResponseException):
            if error.smtp_code == CLOSING:
                # It says so in place of an answer: whatever it was given, it hasn't taken.
                return Outcome("queued", "transport_error", _decode(error.smtp_error))
            return Outcome("failed", "transport_error", f"{error.smtp_code} {_decode(error.smtp_error)}")
        if isinstance(error, OSError):
            return self._lost(error)
        return Outcome("uncertain" if self._is_on_its_way else "failed", "transport_error", str(error))

    def _get_answers(self, error):
        answers = error.recipients.items()
        return "; ".join(f"{address}: {code} {_decode(answer)}" for address, (code, answer) in answers)


class _Watch:
    """While open, the session says when it begins to hand the message itself over."""

    def __init__(self, handover, session):
        self._handover = handover
        self._session = session

    def __enter__(self):
        if self._session is not None:
            data = self._session.data

            def watched(*args, **kwargs):
                self._handover.mark()
                return data(*args, **kwargs)

            self._session.data = watched

    def __exit__(self, *error):
        if self._session is not None:
            self._session.__dict__.pop("data", None)


def _decode(answer):
    return answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
