from collections import Counter
from datetime import date, timedelta

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_fuzz import CLEAR, Fuzz
from .common_send import CreditSendCommon

START = date(2024, 2, 20)
# A cent, amounts that don't divide, more than a float counts in cents.
AMOUNTS = (0.01, 0.02, 9.99, 33.33, 100.0, 1234.56, 999_999.99, 12_345_678_901.23)


class _Undone(Exception):
    """Takes back what a round did."""


@tagged("post_install", "-at_install")
class TestPlanLaws(Fuzz, CreditSendCommon):
    """What holds whatever the policy, the days, the amounts and the currencies.

    What is claimed and what is held back make up what is overdue; nothing is asked for that is paid, disputed or
    promised; each step of an item leaves once; who planned and sent can plan again and finds nothing to send.
    """

    rounds = 3

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.yen = cls.setup_other_currency("JPY", rates=[("2020-01-01", 130.0)])
        cls.reason = cls.env["credit.dispute.reason"].search([], limit=1)

    @mute_logger("odoo.addons.credit_control.models.credit_dunning_delivery")
    def test_laws(self):
        self.fuzz(self._try_ledger)

    def _try_ledger(self, chance):
        try:
            with self.env.cr.savepoint():
                self._tell_story(chance)
                raise _Undone
        except _Undone:
            self.env.invalidate_all()

    def _tell_story(self, chance):
        self.invoice.line_ids.no_followup = True
        try:
            with self.env.cr.savepoint():
                self.company.credit_dunning_policy_id = self._new_policy(*self._steps(chance), **self._terms(chance))
        except CLEAR:
            # A policy that makes no sense is refused; the story goes on with the usual one.
            self.env.invalidate_all()
        partners = [self._new_customer(f"Customer {number}") for number in range(3)]
        moves = [self._new_move(chance, partners) for _ in range(chance.randrange(3, 9))]
        day = START
        for _plan in range(3):
            day += timedelta(days=chance.randrange(1, 50))
            for move in moves:
                self._happen(chance, move, day)
            self._plan_and_send(day)

    def _steps(self, chance):
        for number in range(chance.randrange(1, 5)):
            repeats = chance.choice((0, 0, 3))
            yield {
                "name": f"Step {number}",
                "delay_days": chance.choice((-5, 0, 1, 10, 30, 45)) + 10 * number,
                "delay_basis": chance.choice(("due", "due", "end_of_month", "previous")),
                "repeat_days": repeats and chance.randrange(1, 20),
                "repeat_max": repeats,
                "channel_ids": [Command.set(chance.choice((self.email, self.letter, self.email | self.letter)).ids)],
            }

    def _terms(self, chance):
        return {
            "minimum_amount": chance.choice((0, 0, 0.01, 50.0, 1e6)),
            "ceiling_amount": chance.choice((0, 0, 1000.0)),
            "contact_interval_days": chance.choice((0, 1, 7, 30)),
        }

    def _new_move(self, chance, partners):
        kind = chance.choice(("out_invoice", "out_invoice", "out_invoice", "out_refund"))
        issued = START - timedelta(days=chance.randrange(0, 400))
        currency = chance.choice((self.company.currency_id, self.yen))
        return self._invoice(
            max(chance.choice(AMOUNTS), currency.rounding),
            issued + timedelta(days=chance.choice((0, 1, 30, 90))),
            partner=chance.choice(partners),
            issued=issued,
            move_type=kind,
            currency_id=currency.id,
        )

    def _happen(self, chance, move, day):
        """Let something happen to an invoice, or nothing."""
        line = self._receivable(move)
        if move.move_type != "out_invoice" or move.payment_state in ("paid", "in_payment") or chance.random() < 0.5:
            return
        what = chance.choice((self._pay_part, self._dispute_part, self._promise_part))
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                what(move, line, chance.choice((0.25, 0.5, 1.0)), day)
        except CLEAR:
            # It was disputed or promised already.
            self.env.invalidate_all()

    def _pay_part(self, move, line, part, day):
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=move.ids)
        amount = move.currency_id.round(line.amount_residual_currency * part) or line.amount_residual_currency
        wizard.create({"amount": amount, "payment_date": day})._create_payments()

    def _dispute_part(self, move, line, part, day):
        self.env["credit.dispute"].create(
            {
                "partner_id": move.partner_id.id,
                "company_id": self.company.id,
                "reason_id": self.reason.id,
                "date": day,
                "line_ids": [Command.create({"move_line_id": line.id, "amount": line.amount_residual * part})],
            }
        )

    def _promise_part(self, move, line, part, day):
        self.env["credit.promise"].create(
            {
                "partner_id": move.partner_id.id,
                "company_id": self.company.id,
                "date": day + timedelta(days=5),
                "amount": line.amount_residual * part,
                "move_line_ids": line.ids,
            }
        )

    def _plan_and_send(self, day):
        run = self._plan(day)
        self._check_sums(run)
        run.action_approve()
        run.notice_ids.filtered(lambda notice: notice.state in ("draft", "to_approve")).action_approve()
        self._check_claims(run)
        with self.catch_mail() as server:
            run.with_user(self.collector).action_send()
        self.assertEqual(
            [ref for ref, count in Counter(m["Message-Id"] for m in server.messages).items() if count > 1], []
        )
        self._check_once()
        again = self._plan(day)
        left = again.notice_ids.filtered(lambda notice: notice.state not in ("cancelled", "failed"))
        self.assertFalse(left, "planned again on the same day")

    def _check_sums(self, run):
        """What is claimed and what is held back is what is overdue, for each customer."""
        for row in run._get_summary():
            held = sum(row["held"].values())
            self.assertAlmostEqual(row["overdue"], row["claimed"] + held, 2, row)
            self.assertTrue(all(amount > -0.005 for amount in row["held"].values()), row)

    def _check_claims(self, run):
        """No line asks for more than is open, undisputed and not promised."""
        items = self.env["credit.open.item"].with_context(as_of=run.date).search([("company_id", "=", self.company.id)])
        free = {
            item.move_line_id.id: item.amount_residual - item.amount_disputed - item.amount_promised for item in items
        }
        for line in run.notice_ids.line_ids.filtered(lambda line: not line.is_credit):
            self.assertIn(line.move_line_id.id, free)
            self.assertLessEqual(line.amount_company, free[line.move_line_id.id] + 0.01, line.reference)
            self.assertGreater(line.amount_company, 0)

    def _check_once(self):
        """Each occurrence of a step of an item is on its way, or has left, once through a channel."""
        lines = self.env["credit.dunning.notice.line"].search(
            [("company_id", "=", self.company.id), ("live", "=", True)]
        )
        lines = lines.filtered(
            lambda line: line.step_id and line.notice_id.state not in ("failed", "bounced", "cancelled")
        )
        counts = Counter((line.move_line_id, line.step_id, line.channel_id, line.occurrence) for line in lines)
        self.assertEqual({key for key, count in counts.items() if count > 1}, set())


@tagged("post_install", "-at_install", "-standard", "faults")
class TestPlanLawsLong(TestPlanLaws):
    """The same for minutes."""

    allow_inherited_tests_method = True
    is_long = True
