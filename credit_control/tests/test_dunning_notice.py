from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_send import CreditSendCommon


@tagged("post_install", "-at_install")
class TestDunningNotice(CreditSendCommon):
    """The life of a notice, in the hands of a collector."""

    def test_approve_queues_and_says_who(self):
        notice = self._plan(date(2024, 12, 30)).notice_ids
        notice.with_user(self.collector).action_approve()
        self.assertEqual((notice.state, notice.approved_by_id), ("queued", self.collector))
        with self.assertRaises(UserError):
            notice.action_approve()

    def test_reader_may_do_nothing(self):
        notice = self._plan(date(2024, 12, 30)).notice_ids
        for action in ("action_approve", "action_cancel", "action_retry", "action_mark_sent", "_send_now"):
            with self.assertRaises(AccessError):
                getattr(notice.with_user(self.reader), action)()

    def test_preview_cannot_be_approved(self):
        notice = self._plan(date(2024, 12, 30), is_preview=True).notice_ids
        with self.assertRaises(UserError):
            notice.action_approve()

    def test_skip_frees_the_step(self):
        notice = self._new_notice()
        notice.action_cancel()
        self.assertEqual((notice.state, notice.reason), ("cancelled", "skipped"))
        self.assertFalse(any(notice.line_ids.mapped("live")))
        self.assertEqual(self._plan(date(2024, 12, 31)).notice_ids.line_ids.step_id, self.first)

    def test_outcomes_in_any_order_and_twice(self):
        notice = self._new_notice()
        self._send(notice)
        sent_at = notice.sent_at
        self.assertTrue(notice._record_outcome("delivered"))
        self.assertFalse(notice._record_outcome("delivered"))
        self.assertFalse(notice._record_outcome("sent"))
        self.assertEqual((notice.state, notice.sent_at), ("delivered", sent_at))
        self.assertTrue(notice._record_outcome("bounced", "bounce", "550 No such user"))
        self.assertFalse(notice._record_outcome("delivered"))
        self.assertEqual((notice.state, notice.detail), ("bounced", "550 No such user"))
        self.assertFalse(notice.line_ids.live)

    def test_left_on_counts_from_the_date_of_the_run(self):
        notice = self._new_notice()
        self._send(notice)
        self.assertEqual(notice.left_on, date(2024, 12, 30))

    def test_what_left_is_kept(self):
        """Neither text nor amount nor state change any more, not for an administrator either."""
        notice = self._new_notice()
        self._send(notice)
        for user in (self.collector, self.manager, self.env.user, self.env.ref("base.user_admin")):
            for values in ({"body": "Forged"}, {"state": "draft"}, {"amount_total": 1}, {"address": "x@example.com"}):
                with self.assertRaises(UserError):
                    notice.with_user(user).write(values)
        with self.assertRaises(UserError):
            notice.sudo().write({"body": "Forged"})
        with self.assertRaises(UserError):
            notice.sudo().line_ids.write({"amount": 1})
        with self.assertRaises(UserError):
            notice.sudo().line_ids.unlink()
        with self.assertRaises(UserError):
            notice.sudo().unlink()
        with self.assertRaises(UserError):
            notice.sudo().copy()

    def test_what_was_attached_is_kept(self):
        notice = self._new_notice()
        values = {"name": "statement.txt", "res_model": notice._name, "res_id": notice.id}
        attached, proof = self.env["ir.attachment"].create([{**values, "raw": b"1000"}, {**values, "raw": b"receipt"}])
        notice.sudo()._apply({"attachment_ids": attached.ids, "is_edited": True, "subject": "A", "body": "B"})
        [message] = self._send(notice)
        self.assertEqual([part.get_filename() for part in message.iter_attachments()], ["statement.txt"])
        with self.assertRaises(UserError):
            attached.with_user(self.manager).raw = b"1"
        with self.assertRaises(UserError):
            attached.unlink()
        proof.with_user(self.collector).unlink()

    def test_state_is_not_written_by_hand(self):
        notice = self._plan(date(2024, 12, 30)).notice_ids
        with self.assertRaises(UserError):
            notice.with_user(self.manager).write({"state": "sent"})
        with self.assertRaises(UserError):
            self.env["credit.dunning.notice"].with_user(self.collector).create(
                {
                    "company_id": self.company.id,
                    "partner_id": self.customer.id,
                    "debtor_id": notice.debtor_id.id,
                    "channel_id": self.email.id,
                    "mode": "auto",
                    "date": date(2024, 12, 30),
                    "state": "sent",
                }
            )

    def test_draft_can_be_edited_and_deleted(self):
        notice = self._plan(date(2024, 12, 30)).notice_ids
        notice.with_user(self.collector).write({"subject": "My words"})
        self.assertTrue(notice.is_edited)
        notice.sudo().unlink()
        self.assertFalse(notice.exists())

    def test_retry_after_failure(self):
        notice = self._new_notice()
        notice._record_outcome("failed", "transport_error")
        notice.with_user(self.collector).action_retry()
        self.assertEqual(notice.state, "queued")
        self.assertTrue(notice.line_ids.live)

    def test_retry_refused_where_the_step_was_planned_again(self):
        notice = self._new_notice()
        notice._record_outcome("failed", "transport_error")
        self._plan(date(2024, 12, 31))
        with self.assertRaises(UserError):
            notice.with_user(self.collector).action_retry()
        self.assertEqual(notice.state, "failed")

    def test_uncertain_is_settled_by_a_person(self):
        notice = self._new_notice()
        notice.sudo()._apply({"state": "uncertain"})
        notice.with_user(self.collector).action_mark_sent()
        self.assertEqual(notice.state, "sent")
        self.assertEqual(notice.left_on, date(2024, 12, 30))
        with self.assertRaises(UserError):
            notice.with_user(self.collector).action_retry()


@tagged("post_install", "-at_install")
class TestByHand(CreditSendCommon):
    """Calls, decisions, registered letters: a person writes down what came of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.phone = "+33142685300"

    def _call(self):
        self.first.channel_ids = self.phone
        notice = self._new_notice()
        self.assertEqual(notice.channel_id, self.phone)
        return notice.with_user(self.collector)

    def test_call_waits_on_the_list_for_a_person(self):
        notice = self._call()
        self.assertFalse(self._send(notice))
        self.assertEqual(notice.state, "queued")
        notice.action_record_call("reached", minutes=4, note="Pays on Friday")
        self.assertEqual((notice.state, notice.reason, notice.address), ("sent", "reached", "+33142685300"))
        self.assertEqual(notice.left_on, date(2024, 12, 30))

    def test_nobody_answers(self):
        notice = self._call()
        notice.action_record_call("no_answer", next_date=date(2025, 1, 2))
        self.assertEqual((notice.state, notice.date_planned), ("queued", date(2025, 1, 2)))

    def test_wrong_number_is_not_called_again(self):
        notice = self._call()
        notice.action_record_call("wrong_number")
        self.assertEqual(notice.state, "failed")
        [repeated] = self._plan(date(2024, 12, 31)).notice_ids
        self.assertEqual(repeated.channel_id, self.email)

    def test_an_outcome_that_there_is_not(self):
        """By RPC anything comes: it is refused in words that name the field and what there is."""
        notice = self._call()
        for outcome in ("maybe", "", None, ["reached"]):
            with self.assertRaisesRegex(UserError, "Outcome of the call.*Reached / Voicemail"):
                notice.action_record_call(outcome)
        notice.step_id.sudo().kind = "decision"
        with self.assertRaisesRegex(UserError, "Decision taken.*Continue / Litigation"):
            notice.action_record_decision("١٢٣")
        self.assertEqual(notice.state, "queued")

    def test_promise_on_the_phone(self):
        notice = self._call()
        promise = notice.action_record_call("promise", promise_date=date(2025, 1, 15), promise_amount=400)
        self.assertEqual((promise.amount, promise.date, promise.partner_id), (400, date(2025, 1, 15), self.customer))
        self.assertEqual(promise.move_line_ids, self._receivable(self.invoice))
        self.assertEqual(notice.state, "sent")

    def test_dispute_on_the_phone(self):
        notice = self._call()
        reason = self.env["credit.dispute.reason"].create({"name": "Price", "code": "price of the test"})
        dispute = notice.action_record_call("dispute", dispute_reason_id=reason.id)
        self.assertEqual(dispute.line_ids.move_line_id, self._receivable(self.invoice))
        with self.assertRaises(UserError):
            self._call_again(notice)

    def _call_again(self, notice):
        notice.action_record_call("reached")

    def test_decision(self):
        self.first.write({"kind": "decision", "mode": "manual"})
        notice = self._plan(date(2024, 12, 30)).notice_ids.with_user(self.collector)
        notice.action_record_decision("litigation", "Third time this year")
        self.assertEqual((notice.state, notice.decision_outcome), ("sent", "litigation"))

    def test_registered_letter(self):
        self.first.channel_ids = self.env.ref("credit_control.channel_registered_letter")
        notice = self._new_notice().with_user(self.collector)
        with self.assertRaises(UserError):
            notice.action_record_deposit("1A 234 567 8901 2")
        self._send(notice)
        self.assertEqual(notice.state, "sent")
        notice.action_record_deposit("1A 234 567 8901 2", date(2025, 1, 2))
        notice.action_record_receipt(date(2025, 1, 6), presented_on=date(2025, 1, 4))
        self.assertEqual((notice.state, notice.registered_number), ("delivered", "1A 234 567 8901 2"))
        self.assertEqual((notice.presented_on, notice.received_on), (date(2025, 1, 4), date(2025, 1, 6)))
