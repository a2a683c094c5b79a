from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common_exposure import ExposureCommon


class LimitCommon(ExposureCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.customer.with_company(cls.company)

    def _request(self, amount, user=None, **values):
        limits = self.env["credit.limit"].with_user(user or self.collector)
        return limits.create(
            {"partner_id": self.customer.id, "company_id": self.company.id, "amount": amount, **values}
        )

    def _approve(self, limit, user=None):
        limit.with_user(user or self.manager).action_approve()
        return limit

    def _figure(self):
        self.partner.invalidate_recordset()
        return self.partner.credit_limit

    def _rows(self, **values):
        domain = [("partner_id", "=", self.customer.id)]
        return self.env["credit.limit"].search(domain + [(name, "=", value) for name, value in values.items()])

    def _refresh(self, days):
        self.env["credit.limit"].sudo()._refresh(self.company, self.customer, self._day(days))


@tagged("post_install", "-at_install")
class TestLimit(LimitCommon):
    """Limits are asked for, decided by who may, begin and end on their days, and all of it is kept."""

    def test_requested_then_approved(self):
        limit = self._request(5000.0, reason="Grows")
        self.assertEqual((limit.state, self._figure()), ("requested", 0.0))
        self._approve(limit)
        self.assertEqual((limit.state, limit.decided_by_id, limit.user_id), ("approved", self.manager, self.collector))
        self.assertEqual((self._figure(), limit.previous_amount, limit.applied_on), (5000.0, 0.0, self.today))
        self.assertTrue(limit.review_date)
        self.assertEqual(self._rows(), limit, "the write of the figure isn't a direct one")

    def test_who_decides_sees_what_holds_today(self):
        self._approve(self._request(5000.0))
        limit = self._request(9000.0)
        for user in (self.manager, self.collector, self.reader):
            seen = limit.with_user(user)
            self.assertIn("5,000.00", seen.limit_now)
            self.assertEqual(seen.exposure_now, self.partner.credit_exposure)
        self.env["credit.debtor"].sudo()._make_missing(self.company, self.customer.ids)
        limit.invalidate_recordset()
        self.partner.invalidate_recordset()
        action = limit.with_user(self.manager).action_open_debtor()
        self.assertEqual(action["res_id"], self.partner.credit_debtor_id.id)

    def test_in_force_is_what_holds(self):
        lasting = self._approve(self._request(5000.0))
        temporary = self._approve(self._request(9000.0, date_to=self._day(10)))
        self.assertEqual((lasting.state, temporary.state), ("approved", "approved"))
        self.assertEqual(self._rows(is_in_force=True), temporary)

    def test_a_request_for_a_contact_is_for_the_customer(self):
        contact = self.env["res.partner"].create({"name": "Accounts payable", "parent_id": self.customer.id})
        self.assertEqual(self._request(10.0, partner_id=contact.id).partner_id, self.customer)

    def test_who_may_not_approve_can_not(self):
        limit = self._request(5000.0)
        for user in (self.collector, self.salesperson, self.reader):
            with self.assertRaises(AccessError):
                self._approve(limit, user)
        self.assertFalse(limit.with_user(self.collector).may_decide)

    def test_levels_by_amount(self):
        levels = self.env["credit.limit.level"]
        collectors = self.env.ref("credit_control.group_collector")
        levels.create({"company_id": self.company.id, "group_id": collectors.id, "amount": 1000.0})
        levels.create(
            {"company_id": self.company.id, "user_ids": [Command.set(self.manager.ids)], "is_unlimited": True}
        )
        self._approve(self._request(1000.0), self.collector)
        above = self._request(1000.01)
        with self.assertRaises(AccessError):
            self._approve(above, self.collector)
        none = self._request(0.0)
        with self.assertRaises(AccessError):  # zero is no limit at all here: more than any amount
            self._approve(none, self.collector)
        self._approve(above, self.manager)
        self.company.credit_limit_zero = "no_credit"
        none.invalidate_recordset()
        self._approve(none, self.collector)
        self.assertEqual(self._figure(), 0.0)

    def test_no_way_around_the_buttons(self):
        """Not by RPC, not by a context key: states, decisions and terms are written by the buttons only."""
        limit = self._request(5000.0)
        forged = self._request(6000.0, state="approved", decided_by_id=self.manager.id, origin="direct")
        self.assertEqual((forged.state, forged.decided_by_id.id, forged.origin), ("requested", False, "request"))
        for user in (self.collector, self.manager):
            mine = limit.with_user(user).with_context(force=True, credit_limit_apply=True, bypass=True)
            for vals in ({"state": "approved"}, {"decided_by_id": user.id}, {"applied_on": self.today}):
                with self.assertRaises(AccessError):
                    mine.write(vals)
        self._approve(limit)
        with self.assertRaises(UserError):
            limit.with_user(self.manager).amount = 1e6
        with self.assertRaises(UserError):
            limit.with_user(self.manager).unlink()
        self.assertEqual(self._figure(), 5000.0)

    def test_two_decide_at_once(self):
        limit = self._approve(self._request(5000.0))
        with self.assertRaisesRegex(UserError, "approved already"):
            self._approve(limit)
        with self.assertRaisesRegex(UserError, "approved already"):
            limit.with_user(self.manager).action_refuse()

    def test_a_refusal_says_why(self):
        limit = self._request(5000.0)
        with self.assertRaisesRegex(UserError, "Say why"):
            limit.with_user(self.manager).action_refuse()
        limit.with_user(self.manager).decision_reason = "Two invoices are late"
        limit.with_user(self.manager).action_refuse()
        self.assertEqual((limit.state, self._figure()), ("refused", 0.0))

    @mute_logger("odoo.sql_db")
    def test_bad_input(self):
        for values in ({"amount": -1.0}, {"amount": 5.0, "date_to": self._day(-1)}):
            with self.assertRaises(Exception) as raised, self.env.cr.savepoint():  # noqa: B017
                self._request(**values)
            self.assertIn("check", str(raised.exception).lower())
        with self.assertRaises(ValidationError):
            self.partner.with_user(self.collector).credit_limit = -5.0
        self._request(100.0, date_from=self._day(1), date_to=self._day(10))
        with self.assertRaises(ValidationError):
            self._request(200.0, date_from=self._day(10), date_to=self._day(20))
        self._request(200.0, date_from=self._day(11), date_to=self._day(20))

    def test_a_temporary_limit_comes_and_goes(self):
        self._approve(self._request(5000.0))
        season = self._approve(self._request(9000.0, date_from=self._day(2), date_to=self._day(4)))
        figures = []
        for days in (1, 2, 4, 5):
            self._refresh(days)
            figures.append(self._figure())
        self.assertEqual(figures, [5000.0, 9000.0, 9000.0, 5000.0])
        self.assertEqual((season.state, self._rows(state="approved").amount), ("expired", 5000.0))

    def test_a_temporary_limit_gives_back_what_it_found(self):
        """The company's default, followed again whatever it has become meanwhile."""
        defaults = self.env["ir.default"]
        defaults.set("res.partner", "credit_limit", 700.0, company_id=self.company.id)
        self._approve(self._request(9000.0, date_to=self._day(4)))
        self.assertEqual(self._figure(), 9000.0)
        defaults.set("res.partner", "credit_limit", 800.0, company_id=self.company.id)
        self._refresh(5)
        self.assertEqual(self._figure(), 800.0)

    def test_a_new_limit_replaces_the_old_one(self):
        old = self._approve(self._request(5000.0))
        new = self._approve(self._request(6000.0))
        self.assertEqual((old.state, old.replaced_by_id, self._figure()), ("expired", new, 6000.0))

    def test_a_figure_from_before_stays(self):
        """One that was written before there was a history, and a request that nobody decided."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET credit_limit = jsonb_build_object(%s, 300.0) WHERE id = %s",
            (str(self.company.id), self.customer.id),
        )
        self._request(1.0, date_to=self.today)
        self._approve(self._request(700.0, date_from=self._day(5)))
        self._refresh(1)
        self.assertEqual(self._figure(), 300.0)
        self._refresh(5)
        self.assertEqual(self._figure(), 700.0)

    def test_ended_for_good(self):
        self.env["ir.default"].set("res.partner", "credit_limit", 50.0, company_id=self.company.id)
        limit = self._approve(self._request(700.0))
        limit.with_user(self.manager).action_end()
        self.assertEqual((limit.state, limit.is_in_force, self._figure()), ("expired", False, 50.0))
        self.assertTrue(self._rows(is_in_force=True).follows_default)

    def test_the_cron_brings_it_up_to_date(self):
        later = self._approve(self._request(6000.0, date_from=self._day(1)))
        self.assertEqual(self._figure(), 0.0)
        later.sudo().date_from = self.today
        asked = self._request(1.0, date_to=self.today)
        asked.sudo().write({"date_from": self._day(-2), "date_to": self._day(-1)})
        later.sudo().review_date = self.today
        with self.enter_registry_test_mode():
            self.env.ref("credit_control.cron_limits").sudo().method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((self._figure(), asked.state), (6000.0, "expired"))
        self.assertEqual(later.activity_ids.user_id, self.manager)
        later.with_user(self.manager).action_reviewed()
        self.assertGreater(later.review_date, self.today)
        self.assertFalse(later.activity_ids)

    def test_a_direct_write_leaves_a_row(self):
        """Form, import and RPC end up in the same write: who, when, the old figure and the new one."""
        self.company.account_use_credit_limit = True
        self.partner.with_user(self.collector).write({"credit_limit": 300.0})
        row = self._rows()
        self.assertEqual(
            (row.origin, row.user_id, row.previous_amount, row.amount), ("direct", self.collector, 0.0, 300.0)
        )
        with Form(self.partner.with_user(self.collector)) as form:
            form.credit_limit = 400.0
        self.assertEqual((self._rows(state="approved").amount, row.state), (400.0, "expired"))
        form = Form(self.partner.with_user(self.collector))
        form.use_partner_credit_limit = False
        form.save()
        self.assertTrue(self._rows(state="approved").follows_default)
        created = self.env["res.partner"].with_company(self.company).with_user(self.collector)
        created = created.create({"name": "Atelier Nouveau", "is_company": True, "credit_limit": 50.0})
        self.assertEqual(self.env["credit.limit"].search([("partner_id", "=", created.id)]).amount, 50.0)

    def test_a_direct_write_ends_a_temporary_limit(self):
        season = self._approve(self._request(9000.0, date_to=self._day(4)))
        self.partner.with_user(self.collector).credit_limit = 100.0
        self.assertEqual((season.state, self._figure()), ("expired", 100.0))
        self._refresh(10)
        self.assertEqual(self._figure(), 100.0)

    def test_a_limit_equal_to_the_default_stays(self):
        """Core stores it as empty, and then it moves with the default: a granted one doesn't."""
        defaults = self.env["ir.default"]
        defaults.set("res.partner", "credit_limit", 5000.0, company_id=self.company.id)
        self._approve(self._request(5000.0))
        defaults.set("res.partner", "credit_limit", 8000.0, company_id=self.company.id)
        self.assertEqual(self._figure(), 5000.0)
        self.env.flush_all()
        self.assertEqual(self._figure(), 5000.0)

    def test_by_approval_only(self):
        """With the setting, a raise beyond one's level is refused on the form, by RPC and in an import alike."""
        self.partner.credit_limit = 1000.0
        self.company.credit_limit_by_approval = True
        partner = self.partner.with_user(self.collector)
        with self.assertRaises(AccessError):
            partner.credit_limit = 2000.0
        with self.assertRaises(AccessError):  # zero: no limit at all
            partner.with_context(bypass=True).write({"credit_limit": 0.0})
        result = partner.load([".id", "credit_limit"], [[str(partner.id), "5000"]])
        self.assertTrue(result["messages"])
        self.assertEqual(self._figure(), 1000.0)
        partner.credit_limit = 500.0
        self.partner.with_user(self.manager).credit_limit = 7000.0
        self.assertEqual(self._figure(), 7000.0)

    def test_by_approval_only_in_a_branch(self):
        """Without a limit of its own a customer has the company's in a branch: more than that has to be approved."""
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.partner.credit_limit = 1000.0
        branch.credit_limit_by_approval = True
        self.collector.company_ids += branch
        partner = self.partner.with_user(self.collector).with_company(branch)
        with self.assertRaises(AccessError):
            partner.credit_limit = 2000.0
        partner.credit_limit = 800.0
        with self.assertRaises(AccessError):  # zero: the 1 000 of the company
            partner.credit_limit = 0.0
        self.partner.with_company(branch).sudo().credit_limit = 5000.0
        partner.credit_limit = 0.0
        self.assertEqual(self.partner._get_credit_limits(branch, self.partner.ids), {self.partner.id: 1000.0})

    def test_what_is_left_in_a_branch_is_found(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.partner.credit_limit = 1000.0
        found = self.env["res.partner"].with_company(branch).search([("credit_available", ">=", 1000.0)])
        self.assertIn(self.partner, found)

    def test_core_goes_on_working(self):
        """Core's banner on an invoice compares with the approved figure."""
        self.company.account_use_credit_limit = True
        self._approve(self._request(100.0))
        self.assertTrue(self.partner.use_partner_credit_limit)
        self.assertIn("credit limit", self._draft(101.0).partner_credit_warning)
        self.assertFalse(self._draft(100.0).partner_credit_warning)

    def test_a_proposal_that_can_be_explained(self):
        """36 500 in a year, paid 45 days after the invoice: 100 a day × 45 × 1.2 = 5 400."""
        issued = self._day(-100)
        invoice = self._invoice(36500.0, issued + timedelta(days=30), issued=issued)
        self._register_payment(invoice, amount=36500.0, payment_date=issued + timedelta(days=45))
        limit = self._request(0.0)
        limit.with_user(self.collector).action_propose()
        self.assertEqual(limit.amount, 5400.0)
        self.assertIn("45 days", limit.proposal)
        new = self._new_customer("Atelier Neuf")
        unknown = self._request(70.0, partner_id=new.id)
        unknown.with_user(self.collector).action_propose()
        self.assertEqual(unknown.amount, 70.0)
        self.assertIn("Nothing was invoiced", unknown.proposal)

    def test_on_the_card(self):
        self._request(5000.0)
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids).with_user(self.reader)
        self.assertEqual(debtor.limit_ids.amount, 5000.0)
        action = debtor.with_user(self.collector).action_request_limit()
        form = Form(self.env["credit.limit"].with_user(self.collector).with_context(**action["context"]))
        form.amount = 100.0
        self.assertEqual(form.save().partner_id, self.customer)

    def test_salespeople_ask_for_their_own_customers(self):
        self.assertTrue(self._request(10.0, self.salesperson))
        other = self._new_customer("Atelier Autre")
        with self.assertRaises(AccessError):
            self._request(10.0, self.salesperson, partner_id=other.id)
