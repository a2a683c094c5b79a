from datetime import date, timedelta

from odoo.tests import tagged

from .test_payment_profile import TODAY, PaymentProfileCommon

DUE = date(2025, 3, 15)


@tagged("post_install", "-at_install")
class TestForecast(PaymentProfileCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._invoice(1000.0, DUE, issued=date(2025, 2, 13))
        cls.line = cls._receivable(cls.invoice)
        cls.reason = cls.env["credit.dispute.reason"].search([], limit=1)

    def _item(self, as_of=TODAY, line=None, user=None):
        item = self.env["credit.open.item"].with_user(user or self.collector).with_company(self.company)
        return item.with_context(as_of=as_of).browse((line or self.line).id)

    def _expected(self, as_of=TODAY, line=None, user=None):
        item = self._item(as_of, line, user)
        return item.date_expected, item.expected_rule

    def _promise(self, day, amount=1000.0, recorded=TODAY, **values):
        return self.env["credit.promise"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "date": day,
                "date_recorded": recorded,
                "amount": amount,
                "move_line_ids": self.line.ids,
                **values,
            }
        )

    def _dispute(self, deadline, amount=0.0):
        return self.env["credit.dispute"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "reason_id": self.reason.id,
                "date": TODAY,
                "deadline": deadline,
                "line_ids": [(0, 0, {"move_line_id": self.line.id, "amount": amount})],
            }
        )

    # -- which rule -------------------------------------------------------------------------

    def test_due_plus_the_median_of_the_customer(self):
        """0, 2, 3, 5, 40 days late; due 15 March: 18 March."""
        self._settle_history()
        self._refresh()
        self.assertEqual(self._expected(), (date(2025, 3, 18), "customer"))
        item = self._item()
        self.assertEqual(item.expected_confidence, "medium")
        self.assertEqual(item.expected_reason, "Like this customer's latest items: 3 days late")

    def test_with_no_history_the_due_date_and_never_a_weekend(self):
        self.assertEqual(self._expected(), (date(2025, 3, 17), "due"))
        self.assertEqual(self._item().expected_reason, "No history yet: the due date")

    def test_with_a_profile_that_says_nothing_yet(self):
        self.env["credit.payment.profile"].sudo().create(
            {"partner_id": self.customer.id, "company_id": self.company.id, "scope": "customer", "date": TODAY}
        )
        self.assertEqual(self._expected(), (date(2025, 3, 17), "due"))

    def test_with_little_history_the_segment_then_the_company(self):
        other = self._new_customer("Atelier Autre")
        self._settle_history((5, 5, 6, 7, 7), partner=other)
        self._settle_history((30, 30))
        self._refresh()
        # The company's seven items: 5, 5, 6, 7, 7, 30, 30.
        self.assertEqual(self._expected(), (date(2025, 3, 24), "company"))  # the 22nd is a Saturday
        segment = self.env["credit.segment"].create({"name": "Bakers", "company_id": self.company.id, "domain": "[]"})
        self.env["credit.debtor"]._ensure(self.company, (self.customer + other).ids).segment_id = segment
        self._refresh()
        self.env.invalidate_all()
        # Seven items, too, all of the segment's customers.
        self.assertEqual(self._expected(), (date(2025, 3, 24), "segment"))

    def test_a_promise_changes_it_at_once_and_back_again(self):
        self._settle_history()
        self._refresh()
        promise = self._promise(date(2025, 4, 1))
        self.assertEqual(self._expected(), (date(2025, 4, 1), "promise"))
        self.env.flush_all()
        self.env.invalidate_all()
        promise.action_cancel()
        self.assertEqual(self._expected(), (date(2025, 3, 18), "customer"))

    def test_a_promise_slips_as_the_customers_promises_did(self):
        old = self._invoice(100.0, date(2025, 1, 1))
        self.env["credit.promise"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "date": date(2025, 1, 10),
                "date_recorded": date(2025, 1, 2),
                "amount": 100.0,
                "move_line_ids": self._receivable(old).ids,
            }
        ).state = "broken"
        self._pay(old, 100.0, date(2025, 1, 16))
        self._refresh()
        self._promise(date(2025, 4, 1))
        self.assertEqual(self._expected(), (date(2025, 4, 7), "promise"))
        self.assertIn("6 days after their date", self._item().expected_reason)

    def test_a_small_promise_does_not_decide(self):
        self._settle_history()
        self._refresh()
        self._promise(date(2025, 4, 1), amount=100.0)
        self.assertEqual(self._expected(), (date(2025, 3, 18), "customer"))

    def test_a_dispute_waits_for_its_deadline(self):
        """Deadline 7 April, and then 3 days late as usual: 10 April."""
        self._settle_history()
        self._refresh()
        dispute = self._dispute(date(2025, 4, 7))
        self.assertEqual(self._expected(), (date(2025, 4, 10), "dispute_deadline"))
        dispute.write({"state": "closed", "outcome": "unjustified", "closed_on": TODAY})
        self.env.invalidate_all()
        self.assertEqual(self._expected(), (date(2025, 3, 18), "customer"))

    def test_who_is_late_is_as_late_as_before(self):
        self._settle_history()
        self._refresh()
        # 10 days late; the only past delay that is longer is 40 days: 24 April.
        self.assertEqual(self._expected(date(2025, 3, 25)), (date(2025, 4, 24), "late"))
        # Later than ever: in a fortnight.
        self.assertEqual(self._expected(date(2025, 5, 5)), (date(2025, 5, 19), "unprecedented"))
        self.assertEqual(self._item(date(2025, 5, 5)).expected_confidence, "low")

    def test_in_a_collective_procedure_nothing_is_expected(self):
        self._settle_history()
        self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
        self._refresh()
        self.env["credit.insolvency"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "date": date(2025, 3, 1),
                "judgment_date": date(2025, 3, 1),
            }
        )
        self.assertEqual(self._expected(), (False, "out"))

    def test_pay_runs_are_waited_for(self):
        for week in range(6):
            due = date(2024, 12, 2) + timedelta(days=7 * week + week % 3)
            self._settled((3 - due.weekday()) % 7, due)
        self._refresh()
        day, _rule = self._expected()
        self.assertEqual(day.weekday(), 3)

    def test_credits_are_not_expected(self):
        refund = self._invoice(50.0, DUE, move_type="out_refund")
        self.assertEqual(self._expected(line=self._receivable(refund)), (False, False))

    # -- many, and by whom --------------------------------------------------------------------

    def test_salespeople_see_it_for_their_customers(self):
        salesperson = self._new_user("salesperson")
        self.customer.user_id = salesperson
        self._settle_history()
        self._refresh()
        self.assertEqual(self._expected(user=salesperson), (date(2025, 3, 18), "customer"))

    def test_queries_do_not_grow_with_the_items(self):
        self._settle_history()
        self._refresh()

        def count(items):
            for number in range(items):
                self._invoice(10.0, DUE + timedelta(days=number), partner=self._new_customer(f"Atelier {number}"))
            self.env.flush_all()
            self.env.invalidate_all()
            found = (
                self.env["credit.open.item"].with_context(as_of=TODAY).search([("company_id", "=", self.company.id)])
            )
            before = self.env.cr.sql_log_count
            found.mapped("date_expected")
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(1), count(8))

    def test_the_card_says_what_comes_in_thirty_days(self):
        self._settle_history()
        self._refresh()
        self._invoice(500.0, date(2025, 6, 1))
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids).with_user(self.reader)
        summary = debtor.with_context(as_of=TODAY).expected_summary
        self.assertIn("1,000.00", summary)
        self.assertIn("03/18/2025", summary)

    def test_the_card_says_the_same_while_it_is_edited(self):
        self._promise(date(2025, 4, 1))
        card = self.env["credit.debtor"]._ensure(self.company, self.customer.ids).with_context(as_of=TODAY)
        self.assertIn("1,000.00", card.expected_summary)
        edited = card.new(origin=card)
        self.assertEqual(edited.expected_summary, card.expected_summary)
        self.assertEqual(edited.open_item_ids.mapped("expected_rule"), ["promise"])

    # -- kept, and measured against what came true ----------------------------------------------

    def _records(self, line=None):
        return self.env["credit.forecast.record"].search([("move_line_id", "=", (line or self.line).id)], order="id")

    def test_forecasts_are_kept_once_a_month_and_measured(self):
        self._settle_history()
        self._refresh()
        self._refresh(TODAY + timedelta(days=1))
        self.assertRecordValues(
            self._records(),
            [
                {
                    "date_made": TODAY,
                    "is_first": True,
                    "date_due": DUE,
                    "date_expected": date(2025, 3, 18),
                    "rule": "customer",
                    "amount": 1000.0,
                    "state": "open",
                    "date_settled": False,
                }
            ],
        )
        self._refresh(date(2025, 4, 2))
        self.assertEqual(self._records().mapped("is_first"), [True, False])
        self._pay(self.invoice, 1000.0, date(2025, 4, 11))
        self._refresh(date(2025, 4, 12))
        first, second = self._records()
        self.assertEqual((first.state, first.date_settled), ("paid", date(2025, 4, 11)))
        # Expected on 18 March, paid on 11 April: 24 days too early; the due date alone was 27 off.
        self.assertEqual((first.error, first.error_abs, first.error_due), (-24, 24, 27))
        self.assertEqual(second.rule, "late")
        self.assertEqual(second.error, (second.date_expected - date(2025, 4, 11)).days)

    def test_what_a_credit_note_settled_is_not_measured(self):
        self._refresh()
        refund = self._invoice(1000.0, DUE, move_type="out_refund", issued=date(2025, 3, 5))
        (self.line + self._receivable(refund)).reconcile()
        self._refresh(date(2025, 3, 6))
        self.assertEqual((self._records().state, self._records().error_abs), ("cancelled", 0))

    def test_a_payment_that_is_taken_back_opens_the_forecast_again(self):
        self._refresh()
        self._pay(self.invoice, 1000.0, date(2025, 3, 10))
        self._refresh(date(2025, 3, 11))
        self.assertEqual(self._records().state, "paid")
        self.line.remove_move_reconcile()
        self._refresh(date(2025, 3, 12))
        self.assertEqual((self._records().state, self._records().date_settled), ("open", False))

    def test_a_drift_of_the_forecasts_is_taken_off(self):
        """Thirty forecasts of lately came out 4 days too late: the next ones are 4 days earlier."""
        self._settle_history((10, 10, 10, 10, 10))
        self._refresh()
        self.assertEqual(self._expected()[0], date(2025, 3, 25))
        records = self.env["credit.forecast.record"].sudo()
        made = records.create(
            [
                {
                    "move_line_id": self.line.id,
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "date_made": date(2024, 12, 1) + timedelta(days=number),
                    "is_first": True,
                    "date_due": DUE,
                    "date_expected": date(2025, 2, 20),
                    "rule": "customer",
                    "confidence": "high",
                    "state": "paid",
                    "date_settled": date(2025, 2, 16),
                    "error": 4,
                    "error_abs": 4,
                }
                for number in range(30)
            ]
        )
        self.assertEqual(records._get_drift(self.company, TODAY), 4.0)
        self.assertEqual(records._get_drift(self.company, date(2025, 6, 1)), 0.0, "only of lately")
        self.env["credit.payment.profile"]._store_groups(self.company, TODAY)
        self.env.invalidate_all()
        self.assertEqual(self._expected()[0], date(2025, 3, 21))
        made[0].unlink()
        self.assertEqual(records._get_drift(self.company, TODAY), 0.0, "too few of them")

    def test_the_first_time_the_past_is_forecast_from_what_was_known_then(self):
        """Paid on 20 January, six days late; on 3 January only the 0 and 2 days of before were known."""
        profiles = self.env["credit.payment.profile"].with_company(self.company)
        for number, late in enumerate((0, 2, 0, 2, 1)):
            self._settled(late, date(2024, 11, 4) + timedelta(days=number))
        invoice = self._settled(6, date(2025, 1, 14))
        partner_ids = self.env["credit.payment.history"]._get_partner_ids(self.company, TODAY)
        for _count in profiles._bring_up_to_date(self.company, partner_ids, TODAY):
            continue
        record = self._records(self._receivable(invoice))
        self.assertEqual((record.date_made, record.rule), (date(2025, 1, 3), "customer"))
        self.assertEqual((record.date_expected, record.error), (date(2025, 1, 15), -5))
        self.assertEqual(self._profile().date, TODAY)
        before = self._records().ids
        for _count in profiles._bring_up_to_date(self.company, partner_ids, TODAY):
            continue
        self.assertEqual(self._records().ids, before, "only the first time")

    def test_the_pivot_gives_error_and_bias_by_month_and_method(self):
        self._settle_history()
        self._refresh()
        self._pay(self.invoice, 1000.0, date(2025, 3, 20))
        self._refresh(date(2025, 3, 21))
        groups = (
            self.env["credit.forecast.record"]
            .with_user(self.reader)
            ._read_group(
                [("state", "=", "paid"), ("company_id", "=", self.company.id)],
                ["date_settled:month", "rule"],
                ["error_abs:avg", "error:avg", "error_due:avg", "__count"],
            )
        )
        self.assertEqual(groups, [(date(2025, 3, 1), "customer", 2.0, -2.0, 5.0, 1)])
