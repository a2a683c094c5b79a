import json
from datetime import timedelta

from odoo.addons.credit_control.score_factors.scope import ScoreScope

from .common_score import TODAY, CreditScoreCommon


class ScoreFactorContract(CreditScoreCommon):
    """What every factor keeps. The test of yours inherits from this class and names its ``factor_xmlid``.

    Override ``_prepare_material`` where yours measures more than invoices and payments.
    """

    factor_xmlid = None
    allow_inherited_tests_method = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.factor_xmlid:
            cls.factor = cls.env.ref(cls.factor_xmlid)
            cls.handler = cls.factor._get_handler()

    def setUp(self):
        super().setUp()
        if not self.factor_xmlid:
            self.skipTest("The contract itself is tested by those who keep it")

    def _prepare_material(self, partner):
        """Give ``partner`` what the factor measures."""
        self._paid(100.0, TODAY - timedelta(days=200), TODAY - timedelta(days=190), partner)
        self._paid(100.0, TODAY - timedelta(days=40), TODAY - timedelta(days=20), partner)
        self._open(100.0, TODAY - timedelta(days=45), partner)

    def _gather(self, *partners):
        scope = ScoreScope(self.env, self.company, TODAY, [partner.id for partner in partners])
        return scope, self.handler._gather(scope)

    def test_material_gives_a_value_and_a_sentence(self):
        self._prepare_material(self.customer)
        _scope, inputs = self._gather(self.customer)
        value = self.handler._decide(inputs[self.customer.id])
        self.assertTrue(0 <= value <= 100)
        sentence = self.handler._explain(inputs[self.customer.id], self.company.currency_id)
        self.assertTrue(sentence and isinstance(sentence, str))

    def test_without_material_there_is_no_value_but_a_sentence(self):
        _scope, inputs = self._gather(self.customer)
        if self.customer.id in inputs:
            self.assertIsNone(self.handler._decide(inputs[self.customer.id]))
        self.assertTrue(self.handler._explain_nothing())

    def test_inputs_can_be_kept(self):
        """They are plain values: read again from the database they decide the same."""
        self._prepare_material(self.customer)
        _scope, inputs = self._gather(self.customer)
        found = inputs[self.customer.id]
        self.assertEqual(json.loads(json.dumps(found)), found)

    def test_gathers_once_for_all(self):
        """As many queries for three customers as for one."""
        customers = [self._new_customer(f"Atelier {number}") for number in range(3)]
        for customer in customers:
            self._prepare_material(customer)
        counts = []
        for group in (customers[:1], customers):
            # What is the same for all is known by then.
            self._gather(*group)
            before = self.env.cr.sql_log_count
            _scope, inputs = self._gather(*group)
            counts.append(self.env.cr.sql_log_count - before)
            self.assertLessEqual({customer.id for customer in group}, set(inputs))
        self.assertEqual(*counts)

    def test_other_companies_are_not_seen(self):
        self._prepare_material(self.customer)
        other = self.setup_other_company()["company"]
        found = self.handler._gather(ScoreScope(self.env, other, TODAY, self.customer.ids))
        self.assertFalse({key: inputs for key, inputs in found.items() if self.handler._decide(inputs) is not None})

    def test_settling_nothing_changes_nothing(self):
        self._prepare_material(self.customer)
        scope, inputs = self._gather(self.customer)
        found = inputs[self.customer.id]
        self.assertEqual(self.handler._settle(scope, self.customer.id, found, []), found)

    def test_settling_foretells_what_paying_does(self):
        """The inputs as if an open item were paid decide what they decide once it is."""
        self._prepare_material(self.customer)
        invoice = self._open(250.0, TODAY - timedelta(days=50))
        scope, inputs = self._gather(self.customer)
        items = [item for item in scope.open_items[self.customer.id] if item.id in self._receivable(invoice).ids]
        settled = self.handler._settle(scope, self.customer.id, inputs[self.customer.id], items)
        foretold = self.handler._decide(settled)
        self._pay(invoice, TODAY)
        _scope, paid = self._gather(self.customer)
        self.assertAlmostEqual(self.handler._decide(paid[self.customer.id]), foretold, 6)
