from contextlib import closing
from datetime import date

from freezegun import freeze_time
from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, sql_db
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.credit_control.models.credit_check import Question

from .common_exposure import ExposureCommon
from .common_insurance import TODAY, InsuranceCommon


class CheckCommon(ExposureCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.customer.with_company(cls.company)
        cls.env["credit.rule"].search([]).active = False
        cls.limit_rule = cls._rule("limit", "hold")

    @classmethod
    def _rule(cls, criterion, effect, **values):
        return cls.env["credit.rule"].create({"name": criterion, "criterion": criterion, "effect": effect, **values})

    def _check(self, amount, **values):
        return self.partner._credit_check(amount, self.company.currency_id, self.company, self.today, **values)


@tagged("post_install", "-at_install")
class TestCreditCheck(CheckCommon):
    """One question, one verdict, with reasons that people understand."""

    def test_the_figures_of_the_specification(self):
        """45 500 at risk, limit 50 000: an order of 6 000 is over by 1 500; fully prepaid it passes."""
        self._owe(46500.0)
        self._owe(1000.0, move_type="out_refund")
        self.partner.credit_limit = 50000.0
        answer = self._check(6000.0)
        self.assertEqual((answer.effect, answer.over_by, answer.position.available()), ("hold", 1500.0, 4500.0))
        self.assertIn("1,500.00", answer.reasons[0])
        self.assertIn("50,000.00", answer.reasons[0])
        self.assertEqual(self._check(4500.0).effect, "pass")
        self.assertEqual(self._check(6000.0, prepaid=6000.0).effect, "pass")
        self.assertEqual(self._check(6000.0, stage="invoice").effect, "warn")

    def test_another_currency_is_converted(self):
        other = self.setup_other_currency("CHF", rates=[("2020-01-01", 2.0)])
        self.partner.credit_limit = 100.0
        self.assertEqual(self.partner._credit_check(200.0, other, self.company, self.today).effect, "pass")
        self.assertEqual(self.partner._credit_check(201.0, other, self.company, self.today).over_by, 0.5)

    def test_a_threshold_has_its_unit(self):
        self.limit_rule.threshold = 7.5
        rules = self.limit_rule + self._rule("overdue_days", "warn", threshold=90)
        rules += self._rule("overdue_amount", "warn", threshold=1000.0) + self._rule("insolvency", "hold", threshold=3)
        amount = self.company.currency_id.format(1000.0)
        self.assertEqual(rules.mapped("accepted"), ["7.5\N{NO-BREAK SPACE}%", "90 days", amount, False])
        self.limit_rule.threshold = 0.0
        self.assertFalse(self.limit_rule.accepted)

    def test_zero(self):
        self.assertEqual(self._check(1e9).effect, "pass")
        self.company.credit_limit_zero = "no_credit"
        answer = self._check(1.0)
        self.assertEqual(answer.effect, "hold")
        self.assertIn("No credit is granted", answer.reasons[0])

    def test_what_is_late(self):
        self._rule("overdue_days", "approval", threshold=60)
        self._rule("overdue_amount", "warn", threshold=100.0)
        self._owe(101.0, days=-60)
        self.assertEqual(self._check(1.0).effect, "warn")
        self._owe(1.0, days=-61)
        answer = self._check(1.0)
        self.assertEqual(answer.effect, "approval")
        self.assertIn("61 days late", answer.reasons[0])

    def test_a_branch_is_the_same_creditor(self):
        """49 000 of 50 000 at risk, all of it 90 days late: the branch grants no more than the company."""
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self._rule("overdue_days", "approval", threshold=60, company_id=self.company.id)
        self.partner.credit_limit = 50000.0
        self._owe(49000.0, days=-90)

        answer = self._check_in(branch, 20000.0)
        self.assertEqual((answer.effect, answer.over_by), ("hold", 19000.0))
        self.assertIn("90 days late", " ".join(answer.reasons))
        self.assertEqual(self._check_in(branch, 900.0).effect, "approval", "late, whichever of them the invoice is of")

    def test_a_branch_with_a_limit_of_its_own(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.partner.credit_limit = 50000.0
        self.partner.with_company(branch).credit_limit = 500.0
        self.assertEqual(self._check_in(branch, 600.0).over_by, 100.0)
        self.assertEqual(self._check(600.0).effect, "pass")

    def test_zero_means_the_same_in_a_branch(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.company.credit_limit_zero = "no_credit"
        self.assertEqual(self._check_in(branch, 1.0).effect, "hold")
        with self.assertRaises(ValidationError):
            branch.credit_limit_zero = "no_limit"

    def test_an_insolvency_holds_in_a_branch_too(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self._rule("insolvency", "hold")
        self.env["credit.insolvency"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "kind": "reorganization",
                "judgment_date": self.today,
            }
        )
        self.assertEqual(self._check_in(branch, 1.0).effect, "hold")

    def _check_in(self, company, amount):
        return self.partner._credit_check(amount, company.currency_id, company, self.today)

    def test_facts_of_other_parts(self):
        self._rule("insolvency", "prepayment")
        self._rule("status", "approval", status="doubtful")
        self._rule("grade", "warn", grade="D")
        self.assertEqual(self._check(1.0).effect, "pass", "what nobody knows accuses nobody")
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids).sudo()
        debtor.write({"manual_status": "doubtful", "manual_status_reason": "Answers no call"})
        self.assertEqual(self._check(1.0).effect, "approval")
        self.env["credit.insolvency"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "judgment_date": self._day(-3),
            }
        )
        self.assertEqual(self._check(1.0).effect, "prepayment")

    def test_a_review_that_is_past(self):
        self._rule("review_expired", "warn")
        limit = self.env["credit.limit"].create({"partner_id": self.customer.id, "amount": 500.0})
        limit.with_user(self.manager).action_approve()
        self.assertEqual(self._check(1.0).effect, "pass")
        limit.sudo().review_date = self._day(-1)
        self.assertEqual(self._check(1.0).effect, "warn")

    def test_a_review_that_is_past_in_a_branch(self):
        """The company's limit is the branch's, and so is its review, until the branch grants one of its own."""
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self._rule("review_expired", "warn", company_id=self.company.id)
        limit = self.env["credit.limit"].create({"partner_id": self.customer.id, "amount": 500.0})
        limit.with_user(self.manager).action_approve()
        limit.sudo().review_date = self._day(-1)
        self.assertEqual(self._check_in(branch, 1.0).effect, "warn")
        own = self.env["credit.limit"].with_company(branch).create({"partner_id": self.customer.id, "amount": 400.0})
        own.sudo().action_approve()
        self.assertEqual(self._check_in(branch, 1.0).effect, "pass")

    def test_rules_have_customers_and_an_order(self):
        self.partner.credit_limit = 10.0
        mild = self._rule("limit", "warn", sequence=1, domain=str([("id", "=", self.customer.id)]))
        self.assertEqual(self._check(11.0).effect, "warn")
        mild.sequence = 99
        self.assertEqual(self._check(11.0).effect, "hold")
        self.limit_rule.threshold = 10.0
        self.assertEqual(self._check(11.0).effect, "pass", "ten per cent are tolerated")
        with self.assertRaises(ValidationError):
            mild.domain = "[('no_such_field', '=', 1)]"

    def test_a_temporary_limit_that_has_ended_is_not_used(self):
        """Even before the cron has run."""
        limit = self.env["credit.limit"].create(
            {"partner_id": self.customer.id, "amount": 500.0, "date_to": self._day(3)}
        )
        self.partner.credit_limit = 100.0
        limit.sudo().unlink()
        season = self.env["credit.limit"].create(
            {"partner_id": self.customer.id, "amount": 500.0, "date_to": self._day(3)}
        )
        season.with_user(self.manager).action_approve()
        self.assertEqual(self._check(400.0).effect, "pass")
        later = self.partner._credit_check(400.0, self.company.currency_id, self.company, self._day(4))
        self.assertEqual((later.effect, later.position.limit), ("hold", 100.0))

    def test_many_at_once(self):
        """A limit of 100, three times 40: two pass. Another customer isn't concerned."""
        self.partner.credit_limit = 100.0
        other = self._new_customer("Atelier Autre").with_company(self.company)
        other.credit_limit = 40.0
        questions = [Question(partner.id, 40.0) for partner in (self.partner, self.partner, other, self.partner)]
        answers = self.env["credit.check"]._check(self.company, questions)
        self.assertEqual([answer.effect for answer in answers], ["pass", "pass", "pass", "hold"])

    def test_few_queries(self):
        self._owe(10.0, days=-10)
        self.partner.credit_limit = 100.0
        self._rule("overdue_days", "warn", threshold=60)
        self._check(1.0)
        self.env.flush_all()
        with self.assertQueryCount(15):
            self._check(1.0)
        others = self.env["res.partner"].create(
            [{"name": f"Customer {rank}", "is_company": True} for rank in range(20)]
        )
        self.env.flush_all()
        with self.assertQueryCount(18):
            self.env["credit.check"]._check(self.company, [Question(partner.id, 1.0) for partner in others])

    def test_a_warning_writes_nothing(self):
        before = self.env["credit.debtor"].search_count([("partner_id", "=", self.customer.id)])
        self._check(1.0, is_final=False)
        self.assertEqual(self.env["credit.debtor"].search_count([("partner_id", "=", self.customer.id)]), before)
        self._check(1.0)
        debtor = self.env["credit.debtor"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(debtor.check_count, 1)

    @mute_logger("odoo.sql_db")
    def test_two_sessions_can_not_both_decide(self):
        """Two real transactions: the one that comes second is refused by the database, and replayed by Odoo."""
        connection = sql_db.db_connect(self.env.cr.dbname)
        company, partner = self.env.ref("base.main_company"), self.env.ref("base.main_partner")
        with closing(connection.cursor()) as first, closing(connection.cursor()) as second:
            for cursor in (first, second):
                cursor.execute("SELECT COUNT(*) FROM credit_debtor")
            one = self.env(cr=first, user=SUPERUSER_ID)
            try:
                one["credit.check"].sudo()._serialize(company.with_env(one), partner.with_env(one))
                first.commit()
                two = self.env(cr=second, user=SUPERUSER_ID)
                with self.assertRaises(SerializationFailure):
                    two["credit.check"].sudo()._serialize(company.with_env(two), partner.with_env(two))
            finally:
                second.rollback()
                first.rollback()
                first.execute(
                    "DELETE FROM credit_debtor WHERE partner_id = %s AND company_id = %s AND check_count = 1",
                    (partner.id, company.id),
                )
                first.commit()


@tagged("post_install", "-at_install")
class TestInsurerRule(InsuranceCommon):
    """What the credit insurer says can hold a document too."""

    @freeze_time(TODAY)
    def test_the_insurer_refuses(self):
        self.env["credit.rule"].search([]).active = False
        self.env["credit.rule"].create({"name": "Insurer", "criterion": "insurer", "effect": "hold"})
        self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
        customer = self.customer.with_company(self.company)
        self.assertEqual(customer._credit_check(1.0, company=self.company).effect, "pass")
        self._answer(self._request(), "refuse", date(2026, 3, 3))
        answer = customer._credit_check(1.0, company=self.company)
        self.assertEqual(answer.effect, "hold")
        self.assertIn("insurer refuses", answer.reasons[0])


@tagged("post_install", "-at_install")
class TestCreditHold(CheckCommon):
    """Held documents wait in a queue, and only who may lets them pass: who, when and why stay."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.limit_rule.on_invoice = True
        cls.partner.credit_limit = 100.0
        cls.company.credit_hold_user_id = cls.manager
        cls.biller = new_test_user(
            cls.env,
            "credit_biller",
            "account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _held(self, amount=150.0):
        invoice = self._draft(amount, invoice_user_id=self.salesperson.id)
        invoice.with_user(self.biller).action_post()
        return invoice, self._hold_of(invoice)

    def _hold_of(self, document):
        return self.env["credit.hold"].search([("res_model", "=", document._name), ("res_id", "=", document.id)])

    def test_it_waits_and_says_why(self):
        invoice, hold = self._held()
        self.assertEqual((invoice.state, hold.state, hold.amount_over), ("draft", "open", 50.0))
        self.assertEqual((hold.requested_by_id, hold.salesperson_id), (self.biller, self.salesperson))
        self.assertIn("Over the credit limit", hold.reason)
        self.assertEqual(invoice.credit_hold_id, hold)
        self.assertEqual(hold.activity_ids.user_id, self.manager)
        alert = invoice.with_user(self.biller)._get_alerts()["credit_control"]
        self.assertEqual(alert["level"], "danger")
        invoice.with_user(self.biller).action_post()
        self.assertEqual(self._hold_of(invoice), hold, "tried twice, held once")

    def test_a_batch_goes_on(self):
        """Three of 40 under a limit of 100: two are posted, one is held, nothing is raised."""
        invoices = self.env["account.move"].union(*[self._draft(40.0) for _rank in range(3)])
        other = self._draft(1000.0, partner=self._new_customer("Atelier Autre"))
        (invoices | other).with_user(self.biller)._post()
        self.assertEqual(sorted((invoices | other).mapped("state")), ["draft", "posted", "posted", "posted"])
        self.assertEqual(other.state, "posted")
        self.assertEqual(len(self.env["credit.hold"].search([("partner_id", "=", self.customer.id)])), 1)

    def test_by_default_an_invoice_is_only_warned_of(self):
        """What was delivered must be invoiced (C. com. L441-9)."""
        self.limit_rule.on_invoice = False
        invoice = self._draft(150.0)
        self.assertEqual(invoice._get_alerts()["credit_control"]["level"], "warning")
        invoice.with_user(self.biller).action_post()
        self.assertEqual(invoice.state, "posted")
        self.assertFalse(self._hold_of(invoice))

    def test_drafts_in_the_exposure_count_once(self):
        self.env.ref("credit_control.exposure_source_draft").active = True
        invoice = self._draft(100.0)
        invoice.with_user(self.biller).action_post()
        self.assertEqual(invoice.state, "posted")

    def test_released_for_its_amount(self):
        invoice, hold = self._held()
        hold.with_user(self.manager).decision_reason = "Pays tomorrow"
        hold.with_user(self.manager).action_release_document()
        self.assertEqual((hold.state, hold.user_id, hold.decision_reason), ("released", self.manager, "Pays tomorrow"))
        self.assertTrue(hold.date_decided)
        invoice.invoice_line_ids.price_unit = 160.0
        invoice.with_user(self.biller).action_post()
        self.assertEqual(invoice.state, "draft", "more than was released")
        invoice.invoice_line_ids.price_unit = 150.0
        invoice.with_user(self.biller).action_post()
        self.assertEqual(invoice.state, "posted")

    def test_a_copy_is_held_again(self):
        invoice, hold = self._held()
        hold.with_user(self.manager).action_release_document()
        copy = invoice.copy()
        copy.with_user(self.biller).action_post()
        self.assertEqual(copy.state, "draft")

    def test_released_for_the_customer(self):
        (first, hold), (second, other) = self._held(), self._held(200.0)
        hold.with_user(self.manager).action_release()
        self.assertEqual((hold | other).mapped("state"), ["released", "released"])
        (first | second).with_user(self.biller)._post()
        self.assertEqual((first | second).mapped("state"), ["posted", "posted"])
        self.assertEqual(self._held()[0].state, "draft", "later ones wait again")

    def test_released_until(self):
        invoice, hold = self._held()
        mine = hold.with_user(self.manager)
        with self.assertRaises(UserError):
            mine.action_release_until()
        mine.date_until = self._day(3)
        mine.action_release_until()
        another, held = self._held(900.0)
        self.assertEqual((another.state, len(held)), ("posted", 0))
        hold.sudo().date_until = self._day(-1)
        self.assertEqual(self._held()[0].state, "draft")

    def test_refused_with_a_reason(self):
        invoice, hold = self._held()
        mine = hold.with_user(self.manager)
        with self.assertRaises(UserError):
            mine.action_refuse()
        mine.decision_reason = "Pay the old ones first"
        mine.action_refuse()
        self.assertEqual(hold.state, "refused")
        self.assertFalse(hold.activity_ids)
        with self.assertRaisesRegex(UserError, "decided already"):
            mine.action_release_document()

    def test_it_passes_once_nothing_speaks_against_it(self):
        invoice, hold = self._held()
        self.partner.credit_limit = 500.0
        invoice.with_user(self.biller).action_post()
        self.assertEqual((invoice.state, hold.state), ("posted", "released"))
        self.assertIn("Nothing speaks against it", hold.decision_reason)

    def test_no_way_around(self):
        """A salesperson and a biller can't release: by button, RPC, context key, write or create."""
        invoice, hold = self._held()
        keys = {"credit_release": True, "force": True, "bypass_credit": True, "su": True}
        for user in (self.salesperson, self.biller, self.collector, self.reader):
            theirs = hold.with_user(user).with_context(**keys)
            for button in ("action_release", "action_release_document", "action_release_until", "action_refuse"):
                with self.assertRaises(AccessError):
                    getattr(theirs, button)()
            for vals in (
                {"state": "released"},
                {"amount": 1e9},
                {"decision_reason": "x"},
                {"date_until": self._day(9)},
            ):
                with self.assertRaises(AccessError):
                    theirs.write(vals)
            with self.assertRaises(AccessError):
                theirs.create(
                    {
                        "res_model": "account.move",
                        "res_id": invoice.id,
                        "partner_id": self.customer.id,
                        "company_id": self.company.id,
                        "state": "released",
                        "amount": 1e9,
                    }
                )
        invoice.with_user(self.biller).with_context(**keys).action_post()
        self.assertEqual((invoice.state, hold.state), ("draft", "open"))
        with self.assertRaises(AccessError):
            hold.with_user(self.manager).write({"state": "released"})

    def test_whom_the_rule_names(self):
        self.limit_rule.release_group_id = self.env.ref("credit_control.group_collector")
        hold = self._held()[1]
        self.assertTrue(hold.with_user(self.collector).may_decide)
        hold.with_user(self.collector).action_release_document()
        self.assertEqual(hold.user_id, self.collector)

    def test_ask_the_salesperson(self):
        hold = self._held()[1]
        hold.with_user(self.manager).action_ask_salesperson()
        self.assertIn(self.salesperson, hold.activity_ids.user_id)
        hold.with_user(self.salesperson).message_post(body="They pay on Friday")
        self.assertIn("Friday", hold.message_ids[:1].body)
        self.assertIn(self.manager.partner_id, hold.message_partner_ids)

    def test_from_the_queue_to_the_document(self):
        invoice, hold = self._held()
        self.assertEqual(hold.with_user(self.collector).action_open_document()["res_id"], invoice.id)
        debtor = self.env["credit.debtor"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((debtor.hold_ids, debtor.hold_count), (hold, 1))
        self.assertEqual(self.env["credit.hold"].with_user(self.salesperson).search([]), hold)
