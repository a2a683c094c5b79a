from datetime import timedelta

from odoo.fields import Date
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_send import CreditSendCommon

BOUNCE = """\
Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mail.example.com>
To: bounce@example.com
Subject: Undelivered Mail Returned to Sender
Message-Id: <report-{key}@mail.example.com>
Content-Type: multipart/report; report-type=delivery-status; boundary="XX"

--XX
Content-Type: text/plain

I could not deliver it.

--XX
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.com

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--XX
Content-Type: message/rfc822

From: us@example.com
To: {address}
Message-Id: {reference}
Subject: Reminder

Please pay
--XX--
"""

REPLY = """\
From: {sender}
To: catchall@example.com
Subject: Re: Reminder
Message-Id: <reply-{key}@example.com>
In-Reply-To: {reference}
References: {reference}
{extra}Content-Type: text/plain

We pay on Friday.
"""


@tagged("post_install", "-at_install")
class TestMailGateway(CreditSendCommon):
    """What comes back by mail finds its notice and its debtor."""

    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger("odoo.addons.mail.models.mail_thread"))
        self.keys = iter(range(100))
        self.notice = self._new_notice()
        self._send(self.notice)
        self.debtor = self.notice.debtor_id
        self.debtor.collector_id = self.collector

    def _receive(self, template, **values):
        self.env["mail.thread"].message_process(
            None, template.format(key=next(self.keys), reference=self.notice.message_ref, **values)
        )

    def _bounce(self, address="exemple@example.com", action="failed", status="5.1.1", words="550 No such user"):
        self._receive(BOUNCE, address=address, action=action, status=status, words=words)

    def _reply(self, sender="Accounts <exemple@example.com>", extra=""):
        self._receive(REPLY, sender=sender, extra=extra)

    def _pauses(self):
        return self.env["credit.dunning.pause"].search([("partner_id", "=", self.customer.id)])

    # -- bounces --------------------------------------------------------------------

    def test_bounce(self):
        self._bounce()
        self.assertEqual((self.notice.state, self.notice.reason), ("bounced", "bounce"))
        self.assertIn("No such user", self.notice.detail)
        self.assertFalse(self.notice.line_ids.live)
        self.assertEqual(self.notice.mail_message_id.notification_ids.notification_status, "bounce")

    def test_bounce_comes_twice(self):
        self._bounce()
        outcome_at = self.notice.outcome_at
        self._bounce()
        self.assertEqual((self.notice.state, self.notice.outcome_at), ("bounced", outcome_at))

    def test_delay_is_no_bounce(self):
        """A server that says "still trying" has not given up."""
        self._bounce(action="delayed", status="4.4.1", words="Connection timed out")
        self.assertEqual(self.notice.state, "sent")
        self.assertFalse(self.customer.message_bounce)

    def test_arrival_reported(self):
        self._bounce(action="delivered", status="2.0.0", words="250 ok")
        self.assertEqual(self.notice.state, "delivered")

    def test_bounce_of_an_uncertain_one_settles_it(self):
        self.notice.sudo()._apply({"state": "uncertain"})
        self._bounce()
        self.assertEqual(self.notice.state, "bounced")

    def test_one_of_two_recipients_bounces(self):
        """The other has read it: the step is reached; the dead address isn't written to again."""
        self.customer.email = "a@example.com, b@example.com"
        self._invoice(70, Date.to_date("2024-12-02"))
        self.notice = self._new_notice(Date.to_date("2025-01-31"))
        self._send(self.notice)
        self.assertEqual(self.notice.address, "a@example.com, b@example.com")
        self._bounce(address="a@example.com")
        self.assertEqual(self.notice.state, "sent")
        reach = self.env["credit.channel.email"]._reach(self.email, self.debtor)[self.debtor.id]
        self.assertEqual(reach.address, "b@example.com")
        self._bounce(address="b@example.com")
        self.assertEqual(self.notice.state, "bounced")

    # -- answers --------------------------------------------------------------------

    def test_reply_lands_on_the_debtor_and_pauses(self):
        self._reply()
        message = self.debtor.message_ids.filtered(lambda message: message.message_type == "email")
        self.assertIn("We pay on Friday", message.body)
        [pause] = self._pauses()
        self.assertEqual(pause.date_end, Date.today() + timedelta(days=7))
        self.assertEqual((self.notice.state, self.notice.reason), ("delivered", "replied"))
        [activity] = self.debtor.activity_ids
        self.assertEqual(activity.user_id, self.collector)

    def test_where_nobody_collects_a_manager_is_asked(self):
        """In their own language; a manager of another company isn't."""
        stranger = self._new_stranger(self.setup_other_company()["company"])
        self.env["res.lang"]._activate_lang("fr_FR")
        self.manager.lang = "fr_FR"
        self.env.ref("credit_control.group_manager").user_ids = stranger + self.manager
        self.notice._apply({"user_id": False, "approved_by_id": False})
        self.debtor.collector_id = self.debtor.portfolio_id = False
        self._reply()
        [activity] = self.debtor.activity_ids
        self.assertEqual(activity.user_id, self.manager)
        self.assertIn("Répondre", activity.summary)

    def test_a_reply_is_turned_into_a_promise_or_a_dispute(self):
        card = self.debtor.with_user(self.collector).with_company(self.company)
        self.assertFalse(card.reply_preview)
        self._reply()
        card.message_post(body="They mean it", message_type="comment", subtype_xmlid="mail.mt_note")
        card.invalidate_recordset()
        self.assertIn("We pay on Friday", card.reply_preview, "what colleagues write is no answer of the customer")
        context = card.action_reply_promise()["context"]
        self.assertEqual((context["default_channel"], context["default_note"]), ("email", card.reply_preview))
        wizard = self.env["credit.promise.wizard"].with_user(self.collector).with_context(**context)
        wizard.create({"company_id": self.company.id}).action_record()
        promise = self.env["credit.promise"].search([("partner_id", "=", self.customer.id)])
        self.assertIn("We pay on Friday", promise.note)
        card.invalidate_recordset()
        self.assertFalse(card.reply_preview, "it is answered")
        self.assertIn("default_note", card.action_reply_dispute()["context"])

    def test_two_replies_one_pause(self):
        self._reply()
        self._reply()
        self.assertEqual(len(self._pauses()), 1)
        self.assertEqual(len(self.debtor.activity_ids), 1)

    def test_days_of_the_pause(self):
        self.company.credit_reply_pause_days = 3
        self._reply()
        self.assertEqual(self._pauses().date_end, Date.today() + timedelta(days=3))

    def test_no_pause_wanted(self):
        self.company.credit_reply_pause_days = 0
        self._reply()
        self.assertFalse(self._pauses())
        self.assertTrue(self.debtor.activity_ids)

    def test_absence_note_pauses_nothing(self):
        for extra in ("Auto-Submitted: auto-replied\n", "X-Autoreply: yes\n", "Precedence: auto_reply\n"):
            self._reply(extra=extra)
        self.assertFalse(self._pauses())
        self.assertEqual(self.notice.state, "sent")

    def test_our_own_people_pause_nothing(self):
        self.collector.email = "collector@example.com"
        self._reply(sender="Collector <collector@example.com>")
        self.assertFalse(self._pauses())

    def test_reply_to_an_uncertain_one_settles_it(self):
        self.notice.sudo()._apply({"state": "uncertain"})
        self._reply()
        self.assertEqual(self.notice.state, "delivered")
