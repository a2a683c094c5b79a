from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_insurance import InsuranceCommon
from .test_interest_regime import InterestCommon

TODAY = fields.Date.today()


@tagged("post_install", "-at_install")
class TestMerge(InterestCommon, InsuranceCommon):
    """Two customers that are one, merged by somebody who may merge contacts and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "accounts@bakery.example.com"
        cls.double = cls._new_customer("Boulangerie Exemple SARL", email=cls.customer.email)
        cls.clerk = new_test_user(
            cls.env,
            "credit_clerk",
            "base.group_user,base.group_partner_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _merge(self, source=None, target=None):
        """Merge ``source`` (the double) into ``target`` (the customer), as core's screen does."""
        source, target = source or self.double, target or self.customer
        self.env.flush_all()
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(self.clerk)
        wizard._merge((source | target).ids, target.with_user(self.clerk))
        self.env.invalidate_all()
        self.assertFalse(source.exists())
        self._assert_nowhere(source.id)

    def _assert_nowhere(self, partner_id):
        """No row of ours names the customer that went, in whatever table."""
        for table in self.env["credit.debtor.merge"]._get_tables():
            self.env.cr.execute(f'SELECT count(*) FROM "{table}" WHERE partner_id = %s', [partner_id])
            self.assertEqual(self.env.cr.fetchone(), (0,), table)

    def _pause(self, partner, days=5):
        return self.env["credit.dunning.pause"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "reason": "Holidays",
                "date_end": TODAY + timedelta(days=days),
            }
        )

    def _words(self, card):
        return " ".join(card.message_ids.mapped("body"))

    # -- cards --------------------------------------------------------------------------

    def test_history_of_both_is_on_one_card(self):
        ours, theirs = self._late(), self._late(5000.0, partner=self.double)
        sent = self._run("2025-08-31").notice_ids
        charges = self._claim(ours) | self._claim(theirs)
        card, other = self._card(self.customer), self._card(self.double)
        dispute = self.env["credit.dispute"].with_user(self.collector)
        dispute = dispute._open({self._receivable(theirs): 1000.0}, self.env.ref("credit_control.reason_price"))
        promise = self.env["credit.promise"].create(
            {
                "partner_id": self.double.id,
                "company_id": self.company.id,
                "amount": 500.0,
                "date": TODAY + timedelta(days=5),
                "move_line_ids": [Command.set(self._receivable(theirs).ids)],
            }
        )
        pause = self._pause(self.double)
        message = other.message_post(body="They called", attachments=[("call.txt", b"words")])
        activity = other.activity_schedule("mail.mail_activity_data_todo", user_id=self.collector.id)
        card.message_subscribe(self.collector.partner_id.ids)
        other.message_subscribe((self.collector | self.manager).partner_id.ids)
        owed = sum(self._open().mapped("amount_residual"))
        decisions = self.env["credit.dunning.decision"].search([("partner_id", "=", self.double.id)])
        self.assertTrue(decisions)
        self._merge()
        self.assertFalse(other.exists())
        self.assertEqual(self._card(self.customer), card)
        self.assertEqual(sent.debtor_id, card)
        self.assertEqual(len(sent), 2)
        for records in (sent, charges, dispute.sudo(), promise, pause, decisions, self._open()):
            self.assertEqual(records.partner_id, self.customer, records._name)
        self.assertEqual(sum(self._open().mapped("amount_residual")), owed)
        self.assertEqual((message.res_id, message.attachment_ids.res_id, activity.res_id), (card.id, card.id, card.id))
        self.assertLessEqual((self.collector | self.manager).partner_id, card.message_partner_ids)
        self.assertIn("Boulangerie Exemple SARL was merged", self._words(card))
        self.assertIn("holds the whole customer", self._words(card))

    def _open(self):
        items = self.env["credit.open.item"].with_context(as_of=str(TODAY))
        items.invalidate_model()
        return items.search([("partner_id", "in", (self.customer | self.double).exists().ids)])

    def test_empty_settings_are_filled_and_the_others_stay(self):
        card, other = self._card(self.customer), self._card(self.double)
        portfolio = self.env["credit.portfolio"].create({"name": "North", "company_id": self.company.id})
        card.write({"collector_id": self.collector.id, "quiet_monday": True})
        other.write(
            {
                "collector_id": self.manager.id,
                "policy_id": self.policy.id,
                "portfolio_id": portfolio.id,
                "preferred_channel_id": self.phone.id,
                "tone": "firm",
                "quiet_friday": True,
                "interest_regime_id": self.env.ref("credit_control.interest_regime_eu_business").id,
                "interest_regime_reason": "Contract",
            }
        )
        other.with_user(self.manager).write({"manual_status": "doubtful", "manual_status_reason": "Cheque bounced"})
        self._merge()
        self.assertRecordValues(
            card,
            [
                {
                    "collector_id": self.collector.id,
                    "policy_id": self.policy.id,
                    "portfolio_id": portfolio.id,
                    "preferred_channel_id": self.phone.id,
                    "tone": "firm",
                    "quiet_monday": True,
                    "quiet_friday": False,
                    "interest_regime_reason": "Contract",
                    "manual_status": "doubtful",
                    "manual_status_user_id": self.manager.id,
                }
            ],
        )
        self.assertIn("Cheque bounced", self._words(card))

    def test_an_objection_holds_under_either_name(self):
        """Who objected to being scored isn't scored because of the other card."""
        people = [
            self._new_customer(name, is_company=False, email="dupont@example.com") for name in ("Dupont", "M. Dupont")
        ]
        card, other = (self._card(person) for person in people)
        other.credit_score_objection = True
        self._merge(people[1], people[0])
        self.assertRecordValues(card, [{"credit_score_objection": True, "score_value": 0.0}])

    def test_cards_of_each_company(self):
        """In the first company both have a card; in the second, which the clerk doesn't see, only the double."""
        other = self.setup_other_company()["company"]
        self._card(self.customer)
        self._card(self.double)
        second = self.env["credit.debtor"]._ensure(other, self.double.ids)
        self._merge()
        self.assertEqual(second.partner_id, self.customer)
        cards = self.env["credit.debtor"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(cards.company_id, self.company | other)
        self.assertEqual(len(cards), 2)

    def test_into_a_contact_of_another_customer(self):
        """The contact isn't the customer: what the double had hangs on the firm."""
        contact = self._new_customer("Compta", is_company=False, parent_id=self.customer.id, email=self.double.email)
        card, other = self._card(self.customer), self._card(self.double)
        charges = self._claim(self._late(partner=self.double))
        self._merge(target=contact)
        self.assertFalse(other.exists())
        self.assertTrue(card.exists())
        self.assertEqual(charges.partner_id, self.customer)
        self.assertFalse(self.env["credit.debtor"].search([("partner_id", "=", contact.id)]))

    def test_three_at_once(self):
        third = self._new_customer("Boulangerie Trois", email=self.customer.email)
        cards = self.env["credit.debtor"]._ensure(self.company, (self.customer | self.double | third).ids)
        cards.filtered(lambda card: card.partner_id == third).tone = "courteous"
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(self.clerk)
        wizard._merge((self.customer | self.double | third).ids, self.customer.with_user(self.clerk))
        self.assertRecordValues(cards.exists(), [{"partner_id": self.customer.id, "tone": "courteous"}])

    # -- procedures ---------------------------------------------------------------------

    def _insolvent(self, partner, **values):
        return self.env["credit.insolvency"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "kind": "reorganization",
                "judgment_date": "2025-06-30",
                "date": "2025-06-30",
                **values,
            }
        )

    def test_two_running_procedures_need_a_person(self):
        self._insolvent(self.customer)
        second = self._insolvent(self.double, kind="liquidation")
        with self.assertRaisesRegex(UserError, "Boulangerie Exemple – Reorg.*SARL – Liquidation.*by mistake"):
            self._merge()
        second.write({"result": "mistake"})
        second.action_close()
        self._merge()
        self.assertEqual(second.partner_id, self.customer)

    def test_a_procedure_stops_the_interest_of_both(self):
        procedure = self._insolvent(self.double)
        charges = self._claim(self._late())
        self._merge()
        self.assertEqual(set(charges.exists().mapped("state")), {"frozen"})
        self.assertEqual(sorted(charges.exists().mapped("amount")), [40.0, 129.70])
        self.assertIn("check the claim", self._words(procedure))

    # -- insurance and ratings ----------------------------------------------------------

    def test_two_guarantees_that_hold_need_a_person(self):
        self._grant(40000.0)
        self._grant(15000.0, partner=self.double)
        with self.assertRaisesRegex(UserError, "Boulangerie Exemple – .*40,000.*SARL – .*15,000.*End one"):
            self._merge()

    def test_guarantees_of_the_past_stay(self):
        ours, theirs = self._grant(40000.0), self._grant(15000.0, partner=self.double)
        self._answer(theirs, "cancel", day=TODAY - timedelta(days=1))
        self._merge()
        kept = self.env["credit.insurance.guarantee"].search([("partner_id", "=", self.customer.id)])
        self.assertLessEqual(ours | theirs, kept)
        self.assertEqual((ours.merged_from, theirs.merged_from), (False, "Boulangerie Exemple SARL"))

    def _rate(self, partner, value, **values):
        agency = self.env["credit.rating.agency"].search([("name", "=", "Agence Exemple")]) or self.env[
            "credit.rating.agency"
        ].create({"name": "Agence Exemple", "kind": "figures", "worst": 0.0, "best": 20.0})
        return self.env["credit.rating"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "agency_id": agency.id,
                "date": "2026-05-01",
                "value": value,
                **values,
            }
        )

    def test_equal_ratings_of_a_day_become_one(self):
        ours, theirs = self._rate(self.customer, "12"), self._rate(self.double, "12", note="By telephone")
        later = self._rate(self.double, "11", date="2026-05-02")
        self._merge()
        self.assertFalse(theirs.exists())
        self.assertEqual(ours.note, "By telephone")
        self.assertEqual(later.partner_id, self.customer)

    def test_two_ratings_of_a_day_need_a_person(self):
        self._rate(self.customer, "12")
        self._rate(self.double, "4")
        with self.assertRaisesRegex(UserError, "Exemple: 12 .*SARL: 4 .*same agency"):
            self._merge()

    def test_one_proposal_stays_open(self):
        cards = self._card(self.customer), self._card(self.double)
        ours, theirs = [
            self.env["credit.terms.proposal"].create(
                {"partner_id": card.partner_id.id, "company_id": self.company.id, "debtor_id": card.id}
            )
            for card in cards
        ]
        self._merge()
        self.assertEqual((ours.state, theirs.state, theirs.debtor_id), ("proposed", "refused", cards[0]))
        self.assertIn("merged", theirs.reason)

    # -- limits -------------------------------------------------------------------------

    def _limit(self, partner, amount, **values):
        limits = self.env["credit.limit"].with_user(self.collector)
        limit = limits.create({"partner_id": partner.id, "company_id": self.company.id, "amount": amount, **values})
        limit.with_user(self.manager).action_approve()
        return limit

    def _figure(self):
        return self.customer.with_company(self.company).credit_limit

    def test_limits_are_not_added_up(self):
        ours, theirs = self._limit(self.customer, 20000.0), self._limit(self.double, 5000.0)
        card = self._card(self.customer)
        self._card(self.double)
        self._merge()
        self.assertEqual(self._figure(), 20000.0)
        self.assertEqual((ours.state, ours.is_in_force), ("approved", True))
        self.assertEqual((theirs.state, theirs.is_in_force, theirs.replaced_by_id), ("expired", False, ours))
        self.assertIn("5,000.00, has ended", self._words(card))

    def test_the_only_limit_goes_on(self):
        theirs = self._limit(self.double, 5000.0)
        self._merge()
        self.assertEqual((self._figure(), theirs.state, theirs.is_in_force), (5000.0, "approved", True))
        self.assertEqual(theirs.partner_id, self.customer)

    def test_a_limit_of_nothing_stays_nothing(self):
        """Core takes the other's figure where one's own is zero: no credit would become 5 000."""
        nothing = self._limit(self.customer, 0.0)
        self._limit(self.double, 5000.0)
        self.clerk.group_ids += self.env.ref("account.group_account_invoice")
        self._merge()
        self.assertEqual((self._figure(), nothing.is_in_force), (0.0, True))

    def test_a_temporary_limit_needs_a_person(self):
        self._limit(self.customer, 20000.0)
        season = self._limit(self.double, 50000.0, date_to=TODAY + timedelta(days=30))
        with self.assertRaisesRegex(UserError, "20,000.*SARL – .*50,000.*End it"):
            self._merge()
        season.with_user(self.manager).action_end()
        self._merge()
        self.assertEqual(self._figure(), 20000.0)

    # -- what is reckoned ---------------------------------------------------------------

    def test_one_score_a_day(self):
        for partner in (self.customer, self.double):
            for _number in range(4):
                self._late(100.0, partner=partner)
        cards = self._card(self.customer) | self._card(self.double)
        self.env["credit.score.engine"]._compute(self.company, cards.ids, date(2025, 8, 31))
        self.assertEqual(self.env["credit.score"].search_count([("partner_id", "in", cards.partner_id.ids)]), 2)
        self.env["credit.payment.profile"]._refresh_company(self.company, date(2025, 8, 31))
        self._merge()
        self.assertEqual(self.env["credit.score"].search_count([("partner_id", "=", self.customer.id)]), 1)
