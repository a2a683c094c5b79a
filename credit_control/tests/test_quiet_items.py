from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ..models.bulk import PORTION, copy_rows, insert_rows
from .common import CreditControlCommon

DUE = date(2024, 12, 20)
# The first step: ten days after the due day.
NEXT = date(2024, 12, 30)


@tagged("post_install", "-at_install")
class TestQuietItems(CreditControlCommon):
    """Items that aren't due and of which nothing is known: answered together, each with a row of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._invoice(100, DUE)

    def _journal(self, move=None):
        line = self._receivable(move or self.invoice)
        return self.env["credit.dunning.decision"].search([("move_line_id", "=", line.id)], order="date_from, id")

    def _assert_journal(self, *answers):
        names = ("reason", "date_from", "date_to", "next_date")
        self.assertRecordValues(self._journal(), [dict(zip(names, answer, strict=True)) for answer in answers])

    def test_each_has_its_answer(self):
        later = self._invoice(50, date(2025, 1, 15), partner=self._new_customer("Menuiserie Modèle"))
        run = self._plan(date(2024, 12, 1))
        answers = {decision.move_id: decision for decision in run.decision_ids}
        self.assertEqual(answers[self.invoice].next_date, NEXT)
        self.assertEqual(answers[later].next_date, date(2025, 1, 25))
        self.assertEqual({answer.reason for answer in answers.values()}, {"not_due"})
        self.assertEqual(answers[later].partner_id, later.partner_id)
        self.assertEqual(answers[later].company_id, self.company)

    def test_the_same_answer_is_written_once(self):
        self._plan(date(2024, 12, 1))
        journal = self._journal()
        self._plan(date(2024, 12, 1))
        self._plan(date(2024, 12, 2))
        self.assertEqual(self._journal(), journal)
        self._assert_journal(("not_due", date(2024, 12, 1), False, NEXT))

    def test_from_quiet_to_reminded(self):
        for day in (date(2024, 12, 1), date(2024, 12, 20), date(2024, 12, 21), NEXT):
            self._plan(day)
        self._assert_journal(
            ("not_due", date(2024, 12, 1), date(2024, 12, 20), NEXT),
            ("step_not_reached", date(2024, 12, 21), date(2024, 12, 29), NEXT),
            ("remind", NEXT, False, False),
        )

    def test_a_pause_ends_the_quiet_and_its_end_brings_it_back(self):
        self._plan(date(2024, 12, 1))
        self.env["credit.dunning.pause"].create(
            {"move_id": self.invoice.id, "reason": "Moving", "date_start": "2024-12-03", "date_end": "2024-12-05"}
        )
        self._plan(date(2024, 12, 3))
        self._plan(date(2024, 12, 6))
        self._assert_journal(
            ("not_due", date(2024, 12, 1), date(2024, 12, 2), NEXT),
            ("paused", date(2024, 12, 3), date(2024, 12, 5), False),
            ("not_due", date(2024, 12, 6), False, NEXT),
        )

    def test_what_is_known_of_an_item_holds_it(self):
        """A flag, a customer's pause: each goes before the answer that the others of its day have."""
        flagged, paused = self._invoice(10, DUE), self._invoice(20, DUE, partner=self._new_customer("Garage Modèle"))
        flagged.no_followup = True
        self.env["credit.dunning.pause"].create(
            {"partner_id": paused.partner_id.id, "company_id": self.company.id, "reason": "Moving"}
        )
        run = self._plan(date(2024, 12, 1))
        self.assertEqual(
            [self._reason(move, run) for move in (self.invoice, flagged, paused)],
            ["not_due", "no_followup", "paused"],
        )

    def test_a_courtesy_before_the_due_day_is_no_quiet_day(self):
        courtesy = self._new_policy({"name": "Courtesy", "delay_days": -5}, {"name": "First", "delay_days": 10})
        self.company.credit_dunning_policy_id = courtesy
        self.assertEqual(self._reason(self.invoice, self._plan(date(2024, 12, 14))), "not_due")
        run = self._plan(date(2024, 12, 15))
        self.assertEqual(run.notice_ids.step_id, courtesy.step_ids[0])

    def test_the_invoice_s_own_policy_answers(self):
        other = self._new_policy({"name": "Only", "delay_days": 3}, name="Other")
        self.env["credit.dunning.assignment"].create({"move_id": self.invoice.id, "policy_id": other.id})
        self._plan(date(2024, 12, 1))
        self._assert_journal(("not_due", date(2024, 12, 1), False, date(2024, 12, 23)))

    def test_another_policy_is_another_answer(self):
        self._plan(date(2024, 12, 1))
        self.company.credit_dunning_policy_id = self._new_policy({"name": "Only", "delay_days": 3}, name="Other")
        self._plan(date(2024, 12, 2))
        self._assert_journal(
            ("not_due", date(2024, 12, 1), date(2024, 12, 1), NEXT),
            ("not_due", date(2024, 12, 2), False, date(2024, 12, 23)),
        )

    def test_without_a_policy_the_day_says_so(self):
        self.company.credit_dunning_policy_id = False
        self._plan(date(2024, 12, 1))
        self._assert_journal(("policy_none", date(2024, 12, 1), False, False))

    def test_a_run_dated_before_leaves_the_journal_alone(self):
        self._plan(date(2024, 12, 5))
        self.company.credit_dunning_policy_id = self._new_policy({"name": "Only", "delay_days": 3}, name="Other")
        self._plan(date(2024, 12, 1))
        self._assert_journal(("not_due", date(2024, 12, 5), False, NEXT))

    def test_paid_before_it_was_due(self):
        self._plan(date(2024, 12, 1))
        self._register_payment(self.invoice, payment_date=date(2024, 12, 2))
        self._plan(date(2024, 12, 3))
        self._assert_journal(
            ("not_due", date(2024, 12, 1), date(2024, 12, 2), NEXT),
            ("settled", date(2024, 12, 3), date(2024, 12, 3), False),
        )

    def test_a_preview_shows_them_apart_from_the_journal(self):
        preview = self._plan(date(2024, 12, 1), is_preview=True)
        self.assertEqual((preview.decision_ids.reason, preview.decision_ids.next_date), ("not_due", NEXT))
        self._plan(date(2024, 12, 1))
        self.assertEqual(len(self._journal()), 2)
        preview.action_plan()
        self.assertEqual(len(self._journal()), 2)

    def test_a_run_for_one_customer_leaves_the_others_alone(self):
        other = self._invoice(70, DUE, partner=self._new_customer("Menuiserie Modèle"))
        self._plan(date(2024, 12, 1), partner_ids=[Command.set(other.partner_id.ids)])
        self.assertFalse(self._journal())
        self.assertEqual(self._journal(other).reason, "not_due")


@tagged("post_install", "-at_install")
class TestBulk(CreditControlCommon):
    """Many plain rows at once."""

    TEXTS = (
        "tab\there",
        "line\nand\r\nline",
        "carriage\rreturn",
        "back\\slash \\N \\.",
        "\\.",
        "end\n\\.\nof it",
        "é – “quoted” 'text', \"twice\", 100 %s",
        '"',
        "NULL",
    )

    def _prepare(self, reason):
        return {
            "partner_id": self.customer.id,
            "company_id": self.company.id,
            "source": "person",
            "reason": reason,
            "date_end": None,
        }

    def test_any_text_arrives_as_it_is(self):
        pauses = insert_rows(self.env["credit.dunning.pause"], [self._prepare(text) for text in self.TEXTS])
        self.assertEqual(pauses.mapped("reason"), list(self.TEXTS))
        self.assertEqual(pauses.create_uid, self.env.user)
        self.assertFalse(any(pauses.mapped("date_end")))

    def test_more_than_one_piece(self):
        """Rows made one by one arrive all, in their order."""
        copy_rows(self.env["credit.dunning.pause"], (self._prepare(str(number)) for number in range(2 * PORTION + 1)))
        pauses = self.env["credit.dunning.pause"].with_context(active_test=False)
        pauses = pauses.search([("partner_id", "=", self.customer.id)], order="id")
        self.assertEqual(pauses.mapped("reason"), [str(number) for number in range(2 * PORTION + 1)])

    def test_nothing_to_write(self):
        self.assertFalse(insert_rows(self.env["credit.dunning.pause"], []))
        copy_rows(self.env["credit.dunning.pause"], [])

    def test_step_that_reminded_stays(self):
        """The lines' key isn't checked by the database: the step says itself that it is needed."""
        self._invoice(100, date(2024, 11, 1))
        line = self._plan(date(2024, 12, 30)).notice_ids.line_ids.filtered("step_id")
        with self.assertRaisesRegex(UserError, line.reference):
            line.step_id.with_user(self.manager).unlink()

    def test_policy_that_reminded_stays(self):
        """Of the policy that a notice names alone the database doesn't know either."""
        self._invoice(100, date(2024, 11, 1))
        notice = self._plan(date(2024, 12, 30)).notice_ids
        with self.assertRaisesRegex(UserError, f"{self.policy.name}.*{self.customer.name}"):
            self.policy.with_user(self.manager).unlink()
        self.env.execute_query(
            SQL("UPDATE credit_dunning_notice SET step_id = NULL WHERE id = %s RETURNING id", notice.id)
        )
        with self.assertRaisesRegex(UserError, self.policy.name):
            self.policy.with_user(self.manager).unlink()

    def test_keys_that_another_key_implies_are_not_checked(self):
        """The company of a notice is its customer card's, which the database checks."""
        self.env.cr.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = 'credit_dunning_notice'::regclass"
        )
        names = {name for (name,) in self.env.cr.fetchall()}
        self.assertNotIn("credit_dunning_notice_company_id_fkey", names)
        self.assertLessEqual(
            {f"credit_dunning_notice_{name}_fkey" for name in ("debtor_id", "run_id", "step_id", "channel_id")},
            names,
        )
