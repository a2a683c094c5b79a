from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common_score import TODAY, CreditScoreCommon
from .common_score_factor import ScoreFactorContract


@tagged("post_install", "-at_install")
class TestFactorPaymentIndex(ScoreFactorContract):
    factor_xmlid = "credit_control.score_factor_payment_index"

    def test_index_by_amount_over_payments_and_what_is_overdue(self):
        """100 paid 26 late (55), 300 open 75 late (35): (5 500 + 10 500) / 400 = 40; times 1.25 = 50."""
        self._paid(100.0, TODAY - timedelta(days=100), TODAY - timedelta(days=74))
        self._open(300.0, TODAY - timedelta(days=75))
        [inputs] = self._gather(self.customer)[1].values()
        self.assertAlmostEqual(inputs["index"], 40.0)
        self.assertAlmostEqual(self.handler._decide(inputs), 50.0)
        self.assertEqual((inputs["payments"], inputs["overdue"]), (1, 1))

    def test_each_part_of_an_item_by_its_own_date(self):
        """225 due 10 June: 140 paid 7 late, 85 paid 55 late is later than the day; so 85 open 20 late."""
        invoice = self._open(225.0, date(2025, 6, 10))
        self._pay(invoice, date(2025, 6, 17), amount=140.0)
        self._pay(invoice, date(2025, 8, 4), amount=85.0)
        [inputs] = self._gather(self.customer)[1].values()
        self.assertAlmostEqual(inputs["days"], (140 * 7 + 85 * 20) / 225)

    def test_credit_notes_and_drafts_are_no_payments(self):
        invoice = self._open(100.0, TODAY - timedelta(days=80))
        refund = self._invoice(100.0, TODAY, issued=TODAY, move_type="out_refund")
        (self._receivable(invoice) + self._receivable(refund)).reconcile()
        self.assertFalse(self._gather(self.customer)[1])

    def test_payments_older_than_24_months_are_forgotten(self):
        self._paid(100.0, date(2023, 5, 1), date(2023, 6, 30))
        self.assertFalse(self._gather(self.customer)[1])
        self._paid(100.0, date(2023, 6, 1), date(2023, 7, 1))
        self.assertEqual(self._gather(self.customer)[1][self.customer.id]["days"], 30)

    def test_a_contact_pays_for_its_company(self):
        contact = self.env["res.partner"].create({"name": "Accounts", "parent_id": self.customer.id})
        self._paid(100.0, TODAY - timedelta(days=30), TODAY - timedelta(days=30), contact)
        self.assertEqual(self._gather(self.customer)[1][self.customer.id]["payments"], 1)

    def test_rates_of_exchange_are_not_behaviour(self):
        """An invoice in another currency weighs by what it was booked at, however it was paid."""
        euro = self.setup_other_currency("EUR", rates=[("2024-01-01", 2.0), ("2025-06-01", 4.0)])
        invoice = self._invoice(200.0, TODAY - timedelta(days=10), issued=date(2025, 5, 1), currency_id=euro.id)
        other = self._open(100.0, TODAY - timedelta(days=40))
        before = self._gather(self.customer)[1][self.customer.id]
        self._pay(invoice + other, TODAY)
        after = self._gather(self.customer)[1][self.customer.id]
        self.assertAlmostEqual(before["days"], 25.0)
        self.assertAlmostEqual(after["days"], 25.0)
        self.assertEqual(after["payments"], 2)


@tagged("post_install", "-at_install")
class TestFactorOverdueShare(ScoreFactorContract):
    factor_xmlid = "credit_control.score_factor_overdue_share"

    def _decide_now(self):
        [inputs] = self._gather(self.customer)[1].values()
        return self.handler._decide(inputs)

    def test_more_than_thirty_days(self):
        """300 due 31 days ago, 100 due 30 days ago, 600 not due: 30 % are late."""
        self._open(300.0, TODAY - timedelta(days=31))
        self._open(100.0, TODAY - timedelta(days=30))
        self._open(600.0, TODAY + timedelta(days=5))
        self.assertAlmostEqual(self._decide_now(), 70.0)

    def test_credits_are_taken_from_the_oldest(self):
        """300 late and 900 not due, 200 not allocated: 100 of 1 000 are late."""
        self._open(300.0, TODAY - timedelta(days=60))
        self._open(900.0, TODAY + timedelta(days=5))
        self._invoice(200.0, TODAY, issued=TODAY, move_type="out_refund")
        self.assertAlmostEqual(self._decide_now(), 90.0)

    def test_nothing_owed_is_no_material(self):
        self._open(100.0, TODAY - timedelta(days=60))
        self._invoice(100.0, TODAY, issued=TODAY, move_type="out_refund")
        self.assertIsNone(self._decide_now())


@tagged("post_install", "-at_install")
class TestFactorTrend(ScoreFactorContract):
    factor_xmlid = "credit_control.score_factor_trend"

    def test_each_day_slower_takes_two_and_a_half(self):
        """4 days late in February, 10 in May: 6 days slower, 50 − 15 = 35."""
        self._paid(100.0, date(2025, 2, 1), date(2025, 2, 5))
        self._paid(100.0, date(2025, 5, 1), date(2025, 5, 11))
        [inputs] = self._gather(self.customer)[1].values()
        self.assertAlmostEqual(self.handler._decide(inputs), 35.0)

    def test_without_a_past_there_is_no_trend(self):
        self._paid(100.0, date(2025, 5, 1), date(2025, 5, 11))
        [inputs] = self._gather(self.customer)[1].values()
        self.assertIsNone(self.handler._decide(inputs))


@tagged("post_install", "-at_install")
class TestFactorPromises(ScoreFactorContract):
    factor_xmlid = "credit_control.score_factor_promises"

    def _prepare_material(self, partner):
        self._promise("kept", partner=partner)
        return super()._prepare_material(partner)

    def test_kept_of_those_that_ended(self):
        """3 kept of 4: 100 × 4 / 6."""
        for state in ("kept", "kept", "kept", "broken", "cancelled"):
            self._promise(state)
        self._promise("broken", due=date(2023, 6, 30))
        self._promise("broken", due=TODAY + timedelta(days=1))
        [inputs] = self._gather(self.customer)[1].values()
        self.assertAlmostEqual(self.handler._decide(inputs), 100 * 4 / 6)

    @freeze_time(TODAY)
    def test_settling_foretells_the_promise_that_it_keeps(self):
        """A promise of today, on an item that is paid today: kept; 100 × 2 / 3."""
        ScoreFactorContract._prepare_material(self, self.customer)
        invoice = self._open(250.0, TODAY - timedelta(days=50))
        [line] = self._receivable(invoice)
        promise = self._promise("open", due=TODAY)
        promise.write({"move_line_ids": line.ids, "amount": 250.0, "date_recorded": TODAY - timedelta(days=4)})
        scope, inputs = self._gather(self.customer)
        found = inputs[self.customer.id]
        self.assertIsNone(self.handler._decide(found))
        [item] = [item for item in scope.open_items[self.customer.id] if item.id == line.id]
        foretold = self.handler._settle(scope, self.customer.id, found, [item])
        self.assertAlmostEqual(self.handler._decide(foretold), 100 * 2 / 3)
        self._pay(invoice, TODAY)
        self.assertEqual(promise.state, "kept")
        self.assertEqual(self._gather(self.customer)[1][self.customer.id], foretold)


@tagged("post_install", "-at_install")
class TestFactorDisputes(ScoreFactorContract):
    factor_xmlid = "credit_control.score_factor_disputes"

    def _prepare_material(self, partner):
        self._dispute("unjustified", partner)
        self._dispute("justified", partner)
        return super()._prepare_material(partner)

    def _dispute(self, outcome, partner, closed_on=TODAY):
        reason = self.env["credit.dispute.reason"].search([], limit=1) or self.env["credit.dispute.reason"].create(
            {"name": "Price", "code": "price"}
        )
        line = self._receivable(self._open(10.0, TODAY - timedelta(days=45), partner))
        dispute = self.env["credit.dispute"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "reason_id": reason.id,
                "date": date(2025, 5, 1),
                "line_ids": [Command.create({"move_line_id": line[:1].id})],
            }
        )
        if outcome:
            dispute.write({"state": "closed", "outcome": outcome, "closed_on": closed_on})
        return dispute

    def test_share_of_the_unjustified(self):
        for outcome in ("unjustified", "justified", "justified", "justified", None):
            self._dispute(outcome, self.customer)
        self._dispute("unjustified", self.customer, closed_on=date(2023, 6, 30))
        [inputs] = self._gather(self.customer)[1].values()
        self.assertAlmostEqual(self.handler._decide(inputs), 75.0)


@tagged("post_install", "-at_install")
class TestFactorRecords(CreditScoreCommon):
    """A factor is a record that names its handler."""

    def _get_factor(self, code):
        return self.scheme.factor_ids.filtered(lambda factor: factor.code == code)

    def test_unknown_handler_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "Trend.*credit.score.factor.nothing"):
            self._get_factor("T").handler = "credit.score.factor.nothing"

    def test_archived_factor_is_left_out(self):
        self._paid(100.0, date(2025, 2, 1), date(2025, 2, 5))
        self._get_factor("P").active = False
        self.assertNotIn("P", self._get_components(self._measure()))

    def test_another_factor_is_a_record(self):
        """The same measure under another code, with all the weight."""
        self.scheme.factor_ids.weight = 0
        self.env["credit.score.factor"].create(
            {
                "scheme_id": self.scheme.id,
                "name": "Overdue only",
                "code": "OO",
                "weight": 2.0,
                "handler": "credit.score.factor.overdue_share",
            }
        )
        for _number in range(3):
            self._open(100.0, TODAY - timedelta(days=40))
        self._open(100.0, TODAY + timedelta(days=40))
        score = self._measure()
        self.assertEqual((score.value, self._get_components(score)), (25.0, {"OO": 25.0}))
