from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.modules.migration import load_script
from odoo.tests import new_test_user, tagged
from odoo.tools import file_path

from ..core import priority
from ..models.company_day import company_today
from .common import CreditControlCommon

DAY = date(2024, 12, 30)
# Name, overdue, days late, trust, what was missing of a broken promise, key account, disputed, points.
LEDGER = [
    ("A", 8240.0, 67, None, 2000.0, False, 0.0, 89),  # 16 + 33 + 40
    ("B", 1120.0, 12, None, 0.0, False, 0.0, 8),  # 2 + 6
    ("C", 12000.0, 5, None, 0.0, False, 0.0, 22),  # 24, but 20 at most + 2
    ("D", 499.99, 1, None, 0.0, False, 0.0, 0),  # no whole unit of either
    ("E", 500.0, 2, None, 0.0, False, 0.0, 2),  # 1 + 1
    ("F", 3000.0, 90, None, 0.0, False, 0.0, 46),  # 6 + 45, but 40 at most
    ("G", 3000.0, 30, 43.0, 0.0, False, 0.0, 23),  # 6 + 15 + 2 × 1 (7 below 50)
    ("H", 3000.0, 30, 20.0, 0.0, False, 0.0, 33),  # 6 + 15 + 2 × 6 (30 below 50)
    ("I", 700.0, 31, None, 0.0, True, 0.0, 26),  # 1 + 15 + 10
    ("J", 9999.99, 8, None, 0.0, False, 0.0, 23),  # 19 + 4; more than G
    ("K", 250.0, 79, None, 0.0, False, 0.0, 39),  # 0 + 39
    ("L", 250.0, 81, None, 0.0, False, 0.0, 40),  # 0 + 40
    ("M", 5000.0, 20, 50.0, 0.0, False, 0.0, 20),  # 10 + 10 + 0
    ("N", 5000.0, 20, None, 0.0, True, 0.0, 30),  # 10 + 10 + 10
    ("O", 100.0, 3, None, 100.0, False, 0.0, 41),  # 0 + 1 + 40
    ("P", 2500.0, 40, 0.0, 0.0, False, 0.0, 45),  # 5 + 20 + 2 × 10
    ("Q", 1500.0, 15, None, 0.0, False, 0.0, 10),  # 3 + 7
    ("R", 1500.0, 14, None, 0.0, False, 0.0, 10),  # 3 + 7; a day less than Q
    ("S", 6000.0, 60, None, 0.0, False, 4000.0, 14),  # 4 (2 000 may be claimed) + 30 − 20
    ("U", 1000.0, 10, None, 0.0, False, 0.0, 7),  # 2 + 5
    ("Z", 20000.0, -5, None, 0.0, True, 0.0, 0),  # not due: not on the agenda
]
ORDER = "AFPOLKHNIJGCMSQRBUED"
# The same with 60 points for key accounts in place of 10: I has 76, N 80.
ORDER_OF_KEY_ACCOUNTS = "ANIFPOLKHJGCMSQRBUED"


class CreditAgendaCommon(CreditControlCommon):
    """Customers of an agenda, and the collector who works on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["credit.priority.rule"]
        cls.rules.search([]).active = False
        cls.today = company_today(cls.company)

    @classmethod
    def _new_rule(cls, measure, points, **values):
        return cls.rules.create({"name": measure, "measure": measure, "points": points, **values})

    def _late_customer(self, name, amount, days):
        """Return the card of a customer with one invoice that is ``days`` late today."""
        partner = self._new_customer(name)
        due = self.today - timedelta(days=days)
        self._invoice(amount, due, partner=partner, issued=due - timedelta(days=30))
        return self.env["credit.debtor"]._ensure(self.company, partner.ids)

    def _rank(self, today=None):
        self.env["credit.agenda.engine"]._rank(self.company, today or self.today)

    def _as_collector(self, records):
        return records.with_user(self.collector).with_company(self.company)

    def _get_agenda(self, user=None):
        """Return the cards on the agenda of a user, as the list shows them."""
        debtors = self.env["credit.debtor"].with_user(user or self.collector).with_company(self.company)
        return debtors.search(debtors._get_agenda_domain(), order=debtors._get_agenda_order())


@tagged("post_install", "-at_install")
class TestAgendaOrder(CreditAgendaCommon):
    """Who comes first, worked out by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key_account = cls.env["res.partner.category"].create({"name": "Key account"})
        cls._new_rule("amount", 1, unit=500, maximum=20)
        cls._new_rule("days_late", 1, unit=2, maximum=40)
        cls._new_rule("promise_broken", 40)
        cls._new_rule("distrust", 2, unit=5, start=50)
        cls.of_key_accounts = cls._new_rule("tag", 10, tag_id=cls.key_account.id)
        cls._new_rule("status", -20, status="disputed")
        cls.cards = {row[0]: cls._new_row(*row[:-1]) for row in LEDGER}

    @classmethod
    def _new_row(cls, name, amount, days, score, broken, is_key_account, disputed):
        partner = cls._new_customer(name, category_id=[Command.set(cls.key_account.ids if is_key_account else [])])
        line = cls._receivable(cls._invoice(amount, DAY - timedelta(days=days), partner=partner))
        card = cls.env["credit.debtor"]._ensure(cls.company, partner.ids)
        if score is not None:
            card.sudo().write({"score_state": "scored", "score_value": score})
        common = {"partner_id": partner.id, "company_id": cls.company.id}
        if broken:
            cls.env["credit.promise"].with_user(cls.env.ref("base.user_root")).create(
                {
                    **common,
                    "date": DAY - timedelta(days=9),
                    "date_recorded": DAY - timedelta(days=20),
                    "amount": broken,
                    "amount_left": broken,
                    "state": "broken",
                    "broken_on": DAY - timedelta(days=5),
                    "move_line_ids": [Command.set(line.ids)],
                }
            )
        if disputed:
            reason = cls.env["credit.dispute.reason"].search([], limit=1)
            line_vals = {"move_line_id": line.id, "amount": disputed}
            cls.env["credit.dispute"].with_user(cls.env.ref("base.user_root")).create(
                {
                    **common,
                    "reason_id": reason.id,
                    "date": DAY - timedelta(days=9),
                    "deadline": DAY + timedelta(days=9),
                    "line_ids": [Command.create(line_vals)],
                }
            )
        return card

    def _names(self):
        return "".join(self._get_agenda().partner_id.mapped("name"))

    def test_the_ranking_is_that_worked_out_by_hand(self):
        self._rank(DAY)
        found = {name: card.priority for name, card in self.cards.items()}
        self.assertEqual(found, {row[0]: row[-1] for row in LEDGER})
        self.assertEqual(self._names(), ORDER)
        self.assertFalse(self.cards["Z"].agenda_action)

    def test_it_changes_when_a_weight_does(self):
        self._rank(DAY)
        self.of_key_accounts.with_user(self.manager).points = 60
        self._rank(DAY)
        self.assertEqual(self._names(), ORDER_OF_KEY_ACCOUNTS)

    def test_the_reason_is_said_in_words(self):
        self._rank(DAY)
        card = self._as_collector(self.cards["A"])
        symbol = self.company.currency_id.symbol
        reason = card.priority_reason.replace("\N{NO-BREAK SPACE}", "").replace(symbol, "").replace(",000", "000")
        self.assertEqual(reason, "broken promise of 2000 (+40), 67 days late (+33), 8,240 overdue (+16)")
        self.assertIn("Disputed (−20)", self._as_collector(self.cards["S"]).priority_reason)
        self.assertIn("trust 20 (+12)", self._as_collector(self.cards["H"]).priority_reason)
        self.assertIn("Key account (+10)", self._as_collector(self.cards["N"]).priority_reason)

    def test_what_there_is_to_do(self):
        self._rank(DAY)
        self.assertEqual(self.cards["A"].agenda_action, priority.FOLLOW_PROMISE)
        self.assertEqual(self.cards["A"].agenda_date, DAY - timedelta(days=5))
        self.assertEqual(self.cards["B"].agenda_action, priority.LOOK, "late, and no plan was ever made")
        self.assertEqual(self.cards["C"].agenda_overdue, 12000.0)
        self.assertEqual(self.cards["C"].agenda_days_overdue, 5)

    def test_a_customer_alone_gets_the_same_place(self):
        self._rank(DAY)
        before = {name: (card.priority, card.agenda_action, card.agenda_date) for name, card in self.cards.items()}
        self.env["credit.agenda.engine"]._rank(self.company, DAY, self.cards["A"] | self.cards["S"])
        self.assertEqual(
            {name: (card.priority, card.agenda_action, card.agenda_date) for name, card in self.cards.items()}, before
        )

    def test_statements_don_t_hang_on_the_number_of_customers(self):
        some = self.cards["A"] | self.cards["S"]
        engine = self.env["credit.agenda.engine"]
        engine._rank(self.company, DAY)
        with self._statements() as few:
            engine._rank(self.company, DAY, some)
        with self._statements() as many:
            engine._rank(self.company, DAY, self.env["credit.debtor"].union(*self.cards.values()))
        self._assert_not_more(many, few)

    def test_rules_of_another_company_don_t_count(self):
        other = self.setup_other_company()["company"]
        self._new_rule("amount", 1000, unit=1, company_id=other.id)
        self._rank(DAY)
        self.assertEqual(self._names(), ORDER)


@tagged("post_install", "-at_install")
class TestAgendaWork(CreditAgendaCommon):
    """A collector's day: what comes on the agenda, and what leaves it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._new_rule("amount", 1, unit=100)
        cls.first.write({"channel_ids": [Command.set(cls.phone.ids)], "call_script": "<p>You owe {{ total }}.</p>"})
        cls.customer.phone = "01 23 45 67 89"

    def setUp(self):
        super().setUp()
        due = self.today - timedelta(days=12)
        self._invoice(2000.0, due, issued=due - timedelta(days=30))
        self.run_of_today = self._plan(self.today)
        self.run_of_today.action_approve()
        self.call = self.run_of_today.notice_ids
        self.card = self._as_collector(self.call.debtor_id)
        self._rank()

    def test_a_call_comes_on_the_agenda(self):
        self.assertEqual(self._get_agenda(), self.card)
        self.assertEqual((self.card.agenda_action, self.card.agenda_notice_id), (priority.CALL, self.call))
        self.assertEqual(self.card.agenda_date, self.today)
        self.assertEqual(self.card.agenda_label, "Call: First")
        self.assertEqual(self.card.priority_reason.count("(+20)"), 1)

    def test_nobody_answers(self):
        self.call.action_record_call("no_answer")
        self.assertEqual(self.card.agenda_date, self.today + timedelta(days=1))
        self.assertEqual((self.card.acted_on, self.card.acted_by_id), (self.today, self.collector))
        counts = self.card.action_count_agenda()
        self.assertEqual(counts, {"late": 0, "today": 0, "week": 1, "done": 1})

    def test_what_is_late_and_what_is_for_today(self):
        self.assertEqual(self.card.action_count_agenda(), {"late": 0, "today": 1, "week": 1, "done": 0})
        self.call._apply({"date": self.today - timedelta(days=2)})
        self._rank()
        self.assertEqual(self.card.action_count_agenda(), {"late": 1, "today": 0, "week": 0, "done": 0})

    def test_the_last_contact_weighs(self):
        """A message that left 21 days ago: one point for each whole week beyond the first."""
        self._new_rule("no_contact", 1, unit=7, start=7)
        self.call.sudo()._apply({"state": "sent", "left_on": self.today - timedelta(days=21)})
        self.card.call_again_on = self.today
        self._rank()
        self.assertEqual(self.card.agenda_last_contact, self.today - timedelta(days=21))
        self.assertEqual(self.card.priority, 20 + 2)
        self.assertIn("21 days without contact (+2)", self.card.priority_reason)

    def test_a_call_that_reached_them_leaves_the_agenda(self):
        self.call.action_record_call("reached")
        self.assertFalse(self._get_agenda().filtered(lambda card: card.agenda_date <= self.today))

    def test_postponed(self):
        wizard = (
            self.env["credit.agenda.postpone"]
            .with_user(self.collector)
            .create(
                {
                    "debtor_ids": [Command.set(self.card.ids)],
                    "date": self.today + timedelta(days=5),
                    "reason": "Holidays",
                }
            )
        )
        wizard.action_postpone()
        self.assertEqual(self.card.agenda_date, self.today + timedelta(days=5))
        self.assertIn("Holidays", self.card.message_ids[:1].body)
        wizard.date = self.today
        with self.assertRaisesRegex(UserError, "after today"):
            wizard.action_postpone()

    def test_done_for_today(self):
        self.card.action_agenda_done()
        self.assertEqual(self.card.agenda_date, self.today + timedelta(days=1))
        self.assertEqual(self.card.action_count_agenda()["done"], 1)

    def test_an_answer_comes_first_even_if_put_off(self):
        self.card.postponed_until = self.today + timedelta(days=20)
        self.call.debtor_id.with_user(self.env.ref("base.user_root"))._note_reply(self.customer, "accounts@example.com")
        self.assertEqual((self.card.agenda_action, self.card.agenda_date), (priority.ANSWER, self.today))
        self.card.message_post(body="Let us see")
        self.assertEqual(self.card.agenda_action, priority.ANSWER, "a note among colleagues is no answer")
        self.card.message_post(body="Dear customer", message_type="comment", subtype_xmlid="mail.mt_comment")
        self.assertEqual(self.card.agenda_action, priority.CALL)

    def test_a_promise_is_work_done(self):
        items = self.call._get_claimed_items()
        promises = self.env["credit.promise"].with_user(self.collector)
        promises._declare(self.customer, items, 2000.0, self.today + timedelta(days=5))
        self.assertEqual(self.card.acted_by_id, self.collector)

    def test_a_colleague_stands_in(self):
        self.card.collector_id = self.collector
        colleague = self._new_colleague()
        self.assertFalse(self._get_agenda(colleague))
        wizard = (
            self.env["credit.agenda.reassign"]
            .with_user(self.collector)
            .create(
                {
                    "scope": "colleague",
                    "company_id": self.company.id,
                    "from_user_id": self.collector.id,
                    "user_id": colleague.id,
                    "date_end": self.today + timedelta(days=3),
                }
            )
        )
        self.assertEqual(wizard.count, 1)
        wizard.action_give()
        self.assertEqual(self._get_agenda(colleague), self.card)
        self.assertFalse(self._get_agenda())
        self.env["credit.debtor"]._end_absences(self.company, self.today + timedelta(days=3))
        self.assertEqual(self._get_agenda(colleague), self.card, "the last day is theirs")
        self.env["credit.debtor"]._end_absences(self.company, self.today + timedelta(days=4))
        self.assertEqual(self._get_agenda(), self.card)

    def test_given_for_good(self):
        colleague = self._new_colleague()
        give = self.env["credit.agenda.reassign"].with_user(self.collector)
        vals = {"scope": "selected", "company_id": self.company.id, "debtor_ids": [Command.set(self.card.ids)]}
        give.create({**vals, "user_id": colleague.id}).action_give()
        self.assertEqual(self.card.collector_id, colleague)
        with self.assertRaisesRegex(UserError, "isn't a collector"):
            give.create({**vals, "user_id": self.reader.id}).action_give()
        with self.assertRaisesRegex(UserError, "later day"):
            give.create({**vals, "user_id": colleague.id, "date_end": self.today - timedelta(days=1)}).action_give()

    def _set_portfolio(self, *collectors, manager=None):
        """Put the customer into a new portfolio, without a collector of their own."""
        portfolio = self.env["credit.portfolio"].create(
            {
                "name": "North",
                "company_id": self.company.id,
                "manager_id": manager and manager.id,
                "collector_ids": [Command.set([user.id for user in collectors])],
            }
        )
        self.card.write({"collector_id": False, "portfolio_id": portfolio.id})
        return portfolio

    def test_the_manager_of_a_portfolio_stands_in(self):
        """Nobody collects for it: the work, the messages and the answers are the manager's."""
        self._set_portfolio(manager=self.manager)
        self.assertEqual(self.card.responsible_id, self.manager)
        self.assertEqual(self._get_agenda(self.manager), self.card)
        self.assertFalse(self._get_agenda(), "it isn't everybody's")
        self.assertEqual(self._get_agenda_screen(self.manager), self.card)
        self.assertFalse(self._get_agenda_screen(self.collector))
        self.assertEqual(self.first._get_sender(self.card), self.manager)
        self.assertEqual(self.card._get_collector(), self.manager)

    def test_who_collects_for_a_portfolio_goes_before_its_manager(self):
        portfolio = self._set_portfolio(self.collector, manager=self.manager)
        self.assertEqual(self.card.responsible_id, self.collector)
        self.assertEqual(self._get_agenda(), self.card)
        self.assertFalse(self._get_agenda(self.manager))
        self.assertEqual(self.first._get_sender(self.card), self.collector)
        colleague = self._new_colleague()
        portfolio.with_user(self.manager).collector_ids += colleague
        self.assertEqual(self._get_agenda(), self.card)
        self.assertEqual(self._get_agenda(colleague), self.card)
        self.assertFalse(self._get_agenda(self.manager))
        self.assertEqual(self.first._get_sender(self.card), self.manager, "of several none is chosen")
        self.card.collector_id = colleague
        self.assertEqual((self.card.responsible_id, self.card.agenda_user_id), (colleague, colleague))
        self.assertFalse(self._get_agenda())

    def test_who_has_left_works_on_no_portfolio(self):
        portfolio = self._set_portfolio(self._new_colleague(), manager=self.manager)
        portfolio.collector_ids.active = False
        self.assertEqual(self._get_agenda(self.manager), self.card)
        self.manager.active = False
        self.assertFalse(self.card.responsible_id)
        self.assertEqual(self._get_agenda(), self.card, "a portfolio without anybody is everybody's")

    def test_the_work_of_a_portfolio_changes_hands(self):
        colleague = self._new_colleague()
        portfolio = self._set_portfolio(manager=self.manager)
        wizard = self._open_absence(self.manager, colleague)
        self.assertEqual(wizard.count, 1)
        wizard.action_give()
        self.assertEqual(self._get_agenda(colleague), self.card)
        self.env["credit.debtor"]._end_absences(self.company, self.today + timedelta(days=4))
        self.assertEqual(self._get_agenda(self.manager), self.card)
        portfolio.collector_ids = self.collector + self.manager
        shared = self._open_absence(self.collector, colleague)
        self.assertFalse(shared.count, "the other one still has them")
        shared.with_shared = True
        self.assertEqual(shared.count, 1)
        shared.action_give()
        self.assertEqual(self._get_agenda(colleague), self.card)
        self.assertFalse(self._get_agenda(self.manager))

    def test_an_update_finds_the_same_people(self):
        """Odoo works out new columns only; the script does what the field would."""
        path = "credit_control/migrations/19.0.1.1.0/post-whose_agenda.py"
        script = load_script(file_path(path), "post-whose_agenda")
        colleague = self._new_colleague()
        for collectors, manager in (
            ((), self.manager),
            ((colleague,), self.manager),
            ((colleague, self.collector), None),
        ):
            with self.subTest(collectors=len(collectors)):
                self._set_portfolio(*collectors, manager=manager)
                self.env.flush_all()
                wanted = self.card.agenda_user_id
                self.env.cr.execute("UPDATE credit_debtor SET agenda_user_id = NULL WHERE id = %s", [self.card.id])
                script.migrate(self.env.cr, "19.0.1.0.0")
                self.card.invalidate_recordset()
                self.assertEqual(self.card.agenda_user_id, wanted)

    def _open_absence(self, user, colleague):
        return (
            self.env["credit.agenda.reassign"]
            .with_user(self.collector)
            .create(
                {
                    "scope": "colleague",
                    "company_id": self.company.id,
                    "from_user_id": user.id,
                    "user_id": colleague.id,
                    "date_end": self.today + timedelta(days=3),
                }
            )
        )

    def _get_agenda_screen(self, user):
        """Return what the filters of the screen leave."""
        debtors = self.env["credit.debtor"].with_user(user).with_company(self.company)
        return debtors.search([("is_mine", "=", True), ("agenda_action", "not in", (False, "wait"))])

    def _new_colleague(self):
        return new_test_user(
            self.env,
            "credit_colleague",
            "credit_control.group_collector",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )

    def test_the_next_customer(self):
        second = self._late_customer("Atelier Nord", 900.0, 5)
        third = self._late_customer("Garage Sud", 500.0, 5)
        self._rank()
        self.assertEqual(self._get_agenda(), self.card | second | third)
        self.assertEqual(self.card._get_next(), second)
        self.assertEqual(self._as_collector(second)._get_next(), third)
        self.assertEqual(self._as_collector(third)._get_next(), self.card, "who was passed over comes again")
        action = self.card.action_agenda_next()
        self.assertEqual(action["params"]["action"]["res_id"], second.id)
        self._as_collector(second | third).action_agenda_done()
        self.assertEqual(self.card.action_agenda_next()["tag"], "display_notification")

    def test_messages_of_several_are_approved_together(self):
        self.first.write({"channel_ids": [Command.set(self.email.ids)], "mode": "approve"})
        card = self._late_customer("Atelier Nord", 900.0, 12)
        self._plan(self.today)
        card = self._as_collector(card)
        self._rank()
        self.assertEqual(card.agenda_action, priority.APPROVE)
        action = card.action_agenda_send()
        self.assertEqual(action["res_model"], "credit.dunning.approval")
        wizard = self.env["credit.dunning.approval"].with_user(self.collector)
        notice_ids = action["context"]["default_notice_ids"]
        wizard.create({"notice_ids": [Command.set(notice_ids)]}).action_approve()
        self.assertEqual(card.notice_ids.state, "queued")
        self.assertNotEqual(card.agenda_action, priority.APPROVE)
        self.assertEqual(self.card.action_agenda_send()["tag"], "display_notification", "a call isn't sent")

    def test_whom_no_channel_reaches(self):
        partner = self._new_customer("Sans Adresse", email=False, street=False, zip=False, city=False)
        due = self.today - timedelta(days=12)
        self._invoice(300.0, due, partner=partner, issued=due)
        self.first.channel_ids = self.email
        self._plan(self.today)
        self._rank()
        card = self.env["credit.debtor"].search([("partner_id", "=", partner.id)])
        self.assertEqual(card.agenda_action, priority.REPAIR)

    def test_the_cron_orders_every_company(self):
        self.call._apply({"date": self.today - timedelta(days=2)})
        with self.enter_registry_test_mode():
            self.env.ref("credit_control.cron_rank").sudo().method_direct_trigger()
        self.assertEqual(self.card.agenda_date, self.today - timedelta(days=2))

    def test_nobody_writes_their_own_priority(self):
        for vals in ({"priority": 999}, {"agenda_action": False}, {"acted_on": self.today}, {"reply_on": False}):
            with self.assertRaises(AccessError):
                self.card.write(vals)
        with self.assertRaises(AccessError):
            self.card.with_user(self.reader).action_agenda_done()

    def test_rules_say_what_is_missing(self):
        with self.assertRaisesRegex(ValidationError, "choose the tag"):
            self._new_rule("tag", 5)
        with self.assertRaisesRegex(ValidationError, "choose the status"):
            self._new_rule("status", 5)
        with self.assertRaisesRegex(ValidationError, "says nothing"):
            self._new_rule("amount", 0)
        with self.assertRaises(AccessError):
            self.rules.with_user(self.collector).create({"name": "x", "measure": "amount", "points": 1})


@tagged("post_install", "-at_install")
class TestCallFlow(CreditAgendaCommon):
    """A call from the agenda: whom, what to say, what came of it, who is next."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._new_rule("amount", 1, unit=100)
        cls.customer.phone = "01 23 45 67 89"
        cls.due = cls.today - timedelta(days=5)
        cls.invoice = cls._invoice(2000.0, cls.due, issued=cls.due - timedelta(days=30))
        cls.debtor = cls.env["credit.debtor"]._ensure(cls.company, cls.customer.ids)
        cls.env["credit.agenda.engine"]._rank(cls.company, cls.today)

    def _open_call(self, **values):
        card = self._as_collector(self.debtor)
        action = card.action_agenda_call()
        wizard = self.env["credit.dunning.call.wizard"].with_user(self.collector).with_context(**action["context"])
        return wizard.create(values)

    def test_the_number_can_be_dialled_from_anywhere(self):
        self.assertEqual(self._open_call().phone, "+33123456789")

    def test_a_call_that_no_step_planned(self):
        wizard = self._open_call(outcome="promise", promise_date=self.today + timedelta(days=3))
        self.assertEqual((wizard.amount_claimed, wizard.promise_amount), (2000.0, 2000.0))
        wizard.action_record()
        promise = self.env["credit.promise"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((promise.amount, promise.user_id), (2000.0, self.collector))
        [notice] = self.debtor.notice_ids
        self.assertEqual((notice.state, notice.call_outcome, notice.address), ("sent", "promise", "+33123456789"))
        self.assertFalse(notice.line_ids.step_id, "it answers no step, and lifts no level")

    def test_discarding_leaves_nothing_behind(self):
        self._open_call()
        self.assertFalse(self.debtor.notice_ids)

    def test_a_dispute_of_one_invoice(self):
        reason = self.env["credit.dispute.reason"].search([], limit=1)
        wizard = self._open_call(
            outcome="dispute",
            dispute_reason_id=reason.id,
            dispute_item_ids=[Command.set(self._receivable(self.invoice).ids)],
            dispute_amount=500.0,
        )
        self.assertEqual(wizard.action_record()["res_model"], "credit.dispute")
        dispute = self.env["credit.dispute"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((dispute.amount_total, dispute.source), (500.0, "call"))

    def test_one_click_and_the_next_customer(self):
        second = self._late_customer("Atelier Nord", 900.0, 5)
        self._rank()
        action = self._open_call().with_context(credit_outcome="no_answer").action_take_outcome()
        self.assertEqual((action["tag"], action["params"]["action"]["res_id"]), ("credit_agenda_next", second.id))
        self.assertEqual(self.debtor.notice_ids.call_outcome, "no_answer")
        self.assertGreater(self.debtor.agenda_date, self.today)

    def test_the_next_date_is_a_working_day(self):
        for outcome in ("no_answer", "voicemail", "reached", "refuses"):
            self.assertLess(self._open_call(outcome=outcome).date_again.weekday(), 5, outcome)
        self.assertFalse(self._open_call(outcome="promise").date_again)

    def test_called_again_on_the_day_that_was_agreed(self):
        day = self.today + timedelta(days=4)
        self._open_call(outcome="reached", date_again=day).action_record()
        self.assertEqual((self.debtor.agenda_action, self.debtor.agenda_date), (priority.CALL, day))
        self._open_call(outcome="voicemail", date_again=False).action_record()
        self._rank(day)
        self.assertEqual(self.debtor.agenda_date, day)

    def test_nothing_overdue_is_no_reason_to_call(self):
        partner = self._new_customer("Rien de Retard")
        self.debtor = self.env["credit.debtor"]._ensure(self.company, partner.ids)
        with self.assertRaisesRegex(UserError, "nothing overdue"):
            self._open_call(outcome="reached").action_record()

    def test_the_script_in_the_language_of_the_call(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.first.write({"channel_ids": [Command.set(self.phone.ids)], "call_script": "<p>You owe {{ total }}.</p>"})
        french = {"You owe {{ total }}.": "Vous devez {{ total }}."}
        self.first.update_field_translations("call_script", {"fr_FR": french})
        self.first.delay_days = 1
        self._plan(self.today)
        wizard = self._open_call()
        self.assertIn("You owe", wizard.script)
        wizard.script_lang = "fr_FR"
        self.assertIn("Vous devez", wizard.script)
        self.assertIn("2", wizard.script)
