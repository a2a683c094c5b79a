from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_every_report import EveryReportCommon


@tagged("post_install", "-at_install")
class TestReportParts(EveryReportCommon):
    """A portfolio, segment or collector looked at alone: its customers only, and the parts make up the whole."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.north, cls.south = cls.env["credit.portfolio"].create(
            [{"name": name, "company_id": cls.company.id} for name in ("North", "South")]
        )
        cls.other = cls._new_customer("Atelier Nord")
        long_ago = cls.today - timedelta(days=300)
        cls._invoice(111.0, long_ago, issued=long_ago, partner=cls.other)
        cls._debtor(cls).portfolio_id = cls.south
        cls._debtor(cls, cls.other).write(
            {"portfolio_id": cls.north.id, "manual_status": "lost", "manual_status_reason": "Closed down"}
        )

    def _asking(self):
        """Return the names of the reports that may be asked for a part of the customers."""
        found = []
        for name in self._names():
            questions = getattr(self._report(model=name), "_get_questions", tuple)()
            if any(question.name == "only" for question in questions):
                found.append(name)
        return found

    def _ask(self, name, portfolio=None):
        return {**self._values(name), **({"only": f"portfolio:{portfolio.id}"} if portfolio else {})}

    def test_who_may_be_asked(self):
        """All that are of customers, but the two papers for the tax office and the year's report, and the team's."""
        self.assertEqual(
            {name.removeprefix("credit.report.") for name in self._asking()},
            {"causes", "concentration", "indicators", "provision", "receipts", "risk.map", "strategy"},
        )

    def test_part_alone(self):
        for name in self._asking():
            values = self._ask(name, self.north)
            screen = self._report(model=name).get_screen(values)
            self.assertNotIn(self.secret, str(screen), name)
            self.assertIn("Portfolio: North", str(screen["notes"]), name)
            for table in screen["tables"]:
                for row in [*table["rows"], table["total"]]:
                    for column in table["columns"] if row else ():
                        with self.subTest(report=name, table=table["code"], column=column["code"]):
                            self._assert_other_only(name, values, table["code"], row["key"], column)

    def _assert_other_only(self, name, values, table, key, column):
        """Assert that a cell opens nothing of the customer who isn't asked for."""
        if column["opens"]:
            _answer, found = self._act(self._report(model=name), "action_open", (values, table, key, column["code"]))
            partners = found.partner_id if found and "partner_id" in found._fields else self.env["res.partner"]
            self.assertLessEqual(partners.commercial_partner_id, self.other)

    def test_parts_make_up_the_whole(self):
        for name in self._asking():
            whole, north, south = (self._get_sums(name, part) for part in (None, self.north, self.south))
            self.assertTrue(whole, name)
            for key, amount in whole.items():
                with self.subTest(report=name, figure=key):
                    self.assertAlmostEqual(north.get(key, 0.0) + south.get(key, 0.0), amount, 2)

    def _get_sums(self, name, portfolio):
        """Return ``{(table, column): total}`` of the amounts that are added up."""
        report = self._report(model=name)
        asked = report._read_asked(self._ask(name, portfolio))
        return {
            (table.code, column.code): cell or 0.0
            for table in report._get_report(asked).tables
            if table.total
            for column, cell in zip(table.columns, table.total.cells, strict=True)
            if column.kind == "amount" and not isinstance(cell, str)
        }

    def test_part_that_there_is_not(self):
        foreign = self.env["credit.portfolio"].create({"name": "Foreign", "company_id": self.foreign.id})
        for only in (f"portfolio:{foreign.id}", "portfolio:0", "country:1", "x", 5):
            for name in self._asking():
                with self.subTest(report=name, only=only), self.assertRaisesRegex(UserError, "Only"):
                    self._report(model=name).get_screen({**self._values(name), "only": only})
