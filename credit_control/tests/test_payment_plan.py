from datetime import datetime

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_promise import CreditPromiseCommon, day
from .common_send import MailCatcher


class PaymentPlanCommon(CreditPromiseCommon):
    def _new_plan(self, user=None, **values):
        """Return a draft: 2 000 in three weekly parts from 10 March 2025."""
        plans = self.env["credit.payment.plan"].with_user(user or self.collector).with_company(self.company)
        return plans.create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "move_line_ids": [Command.set(self.item.ids)],
                "count": 3,
                "date_first": day(10),
                "unit": "week",
                **values,
            }
        )

    def _agreed(self, **values):
        with self.at(1):
            plan = self._new_plan(**values)
            plan.action_agree()
        return plan


@tagged("post_install", "-at_install")
class TestPaymentPlan(PaymentPlanCommon):
    """Several promises agreed together."""

    def test_agreed(self):
        with self.at(1):
            plan = self._new_plan()
            self.assertEqual(plan.amount, 2000.0)
            plan.action_schedule()
            self.assertRecordValues(
                plan.line_ids,
                [
                    {"number": 1, "date": day(10), "amount": 666.67},
                    {"number": 2, "date": day(17), "amount": 666.67},
                    {"number": 3, "date": day(24), "amount": 666.66},
                ],
            )
            plan.action_agree()
        self.assertEqual((plan.state, plan.date_agreed, plan.next_date), ("active", day(1), day(10)))
        self.assertEqual(plan.promise_ids.mapped("channel"), ["plan"] * 3)
        debtor = self.env["credit.debtor"].search([("partner_id", "=", self.customer.id)])
        self.assertIn("Payment plan agreed", debtor.message_ids[0].body)
        self.assertEqual(debtor.plan_count, 1)

    def test_made_by_hand_on_the_screen(self):
        with self.at(1), Form(self.env["credit.payment.plan"].with_user(self.collector)) as form:
            form.partner_id = self.customer
            form.count = 2
            form.move_line_ids.add(self.item)
            self.assertEqual(form.amount, 2000.0)
            for number, amount in ((10, 1500.0), (20, 500.0)):
                with form.line_ids.new() as line:
                    line.date, line.amount = day(number), amount
        plan = form.record
        with self.at(1):
            plan.action_agree()
        self.assertEqual(plan.promise_ids.mapped("amount"), [1500.0, 500.0])

    def test_what_is_promised_is_not_dunned(self):
        """All of it is promised: no reminder, and no leak."""
        self._agreed()
        for number in (5, 13, 16):
            with self.at(number):
                run = self._plan(day(number))
                if number < 14:
                    self.assertFalse(run.notice_ids)
                    self.assertEqual(self._reason(self.invoice, run), "promised")
                leaks = self.env["credit.open.item"].search([("is_leak", "=", True), ("move_id", "=", self.invoice.id)])
                self.assertFalse(leaks)

    def test_what_is_not_in_the_plan_is_asked(self):
        """1 500 of 2 000 in instalments: 500 are asked meanwhile."""
        self._agreed(amount=1500.0)
        with self.at(5):
            run = self._plan(day(5))
        self.assertEqual(run.notice_ids.amount_total, 500.0)

    def test_paid(self):
        plan = self._agreed()
        for number in (10, 17, 24):
            with self.at(number):
                self._pay(self.invoice, 666.67 if number < 24 else 666.66, number)
        self.assertEqual((plan.state, plan.amount_kept, plan.progress), ("done", 2000.0, 100.0))
        self.assertEqual(
            self.env["credit.promise"]._get_reliability(self.customer, self.company)[self.customer.id], (3, 3)
        )

    def test_a_missed_instalment_ends_it(self):
        """The first is paid, the second isn't: what is left is claimed again, at the step where it stood."""
        plan = self._agreed()
        with self.at(10):
            self._pay(self.invoice, 666.67, 10)
        self._evaluate(20)
        self.assertEqual(plan.state, "active", "the tolerance runs")
        self._evaluate(21)
        self.assertEqual((plan.state, plan.date_ended), ("broken", day(21)))
        self.assertEqual(plan.promise_ids.mapped("state"), ["kept", "broken", "cancelled"])
        self.assertTrue(plan.activity_ids)
        with self.at(21):
            run = self._plan(day(21))
        self.assertEqual((run.notice_ids.step_id, run.notice_ids.amount_total), (self.first, 1333.33))

    def _undo(self, payment):
        """Take a payment off the invoice; return the items to reconcile anew."""
        lines = payment.move_id.line_ids.filtered(lambda line: line.account_id == self.item.account_id)
        lines.remove_move_reconcile()
        return lines + self.item

    def test_matched_anew(self):
        """3 x 1 000, the first paid on its day; on the 20th its matching is undone and done again.

        The plan ends and runs again; the two instalments to come are promised as before.
        """
        invoice = self._invoice(1000.0, "2025-02-01")
        self.item += self._receivable(invoice)
        plan = self._agreed(unit="month")
        self.assertEqual(plan.promise_ids.mapped("amount"), [1000.0] * 3)
        with self.at(10):
            payment = self._pay(self.invoice, 1000.0, 10)
        self.item = self._receivable(self.invoice)
        with self.at(20):
            lines = self._undo(payment)
            self.assertEqual((plan.state, plan.date_ended), ("broken", day(20)))
            self.assertEqual(plan.promise_ids.mapped("state"), ["broken", "cancelled", "cancelled"])
            lines.reconcile()
            self.assertEqual((plan.state, plan.date_ended), ("active", False))
            self.assertEqual(plan.promise_ids.mapped("state"), ["kept", "open", "open"])
            self.assertEqual(plan.promise_ids.mapped("amount_left"), [0.0, 1000.0, 1000.0])
            self.assertEqual((plan.amount_kept, plan.amount_left), (1000.0, 2000.0))
            self.assertFalse(self._plan(day(20)).notice_ids, "what is left is promised")
        self.assertFalse(plan.activity_ids, "nothing was missed")
        debtor = self.env["credit.debtor"].search([("partner_id", "=", self.customer.id)])
        self.assertIn("Payment plan runs again", debtor.message_ids[0].body)

    def test_received_late_and_missed_again_since(self):
        """The transfer of the 10th is entered on the 21st: by then the second instalment is missed too."""
        plan = self._agreed()
        self._evaluate(14)
        self.assertEqual(plan.promise_ids.mapped("state"), ["broken", "cancelled", "cancelled"])
        with self.at(21):
            self._pay(self.invoice, 666.67, 10)
        self.assertEqual(plan.promise_ids.mapped("state"), ["kept", "broken", "cancelled"])
        self.assertEqual((plan.state, plan.date_ended), ("broken", day(21)))
        self.assertEqual(len(plan.activity_ids), 1)
        debtor = self.env["credit.debtor"].search([("partner_id", "=", self.customer.id)])
        self.assertFalse(debtor.message_ids.filtered(lambda message: "runs again" in message.body))

    def test_received_late_and_all_of_it(self):
        """Ended on the 14th; on the 21st all of it turns out to have been paid on the 10th."""
        plan = self._agreed()
        self._evaluate(14)
        with self.at(21):
            self._pay(self.invoice, 2000.0, 10)
        self.assertEqual(plan.promise_ids.mapped("state"), ["kept"] * 3)
        self.assertEqual((plan.state, plan.date_ended), ("done", day(21)))
        self.assertFalse(plan.activity_ids)

    def test_what_was_agreed_since_stands(self):
        """Missed, and the rest was promised anew before the late payment was known: the plan stays ended."""
        plan = self._agreed()
        self._evaluate(14)
        promise = self._promise(1333.33, on=28, recorded=15)
        with self.at(16):
            self._pay(self.invoice, 666.67, 10)
        self.assertEqual(plan.promise_ids.mapped("state"), ["kept", "cancelled", "cancelled"])
        self.assertEqual((plan.state, promise.state, promise.amount_left), ("broken", "open", 1333.33))

    def test_what_was_credited_is_not_promised_again(self):
        """1 333.33 are credited: the last two are cancelled by that, and stay so when the plan runs again."""
        plan = self._agreed()
        with self.at(5):
            self._credit(1000.0, 5)
        self.assertEqual(plan.promise_ids.mapped("state"), ["open", "open", "cancelled"])
        self._evaluate(14)
        self.assertEqual(plan.promise_ids.mapped("state"), ["broken", "cancelled", "cancelled"])
        with self.at(15):
            self._pay(self.invoice, 666.67, 10)
        self.assertEqual(plan.promise_ids.mapped("state"), ["kept", "open", "cancelled"])
        self.assertEqual((plan.state, plan.amount_left), ("active", 333.33))

    def test_a_miss_that_does_not_end_it(self):
        plan = self._agreed(ends_on_miss=False)
        self._evaluate(14)
        self.assertEqual(plan.state, "active")
        with self.at(14):
            run = self._plan(day(14))
        self.assertEqual(run.notice_ids.amount_total, 666.67, "what was missed, and no more")
        self._evaluate(28)
        self.assertEqual(plan.state, "broken")

    def test_credited_meanwhile(self):
        """A credit note lowers the last instalments; the others go on."""
        plan = self._agreed()
        with self.at(5):
            self._credit(1333.33, 5)
        self.assertEqual(plan.promise_ids.mapped("state"), ["open", "cancelled", "cancelled"])
        with self.at(10):
            self._pay(self.invoice, 666.67, 10)
        self.assertEqual(plan.state, "done")

    def test_cancelled(self):
        plan = self._agreed()
        plan.action_cancel()
        self.assertEqual(set(plan.promise_ids.mapped("state")), {"cancelled"})
        with self.at(5):
            self.assertEqual(self._plan(day(5)).notice_ids.amount_total, 2000.0)
        with self.assertRaisesRegex(UserError, "is over"):
            plan.action_cancel()

    def test_what_is_refused(self):
        with self.at(1):
            for values, words in (
                ({"count": 100, "amount": 0.5}, "fewer instalments"),
                ({"amount": 2000.01}, "no more than"),
                ({"move_line_ids": False, "amount": 10.0}, "Choose open invoices"),
                ({"date_first": "2025-02-27"}, "before today"),
            ):
                with self.subTest(values=values), self.assertRaisesRegex(UserError, words):
                    self._new_plan(**values).action_agree()
            plan = self._new_plan()
            plan.action_schedule()
            plan.line_ids[0].amount = 1.0
            with self.assertRaisesRegex(ValidationError, "add up to"):
                plan.action_agree()
        plan = self._agreed()
        for act in (plan.action_agree, plan.action_schedule):
            with self.assertRaisesRegex(UserError, "agreed already"):
                act()
        with self.assertRaisesRegex(UserError, "can't be deleted"):
            plan.unlink()
        with self.assertRaisesRegex(UserError, "cancel the payment plan"):
            plan.promise_ids[0].action_cancel()
        with self.assertRaisesRegex(UserError, "promised already"), self.at(1):
            self._new_plan(amount=10.0).action_agree()

    def test_a_reader_agrees_nothing(self):
        plan = self._new_plan()
        for act in ("action_agree", "action_cancel", "action_send"):
            with self.assertRaises(AccessError):
                getattr(plan.with_user(self.reader), act)()


@tagged("post_install", "-at_install")
class TestPaymentPlanMessages(PaymentPlanCommon, MailCatcher):
    """Announced before each instalment, agreed in writing."""

    def _leaves(self, number):
        """Let the nightly job and the sender run on a day of March; return what left."""
        self._evaluate(number)
        with self.at(number), self.catch_words() as server:
            self.env["credit.dunning.notice"]._cron_send(now=datetime(2025, 3, number, 16, 0))
        return server.messages

    def test_announced_once_each(self):
        plan = self._agreed(remind_days=4)
        self.assertFalse(self._leaves(5))
        (message,) = self._leaves(6)
        self.assertIn("666.67", message["Subject"])
        notice = plan.promise_ids[0].notice_ids
        self.assertEqual((notice.purpose, notice.state), ("instalment_due", "sent"))
        self.assertIn("03/10/2025", notice.body)
        self.assertFalse(self._leaves(7))
        self.assertEqual(len(self._leaves(13)), 1, "the second")

    def test_never_announced_where_it_says_so(self):
        self._agreed(remind_days=0)
        self.assertFalse(self._leaves(10))

    def test_an_instalment_paid_early_is_not_announced(self):
        plan = self._agreed(remind_days=4)
        self._evaluate(6)
        with self.at(6):
            self._pay(self.invoice, 666.67, 6)
        self.assertFalse(self._leaves(6))
        self.assertEqual(plan.promise_ids[0].notice_ids.reason, "settled")

    def test_a_paused_customer_is_not_written_to(self):
        self._agreed(remind_days=4)
        self.env["credit.dunning.pause"].create(
            {"partner_id": self.customer.id, "company_id": self.company.id, "reason": "Illness"}
        )
        self.assertFalse(self._leaves(6))
        notice = self.env["credit.dunning.notice"].search([("purpose", "=", "instalment_due")])
        self.assertEqual((notice.state, notice.reason), ("cancelled", "paused"))

    def test_a_part_that_was_paid_is_not_asked(self):
        self._agreed(remind_days=4)
        with self.at(5):
            self._pay(self.invoice, 500.0, 5)
        (message,) = self._leaves(6)
        self.assertIn("166.67", message["Subject"])

    def test_the_hours_are_kept(self):
        self._agreed(remind_days=4)
        self._evaluate(7)
        with self.at(8), self.catch_words() as server:
            self.env["credit.dunning.notice"]._cron_send(now=datetime(2025, 3, 8, 16, 0))
        self.assertFalse(server.messages, "a Saturday")

    def test_the_agreement_is_printed(self):
        plan = self._agreed()
        report = self.env["ir.actions.report"].with_user(self.collector)
        html = report._render_qweb_html("credit_control.report_payment_plan", plan.ids)[0].decode()
        for words in ("Payment plan", "666.67", "666.66", "1,333.33", "03/24/2025", self.invoice.name, "2,000.00"):
            self.assertIn(words, html)
        self.assertIn("the plan ends", html)

    def test_the_agreement_speaks_the_currency_of_the_invoices(self):
        """1 200 in gold at 3 for one of ours: two instalments of 600, though the plan is kept as 400 of ours."""
        gold = self.setup_other_currency("HRK", rates=[("2024-10-01", 3.0)])
        invoice = self._invoice(1200.0, "2025-02-01", currency_id=gold.id)
        plan = self._agreed(move_line_ids=[Command.set(self._receivable(invoice).ids)], count=2)
        self.assertEqual(plan.amount, 400.0)
        report = self.env["ir.actions.report"].with_user(self.collector)
        html = report._render_qweb_html("credit_control.report_payment_plan", plan.ids)[0].decode()
        values = plan.promise_ids[:1]._get_document_amount(plan.move_line_ids, plan.amount, plan.company_id)
        self.assertEqual(values, (1200.0, gold))
        for words in ("1,200.00", "600.00"):
            self.assertIn(words, html)
        self.assertNotIn("400.00", html)
        with self.at(1):
            plan.action_send()
        self.assertIn("600.00", self._get_mail(plan))

    def _get_mail(self, plan):
        notice = plan.promise_ids.notice_ids.with_user(self.collector)
        return notice._render_mail_contents(attachments=False)[notice.id].body

    def test_a_contact_without_an_address_is_written_to_at_the_customer_s(self):
        contact = self.env["res.partner"].create(
            {"name": "Accounts payable", "parent_id": self.customer.id, "type": "invoice"}
        )
        plan = self._agreed(contact_id=contact.id)
        report = self.env["ir.actions.report"].with_user(self.collector)
        html = report._render_qweb_html("credit_control.report_payment_plan", plan.ids)[0].decode()
        for words in ("Accounts payable", "1 rue de la Paix", "75002 Paris"):
            self.assertIn(words, html)

    def test_the_agreement_is_sent_once(self):
        plan = self._agreed(remind_days=0)
        with self.at(3):
            plan.action_send()
            with self.assertRaisesRegex(UserError, "sent already"):
                plan.action_send()
        (message,) = self._leaves(3)
        names = [part.get_filename() for part in message.iter_attachments()]
        self.assertEqual(names, ["Payment plan.pdf"])

    def test_the_agreement_is_sent_after_an_instalment_was_kept(self):
        plan = self._agreed(remind_days=0)
        with self.at(10):
            self._pay(self.invoice, 666.67, 10)
        self.assertEqual(plan.promise_ids.sorted("date").mapped("state"), ["kept", "open", "open"])
        with self.at(11):
            plan.action_send()
        self.assertTrue(plan.is_sent)
        (message,) = self._leaves(11)
        self.assertEqual([part.get_filename() for part in message.iter_attachments()], ["Payment plan.pdf"])

    def test_only_what_runs_is_sent(self):
        with self.assertRaisesRegex(UserError, "agree it first"):
            self._new_plan().action_send()
