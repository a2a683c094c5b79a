import base64
from datetime import date
from io import BytesIO

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import SQL

from ..models.credit_person import RECKONED, WORDS
from .common_send import PLAN_DAY, CreditSendCommon

SECRET = "Their mother is ill"
# Texts that name a rule, a document or a code, never what somebody said or where they live.
KEPT_TEXTS = {
    "credit.debtor": {"portal_secret"},
    "credit.dispute": {"submission"},
    "credit.dunning.notice": {"message_ref"},
    "credit.einvoice.event": {"reference"},
    "credit.hold": {"document_name", "res_model"},
    "credit.insolvency": {"claim_rank", "court", "reference"},
    "credit.insurance.declaration": {"document", "reference"},
    "credit.insurance.guarantee": {"merged_from", "reference"},
    "credit.litigation": {"reference"},
}


@tagged("post_install", "-at_install")
class TestPerson(CreditSendCommon):
    """A natural person who was reminded, called, promised and disputed; and asks what is known of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls._new_customer("Camille Exemple", is_company=False)
        cls.bill = cls._invoice(300.0, date(2024, 12, 1), partner=cls.person)
        cls.persons = cls.env["credit.person"].with_user(cls.manager).with_company(cls.company)

    def _live(self):
        """Let the person have a history, all of it settled."""
        with self.catch_mail():
            self._run(PLAN_DAY)
        item = self._receivable(self.bill)
        self.env["credit.dispute"]._open({item: 100.0}, "price", note=SECRET).action_close_unjustified(SECRET)
        self.env["credit.promise"]._declare(self.person, item, 50.0, date.today(), contact=self.person, note=SECRET)
        self.env["credit.dunning.pause"].create(
            {"partner_id": self.person.id, "company_id": self.company.id, "reason": SECRET}
        )
        rule = self.env["credit.signal.rule"].search([("handler", "=", False)], limit=1)
        self.env["credit.signal"]._raise(self.person, self.company, rule, SECRET)
        self.card = self.env["credit.debtor"].search([("partner_id", "=", self.person.id)])
        self.card.message_post(body=SECRET)
        self.card.write({"manual_status": "doubtful", "manual_status_reason": SECRET})
        self.notice = self.card.notice_ids.filtered(lambda notice: notice.state == "sent")
        self.env["credit.score.engine"]._compute(self.company, self.card.ids, date.today())
        self.assertTrue(self.env["credit.score"].search([("partner_id", "=", self.person.id)]))

    def _pay(self):
        self._register_payment(self.bill, payment_date=date(2025, 1, 15))

    def _get_texts(self):
        """Return all that our tables and the messages on them say, as one text."""
        found = self.env["credit.person"]._find(self.person)
        found["mail.message"] = self.env["credit.person"]._find_messages(found)
        self.env.flush_all()
        texts = []
        for records in found.values():
            query = SQL(
                "SELECT to_jsonb(t)::text FROM %s t WHERE id = ANY(%s)", SQL.identifier(records._table), records.ids
            )
            texts += [text for (text,) in self.env.execute_query(query)]
        return "\n".join(texts)

    def test_a_copy_holds_what_was_written_and_reckoned(self):
        self._live()
        wizard = self.env["credit.person.wizard"].with_user(self.manager).create({"debtor_id": self.card.id})
        self.assertIn("Dunning notice: 1", wizard.summary)
        wizard.action_copy()
        self.assertEqual(wizard.file_name, "Credit data of Camille Exemple.xlsx")
        book = load_workbook(BytesIO(base64.b64decode(wizard.file)))
        text = "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
        for words in (SECRET, "Please pay 300.00", "exemple@example.com", self.company.name):
            self.assertIn(words, text)
        self.assertLessEqual({"Dunning notice", "Dispute", "Messages"}, set(book.sheetnames))

    def test_erased_is_erased(self):
        self._live()
        self._pay()
        before = (self.notice.amount_total, self.notice.state, self.notice.line_ids.mapped("amount"))
        self.assertIn(SECRET, self._get_texts())
        wizard = self.env["credit.person.wizard"].with_user(self.manager)
        wizard.create({"debtor_id": self.card.id, "reason": "Their letter"}).action_erase()
        self.env.invalidate_all()
        texts = self._get_texts()
        for words in (SECRET, "Please pay", "exemple@example.com"):
            self.assertNotIn(words, texts)
        self.assertEqual(before, (self.notice.amount_total, self.notice.state, self.notice.line_ids.mapped("amount")))
        self.assertIn("erased", self.notice.body)
        self.assertFalse(self.notice.recipient_ids)
        found = self.env["credit.person"]._find(self.person)
        for name in RECKONED:
            self.assertFalse(found[name], name)
        self.assertFalse(self.card.score_state)
        self.assertIn("Their letter", self.card.message_ids[:1].body)
        # What is the books' stays.
        self.assertTrue(self.bill.exists().payment_state in ("paid", "in_payment"))
        self.assertEqual(self.person.name, "Camille Exemple")

    def test_nothing_of_others_is_erased(self):
        self._live()
        self._pay()
        other = self.env["credit.debtor"].search([("partner_id", "=", self.customer.id)]).notice_ids
        body = other.body
        self.assertTrue(body)
        self.persons._erase(self.person, "Their letter")
        self.env.invalidate_all()
        self.assertEqual(other.body, body)

    def test_what_is_claimed_is_kept(self):
        self._live()
        with self.assertRaisesRegex(UserError, "Camille Exemple: Something is owed"):
            self.persons._erase(self.person, "Their letter")
        self.assertIn(SECRET, self._get_texts())

    def test_businesses_are_no_persons(self):
        with self.assertRaisesRegex(UserError, "isn't a natural person"):
            self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
            self.persons._erase(self.customer, "Their letter")

    def test_only_managers_erase(self):
        self._live()
        self._pay()
        for user in (self.collector, self.reader):
            with self.assertRaises(AccessError):
                self.persons.with_user(user)._erase(self.person, "Their letter")
            with self.assertRaises(AccessError):
                self.env["credit.person.wizard"].with_user(user).create({"debtor_id": self.card.id})

    def test_customer_of_a_company_that_one_does_not_see(self):
        self._live()
        self._pay()
        other = self.setup_other_company()["company"]
        self.env["credit.debtor"].sudo()._ensure(other, self.person.ids)
        with self.assertRaisesRegex(UserError, "no access"):
            self.persons._erase(self.person, "Their letter")

    def test_a_reason_is_asked_for(self):
        self._live()
        wizard = self.env["credit.person.wizard"].with_user(self.manager).create({"debtor_id": self.card.id})
        with self.assertRaisesRegex(UserError, "Say why"):
            wizard.action_erase()

    def test_texts_are_erased_five_years_after_the_settlement(self):
        self._live()
        self._pay()
        for limit, is_kept in ((date(2025, 1, 15), True), (date(2025, 1, 16), False)):
            self.env["credit.person"]._forget_settled(Domain("id", "=", self.notice.id), limit)
            self.assertEqual("Please pay" in self.notice.body, is_kept, limit)
        self.assertFalse(self.notice.address)
        self.assertFalse(self.notice.mail_message_id)

    def test_what_is_open_is_kept_whatever_its_age(self):
        self._live()
        self.env["credit.person"]._forget_settled(Domain("id", "=", self.notice.id), date(2040, 1, 1))
        self.assertIn("Please pay", self.notice.body)

    def test_call_notes_are_erased_after_two_years(self):
        self._live()
        mine = self.env["credit.debtor"].search([("partner_id", "=", self.customer.id)]).notice_ids
        (mine | self.notice)._apply({"call_note": SECRET})
        # Of 30 December 2024: two years later they are still kept, from the next day on they aren't.
        for day, is_kept in (("2026-12-30", True), ("2026-12-31", False)):
            with freeze_time(f"{day} 12:00:00"):
                self.env["credit.person"]._gc_words()
            self.assertEqual(bool(self.notice.call_note), is_kept, day)
        self.assertEqual(mine.call_note, SECRET)
        self.assertIn("Please pay", self.notice.body)

    def test_privacy_lookup_finds_what_is_ours(self):
        if "privacy.lookup.wizard" not in self.env:
            self.skipTest("Odoo's privacy lookup isn't installed.")
        self._live()
        wizard = self.env["privacy.lookup.wizard"].create({"name": self.person.name, "email": self.person.email})
        wizard.action_lookup()
        found = {line.res_model for line in wizard.line_ids}
        self.assertLessEqual({"res.partner", "credit.dispute", "credit.promise", "credit.dunning.notice"}, found)
        self.assertTrue(all(wizard.line_ids.mapped("res_name")))
        with self.assertRaises(UserError):
            wizard.line_ids.filtered(lambda line: line.resource_ref == self.notice).action_unlink()

    def test_every_text_about_a_customer_is_erased_or_named_as_kept(self):
        """A new field that holds words has to be put into one of the tables."""
        person = self.env["credit.person"]
        names = [name for name in person._get_models() if self.env[name]._original_module == "credit_control"]
        self.assertGreater(len(names), 15)
        for name in names:
            fields = self.env[name]._fields.items()
            texts = {
                field_name
                for field_name, field in fields
                if field.type in ("char", "text", "html") and field.store and not (field.related or field.compute)
            }
            if name not in RECKONED:
                self.assertEqual(texts - set(WORDS.get(name, ())) - KEPT_TEXTS.get(name, set()), set(), name)
