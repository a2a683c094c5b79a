from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Date
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_send import CreditSendCommon

DAY = date(2024, 12, 30)


class LitigationCommon(CreditSendCommon):
    """A customer with 1 000 due on 1 December 2024, and an agency."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agency = cls._new_customer("Recouvrement Exemple")

    def _litigate(self, *moves, **values):
        """Return the file that the collector prepares about these invoices."""
        lines = [Command.create({"move_line_id": self._receivable(move).id}) for move in moves]
        return (
            self.env["credit.litigation"]
            .with_user(self.collector)
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "handler_id": self.agency.id,
                    "line_ids": lines,
                    **values,
                }
            )
        )

    def _pay(self, invoice, amount, day):
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        wizard.create({"amount": amount, "payment_date": day})._create_payments()


@tagged("post_install", "-at_install")
class TestLitigation(LitigationCommon):
    """Items that were handed over leave the reminders, not the outstanding; payments since are recovered."""

    def test_its_items_are_not_reminded_the_others_are(self):
        other = self._invoice(200, date(2024, 12, 2))
        self._litigate(self.invoice)
        run = self._plan(DAY)
        self.assertEqual(self._reason(self.invoice, run), "litigation")
        self.assertEqual(run.notice_ids.line_ids.move_id, other)

    def test_none_leaves_of_what_is_queued(self):
        notice = self._new_notice()
        self._litigate(self.invoice)
        self.assertFalse(self._send(notice))
        self.assertEqual((notice.state, notice.reason), ("cancelled", "litigation"))

    def test_one_of_two_items_lowers_the_claim(self):
        other = self._invoice(200, date(2024, 12, 2))
        notice = self._new_notice()
        self._litigate(other)
        self._send(notice)
        self.assertEqual((notice.state, notice.amount_total), ("sent", 1000))

    def test_they_stay_in_the_outstanding(self):
        self._litigate(self.invoice)
        debtor = self.customer.with_user(self.collector).with_company(self.company).credit_debtor_id
        self.assertEqual((debtor.amount_total, debtor.amount_overdue), (1000, 1000))

    def test_withdrawn_it_is_reminded_again(self):
        litigation = self._litigate(self.invoice)
        litigation.action_withdraw()
        self.assertEqual(litigation.closed_on, Date.today())
        self.assertEqual(self._reason(self.invoice, self._plan(DAY)), "remind")

    def test_closed_what_is_open_is_reminded_again(self):
        litigation = self._litigate(self.invoice)
        litigation.action_hand_over()
        with self.assertRaisesRegex(UserError, "result"):
            litigation.action_close()
        litigation.result = "partly_paid"
        self._pay(self.invoice, 400, Date.today())
        litigation.action_close()
        run = self._plan(DAY)
        self.assertEqual(run.notice_ids.amount_total, 600)
        self.assertEqual(litigation.amount_recovered, 400)

    def test_recovered_are_payments_since_the_hand_over(self):
        """100 paid before, 250 after by bank, 50 credited after: 250 recovered of the 900 handed over."""
        litigation = self._litigate(self.invoice, date=date(2024, 12, 20))
        self._pay(self.invoice, 100, date(2024, 12, 19))
        litigation.action_hand_over()
        self._pay(self.invoice, 250, date(2024, 12, 20))
        refund = self._invoice(50, date(2024, 12, 28), issued=date(2024, 12, 28), move_type="out_refund")
        self._receivable(self.invoice + refund).reconcile()
        litigation.invalidate_recordset()
        self.assertEqual(litigation.amount_total, 900)
        self.assertEqual(litigation.amount_recovered, 250)
        self.assertEqual(litigation.amount_open, 600)
        self.assertAlmostEqual(litigation.recovery_rate, 250 / 900)

    def test_costs(self):
        litigation = self._litigate(self.invoice)
        litigation.cost_ids = [
            Command.create({"name": "Summons", "amount": 80}),
            Command.create({"name": "Commission", "amount": 45.5}),
        ]
        self.assertEqual(litigation.amount_cost, 125.5)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            litigation.cost_ids = [Command.create({"name": "Wrong", "amount": -1})]
            self.env.flush_all()

    def test_an_item_is_in_one_file_at_a_time(self):
        first = self._litigate(self.invoice)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._litigate(self.invoice)
            self.env.flush_all()
        first.action_withdraw()
        second = self._litigate(self.invoice)
        self.assertTrue(second.line_ids.is_running)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            first.action_reopen()
            self.env.flush_all()

    def test_only_items_of_the_customer(self):
        other = self._invoice(80, date(2024, 12, 1), partner=self.agency)
        with self.assertRaisesRegex(ValidationError, "posted receivable of"):
            self._litigate(other)

    def test_all_that_is_overdue(self):
        self._invoice(70, Date.add(Date.today(), days=5), issued=Date.today())
        second = self._invoice(30, date(2024, 12, 1))
        taken = self._invoice(60, date(2024, 12, 1))
        self._litigate(taken)
        litigation = self._litigate()
        litigation.action_add_overdue()
        self.assertEqual(litigation.line_ids.move_id, self.invoice | second)
        self.assertEqual(litigation.amount_total, 1030)

    def test_nothing_is_handed_over_to_nobody(self):
        with self.assertRaisesRegex(UserError, "who gets the file"):
            self._litigate(self.invoice, handler_id=False).action_hand_over()
        with self.assertRaisesRegex(UserError, "items"):
            self._litigate().action_hand_over()

    def test_deadline_is_an_activity(self):
        litigation = self._litigate(self.invoice, user_id=self.manager.id, date_deadline=date(2025, 1, 20))
        self.assertEqual(litigation.activity_ids.date_deadline, date(2025, 1, 20))
        self.assertEqual(litigation.activity_ids.user_id, self.manager)
        litigation.date_deadline = date(2025, 2, 3)
        self.assertEqual(litigation.activity_ids.date_deadline, date(2025, 2, 3))
        litigation.action_withdraw()
        self.assertFalse(litigation.activity_ids)

    def test_since_when(self):
        litigation = self._litigate(self.invoice, date_opened=date(2024, 12, 5))
        debtor = litigation.debtor_id
        self.assertEqual(debtor._get_procedures(DAY), {debtor.id: {"litigation": date(2024, 12, 5)}})

    def test_every_panel_and_column_opens(self):
        """What the panel beside the list and the columns of the kanban ask for; stages without a file show too."""
        self._litigate(self.invoice)
        litigations = self.env["credit.litigation"].with_user(self.reader)
        for name in ("state", "stage_id", "kind"):
            values = litigations.search_panel_select_range(name, enable_counters=True)["values"]
            self.assertEqual(sum(value["__count"] for value in values), litigations.search_count([]), name)
        columns = litigations.with_context(read_group_expand=True)
        groups = columns.formatted_read_group([], ["stage_id"], ["__count"])
        self.assertEqual(len(groups), self.env["credit.litigation.stage"].search_count([]))

    def test_readers_read(self):
        litigation = self._litigate(self.invoice).with_user(self.reader)
        self.assertEqual(litigation.amount_open, 1000)
        for act in (litigation.action_hand_over, litigation.action_withdraw, litigation.action_add_overdue):
            with self.assertRaises(AccessError):
                act()
