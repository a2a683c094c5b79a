from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .test_agenda import CreditAgendaCommon


@tagged("post_install", "-at_install")
class TestAgendaGuard(CreditAgendaCommon):
    """What may be missing in the books is said before anybody is reminded: on the agenda, and on the run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.company_data["default_journal_bank"]
        cls.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", cls.company.id)]).filtered(
            lambda journal: journal != cls.bank
        ).active = False
        due = cls.today - timedelta(days=12)
        cls._invoice(2000.0, due, issued=due - timedelta(days=30))
        cls.card = cls.env["credit.debtor"]._ensure(cls.company, cls.customer.ids)
        cls.env["credit.agenda.engine"]._rank(cls.company, cls.today)

    def _feed_bank(self, days_ago):
        account = self.company_data["default_account_revenue"]
        self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.bank.id,
                "date": self.today - timedelta(days=days_ago),
                "line_ids": [Command.create({"account_id": account.id, "balance": side}) for side in (1.0, -1.0)],
            }
        ).action_post()

    def _read(self, user=None):
        cards = self.card.with_user(user or self.collector).with_context(allowed_company_ids=self.company.ids)
        return {guard["key"].split("/")[0]: guard for guard in cards.action_read_guards()}

    def test_a_silent_bank_is_told_until_it_is_fed(self):
        self.assertIn(self.bank.name, self._read()["bank"]["text"])
        self._feed_bank(4)
        self.assertIn("bank", self._read(), "three days are allowed")
        self._feed_bank(3)
        self.assertNotIn("bank", self._read())

    def test_unmatched_payments_of_those_on_the_agenda(self):
        stranger = self._new_customer("Pas en Retard")
        self._invoice(50.0, self.today, partner=stranger, move_type="out_refund")
        self.assertNotIn("matching", self._read(), "nobody is to be reminded who has a credit")
        self._invoice(2000.0, self.today, move_type="out_refund")
        guard = self._read()["matching"]
        self.assertIn(self.customer.name, guard["text"])
        action = getattr(self._as_collector(self.card), guard["method"])()
        matches = self.env["credit.match"].search(action["domain"])
        self.assertEqual((matches.partner_id, matches.amount), (self.customer, 2000.0))
        action = self._as_collector(self.card).action_match_credits()
        self.assertEqual(self.env["credit.match"].search(action["domain"]).partner_id, self.customer)

    def test_readers_are_told_but_mend_nothing(self):
        guard = self._read(self.reader)["bank"]
        self.assertFalse(guard["method"])
        with self.assertRaises(AccessError):
            self._read(self._new_user("dispute_owner"))

    def test_each_button_opens_something(self):
        self._invoice(70.0, self.today, move_type="out_refund")
        for guard in self._read().values():
            self.assertIn("res_model", getattr(self._as_collector(self.card), guard["method"])())

    def test_the_run_says_it_until_it_has_left(self):
        self._invoice(70.0, self.today, move_type="out_refund")
        run = self._plan(self.today)
        self.assertIn(self.bank.name, run.bank_warning)
        self.assertIn(self.customer.name, run.credit_warning)
        self.assertEqual(run.action_match_first()["res_model"], "credit.match")
        self._feed_bank(0)
        run.invalidate_recordset(["bank_warning"])
        self.assertFalse(run.bank_warning)
        run.sudo().state = "done"
        self.assertFalse(run.credit_warning)
