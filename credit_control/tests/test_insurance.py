from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common_insurance import TODAY, InsuranceCommon


@tagged("post_install", "-at_install")
class TestInsuranceFacts(InsuranceCommon):
    """What is insured of an outstanding, on each day, as the insurer said it."""

    def test_forty_thousand_at_ninety(self):
        """Domain §8: insured 40 000 at 90 % is 36 000; of 45 500 remain 9 500."""
        self._grant()
        self.assertEqual(self._split(45500.0), (36000.0, 9500.0))
        self.assertEqual(self._split(10000.0), (9000.0, 1000.0))
        self.assertEqual(self._split(45500.0, date(2026, 1, 31)), (0.0, 45500.0))

    def test_a_request_insures_nothing(self):
        guarantee = self._request()
        self.assertEqual((guarantee.state, guarantee.quota), ("requested", 90.0))
        self.assertEqual((self._split(100.0), self._refusal()), ((0.0, 100.0), None))

    def test_less_than_asked_is_reduced(self):
        guarantee = self._answer(self._request(), amount=25000.0, quota=80.0)
        self.assertEqual((guarantee.state, guarantee.amount), ("reduced", 25000.0))
        self.assertEqual(self._split(45500.0), (20000.0, 25500.0))

    def test_a_reduction_keeps_each_past_day(self):
        first = self._grant()
        second = self._answer(first, day=date(2026, 5, 1), amount=20000.0)
        self.assertEqual((first.date_to, second.state, second.previous_id), (date(2026, 4, 30), "reduced", first))
        self.assertEqual(self._covers(date(2026, 4, 30)), [(40000.0, 90.0)])
        self.assertEqual(self._covers(date(2026, 5, 1)), [(20000.0, 90.0)])
        third = self._answer(second, day=date(2026, 5, 20), amount=30000.0)
        self.assertEqual((third.state, self._covers()), ("granted", [(30000.0, 90.0)]))

    def test_refused(self):
        guarantee = self._answer(self._request(), "refuse", date(2026, 3, 3))
        self.assertEqual(guarantee.state, "refused")
        self.assertEqual((self._refusal(date(2026, 3, 2)), self._refusal()), (None, ("refused", date(2026, 3, 3))))
        self.assertEqual(self._split(100.0), (0.0, 100.0))
        guarantee.action_reset()
        self.assertEqual((guarantee.state, self._refusal()), ("requested", None))

    def test_a_refused_raise_takes_nothing_away(self):
        self._grant()
        self._answer(self._request(90000.0), "refuse", date(2026, 3, 3))
        self.assertEqual((self._covers(), self._refusal()), ([(40000.0, 90.0)], None))

    def test_a_granted_raise_takes_the_place_of_what_was(self):
        first = self._grant()
        raised = self._answer(self._request(90000.0), day=date(2026, 5, 1), amount=90000.0)
        self.assertEqual((first.date_to, raised.state), (date(2026, 4, 30), "granted"))
        self.assertEqual(raised.previous_id, first)
        self.assertEqual(self._covers(), [(90000.0, 90.0)])

    def test_withdrawn_by_the_insurer_or_given_up_by_us(self):
        guarantee = self._answer(self._grant(), "cancel", date(2026, 5, 1))
        self.assertEqual((guarantee.state, guarantee.date_to), ("cancelled", date(2026, 4, 30)))
        self.assertEqual(self._covers(date(2026, 4, 30)), [(40000.0, 90.0)])
        self.assertEqual(self._covers(date(2026, 5, 1)), [])
        self.assertEqual(self._refusal(), ("cancelled", date(2026, 5, 1)))
        other = self._new_customer("Atelier Nord")
        self._answer(self._grant(partner=other), "give_up", date(2026, 5, 1))
        self.assertEqual((self._refusal(partner=other), self._covers(partner=other)), (None, []))

    def test_a_request_that_was_given_up(self):
        guarantee = self._answer(self._request(), "give_up")
        self.assertEqual((guarantee.state, self._covers(), self._refusal()), ("cancelled", [], None))

    def test_temporary_on_top(self):
        self._grant()
        self._grant(10000.0, date(2026, 5, 1), kind="temporary", quota=80.0, date_to=date(2026, 8, 31))
        self.assertEqual(self._covers(), [(40000.0, 90.0), (10000.0, 80.0)])
        # 36 000 + 80 % of the 5 500 beyond
        self.assertEqual(self._split(45500.0), (40400.0, 5100.0))
        self.assertEqual(self._covers(date(2026, 9, 1)), [(40000.0, 90.0)])

    def test_contacts_are_insured_with_their_company(self):
        contact = self.env["res.partner"].create({"name": "Invoices", "parent_id": self.customer.id})
        guarantee = self._grant(partner=contact)
        self.assertEqual(guarantee.partner_id, self.customer)
        self.assertTrue(guarantee.debtor_id)

    def test_another_currency_at_the_rate_of_the_day(self):
        """2 CAD buy 1 of ours until 31 May, 4 from 1 June on: 40 000 are 20 000, then 10 000."""
        dollars = self.setup_other_currency("CAD", rates=[("2020-01-01", 2.0), ("2026-06-01", 4.0)])
        self._grant(currency_id=dollars.id)
        self.assertEqual(self._covers(date(2026, 5, 31)), [(20000.0, 90.0)])
        self.assertEqual(self._covers(), [(10000.0, 90.0)])
        self.assertEqual(self._split(45500.0), (9000.0, 36500.0))

    def test_discretionary_limit_until_the_insurer_speaks(self):
        self.insurance.write({"discretionary_limit": 5000.0, "discretionary_quota": 80.0})
        self.assertEqual(self._split(7000.0), (4000.0, 3000.0))
        person = self._new_customer("Personne Exemple", is_company=False)
        self.assertEqual(self._split(7000.0, partner=person), (0.0, 7000.0))
        self.assertEqual(self._split(7000.0, date(2025, 12, 31)), (0.0, 7000.0))
        request = self._request()
        self.assertEqual(self._split(7000.0), (4000.0, 3000.0))
        self._answer(request, "refuse")
        self.assertEqual(self._split(7000.0), (0.0, 7000.0))

    def test_a_policy_that_ended_insures_nothing_more(self):
        self._grant()
        self.insurance.renewal = "explicit"
        self.assertEqual(self._covers(date(2026, 12, 31)), [(40000.0, 90.0)])
        self.assertEqual(self._covers(date(2027, 1, 1)), [])
        self.insurance.renewal = "tacit"
        self.assertEqual(self._covers(date(2027, 1, 1)), [(40000.0, 90.0)])

    def test_companies_are_apart(self):
        other = self.setup_other_company()["company"]
        self._grant()
        self.assertEqual(self.facts._get_covers(other, self.customer.ids, TODAY), {})
        self.assertFalse(self.facts._is_used(other))

    def test_queries_do_not_grow_with_customers(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Atelier {place}", "is_company": True} for place in range(30)]
        )
        for partner in partners:
            self._grant(partner=partner)
        self.insurance.discretionary_limit = 1000.0
        self.env.flush_all()
        counts = []
        for some in (partners, partners[:2], partners):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.facts._get_insured(self.company, dict.fromkeys(some.ids, 100.0), TODAY)
            self.facts._get_refusals(self.company, some.ids, TODAY)
            counts.append(self.cr.sql_log_count - before)
        # The first round fills caches of the registry.
        self.assertEqual(counts[1], counts[2])
        self.assertLess(counts[2], 20)


@tagged("post_install", "-at_install")
class TestInsuranceRecords(InsuranceCommon):
    """What can't be is refused clearly; who may do what; the log keeps what changed."""

    def test_amounts_and_percentages(self):
        for values in ({"amount_requested": -1.0}, {"quota": 101.0}, {"quota": -5.0}):
            with self.assertRaisesRegex(ValidationError, "Boulangerie Exemple"):
                self._request(**values)
        with self.assertRaisesRegex(ValidationError, "refusal"):
            self._answer(self._request(), amount=0.0)
        for values in ({"deductible": -1.0}, {"discretionary_limit": -1.0}, {"quota": 0.0}, {"declaration_days": -1}):
            with self.assertRaisesRegex(ValidationError, "Domestic"):
                self.insurance.write(values)

    def test_dates(self):
        with self.assertRaisesRegex(ValidationError, "Until"):
            self._answer(self._request(), amount=1.0, date_to=date(2026, 1, 1))
        with self.assertRaisesRegex(ValidationError, "last day"):
            self._answer(self._request(kind="temporary"), amount=1.0)
        with self.assertRaisesRegex(ValidationError, "Ends"):
            self.insurance.date_to = date(2025, 1, 1)
        with self.assertRaisesRegex(UserError, "takes effect after"):
            self._answer(self._grant(), day=date(2026, 2, 1), amount=2.0)

    @mute_logger("odoo.sql_db")
    def test_a_policy_without_its_first_day_is_refused_in_words(self):
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.insurance.write({"date_from": False, "date_to": date(2026, 12, 31)})

    @mute_logger("odoo.sql_db")
    def test_overlapping_dates_are_refused_with_names(self):
        self._grant(date_to=date(2026, 9, 30))
        later = self._request()
        with self.assertRaises(IntegrityError) as caught, self.cr.savepoint():
            later.write({"state": "granted", "amount": 5.0, "date_from": date(2026, 1, 20)})
            later.flush_recordset()
        message = self.facts._sql_error_to_message(caught.exception)
        self.assertIn("Boulangerie Exemple", message)
        self.assertIn("2026-02-01", message)
        other = self._new_customer("Atelier Nord")
        self._grant(partner=other)
        self._grant(5.0, date(2026, 3, 1), kind="temporary", date_to=date(2026, 9, 30))

    @mute_logger("odoo.sql_db")
    def test_one_discretionary_limit_at_a_time(self):
        self.insurance.discretionary_limit = 5000.0
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._new_insurance(discretionary_limit=10.0, date_from=date(2027, 6, 1), date_to=date(2027, 12, 31))
        self.insurance.with_user(self.manager).action_end()
        self._new_insurance(discretionary_limit=10.0, date_from=date(2027, 6, 1), date_to=date(2027, 12, 31))

    def test_an_answer_is_recorded_once(self):
        request = self._request()
        wizards = self.env["credit.insurance.answer"].with_user(self.collector)
        first, second = wizards.create([{"guarantee_id": request.id, "answer": "refuse"} for _click in range(2)])
        first.action_apply()
        with self.assertRaisesRegex(UserError, "already"):
            second.action_apply()

    def test_changes_are_in_the_log(self):
        guarantee = self._grant().with_context(tracking_disable=False, mail_notrack=False)
        self.flush_tracking()
        before = guarantee.message_ids
        guarantee.amount = 35000.0
        self.flush_tracking()
        tracked = (guarantee.message_ids - before).sudo().tracking_value_ids
        self.assertEqual((tracked.old_value_float, tracked.new_value_float), (40000.0, 35000.0))

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()

    def test_hostile_text_is_shown_as_text(self):
        request = self._request()
        self._answer(request, "refuse", note="<script>alert(1)</script>")
        self.assertNotIn("<script>", request.message_ids[0].body)

    def test_roles(self):
        guarantee = self._grant()
        self.assertTrue(guarantee.with_user(self.reader).read(["amount"]))
        with self.assertRaises(AccessError):
            guarantee.with_user(self.reader).action_answer()
        with self.assertRaises(AccessError):
            guarantee.with_user(self.reader).amount = 1.0
        with self.assertRaises(AccessError):
            self.insurance.with_user(self.collector).action_end()
        with self.assertRaises(UserError):
            guarantee.with_user(self.manager).unlink()

    def test_salespeople_see_their_own_customers(self):
        salesperson = self._new_user("salesperson")
        mine = self._new_customer("Atelier Mien", user_id=salesperson.id)
        own = self._grant(partner=mine)
        self._grant()
        self.assertEqual(self.facts.with_user(salesperson).search([]), own)
        card = own.debtor_id.with_user(salesperson)
        self.assertEqual((card.amount_guaranteed, card.guarantee_count), (40000.0, 1))

    def test_strangers_of_another_company_see_nothing(self):
        self._grant()
        other = self.setup_other_company()["company"]
        stranger = self._new_stranger(other)
        for name in ("policy", "guarantee", "declaration"):
            self.assertFalse(self.env[f"credit.insurance.{name}"].with_user(stranger).search([]))

    def test_forms(self):
        with Form(self.env["credit.insurance.guarantee"].with_user(self.collector)) as form:
            form.policy_id = self.insurance
            form.partner_id = self.customer
            form.amount_requested = 40000.0
        request = form.save()
        self.assertEqual((request.quota, request.user_id), (90.0, self.collector))
        action = request.action_answer()
        with Form(
            self.env["credit.insurance.answer"].with_user(self.collector).with_context(**action["context"])
        ) as form:
            self.assertEqual(form.amount, 40000.0)
        form.save().action_apply()
        self.assertEqual(request.state, "granted")
        again = request.action_request_again()
        self.assertEqual(self.facts.browse(again["res_id"]).amount_requested, 40000.0)

    def test_card(self):
        self._invoice(45500.0, "2026-07-01")
        with freeze_time(TODAY):
            debtor = self._grant().debtor_id.with_user(self.reader)
            figures = (debtor.amount_guaranteed, debtor.amount_insured, debtor.amount_uninsured)
            self.assertEqual(figures, (40000.0, 36000.0, 9500.0))
            self.assertFalse(debtor.insurer_refusal)
            self._answer(debtor.guarantee_ids, "cancel", date(2026, 5, 1))
            self.assertEqual((debtor.insurer_refusal, debtor.amount_uninsured), ("cancelled", 45500.0))
            found = debtor.search([("insurer_refusal", "!=", False)])
            self.assertEqual(found, debtor)
            self.assertNotIn(debtor, debtor.search([("insurer_refusal", "=", False)]))
            action = debtor.with_user(self.collector).action_request_guarantee()
            self.assertEqual(action["context"]["default_policy_id"], self.insurance.id)


@tagged("post_install", "-at_install")
class TestInsuranceDaily(InsuranceCommon):
    """What the daily work does: ends, renewals, announcements, and overdue items to declare; each once."""

    def _daily(self, today=TODAY):
        self.env["credit.insurance.policy"]._run_daily(self.company, today)

    def _activities(self, records):
        return self.env["mail.activity"].search([("res_model", "=", records._name), ("res_id", "in", records.ids)])

    def test_expired_in_one_write(self):
        guarantees = self._grant(date_to=date(2026, 5, 31))
        guarantees |= self._grant(partner=self._new_customer("Atelier Nord"), date_to=date(2026, 5, 31))
        last_day = self._grant(partner=self._new_customer("Atelier Sud"), date_to=TODAY)
        write = type(self.facts).write
        with patch.object(type(self.facts), "write", autospec=True, side_effect=write) as spy:
            self._daily()
        expiries = [call for call in spy.call_args_list if call.args[1] == {"state": "expired"}]
        self.assertEqual([call.args[0] for call in expiries], [guarantees.sudo()])
        self.assertEqual(set(guarantees.mapped("state")), {"expired"})
        self.assertEqual(last_day.state, "granted")
        # What it insured before is still known.
        self.assertEqual(self._covers(date(2026, 5, 31)), [(40000.0, 90.0)])

    def test_ends_are_announced_once(self):
        guarantee = self._grant(date_to=date(2026, 6, 30))
        self._daily(date(2026, 5, 30))
        self.assertFalse(self._activities(guarantee))
        self._daily(date(2026, 5, 31))
        self._daily(TODAY)
        activity = self._activities(guarantee)
        self.assertEqual((activity.user_id, activity.date_deadline), (self.collector, date(2026, 6, 30)))
        activity.action_done()
        self._daily(TODAY)
        self.assertFalse(self._activities(guarantee))
        guarantee.date_to = date(2026, 6, 20)
        self._daily(TODAY)
        self.assertEqual(self._activities(guarantee).date_deadline, date(2026, 6, 20))

    def test_what_is_followed_is_not_announced(self):
        guarantee = self._grant()
        self._answer(guarantee, day=date(2026, 6, 10), amount=50000.0)
        self._daily()
        self.assertFalse(self._activities(guarantee))

    def test_policies_are_renewed_or_end(self):
        guarantee = self._grant()
        self._daily(date(2026, 12, 5))
        self.assertEqual(self._activities(self.insurance).date_deadline, date(2026, 12, 31))
        self._daily(date(2027, 1, 1))
        self.assertEqual((self.insurance.date_to, guarantee.state), (date(2027, 12, 31), "granted"))
        self.insurance.renewal = "explicit"
        self._daily(date(2028, 1, 1))
        self.assertEqual((self.insurance.state, guarantee.state), ("ended", "expired"))
        self.assertEqual(guarantee.date_to, date(2027, 12, 31))

    def test_declared_in_time(self):
        """Due on 31 March, 60 days: until 30 May; listed 15 days before, from 15 May on."""
        self._grant()
        invoice = self._invoice(1000.0, "2026-03-31", issued=date(2026, 3, 1))
        debtor = self.env["credit.debtor"].search([("partner_id", "=", self.customer.id)])
        self._daily(date(2026, 5, 14))
        self.assertFalse(self._declarations())
        self._daily(date(2026, 5, 15))
        self._daily(date(2026, 5, 16))
        declaration = self._declarations()
        self.assertEqual(
            (declaration.move_line_id, declaration.deadline), (self._receivable(invoice), date(2026, 5, 30))
        )
        self.assertEqual((declaration.state, declaration.amount), ("pending", 1000.0))
        activity = self._activities(debtor)
        self.assertEqual((activity.user_id, activity.date_deadline), (self.collector, date(2026, 5, 30)))
        self.assertIn(invoice.name, activity.summary)
        self.assertEqual(debtor.with_user(self.reader).declaration_count, 1)
        declaration.with_user(self.collector).action_declare()
        self.assertEqual((declaration.state, declaration.declared_by_id), ("declared", self.collector))
        self.assertFalse(self._activities(debtor))
        with self.assertRaisesRegex(UserError, "already"):
            declaration.with_user(self.collector).action_declare()
        self._daily(date(2026, 6, 15))
        self.assertEqual(self._declarations(), declaration)

    def test_an_entry_without_a_due_date_was_due_on_its_own(self):
        """Written on 31 March, 60 days: until 30 May."""
        self._grant()
        accounts = (self.company_data["default_account_receivable"], self.company_data["default_account_revenue"])
        entry = self.env["account.move"].create(
            {
                "date": "2026-03-31",
                "line_ids": [
                    Command.create({"account_id": account.id, "partner_id": self.customer.id, "balance": amount})
                    for account, amount in zip(accounts, (500.0, -500.0), strict=True)
                ],
            }
        )
        entry.action_post()
        self.assertFalse(self._receivable(entry).date_maturity)
        self._daily(date(2026, 5, 15))
        declaration = self._declarations()
        self.assertEqual((declaration.date_due, declaration.deadline), (date(2026, 3, 31), date(2026, 5, 30)))

    def _declarations(self):
        return self.env["credit.insurance.declaration"].search([("company_id", "=", self.company.id)])

    def test_settled_items_leave_and_come_back(self):
        self._grant()
        invoice = self._invoice(1000.0, "2026-03-31", issued=date(2026, 3, 1))
        debtor = self.env["credit.debtor"].search([("partner_id", "=", self.customer.id)])
        self._daily()
        payment = self._register_payment(invoice, payment_date="2026-06-01")
        self._daily()
        self.assertEqual((self._declarations().state, len(self._activities(debtor))), ("settled", 0))
        payment.action_draft()
        self._daily()
        self.assertEqual((self._declarations().state, len(self._activities(debtor))), ("pending", 1))

    def test_one_activity_for_what_is_due_together(self):
        self._grant()
        invoices = [self._invoice(amount, "2026-03-31", issued=date(2026, 3, 1)) for amount in (10.0, 20.0)]
        self._daily()
        activity = self._declarations().activity_id
        self.assertEqual(len(activity), 1)
        self._declarations()[0].with_user(self.collector).action_declare()
        self.assertTrue(activity.exists().active)
        self._register_payment(invoices[0], payment_date="2026-06-01")
        self._register_payment(invoices[1], payment_date="2026-06-01")
        self._daily()
        self.assertFalse(activity.exists())

    def test_only_what_was_insured_is_declared(self):
        """Invoiced before the guarantee, of another customer, or with a policy that asks nothing: not declared."""
        self._grant()
        self._invoice(10.0, "2026-02-20", issued=date(2026, 1, 31))
        self._invoice(10.0, "2026-03-31", issued=date(2026, 3, 1), partner=self._new_customer("Atelier Nord"))
        self._daily()
        self.assertFalse(self._declarations())
        self._invoice(10.0, "2026-03-31", issued=date(2026, 3, 1))
        self.insurance.declaration_days = 0
        self._daily()
        self.assertFalse(self._declarations())

    def test_discretionary_items_are_declared_too(self):
        self.insurance.discretionary_limit = 5000.0
        self._invoice(10.0, "2026-03-31", issued=date(2026, 3, 1))
        self._daily()
        self.assertEqual((len(self._declarations()), self._declarations().guarantee_id.id), (1, False))

    def test_an_assignee_who_left_stops_nothing(self):
        self._grant()
        self._invoice(10.0, "2026-03-31", issued=date(2026, 3, 1))
        self.collector.active = False
        with self.assertLogs("odoo.addons.credit_control.models.credit_insurance_policy", "WARNING"):
            self._daily()
        self.assertFalse(self._declarations().announced)
        self.insurance.user_id = self.manager
        self._daily()
        self.assertEqual(self._declarations().activity_id.user_id, self.manager)

    def test_queries_do_not_grow_with_items(self):
        partners = [self._new_customer(f"Atelier {place}") for place in range(8)]
        for partner in partners:
            self._grant(partner=partner)
        for partner in partners:
            self._invoice(10.0, "2026-03-31", issued=date(2026, 3, 1), partner=partner)
        self._daily()
        self.assertEqual(len(self._declarations()), 8)
        self.env.flush_all()
        counts = []
        for _more in range(2):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._daily()
            counts.append(self.cr.sql_log_count - before)
            self._invoice(10.0, "2026-09-30", issued=date(2026, 3, 1), partner=partners[0])
        self.assertLessEqual(counts[1], counts[0])

    def test_by_the_cron_one_company_that_fails_stops_no_other(self):
        guarantee = self._grant(date_to=date(2026, 5, 31))
        other = self.setup_other_company()["company"]
        self._new_insurance(company_id=other.id, user_id=self.env.user.id)
        policies = type(self.env["credit.insurance.policy"])
        run = policies._run_daily

        def fail(records, company, today=None):
            if company == other:
                raise ValueError("broken")
            return run(records, company, TODAY)

        with (
            patch.object(policies, "_run_daily", fail),
            mute_logger("odoo.addons.credit_control.models.credit_insurance_policy"),
            self.enter_registry_test_mode(),
        ):
            self.env.ref("credit_control.cron_insurance").sudo().method_direct_trigger()
        guarantee.invalidate_recordset()
        self.assertEqual(guarantee.state, "expired")
