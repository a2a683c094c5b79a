from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_dispute import CreditDisputeCommon

# All that the role may touch of this addon.
OWN = {
    "credit.dispute": {"read", "write"},
    "credit.dispute.close.wizard": {"create", "read", "unlink", "write"},
    "credit.dispute.line": {"read"},
    "credit.dispute.reason": {"read"},
    "credit.dispute.reason.step": {"read"},
    "credit.dispute.step": {"create", "read", "write"},
}
OPERATIONS = ("create", "read", "unlink", "write")


@tagged("post_install", "-at_install")
class TestDisputeOwner(CreditDisputeCommon):
    """Somebody in logistics settles a dispute; everything else is closed to them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain = new_test_user(
            cls.env, "credit_nobody", "base.group_user", company_id=cls.company.id, company_ids=cls.company.ids
        )
        cls.dispute = cls._open(400.0, user=cls.owner).with_user(cls.owner)
        cls.stranger = cls._open(100.0).with_user(cls.owner)

    def test_the_role_adds_nothing_else(self):
        """Model by model of the whole registry: what others in the house may, and the models named above."""
        for name in self.env.registry.models:
            model = self.env[name]
            if model._abstract:
                continue
            may = {operation for operation in OPERATIONS if model.with_user(self.owner).has_access(operation)}
            others = {operation for operation in OPERATIONS if model.with_user(self.plain).has_access(operation)}
            self.assertEqual(may, others | OWN.get(name, set()), name)

    def test_access_error_on_every_other_model_of_credit_control(self):
        names = [
            name
            for name in self.env.registry.models
            if self.env[name]._original_module == "credit_control" and not self.env[name]._abstract and name not in OWN
        ]
        self.assertIn("credit.debtor", names)
        for name in names:
            model = self.env[name].with_user(self.owner)
            with self.subTest(model=name), self.assertRaises(AccessError):
                model.search([])
            with self.subTest(model=name), self.assertRaises(AccessError):
                model.create({})

    def test_access_error_on_the_ledger(self):
        records = (
            self.invoice,
            self.item,
            self.env["account.payment"],
            self.env["account.partial.reconcile"],
            self.env["account.bank.statement.line"],
        )
        for record in records:
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                record.with_user(self.owner).search([])
        for record in (self.invoice, self.item):
            with self.assertRaises(AccessError):
                record.with_user(self.owner).read(["name"])

    def test_other_peoples_disputes(self):
        for act in ("action_close_unjustified", "action_close_justified"):
            with self.assertRaises(AccessError):
                getattr(self.stranger, act)("No")
        with self.assertRaises(AccessError):
            self.stranger.read(["note"])
        with self.assertRaises(AccessError):
            self.stranger.message_post(body="x")
        with self.assertRaises(AccessError):
            self.stranger.line_ids.read(["document"])

    def test_reads_the_document_as_text(self):
        self.assertEqual(self.dispute.line_ids.reference, self.invoice.name)
        self.assertIn("Flour", self.dispute.documents)
        self.assertIn("1,000.00", self.dispute.documents)
        self.assertEqual(self.dispute.amount_total, 400)
        self.assertIn(self.invoice.name, self.dispute.display_name)

    def test_hostile_text_in_a_document_stays_text(self):
        invoice = self._invoice(
            10.0,
            "2024-12-01",
            invoice_line_ids=[
                Command.create({"name": "<img src=x onerror=alert(1)>", "price_unit": 10.0, "tax_ids": []})
            ],
        )
        dispute = self._open(item=self._receivable(invoice), user=self.owner).with_user(self.owner)
        self.assertIn("&lt;img", dispute.documents)
        self.assertNotIn("<img", dispute.documents)

    def test_opens_the_pdf(self):
        action = self.dispute.line_ids.action_open_pdf()
        self.assertEqual(action["type"], "ir.actions.act_url")
        attachment = (
            self.env["ir.attachment"].with_user(self.owner).browse(int(action["url"].split("/")[3].split("?")[0]))
        )
        self.assertEqual((attachment.res_model, attachment.res_id), ("credit.dispute", self.dispute.id))
        self.assertTrue(attachment.raw)
        self.assertEqual(self.dispute.line_ids.action_open_pdf(), action, "copied once")
        with self.assertRaises(AccessError):
            attachment.with_user(self.plain).read(["raw"])

    def test_answers(self):
        message = self.dispute.message_post(body="The pallet was short", attachments=[("note.txt", b"signed")])
        self.assertEqual(message.author_id, self.owner.partner_id)
        self.dispute.note = "Asked the driver"
        step = self.dispute.step_ids[0]
        step.is_done = True
        self.assertEqual((step.done_by_id, step.done_on), (self.owner, self.today))

    def test_writes_nothing_but_their_work(self):
        """Another item in the dispute would open its document; another customer, theirs."""
        for vals in (
            {"user_id": self.collector.id},
            {"partner_id": self.partner_a.id},
            {"deadline": "2030-01-01"},
            {"line_ids": [Command.update(self.dispute.line_ids.id, {"amount": 0.0})]},
            {"state": "closed"},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self.dispute.write(vals)
        with self.assertRaises(AccessError):
            self.dispute.line_ids.amount = 1.0
        with self.assertRaises(AccessError):
            self.dispute.unlink()

    def test_the_task_is_in_the_owner_s_language(self):
        """Whoever opens it, in whatever language: a job speaks none in particular."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.owner.lang = "fr_FR"
        dispute = self._open(50.0, user=self.owner)
        self.assertEqual(dispute.activity_ids.summary, "Traiter le litige")

    def test_closes_it(self):
        wizard = self.env["credit.dispute.close.wizard"].with_user(self.owner)
        wizard = wizard.create({"dispute_id": self.dispute.id, "outcome": "unjustified", "explanation": "All there"})
        wizard.action_close()
        self.assertEqual((self.dispute.state, self.dispute.closed_by_id), ("closed", self.owner))
        self.dispute.action_reopen()
        self.assertEqual(self.dispute.state, "open")

    def test_says_that_a_credit_note_is_due_and_cannot_make_it(self):
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
        debtor.collector_id = self.collector
        wizard = self.env["credit.dispute.close.wizard"].with_user(self.owner)
        wizard = wizard.create({"dispute_id": self.dispute.id, "outcome": "justified", "explanation": "Short"})
        wizard.action_close()
        self.assertEqual(self.dispute.stage, "credit")
        self.assertEqual(self.dispute.activity_ids.user_id, self.collector)
        with self.assertRaisesRegex(UserError, "ask your accountants"):
            self.dispute.action_make_credit_note()
        refund = self._invoice(400.0, "2024-12-05", move_type="out_refund")
        other = self._open(50.0, user=self.owner).with_user(self.owner)
        with self.assertRaises(AccessError):
            other.action_close_justified("Short", "link", refund.ids)

    def test_the_form_opens(self):
        views = self.env["credit.dispute"].with_user(self.owner).get_views([(False, "form"), (False, "list")])
        spec = {name: {} for name in views["models"]["credit.dispute"]["fields"]}
        [read] = self.dispute.web_read(spec)
        self.assertEqual(read["id"], self.dispute.id)
        self.assertNotIn("refund_ids", spec)
