from odoo.tests import tagged

from .common_send import CreditSendCommon


@tagged("post_install", "-at_install")
class TestStatementMail(CreditSendCommon):
    """A statement is sent on demand, by Odoo's own composer, to who hears of invoices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._invoice(1000.0, "2024-11-01")
        cls.debtor = cls.env["credit.debtor"]._ensure(cls.company, cls.customer.ids)
        cls.billing = cls.env["res.partner"].create(
            {"name": "Billing", "parent_id": cls.customer.id, "type": "invoice", "email": "billing@sample.example"}
        )

    def _compose(self, debtors):
        action = debtors.with_user(self.collector).with_company(self.company).action_send_statement()
        composer = self.env[action["res_model"]].with_user(self.collector).with_company(self.company)
        return composer.with_context(**action["context"]).create({})

    def test_one_customer(self):
        composer = self._compose(self.debtor)
        self.assertIn(self.company.name, composer.subject)
        self.assertEqual(composer.partner_ids, self.billing)
        self.assertTrue(composer.attachment_ids, "the statement goes along")
        composer._action_send_mail()
        message = self.debtor.message_ids[0]
        self.assertEqual(message.partner_ids, self.billing)
        self.assertEqual(message.attachment_ids, composer.attachment_ids)

    def test_a_customer_without_contacts_gets_it_themselves(self):
        self.billing.active = False
        self.assertEqual(self._compose(self.debtor).partner_ids, self.customer)

    def test_several_customers_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        other = self.customer.copy({"name": "Other customer", "email": "other@sample.example", "lang": "fr_FR"})
        template = self.env.ref("credit_control.mail_template_statement")
        template.with_context(lang="fr_FR").subject = "Relevé – {{ object.company_id.name }}"
        debtors = self.debtor | self.env["credit.debtor"]._ensure(self.company, other.ids)
        self._compose(debtors)._action_send_mail()
        subject_of = {debtor: debtor.message_ids[:1].subject for debtor in debtors}
        self.assertIn("Statement", subject_of[self.debtor])
        self.assertIn("Relevé", subject_of[debtors - self.debtor])
