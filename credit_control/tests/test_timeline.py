from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common_score import CreditScoreCommon


@tagged("post_install", "-at_install")
class TestTimeline(CreditScoreCommon):
    """Everything that happened with a customer, in one order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._invoice(1000.0, "2024-11-01", issued=date(2024, 10, 1))
        cls._pay(cls.invoice, date(2024, 11, 20), amount=300.0)
        cls.card = cls._get_debtor()
        line = cls._receivable(cls.invoice)
        common = {"partner_id": cls.customer.id, "company_id": cls.company.id}
        cls.env["credit.promise"].create(
            {
                **common,
                "date": date(2024, 12, 5),
                "date_recorded": date(2024, 11, 25),
                "amount": 200.0,
                "amount_left": 200.0,
                "state": "broken",
                "broken_on": date(2024, 12, 9),
                "move_line_ids": [Command.set(line.ids)],
            }
        )
        cls.env["credit.dispute"].create(
            {
                **common,
                "reason_id": cls.env["credit.dispute.reason"].search([], limit=1).id,
                "date": date(2024, 12, 12),
                "deadline": date(2024, 12, 30),
                "line_ids": [Command.create({"move_line_id": line.id, "amount": 100.0})],
            }
        )
        cls.env["credit.dunning.pause"].create(
            {**common, "reason": "<b>Asked</b>", "date_start": date(2024, 12, 14), "date_end": date(2024, 12, 15)}
        )

    def _read(self, user=None, **values):
        card = self.card.with_user(user or self.collector).with_company(self.company)
        return card.action_read_timeline(**values)

    def test_one_order(self):
        self._run(date(2024, 12, 20))
        rows = self._read()["rows"]
        self.assertEqual(
            [row["kind"] for row in rows],
            ["message", "pause", "dispute", "promise", "promise", "payment", "invoice"],
        )
        self.assertEqual(rows[1]["detail"], "<b>Asked</b>", "text stays text")
        self.assertEqual(rows[3]["title"], "Promise: Broken")
        self.assertIn("300", rows[5]["amount"])

    def test_filters(self):
        self.assertEqual({row["kind"] for row in self._read(kinds=["payment", "pause"])["rows"]}, {"payment", "pause"})
        self.assertEqual(self._read(kinds=["x; DROP TABLE credit_debtor"])["rows"], [])

    def test_pages(self):
        for number in range(45):
            self._invoice(10.0, "2024-11-01", issued=date(2024, 1, 1) + timedelta(days=number))
        first = self._read(kinds=["invoice"])
        self.assertEqual((len(first["rows"]), first["has_more"]), (40, True))
        rest = self._read(kinds=["invoice"], offset=40)
        self.assertEqual((len(rest["rows"]), rest["has_more"]), (6, False))

    def test_other_people_s_customers_are_not_read(self):
        salesperson = self._new_user("salesperson")
        with self.assertRaises(AccessError):
            self._read(salesperson)
        self.customer.user_id = salesperson
        self.assertTrue(self._read(salesperson)["rows"])
