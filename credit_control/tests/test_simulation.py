from collections import Counter
from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ..models.company_day import company_today
from .common import CreditControlCommon
from .common_score import CreditScoreCommon

FIRST = date(2024, 12, 2)
# What a plan, a message, a payment or a score would change: tables of ours, of the ledger, customers and messages.
WATCHED = r"^(credit|account|res_partner|mail|ir_attachment)(_|$)"


@tagged("post_install", "-at_install")
class TestSimulation(CreditControlCommon):
    """A policy replayed on past days, worked out by hand.

    The policy in force: 10 days after due, the end of the month of due + 30, 10 days after that; 7 days between
    contacts. The policy tried: 5 days after due by mail, 15 days after that by phone.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._new_customer("Atelier Nord", phone="01 23 45 67 89")
        cls.invoice = cls._invoice(1000.0, "2024-12-01")
        cls.second_invoice = cls._invoice(400.0, "2024-12-10", partner=cls.other)
        cls.tried = cls._new_policy(
            {"name": "Early", "delay_days": 5},
            {
                "name": "Call",
                "delay_days": 15,
                "delay_basis": "previous",
                "channel_ids": [Command.set(cls.phone.ids)],
                "mode": "manual",
            },
            name="Tried",
            contact_interval_days=0,
        )

    def _simulate(self, date_from=FIRST, date_to=date(2025, 1, 31), user=None, **values):
        simulation = self.env["credit.simulation"].with_user(user or self.manager).with_company(self.company)
        simulation = simulation.create(
            {
                "policy_id": self.tried.id,
                "company_id": self.company.id,
                "date_from": date_from,
                "date_to": date_to,
                **values,
            }
        )
        simulation.action_run()
        return simulation

    def _told(self, simulation, variant="tried"):
        lines = simulation.line_ids.filtered(lambda line: line.variant == variant)
        return [(line.date, line.step_id.name, line.count, line.amount) for line in lines.sorted("date")]

    def test_each_day_by_hand(self):
        simulation = self._simulate()
        self.assertEqual(
            self._told(simulation),
            [
                (date(2024, 12, 6), "Early", 1, 1000.0),
                (date(2024, 12, 15), "Early", 1, 400.0),
                # The customer without a phone number is written to instead.
                (date(2024, 12, 21), "Call", 1, 1000.0),
                (date(2024, 12, 30), "Call", 1, 400.0),
            ],
        )
        self.assertEqual(
            self._told(simulation, "in_force"),
            [
                (date(2024, 12, 11), "First", 1, 1000.0),
                (date(2024, 12, 20), "First", 1, 400.0),
                # 1 and 10 December + 30 days: the end of December, and of January.
                (date(2024, 12, 31), "Second", 1, 1000.0),
                (date(2025, 1, 10), "Third", 1, 1000.0),
                (date(2025, 1, 31), "Second", 1, 400.0),
            ],
        )
        self.assertEqual((simulation.message_count, simulation.call_count), (3, 1))
        self.assertEqual((simulation.customer_count, simulation.refused_count), (2, 0))
        self.assertEqual(
            [
                (who.partner_id, who.message_count, who.call_count, who.count_in_force)
                for who in simulation.customer_ids
            ],
            [(self.customer, 2, 0, 3), (self.other, 1, 1, 2)],
        )
        self.assertIn("Early", simulation.summary)

    def test_what_was_paid_later_was_open_then(self):
        """Paid on 20 December: the mail of the 6th would have left, nothing after."""
        CreditScoreCommon._pay.__func__(type(self), self.invoice, date(2024, 12, 20))
        told = self._told(self._simulate(), "in_force")
        self.assertEqual([row[:2] for row in told if row[3] == 1000.0], [(date(2024, 12, 11), "First")])

    def test_what_was_sent_in_these_days_is_replaced_by_the_replay(self):
        before = self._told(self._simulate(), "in_force")
        self._run(date(2024, 12, 11))
        self.assertEqual(self._told(self._simulate(), "in_force"), before)

    def test_what_was_sent_before_them_counts(self):
        self._run(date(2024, 12, 11))
        told = self._told(self._simulate(date(2024, 12, 12)), "in_force")
        self.assertEqual([row[:2] for row in told if row[3] == 1000.0][0], (date(2024, 12, 31), "Second"))

    def test_a_pause_and_a_dispute_hold(self):
        self.env["credit.dunning.pause"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "reason": "Asked for a copy",
                "date_start": FIRST,
                "date_end": date(2024, 12, 9),
            }
        )
        told = self._told(self._simulate())
        self.assertIn((date(2024, 12, 10), "Early", 1, 1000.0), told)

    def test_the_first_day_equals_a_real_run(self):
        """A ledger of several situations: what the replay sends on its first day is what a run of that day plans."""
        day = date(2024, 12, 20)
        for number, (amount, late) in enumerate([(250.0, 12), (80.0, 40), (900.0, 3), (60.0, 75), (500.0, -4)]):
            partner = self._new_customer(f"Client {number}", email=False if number == 3 else f"c{number}@example.com")
            due = day - timedelta(days=late)
            self._invoice(amount, due, partner=partner, issued=due - timedelta(days=30))
            self._invoice(amount / 2, due - timedelta(days=35), partner=partner, issued=due - timedelta(days=65))
        self._invoice(5000.0, day - timedelta(days=20), partner=self.other, move_type="out_refund")
        held = self._hold_back(day)
        simulation = self._simulate(day, day)
        found = Counter()
        for line in simulation.line_ids.filtered(lambda line: line.variant == "in_force"):
            found[line.step_id, line.channel_id, line.amount] += line.count
        run = self._plan(day)
        planned = Counter()
        by_channel = run.notice_ids.grouped(lambda notice: (notice.step_id, notice.channel_id))
        for (step, channel), notices in by_channel.items():
            planned[step, channel, sum(notices.mapped("amount_total"))] += len(notices)
        self.assertTrue(planned)
        self.assertEqual(found, planned)
        self.assertEqual(
            {notice.partner_id: notice.amount_total for notice in run.notice_ids if notice.partner_id in held},
            {
                # 400 are disputed, and nothing else is held back in part.
                held[1]: 600.0,
            },
        )

    def _hold_back(self, day):
        """Return three customers who are late: one is paused, one disputes a part, one has promised to pay."""
        partners = self.env["res.partner"].concat(*(self._new_customer(f"Retenu {number}") for number in range(3)))
        lines = [
            self._receivable(self._invoice(1000.0, day - timedelta(days=12), partner=partner)) for partner in partners
        ]
        paused, disputing, promising = (
            {"partner_id": partner.id, "company_id": self.company.id} for partner in partners
        )
        self.env["credit.dunning.pause"].create(
            {**paused, "reason": "Asked for a copy", "date_start": day - timedelta(days=3), "date_end": day}
        )
        self.env["credit.dispute"].create(
            {
                **disputing,
                "reason_id": self.env["credit.dispute.reason"].search([], limit=1).id,
                "date": day - timedelta(days=5),
                "deadline": day + timedelta(days=5),
                "line_ids": [Command.create({"move_line_id": lines[1].id, "amount": 400.0})],
            }
        )
        self.env["credit.promise"].create(
            {
                **promising,
                "date": day + timedelta(days=5),
                "date_recorded": day - timedelta(days=4),
                "amount": 1000.0,
                "amount_left": 1000.0,
                "state": "open",
                "move_line_ids": [Command.set(lines[2].ids)],
            }
        )
        return partners

    def test_nothing_is_written_but_the_result(self):
        """Table by table, row by row: even the cards that the replay makes are gone."""
        self.env["credit.debtor"].search([("company_id", "=", self.company.id)]).unlink()
        self._invoice(250.0, "2024-11-15")
        before = self._read_tables()
        self.assertIn("credit_dunning_notice", before)
        simulation = self._simulate()
        self.assertTrue(simulation.line_ids)
        after = self._read_tables()
        changed = {name for name, rows in after.items() if rows != before[name]}
        self.assertEqual(changed, {"credit_simulation", "credit_simulation_customer", "credit_simulation_line"})

    def _read_tables(self):
        """Return ``{table: (number of its rows, sum of what they say)}``."""
        self.env.flush_all()
        names = self.env.execute_query(
            SQL("SELECT tablename FROM pg_tables WHERE schemaname = current_schema AND tablename ~ %s", WATCHED)
        )
        query = "SELECT COUNT(*), SUM(hashtextextended(whole_row::text, 0)) FROM %s whole_row"
        return {name: self.env.execute_query(SQL(query, SQL.identifier(name)))[0] for (name,) in names}

    def test_whom_no_channel_reaches_is_counted_once(self):
        nowhere = self._new_customer("Sans Adresse", email=False, street=False, zip=False, city=False)
        self._invoice(70.0, "2024-12-01", partner=nowhere)
        simulation = self._simulate(compare=False)
        self.assertEqual(simulation.refused_count, 1)
        self.assertNotIn(nowhere, simulation.customer_ids.partner_id)

    def test_run_again_replaces_the_result(self):
        simulation = self._simulate()
        before = self._told(simulation)
        simulation.action_run()
        self.assertEqual(self._told(simulation), before)

    def test_without_comparing(self):
        self.assertFalse(self._told(self._simulate(compare=False), "in_force"))

    def test_bad_input_is_refused(self):
        today = company_today(self.company)
        with self.assertRaisesRegex(ValidationError, "choose a day of the past"):
            self._simulate(date_to=today)
        with self.assertRaisesRegex(ValidationError, "days at most"):
            self._simulate(date_from=date(2020, 1, 1))
        self.tried.step_ids.unlink()
        with self.assertRaisesRegex(UserError, "no step yet"):
            self._simulate()

    def test_a_manager_tries_policies(self):
        with self.assertRaises(AccessError):
            self._simulate(user=self.collector)
        simulation = self._simulate()
        self.assertTrue(simulation.with_user(self.reader).summary)
        action = self.tried.with_user(self.manager).action_simulate()
        self.assertEqual(action["context"]["default_policy_id"], self.tried.id)
