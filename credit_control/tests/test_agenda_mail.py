from datetime import UTC, datetime, timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .test_agenda import CreditAgendaCommon

# A Wednesday; in the tests the company's clock is UTC.
MORNING = datetime(2025, 3, 12, 7, 30, tzinfo=UTC)


@tagged("post_install", "-at_install")
class TestAgendaMail(CreditAgendaCommon):
    """The day's list by e-mail: in the morning, on working days, once, to those who didn't come."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._new_rule("amount", 1, unit=100)
        cls.env["res.users"].search([]).credit_agenda_mail = "never"
        cls.collector.write({"credit_agenda_mail": "away", "tz": "UTC", "email": "collector@example.com"})
        cls.collector.company_ids = [Command.set(cls.company.ids)]
        cls.today = MORNING.date()
        cls.engine = cls.env["credit.agenda.engine"]
        for name, amount in (("Boulangerie", 900.0), ("Atelier", 2000.0)):
            partner = cls._new_customer(name, phone="01 23 45 67 89")
            cls._invoice(amount, cls.today - timedelta(days=20), partner=partner, issued=cls.today - timedelta(days=50))
            cls.env["credit.debtor"]._ensure(cls.company, partner.ids)
        cls.engine._rank(cls.company, cls.today)

    def _send(self, now=MORNING):
        """Return the mails that left at this moment."""
        before = self.env["mail.mail"].search([])
        lists = self.env["credit.agenda.mail"]
        for user in lists._get_readers():
            lists._send_if_due(user, now)
        return self.env["mail.mail"].search([]) - before

    def test_the_list_of_the_day(self):
        mail = self._send()
        self.assertEqual(mail.email_to, self.collector.email_formatted)
        self.assertIn("2 customers", mail.subject)
        body = mail.body_html
        self.assertLess(body.index("Atelier"), body.index("Boulangerie"), "the most urgent first")
        for words in ("2,000.00", "20", "(+20)", "Look into it", 'href="tel:+33123456789"', "/odoo/credit-my-agenda"):
            self.assertIn(words, body)

    def test_once_a_day(self):
        self.assertTrue(self._send())
        self.assertFalse(self._send(MORNING + timedelta(hours=1)))
        self.assertTrue(self._send(MORNING + timedelta(days=1)))

    def test_in_the_morning_of_the_reader(self):
        self.assertFalse(self._send(MORNING.replace(hour=5)))
        self.assertFalse(self._send(MORNING.replace(hour=12)))
        self.collector.tz = "Europe/Paris"
        self.assertTrue(self._send(MORNING.replace(hour=5)), "six in the morning in Paris")

    def test_on_working_days(self):
        self.assertFalse(self._send(MORNING + timedelta(days=3)))

    def test_who_was_there_needs_none(self):
        seen = (
            self.env["res.device.log"]
            .sudo()
            .create(
                {
                    "user_id": self.collector.id,
                    "session_identifier": "x" * 42,
                    "last_activity": (MORNING - timedelta(days=1)).replace(tzinfo=None),
                }
            )
        )
        self.assertFalse(self._send())
        seen.last_activity -= timedelta(days=1)
        self.assertTrue(self._send(), "on Monday, but not on Tuesday")

    def test_every_day_for_who_wants_it_and_never_for_who_doesn_t(self):
        self.collector.with_user(self.collector).credit_agenda_mail = "never"
        self.assertFalse(self._send())
        self.collector.with_user(self.collector).credit_agenda_mail = "daily"
        self.assertTrue(self._send())

    def test_an_empty_list_stays_here(self):
        self.env["credit.debtor"].search([]).write({"postponed_until": self.today + timedelta(days=9)})
        self.engine._rank(self.company, self.today)
        self.assertFalse(self._send())

    def test_only_their_own_customers_and_companies(self):
        card = self.env["credit.debtor"].search([("partner_id.name", "=", "Atelier")])
        card.collector_id = self.manager
        self.engine._rank(self.company, self.today)
        mail = self._send()
        self.assertNotIn("Atelier", mail.body_html)
        self.assertIn("Boulangerie", mail.body_html)

    def test_hostile_names_stay_text(self):
        self.env["credit.debtor"].search([("partner_id.name", "=", "Atelier")]).partner_id.name = "<script>x</script>"
        self.assertNotIn("<script>", self._send().body_html)

    def test_whoever_isn_t_a_collector_gets_none(self):
        self.reader.write({"credit_agenda_mail": "daily", "email": "reader@example.com"})
        self.assertEqual(self._send().email_to, self.collector.email_formatted)

    def test_the_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("credit_control.cron_agenda_mail").sudo().method_direct_trigger()


@tagged("post_install", "-at_install")
class TestDigest(CreditAgendaCommon):
    """Figures in Odoo's digest, each for the roles that may know it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.digest = cls.env.ref("credit_control.digest_credit_control")
        cls.late = cls._invoice(1000.0, cls.today - timedelta(days=10), issued=cls.today - timedelta(days=40))
        cls.salesperson = cls._new_user("salesperson")

    def _get_figures(self, user):
        """Return ``{figure: value of the last 24 hours}`` as ``user`` gets them."""
        kpis = self.digest.sudo()._compute_kpis(self.company, user)
        return {kpi["kpi_name"]: kpi["kpi_col1"]["value"] for kpi in kpis}

    def test_what_is_overdue_and_what_came_in(self):
        payment = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.late.ids
        )
        payment.create({"amount": 250.0, "payment_date": self.today}).action_create_payments()
        figures = self._get_figures(self.manager)
        self.assertIn("750", figures["kpi_credit_overdue"])
        self.assertIn("250", figures["kpi_credit_collected"])

    def test_contacts_promises_and_warnings(self):
        self._plan(self.today).action_approve()
        notice = self.env["credit.dunning.notice"].search([("partner_id", "=", self.customer.id)])
        notice.sudo()._apply({"state": "sent", "left_on": self.today})
        rule = self.env.ref("credit_control.signal_evasive")
        self.env["credit.signal"].with_user(self.collector)._raise(self.customer, self.company, rule)
        figures = self._get_figures(self.collector)
        self.assertEqual(figures["kpi_credit_contacts"], 1)
        self.assertEqual(figures["kpi_credit_signals"], 1)
        self.assertEqual(figures["kpi_credit_broken"], 0)

    def test_a_salesperson_gets_their_own_warnings_and_no_totals(self):
        rule = self.env.ref("credit_control.signal_evasive")
        mine = self._new_customer("Atelier Mien", user_id=self.salesperson.id)
        for customer in (mine, self.customer):
            self.env["credit.signal"].with_user(self.collector)._raise(customer, self.company, rule)
        figures = self._get_figures(self.salesperson)
        self.assertEqual(figures.keys(), {"kpi_credit_broken", "kpi_credit_signals"})
        self.assertEqual(figures["kpi_credit_signals"], 1)

    def test_others_get_nothing(self):
        self.assertFalse(self._get_figures(self._new_user("dispute_owner")))

    def test_it_is_written_as_a_mail(self):
        self.digest.user_ids = self.manager
        before = self.env["mail.mail"].search([])
        self.digest.sudo().action_send()
        mail = self.env["mail.mail"].search([]) - before
        self.assertIn("Received from customers", mail.body_html)
