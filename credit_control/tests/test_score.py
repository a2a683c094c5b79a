from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..models import credit_score_engine
from .common_score import TODAY, CreditScoreCommon


@tagged("post_install", "-at_install")
class TestScore(CreditScoreCommon):
    """What a score says, with figures worked out by hand."""

    def _prepare_history(self):
        """The example of docs/formulas.md: paid 0 and 15 days late, one open for 30 days, one not due."""
        self._paid(1000.0, date(2024, 12, 31), date(2024, 12, 31))
        self._paid(1000.0, date(2025, 5, 1), date(2025, 5, 16))
        self.late = self._open(1000.0, date(2025, 5, 31))
        self._open(1000.0, date(2025, 7, 31))

    def test_worked_example(self):
        """P: index (80 + 70 + 50) / 3, times 1.25 = 83.33; O 100; T: 22.5 days slower, 0. 57.5 / 0.8 = 71.88."""
        self._prepare_history()
        score = self._measure()
        values = self._get_components(score)
        self.assertAlmostEqual(values["P"], 1.25 * 200 / 3)
        self.assertEqual((values["O"], values["T"], values["R"], values["D"]), (100.0, 0.0, None, None))
        self.assertEqual((score.value, score.grade, score.count), (71.88, "B", 3))

    def test_the_day_after(self):
        """31 days late: index 49.67, and half of what is owed is late: (37.44 + 10) / 0.8 = 59.30."""
        self._prepare_history()
        score = self._measure(date(2025, 7, 1))
        self.assertEqual((score.value, score.grade), (59.3, "C"))

    def test_paying_gives_what_was_announced(self):
        """As of 1 July: paying the late item gives 71.80, and on the same day it does."""
        self._prepare_history()
        day = date(2025, 7, 1)
        [gain] = self._get_debtor()._explain_score(day)["gains"]
        self.assertEqual((gain["value"], gain["label"]), (71.8, "71 · B"))
        self.assertIn(self.late.name, gain["sentence"])
        self._pay(self.late, day)
        self.assertEqual(self._measure(day).value, 71.8)

    def test_paying_the_two_named_items_gives_the_announced_score(self):
        self._paid(700.0, date(2025, 3, 1), date(2025, 3, 18))
        invoices = [
            self._open(amount, TODAY - timedelta(days=late))
            for amount, late in ((1000.0, 62), (333.33, 41), (640.07, 95), (50.0, 12), (2000.0, -20))
        ]
        self._pay(invoices[0], TODAY - timedelta(days=5), amount=123.45)
        gains = self._get_debtor()._explain_score(TODAY)["gains"]
        self.assertEqual([len(gain["item_ids"]) for gain in gains], [1, 2, 4])
        single, pair, _all = gains
        self.assertEqual(single["item_ids"], self._receivable(invoices[0]).ids)
        self.assertLess(self._measure().value, single["value"])
        named = self.env["account.move.line"].browse(pair["item_ids"]).move_id
        self.assertEqual(named, invoices[0] + invoices[2])
        self._pay(named, TODAY)
        self.assertEqual(self._measure().value, pair["value"])

    def test_all_overdue_items_together(self):
        self._paid(100.0, date(2025, 3, 1), date(2025, 3, 18))
        late = [self._open(100.0, TODAY - timedelta(days=late)) for late in (40, 50, 60)]
        self._open(500.0, TODAY + timedelta(days=9))
        gains = self._get_debtor()._explain_score(TODAY)["gains"]
        self.assertEqual([len(gain["item_ids"]) for gain in gains], [1, 2, 3])
        self._pay(late[0] + late[1] + late[2], TODAY)
        self.assertEqual(self._measure().value, gains[-1]["value"])

    def test_open_overdue_items_lower_it_day_by_day(self):
        self._paid(1000.0, date(2025, 1, 1), date(2025, 1, 1))
        self._paid(1000.0, date(2025, 5, 1), date(2025, 5, 1))
        self._open(500.0, date(2025, 6, 1))
        self._open(1500.0, date(2025, 12, 31))
        values = [self._measure(date(2025, 6, 2) + timedelta(days=day)).value for day in range(20)]
        self.assertEqual(values, sorted(set(values), reverse=True), "each day lower than the one before")

    def test_only_items_overdue_for_a_year(self):
        """Nothing was ever paid: a figure all the same, and the worst."""
        for _number in range(3):
            self._open(400.0, TODAY - timedelta(days=370))
        score = self._measure()
        self.assertEqual((score.state, score.value, score.grade, score.count), ("scored", 0.0, "E", 3))
        self.assertEqual(self._get_components(score), {"P": 0.0, "O": 0.0, "T": None, "R": None, "D": None})

    def test_who_never_promised_is_not_below_ten_kept_promises(self):
        talker = self._new_customer("Atelier Bavard")
        for partner in (self.customer, talker):
            for month in (1, 2, 5, 6):
                self._paid(500.0, date(2025, month, 10), date(2025, month, 10), partner)
            self._open(500.0, date(2025, 7, 10), partner)
        for _number in range(10):
            self._promise("kept", partner=talker)
        silent, kept = self._measure(), self._measure(partner=talker)
        self.assertEqual(self._get_components(silent)["P"], 100.0)
        self.assertGreaterEqual(silent.value, kept.value)
        self._promise("broken", partner=talker)
        self.assertIsNotNone(self._get_components(self._measure(partner=talker))["R"])

    def test_less_than_three_items_is_insufficient(self):
        self._paid(100.0, date(2025, 5, 1), date(2025, 5, 1))
        self._open(100.0, date(2025, 6, 1))
        self._open(100.0, date(2025, 7, 10))
        self._paid(100.0, date(2024, 6, 1), date(2024, 6, 29))
        debtor = self._compute()
        self.assertEqual((debtor.score_state, debtor.score_grade), ("insufficient", False))
        self.assertEqual(debtor.score_label, "insufficient data")
        self.assertEqual(debtor.score_id.item_count, 2)
        self.assertEqual(self._measure(date(2025, 7, 11)).state, "scored")

    def test_insufficient_data_is_said_alike_everywhere(self):
        debtor = self._compute()
        words = "insufficient data"
        self.assertEqual(debtor._get_score_verdicts()[debtor.id].label, words)
        self.assertEqual(debtor.score_dial["label"], words)
        self.assertEqual(self.customer.with_company(self.company).credit_score_label, words)
        self.assertIn(words, debtor.score_explanation)
        html, _type = self.env["ir.actions.report"]._render_qweb_html("credit_control.report_score", debtor.ids)
        self.assertIn(words, html.decode())
        self.assertEqual(debtor.score_id.display_name, words)

    def test_caps(self):
        """Insolvent: 5 at most; in litigation: 20; and without a figure they hold all the same."""
        self._prepare_history()
        for facts, value, grade in (
            ({"litigation": None}, 20.0, "E"),
            ({"insolvent": None, "litigation": None}, 5.0, "E"),
            ({"warning": None}, 56.88, "C"),
            ({"warning": 6.0}, 65.88, "B"),
            ({"warning": 40.0}, 56.88, "C"),
            ({"rating_ceiling": 52.5}, 52.5, "C"),
            ({"rating_floor": 85.0}, 85.0, "A"),
            ({"unheard_of": 1.0}, 71.88, "B"),
        ):
            with self._facts(facts):
                score = self._measure()
            self.assertEqual((score.value, score.grade), (value, grade), facts)
        other = self._new_customer("Atelier Neuf")
        with self._facts({"insolvent": None}, other):
            debtor = self._compute(partner=other)
        self.assertEqual((debtor.score_state, debtor.score_grade), ("insufficient", "E"))
        self.assertEqual(debtor.score_label, "insufficient data, at most 5")
        self.assertEqual(debtor.score_id.ceiling, 5.0)

    def _facts(self, facts, partner=None):
        debtor = self._get_debtor(partner)
        return patch.object(type(debtor), "_get_score_facts", lambda debtors, as_of: {debtor.id: facts})

    def test_explanation_names_factors_caps_and_what_is_left_out(self):
        self._prepare_history()
        with self._facts({"litigation": None}):
            explained = self._get_debtor()._explain_score(TODAY)
        self.assertEqual([row["code"] for row in explained["factors"]], ["P", "O", "T", "R", "D"])
        self.assertEqual([row["is_known"] for row in explained["factors"]], [True, True, True, False, False])
        self.assertAlmostEqual(sum(row["points"] for row in explained["factors"]), 71.875)
        self.assertEqual(explained["caps"], ["Litigation: 20 at most."])
        self.assertFalse(explained["gains"], "paying doesn't lift a cap")
        self.assertIn("Slower: 22 days late", explained["factors"][2]["sentence"])

    def test_hostile_text_is_shown_as_text(self):
        self.scheme.factor_ids[0].name = "<script>alert(1)</script>"
        self._prepare_history()
        html = self._get_debtor().with_context(as_of=TODAY).score_explanation
        self.assertNotIn("<script>", html)
        self.assertIn("&lt;script&gt;", html)


@tagged("post_install", "-at_install")
class TestScoreHistory(CreditScoreCommon):
    """Rows, versions, and who may see or change them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for month in (2, 3, 5):
            cls._paid(100.0, date(2025, month, 1), date(2025, month, 6))

    def _get_history(self, partner=None):
        return self.env["credit.score"].search([("partner_id", "=", (partner or self.customer).id)], order="date")

    def test_a_row_when_the_answer_changes_and_once_a_month(self):
        debtor = self._compute(date(2025, 6, 10))
        first = debtor.score_id
        self._compute(date(2025, 6, 11))
        self.assertEqual(self._get_history(), first)
        self.assertEqual(debtor.score_date, date(2025, 6, 11))
        self._compute(date(2025, 7, 1))
        self.assertEqual(self._get_history().mapped("date"), [date(2025, 6, 10), date(2025, 7, 1)])
        self._open(50.0, date(2025, 5, 1))
        self._compute(date(2025, 7, 2))
        self.assertEqual(len(self._get_history()), 3)
        self.assertEqual(debtor.score_id, self._get_history()[-1])
        self.assertLess(debtor.score_value, first.value)

    def test_the_last_answer_of_a_day_is_the_days(self):
        debtor = self._compute()
        before = debtor.score_value
        self._open(50.0, date(2025, 5, 1))
        self._compute()
        self.assertEqual(len(self._get_history()), 1)
        self.assertLess(self._get_history().value, before)
        self.assertEqual(debtor.score_id, self._get_history())

    def test_looking_back_leaves_the_card_alone(self):
        debtor = self._compute(date(2025, 6, 30))
        last = debtor.score_id
        self._compute(date(2025, 5, 31))
        self.assertEqual((debtor.score_id, debtor.score_date), (last, date(2025, 6, 30)))

    def test_a_changed_weight_makes_a_new_version(self):
        debtor = self._compute(date(2025, 6, 10))
        first = debtor.score_id
        said = (first.value, first.version, first.version_id.content)
        weights = {factor.code: factor.weight for factor in self.scheme.factor_ids}
        self.scheme.factor_ids.filtered(lambda factor: factor.code == "P").weight = 0.9
        self._compute(date(2025, 6, 11))
        second = debtor.score_id
        self.assertNotEqual(second.version_id, first.version_id)
        self.assertGreater(second.version, first.version)
        self.assertEqual((first.value, first.version, first.version_id.content), said)
        self.assertEqual(first.component_ids.filtered(lambda part: part.factor_id.code == "P").weight, weights["P"])
        self.scheme.factor_ids.filtered(lambda factor: factor.code == "P").weight = weights["P"]
        self._compute(date(2025, 6, 12))
        self.assertEqual(debtor.score_id.version_id, first.version_id, "the old scheme is the old version")

    def test_row_keeps_components_and_inputs(self):
        """Three paid 5 days late: index 76.67, P 95.83; 5 days before and now, T 50."""
        score = self._compute().score_id
        parts = {part.factor_id.code: part for part in score.component_ids}
        self.assertAlmostEqual(parts["P"].value, 95.83)
        self.assertAlmostEqual(parts["P"].share, 0.75)
        self.assertAlmostEqual(parts["P"].points, 71.88)
        self.assertEqual(parts["P"].inputs["payments"], 3)
        self.assertEqual((parts["T"].value, parts["T"].points), (50.0, 12.5))
        self.assertEqual(set(parts), {"P", "T"})
        self.assertEqual(score.left_out, "Overdue share, Promises kept, Disputes")
        self.assertEqual(score.value, 84.38)
        self.assertIn("5 days after", parts["P"].explanation)

    def test_bands_must_fall(self):
        with self.assertRaises(ValidationError):
            self.scheme.band_ids = [
                Command.update(self.scheme.band_ids.filtered(lambda b: b.grade == "B").id, {"minimum": 90})
            ]

    def test_change_against_the_month_before(self):
        self._compute(date(2025, 5, 10))
        debtor = self._compute(date(2025, 6, 10))
        self.assertEqual(debtor.score_dial["delta"], 0)
        self._open(300.0, date(2025, 6, 1))
        self._compute(date(2025, 6, 20))
        earlier, now = self._get_history()[0].value, debtor.score_value
        self.assertEqual(debtor.score_dial["delta"], int(now) - int(earlier))
        self.assertEqual([point["x"] for point in debtor.score_graph["points"]], [0.0, 31 / 41, 1.0])
        self.assertEqual([point["y"] for point in debtor.score_graph["points"]], self._get_history().mapped("value"))

    def test_partner_fields(self):
        self._compute()
        partners = self.env["res.partner"].with_company(self.company).with_user(self.reader)
        contact = self.env["res.partner"].create({"name": "Accounts", "parent_id": self.customer.id})
        other = self._new_customer("Atelier Neuf")
        self._compute(partner=other)
        both = self.customer + contact + other
        seen = contact.with_company(self.company).with_user(self.reader)
        self.assertEqual((seen.credit_score, seen.credit_grade, seen.credit_score_label), (84.38, "A", "84 · A"))
        for domain, expected in (
            ([("credit_grade", "=", "A")], self.customer + contact),
            ([("credit_grade", "!=", "A")], other),
            ([("credit_grade", "=", False)], other),
            ([("credit_score", ">=", 84)], self.customer + contact),
            ([("credit_score", "<", 84)], other),
        ):
            self.assertEqual(partners.search([("id", "in", both.ids), *domain]), expected, domain)

    def test_nobody_alters_the_history(self):
        debtor = self._compute()
        for user in (self.reader, self.collector, self.manager):
            for act in (
                lambda score: score.write({"value": 99.0}),
                lambda score: score.unlink(),
                lambda score: score.copy(),
            ):
                with self.assertRaises(AccessError):
                    act(debtor.score_id.with_user(user))
        for name, value in (("score_value", 99.0), ("score_grade", "A"), ("score_state", "scored")):
            with self.assertRaises(AccessError):
                debtor.with_user(self.manager).sudo(False).write({name: value})
        with self.assertRaises(AccessError):
            self.env["credit.debtor"].with_user(self.manager).create(
                {"partner_id": self._new_customer("Autre").id, "company_id": self.company.id, "score_value": 99}
            )

    def test_factor_that_scored_stays(self):
        """The components' key isn't checked by the database: the factor says itself that it is needed."""
        factor = self._compute().score_id.component_ids[0].factor_id
        with self.assertRaisesRegex(UserError, factor.name):
            factor.with_user(self.manager).unlink()
        factor.with_user(self.manager).active = False

    def test_scored_on_demand_by_a_collector_not_by_a_reader(self):
        debtor = self._get_debtor()
        with self.assertRaises(AccessError):
            debtor.with_user(self.reader).sudo(False).action_compute_score()
        debtor.with_user(self.collector).sudo(False).action_compute_score()
        self.assertEqual(debtor.score_date, fields.Date.context_today(debtor))

    def test_salesperson_reads_own_customers_only(self):
        salesperson = self._new_user("salesperson")
        mine = self._new_customer("Atelier Mien", user_id=salesperson.id)
        self._open(10.0, date(2025, 5, 1), mine)
        self._compute(partner=mine)
        theirs = self._compute()
        found = self.env["credit.score"].with_user(salesperson).search([])
        self.assertEqual(found.partner_id, mine)
        self.assertEqual(found.component_ids.score_id, found)
        debtor = self._get_debtor(mine).with_user(salesperson).sudo(False)
        self.assertIn("insufficient data", debtor.score_explanation)
        with self.assertRaises(AccessError):
            theirs.with_user(salesperson).sudo(False).read(["score_label"])

    def test_cron_scores_all_and_makes_missing_cards(self):
        other = self._new_customer("Atelier Neuf")
        self._open(100.0, date(2025, 5, 1), other)
        with self.enter_registry_test_mode():
            self.env.ref("credit_control.cron_score").sudo().method_direct_trigger()
        debtors = self.env["credit.debtor"].search([("company_id", "=", self.company.id)])
        self.assertLessEqual(self.customer + other, debtors.partner_id)
        self.assertEqual(set(debtors.mapped("score_date")), {fields.Date.context_today(debtors)})
        self.assertTrue(all(debtors.mapped("score_state")))

    def test_queries_do_not_grow_with_the_customers(self):
        customers = [self._new_customer(f"Atelier {number}") for number in range(8)]
        for customer in customers:
            self._open(100.0, date(2025, 5, 1), customer)
        debtors = self._get_debtor(self.env["res.partner"].concat(*customers))
        self._compute()
        counts = []
        for group in (debtors[:2], debtors[2:]):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.engine._compute(self.company, group.ids, TODAY)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
        self.assertEqual(set(debtors.mapped("score_state")), {"insufficient"})

    def test_portions_say_what_one_go_says(self):
        """Five customers, two at a time, whose items are read four at a time: the ledger is read twice, not thrice."""
        customers = [self._new_customer(f"Atelier {number}") for number in range(5)]
        for number, customer in enumerate(customers):
            for month in (2, 3, 4, 5):
                due = date(2025, month, 1)
                self._paid(100.0, due, due + timedelta(days=7 * number), customer)
        debtors = self._get_debtor(self.env["res.partner"].concat(*customers))
        expected = {
            one.debtor_id: one.score for one in self.engine._measure(self.company, debtors.ids, TODAY).customers
        }
        history = type(self.env["credit.payment.history"])
        with (
            patch.object(credit_score_engine, "BATCH", 2),
            patch.object(credit_score_engine, "AHEAD", 4),
            patch.object(history, "_reduce", autospec=True, side_effect=history._reduce) as reduce,
        ):
            for portion, within in self.engine._iterate(self.company, debtors.ids, TODAY):
                self.assertLessEqual(len(portion), 2)
                self.engine._compute(self.company, portion, TODAY, within=within)
        self.assertEqual(reduce.call_count, 2)
        for debtor in debtors:
            self.assertEqual(debtor.score_value, expected[debtor.id].value)
        self.assertGreater(len(set(debtors.mapped("score_value"))), 1)

    def test_companies_are_apart(self):
        self._compute()
        other = self.setup_other_company()["company"]
        debtor = self.env["credit.debtor"]._ensure(other, self.customer.ids).sudo()
        self.engine._compute(other, debtor.ids, TODAY)
        self.assertEqual(debtor.score_state, "insufficient")
        self.assertEqual(self.customer.with_company(self.company).credit_grade, "A")


@tagged("post_install", "-at_install")
class TestScoreOfPersons(CreditScoreCommon):
    """Natural persons: nothing follows by itself, objection, print, erasure."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls._new_customer("Personne Exemple", is_company=False)
        for partner in (cls.customer, cls.person):
            for month in (2, 3, 5):
                cls._paid(100.0, date(2025, month, 1), date(2025, month, 6), partner)

    def test_who_is_a_natural_person(self):
        consumers = self.env["credit.segment"].create(
            {"name": "Consumers", "kind": "consumer", "company_id": self.company.id, "active": False}
        )
        person, company = self._get_debtor(self.person), self._get_debtor()
        self.assertTrue(person.is_natural_person)
        self.assertFalse(company.is_natural_person)
        debtors = self.env["credit.debtor"]
        own = [("id", "in", (person + company).ids)]
        self.assertEqual(debtors.search([*own, ("is_natural_person", "=", True)]), person)
        self.assertEqual(debtors.search([*own, ("is_natural_person", "=", False)]), company)
        company.segment_id = consumers
        self.assertTrue(company.is_natural_person)
        self.assertEqual(debtors.search([*own, ("is_natural_person", "=", True)]), person + company)

    def test_no_rule_may_act_on_it_by_itself(self):
        person, company = self._compute(partner=self.person), self._compute()
        verdict = person._get_score_verdicts()[person.id]
        self.assertEqual((verdict.grade, verdict.value, verdict.is_binding), ("A", 84.38, False))
        self.assertTrue(company._get_score_verdicts()[company.id].is_binding)
        unscored = self._get_debtor(self._new_customer("Atelier Neuf"))
        self.assertFalse(unscored._get_score_verdicts()[unscored.id].is_binding)

    def test_a_rule_by_grade_holds_a_companys_order_and_only_warns_of_a_persons(self):
        self.env["credit.rule"].search([]).active = False
        self.env["credit.rule"].create(
            {"name": "By grade", "criterion": "grade", "effect": "hold", "grade": "A", "company_id": self.company.id}
        )
        few = self._new_customer("Atelier Rare")
        self._paid(100.0, date(2025, 5, 1), date(2025, 5, 1), few)
        for partner in (self.person, self.customer, few):
            self._compute(partner=partner)
        effects = [
            partner.with_company(self.company)._credit_check(10.0, self.company.currency_id, self.company, TODAY).effect
            for partner in (self.customer, self.person, few)
        ]
        self.assertEqual(effects, ["hold", "warn", "pass"], "insufficient data accuse nobody")

    def test_objection(self):
        person = self._compute(partner=self.person)
        person.with_user(self.collector).sudo(False).credit_score_objection = True
        self.assertEqual((person.score_state, person.score_grade, person.score_label), ("objected", False, "objected"))
        self.assertFalse(person.score_id)
        with self.assertRaisesRegex(UserError, "objects"):
            person.action_compute_score()
        self.engine._compute(self.company, person.ids, TODAY)
        self.assertEqual(person.score_state, "objected")
        self.assertNotIn(person.id, self.engine._get_due(self.company, TODAY))
        explained = person._explain_score(TODAY)
        self.assertEqual((explained["label"], explained["factors"]), ("objected", []))
        verdict = person._get_score_verdicts()[person.id]
        self.assertEqual((verdict.grade, verdict.value, verdict.is_binding), (None, None, False))
        person.credit_score_objection = False
        self._compute(partner=self.person)
        self.assertEqual(person.score_grade, "A")

    def test_companies_do_not_object(self):
        with self.assertRaisesRegex(UserError, "Boulangerie Exemple"):
            self._get_debtor().credit_score_objection = True

    def test_print_says_logic_inputs_value_and_rights(self):
        debtor = self._compute(partner=self.person).with_context(as_of=TODAY)
        html, _type = (
            self.env["ir.actions.report"]
            .with_context(as_of=TODAY)
            ._render_qweb_html("credit_control.report_score", debtor.ids)
        )
        text = html.decode()
        for words in (
            "84 · A",
            "96",
            "5 days after the due date",
            "left out",
            "Your rights",
            "24 months",
            "named person",
        ):
            self.assertIn(words, text)
        company, _type = self.env["ir.actions.report"]._render_qweb_html(
            "credit_control.report_score", self._compute().ids
        )
        self.assertNotIn("Your rights", company.decode())

    def test_history_of_persons_is_erased_after_24_months(self):
        today = fields.Date.context_today(self.env["credit.score"])
        old, kept = fields.Date.subtract(today, months=25), fields.Date.subtract(today, months=24)
        for day in (old, kept):
            self._compute(day, self.person)
            self._compute(day)
        self.env["credit.score"]._cron_erase()
        scores = self.env["credit.score"].search([("partner_id", "in", (self.person + self.customer).ids)])
        self.assertEqual(scores.filtered(lambda score: score.partner_id == self.person).mapped("date"), [kept])
        self.assertEqual(len(scores.filtered(lambda score: score.partner_id == self.customer)), 2)

    def test_a_card_forgets_what_was_erased(self):
        today = fields.Date.context_today(self.env["credit.score"])
        debtor = self._compute(fields.Date.subtract(today, months=30), self.person)
        self.assertTrue(debtor.score_state)
        self.env["credit.score"]._cron_erase()
        self.assertEqual((debtor.score_state, debtor.score_label), (False, "not scored yet"))
