from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_score import TODAY, CreditScoreCommon


@tagged("post_install", "-at_install")
class TestScoreTerms(CreditScoreCommon):
    """Terms by grade are proposed by a collector, decided on by a credit manager; nothing else changes them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.before = cls.env.ref("account.account_payment_term_30days")
        cls.at_once = cls.env.ref("account.account_payment_term_immediate")
        cls.env["credit.terms"].create(
            {
                "name": "Cash before delivery",
                "company_id": cls.company.id,
                "grade": "E",
                "payment_term_id": cls.at_once.id,
                "note": "or a bank guarantee",
            }
        )
        cls.person = cls._new_customer("Personne Exemple", is_company=False)
        for partner in (cls.customer, cls.person):
            partner.with_company(cls.company).property_payment_term_id = cls.before
            for _number in range(3):
                cls._open(400.0, TODAY - timedelta(days=370), partner)
            cls.env["credit.score.engine"]._compute(cls.company, cls._get_debtor(partner).ids, TODAY)

    def _propose(self, partner=None, user=None):
        debtor = self._get_debtor(partner).with_user(user or self.collector).sudo(False)
        action = debtor.with_company(self.company).action_propose_terms()
        return self.env["credit.terms.proposal"].browse(action["res_id"]).with_user(user or self.collector)

    def _get_term(self, partner=None):
        return (partner or self.customer).with_company(self.company).property_payment_term_id

    def test_proposed_then_approved(self):
        proposal = self._propose()
        self.assertEqual((proposal.state, proposal.score_label), ("proposed", "0 · E"))
        self.assertEqual((proposal.current_term_id, proposal.payment_term_id), (self.before, self.at_once))
        self.assertEqual(proposal.note, "Cash before delivery\nor a bank guarantee")
        self.assertEqual(self._get_term(), self.before, "nothing changes before the decision")
        proposal.with_user(self.manager).action_approve()
        self.assertEqual(self._get_term(), self.at_once)
        self.assertEqual((proposal.state, proposal.decided_by_id), ("approved", self.manager))
        logged = proposal.debtor_id.sudo().message_ids[0].body
        self.assertIn("0 · E", logged)
        self.assertIn(self.at_once.name, logged)

    def test_refused_changes_nothing(self):
        proposal = self._propose().with_user(self.manager)
        proposal.action_refuse()
        self.assertEqual((proposal.state, self._get_term()), ("refused", self.before))

    def test_a_collector_does_not_decide(self):
        proposal = self._propose()
        with self.assertRaises(AccessError):
            proposal.action_approve()
        for vals in ({"state": "approved"}, {"decided_by_id": self.manager.id}):
            with self.assertRaises(UserError):
                proposal.write(vals)
        with self.assertRaises(UserError):
            self.env["credit.terms.proposal"].with_user(self.collector).create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "debtor_id": proposal.debtor_id.id,
                    "state": "approved",
                }
            )
        self.assertEqual(self._get_term(), self.before)

    def test_clicked_twice(self):
        proposal = self._propose()
        self.assertEqual(self._propose(), proposal)
        proposal.with_user(self.manager).action_approve()
        with self.assertRaisesRegex(UserError, "already"):
            proposal.with_user(self.manager).action_refuse()
        with self.assertRaisesRegex(UserError, "already"):
            proposal.with_user(self.manager).note = "something else"
        self.assertNotEqual(self._propose(), proposal)

    def test_a_natural_person_needs_a_reason(self):
        proposal = self._propose(self.person).with_user(self.manager)
        with self.assertRaisesRegex(UserError, "Personne Exemple.*reason"):
            proposal.action_approve()
        proposal.reason = "Three invoices of last year are unpaid, no answer to four letters."
        proposal.action_approve()
        self.assertEqual(self._get_term(self.person), self.at_once)

    def test_no_terms_for_the_grade(self):
        good = self._new_customer("Atelier Bon")
        for month in (2, 3, 5):
            self._paid(100.0, date(2025, month, 1), date(2025, month, 1), good)
        debtor = self._get_debtor(good)
        with self.assertRaisesRegex(UserError, "not scored yet"):
            self._propose(good)
        self.engine._compute(self.company, debtor.ids, TODAY)
        with self.assertRaisesRegex(UserError, "no terms for this score"):
            self._propose(good)

    def test_reader_proposes_nothing(self):
        with self.assertRaises(AccessError):
            self._propose(user=self.reader)

    def test_shipped_terms_of_each_grade(self):
        """Loaded once for a company; what is there, edited or archived, stays."""
        terms = self.env["credit.terms"].with_company(self.company).with_user(self.manager)
        own = terms.search([("company_id", "=", self.company.id)])
        self.assertEqual(own.mapped("grade"), ["E"])
        own.active = False
        terms.action_load_shipped()
        terms.action_load_shipped()
        found = terms.search([("company_id", "=", self.company.id)], order="grade")
        self.assertEqual(found.mapped("grade"), ["A", "B", "C", "D", "none"])
        self.assertEqual([bool(one.payment_term_id) for one in found], [False, False, True, True, True])
        self.assertTrue(all(found.mapped("note")))
        with self.assertRaises(AccessError):
            terms.with_user(self.collector).action_load_shipped()

    def test_the_main_company_has_the_shipped_terms(self):
        main = self.env.ref("base.main_company")
        terms = self.env["credit.terms"].sudo().with_context(active_test=False).search([("company_id", "=", main.id)])
        self.assertEqual(set(terms.mapped("grade")), {"A", "B", "C", "D", "E", "none"})
