from datetime import datetime

from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from .common_promise import CreditPromiseCommon, day
from .common_send import MailCatcher


@tagged("post_install", "-at_install")
class TestPromiseMessage(CreditPromiseCommon, MailCatcher):
    """The message that confirms a promise: sent by choice, once, and never what doesn't hold any more."""

    def _confirmed(self, **values):
        with self.at(3):
            return self._declare(600.0, confirm=True, **values)

    def _send_queued(self, number=3):
        """Let the sender run in the hours of the policy, with the library's own words; return what left."""
        with self.at(number), self.catch_words() as server:
            self.env["credit.dunning.notice"]._cron_send(now=datetime(2025, 3, number, 16, 0))
        return server.messages

    def test_confirmed_in_words(self):
        promise = self._confirmed()
        notice = promise.confirmation_id
        self.assertEqual((notice.state, notice.channel_id, notice.step_id.id), ("queued", self.email, False))
        self.assertEqual(notice.title, "Promise confirmed")
        (message,) = self._send_queued()
        self.assertIn("600.00", message["Subject"])
        body = notice.body
        self.assertIn("We have noted that you will pay", body)
        self.assertIn(self.invoice.name, body.replace("<wbr/>", ""))
        self.assertEqual(notice.state, "sent")

    def test_it_reads_without_a_promise(self):
        """A person may send the text where there is no promise: no gap in the sentences."""
        run = self._plan(day(3))
        notice = run.notice_ids
        for kind in ("mail", "letter"):
            notice.template_id = self.env.ref(f"credit_control.text_{kind}_promise_confirmed")
            content = notice._render_mail_contents(attachments=False)[notice.id]
            self.assertEqual(content.subject, "Your promise to pay")
            self.assertNotIn("will pay  by", content.text)
            self.assertIn("you will pay", content.text)

    def test_once_whatever_is_clicked(self):
        promise = self._confirmed()
        first = promise.confirmation_id
        promise.with_user(self.collector).action_confirm()
        self.assertEqual(promise.notice_ids, first)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env["credit.dunning.notice"].create(
                {
                    **{
                        name: first[name].id
                        for name in ("company_id", "partner_id", "debtor_id", "channel_id", "promise_id")
                    },
                    "date": day(3),
                    "mode": "auto",
                    "purpose": "promise_confirmed",
                }
            )

    def test_a_promise_taken_back_is_not_confirmed(self):
        promise = self._confirmed()
        promise.with_user(self.collector).action_cancel()
        notice = promise.notice_ids
        self.assertFalse(self._send_queued())
        self.assertEqual((notice.state, notice.reason), ("cancelled", "promise_over"))
        with self.assertRaisesRegex(UserError, "nothing to confirm"):
            promise.with_user(self.collector).action_confirm()

    def test_what_was_paid_meanwhile_is_not_confirmed(self):
        promise = self._confirmed()
        with self.at(3):
            self._pay(self.invoice, 600.0, 3)
        self.assertFalse(self._send_queued())
        self.assertEqual(promise.notice_ids.reason, "settled")

    def test_nothing_leaves_in_test_mode(self):
        self.company.credit_test_mode = True
        self._confirmed()
        self.assertFalse(self._send_queued())

    def test_it_holds_no_reminder_back_and_counts_as_none(self):
        """Another invoice is reminded although the confirmation waits; it advances no step."""
        other = self._invoice(300.0, "2025-02-01")
        promise = self._confirmed()
        with self.at(3):
            run = self._plan(day(3))
        self.assertIn(self._receivable(other), run.notice_ids.line_ids.filtered("step_id").move_line_id)
        self._send_queued()
        self.assertFalse(promise.confirmation_id.line_ids.step_id)
        self.assertFalse(other.credit_level_step_id)

    def test_who_cannot_be_written_to(self):
        self.customer.write({"email": False, "street": False, "city": False})
        promise = self._confirmed()
        self.assertFalse(promise.notice_ids)
        with self.assertRaisesRegex(UserError, "Boulangerie Exemple"):
            promise.with_user(self.collector).action_confirm()

    def test_a_letter_where_there_is_no_mail(self):
        self.customer.email = False
        promise = self._confirmed()
        notice = promise.confirmation_id
        self.assertEqual(notice.channel_id, self.letter)
        self.assertEqual(notice.template_id, self.env.ref("credit_control.text_letter_promise_confirmed"))

    def test_a_broken_one_is_named_in_its_answer(self):
        """The step that answers a broken promise speaks of that one, not of a newer one on other invoices."""
        other = self._receivable(self._invoice(300.0, "2025-02-01"))
        self._promise(2000.0)
        self._evaluate(14)
        self._promise(300.0, on=25, recorded=15, items=other)
        step = self.env["credit.dunning.step"].create(
            {
                "policy_id": self.policy.id,
                "name": "Promise broken",
                "delay_basis": "promise_broken",
                "sequence": 9,
                "mode": "auto",
                "channel_ids": [(6, 0, self.email.ids)],
            }
        )
        with self.at(16):
            notice = self._plan(day(16)).notice_ids
            self.assertEqual(notice.step_id, step)
            text = notice._render_mail_contents(attachments=False)[notice.id].text
        self.assertIn("2,000.00", text)
        self.assertIn("03/10/2025", text)
        self.assertNotIn("03/25/2025", text)


@tagged("post_install", "-at_install")
class TestPromiseScreens(CreditPromiseCommon):
    """Recorded from the card, the invoice and the call."""

    def _wizard(self, action, **values):
        wizard = self.env["credit.promise.wizard"].with_user(self.collector).with_company(self.company)
        return wizard.with_context(**action["context"]).create(values)

    def test_from_the_card(self):
        other = self._invoice(100.0, "2025-06-01")
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids).with_user(self.collector)
        with self.at(3):
            wizard = self._wizard(debtor.action_promise())
            self.assertEqual((wizard.item_ids, wizard.amount), (self.item, 2000.0), "what is overdue")
            self.assertEqual(wizard.channel, "phone")
            wizard.item_ids += self._receivable(other)
            self.assertEqual(wizard.amount, 2100.0)
            wizard.write({"amount": 500.0, "date": day(20)})
            wizard.action_record()
        promise = debtor.promise_ids
        self.assertEqual((promise.amount, promise.date, len(promise.move_line_ids)), (500.0, day(20), 2))

    def test_from_the_list(self):
        """The customer is chosen there, and then another."""
        other = self._new_customer("Atelier Nord")
        theirs = self._receivable(self._invoice(300.0, "2025-02-01", partner=other))
        with self.at(3), Form(self.env["credit.promise.wizard"].with_user(self.collector)) as form:
            form.partner_id = self.customer
            self.assertEqual(form.amount, 2000.0)
            form.partner_id = other
            self.assertEqual((form.item_ids[:], form.amount), (theirs, 300.0))

    def test_after_an_answer_by_mail(self):
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
        debtor._note_reply(self.customer, "x@example.com")
        self.assertEqual(debtor.pause_ids.source, "reply")
        self.assertEqual(self._wizard(debtor.action_promise()).channel, "email")

    def test_from_the_invoice(self):
        with self.at(3):
            wizard = self._wizard(self.invoice.with_user(self.collector).action_credit_promise())
            self.assertEqual((wizard.partner_id, wizard.item_ids), (self.customer, self.item))
            wizard.action_record()
        self.assertEqual(self.invoice.credit_promise_ids.amount, 2000.0)

    def test_said_where_it_cannot_be_confirmed(self):
        self.customer.write({"email": False, "street": False, "city": False})
        wizard = self._wizard(self.invoice.with_user(self.collector).action_credit_promise(), confirm=True)
        self.assertEqual(wizard.action_record()["tag"], "display_notification")

    def test_from_a_call(self):
        contact = self.env["res.partner"].create({"name": "Accounts payable", "parent_id": self.customer.id})
        self.policy.step_ids[:1].channel_ids = self.phone
        self.customer.phone = "+33 1 23 45 67 89"
        with self.at(3):
            run = self._plan(day(3))
            run.action_approve()
            call = self.env["credit.dunning.call.wizard"].with_user(self.collector)
            wizard = call.create(
                {
                    "notice_id": run.notice_ids.id,
                    "outcome": "promise",
                    "promise_date": day(9),
                    "promise_amount": 2000.0,
                    "contact_id": contact.id,
                    "note": "Next payment run",
                }
            )
            wizard.action_record()
        promise = self.invoice.credit_promise_ids
        self.assertRecordValues(
            promise, [{"amount": 2000.0, "contact_id": contact.id, "channel": "phone", "note": "Next payment run"}]
        )

    def test_the_card_says_how_far_their_word_is_good(self):
        self._promise(100.0, state="kept")
        self._promise(100.0, state="broken")
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids).with_user(self.reader)
        self.assertEqual(debtor.promise_reliability, "1 of 2")


@tagged("post_install", "-at_install")
class TestPromiseTour(CreditPromiseCommon, HttpCase):
    """A collector's work in the browser."""

    def test_recorded_and_planned(self):
        """Record a promise on the customer's card, then a payment plan for the rest."""
        self.collector.password = "credit_collector"
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
        url = f"/odoo/credit-customers/{debtor.id}"
        self.start_tour(url, "credit_control_promise", login=self.collector.login, timeout=180)
        promise = self.env["credit.promise"].search([("partner_id", "=", self.customer.id), ("plan_id", "=", False)])
        self.assertRecordValues(promise, [{"amount": 500.0, "state": "open", "note": "By transfer"}])
        plan = self.env["credit.payment.plan"].search([("partner_id", "=", self.customer.id)])
        self.assertRecordValues(plan, [{"amount": 1500.0, "state": "active", "user_id": self.collector.id}])
        self.assertEqual(plan.promise_ids.mapped("amount"), [500.0] * 3)
