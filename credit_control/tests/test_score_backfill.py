from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_score import TODAY, CreditScoreCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestScoreBackfill(CreditScoreCommon):
    """Scores of past months: what the ledger would have said then; marked, beside those that were given."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Paid on the due day each month of 2024; the one of December only in May, 120 days late: see the dates.
        for month in range(1, 11):
            cls._paid(100.0, date(2024, month, 15), date(2024, month, 15))
        cls._paid(500.0, date(2024, 12, 15), date(2025, 5, 20))
        cls.debtor = cls._get_debtor()
        # Not those of other companies, whom the installation noted.
        cls.env["res.company"].search([]).credit_score_backfill_date = False

    def _backfill(self):
        self.company._credit_plan_score_backfill()
        with self.enter_registry_test_mode():
            self.env.ref("credit_control.cron_score_backfill").sudo().method_direct_trigger()
        self.env.invalidate_all()

    def _scores(self):
        return self.env["credit.score"].search(
            [("partner_id", "=", self.customer.id), ("company_id", "=", self.company.id)], order="date"
        )

    def test_each_month_as_the_ledger_stood(self):
        self._backfill()
        by_day = {score.date: score for score in self._scores()}
        self.assertEqual(min(by_day), date(2024, 1, 31), "before the first invoice there is nothing to say")
        self.assertEqual(max(by_day), date(2025, 5, 31))
        self.assertEqual(by_day[date(2024, 2, 29)].state, "insufficient", "two items")
        self.assertEqual(by_day[date(2024, 10, 31)].value, 87.5)
        late = by_day[date(2025, 4, 30)]
        self.assertEqual(late.value, self._measure(date(2025, 4, 30)).value)
        self.assertLess(late.value, by_day[date(2024, 12, 31)].value, "what was paid in May was overdue in April")
        self.assertTrue(all(by_day.values()) and all(score.is_backfilled for score in by_day.values()))
        self.assertFalse(self.company.credit_score_backfill_date)

    def test_the_card_keeps_the_present_score_and_shows_the_past(self):
        self._compute()
        value = self.debtor.score_value
        self._backfill()
        self.assertEqual((self.debtor.score_value, self.debtor.score_date), (value, TODAY))
        self.assertFalse(self.debtor.score_id.is_backfilled)
        labels = [point["label"] for point in self.debtor.score_graph["points"]]
        self.assertIn("worked out later", labels[0])
        self.assertNotIn("worked out later", labels[-1])

    def test_what_was_given_on_its_day_stays(self):
        self._compute(date(2025, 3, 10))
        given = self._scores()
        self._backfill()
        self.assertIn(given, self._scores())
        self.assertFalse(self._scores().filtered(lambda score: score.is_backfilled and score.date > given.date))

    def test_once_more_changes_nothing(self):
        self._backfill()
        before = self._scores()
        self._backfill()
        self.assertEqual(self._scores(), before)

    def test_goes_on_where_it_was_cut_short(self):
        """The time is up after the third commit: the months done stay, the next run does the rest."""
        self.company._credit_plan_score_backfill()
        crons = self.env.registry["ir.cron"]
        left = iter([60.0, 60.0, 0.0])
        with patch.object(crons, "_commit_progress", lambda *args, **values: next(left)):
            self.assertFalse(self.company.with_company(self.company)._credit_backfill_scores())
        halfway = self.company.credit_score_backfill_date
        self.assertTrue(date(2023, 6, 30) < halfway < TODAY)
        with patch.object(crons, "_commit_progress", lambda *args, **values: 60.0):
            self.assertTrue(self.company.with_company(self.company)._credit_backfill_scores())
        self.assertEqual(len(self._scores()), 17, "January 2024 to May 2025, each once")

    def test_without_a_scheme_there_is_nothing_to_do(self):
        self.scheme.active = False
        said = self.assertLogs("odoo.addons.credit_control.models.credit_score_backfill", "WARNING")
        with said, self.assertNoLogs("odoo.addons.base.models.ir_cron", "WARNING"):
            self._backfill()
        self.assertFalse(self.company.credit_score_backfill_date)
        self.assertFalse(self._scores())

    def test_who_objects_has_no_past(self):
        person = self._new_customer("Personne Exemple", is_company=False)
        for number in range(3):
            self._paid(100.0, TODAY - timedelta(days=200 + number), TODAY - timedelta(days=200), person)
        self._get_debtor(person).credit_score_objection = True
        self._backfill()
        self.assertFalse(self.env["credit.score"].search([("partner_id", "=", person.id)]))

    def test_a_manager_asks_for_it_a_collector_does_not(self):
        scheme = self.scheme.with_context(allowed_company_ids=self.company.ids)
        with self.assertRaises(AccessError):
            scheme.with_user(self.collector).action_backfill()
        self.assertEqual(scheme.with_user(self.manager).action_backfill()["tag"], "display_notification")
        self.assertEqual(self.company.credit_score_backfill_date, date(2023, 6, 30))

    def test_queries_do_not_grow_with_the_customers(self):
        def count(customers):
            for number in range(customers):
                partner = self._new_customer(f"Atelier {number} de {customers}")
                self._paid(100.0, date(2025, 1, 15), date(2025, 1, 15), partner)
            version = self.engine._get_version(self.company)
            ids = self.engine._get_unscored(self.company, date(2025, 1, 31))
            self.env.flush_all()
            with self._statements() as found:
                self.engine._backfill(self.company, ids, date(2025, 1, 31), version)
            return found

        count(1)
        self.env["credit.score"].sudo().search([]).unlink()
        few = count(1)
        self.env["credit.score"].sudo().search([]).unlink()
        self._assert_not_more(count(5), few)
