from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Date
from odoo.tests import Form, tagged

from .common import CreditControlCommon


@tagged("post_install", "-at_install")
class TestDebtorAssign(CreditControlCommon):
    """Many customers at once, from their list: a policy, a portfolio, a collector, a segment, an activity."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._new_customer("Atelier Nord")
        cls.cards = cls.env["credit.debtor"]._ensure(cls.company, (cls.customer | cls.other).ids)
        cls.own = cls._new_policy({"name": "Only one", "delay_days": 5}, name="Key accounts")
        common = {"name": "North", "company_id": cls.company.id}
        cls.portfolio = cls.env["credit.portfolio"].create({**common, "manager_id": cls.manager.id})
        cls.segment = cls.env["credit.segment"].create(common)
        cls.stranger = cls._new_stranger(cls.setup_other_company()["company"])

    def _get_actions(self, user):
        """Return what the menu of actions of the list offers, by name."""
        debtors = self.cards.with_user(user).with_company(self.company)
        found = debtors.get_views([(False, "list")], {"toolbar": True})["views"]["list"]
        return {action["name"]: action for action in found["toolbar"].get("action", [])}

    def _open(self, user=None, cards=None, **vals):
        """Return the form as the action of the list opens it."""
        wizard = self.env["credit.debtor.assign"].with_user(user or self.collector).with_company(self.company)
        form = Form(wizard.with_context(default_debtor_ids=(cards or self.cards).ids))
        for name, value in vals.items():
            form[name] = value
        return form.save()

    def test_the_list_offers_it_to_who_may_write(self):
        for user in (self.collector, self.manager):
            self.assertLessEqual({"Assign…", "Plan an activity…"}, self._get_actions(user).keys())
        self.assertFalse({"Assign…", "Plan an activity…"} & self._get_actions(self.reader).keys())
        with self.assertRaises(AccessError):
            self._open(self.reader)

    def test_all_at_once(self):
        for user in (self.collector, self.manager):
            with self.subTest(user=user.login):
                self.cards.write({"policy_id": False, "collector_id": False, "segment_id": False})
                wizard = self._open(
                    user,
                    policy_id=self.own,
                    portfolio_id=self.portfolio,
                    collector_id=self.collector,
                    segment_id=self.segment,
                )
                self.assertEqual(wizard.count, 2)
                wizard.action_assign()
                wanted = {
                    "policy_id": self.own.id,
                    "portfolio_id": self.portfolio.id,
                    "collector_id": self.collector.id,
                    "segment_id": self.segment.id,
                    "segment_locked": True,
                }
                self.assertRecordValues(self.cards, [wanted, wanted])
                self.assertEqual(set(self.cards._get_policies().values()), {self.own.id})

    def test_what_is_left_empty_stays(self):
        first, second = self.cards
        first.write({"policy_id": self.own.id, "segment_id": self.segment.id, "segment_locked": True})
        second.write({"substitute_id": self.collector.id, "substitute_until": Date.add(Date.today(), days=9)})
        self._open(portfolio_id=self.portfolio).action_assign()
        self.assertEqual((first.policy_id, second.policy_id), (self.own, self.own.browse()))
        self.assertEqual((first.segment_id, second.segment_id), (self.segment, self.segment.browse()))
        self.assertEqual((first.segment_locked, second.segment_locked), (True, False))
        self.assertEqual(self.cards.portfolio_id, self.portfolio)
        self.assertEqual(second.substitute_id, self.collector)
        self._open(collector_id=self.manager).action_assign()
        self.assertFalse(second.substitute_id, "who stood in did so for the collector of before")
        self.assertEqual(self.cards.agenda_user_id, self.manager)

    def test_a_segment_that_isn_t_kept(self):
        self._open(segment_id=self.segment, segment_locked=False).action_assign()
        self.assertEqual((self.cards.segment_id, set(self.cards.mapped("segment_locked"))), (self.segment, {False}))

    def test_nothing_is_refused_in_words(self):
        with self.assertRaisesRegex(UserError, "Nothing is assigned"):
            self._open().action_assign()
        with self.assertRaisesRegex(UserError, "isn't a collector"):
            self._open(collector_id=self.reader).action_assign()

    def test_companies_stay_apart(self):
        foreign = self.stranger.company_id
        self.manager.company_ids += foreign
        there = self.env["credit.debtor"]._ensure(foreign, self.customer.ids)
        # The same person in both companies may well choose customers of both.
        both = {"debtor_ids": [Command.set((self.cards | there).ids)]}
        wizards = self.env["credit.debtor.assign"].with_user(self.manager)
        wizards = wizards.with_context(allowed_company_ids=(self.company | foreign).ids)
        for name, value in (("policy_id", self.own), ("portfolio_id", self.portfolio), ("segment_id", self.segment)):
            with self.subTest(name=name), self.assertRaisesRegex(UserError, "customers of one company at a time"):
                wizards.create({**both, name: value.id}).action_assign()
        with self.assertRaisesRegex(UserError, "doesn't work in"):
            wizards.create({**both, "collector_id": self.collector.id}).action_assign()
        self.assertFalse(there.policy_id or there.portfolio_id or there.collector_id)
        wizards.create({**both, "collector_id": self.manager.id}).action_assign()
        self.assertEqual((self.cards | there).collector_id, self.manager)

    def test_customers_of_another_company_are_not_reached(self):
        there = self.env["credit.debtor"]._ensure(self.stranger.company_id, self.customer.ids)
        wizards = self.env["credit.debtor.assign"].with_user(self.collector).with_company(self.company)
        with self.assertRaises(AccessError):
            wizards.create({"debtor_ids": [Command.set(there.ids)], "portfolio_id": self.portfolio.id}).action_assign()

    def test_statements_don_t_hang_on_the_number_of_customers(self):
        more = self._new_customer("Garage Sud") | self._new_customer("Moulin Est")
        cards = self.cards | self.env["credit.debtor"]._ensure(self.company, more.ids)
        one = self._open(cards=cards[:1], policy_id=self.own, collector_id=self.collector)
        all_of_them = self._open(cards=cards[1:], policy_id=self.own, collector_id=self.collector)
        with self._statements() as few:
            one.action_assign()
            self.env.flush_all()
        with self._statements() as many:
            all_of_them.action_assign()
            self.env.flush_all()
        self._assert_not_more(many, few)

    def test_an_activity_for_each_of_them(self):
        context = {"active_model": "credit.debtor", "active_ids": self.cards.ids}
        schedule = self.env["mail.activity.schedule"].with_user(self.collector).with_context(**context)
        form = Form(schedule)
        form.activity_type_id = self.env.ref("mail.mail_activity_data_todo")
        form.summary = "Ask for the accounts"
        form.save().action_schedule_activities()
        self.assertEqual(self.cards.activity_ids.mapped("summary"), ["Ask for the accounts"] * 2)
