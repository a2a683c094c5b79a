from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common_rating import TODAY, RatingCommon


@tagged("post_install", "-at_install")
class TestRating(RatingCommon):
    """What agencies say, on one scale; the latest valid word; what is stale; against our own score."""

    def test_grades_and_figures_on_one_scale(self):
        self.assertEqual(self._rate(" aaa ").score, 95.0)
        rating = self._rate("14,5/20", agency=self.figures)
        self.assertEqual((rating.score, rating.date_until), (72.5, date(2026, 5, 31)))

    def test_what_is_not_on_the_scale_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "“D” of Boulangerie Exemple.*AAA, B, C"), self.cr.savepoint():
            self._rate("D")
        with self.assertRaisesRegex(ValidationError, "between 0 and 20"), self.cr.savepoint():
            self._rate("21", agency=self.figures)
        with self.assertRaisesRegex(ValidationError, "before the day"), self.cr.savepoint():
            self._rate("B", date_stated=date(2026, 4, 1))

    @mute_logger("odoo.sql_db")
    def test_what_can_not_be(self):
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._rate("B", recommended_limit=-1.0)
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._rate("B").write({"date": False, "date_stated": date(2026, 12, 31)})
        self._rate("B")
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._rate("C")
        with self.assertRaisesRegex(ValidationError, "twice"):
            self.agency.scale_ids = [Command.create({"value": "aaa", "score": 1})]
        with self.assertRaisesRegex(ValidationError, "same"):
            self.figures.best = 0.0

    def test_the_scale_changes_what_was_rated(self):
        rating = self._rate("B")
        self.agency.scale_ids.filtered(lambda step: step.value == "B").score = 50.0
        self.assertEqual(rating.score, 50.0)

    def test_latest_valid_then_stale(self):
        with freeze_time(TODAY):
            self._rate("B", date(2026, 1, 1))
            self._rate("14", date(2026, 5, 30), agency=self.figures)
            self.assertEqual(self.customer.credit_rating_id.value, "14")
            self.assertEqual(self.customer.credit_rating_state, "valid")
        with freeze_time("2026-07-01"):
            self.customer.invalidate_recordset()
            self.assertEqual(self.customer.credit_rating_id.value, "B")
        with freeze_time("2027-07-01"):
            self.customer.invalidate_recordset()
            self.assertEqual((self.customer.credit_rating_id.value, self.customer.credit_rating_state), ("14", "stale"))
            self.assertIn("stale", self.customer.credit_rating_words)
            stale = self.env["res.partner"].search([("credit_rating_state", "=", "stale")])
            self.assertEqual(stale, self.customer)
            none = self.env["res.partner"].search([("credit_rating_state", "=", False)])
            self.assertNotIn(self.customer, none)
            self.assertEqual(len(self.ratings.search([("is_stale", "=", True)])), 2)

    def test_prospects_and_contacts(self):
        prospect = self._new_customer("Prospect Exemple")
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": prospect.id})
        rating = self._rate("AAA", partner=contact)
        self.assertEqual(rating.partner_id, prospect)
        contact = contact.with_user(self.collector)
        self.assertEqual((contact.credit_rating_id, contact.credit_rating_count), (rating, 1))
        self.assertFalse(self.env["credit.debtor"].search([("partner_id", "=", prospect.id)]))
        self.assertEqual(prospect.action_open_credit_ratings()["domain"], [("partner_id", "=", prospect.id)])

    def test_bounds_of_our_score(self):
        """C: at most 40; AAA: at least 60; where both speak the cautious word counts; what is stale bounds nothing."""
        self.assertEqual(self._caps(TODAY), {})
        self._rate("AAA", date(2026, 4, 1))
        self.assertEqual(self._caps(TODAY), {self.customer.id: {"rating_floor": 60.0}})
        second = self._rate("C", agency=self.agency.copy({"name": "Agence Seconde"}))
        self.assertEqual(self._caps(TODAY), {self.customer.id: {"rating_ceiling": 40.0, "rating_floor": 40.0}})
        second.sudo().unlink()
        self._rate("C")
        self.assertEqual(self._caps(TODAY), {self.customer.id: {"rating_ceiling": 40.0}})
        self.assertEqual(self._caps(date(2026, 4, 15)), {self.customer.id: {"rating_floor": 60.0}})
        self.assertEqual(self._caps(date(2028, 1, 1)), {})

    def _caps(self, day):
        return self.ratings._get_score_caps(self.company, self.customer.ids, day)

    def test_the_score_takes_them(self):
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
        self._rate("C")
        self.assertEqual(debtor._get_score_facts(TODAY), {debtor.id: {"rating_ceiling": 40.0}})

    def test_conflict_with_our_own_score_is_shown(self):
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
        debtor.sudo().write({"score_value": 43.0, "score_state": "scored"})
        with freeze_time(TODAY):
            self._rate("AAA")
            customer = self.customer.with_user(self.reader).with_company(self.company)
            self.assertIn("52", customer.credit_rating_conflict)
            self.assertIn("points above", debtor.with_user(self.reader).rating_conflict)
            self.agency.tolerance = 60.0
            customer.invalidate_recordset()
            self.assertFalse(customer.credit_rating_conflict)

    def test_companies(self):
        other = self.setup_other_company()["company"]
        own = self._rate("B")
        shared = self._rate("C", date(2026, 4, 1), company_id=False)
        self.assertEqual(self.ratings._get_leading(other, self.customer.ids, TODAY)[self.customer.id].id, shared.id)
        self.assertEqual(self.ratings._get_leading(self.company, self.customer.ids, TODAY)[self.customer.id].id, own.id)
        stranger = self._new_stranger(other)
        self.assertEqual(self.ratings.with_user(stranger).search([]), shared)

    def test_roles(self):
        rating = self._rate("B")
        with self.assertRaises(AccessError):
            rating.with_user(self.reader).value = "C"
        with self.assertRaises(AccessError):
            self.agency.with_user(self.collector).name = "x"
        salesperson = self._new_user("salesperson")
        self.assertFalse(self.customer.with_user(salesperson).credit_rating_words)
        self.customer.user_id = salesperson
        self.env.invalidate_all()
        self.assertIn("Agence Exemple", self.customer.with_user(salesperson).credit_rating_words)
        plain = new_test_user(self.env, "rating_plain", "base.group_user")
        with self.assertRaises(AccessError):
            self.customer.with_user(plain).read(["credit_rating_words"])

    def test_form(self):
        with Form(self.ratings.with_user(self.collector).with_company(self.company)) as form:
            form.partner_id = self.customer
            form.agency_id = self.agency
            form.value = "AAA"
            form.recommended_limit = 12000.0
        self.assertEqual((form.record.source, form.record.score), ("manual", 95.0))

    def test_queries_do_not_grow_with_customers(self):
        partners = self.env["res.partner"].create([{"name": f"Atelier {place}"} for place in range(20)])
        for partner in partners:
            self._rate("B", partner=partner)
        self.env.flush_all()
        counts = []
        for some in (partners, partners[:2], partners):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.with_user(self.reader).mapped("credit_rating_words")
            counts.append(self.cr.sql_log_count - before)
        # The first round fills caches of the registry.
        self.assertEqual(counts[1], counts[2])
