from datetime import date
from io import BytesIO

from lxml import html
from openpyxl import load_workbook
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_interest_regime import InterestCommon

DAY = date(2025, 8, 31)


@tagged("post_install", "-at_install")
class TestCharge(InterestCommon):
    """What late invoices bear, from running to claimed, frozen, waived or invoiced."""

    def _instalments(self, total=3000.0):
        terms = self.env["account.payment.term"].create(
            {
                "name": "Three instalments",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": share, "nb_days": days})
                    for share, days in ((30.0, 10), (30.0, 20), (40.0, 30))
                ],
            }
        )
        return self._late(total, False, invoice_payment_term_id=terms.id, invoice_date_due=False)

    def _items(self, move, day=DAY):
        items = self.env["credit.charge.item"].with_user(self.collector).with_context(as_of=str(day))
        return items.search([("id", "in", self._receivable(move).ids)])

    # -- running ------------------------------------------------------------------------

    def test_france_between_businesses(self):
        [item] = self._items(self._late())
        self.assertEqual((item.amount_interest, item.amount_fixed_sum, item.days), (377.36, 40.0, 92))
        self.assertEqual(item.regime_id, self.env.ref("credit_control.interest_regime_fr_business"))

    def test_card_adds_up_what_runs_in_company_currency(self):
        """Two invoices of 12 000 euros, each with 377.36 and 40: at two euros for a dollar, half of both."""
        self.assertNotEqual(self.company.currency_id, self.euro)
        self.env["res.currency.rate"].create(
            {"name": "2025-08-01", "rate": 2.0, "currency_id": self.euro.id, "company_id": self.company.id}
        )
        self._late()
        self._late()
        card = self._card(self.customer).with_user(self.collector).with_context(as_of="2025-08-31")
        self.assertEqual((card.amount_interest, card.amount_fixed_sum), (377.36, 40.0))
        other = self._card(self._new_customer("Rosemont SARL")).with_user(self.collector)
        self.assertEqual((other.amount_interest, other.amount_fixed_sum), (0.0, 0.0))

    def test_public_buyers_keep_the_rate_of_the_beginning(self):
        segment = self.env["credit.segment"].create(
            {"name": "Towns", "kind": "public", "company_id": self.company.id, "domain": "[]"}
        )
        card = self._card(self.customer)
        card.write({"segment_id": segment.id, "segment_locked": True})
        self.assertEqual(self._items(self._late()).amount_interest, 337.25)

    def test_three_late_instalments_bear_one_fixed_sum(self):
        move = self._instalments()
        items = self._items(move)
        self.assertEqual(len(items), 3)
        self.assertEqual(sum(items.mapped("amount_fixed_sum")), 40.0)
        charges = self._claim(move)
        self.assertEqual(charges.filtered(lambda charge: charge.kind == "fixed_sum").mapped("amount"), [40.0])
        self.assertEqual(len(charges.filtered(lambda charge: charge.kind == "interest")), 3)
        # Nor does claiming again, later, by another item, bring a second one.
        self._claim(move, date(2025, 9, 30))
        self.assertEqual(self.charges.search_count([("move_id", "=", move.id), ("kind", "=", "fixed_sum")]), 1)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            charges.filtered(lambda charge: charge.kind == "fixed_sum").sudo().copy()

    def test_paid_late_stays_and_what_is_paid_in_time_is_not_there(self):
        late, punctual = self._late(), self._late()
        self._register_payment(late, amount=12000.0, payment_date="2025-08-31")
        self._register_payment(punctual, amount=12000.0, payment_date="2025-05-31")
        [item] = self._items(late, date(2025, 9, 30))
        self.assertEqual((item.amount_interest, item.is_settled), (377.36, True))
        self.assertFalse(self._items(punctual, date(2025, 9, 30)))

    def test_not_due_bears_nothing(self):
        self.assertFalse(self._items(self._late(), date(2025, 5, 31)))

    def test_part_payment_by_its_date(self):
        """4 000 on 30 June: 129.70, then 8 000 × 12.15 % × 62 / 365 = 165.11, together 294.81 (rounded once)."""
        move = self._late()
        self._register_payment(move, amount=4000.0, payment_date="2025-06-30")
        self.assertEqual(self._items(move).amount_interest, 294.81)

    def test_the_past_is_seen_as_it_was(self):
        move = self._late()
        self._register_payment(move, amount=4000.0, payment_date="2025-08-15")
        self.assertEqual(self._items(move, date(2025, 6, 30)).amount_interest, 129.70)

    # -- taken over from another program ------------------------------------------------

    def _opening(self, *amounts, **values):
        """Return an entry of balances taken over, each due on 31 May 2025; Odoo excludes it from reminders."""
        debts = [(self.company_data["default_account_receivable"], amount) for amount in amounts]
        lines = [*debts, (self.company_data["default_account_revenue"], -sum(amounts))]
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2025-05-01",
                "journal_id": self.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.customer.id,
                            "currency_id": self.euro.id,
                            "amount_currency": amount,
                            "date_maturity": amount > 0 and "2025-05-31",
                        }
                    )
                    for account, amount in lines
                ],
                **values,
            }
        )
        entry.action_post()
        return entry

    def test_a_balance_taken_over_bears_interest_once_it_is_reminded(self):
        entry = self._opening(12000.0)
        self.assertFalse(self._items(entry))
        self._receivable(entry).no_followup = False
        [item] = self._items(entry)
        self.assertEqual((item.amount_interest, item.amount_fixed_sum), (377.36, 40.0))
        charges = self._claim(entry)
        self._to_invoice(charges | self._claim(self._late())).action_invoice()
        self.assertEqual(charges.sudo().invoice_id.amount_total, 2 * 417.36)

    def test_several_balances_in_an_entry_bear_no_fixed_sum(self):
        """How many invoices they were isn't known: interest of 12 000 and of a third of it, nothing else."""
        entry = self._opening(12000.0, 4000.0)
        self._receivable(entry).no_followup = False
        items = self._items(entry)
        self.assertEqual(sorted(items.mapped("amount_interest")), [125.79, 377.36])
        self.assertEqual(sum(items.mapped("amount_fixed_sum")), 0.0)

    def test_other_entries_bear_nothing(self):
        """Money sent back to a customer is no claim that is late; nor is a balance without a due date."""
        entry = self._opening(12000.0)
        line = self._receivable(entry)
        line.no_followup = False
        line.date_maturity = False
        self.assertFalse(self._items(entry))
        payment = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": 500.0,
                "date": "2025-05-31",
            }
        )
        payment.action_post()
        self.assertFalse(self._items(payment.move_id))

    # -- claimed ------------------------------------------------------------------------

    def test_claimed_stays_after_the_principal_is_paid(self):
        move = self._late()
        charges = self._claim(move)
        self._register_payment(move, amount=12000.0, payment_date="2025-09-10")
        self.assertEqual(charges.mapped("state"), ["claimed", "claimed"])
        self.assertEqual(sorted(charges.mapped("amount")), [40.0, 377.36])
        found = self.charges.with_user(self.collector).search(
            [("state", "=", "claimed"), ("move_id.payment_state", "in", ("paid", "in_payment"))]
        )
        self.assertLessEqual(charges, found)
        # One of them is waived, the other invoiced: both may be, long after the principal was paid.
        interest = charges.filtered(lambda charge: charge.kind == "interest")
        interest.with_user(self.collector)._waive("Paid at last")
        self._to_invoice(charges - interest).action_invoice()
        self.assertEqual((charges - interest).sudo().invoice_id.amount_total, 40.0)
        self.assertFalse(self._items(move, date(2025, 9, 30)).filtered(lambda item: item.amount_fixed_sum))

    def test_claiming_again_extends_and_rounds_once(self):
        move = self._late()
        first = self._claim(move, date(2025, 6, 30)).filtered(lambda charge: charge.kind == "interest")
        self.assertEqual(first.amount, 129.70)
        again = self._claim(move).filtered(lambda charge: charge.kind == "interest")
        self.assertEqual(again, first)
        self.assertEqual((again.amount, again.date_from, again.date_to), (377.36, date(2025, 6, 1), DAY))

    def test_credit_note_lowers_what_is_claimed(self):
        """A third credited: 8 000 bear 251.57 from the beginning; the whole: nothing, and no fixed sum."""
        move = self._late()
        charges = self._claim(move)
        interest = charges.filtered(lambda charge: charge.kind == "interest")
        self._credit(move, 4000.0)
        self.assertEqual(interest.amount, 251.57)
        self._credit(move, 8000.0)
        self.assertEqual(set(charges.mapped("state")), {"waived"})
        self.assertTrue(all(charges.mapped("waive_reason")))

    def _credit(self, move, amount):
        note = self._late(amount, "2025-09-15", move_type="out_refund", reversed_entry_id=move.id)
        lines = self._receivable(note) | self._receivable(move)
        if not any(lines.mapped("reconciled")):
            lines.reconcile()

    def test_a_cancelled_invoice_bears_nothing_any_more(self):
        """12 000 issued by mistake: no 377.36 and no 40 are asked, invoiced or declared for it."""
        move = self._late()
        charges = self._claim(move)
        move.button_cancel()
        self.assertEqual(charges.mapped("state"), ["waived", "waived"])
        self.assertEqual(set(charges.mapped("waive_reason")), {"The invoice was cancelled."})
        self._insolvent()
        self.assertFalse(self.charges.search([("move_id", "=", move.id), ("state", "=", "frozen")]))
        # It was no mistake: posted again, what it bears can be claimed again, the fixed sum too.
        move.button_draft()
        move.action_post()
        self.env["credit.insolvency"].search([("partner_id", "=", self.customer.id)]).result = "mistake"
        charges.with_user(self.collector).action_restore()
        self.assertEqual(sorted(charges.mapped("amount")), [40.0, 377.36])
        self.assertEqual(set(charges.mapped("state")), {"claimed"})

    def test_a_corrected_invoice_keeps_what_is_claimed(self):
        """9 000 instead of 12 000: three quarters of the interest, 283.02; the fixed sum stays."""
        move = self._late()
        self._register_payment(move, amount=2000.0, payment_date="2025-09-15")
        charges = self._claim(move)
        move.button_draft()
        move.invoice_line_ids.price_unit = 9000.0
        self.assertFalse(self._receivable(move).matched_credit_ids)
        self.assertEqual(set(charges.mapped("state")), {"claimed"})
        move.action_post()
        self.assertEqual(sorted(charges.mapped("amount")), [40.0, 283.02])
        self.assertEqual(set(charges.mapped("state")), {"claimed"})

    def test_what_was_waived_because_it_was_paid_in_time_can_be_claimed_again(self):
        """A payment of May was matched to the wrong invoice: taken off again, 377.36 and 40 are claimed as before."""
        move = self._late()
        charges = self._claim(move)
        self._credit(move, 12000.0)
        self.assertEqual(set(charges.mapped("state")), {"waived"})
        self._receivable(move).remove_move_reconcile()
        charges.with_user(self.collector).action_restore()
        self.assertEqual(sorted(charges.mapped("amount")), [40.0, 377.36])
        self.assertEqual(set(charges.mapped("state")), {"claimed"})

    # -- waived -------------------------------------------------------------------------

    def test_waiving_says_who_and_why(self):
        charges = self._claim(self._late()).with_user(self.collector)
        with self.assertRaisesRegex(UserError, "why"):
            charges._waive("  ")
        wizard = self.env["credit.charge.waive"].with_user(self.collector)
        wizard.create({"charge_ids": charges.ids, "reason": "Good customer"}).action_waive()
        self.assertEqual(set(charges.mapped("state")), {"waived"})
        self.assertEqual(charges.waived_by_id, self.collector)
        self.assertEqual(set(charges.mapped("waive_reason")), {"Good customer"})
        with self.assertRaisesRegex(UserError, "can be waived"):
            charges._waive("Twice")

    def test_waived_days_do_not_come_back(self):
        move = self._late()
        self._claim(move, date(2025, 6, 30)).with_user(self.collector)._waive("Gesture")
        item = self._items(move)
        self.assertEqual((item.amount_interest, item.amount_fixed_sum), (247.66, 0.0))

    def test_waived_can_be_claimed_again(self):
        move = self._late()
        charges = self._claim(move).with_user(self.collector)
        charges._waive("Gesture")
        charges.action_restore()
        self.assertEqual(sorted(charges.mapped("amount")), [40.0, 377.36])
        self.assertEqual(set(charges.mapped("state")), {"claimed"})

    def test_readers_decide_nothing(self):
        charges = self._claim(self._late()).with_user(self.reader)
        for act in (charges.action_waive, charges.action_invoice, charges.action_restore):
            with self.assertRaises(AccessError):
                act()
        with self.assertRaises(AccessError):
            self._items(charges.sudo().move_id).with_user(self.reader).action_claim()
        with self.assertRaises(AccessError):
            charges.with_user(self.collector).write({"amount": 1.0})

    # -- invoiced -----------------------------------------------------------------------

    def _to_invoice(self, charges):
        action = charges.with_user(self.collector).action_invoice()
        wizard = self.env["credit.charge.invoice"].with_user(self.collector).with_context(**action["context"])
        return wizard.create({"date": "2025-09-01", "date_due": "2025-09-30"})

    def test_invoiced_without_vat_on_its_account(self):
        charges = self._claim(self._late())
        self._to_invoice(charges).action_invoice()
        move = charges.sudo().invoice_id
        self.assertEqual(set(charges.mapped("state")), {"invoiced"})
        self.assertRecordValues(move, [{"move_type": "out_invoice", "amount_total": 417.36, "amount_tax": 0.0}])
        self.assertEqual(move.invoice_line_ids.account_id, self.account)
        self.assertEqual(move.partner_id, self.customer)
        move.action_post()
        self.assertTrue(move.credit_is_charge_invoice)
        # It bears neither interest nor a fixed sum itself.
        self.assertFalse(self._items(move, date(2025, 12, 31)))
        # And what it invoiced doesn't run any more.
        self.assertFalse(self._items(charges.sudo().move_id))

    def test_messages_show_an_invoice_of_charges_as_such(self):
        charges = self._claim(self._late())
        self._to_invoice(charges).action_invoice()
        charges.sudo().invoice_id.action_post()
        self.customer.lang = "en_US"
        notice = self._plan("2025-11-15").notice_ids
        [content] = notice._render_mail_contents(attachments=False).values()
        self.assertEqual(content.body.count("interest and fixed sums"), 1)

    def test_an_invoice_of_charges_is_reminded_and_bears_none(self):
        """Reminded like any other, by a step that claims: neither interest on interest nor a second fixed sum."""
        charges = self._claim(self._late())
        self._to_invoice(charges).action_invoice()
        move = charges.sudo().invoice_id
        move.action_post()
        self.first.claims_charges = True
        run = self._run("2025-11-15")
        self.assertIn(move, run.notice_ids.line_ids.move_id)
        self.assertEqual(self._reason(move, run), "remind")
        self.assertFalse(self.charges.search([("move_id", "=", move.id)]))
        self.assertFalse(self.engine._get_outcomes(date(2026, 6, 30), line_ids=self._receivable(move).ids))

    def test_two_clicks_make_one_invoice(self):
        charges = self._claim(self._late())
        first, second = self._to_invoice(charges), self._to_invoice(charges)
        first.action_invoice()
        with self.assertRaisesRegex(UserError, "only what is claimed"):
            second.action_invoice()

    def test_deleted_draft_gives_the_charges_back(self):
        charges = self._claim(self._late())
        self._to_invoice(charges).action_invoice()
        charges.sudo().invoice_id.unlink()
        self.assertEqual(set(charges.mapped("state")), {"claimed"})
        self._to_invoice(charges).action_invoice()
        charges.sudo().invoice_id.button_cancel()
        self.assertEqual(set(charges.mapped("state")), {"claimed"})

    def test_credit_note_after_invoicing_tells_the_card(self):
        move = self._late()
        charges = self._claim(move)
        card = self._card(self.customer)
        self._to_invoice(charges).action_invoice()
        self._credit(move, 4000.0)
        self.assertIn("251.57", card.message_ids[0].body)
        self.assertEqual(sum(charges.mapped("amount")), 417.36)

    def test_what_is_claimed_again_is_reckoned_again(self):
        """A third was credited since it was invoiced, 251.57 are left; then the invoice itself is cancelled."""
        move = self._late()
        charges = self._claim(move)
        self._to_invoice(charges).action_invoice()
        self._credit(move, 4000.0)
        charges.sudo().invoice_id.button_cancel()
        self.assertEqual(sorted(charges.mapped("amount")), [40.0, 251.57])
        self._to_invoice(charges).action_invoice()
        move.button_cancel()
        charges.sudo().invoice_id.unlink()
        self.assertEqual(set(charges.mapped("state")), {"waived"})

    # -- frozen -------------------------------------------------------------------------

    def _insolvent(self, judged="2025-06-30", **values):
        return (
            self.env["credit.insolvency"]
            .with_user(self.collector)
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "kind": "reorganization",
                    "judgment_date": judged,
                    "date": judged,
                    **values,
                }
            )
        )

    def test_judgment_freezes_interest(self):
        move = self._late()
        self._claim(move)
        insolvency = self._insolvent()
        charges = self.charges.search([("move_id", "=", move.id)])
        self.assertEqual(set(charges.mapped("state")), {"frozen"})
        self.assertEqual(sorted(charges.mapped("amount")), [40.0, 129.70])
        self.assertFalse(self._items(move))
        self.assertEqual(sorted(amount for _label, amount in insolvency._get_claim_accessories()), [40.0, 129.70])

    def test_amicable_procedures_freeze_nothing(self):
        move = self._late()
        self._insolvent(kind="conciliation")
        self.assertEqual(self._items(move).amount_interest, 377.36)

    def test_what_comes_to_nothing_until_the_judgment_is_not_frozen(self):
        """10.00, late for one day at the judgment: its interest is less than a cent; the fixed sum is due whole."""
        move = self._late(10.0)
        self._claim(move)
        self._insolvent("2025-06-01")
        charges = self.charges.search([("move_id", "=", move.id)])
        self.assertEqual(
            {charge.kind: charge.state for charge in charges}, {"interest": "waived", "fixed_sum": "frozen"}
        )

    def test_due_after_the_judgment_bears_no_fixed_sum(self):
        move = self._late()
        self._insolvent("2025-05-15")
        self.assertFalse(self.charges.search([("move_id", "=", move.id)]))
        self.assertFalse(self._items(move))

    def test_second_procedure_leaves_what_the_first_froze(self):
        """Interest of 12 000.00 stopped on 30 June 2025: a procedure opened a year later binds later invoices only."""
        move = self._late()
        self._claim(move)
        first = self._insolvent()
        first.result = "plan"
        first.action_close()
        self.env.flush_all()
        self._insolvent("2026-06-30")
        charges = self.charges.search([("move_id", "=", move.id)])
        self.assertEqual(sorted(charges.mapped("amount")), [40.0, 129.70])
        self.assertEqual(set(charges.mapped("frozen_on")), {date(2025, 6, 30)})

    def test_procedure_of_another_customer_after_all(self):
        """Recorded for the wrong customer: correcting it frees the one and binds the other."""
        move = self._late()
        insolvency = self._insolvent()
        insolvency.partner_id = self.env["res.partner"].create({"name": "Serrurerie Exemple"})
        self.assertEqual(self._items(move).amount_interest, 377.36)
        self.assertFalse(self.charges.search([("move_id", "=", move.id), ("state", "=", "frozen")]))

    def test_judgment_recorded_by_mistake(self):
        move = self._late()
        insolvency = self._insolvent()
        insolvency.result = "mistake"
        self.assertEqual(self._items(move).amount_interest, 377.36)

    # -- messages -----------------------------------------------------------------------

    def test_a_notice_that_claims_stores_what_it_says(self):
        self.first.claims_charges = True
        self.first.mail_template_id = self.env.ref("credit_control.text_mail_formal")
        self.customer.lang = "en_US"
        move = self._late()
        run = self._run("2025-08-31")
        notice = run.notice_ids
        charges = self.charges.search([("move_id", "=", move.id)])
        self.assertEqual(charges.notice_id, notice)
        self.assertEqual(sorted(charges.mapped("amount")), [40.0, 377.36])
        words = " ".join(html.fromstring(notice.body).xpath("//text()"))
        self.assertIn("377.36", words)
        self.assertIn("40.00", words)
        # The sum asked is the principal alone.
        self.assertEqual(notice.line_ids.amount, 12000.0)
        self.assertNotIn("12,377", words)

    def test_a_notice_that_does_not_claim_stores_nothing(self):
        self._late()
        self._run("2025-08-31")
        self.assertFalse(self.charges.search([("partner_id", "=", self.customer.id)]))

    # -- documents ----------------------------------------------------------------------

    def test_calculation_sheet(self):
        self._late()
        card = self._card(self.customer).with_user(self.collector).with_context(as_of="2025-08-31")
        page = self.env["ir.actions.report"].with_user(self.collector).with_context(as_of="2025-08-31")
        content = page._render_qweb_html("credit_control.report_interest_sheet", card.ids)[0].decode()
        words = " ".join(" ".join(html.fromstring(content).xpath("//text()")).split())
        for part in ("377.36", "13.15 %", "12.15 %", "129.6986", "247.6603", "40.00", "L441-10"):
            self.assertIn(part, words)

    def test_sheet_as_a_table_has_dates_and_numbers(self):
        self.customer.name = "=HYPERLINK(1)"
        self._late()
        card = self._card(self.customer).with_user(self.collector).with_context(as_of="2025-08-31")
        book = load_workbook(BytesIO(card.env["report.credit_control.report_interest_sheet"]._get_xlsx(card)))
        segments, items, _decided = book.worksheets
        self.assertEqual(segments["D2"].value.date(), date(2025, 6, 1))
        self.assertEqual([segments.cell(2, place).value for place in (6, 7, 8)], [30, 12000, 13.15])
        self.assertEqual((items["F2"].value, items["G2"].value), (377.36, 40))
        self.assertTrue(all(cell.data_type != "f" for page in book for row in page for cell in row))

    def test_sheet_without_a_rate_says_which(self):
        self.customer.country_id = self.env.ref("base.at")
        self._late()
        card = self._card(self.customer).with_context(as_of="2025-08-31")
        with self.assertRaisesRegex(UserError, "Austria, base rate"):
            card.action_interest_xlsx()

    def test_bad_debt_has_net_and_vat(self):
        """1 000 + 20 % VAT, half paid: 500 and 100 are left."""
        tax = self.env["account.tax"].create({"name": "VAT 20", "amount": 20.0, "type_tax_use": "sale"})
        line = {"name": "Flour", "price_unit": 1000.0, "tax_ids": [Command.set(tax.ids)]}
        move = self._late(due="2025-05-31", invoice_line_ids=[Command.create(line)])
        self._register_payment(move, amount=600.0, payment_date="2025-06-30")
        report = self.env["report.credit_control.report_bad_debt"]
        self.assertEqual(report._split(move), (500.0, 100.0, 0.0))
        page = self.env["ir.actions.report"].with_user(self.collector)
        content = page._render_qweb_html("credit_control.report_bad_debt", move.ids)[0].decode()
        words = " ".join(" ".join(html.fromstring(content).xpath("//text()")).split())
        for part in ("500.00", "100.00", "article 272", move.name):
            self.assertIn(part, words)
        with self.assertRaisesRegex(UserError, "unpaid"):
            report._get_report_values(self._late(move_type="out_refund").ids)

    def _with_taxes(self, *prices_and_taxes):
        lines = [
            Command.create({"name": "Flour", "price_unit": price, "tax_ids": [Command.set(tax.ids)]})
            for price, tax in prices_and_taxes
        ]
        return self._late(invoice_line_ids=lines)

    def test_bad_debt_without_vat_on_receipts(self):
        """1 000 of goods and 500 of services, 20 %, half paid: of 900 left 100 are VAT that was due, 50 never were."""
        goods = self.env["account.tax"].create({"name": "VAT 20", "amount": 20.0, "type_tax_use": "sale"})
        services = self._tax_on_receipts(goods)
        move = self._with_taxes((1000.0, goods), (500.0, services))
        self._register_payment(move, amount=900.0, payment_date="2025-06-30")
        report = self.env["report.credit_control.report_bad_debt"]
        self.assertEqual(report._split(move), (750.0, 100.0, 50.0))
        page = self.env["ir.actions.report"].with_user(self.collector)
        content = page._render_qweb_html("credit_control.report_bad_debt", move.ids)[0].decode()
        words = " ".join(" ".join(html.fromstring(content).xpath("//text()")).split())
        self.assertRegex(words, r"750\.00.*100\.00.*article 272.*50\.00.*falls due on payment")
        with self.assertRaisesRegex(UserError, "falls due on payment"):
            report._get_report_values(self._with_taxes((1000.0, services)).ids)

    def test_statement_shows_what_is_claimed_apart(self):
        self._claim(self._late())
        card = self._card(self.customer)
        report = self.env["ir.actions.report"].with_user(self.collector).with_context(as_of="2025-08-31")
        content = report._render_qweb_html("credit_control.report_statement", card.ids)[0].decode()
        words = " ".join(" ".join(html.fromstring(content).xpath("//text()")).split())
        self.assertRegex(words, "not in the balance.*377.36")
        self.assertRegex(words, "Balance EUR €? ?12,000.00")

    # -- kept apart ---------------------------------------------------------------------

    def test_companies_are_apart(self):
        charges = self._claim(self._late())
        other = self.setup_other_company()["company"]
        stranger = self._new_stranger(other)
        self.assertFalse(self.charges.with_user(stranger).search([("id", "in", charges.ids)]))
        with self.assertRaises(AccessError):
            charges.with_user(stranger).action_waive()
        items = self.env["credit.charge.item"].with_user(stranger).with_context(as_of="2025-08-31")
        self.assertFalse(items.search([]).filtered(lambda item: item.company_id == self.company))

    def test_queries_do_not_grow_with_the_items(self):
        few = [self._late(100.0) for _number in range(3)]
        many = few + [self._late(100.0) for _number in range(12)]
        counts = []
        for moves in (few, many):
            lines = self.env["account.move.line"].union(*(self._receivable(move) for move in moves))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(len(self.engine._get_outcomes(DAY, line_ids=lines.ids)), len(moves))
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)
