from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common_exposure import ExposureCommon


@tagged("post_install", "-at_install")
class TestExposure(ExposureCommon):
    """What is risked with a customer: each euro once, whatever it is called today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source_draft = cls.env.ref("credit_control.exposure_source_draft")
        cls.source_in_transit = cls.env.ref("credit_control.exposure_source_in_transit")

    def _pay(self, invoice, amount, **values):
        return self._register_payment(invoice, amount=amount, payment_date=self.today, **values)

    def test_the_figures_of_the_specification(self):
        """38 000 owed, 1 000 of credits that nobody matched: 37 000; a limit of 50 000 leaves 13 000."""
        self._owe(30000.0)
        self._owe(8000.0, days=-10)
        self._owe(1000.0, move_type="out_refund")
        self.customer.with_company(self.company).credit_limit = 50000.0
        self.assertEqual(self._exposure(), 37000.0)
        customer = self.customer.with_user(self.reader)
        self.assertEqual((customer.credit_available, customer.credit_has_limit), (13000.0, True))
        amounts = {row.source: row.amount for row in self._rows()}
        self.assertEqual(amounts, {"not_due": 30000.0, "overdue": 8000.0, "unallocated": -1000.0})

    def test_due_today_is_not_overdue(self):
        self._owe(10.0, days=0)
        self._owe(20.0, days=-1)
        self.assertEqual({row.source: row.amount for row in self._rows()}, {"not_due": 10.0, "overdue": 20.0})

    def test_115_from_draft_to_posted_to_paid(self):
        self.source_draft.active = True
        invoice = self._draft(115.0)
        self.assertEqual(self._exposure(), 115.0)
        self.assertEqual(self._rows().source, "draft")
        invoice.action_post()
        self.assertEqual(self._exposure(), 115.0)
        self.assertEqual(self._rows().source, "not_due")
        self._pay(invoice, 40.0)
        self.assertEqual(self._exposure(), 75.0)

    def test_one_customer_as_all_of_them(self):
        """Read the short way, with what is settled later, and with all others: the same figures."""
        exposures = self.env["credit.exposure"]
        invoice = self._owe(100.0)
        self._owe(40.0, days=-5)
        self._owe(30.0, partner=self._new_customer("Atelier Autre"))
        for paid_on, left in ((None, 100.0), (self._day(3), 100.0), (self.today, 80.0)):
            if paid_on:
                self._register_payment(invoice, amount=20.0, payment_date=paid_on)
            alone = exposures._get_amounts(self.company, self.customer.ids)
            self.assertEqual(alone[self.customer.id], exposures._get_amounts(self.company)[self.customer.id])
            found = alone[self.customer.id][self.company.id]
            self.assertEqual((found["not_due"], found["overdue"]), (left, 40.0), paid_on)

    def test_drafts_are_an_option(self):
        self._draft(115.0)
        self.assertEqual(self._exposure(), 0.0)

    def test_a_draft_credit_note_lowers_nothing(self):
        self.source_draft.active = True
        self._draft(115.0, move_type="out_refund")
        self.assertEqual(self._exposure(), 0.0)

    def test_an_invoice_dated_ahead_is_at_risk(self):
        invoice = self._draft(115.0, invoice_date=self._day(10), date=self._day(10))
        invoice.action_post()
        self.assertEqual(self._rows().mapped("source"), ["dated_ahead"])
        self.assertEqual(self._exposure(), 115.0)

    def test_contacts_count_on_the_customer_and_show_it(self):
        """550 on the customer and 550 on its invoice address are 1 100 on both."""
        contact = self.env["res.partner"].create(
            {"name": "Accounts payable", "parent_id": self.customer.id, "type": "invoice"}
        )
        self._owe(550.0)
        self._owe(550.0, partner=contact)
        self.assertEqual((self._exposure(), self._exposure(contact)), (1100.0, 1100.0))

    def test_another_currency_counts_once(self):
        """1 000 of a currency that is worth half of ours are 500, drafts and posted alike."""
        other = self.setup_other_currency("CHF", rates=[("2020-01-01", 2.0)])
        self.source_draft.active = True
        invoice = self._draft(1000.0, currency_id=other.id)
        self.assertEqual(self._exposure(), 500.0)
        invoice.action_post()
        self.assertEqual(self._exposure(), 500.0)

    def test_a_direct_debit_is_at_risk_until_the_money_is_there(self):
        """Invariant 13: it may come back. A transfer counts as paid, unless who matches statements says otherwise."""
        journal = self.company_data["default_journal_bank"]
        transfer = journal.inbound_payment_method_line_ids[0]
        transfer.payment_account_id = self.env["account.account"].create(
            {"name": "On its way", "code": "B58000", "account_type": "asset_current", "reconcile": True}
        )
        debit = transfer.copy({"name": "SEPA direct debit"})
        debit.write({"credit_collection": "direct_debit", "payment_account_id": transfer.payment_account_id.id})
        self._pay(self._owe(100.0), 100.0, payment_method_line_id=debit.id)
        self._pay(self._owe(30.0), 30.0, payment_method_line_id=transfer.id)
        self.assertEqual({row.source: row.amount for row in self._rows()}, {"collection": 100.0})
        self.source_in_transit.active = True
        self.assertEqual(self._exposure(), 130.0)
        self._show_on_statement(transfer.payment_account_id)
        self.assertEqual(self._exposure(), 0.0)

    def _show_on_statement(self, account):
        """Let the bank's statement show all that is on its way on ``account``."""
        lines = self.env["account.move.line"].search([("account_id", "=", account.id)])
        bank = self.company_data["default_journal_bank"].default_account_id
        amount = sum(lines.mapped("balance"))
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "line_ids": [
                    Command.create({"account_id": bank.id, "balance": amount}),
                    Command.create({"account_id": account.id, "balance": -amount}),
                ],
            }
        )
        entry.action_post()
        (lines | entry.line_ids.filtered(lambda line: line.account_id == account)).reconcile()

    def test_a_bill_is_at_risk_though_it_is_not_reminded(self):
        invoice = self._owe(500.0, days=-20)
        self._receivable(invoice).account_id.credit_collection = "bill"
        self.assertTrue(self.env["credit.open.item"].search([("move_id", "=", invoice.id)]).collected)
        self.assertEqual(self._exposure(), 500.0)

    def test_each_figure_opens_the_rows_that_made_it(self):
        """The very same selection: of the rows, and of the documents behind each source."""
        self.source_draft.active = True
        self._owe(300.0)
        self._owe(80.0, days=-10)
        self._owe(10.0, move_type="out_refund")
        self._draft(115.0)
        action = self.customer.with_user(self.reader).action_open_credit_exposure()
        rows = self.env["credit.exposure"].with_user(self.reader).search(action["domain"])
        self.assertEqual(sum(rows.mapped("amount")), self._exposure())
        for row in rows:
            handler = self.env[row.source_id.sudo().handler]
            scope = row._prepare_scope(self.company.ids, self.customer.ids, None)
            documents = handler._get_action(row.source_id, scope)
            found = self.env[documents["res_model"]].search(documents["domain"])
            self.assertEqual(len(found), 1, row.source)
            self.assertEqual(row.id & 0xFFFFFFFF, found.id)
        self.assertEqual(rows[0].action_open_document()["res_model"], "account.move")

    def test_a_row_keeps_its_id(self):
        self._owe(300.0)
        row = self._rows()
        self._owe(80.0, days=-10)
        self._owe(10.0)
        again = self.env["credit.exposure"].browse(row.id)
        again.invalidate_recordset()
        self.assertEqual((again.amount, again.source, again.partner_id), (300.0, "not_due", self.customer))

    def test_grouped_and_searched(self):
        self._owe(300.0)
        self._owe(80.0, days=-10)
        groups = self.env["credit.exposure"]._read_group(
            [("partner_id", "=", self.customer.id)], ["source"], ["amount:sum"]
        )
        self.assertEqual(dict(groups), {"not_due": 300.0, "overdue": 80.0})
        partners = self.env["res.partner"].with_company(self.company)
        ours = [("id", "=", self.customer.id)]
        self.assertTrue(partners.search([*ours, ("credit_exposure", ">", 379)]))
        self.assertFalse(partners.search([*ours, ("credit_exposure", ">", 380)]))
        self.assertFalse(partners.search([*ours, ("credit_available", "<", 0)]), "no limit: never over it")
        self.customer.with_company(self.company).credit_limit = 100.0
        self.assertTrue(partners.search([*ours, ("credit_available", "<", 0)]))

    def test_zero_means_what_the_company_says(self):
        customer = self.customer.with_company(self.company)
        self.assertFalse(customer.credit_has_limit)
        self.company.credit_limit_zero = "no_credit"
        self._owe(10.0)
        customer.invalidate_recordset()
        self.assertEqual((customer.credit_has_limit, customer.credit_available), (True, -10.0))

    def test_no_source_no_exposure(self):
        self._owe(300.0)
        self.env["credit.exposure.source"].search([]).active = False
        self.assertEqual(self._exposure(), 0.0)

    def test_the_group_adds_up(self):
        """A holding and its two companies: each shows the sum of the three."""
        holding = self._new_customer("Groupe Exemple")
        self.customer.parent_id = holding
        sister = self._new_customer("Minoterie Exemple", parent_id=holding.id)
        self._owe(100.0)
        self._owe(20.0, partner=sister)
        self._owe(3.0, partner=holding)
        for member in (holding, self.customer, sister):
            self.assertEqual(member.with_company(self.company).credit_exposure_group, 123.0)
        self.assertEqual(self._rows().group_id, holding)
        action = sister.with_company(self.company).action_open_credit_exposure_group()
        self.assertEqual(sum(self.env["credit.exposure"].search(action["domain"]).mapped("amount")), 123.0)

    def test_the_card_shows_it(self):
        self._owe(8000.0)
        self._owe(4480.0, days=-3)
        self.customer.with_company(self.company).credit_limit = 15000.0
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids).with_user(self.collector)
        gauge = debtor.exposure_gauge
        self.assertEqual((debtor.exposure, debtor.exposure_available), (12480.0, 2520.0))
        self.assertIn("83 % used", gauge["words"])
        self.assertEqual(
            [(row["code"], row["amount"]) for row in gauge["sources"]], [("not_due", 8000.0), ("overdue", 4480.0)]
        )
        action = debtor.with_context(credit_source="overdue").action_open_exposure()
        self.assertEqual(self.env["credit.exposure"].search(action["domain"]).amount, 4480.0)

    def test_as_many_queries_for_many_as_for_one(self):
        others = self.env["res.partner"].create(
            [{"name": f"Customer {rank}", "is_company": True} for rank in range(30)]
        )
        self._owe(10.0, partner=others[0])
        self._owe(20.0, partner=others[29])
        partners = others.with_company(self.company)
        self.env.flush_all()
        # Which sources count and which companies add up is known from the first time on.
        for some, count in ((partners[:1], 12), (partners, 5)):
            self.env.invalidate_all()
            some.env.company.currency_id.mapped("rounding")
            with self.assertQueryCount(count):
                some.mapped("credit_exposure")
        self.env.invalidate_all()
        with patch("odoo.addons.credit_control.models.credit_partner_exposure.PREFETCH_MAX", 10):
            partners[:12].mapped("credit_exposure")
        with self.assertQueryCount(0):
            partners[12:].mapped("credit_available")
        self.assertEqual([partners[0].credit_exposure, partners[29].credit_exposure], [10.0, 20.0])


@tagged("post_install", "-at_install")
class TestExposureCompanies(ExposureCommon):
    """Several companies: the sum is known to all, the documents to those who may see them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company()["company"]
        cls.env.user.company_ids += cls.other
        cls._owe(100.0)
        cls.env["account.move"].with_company(cls.other).create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.customer.id,
                "company_id": cls.other.id,
                "invoice_date": cls.today,
                "invoice_date_due": cls._day(30),
                "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create({"name": "Flour", "price_unit": 70.0, "tax_ids": []})],
            }
        ).action_post()

    def test_the_sum_whatever_the_switcher_shows(self):
        for allowed in (self.company, self.other, self.company | self.other):
            customer = self.customer.with_context(allowed_company_ids=allowed.ids)
            customer.invalidate_recordset()
            self.assertEqual(customer.credit_exposure_all, 170.0)
        customer = self.customer.with_company(self.company)
        self.assertEqual(customer.credit_exposure, 100.0)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_the_sum_but_no_document_of_the_other(self):
        customer = self.customer.with_user(self.reader)
        self.assertEqual(customer.credit_exposure_all, 170.0)
        rows = self.env["credit.exposure"].with_user(self.reader).search([("partner_id", "=", self.customer.id)])
        self.assertEqual((rows.company_id, sum(rows.mapped("amount"))), (self.company, 100.0))

    def test_limits_over_the_whole_database(self):
        self.company.credit_limit_scope = "database"
        self.customer.with_company(self.company).credit_limit = 150.0
        customer = self.customer.with_user(self.reader)
        self.assertEqual((customer.credit_exposure, customer.credit_available), (170.0, -20.0))

    def test_other_currencies_are_converted(self):
        """70 of a company whose currency is worth half of ours are 35 more."""
        currency = self.setup_other_currency("CHF")
        currency.rate_ids = [
            Command.clear(),
            Command.create({"name": "2020-01-01", "rate": 2.0, "company_id": self.company.id}),
        ]
        self.env["account.move"].search([("company_id", "=", self.other.id)]).button_draft()
        self.env["account.move"].search([("company_id", "=", self.other.id)]).unlink()
        self.other.currency_id = currency
        self.env["account.move"].with_company(self.other).create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "company_id": self.other.id,
                "invoice_date": self.today,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create({"name": "Flour", "price_unit": 70.0, "tax_ids": []})],
            }
        ).action_post()
        self.assertEqual(self.customer.with_company(self.company).credit_exposure_all, 135.0)

    def test_salespeople_see_their_own_customers(self):
        self._owe(5.0, partner=self._new_customer("Atelier Autre"))
        stranger = new_test_user(
            self.env,
            "credit_other_salesperson",
            "credit_control.group_salesperson",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        exposures = self.env["credit.exposure"]
        self.assertEqual(exposures.with_user(self.salesperson).search([]).partner_id, self.customer)
        self.assertFalse(exposures.with_user(stranger).search([]))
