from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..models.company_day import company_today
from .common import CreditControlCommon


@tagged("post_install", "-at_install")
class TestDunningRun(CreditControlCommon):
    """What a plan decides for a company's ledger, seen by the collector who makes it."""

    def test_level_per_item_in_one_message(self):
        """Items due 1 Nov, 1 Dec and 1 Jan: two first reminders, then second, second and first together."""
        november, december, january = (
            self._invoice(100, due) for due in (date(2024, 11, 1), date(2024, 12, 1), date(2025, 1, 1))
        )
        run = self._run(date(2024, 12, 30))
        self.assertEqual(len(run.notice_ids), 1)
        self.assertEqual(run.notice_ids.line_ids.move_id, november + december)
        self.assertEqual(run.notice_ids.line_ids.step_id, self.first)
        self.assertEqual(run.notice_ids.state, "sent")
        self.assertEqual(self._reason(january, run), "not_due")

        run = self._run(date(2025, 1, 30))
        self.assertEqual(len(run.notice_ids), 1)
        steps = {line.move_id: line.step_id for line in run.notice_ids.line_ids}
        self.assertEqual(steps, {november: self.second, december: self.second, january: self.first})
        self.assertEqual(run.notice_ids.step_id, self.second)
        self.assertEqual(run.notice_ids.amount_total, 300)

    def test_end_of_month_counts_from_due(self):
        """Due 1 Dec, first step done: the second is due on 31 Dec, the month end after due + 30."""
        invoice = self._invoice(100, date(2024, 12, 1))
        self._run(date(2024, 12, 11))
        run = self._plan(date(2024, 12, 30))
        decision = run.decision_ids
        self.assertEqual((decision.reason, decision.next_date), ("step_not_reached", date(2024, 12, 31)))
        run = self._plan(date(2024, 12, 31))
        self.assertEqual(run.notice_ids.line_ids.mapped("step_id"), self.second)
        self.assertEqual(run.notice_ids.line_ids.move_id, invoice)

    def test_credit_note_is_shown_and_set_off(self):
        invoice = self._invoice(1000, date(2024, 11, 1))
        refund = self._invoice(400, date(2024, 11, 1), move_type="out_refund")
        notice = self._plan(date(2024, 12, 1)).notice_ids
        amounts = {line.move_id: line.amount for line in notice.line_ids}
        self.assertEqual(amounts, {invoice: 1000, refund: -400})
        self.assertEqual(notice.amount_total, 600)

    def test_credits_above_the_claims(self):
        invoice = self._invoice(100, date(2024, 11, 1))
        self._invoice(100, date(2024, 11, 1), move_type="out_refund")
        run = self._plan(date(2024, 12, 1))
        self.assertFalse(run.notice_ids)
        self.assertEqual(self._reason(invoice, run), "unallocated_credit")

    def test_missed_days_are_caught_up_in_order(self):
        """Nothing ran for months: each step leaves once, in order, seven days apart at least."""
        self._invoice(100, date(2024, 10, 1), issued=date(2024, 9, 1))
        left = []
        for day in range(1, 32):
            run = self._run(date(2025, 1, day))
            left += [(run.date.day, line.step_id) for line in run.notice_ids.line_ids]
        self.assertEqual(left, [(1, self.first), (8, self.second), (18, self.third)])

    def test_too_soon_names_the_day(self):
        self._invoice(100, date(2024, 11, 1))
        self._run(date(2024, 12, 1))
        later = self._invoice(50, date(2024, 11, 22))
        run = self._plan(date(2024, 12, 3))
        self.assertFalse(run.notice_ids)
        decision = run.decision_ids.filtered(lambda answer: answer.move_id == later)
        self.assertEqual((decision.reason, decision.next_date), ("too_soon", date(2024, 12, 8)))

    def test_what_left_ahead_of_its_day_has_left(self):
        """A run of tomorrow is sent today: no plan repeats its step, and the next keeps its distance."""
        self._invoice(100, date(2024, 11, 1))
        today = company_today(self.company)
        ahead = self._run(today + timedelta(days=1))
        self.assertEqual(ahead.notice_ids.left_on, today + timedelta(days=1))
        for days in (0, 1, 7):
            self.assertFalse(self._plan(today + timedelta(days=days)).notice_ids)
        run = self._plan(today + timedelta(days=8))
        self.assertEqual(run.notice_ids.line_ids.step_id, self.second)

    def test_minimum_counts_for_the_customer(self):
        self.policy.minimum_amount = 150
        first = self._invoice(100, date(2024, 11, 1))
        run = self._plan(date(2024, 12, 1))
        self.assertEqual(self._reason(first, run), "below_minimum")
        self._invoice(50, date(2024, 11, 5))
        run = self._plan(date(2024, 12, 2))
        self.assertEqual(run.notice_ids.amount_total, 150)

    def test_ceiling_goes_to_a_person(self):
        self.policy.ceiling_amount = 1000
        self._invoice(1000.01, date(2024, 11, 1))
        notice = self._plan(date(2024, 12, 1)).notice_ids
        self.assertEqual((notice.state, notice.mode, notice.reason), ("to_approve", "approve", "above_ceiling"))

    def test_no_followup_is_read(self):
        invoice = self._invoice(100, date(2024, 11, 1))
        invoice.no_followup = True
        run = self._plan(date(2024, 12, 1))
        self.assertFalse(run.notice_ids)
        self.assertEqual(self._reason(invoice, run), "no_followup")

    def test_pause_of_an_invoice_ends_by_itself(self):
        paused, other = self._invoice(100, date(2024, 11, 1)), self._invoice(70, date(2024, 11, 1))
        self.env["credit.dunning.pause"].with_user(self.collector).create(
            {
                "move_id": paused.id,
                "reason": "Goods on their way back",
                "date_start": "2024-12-01",
                "date_end": "2024-12-10",
            }
        )
        run = self._plan(date(2024, 12, 10))
        self.assertEqual(self._reason(paused, run), "paused")
        self.assertEqual(run.notice_ids.line_ids.move_id, other)
        run = self._plan(date(2024, 12, 11))
        self.assertEqual(run.notice_ids.line_ids.move_id, paused + other)

    def test_pause_of_a_contact_holds_for_the_customer(self):
        contact = self.env["res.partner"].create({"name": "Accounts payable", "parent_id": self.customer.id})
        invoice = self._invoice(100, date(2024, 11, 1))
        self.env["credit.dunning.pause"].create(
            {"partner_id": contact.id, "company_id": self.company.id, "reason": "Moving", "date_start": "2024-11-01"}
        )
        self.assertEqual(self._reason(invoice, self._plan(date(2024, 12, 1))), "paused")

    def test_disputed_part_is_not_asked(self):
        """A run that is dated back acts upon what is disputed by now; a preview shows what was then."""
        invoice = self._invoice(1000, date(2024, 11, 1))
        reason = self.env["credit.dispute.reason"].create({"name": "Price", "code": "test_price"})
        self.env["credit.dispute"].with_user(self.collector).create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "reason_id": reason.id,
                "line_ids": [Command.create({"move_line_id": self._receivable(invoice).id, "amount": 400})],
            }
        )
        run = self._plan(date(2024, 12, 1))
        self.assertEqual(run.notice_ids.amount_total, 600)
        [row] = run._get_summary()
        self.assertEqual((row["overdue"], row["claimed"], dict(row["held"])), (1000, 600, {"disputed": 400}))
        preview = self._plan(date(2024, 12, 1), is_preview=True)
        self.assertEqual(preview.notice_ids.amount_total, 1000)

    def test_in_the_currency_of_the_invoice(self):
        dollar = self.setup_other_currency("CHF", rates=[("2024-01-01", 2.0)])
        invoice = self._invoice(200, date(2024, 11, 1), currency_id=dollar.id)
        self._register_payment(invoice, amount=50, payment_date=date(2024, 11, 2))
        notice = self._plan(date(2024, 12, 1)).notice_ids
        self.assertRecordValues(notice.line_ids, [{"currency_id": dollar.id, "amount": 150.0, "amount_company": 75.0}])
        self.assertEqual(notice.amount_total, 75)

    def test_planning_again_replaces_what_waits(self):
        self._invoice(100, date(2024, 11, 1))
        before = self._plan(date(2024, 12, 1)).notice_ids
        after = self._plan(date(2024, 12, 2)).notice_ids
        self.assertEqual((before.state, before.reason), ("cancelled", "superseded"))
        self.assertEqual(len(after), 1)

    def test_journal_changes_only_with_the_answer(self):
        invoice = self._invoice(100, date(2024, 11, 1))
        for day in (5, 6, 11, 12):
            self._plan(date(2024, 11, day))
        journal = self.env["credit.dunning.decision"].search(
            [("move_line_id", "=", self._receivable(invoice).id)], order="date_from"
        )
        self.assertRecordValues(
            journal,
            [
                {"reason": "step_not_reached", "date_from": date(2024, 11, 5), "date_to": date(2024, 11, 10)},
                {"reason": "remind", "date_from": date(2024, 11, 11), "date_to": False},
            ],
        )

    def test_journal_ends_with_the_item(self):
        invoice = self._invoice(100, date(2024, 11, 1))
        self._plan(date(2024, 11, 5))
        self._register_payment(invoice, payment_date=date(2024, 11, 6))
        self._plan(date(2024, 11, 7))
        self._plan(date(2024, 11, 8))
        journal = self.env["credit.dunning.decision"].search(
            [("move_line_id", "=", self._receivable(invoice).id)], order="date_from"
        )
        self.assertRecordValues(
            journal,
            [
                {"reason": "step_not_reached", "date_to": date(2024, 11, 6)},
                {"reason": "settled", "date_to": date(2024, 11, 7)},
            ],
        )

    def test_preview_of_a_past_day_changes_nothing(self):
        """Open then, paid since: the preview shows it, keeps out of the journal, and can't leave."""
        invoice = self._invoice(100, date(2024, 11, 1))
        self._register_payment(invoice, payment_date=date(2024, 12, 20))
        run = self._plan(date(2024, 12, 1), is_preview=True)
        self.assertEqual(run.notice_ids.amount_total, 100)
        self.assertEqual(run._get_summary()[0]["overdue"], 100)
        edited = run.new(origin=run)
        self.assertEqual(edited._get_summary()[0]["claimed"], 100)
        self.assertEqual(edited.decision_ids.ids, run.decision_ids.ids)
        self.assertFalse(self.env["credit.dunning.decision"].search([("preview_run_id", "=", False)]))
        with self.assertRaisesRegex(UserError, "nothing of it can leave"):
            run.action_approve()
        with self.assertRaisesRegex(UserError, "nothing of it can leave"):
            run.action_send()
        self.assertEqual(self._reason(invoice, self._plan(date(2024, 12, 1))), "settled")

    def test_decision_step_asks_a_person(self):
        self.policy.step_ids = [
            Command.create(
                {"name": "Decide", "kind": "decision", "delay_days": 40, "delay_basis": "previous", "sequence": 9}
            )
        ]
        self._invoice(100, date(2024, 10, 1), issued=date(2024, 9, 1))
        for day in (date(2024, 11, 1), date(2024, 11, 30), date(2024, 12, 31)):
            self._run(day)
        run = self._plan(date(2025, 2, 28))
        self.assertEqual(run.notice_ids.channel_id, self.env.ref("credit_control.channel_decision"))
        self.assertEqual(run.decision_ids.reason, "decide")

    def test_calls_go_on_their_list(self):
        """A call that a person makes anyway needs no approval of its own; a message that is manual does."""
        for channel, state in ((self.phone, "queued"), (self.email, "draft")):
            with self.subTest(channel=channel.name):
                policy = self._new_policy(
                    {"name": "By hand", "delay_days": 10, "mode": "manual", "channel_ids": [Command.set(channel.ids)]}
                )
                customer = self._new_customer(f"Atelier {channel.code}", phone="+33 1 99 00 12 34")
                self.env["credit.debtor"].create(
                    {"partner_id": customer.id, "company_id": self.company.id, "policy_id": policy.id}
                )
                self._invoice(100, date(2024, 11, 1), partner=customer)
                run = self._plan(date(2024, 12, 1))
                run.action_approve()
                notice = {notice.partner_id: notice for notice in run.notice_ids}[customer]
                self.assertEqual(notice.state, state)

    def test_overtaken_call_is_taken_off_the_list(self):
        policy = self._new_policy(
            {"name": "Call", "delay_days": 10, "channel_ids": [Command.set((self.phone | self.email).ids)]},
            {"name": "Letter", "delay_days": 30},
        )
        self.company.credit_dunning_policy_id = policy
        self.customer.phone = "+33 1 99 00 12 34"
        self._invoice(100, date(2024, 11, 1))
        call = self._run(date(2024, 11, 11)).notice_ids.filtered(lambda notice: notice.channel_id == self.phone)
        self.assertEqual(call.state, "queued")
        self._plan(date(2024, 11, 20))
        self.assertEqual(call.state, "queued", "the mail left, the call still makes sense")
        self._plan(date(2024, 12, 1))
        self.assertEqual((call.state, call.reason), ("cancelled", "superseded"))

    def test_bounce_repeats_the_step_through_the_fallback(self):
        """The step wasn't reached: it goes by letter, and by mail again once the address has changed."""
        self._invoice(100, date(2024, 11, 1))
        mail = self._run(date(2024, 12, 1)).notice_ids
        self.assertEqual((mail.channel_id, mail.state), (self.email, "sent"))
        mail.sudo()._record_outcome("bounced", "bounce", "550 no such mailbox")
        letter = self._plan(date(2024, 12, 2)).notice_ids
        self.assertRecordValues(
            letter,
            [{"channel_id": self.letter.id, "fallback_for_id": self.email.id, "step_id": self.first.id}],
        )
        self.customer.email = "compta@example.com"
        again = self._plan(date(2024, 12, 3)).notice_ids
        self.assertEqual((again.channel_id, again.step_id), (self.email, self.first))

    def test_preferred_channel_takes_the_place_of_the_steps(self):
        """One prefers letters, one prefers mail but has no address for it: each by what reaches them."""
        letters, mails = self.customer, self._new_customer("Atelier Nord", email=False)
        for customer, channel in ((letters, self.letter), (mails, self.email)):
            self._invoice(100, date(2024, 11, 1), partner=customer)
            self.env["credit.debtor"].create(
                {"partner_id": customer.id, "company_id": self.company.id, "preferred_channel_id": channel.id}
            )
        used = {notice.partner_id: notice.channel_id for notice in self._plan(date(2024, 12, 1)).notice_ids}
        self.assertEqual(used, {letters: self.letter, mails: self.letter})

    def test_nobody_to_write_to_waits_until_the_address_changes(self):
        self.customer.write({"email": False, "street": False, "zip": False, "city": False})
        invoice = self._invoice(100, date(2024, 11, 1))
        run = self._plan(date(2024, 12, 1))
        self.assertFalse(run.notice_ids)
        self.assertEqual(self._reason(invoice, run), "no_contact")
        self.customer.email = "compta@example.com"
        self.assertEqual(self._plan(date(2024, 12, 2)).notice_ids.step_id, self.first)

    def test_policy_of_the_customer_is_chosen_on_its_form(self):
        gentle = self._new_policy({"name": "Gentle", "delay_days": 60})
        invoice = self._invoice(100, date(2024, 11, 1))
        contact = self.env["res.partner"].create({"name": "Accounts payable", "parent_id": self.customer.id})
        contact.with_user(self.collector).with_company(self.company).credit_dunning_policy_id = gentle
        self.assertEqual(self.customer.credit_dunning_policy_id, gentle)
        self.assertEqual(self._reason(invoice, self._plan(date(2024, 12, 1))), "step_not_reached")
        self.customer.with_user(self.collector).with_company(self.company).credit_dunning_policy_id = False
        self.assertEqual(self._plan(date(2024, 12, 2)).notice_ids.policy_id, self.policy)

    def test_policy_of_the_invoice_goes_first(self):
        gentle = self._new_policy({"name": "Gentle", "delay_days": 60})
        invoice, other = self._invoice(100, date(2024, 11, 1)), self._invoice(70, date(2024, 11, 1))
        self.env["credit.dunning.assignment"].with_user(self.collector).create(
            {"move_id": invoice.id, "policy_id": gentle.id}
        )
        run = self._plan(date(2024, 12, 1))
        self.assertEqual(run.notice_ids.line_ids.move_id, other)
        self.assertEqual(self._reason(invoice, run), "step_not_reached")

    def test_segments_pick_the_policy_in_order(self):
        gentle = self._new_policy({"name": "Gentle", "delay_days": 60})
        self.env["credit.segment"].create(
            [
                {
                    "name": name,
                    "company_id": self.company.id,
                    "sequence": rank,
                    "domain": domain,
                    "policy_id": policy.id,
                }
                for rank, (name, domain, policy) in enumerate(
                    [("Key accounts", "[('ref', '=', 'KEY')]", gentle), ("All", "[]", self.policy)]
                )
            ]
        )
        key = self._new_customer("Grand Compte", ref="KEY")
        held, asked = self._invoice(100, date(2024, 11, 1), partner=key), self._invoice(100, date(2024, 11, 1))
        run = self._plan(date(2024, 12, 1))
        self.assertEqual(run.notice_ids.line_ids.move_id, asked)
        self.assertEqual(self._reason(held, run), "step_not_reached")
        self.assertEqual(run.notice_ids.debtor_id.segment_id.name, "All")

    def test_entry_step_of_an_old_debt(self):
        invoice = self._invoice(100, date(2024, 1, 1), issued=date(2023, 12, 1))
        self.env["credit.dunning.entry"].create(
            {"move_line_id": self._receivable(invoice).id, "company_id": self.company.id, "step_id": self.third.id}
        )
        run = self._plan(date(2024, 12, 1))
        self.assertEqual(run.notice_ids.step_id, self.third)

    def test_policy_without_steps_is_named(self):
        self.env["credit.dunning.policy"].create({"name": "Empty one", "company_id": self.company.id})
        self._invoice(100, date(2024, 11, 1))
        with self.assertRaisesRegex(UserError, "Empty one"):
            self._plan(date(2024, 12, 1))

    def test_step_backwards_is_named(self):
        with self.assertRaisesRegex(ValidationError, "Too early"):
            self._new_policy({"name": "First", "delay_days": 10}, {"name": "Too early", "delay_days": 9})

    def test_reader_cannot_plan(self):
        with self.assertRaises(AccessError):
            self._plan(date(2024, 12, 1), user=self.reader)

    def test_other_company_is_left_alone(self):
        other = self.setup_other_company()["company"]
        invoice = self._invoice(100, date(2024, 11, 1))
        self.env["account.move"].with_company(other).create(
            {
                "move_type": "out_invoice",
                "company_id": other.id,
                "partner_id": self.customer.id,
                "invoice_date": "2024-10-01",
                "invoice_date_due": "2024-11-01",
                "invoice_line_ids": [Command.create({"name": "Flour", "price_unit": 50, "tax_ids": []})],
            }
        ).action_post()
        run = self._plan(date(2024, 12, 1))
        self.assertEqual(run.notice_ids.line_ids.move_id, invoice)
        self.assertEqual(run._get_summary()[0]["overdue"], 100)

    def test_one_customer_alone(self):
        other = self._new_customer("Atelier Nord")
        self._invoice(100.0, "2024-11-15")
        item = self._receivable(self._invoice(200.0, "2024-11-15", partner=other))
        everybody = self._plan("2024-12-30")
        alone = self._plan("2024-12-30", partner_ids=[Command.set(self.customer.ids)])
        self.assertEqual(alone.notice_ids.partner_id, self.customer)
        self.assertEqual(alone._get_summary()[0]["overdue"], 100)
        self.assertEqual(len(alone._get_summary()), 1)
        states = {notice.partner_id: notice.state for notice in everybody.notice_ids}
        self.assertEqual(states, {self.customer: "cancelled", other: "draft"})
        answer = self.env["credit.dunning.decision"].search([("move_line_id", "=", item.id)])
        self.assertEqual((answer.reason, answer.date_to), ("remind", False))
        self.assertEqual(alone.decision_ids.partner_id, self.customer)

    def test_remind_button(self):
        """It opens what would leave; where nothing would, it says why and leaves no empty run."""
        self._invoice(100.0, "2024-11-15")
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids).with_user(self.collector)
        notice = self.env["credit.dunning.notice"].browse(debtor.action_remind()["res_id"])
        self.assertEqual((notice.partner_id, notice.state), (self.customer, "draft"))
        self.env["credit.dunning.pause"].create({"partner_id": self.customer.id, "reason": "Holiday"})
        action = debtor.action_remind()
        self.assertIn("Boulangerie Exemple", action["params"]["message"])
        self.assertEqual(action["params"]["next"]["res_model"], "credit.dunning.decision")
        self.assertEqual(self.env["credit.dunning.run"].search([("company_id", "=", self.company.id)]), notice.run_id)

    def test_approval_wakes_the_senders(self):
        self._invoice(100.0, "2024-11-15")
        run = self._plan("2024-12-30")
        triggers = self.env["ir.cron.trigger"].sudo()
        waking = [("cron_id", "=", self.env.ref("credit_control.cron_send").id)]
        before = triggers.search_count(waking)
        run.action_approve()
        self.assertEqual(triggers.search_count(waking), before + 1)

    def test_run_for_one_customer_is_not_the_plan_of_the_day(self):
        self._invoice(100, date(2024, 11, 1), partner=self._new_customer("Atelier Nord"))
        self._invoice(100, date(2024, 11, 1))
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids).with_user(self.collector)
        debtor.action_remind()
        with self.enter_registry_test_mode():
            self.env.ref("credit_control.cron_plan").sudo().method_direct_trigger()
        runs = self.env["credit.dunning.run"].search([("company_id", "=", self.company.id)])
        self.assertEqual(len(runs), 2)
        self.assertEqual(len(runs.filtered(lambda run: not run.partner_ids).notice_ids), 2)

    def test_cron_plans_each_company_once(self):
        self._invoice(100, date(2024, 11, 1))
        cron = self.env.ref("credit_control.cron_plan").sudo()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
            cron.method_direct_trigger()
        runs = self.env["credit.dunning.run"].search([("company_id", "=", self.company.id)])
        self.assertEqual(len(runs), 1)
        self.assertEqual(runs.notice_ids.state, "queued")
