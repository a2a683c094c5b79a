from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ..core import priority
from .test_agenda import CreditAgendaCommon


@tagged("post_install", "-at_install")
class TestColleagueQuestion(CreditAgendaCommon):
    """A collector asks a colleague; the answer, or its absence, comes back on the agenda."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson = new_test_user(
            cls.env,
            "credit_seller",
            "base.group_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.customer.user_id = cls.salesperson
        cls.card = cls.env["credit.debtor"]._ensure(cls.company, cls.customer.ids)
        cls.card.collector_id = cls.collector
        cls.env["credit.agenda.engine"]._rank(cls.company, cls.today)

    def _ask(self, **values):
        action = self._as_collector(self.card).action_ask_colleague()
        wizards = self.env["credit.colleague.question"].with_user(self.collector).with_context(**action["context"])
        with Form(wizards) as form:
            form.question = "Was the delivery complete?"
        form.record.write(values)
        form.record.action_ask()
        return self.env["mail.activity"].search([("res_model", "=", "credit.debtor"), ("res_id", "=", self.card.id)])

    def test_the_salesperson_is_asked_without_any_right(self):
        question = self._ask()
        self.assertEqual((question.user_id, question.create_uid), (self.salesperson, self.collector))
        self.assertIn(self.customer.name, question.summary)
        self.assertGreaterEqual(question.date_deadline, self.today + timedelta(days=2))
        self.assertEqual(question.with_user(self.salesperson).summary, question.summary)
        self.assertNotIn(self.salesperson.partner_id, self.card.message_partner_ids)

    def test_the_answer_comes_back_on_the_agenda(self):
        question = self._ask()
        self.assertNotIn(self.card, self._due(), "the colleague has time")
        question.with_user(self.salesperson).action_feedback(feedback="Two boxes were missing")
        self.assertEqual((self.card.agenda_action, self.card.agenda_date), (priority.ACTIVITY, self.today))
        self.assertIn("has answered", self._as_collector(self.card).agenda_label)
        self.assertFalse(self.card.acted_on, "a colleague's answer is no work on the customer")
        self.assertTrue(self.card.message_ids.filtered(lambda message: "Two boxes" in message.body))
        answer = self.env["mail.activity"].search([("res_id", "=", self.card.id), ("user_id", "=", self.collector.id)])
        self.assertIn("Two boxes", answer.note)
        answer.with_user(self.collector).action_feedback()
        self.assertFalse(self.card.agenda_action)
        self.assertEqual(self.card.acted_by_id, self.collector)

    def _due(self):
        return self._get_agenda().filtered(lambda card: card.agenda_date <= self.today)

    def test_without_an_answer_the_customer_comes_back_on_the_next_day(self):
        question = self._ask(date_deadline=self.today)
        self.assertEqual(self.card.agenda_date, self.today + timedelta(days=1))
        question.with_user(self.collector).unlink()
        self.assertFalse(self.card.agenda_action)

    def test_what_a_collector_plans_stands_on_the_agenda(self):
        card = self._as_collector(self.card)
        card.activity_schedule(
            "mail.mail_activity_data_todo",
            self.today,
            summary="Look for the order",
            user_id=self.collector.id,
            automated=False,
        )
        self.assertEqual((card.agenda_action, card.agenda_date), (priority.ACTIVITY, self.today))
        self.assertEqual(card.agenda_label, "Do what was planned: Look for the order")

    def test_what_the_system_plans_does_not(self):
        self.card.activity_schedule("mail.mail_activity_data_todo", self.today, user_id=self.collector.id)
        self.env["credit.agenda.engine"]._rank(self.company, self.today)
        self.assertFalse(self.card.agenda_action)

    def test_a_call_goes_first(self):
        self.first.channel_ids = self.phone
        self.customer.phone = "01 23 45 67 89"
        due = self.today - timedelta(days=12)
        self._invoice(2000.0, due, issued=due - timedelta(days=30))
        self._plan(self.today).action_approve()
        self._ask().with_user(self.salesperson).action_feedback(feedback="Yes")
        self.assertEqual(self.card.agenda_action, priority.CALL)

    def test_bad_input(self):
        with self.assertRaisesRegex(UserError, "later day"):
            self._ask(date_deadline=self.today - timedelta(days=1))
        with self.assertRaisesRegex(UserError, "not yourself"):
            self._ask(user_id=self.collector.id)
        with self.assertRaises(AccessError):
            self.env["credit.colleague.question"].with_user(self.reader).create({"debtor_id": self.card.id})
