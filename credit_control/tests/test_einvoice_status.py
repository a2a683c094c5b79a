from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_dispute import CreditDisputeCommon


@tagged("post_install", "-at_install")
class TestEinvoiceStatus(CreditDisputeCommon):
    """What a platform tells of an invoice steers its dunning; the same news twice changes nothing."""

    def _tell(self, status, invoice=None, **news):
        return (invoice or self.invoice)._credit_set_einvoice_status(status, **news)

    def _get_disputes(self):
        return self.env["credit.dispute"].search([("partner_id", "=", self.customer.id)])

    def _get_messages(self):
        debtor = self.customer.with_company(self.company).credit_debtor_id
        return debtor.message_ids.filtered(lambda message: "E-invoice" in (message.body or ""))

    def test_refused_opens_a_dispute_and_dunning_pauses(self):
        notice = self._new_notice()
        event = self._tell("refused", reason="Wrong price")
        dispute = self._get_disputes()
        self.assertEqual(event.dispute_id, dispute)
        self.assertEqual((dispute.source, dispute.state, dispute.amount_total), ("einvoice", "open", 1000))
        self.assertEqual((dispute.note, dispute.reason_id.code), ("Wrong price", "other"))
        self.assertFalse(self._send(notice))
        self.assertEqual((notice.state, notice.reason), ("cancelled", "disputed"))
        self.assertEqual(self._reason(self.invoice, self._plan(date(2024, 12, 30))), "disputed")

    def test_the_same_news_twice_changes_nothing(self):
        for status, reference in (("refused", "CDV-1"), ("refused", None), ("rejected", "CDV-2"), ("cashed", None)):
            first = self._tell(status, reference=reference)
            before = self._count()
            self.assertEqual(self._tell(status, reference=reference), first)
            self.assertEqual(self._count(), before, status)
        self.assertEqual(len(self._get_disputes()), 1, "all of it was disputed already")

    def _count(self):
        self.invoice.invalidate_recordset()
        pauses = self.invoice.with_user(self.collector).credit_dunning_pause_ids
        return len(self._get_disputes()), len(self._get_messages()), len(pauses)

    def test_old_news_after_the_dispute_was_closed(self):
        """A closed dispute isn't opened again by the same news; news with another reference opens a new one."""
        self._tell("refused", reference="CDV-1").dispute_id.action_close_unjustified("Delivered")
        self._tell("refused", reference="CDV-1")
        self.assertEqual(self._get_disputes().mapped("state"), ["closed"])
        self._tell("refused", reference="CDV-2")
        self.assertEqual(sorted(self._get_disputes().mapped("state")), ["closed", "open"])

    def test_disputed_in_part_already(self):
        mine = self._open(400.0)
        event = self._tell("disputed", reason="QTE_ERR")
        self.assertEqual((event.dispute_id.amount_total, event.dispute_id.reason_id.code), (600, "quantity"))
        self.assertNotEqual(event.dispute_id, mine)

    def test_french_codes(self):
        for code, status in ((210, "refused"), ("207", "disputed"), ("fr:213", "rejected"), ("212", "cashed")):
            invoice = self._invoice(10.0, date(2024, 12, 1))
            self.assertEqual(self._tell(code, invoice).status, status)

    def test_rejected_pauses_until_somebody_ends_it(self):
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
        debtor.collector_id = self.collector
        event = self._tell("rejected", reason="DEST_INC", date="2024-12-03")
        self.assertEqual((event.pause_id.move_id, event.pause_id.date_end), (self.invoice, False))
        self.assertIn("DEST_INC", event.pause_id.reason)
        self.assertEqual(debtor.activity_ids.user_id, self.collector)
        run = self._plan(date(2024, 12, 30))
        self.assertEqual(self._reason(self.invoice, run), "paused")
        event.pause_id.action_end()
        self.assertTrue(self._plan(self.today).notice_ids)

    def test_cashed_is_told_and_nothing_else(self):
        self._tell("cashed", date="2024-12-03", reference="CDV-9")
        [message] = self._get_messages()
        self.assertIn(self.invoice.name, message.body)
        self.assertTrue(self._plan(date(2024, 12, 30)).notice_ids, "the bank says whether it is paid")

    def test_refused_after_it_was_paid(self):
        self._pay(1000.0)
        event = self._tell("refused", reason="Too late")
        self.assertFalse(event.dispute_id)
        self.assertEqual(len(self._get_messages()), 1)

    def test_bad_news(self):
        with self.assertRaisesRegex(UserError, "“received”.*refused, disputed, rejected, cashed"):
            self._tell("received")
        draft = self.invoice.copy()
        with self.assertRaisesRegex(UserError, "isn't a posted customer invoice"):
            self._tell("refused", draft)
        with self.assertRaises(ValueError):
            self._tell("refused", date="no day")

    def test_hostile_text(self):
        event = self._tell("refused", reason="<script>alert(1)</script>=1+1" + "x" * 3000)
        [message] = self._get_messages()
        self.assertNotIn("<script", message.body)
        self.assertTrue(event.dispute_id.note.startswith("<script>"), "text stays text")

    def test_by_rpc(self):
        event_id = self.invoice.with_user(self.collector).action_credit_einvoice_status("210", "PU_ERR")
        event = self.env["credit.einvoice.event"].browse(event_id)
        self.assertEqual(event.dispute_id.reason_id.code, "price")
        for user in (self.reader, self.owner):
            with self.assertRaises(AccessError):
                self.invoice.with_user(user).action_credit_einvoice_status("refused", reference="x")

    def test_shown_and_searched_on_the_invoice(self):
        other = self._invoice(10.0, date(2024, 12, 1))
        self._tell("refused", date="2024-12-02")
        self._tell("cashed", date="2024-12-05")
        invoices = (self.invoice + other).with_user(self.collector)
        self.assertEqual(invoices.mapped("credit_einvoice_status"), ["cashed", False])
        moves = self.env["account.move"].with_user(self.collector)
        own = ("id", "in", invoices.ids)
        self.assertEqual(moves.search([own, ("credit_einvoice_status", "=", "cashed")]), self.invoice)
        self.assertFalse(moves.search([own, ("credit_einvoice_status", "=", "refused")]), "the latest counts")
        self.assertEqual(moves.search([own, ("credit_einvoice_status", "=", False)]), other)
