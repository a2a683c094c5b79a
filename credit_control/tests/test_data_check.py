from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CreditControlCommon

DAY = "2024-11-01"


@tagged("post_install", "-at_install")
class TestDataCheck(CreditControlCommon):
    """Each thing that is wrong is found, with its way to mend it; the same customer put right isn't."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        terms = cls.env.ref("account.account_payment_term_30days")
        cls.sound = {
            "phone": "01 23 45 67 89",
            "vat": False,
            "company_registry": "R-1",
            "property_payment_term_id": terms.id,
        }
        cls.customer.with_company(cls.company).write(cls.sound)
        cls._invoice(1000.0, DAY)

    def _look(self, user=None):
        """Return ``{code: row}`` of what a collector is shown."""
        checks = self.env["credit.data.check"].with_user(user or self.collector).with_company(self.company)
        action = checks.action_open()
        return {row.code: row for row in checks.search(action["domain"])}

    def _wrong(self, name, amount=100.0, **values):
        partner = self._new_customer(name, **{**self.sound, "company_registry": name, **values})
        self._invoice(amount, DAY, partner=partner)
        return partner

    def _assert_found(self, code, partner, amount=100.0):
        rows = self._look()
        self.assertEqual((rows[code].res_ids, rows[code].count, rows[code].amount), (partner.ids, 1, amount), code)
        action = rows[code].action_mend()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), partner, code)

    def test_a_sound_customer_is_found_nowhere(self):
        self.env["credit.debtor"].search([]).collector_id = self.collector
        found = {code: row.count for code, row in self._look().items()}
        self.assertFalse(any(found.values()), found)

    def test_who_can_t_be_reached(self):
        wrong = {
            "no_email": {"email": False},
            "bad_email": {"email": "accounts at example"},
            "no_address": {"street": False},
            "no_phone": {"phone": False},
            "bad_phone": {"phone": "12"},
            "no_terms": {"property_payment_term_id": False},
            "no_registration": {"company_registry": False},
        }
        for code, values in wrong.items():
            with self.subTest(code=code):
                partner = self._wrong(f"Exemple {code}", **values)
                self._assert_found(code, partner)
                partner.with_company(self.company).write({**self.sound, "email": "a@example.com", "street": "1 rue X"})
                self.assertFalse(self._look()[code].count, "put right")

    def test_a_contact_can_be_written_to(self):
        partner = self._wrong("Exemple Sans", email=False, phone=False)
        contact = {"name": "Comptabilité", "parent_id": partner.id, "email": "c@example.com", "phone": "01 23 45 67 80"}
        self.env["res.partner"].create(contact)
        rows = self._look()
        self.assertFalse(rows["no_email"].count or rows["no_phone"].count)

    def test_e_mails_that_came_back(self):
        partner = self._wrong("Exemple Revenu")
        self.env["mail.blacklist"].sudo()._add(partner.email)
        self._assert_found("bounced", partner)

    def test_who_owes_nothing_needs_no_address(self):
        self._new_customer("Sans Dette", email=False)
        self.assertFalse(self._look()["no_email"].count)

    def test_twins(self):
        first = self._wrong("Épicerie Exemple", vat="FR 23 334 175 221")
        second = self._new_customer("Epicerie de l'Exemple", vat="FR23334175221")
        third, fourth = self._wrong("Minoterie Exemple"), self._new_customer("MINOTERIE-EXEMPLE")
        self._new_customer("Minoterie Exemple", zip="13001")
        row = self._look()["duplicates"]
        self.assertEqual(set(row.res_ids), set((first | second | third | fourth).ids))
        self.assertEqual(row.amount, 200.0)

    def test_late_ones_that_nobody_looks_after(self):
        self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
        self.env["credit.agenda.engine"]._rank(self.company)
        row = self._look()["nobody"]
        self.assertEqual(row.res_ids, self.customer.ids)
        self.assertEqual(self.env["credit.debtor"].search(row.action_mend()["domain"]).partner_id, self.customer)
        card = self.env["credit.debtor"].search([("partner_id", "=", self.customer.id)])
        portfolio = self.env["credit.portfolio"].create({"name": "North", "company_id": self.company.id})
        card.portfolio_id = portfolio
        self.assertEqual(self._look()["nobody"].res_ids, self.customer.ids, "nobody works in it")
        filters = self.env["credit.debtor"].with_user(self.collector)
        nobodys = ["|", ("portfolio_id", "=", False), ("portfolio_id.collector_ids", "=", False)]
        self.assertIn(card, filters.search([("responsible_id", "=", False), *nobodys]))
        portfolio.with_user(self.manager).manager_id = self.manager
        self.assertFalse(self._look()["nobody"].count)
        portfolio.with_user(self.manager).write({"manager_id": False, "collector_ids": self.collector.ids})
        self.assertFalse(self._look()["nobody"].count)
        self.assertNotIn(card, filters.search([("responsible_id", "=", False), *nobodys]))

    def test_payments_to_match(self):
        self._invoice(1000.0, DAY, move_type="out_refund")
        row = self._look()["unallocated"]
        self.assertEqual(row.res_ids, self.customer.ids)
        self.assertEqual(self.env["credit.match"].search(row.action_mend()["domain"]).amount, 1000.0)

    def test_nothing_to_mend_and_nobody_else(self):
        with self.assertRaisesRegex(UserError, "in order"):
            self._look()["no_email"].action_mend()
        with self.assertRaises(AccessError):
            self._look(self.reader)

    def test_another_company_s_customers_are_its_own(self):
        other = self.setup_other_company()["company"]
        partner = self._wrong("Exemple Ailleurs", email=False)
        checks = self.env["credit.data.check"].with_user(self._new_stranger(other, "collector")).with_company(other)
        rows = checks.search(checks.action_open()["domain"])
        self.assertFalse([row for row in rows if partner.id in (row.res_ids or [])])

    def test_statements_don_t_hang_on_the_number_of_customers(self):
        self._look_at_all()
        with self._statements() as few:
            self._look_at_all()
        for number in range(5):
            self._wrong(f"Exemple {number}", email=False)
        self.env.flush_all()
        with self._statements() as many:
            self._look_at_all()
        self._assert_not_more(many, few)

    def _look_at_all(self):
        """Find what is wrong, from an empty cache; nothing is written."""
        self.env.invalidate_all()
        checks = self.env["credit.data.check"].with_user(self.collector).with_company(self.company)
        looking = checks.with_context(credit_owing=checks._get_owing())
        for code in checks._get_checks():
            looking._prepare(code, "", "")


@tagged("post_install", "-at_install")
class TestWriteOff(CreditControlCommon):
    """Small balances are written off by an entry each; what isn't small stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.credit_small_balance = 5.0
        cls.small = cls._receivable(cls._invoice(4.99, DAY))
        cls.large = cls._receivable(cls._invoice(5.01, DAY))
        cls.account = cls.company_data["default_account_expense"]

    def _find(self):
        checks = self.env["credit.data.check"].with_user(self.collector).with_company(self.company)
        return checks.search([*checks.action_open()["domain"], ("code", "=", "small")])

    def _write_off(self, lines, user=None):
        items = self.env["credit.open.item"].browse(lines.ids).with_user(user or self.collector)
        wizards = self.env["credit.write.off"].with_user(user or self.collector).with_company(self.company)
        wizards = wizards.with_context(**items.action_write_off()["context"])
        wizard = wizards.create({"account_id": self.account.id, "date": "2024-12-30"})
        wizard.action_write_off()
        return wizard

    def test_found_written_off_and_gone(self):
        self.assertEqual(self._find().res_ids, self.small.ids)
        wizard = self._write_off(self.small)
        self.assertEqual(wizard.amount, 0.0)
        self.assertTrue(self.small.reconciled)
        move = self.small.matched_credit_ids.credit_move_id.move_id
        loss = move.line_ids.filtered(lambda line: line.account_id == self.account)
        self.assertEqual((move.state, loss.balance, loss.partner_id), ("posted", 4.99, self.customer))
        self.assertFalse(self._find().count)

    def test_in_another_currency(self):
        currency = self.setup_other_currency("GBP", rates=[("2016-01-01", 0.5)])
        line = self._receivable(self._invoice(2.0, DAY, currency_id=currency.id))
        self.assertEqual(line.amount_residual, 4.0)
        self._write_off(line)
        self.assertTrue(line.reconciled)
        self.assertEqual((line.amount_residual, line.amount_residual_currency), (0.0, 0.0))

    def test_refused(self):
        with self.assertRaisesRegex(UserError, "isn't a small balance"):
            self._write_off(self.small | self.large)
        self._write_off(self.small)
        with self.assertRaisesRegex(UserError, "isn't open any more"):
            self._write_off(self.small)
        with self.assertRaises(AccessError):
            self._write_off(self.large, self.reader)
