from datetime import date, timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common_dispute import CreditDisputeCommon


@tagged("post_install", "-at_install")
class TestDisputeOpening(CreditDisputeCommon):
    """Items or parts of them, never more than is open; once, however often it is submitted."""

    def test_a_part(self):
        dispute = self._open(400.0, note="The price was 6")
        self.assertEqual((dispute.partner_id, dispute.company_id), (self.customer, self.company))
        self.assertEqual((dispute.amount_total, dispute.amount_opened, dispute.state), (400, 400, "open"))
        self.assertEqual(dispute.deadline, self.today + timedelta(days=self.price.deadline_days))
        self.assertEqual(self._get_open_item().amount_disputed, 400)
        self.assertEqual(
            dispute.step_ids.mapped("date_due"), [self.today + timedelta(days=2), self.today + timedelta(days=8)]
        )

    def test_all_of_it_and_what_is_left_of_it(self):
        self._open(400.0)
        rest = self._open()
        self.assertEqual((rest.line_ids.amount, rest.amount_total), (600, 600))
        with self.assertRaisesRegex(ValidationError, f"{self.invoice.name}.*disputed already"):
            self._open(0.01)

    def test_never_more_than_is_open(self):
        with self.assertRaisesRegex(ValidationError, f"{self.invoice.name}: .*1,000.01.*1,000.00"):
            self._open(1000.01)
        with self.assertRaisesRegex(ValidationError, "negative"):
            self._open(-5.0)
        self._open(700.0)
        with self.assertRaisesRegex(ValidationError, "300.00"):
            self._open(400.0)

    def test_paid_cannot_be_disputed(self):
        self._pay(1000.0)
        with self.assertRaisesRegex(ValidationError, f"{self.invoice.name} is paid"):
            self._open()

    def test_limits_hold_in_the_form_and_by_a_later_change(self):
        dispute = self._open(400.0)
        self._open(600.0)
        with self.assertRaises(ValidationError):
            dispute.write({"line_ids": [Command.update(dispute.line_ids.id, {"amount": 401.0})]})
        with self.assertRaises(ValidationError):
            dispute.write({"line_ids": [Command.update(dispute.line_ids.id, {"amount": 0.0})]})

    def test_the_form_proposes_what_can_be_disputed(self):
        self._open(400.0)
        action = self.invoice.with_user(self.collector).action_credit_dispute()
        disputes = self.env["credit.dispute"].with_user(self.collector).with_context(**action["context"])
        with Form(disputes) as form:
            form.reason_id = self.price
        dispute = form.record
        self.assertEqual((dispute.partner_id, dispute.line_ids.amount), (self.customer, 600))
        self.assertEqual(dispute.line_ids.amount_opened, 600)
        with self.assertRaisesRegex(ValidationError, "disputed already"):
            self.invoice.with_user(self.collector).action_credit_dispute()

    def test_a_paid_part_shrinks_it(self):
        """400 and 300 of 1 000; 500 paid: the first keeps its 400, the second 100. All paid: nothing."""
        first, second = self._open(400.0), self._open(300.0)
        self._pay(500.0)
        disputes = first + second
        disputes.invalidate_recordset()
        self.assertEqual(disputes.mapped("amount_total"), [400, 100])
        self.assertEqual(self._get_open_item().amount_disputed, 500)
        self._pay(500.0)
        disputes.invalidate_recordset()
        self.assertEqual(disputes.mapped("amount_total"), [0, 0])
        self.assertEqual(disputes.mapped("is_settled"), [True, True])
        self.assertEqual(disputes.mapped("amount_opened"), [400, 300])

    def test_submitted_twice(self):
        first = self._open(400.0, source="portal", submission="form 1")
        self.assertEqual(self._open(400.0, source="portal", submission="form 1"), first)
        self.assertNotEqual(self._open(400.0, source="portal", submission="form 2"), first)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._open(400.0, source="portal", submission="form 3")

    def test_of_one_customer_and_company(self):
        other = self._receivable(self._invoice(50.0, date(2024, 12, 1), partner=self._new_customer("Atelier Nord")))
        with self.assertRaisesRegex(ValidationError, "one customer"):
            self.env["credit.dispute"]._open({self.item: 1.0, other: 1.0}, "price")
        dispute = self._open(1.0)
        with self.assertRaisesRegex(ValidationError, "isn't a posted claim"):
            dispute.line_ids = [Command.create({"move_line_id": other.id, "amount": 1.0})]
        income = self.invoice.invoice_line_ids
        with self.assertRaisesRegex(ValidationError, "isn't a posted claim|is paid"):
            self._open(1.0, item=income)

    def test_the_same_item_twice(self):
        dispute = self._open(1.0)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            dispute.line_ids = [Command.create({"move_line_id": self.item.id, "amount": 1.0})]

    def test_in_the_currency_of_the_document(self):
        """100 at 2 to 1 stand at 50 in the books: 40 of them are 20; all of them are all."""
        currency = self.setup_other_currency("EUR", rates=[("2024-01-01", 2.0)])
        item = self._receivable(self._invoice(100.0, date(2024, 12, 1), currency_id=currency.id))
        self.assertEqual(item.amount_residual, 50)
        dispute = self._open(40.0, item=item, in_document_currency=True)
        self.assertEqual(dispute.amount_total, 20)
        rest = self._open(60.0, item=item, in_document_currency=True)
        self.assertEqual(rest.amount_total, 30)

    def test_by_the_portal(self):
        """Nothing of the visitor's rights is asked; what they wrote stays text; the owner isn't the visitor."""
        visitor = self.env["res.partner"].create({"name": "Accounts payable", "parent_id": self.customer.id})
        disputes = self.env["credit.dispute"].with_user(self.env.ref("base.public_user")).sudo()
        dispute = disputes._open(
            {self.item: 100.0},
            "no such reason",
            note="<script>alert(1)</script>",
            source="portal",
            author=visitor,
            attachments=[("../../note.html", b"<script>")],
        )
        self.assertEqual(dispute.reason_id.code, "other")
        self.assertFalse(dispute.user_id)
        message = dispute.message_ids.filtered("attachment_ids")
        self.assertEqual(message.author_id, visitor)
        self.assertNotIn("<script", message.body)
        self.assertEqual(message.attachment_ids.res_model, "credit.dispute")

    def test_by_a_call(self):
        """Of two items one is disputed, for a part; the other is claimed."""
        other = self._invoice(200.0, date(2024, 12, 1))
        self.first.channel_ids = self.phone
        notice = self._plan("2024-12-30").notice_ids
        line = notice.line_ids.filtered(lambda line: line.move_id == self.invoice)
        wizard = self.env["credit.dunning.call.wizard"].with_user(self.collector)
        wizard = wizard.create(
            {
                "notice_id": notice.id,
                "outcome": "dispute",
                "dispute_reason_id": self.price.id,
                "dispute_line_ids": [Command.set(line.ids)],
                "dispute_amount": 250.0,
            }
        )
        dispute = self.env["credit.dispute"].browse(wizard.action_record()["res_id"])
        self.assertEqual((dispute.line_ids.move_line_id, dispute.amount_total), (self.item, 250))
        self.assertEqual(dispute.source, "call")
        self.assertFalse(self._get_open_item(self._receivable(other)).amount_disputed)

    def test_default_owner(self):
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
        self.assertEqual(self._open(1.0).user_id, self.collector, "who opens it")
        debtor.collector_id = self.manager
        self.assertEqual(self._open(1.0).user_id, self.manager, "the customer's collector")
        self.price.user_id = self.owner
        dispute = self._open(1.0)
        self.assertEqual(dispute.user_id, self.owner, "the reason's owner")
        self.assertEqual(dispute.activity_ids.user_id, self.owner)
        self.assertEqual(dispute.activity_ids.date_deadline, dispute.deadline)

    def test_owner_of_another_company_is_not_chosen(self):
        other = self.setup_other_company()["company"]
        self.owner.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.price.user_id = self.owner
        self.assertEqual(self._open(1.0).user_id, self.collector)

    def test_owner_without_any_right_is_refused(self):
        """The reason's owner lost the right: the next one settles it; chosen by hand, the error says what to do."""
        nobody = self.owner.copy({"login": "credit_no_right", "group_ids": [Command.set([])]})
        nobody.group_ids = self.env.ref("base.group_user")
        self.price.user_id = nobody
        dispute = self._open(1.0)
        self.assertEqual(dispute.user_id, self.collector)
        with self.assertRaisesRegex(ValidationError, "can't settle disputes.*Dispute owner"):
            dispute.user_id = nobody

    def test_many_at_once_in_few_queries(self):
        """Defaults of owner and deadline are worked out for all of them together."""
        values = {"company_id": self.company.id, "reason_id": self.price.id, "state": "closed"}
        partners = self.env["res.partner"].create([{"name": f"Client {number}"} for number in range(30)])

        def count(some):
            self.env.flush_all()
            before = self.cr.sql_log_count
            disputes = self.env["credit.dispute"].with_context(tracking_disable=True)
            disputes.create([{**values, "partner_id": partner.id} for partner in some])
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(partners[:2])
        self.assertLessEqual(count(partners), count(partners[:2]) + 2)

    def test_on_the_commercial_partner(self):
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        dispute = self.env["credit.dispute"].create({"partner_id": contact.id, "reason_id": self.price.id})
        self.assertEqual(dispute.partner_id, self.customer)

    def test_two_at_once_take_turns(self):
        """The card of the customer is written by each: under REPEATABLE READ the second is replayed."""
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
        self.env.flush_all()
        self.cr.execute("SELECT xmin::text, ctid::text FROM credit_debtor WHERE id = %s", [debtor.id])
        before = self.cr.fetchone()
        self._open(1.0)
        self.env.flush_all()
        self.cr.execute("SELECT xmin::text, ctid::text FROM credit_debtor WHERE id = %s", [debtor.id])
        self.assertNotEqual(self.cr.fetchone(), before)


@tagged("post_install", "-at_install")
class TestDisputeClosing(CreditDisputeCommon):
    """Justified or not, with a reason; dunning of just that part waits and goes on."""

    def _send_run(self, day):
        with self.catch_mail():
            return self._run(day).notice_ids

    def _get_asked(self, notices):
        return notices.step_id, notices.amount_total

    def test_story_of_400_on_1000(self):
        """600 are asked meanwhile; decided against the customer, the next run asks 1 000 at the saved step."""
        dispute = self._open(400.0)
        first = self._send_run(date(2024, 12, 11))
        self.assertEqual(self._get_asked(first), (self.first, 600))
        dispute.action_close_unjustified("The order says so")
        self.assertFalse(self._send_run(date(2024, 12, 20)), "no step is due")
        self.assertEqual(self._get_asked(self._send_run(date(2024, 12, 31))), (self.second, 1000))

    def test_whole_item_goes_on_where_it_stood(self):
        """The first reminder left; disputed whole, nothing leaves; then comes the second, not the first again."""
        self._send_run(date(2024, 12, 11))
        dispute = self._open()
        run = self._plan(date(2025, 1, 2))
        self.assertFalse(run.notice_ids)
        self.assertEqual(self._reason(self.invoice, run), "disputed")
        dispute.action_close_unjustified("Delivered, as the note shows")
        self.assertEqual(self._get_asked(self._send_run(date(2025, 1, 2))), (self.second, 1000))

    def test_a_queued_notice_asks_no_more_than_planned(self):
        """Planned with 600; the dispute is lost before it leaves: it asks 600, and the next one 1 000."""
        dispute = self._open(400.0)
        notice = self._new_notice()
        dispute.action_close_unjustified("No")
        [message] = self._send(notice)
        self.assertIn("600.00", message.as_string())

    def test_a_queued_notice_is_lowered(self):
        notice = self._new_notice()
        self._open(400.0)
        [message] = self._send(notice)
        self.assertIn("600.00", message.as_string())

    def test_step_after_a_lost_dispute(self):
        """A step of the basis "dispute closed" answers a lost dispute, two days later, and a won one never."""
        answer = self.env["credit.dunning.step"].create(
            {
                "policy_id": self.policy.id,
                "sequence": 90,
                "name": "Your objection",
                "delay_days": 2,
                "delay_basis": "dispute_closed",
                "mode": "auto",
                "channel_ids": [Command.set(self.email.ids)],
            }
        )
        won, lost = (
            self._invoice(
                amount,
                self.today - timedelta(days=4),
                partner=self._new_customer(name),
                issued=self.today - timedelta(days=40),
            )
            for name, amount in (("Atelier Nord", 70.0), ("Atelier Sud", 80.0))
        )
        self._open(item=self._receivable(won)).action_close_justified("Sent again", "none")
        self._open(item=self._receivable(lost)).action_close_unjustified("Delivered")
        self.assertFalse(self._plan(self.today + timedelta(days=1)).notice_ids.filtered(lambda n: n.step_id == answer))
        notices = self._plan(self.today + timedelta(days=2)).notice_ids
        answered = notices.filtered(lambda notice: notice.step_id == answer)
        self.assertEqual((answered.partner_id, answered.amount_total), (lost.partner_id, 80))

    def test_a_reason_is_asked(self):
        dispute = self._open(400.0)
        action = dispute.action_close_unjustified()
        self.assertEqual(action["res_model"], "credit.dispute.close.wizard")
        for empty in ("", "  \n"):
            with self.assertRaisesRegex(UserError, "Say why"):
                dispute.action_close_unjustified(empty)
        self.assertEqual(dispute.state, "open")

    def test_closed_twice(self):
        dispute = self._open(400.0)
        dispute.action_close_unjustified("Delivered")
        self.assertEqual((dispute.closed_on, dispute.closed_by_id), (self.today, self.collector))
        with self.assertRaisesRegex(UserError, "was closed on .* by credit_collector .*Not justified"):
            dispute.with_user(self.manager).action_close_justified("They are right")
        self.assertEqual(dispute.outcome, "unjustified")

    def test_reopened(self):
        """What it held back is held back again, unless somebody else disputes it by now."""
        dispute = self._open(400.0)
        with self.assertRaisesRegex(UserError, "nothing to reopen"):
            dispute.action_reopen()
        dispute.action_close_unjustified("Delivered")
        self.assertFalse(self._get_open_item().amount_disputed)
        dispute.action_reopen()
        self.assertEqual((dispute.state, dispute.outcome, dispute.closed_on), ("open", False, False))
        self.assertEqual(self._get_open_item().amount_disputed, 400)
        dispute.action_close_unjustified("Delivered, really")
        self._open(700.0)
        with self.assertRaisesRegex(ValidationError, "300.00"), self.cr.savepoint():
            dispute.action_reopen()

    def test_not_by_hand(self):
        dispute = self._open(400.0)
        for vals in ({"state": "closed"}, {"outcome": "justified"}, {"closed_on": self.today}):
            with self.assertRaisesRegex(UserError, "by its buttons"):
                dispute.write(vals)

    def test_nothing_to_credit(self):
        """An invoice that hadn't arrived was sent again: they were right, and owe all of it."""
        dispute = self._open(400.0)
        dispute.action_close_justified("Sent again", "none")
        self.assertEqual((dispute.state, dispute.outcome, dispute.is_justified), ("closed", "justified", 1.0))
        self.assertFalse(self._get_open_item().amount_disputed)

    def test_credit_note_made_by_reversal(self):
        """Half open, half closed: nothing is claimed of the part until its credit note is posted."""
        dispute = self._open(400.0)
        dispute.action_close_justified("Price of last year")
        self.assertEqual((dispute.state, dispute.stage), ("open", "credit"))
        self.assertEqual(self._get_open_item().amount_disputed, 400)
        action = dispute.action_make_credit_note()
        refund = self.env["account.move"].browse(action["res_id"])
        self.assertEqual((refund.move_type, refund.state, refund.amount_total), ("out_refund", "draft", 400))
        self.assertEqual(refund.reversed_entry_id, self.invoice)
        self.assertEqual(dispute.action_make_credit_note()["res_id"], refund.id, "made once")
        refund.with_user(self.collector).action_post()
        self.assertEqual((dispute.state, dispute.outcome, dispute.closed_on), ("closed", "justified", self.today))
        item = self._get_open_item()
        self.assertEqual((item.amount_residual, item.amount_disputed), (600, 0))
        self.assertEqual(self._get_asked(self._plan(date(2024, 12, 30)).notice_ids), (self.first, 600))

    def test_credit_note_of_several_taxed_lines(self):
        """Three lines of 100 with 21 % tax are 363; a third of it is 121."""
        tax = self.company_data["default_tax_sale"].copy({"amount": 21.0, "name": "VAT of the test"})
        lines = [
            Command.create({"name": f"Row {row}", "price_unit": 50.0, "quantity": 2, "tax_ids": [Command.set(tax.ids)]})
            for row in range(3)
        ]
        invoice = self._invoice(0.0, date(2024, 12, 1), invoice_line_ids=lines)
        self.assertEqual(invoice.amount_total, 363)
        dispute = self._open(121.0, item=self._receivable(invoice))
        dispute.action_close_justified("A third was missing")
        dispute.action_make_credit_note()
        refund = dispute.with_user(self.collector).refund_ids
        self.assertAlmostEqual(refund.amount_total, 121.0, delta=0.03)

    def test_credit_note_of_what_was_paid_under_protest(self):
        """400 of 1 000 disputed, all of it paid: 400 are given back all the same."""
        dispute = self._open(400.0)
        self._pay(1000.0)
        self.assertEqual(dispute.amount_total, 0)
        dispute.action_close_justified("Price of last year")
        dispute.action_make_credit_note()
        refund = dispute.with_user(self.collector).refund_ids
        self.assertEqual((refund.state, refund.amount_total), ("draft", 400))
        refund.action_post()
        self.assertEqual(dispute.state, "closed")

    def test_what_was_credited_past_the_dispute_is_not_given_back_twice(self):
        """All of 1 000 disputed, 400 credited straight from the invoice, 100 paid: 600 are left to give back."""
        dispute = self._open()
        self._credit(400.0)
        self._pay(100.0)
        dispute.action_close_justified("Price of last year")
        dispute.action_make_credit_note()
        self.assertEqual(dispute.with_user(self.collector).refund_ids.amount_total, 600)

    def _credit(self, amount):
        """Have a posted credit note that is matched with the item."""
        refund = self._invoice(amount, date(2024, 12, 5), move_type="out_refund")
        (self.item | self._receivable(refund)).reconcile()

    def test_credit_note_of_parts_of_several_documents(self):
        """400 of 1 000 and all of 300: the part of the first is paid, each is credited by its own."""
        other = self._receivable(self._invoice(300.0, date(2024, 12, 1)))
        disputes = self.env["credit.dispute"].with_user(self.collector).with_company(self.company)
        dispute = disputes._open({self.item: 400.0, other: 0.0}, self.price)
        self._pay(1000.0)
        dispute.action_close_justified("Price of last year")
        dispute.action_make_credit_note()
        refunds = dispute.with_user(self.collector).refund_ids
        self.assertEqual(sorted(refunds.mapped("amount_total")), [300, 400])

    def test_credit_note_of_an_earlier_decision(self):
        """100 were credited, and it was closed; taken up again, it awaits a credit note of its own."""
        first = self._invoice(100.0, date(2024, 12, 5), move_type="out_refund")
        dispute = self._open(400.0)
        dispute.action_close_justified("Credited in December", "link", first.ids)
        self.assertEqual(dispute.state, "closed")
        dispute.action_reopen()
        self.assertFalse(dispute.refund_names)
        self.assertIn(first.name, dispute.message_ids.mapped("body")[0])
        dispute.action_close_justified("All of it, after all")
        self.assertEqual(dispute.stage, "credit")
        self.assertEqual(self._get_open_item().amount_disputed, 400)
        self.assertEqual(dispute.activity_ids.summary, "Make the credit note of the dispute")
        dispute.action_make_credit_note()
        refund = dispute.with_user(self.collector).refund_ids
        self.assertEqual((refund.state, refund.amount_total), ("draft", 400))
        refund.action_post()
        self.assertEqual(dispute.state, "closed")

    def test_a_draft_is_not_made_twice(self):
        """Its credit note wasn't posted when it was decided otherwise: reopened, it is found again."""
        dispute = self._open(400.0)
        dispute.action_close_justified("Yes")
        made = dispute.action_make_credit_note()["res_id"]
        dispute.action_close_unjustified("No, after all")
        dispute.action_reopen()
        dispute.action_close_justified("Yes, really")
        self.assertEqual(dispute.action_make_credit_note()["res_id"], made)

    def test_credit_note_cancelled(self):
        """Its draft is cancelled: another is made; or one that was posted is linked, and closes it."""
        for way in ("make", "link"):
            with self.subTest(way=way):
                dispute = self._open(100.0)
                dispute.action_close_justified("Yes")
                cancelled = self.env["account.move"].browse(dispute.action_make_credit_note()["res_id"])
                cancelled.button_cancel()
                dispute.invalidate_recordset(["refund_names"])
                self.assertFalse(dispute.refund_names, "the button is there again")
                if way == "make":
                    refund = self.env["account.move"].browse(dispute.action_make_credit_note()["res_id"])
                    self.assertEqual((refund.state, refund.amount_total), ("draft", 100))
                    refund.action_post()
                else:
                    refund = self._invoice(100.0, date(2024, 12, 5), move_type="out_refund")
                    dispute.action_close_justified("Credited in December", "link", refund.ids)
                self.assertEqual((dispute.state, dispute.outcome), ("closed", "justified"))

    def test_credit_note_linked(self):
        refund = self._invoice(400.0, date(2024, 12, 5), move_type="out_refund")
        dispute = self._open(400.0)
        dispute.action_close_justified("Credited in December", "link", refund.ids)
        self.assertEqual((dispute.state, dispute.refund_names), ("closed", refund.name))
        other = self._invoice(
            1.0, date(2024, 12, 5), partner=self._new_customer("Atelier Nord"), move_type="out_refund"
        )
        with self.assertRaisesRegex(ValidationError, "isn't a credit note for Boulangerie Exemple"):
            self._open(100.0).action_close_justified("x", "link", other.ids)

    def test_measures(self):
        """Opened on the 1st, closed 20 days later by hand of the clock: 20 days; one of two justified: half."""
        long_ago = self.today - timedelta(days=20)
        lost, won = self._open(10.0, date=long_ago), self._open(10.0, date=self.today - timedelta(days=10))
        lost.action_close_unjustified("No")
        won.action_close_justified("Yes", "none")
        [(days, share)] = self.env["credit.dispute"]._read_group(
            [("id", "in", (lost + won).ids)], [], ["days_to_close:avg", "is_justified:avg"]
        )
        self.assertEqual((days, share), (15, 0.5))

    def test_wizard(self):
        dispute = self._open(400.0)
        wizards = self.env["credit.dispute.close.wizard"].with_user(self.collector)
        wizard = wizards.create({"dispute_id": dispute.id, "outcome": "justified", "explanation": "Yes"})
        action = wizard.action_close()
        self.assertEqual((action["res_model"], dispute.stage), ("account.move", "credit"))
        wizard = wizards.create({"dispute_id": dispute.id, "outcome": "unjustified", "explanation": "No, after all"})
        wizard.action_close()
        self.assertEqual((dispute.state, dispute.outcome), ("closed", "unjustified"))


@tagged("post_install", "-at_install")
class TestDisputeDeadline(CreditDisputeCommon):
    """A missed deadline is told once to the owner and to the collector."""

    def _alert(self):
        with self.enter_registry_test_mode():
            self.env.ref("credit_control.cron_dispute_alert").sudo().method_direct_trigger()

    def test_told_once(self):
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
        debtor.collector_id = self.manager
        late = self._open(10.0, date=self.today - timedelta(days=30), user=self.owner)
        intime = self._open(10.0, user=self.owner)
        found = self.env["credit.dispute"].search([("is_late", "=", True), ("partner_id", "=", self.customer.id)])
        self.assertEqual(found, late)
        self.assertEqual((late + intime).mapped("is_late"), [True, False])
        warning = self.env.ref("mail.mail_activity_data_warning")
        for _time in range(2):
            self._alert()
            told = late.activity_ids.filtered(lambda activity: activity.activity_type_id == warning)
            self.assertEqual(told.user_id, self.owner + self.manager)
            self.assertEqual(len(told), 2)
        self.assertFalse(intime.activity_ids.filtered(lambda activity: activity.activity_type_id == warning))

    def test_one_that_cannot_be_told_stops_no_other(self):
        bad, good = (self._open(10.0, date=self.today - timedelta(days=30), user=self.owner) for _time in range(2))
        disputes = type(self.env["credit.dispute"])
        alert = disputes._alert

        def fail(dispute):
            if dispute == bad:
                raise ValueError("no")
            return alert(dispute)

        with patch.object(disputes, "_alert", fail), mute_logger("odoo.addons.credit_control.models.credit_dispute"):
            self._alert()
        self.assertFalse(bad.alerted_on)
        self.assertTrue(good.alerted_on)
        self._alert()
        self.assertTrue(bad.alerted_on)

    def test_a_new_deadline_counts_anew(self):
        late = self._open(10.0, date=self.today - timedelta(days=30), user=self.owner)
        self._alert()
        self.assertTrue(late.alerted_on)
        late.deadline = self.today + timedelta(days=3)
        self.assertFalse(late.alerted_on)
        self.assertFalse(late.is_late)

    def test_closing_ends_what_was_to_do(self):
        late = self._open(10.0, date=self.today - timedelta(days=30), user=self.owner)
        self._alert()
        late.action_close_unjustified("No")
        self.assertFalse(late.activity_ids)
        self.assertFalse(late.is_late)
