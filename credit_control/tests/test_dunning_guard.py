from datetime import date

from odoo.fields import Command, Date
from odoo.tests import tagged
from odoo.tools import SQL

from .common_send import CreditSendCommon


@tagged("post_install", "-at_install")
class TestGuard(CreditSendCommon):
    """What happened between plan and sending: nothing is asked that need not be."""

    def _pay(self, amount, invoice=None):
        invoice = invoice or self.invoice
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        wizard.create({"amount": amount, "payment_date": date(2024, 12, 31)})._create_payments()

    def _assert_held(self, notice, reason):
        self.assertFalse(self._send(notice))
        self.assertEqual((notice.state, notice.reason), ("cancelled", reason))
        self.assertFalse(any(notice.line_ids.mapped("live")))

    def test_nothing_happened(self):
        notice = self._new_notice()
        [message] = self._send(notice)
        self.assertEqual(notice.state, "sent")
        self.assertIn("1000.00", message.as_string())

    def test_both_ways_of_reading_a_customer_agree(self):
        """The hasty reading says what the open items say; where there is more to know, it says nothing."""
        self._pay(300)
        self._invoice(40, date(2024, 11, 1), move_type="out_refund")
        self._invoice(60, date(2024, 11, 1)).no_followup = True
        self.env.flush_all()
        open_items, today = self.env["credit.open.item"], Date.today()
        plain = open_items._read_plain_now(self.company, self.customer, today)
        query = open_items._get_items_sql(today, self.company.ids, self.customer.ids, with_bucket=False)
        full = self.env.execute_query_dict(SQL("SELECT * FROM (%s) item", query))
        self.assertEqual(len(plain), 3)
        for row in plain:
            self.assertFalse(row.pop("has_more"))
            self.assertFalse(row.pop("may_be_held"))
            [same] = [other for other in full if other["id"] == row["id"]]
            self.assertEqual(row, {name: same[name] for name in row})
        self._receivable(self.invoice).account_id.credit_collection = "bill"
        self.env.flush_all()
        self.assertIsNone(open_items._read_plain_now(self.company, self.customer, today))

    def test_what_may_hold_a_customer_back_is_noticed(self):
        """A pause of the customer or of one entry, a procedure or a litigation: each is looked at then."""
        other = self._invoice(60, date(2024, 11, 1))
        own = {"company_id": self.company.id, "partner_id": self.customer.id}
        makers = (
            lambda: self.env["credit.dunning.pause"].create({**own, "reason": "Asked"}),
            lambda: self.env["credit.dunning.pause"].create(
                {"company_id": self.company.id, "move_id": other.id, "reason": "Asked"}
            ),
            lambda: self.env["credit.insolvency"].create({**own, "kind": "safeguard", "date": date(2024, 12, 1)}),
            lambda: self.env["credit.litigation"].create({**own, "date_opened": date(2024, 12, 1)}),
        )
        for make in makers:
            self.assertFalse(self._read_may_be_held())
            record = make()
            with self.subTest(record=record._name, move=bool(record._fields.get("move_id") and record.move_id)):
                self.assertTrue(self._read_may_be_held())
            record.sudo().unlink()

    def _read_may_be_held(self):
        self.env.flush_all()
        rows = self.env["credit.open.item"]._read_plain_now(self.company, self.customer, Date.today())
        self.assertEqual(len(rows), 2)
        return any(row["may_be_held"] for row in rows)

    def test_paid_between(self):
        notice = self._new_notice()
        self._pay(1000)
        self._assert_held(notice, "settled")

    def test_part_payment_lowers_the_claim(self):
        notice = self._new_notice()
        self._pay(300)
        [message] = self._send(notice)
        self.assertEqual((notice.state, notice.amount_total), ("sent", 700))
        self.assertEqual((notice.line_ids.amount, notice.line_ids.amount_company), (700, 700))
        self.assertIn("700.00", message.as_string())

    def test_one_of_two_paid(self):
        self._invoice(200, date(2024, 12, 2))
        notice = self._new_notice()
        self.assertEqual(notice.amount_total, 1200)
        self._pay(1000)
        self._send(notice)
        self.assertEqual((notice.state, notice.amount_total, len(notice.line_ids)), ("sent", 200, 1))

    def test_highest_step_is_that_of_what_is_left(self):
        """The item at the second step is paid: the message for the other is a first reminder."""
        old = self.invoice
        self._run_first(date(2024, 12, 12))
        self._invoice(50, date(2024, 12, 15))
        notice = self._new_notice(date(2024, 12, 31))
        self.assertEqual(notice.step_id, self.second)
        self._pay(1000, old)
        self._send(notice)
        self.assertEqual((notice.state, notice.step_id, notice.amount_total), ("sent", self.first, 50))

    def _run_first(self, day):
        notice = self._new_notice(day)
        self._send(notice)
        self.assertEqual(notice.state, "sent")

    def test_credit_note_since(self):
        notice = self._new_notice()
        self._invoice(400, date(2024, 12, 1), move_type="out_refund")
        self._send(notice)
        self.assertEqual((notice.state, notice.amount_total), ("sent", 600))
        self.assertEqual(sorted(notice.line_ids.mapped("amount_company")), [-400, 1000])

    def test_credit_allocated_since(self):
        """Planned with a credit of 400; allocated since: the claim is 600 and no credit is shown."""
        refund = self._invoice(400, date(2024, 12, 1), move_type="out_refund")
        notice = self._new_notice()
        self.assertEqual(notice.amount_total, 600)
        self._receivable(self.invoice + refund).reconcile()
        self._send(notice)
        self.assertEqual((notice.amount_total, notice.line_ids.mapped("amount_company")), (600, [600]))

    def test_covered_by_credits(self):
        notice = self._new_notice()
        self._invoice(1000, date(2024, 12, 1), move_type="out_refund")
        self._assert_held(notice, "unallocated_credit")

    def test_below_the_minimum(self):
        self.policy.minimum_amount = 100
        notice = self._new_notice()
        self._pay(950)
        self._assert_held(notice, "below_minimum")

    def test_no_followup(self):
        notice = self._new_notice()
        self._receivable(self.invoice).no_followup = True
        self._assert_held(notice, "no_followup")

    def test_payment_blocked(self):
        notice = self._new_notice()
        self.invoice.action_toggle_block_payment()
        self._assert_held(notice, "payment_blocked")

    def test_paused_customer(self):
        notice = self._new_notice()
        self.env["credit.dunning.pause"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "reason": "Fire",
            }
        )
        self._assert_held(notice, "paused")

    def test_disputed(self):
        notice = self._new_notice()
        self._dispute(0)
        self._assert_held(notice, "disputed")

    def test_partly_disputed(self):
        notice = self._new_notice()
        self._dispute(250)
        self._send(notice)
        self.assertEqual((notice.state, notice.amount_total), ("sent", 750))
        self.assertEqual(notice.line_ids.amount_disputed, 250)

    def _dispute(self, amount):
        reason = self.env["credit.dispute.reason"].create({"name": "Quality", "code": "quality of the test"})
        self.env["credit.dispute"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "reason_id": reason.id,
                "line_ids": [
                    Command.create({"move_line_id": self._receivable(self.invoice).id, "amount": amount}),
                ],
            }
        )

    def test_promised(self):
        notice = self._new_notice()
        self.env["credit.promise"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "date": Date.today(),
                "amount": 1000,
                "move_line_ids": [Command.set(self._receivable(self.invoice).ids)],
            }
        )
        self._assert_held(notice, "promised")

    def test_insolvent_by_another_module(self):
        notice = self._new_notice()
        debtors = type(self.env["credit.debtor"])
        self.patch(
            debtors, "_get_blocks", lambda self, as_of, running=None: {debtor.id: {"insolvent"} for debtor in self}
        )
        self._assert_held(notice, "insolvent")

    def test_address_gone(self):
        notice = self._new_notice()
        self.customer.email = False
        self._assert_held(notice, "no_contact")

    def test_edited_text_goes_back_to_its_author(self):
        """A person wrote the amount into the text: it doesn't leave with another claim."""
        notice = self._new_notice()
        notice.with_user(self.collector).write({"body": "<p>You owe 1000</p>"})
        self._pay(300)
        self.assertFalse(self._send(notice))
        self.assertEqual((notice.state, notice.reason), ("to_approve", "claim_changed"))

    def test_edited_text_leaves_as_it_is(self):
        notice = self._new_notice()
        notice.with_user(self.collector).write({"body": "<p>Dear friends</p>", "subject": "A word"})
        [message] = self._send(notice)
        self.assertIn("Dear friends", message.as_string())
        self.assertEqual(message["Subject"], "A word")
