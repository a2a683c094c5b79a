from datetime import date, timedelta

from ..signals.scope import SignalScope
from .common_score import CreditScoreCommon

DAY = date(2025, 6, 30)


class CreditSignalCommon(CreditScoreCommon):
    """Customers with a ledger as of 30 June 2025, and one detector at a time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.signals = cls.env["credit.signal"]

    def _detect(self, xmlid, day=DAY, company=None):
        """Run one detector alone; return its open warnings."""
        rule = self.env.ref(f"credit_control.{xmlid}")
        self.env["credit.signal.rule"].search([("handler", "!=", False), ("id", "!=", rule.id)]).active = False
        self.signals._detect(company or self.company, day)
        return self.signals.search([("rule_id", "=", rule.id), ("state", "=", "open")])

    def _days(self, days):
        return DAY + timedelta(days=days)


class SignalContract(CreditSignalCommon):
    """What every detector keeps. The test of yours inherits from it and names its ``signal_xmlid``.

    :meth:`_fire` gives a customer a ledger that must warn; :meth:`_nearly_fire` one that is just short of it;
    :meth:`_end` takes away what fired.
    """

    signal_xmlid = None
    allow_inherited_tests_method = True

    def setUp(self):
        super().setUp()
        if not self.signal_xmlid:
            self.skipTest("The contract itself is tested by those who keep it")

    def _fire(self, partner):
        raise NotImplementedError

    def _nearly_fire(self, partner):
        raise NotImplementedError

    def _end(self, partner):
        raise NotImplementedError

    def test_it_fires_and_says_why(self):
        self._fire(self.customer)
        self._nearly_fire(self._new_customer("Atelier Presque"))
        warning = self._detect(self.signal_xmlid)
        self.assertEqual(warning.partner_id, self.customer)
        self.assertEqual((warning.date, warning.severity), (DAY, warning.rule_id.severity))
        self.assertTrue(warning.reason)
        self.assertNotIn("%(", warning.reason)

    def test_the_second_pass_tells_nothing_new(self):
        self._fire(self.customer)
        first = self._detect(self.signal_xmlid)
        self.assertTrue(first)
        self.assertEqual(self._detect(self.signal_xmlid), first)
        self.assertEqual(self._detect(self.signal_xmlid, self._days(1)), first)
        self.assertEqual(self.signals.search_count([("rule_id", "=", first.rule_id.id)]), len(first))

    def test_it_closes_by_itself(self):
        self._fire(self.customer)
        warning = self._detect(self.signal_xmlid)
        self._end(self.customer)
        self.assertFalse(self._detect(self.signal_xmlid, self._days(1)))
        self.assertEqual((warning.state, warning.date_end, warning.holds), ("closed", self._days(1), False))

    def test_a_person_closes_it_once(self):
        self._fire(self.customer)
        warning = self._detect(self.signal_xmlid)
        warning.with_user(self.collector).action_close()
        self.assertFalse(self._detect(self.signal_xmlid), "the same thing isn't told again")
        self.assertEqual((warning.closed_by_id, warning.holds), (self.collector, True))

    def test_other_companies_are_not_seen(self):
        self._fire(self.customer)
        other = self.setup_other_company()["company"]
        self.assertFalse(self._detect(self.signal_xmlid, company=other))

    def test_as_many_statements_for_many(self):
        self._fire(self.customer)
        rule = self.env.ref(f"credit_control.{self.signal_xmlid}")
        self.assertEqual(len(self._find(rule)), 1)
        with self._statements() as few:
            self._find(rule)
        for number in range(2):
            self._fire(self._new_customer(f"Atelier {number}"))
        self.assertEqual(len(self._find(rule)), 3)
        with self._statements() as many:
            self._find(rule)
        self._assert_not_more(many, few)

    def _find(self, rule):
        """Return what the detector finds, nothing written."""
        self.env.flush_all()
        return self.env[rule.handler]._detect(SignalScope(self.env, self.company, DAY), rule)
