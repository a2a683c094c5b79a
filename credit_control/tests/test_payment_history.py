from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.credit_control.core.behaviour import Payment

from .common import CreditControlCommon

ISSUED, DUE, TODAY = date(2024, 10, 1), date(2024, 11, 1), date(2025, 3, 1)


class PaymentHistoryCommon(CreditControlCommon):
    @classmethod
    def _pay(cls, moves, amount, day, **values):
        """Register one payment of ``amount`` on ``day`` for these invoices."""
        wizard = cls.env["account.payment.register"].with_context(active_model="account.move", active_ids=moves.ids)
        return wizard.create(
            {"amount": amount, "payment_date": day, "group_payment": True, **values}
        )._create_payments()

    @classmethod
    def _history(cls, partner=None, as_of=TODAY):
        partner = partner or cls.customer
        return cls.env["credit.payment.history"]._gather(cls.company, partner.ids, as_of).get(partner.id, [])


@tagged("post_install", "-at_install")
class TestPaymentHistory(PaymentHistoryCommon):
    def test_an_open_invoice(self):
        invoice = self._invoice(1000.0, DUE, issued=ISSUED)
        (item,) = self._history()
        self.assertEqual(
            (item.id, item.amount, item.due, item.issued, item.payments, item.disputed),
            (self._receivable(invoice).id, 1000.0, DUE, ISSUED, (), False),
        )

    def test_payments_count_by_their_own_days(self):
        """140 paid 7 days late, 85 paid 55 late, 214 still open and 10 late: 17.76 days."""
        first = self._invoice(225.0, DUE)
        self._invoice(214.0, date(2025, 2, 19))
        self._pay(first, 140.0, date(2024, 11, 8))
        self._pay(first, 85.0, date(2024, 12, 26))
        item, still_open = self._history()
        self.assertEqual(item.payments, (Payment(date(2024, 11, 8), 140.0), Payment(date(2024, 12, 26), 85.0)))
        self.assertEqual((item.settled_on(TODAY), still_open.open_on(TODAY)), (date(2024, 12, 26), 214.0))

    def test_the_past_is_seen_as_it_was(self):
        invoice = self._invoice(225.0, DUE)
        self._pay(invoice, 140.0, date(2024, 11, 8))
        self.assertEqual(self._history(as_of=date(2024, 11, 7))[0].open_on(TODAY), 225.0)
        self.assertEqual(self._history(as_of=date(2024, 11, 8))[0].open_on(TODAY), 85.0)
        self.assertEqual(self._history(as_of=date(2024, 9, 30)), [])

    def test_what_a_credit_note_took_off_was_never_to_be_paid(self):
        cancelled, lowered = self._invoice(100.0, DUE), self._invoice(300.0, DUE)
        for invoice, amount in ((cancelled, 100.0), (lowered, 120.0)):
            refund = self._invoice(amount, DUE, move_type="out_refund")
            self._receivable(invoice + refund).reconcile()
        self._pay(lowered, 180.0, date(2024, 11, 11))
        (item,) = self._history()
        self.assertEqual((item.amount, item.open_on(TODAY), item.delay(TODAY)), (180.0, 0.0, 10.0))

    def test_what_is_written_off_is_late_but_nobody_paid_it(self):
        """600 paid 10 days late, 400 written off 100 days late: settled by the payment, 41 days after the invoice."""
        invoice, loss = self._invoice(1000.0, DUE, issued=ISSUED), self.company_data["default_account_expense"]
        self._pay(invoice, 600.0, date(2024, 11, 11))
        self._book_off(invoice, 400.0, date(2025, 2, 9), loss)
        (item,) = self._history()
        paid, lost = Payment(date(2024, 11, 11), 600.0), Payment(date(2025, 2, 9), 400.0, is_loss=True)
        self.assertEqual((item.amount, item.payments), (1000.0, (paid, lost)))
        self.assertEqual((item.open_on(TODAY), item.delay(TODAY)), (0.0, 46.0))
        self.assertEqual((item.settled_on(TODAY), item.days_to_pay(TODAY)), (date(2024, 11, 11), 41))

    def test_what_is_written_off_whole_was_never_settled(self):
        invoice = self._invoice(4.0, DUE, issued=ISSUED)
        self.company.credit_small_balance = 5.0
        self.env["credit.write.off"].create(
            {
                "move_line_ids": [Command.set(self._receivable(invoice).ids)],
                "account_id": self.company_data["default_account_expense"].id,
                "date": date(2024, 11, 21),
            }
        ).action_write_off()
        (item,) = self._history()
        self.assertEqual((item.open_on(TODAY), item.settled_on(TODAY), item.delay(TODAY)), (0.0, None, 20.0))

    def test_money_that_a_general_entry_books_is_a_payment(self):
        """Straight on the bank's account, and on one that payments go through: cheques."""
        invoice = self._invoice(1000.0, DUE)
        journal, cheques = self.company_data["default_journal_bank"], self.company_data["default_account_assets"]
        journal.inbound_payment_method_line_ids[:1].payment_account_id = cheques
        self._book_off(invoice, 700.0, date(2024, 11, 8), journal.default_account_id)
        self._book_off(invoice, 300.0, date(2024, 11, 9), cheques)
        paid = (Payment(date(2024, 11, 8), 700.0), Payment(date(2024, 11, 9), 300.0))
        self.assertEqual(self._history()[0].payments, paid)

    def test_a_claim_that_is_moved_to_doubtful_customers_is_not_paid(self):
        """1 000, of which 400 are moved by the accountants: 600 are left to be late, and nobody has paid."""
        invoice, doubtful = self._invoice(1000.0, DUE), self.company_data["default_account_assets"]
        self._book_off(invoice, 400.0, date(2024, 11, 8), doubtful)
        (item,) = self._history()
        self.assertEqual((item.amount, item.payments, item.open_on(TODAY)), (600.0, (), 600.0))

    def test_each_instalment_by_its_own_due_date(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Two halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50.0, "nb_days": days}) for days in (31, 61)
                ],
            }
        )
        invoice = self._invoice(800.0, False, issued=ISSUED, invoice_payment_term_id=term.id)
        self._pay(invoice, 400.0, date(2024, 11, 4))
        first, second = self._history()
        self.assertEqual((first.due, first.delay(TODAY)), (DUE, 3.0))
        self.assertEqual((second.due, second.open_on(TODAY)), (date(2024, 12, 1), 400.0))

    def test_amounts_are_in_company_currency(self):
        foreign = self.setup_other_currency("EUR", rates=[("2024-01-01", 2.0), ("2024-11-10", 1.6)])
        invoice = self._invoice(1000.0, DUE, currency_id=foreign.id)
        self._pay(invoice, 1000.0, date(2024, 11, 10), currency_id=foreign.id)
        (item,) = self._history()
        self.assertEqual((item.amount, item.open_on(TODAY), item.delay(TODAY)), (500.0, 0.0, 9.0))

    def test_one_payment_for_several_invoices(self):
        invoices = self._invoice(100.0, DUE) + self._invoice(200.0, date(2024, 11, 11))
        self._pay(invoices, 300.0, date(2024, 11, 12))
        self.assertEqual([item.delay(TODAY) for item in self._history()], [11.0, 1.0])

    def test_a_payment_on_account_is_no_item_and_money_paid_back_is_none_of_theirs(self):
        """What we paid back to the customer, and their own unallocated credits, aren't what they had to pay."""
        refund = self._invoice(100.0, DUE, move_type="out_refund")
        self._pay(refund, 100.0, date(2024, 11, 2))
        self.assertEqual(self._history(), [])

    def test_a_reconciliation_with_a_draft_does_not_count(self):
        invoice = self._invoice(100.0, DUE)
        payment = self._pay(invoice, 100.0, date(2024, 11, 8))
        payment.move_id.button_draft()
        self.assertEqual(self._history()[0].open_on(TODAY), 100.0)

    def test_drafts_and_other_companies_are_left_out(self):
        self._invoice(100.0, DUE).button_draft()
        other = self.setup_other_company()["company"]
        self.assertEqual(self._history(), [])
        self.assertEqual(self.env["credit.payment.history"]._gather(other, self.customer.ids, TODAY), {})

    def test_a_contacts_items_are_the_customers(self):
        contact = self._new_customer("Exemple Comptabilité", parent_id=self.customer.id, is_company=False)
        self._invoice(100.0, DUE, partner=contact)
        self.assertEqual(len(self._history()), 1)

    def test_disputed_items_are_known_as_such(self):
        invoice = self._invoice(100.0, DUE)
        self.env["credit.dispute"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "reason_id": self.env["credit.dispute.reason"].create({"name": "Price", "code": "test"}).id,
                "date": date(2024, 11, 20),
                "line_ids": [Command.create({"move_line_id": self._receivable(invoice).id})],
            }
        )
        self.assertFalse(self._history(as_of=date(2024, 11, 19))[0].disputed)
        self.assertTrue(self._history(as_of=date(2024, 11, 20))[0].disputed)

    def test_old_items_are_forgotten_but_those_that_were_open_lately(self):
        forgotten, late = (self._invoice(100.0, date(2020, 1, 31), issued=date(2020, 1, 1)) for _item in "ab")
        open_still = self._invoice(100.0, date(2020, 1, 31), issued=date(2020, 1, 1))
        self._pay(forgotten, 100.0, date(2020, 3, 1))
        self._pay(late, 100.0, date(2024, 3, 1))
        self.assertEqual({item.id for item in self._history()}, set(self._receivable(late + open_still).ids))

    def test_the_number_of_queries_does_not_grow(self):
        others = [self._new_customer(f"Atelier {number}") for number in range(5)]
        for partner in (self.customer, *others):
            self._pay(self._invoice(100.0, DUE, partner=partner), 100.0, DUE)
        self.env.flush_all()
        history = self.env["credit.payment.history"]
        partner_ids = history._get_partner_ids(self.company, TODAY)
        self.assertEqual(set(partner_ids), {self.customer.id, *(partner.id for partner in others)})
        # Of each batch one for the accounts, one for the items.
        with self.assertQueryCount(4):
            batches = list(history._iterate(self.company, partner_ids, TODAY, lambda _partner, items: items, size=3))
        self.assertEqual([len(batch) for batch in batches], [3, 3])
