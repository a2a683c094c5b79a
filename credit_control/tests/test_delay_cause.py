from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_dispute import CreditDisputeCommon


@tagged("post_install", "-at_install")
class TestDelayCause(CreditDisputeCommon):
    """Why items are late: said in bulk, or known from their disputes; shown, searched, grouped, counted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cash = cls.env.ref("credit_control.cause_cash")
        cls.priced = cls.env.ref("credit_control.cause_price")
        cls.second_item, cls.third_item = (
            cls._receivable(cls._invoice(amount, cls.today - timedelta(days=5))) for amount in (600.0, 400.0)
        )
        cls.not_due = cls._receivable(cls._invoice(5000.0, cls.today + timedelta(days=5)))
        cls.items = cls.item + cls.second_item + cls.third_item

    def _get_items(self, *domain, **context):
        open_items = self.env["credit.open.item"].with_user(self.collector).with_context(**context)
        return open_items.search([("company_id", "=", self.company.id), *domain])

    def _say(self, items, cause):
        open_items = self._get_items(("id", "in", items.ids))
        action = open_items.action_set_cause()
        wizards = self.env["credit.delay.cause.wizard"].with_user(self.collector).with_context(**action["context"])
        wizards.create({"cause_id": cause.id, "note": "On the phone"}).action_set()

    def _get_share(self):
        return self.env["credit.open.item"].with_user(self.collector)._get_qualified_share(self.company.ids)

    def test_said_in_bulk(self):
        self._say(self.second_item + self.third_item, self.cash)
        self.assertEqual(self._get_items(("id", "in", self.items.ids)).mapped("delay_cause_id"), self.cash)
        said = self.env["credit.delay.cause.item"].search([("move_line_id", "in", self.items.ids)])
        self.assertEqual(said.mapped("move_line_id"), self.second_item + self.third_item)
        self.assertEqual(
            (said.user_id, said.partner_id, said.company_id), (self.collector, self.customer, self.company)
        )

    def test_the_latest_word_counts(self):
        self._say(self.second_item, self.cash)
        self._say(self.second_item, self.priced)
        self.assertEqual(self._get_items(("id", "=", self.second_item.id)).delay_cause_id, self.priced)
        self._say(self.second_item, self.cash.browse())
        self.assertFalse(self._get_items(("id", "=", self.second_item.id)).delay_cause_id)

    def test_a_disputed_item_is_qualified_by_its_reason(self):
        dispute = self._open(400.0)
        item = self._get_items(("id", "=", self.item.id))
        self.assertEqual(item.delay_cause_id, self.priced)
        self._say(self.item, self.cash)
        self.assertEqual(
            self._get_items(("id", "=", self.item.id)).delay_cause_id, self.cash, "what is said goes first"
        )
        self._say(self.item, self.cash.browse())
        dispute.action_close_unjustified("No")
        self.assertFalse(self._get_items(("id", "=", self.item.id)).delay_cause_id)

    def test_as_of_a_day_on_which_it_was_disputed(self):
        """Two days in one transaction: the cache doesn't answer for the first."""
        self._open(400.0, date=self.today - timedelta(days=3))
        item = self._get_items(("id", "=", self.item.id))
        self.assertEqual(item.delay_cause_id, self.priced)
        self.assertFalse(item.with_context(as_of=self.today - timedelta(days=4)).delay_cause_id)

    def test_searched_and_grouped(self):
        self._open(400.0)
        self._say(self.second_item, self.cash)
        own = ("id", "in", self.items.ids)
        self.assertEqual(self._get_items(own, ("delay_cause_id", "=", self.cash.id)).move_line_id, self.second_item)
        self.assertEqual(self._get_items(own, ("delay_cause_id", "=", False)).move_line_id, self.third_item)
        self.assertEqual(len(self._get_items(own, ("delay_cause_id", "!=", False))), 2)
        self.assertEqual(len(self._get_items(own, ("delay_cause_id", "!=", self.cash.id))), 2)
        self.assertEqual(self._get_items(own, ("delay_cause_id.code", "=", "price")).move_line_id, self.item)
        groups = self.env["credit.open.item"]._read_group([own], ["delay_cause_id"], ["amount_residual:sum"])
        amounts = {cause.code: amount for cause, amount in groups}
        self.assertEqual(amounts, {"price": 1000, "cash": 600, False: 400})
        self.assertTrue(self.env["credit.open.item"].fields_get(["delay_cause_id"])["delay_cause_id"]["groupable"])

    def test_qualified_share(self):
        """1 000, 600 and 400 are overdue: 0 %, then 600 of 2 000 (30 %), then 1 600 by a dispute (80 %)."""
        self.assertEqual(self._get_share(), {"overdue": 2000, "qualified": 0, "share": 0})
        self._say(self.second_item + self.not_due, self.cash)
        self.assertEqual(self._get_share(), {"overdue": 2000, "qualified": 600, "share": 30})
        self._open(100.0)
        self.assertEqual(self._get_share(), {"overdue": 2000, "qualified": 1600, "share": 80})

    def test_on_the_checklist(self):
        setup = self.env["credit.setup"].with_user(self.manager).with_company(self.company).create({})
        point = setup.item_ids.filtered(lambda item: item.code == "causes")
        self.assertEqual(point.state, "check")
        self.assertIn("0 %", point.explanation)
        action = point.action_open()
        self.assertEqual(action["context"], {"search_default_no_cause": 1})

    def test_number_of_queries_does_not_grow(self):
        self._say(self.items, self.cash)
        few, many = self._get_items(("id", "=", self.item.id)), self._get_items(("id", "in", self.items.ids))

        def count(items):
            items.invalidate_recordset(["delay_cause_id"])
            before = self.cr.sql_log_count
            items.mapped("delay_cause_id")
            return self.cr.sql_log_count - before

        # The first rounds read the companies, whose day it is.
        count(many)
        count(few)
        self.assertEqual(count(few), count(many))

    def test_who_may(self):
        with self.assertRaises(UserError):
            self.env["credit.delay.cause.wizard"].with_user(self.collector).create({}).action_set()
        with self.assertRaises(AccessError):
            self.env["credit.delay.cause.item"].with_user(self.reader)._set_cause(self.items, self.cash)
        with self.assertRaises(AccessError):
            self.env["credit.delay.cause"].with_user(self.collector).create({"name": "x", "code": "x"})

    def test_salesperson_sees_those_of_own_customers(self):
        salesperson = self._new_user("salesperson")
        mine = self._new_customer("Atelier Mien", user_id=salesperson.id)
        item = self._receivable(self._invoice(50.0, self.today - timedelta(days=5), partner=mine))
        self._say(item + self.second_item, self.cash)
        found = self.env["credit.delay.cause.item"].with_user(salesperson).search([])
        self.assertEqual(found.partner_id, mine)
        open_item = self.env["credit.open.item"].with_user(salesperson).search([("id", "=", item.id)])
        self.assertEqual(open_item.delay_cause_id, self.cash)

    def test_companies_are_apart(self):
        other = self.setup_other_company()["company"]
        self._say(self.second_item, self.cash)
        self.reader.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.assertFalse(self.env["credit.delay.cause.item"].with_user(self.reader).search([]))

    def test_every_shipped_reason_has_a_cause(self):
        reasons = self.env["credit.dispute.reason"].search([])
        shipped = reasons.filtered(lambda reason: reason.get_external_id()[reason.id].startswith("credit_control."))
        self.assertTrue(shipped)
        self.assertTrue(all(reason.cause_id and reason.step_ids and reason.deadline_days for reason in shipped))
