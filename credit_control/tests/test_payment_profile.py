from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_payment_history import PaymentHistoryCommon

TODAY = date(2025, 3, 3)


class PaymentProfileCommon(PaymentHistoryCommon):
    @classmethod
    def _settled(cls, late, due=date(2025, 1, 10), amount=100.0, partner=None):
        """Return an invoice that was paid ``late`` days after its due date."""
        invoice = cls._invoice(amount, due, partner=partner, issued=due - timedelta(days=30))
        cls._pay(invoice, amount, due + timedelta(days=late))
        return invoice

    @classmethod
    def _settle_history(cls, lates=(0, 2, 3, 5, 40), partner=None):
        """Five invoices that were paid 0, 2, 3, 5 and 40 days late: 3 is the median."""
        for number, late in enumerate(lates):
            cls._settled(late, date(2025, 1, 6) + timedelta(days=number), partner=partner)

    @classmethod
    def _refresh(cls, as_of=TODAY):
        cls.env["credit.payment.profile"].with_company(cls.company)._refresh_company(cls.company, as_of)

    @classmethod
    def _profile(cls, partner=None):
        return cls.env["credit.payment.profile"].search(
            [("partner_id", "=", (partner or cls.customer).id), ("company_id", "=", cls.company.id)]
        )


@tagged("post_install", "-at_install")
class TestPaymentProfile(PaymentProfileCommon):
    def test_the_figures_of_a_customer(self):
        self._settle_history()
        self._refresh()
        self.assertRecordValues(
            self._profile(),
            [
                {
                    "scope": "customer",
                    "date": TODAY,
                    "item_count": 5,
                    "overdue_count": 0,
                    "days_median": 3.0,
                    "days_weighted": 10.0,
                    "days_90": 40.0,
                    "days_to_pay": 33.0,
                    "has_trend": False,
                    "late_rate": 0.8,
                }
            ],
        )
        self.assertEqual(self._profile().summary, "pays 3 days late (median)")

    def test_parts_weigh_by_amount_and_what_is_overdue_counts(self):
        """140 paid 7 days late, 85 paid 55 late, 214 open and 10 late: (980 + 4 675 + 2 140) / 439 = 17.76."""
        first = self._invoice(225.0, date(2024, 11, 1))
        self._pay(first, 140.0, date(2024, 11, 8))
        self._pay(first, 85.0, date(2024, 12, 26))
        self._invoice(214.0, TODAY - timedelta(days=10))
        self._refresh()
        profile = self._profile()
        self.assertAlmostEqual(profile.days_weighted, 17.756, places=3)
        self.assertEqual((profile.item_count, profile.overdue_count), (1, 1))
        # (140 × 7 + 85 × 55) / 225 = 25.13
        self.assertAlmostEqual(profile.days_median, 25.133, places=3)

    def test_the_trend_in_words(self):
        self._settled(4, date(2024, 6, 10))
        self._settled(10, date(2025, 1, 10))
        self._refresh()
        self.assertEqual((self._profile().trend, self._profile().has_trend), (6.0, True))
        self.assertEqual(self._profile().summary, "pays 7 days late (median), trend +6 days")

    def test_no_trend_to_speak_of_is_steady(self):
        self._settled(4, date(2024, 6, 10))
        self._settled(4, date(2025, 1, 10))
        self._refresh()
        self.assertEqual(self._profile().summary, "pays 4 days late (median), steady")

    def test_early_payers_and_those_who_never_paid_in_words(self):
        early, silent = self._new_customer("Atelier Avance"), self._new_customer("Atelier Muet")
        self._settled(-5, partner=early)
        self._invoice(100.0, date(2024, 11, 1), partner=silent)
        self._refresh()
        self.assertEqual(self._profile(early).summary, "pays 5 days early (median)")
        self.assertEqual(self._profile(silent).summary, "nothing paid in 12 months, 1 items overdue")

    def test_pay_days_are_recognised(self):
        """Each paid on a Thursday, whatever the due date."""
        for week in range(6):
            due = date(2024, 12, 2) + timedelta(days=7 * week + week % 3)
            self._settled((3 - due.weekday()) % 7, due)
        self._refresh()
        profile = self._profile()
        self.assertEqual((profile.pay_weekday, profile.pay_share), ("3", 1.0))
        self.assertEqual(profile.habit, "Thursday (100 % of payments)")

    def test_by_quarter(self):
        self._settled(4, date(2024, 6, 10), amount=300.0)
        self._settled(-2, date(2024, 6, 20))
        self._settled(10, date(2025, 1, 10))
        self._refresh()
        first, second = self._profile().periods
        self.assertEqual(
            (first["start"], first["count"], first["late"], first["days"], first["weighted"]),
            ("2024-04-01", 2, 1, 1.0, 2.5),
        )
        self.assertEqual((second["start"], second["days"]), ("2025-01-01", 10.0))
        table = str(self._profile().periods_table)
        self.assertIn("Q2 2024", table)
        self.assertLess(table.index("Q1 2025"), table.index("Q2 2024"), "the latest first")

    def test_once_more_updates_the_same_row(self):
        self._settled(4)
        self._refresh()
        before = self._profile()
        self._settled(8, date(2025, 1, 12))
        self._refresh(TODAY + timedelta(days=1))
        self.assertEqual(self._profile(), before)
        self.assertEqual((before.item_count, before.days_median), (2, 6.0))

    def test_a_customer_without_a_history_any_more_has_no_profile(self):
        self._settled(4)
        self._refresh()
        self._refresh(date(2029, 1, 1))
        self.assertFalse(self._profile())

    def test_segments_and_the_company_stand_in(self):
        segment = self.env["credit.segment"].create({"name": "Bakers", "company_id": self.company.id, "domain": "[]"})
        other = self._new_customer("Atelier Autre")
        self._settle_history((10, 10, 12, 14, 14))
        self._settled(50, partner=other)
        debtors = self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
        debtors.segment_id = segment
        self._refresh()
        domain = [("company_id", "=", self.company.id)]
        groups = self.env["credit.payment.profile"].search([*domain, ("scope", "!=", "customer")])
        self.assertEqual({group.scope: group.item_count for group in groups}, {"segment": 5, "company": 6})
        self.assertEqual(groups.filtered("segment_id").days_median, 12.0)

    def test_promises_slip_by_what_they_did_before(self):
        """Promised for 10 January and paid on the 14th, one for 20 January and never paid: 4 and 42 days."""
        for day, paid in ((date(2025, 1, 10), date(2025, 1, 14)), (date(2025, 1, 20), None)):
            invoice = self._invoice(100.0, date(2025, 1, 1))
            self.env["credit.promise"].create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "date": day,
                    "date_recorded": date(2025, 1, 2),
                    "amount": 100.0,
                    "move_line_ids": self._receivable(invoice).ids,
                }
            ).state = "broken"
            if paid:
                self._pay(invoice, 100.0, paid)
        self._refresh()
        facts = self._facts()
        self.assertEqual((facts.slippage, facts.promises), (23.0, 2))

    def test_the_facts_come_back_as_they_were_kept(self):
        self._settle_history()
        self._refresh()
        facts = self._facts()
        self.assertEqual(facts.recent, ((0.0, False), (2.0, False), (3.0, False), (5.0, False), (40.0, False)))
        self.assertEqual((facts.delays, facts.settled), ((0.0, 2.0, 3.0, 5.0, 40.0), 5))

    def test_the_cron_does_each_customer_once_a_day(self):
        self._settle_history()
        with self.enter_registry_test_mode():
            cron = self.env.ref("credit_control.cron_payment_profile").sudo()
            cron.method_direct_trigger()
            profiles = self.env["credit.payment.profile"]
            today = profiles.search([("company_id", "=", self.company.id)], limit=1).date
            self.assertTrue(today)
            self.assertEqual(profiles._get_stale_partner_ids(self.company, today), [])
            cron.method_direct_trigger()

    def test_the_number_of_queries_does_not_grow(self):
        def count(partners):
            for number in range(partners):
                self._settled(number, partner=self._new_customer(f"Atelier {number} de {partners}"))
                self._invoice(100.0, date(2025, 2, 10), partner=self._new_customer(f"Atelier ouvert {number}"))
            self.env.flush_all()
            self.env.invalidate_all()
            with self._statements() as found:
                self._refresh()
            return found

        count(1)
        few = count(2)
        self._assert_not_more(count(9), few)

    def _facts(self):
        return self._profile()._get_customers(self.company, self.customer.ids)[self.customer.id]

    # -- who sees it -----------------------------------------------------------------------

    def test_the_card_says_how_they_pay(self):
        self._settle_history()
        self._refresh()
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids).with_user(self.reader)
        self.assertEqual(debtor.payment_summary, "pays 3 days late (median)")
        self.assertIn("Q1 2025", str(debtor.payment_periods))
        with self.assertRaises(AccessError):
            debtor.action_refresh_profile()
        debtor.with_user(self.collector).action_refresh_profile()

    def test_nobody_writes_a_profile(self):
        self._settle_history()
        self._refresh()
        for user in (self.reader, self.collector, self.manager):
            with self.assertRaises(AccessError):
                self._profile().with_user(user).write({"days_median": 0.0})

    def test_salespeople_see_their_own_customers_and_no_group(self):
        salesperson = self._new_user("salesperson")
        mine = self._new_customer("Atelier Mien", user_id=salesperson.id)
        self._settle_history()
        self._settle_history(partner=mine)
        self._refresh()
        found = self.env["credit.payment.profile"].with_user(salesperson).search([])
        self.assertEqual(found.partner_id, mine)
        self.assertEqual(set(found.mapped("scope")), {"customer"})
        self.assertTrue(found.action_refresh())

    def test_companies_are_apart(self):
        self._settle_history()
        self._refresh()
        other = self.setup_other_company()["company"]
        stranger = self._new_stranger(other)
        self.assertFalse(self.env["credit.payment.profile"].with_user(stranger).search([]))
        self.assertFalse(self.env["credit.forecast.record"].with_user(stranger).search([]))
