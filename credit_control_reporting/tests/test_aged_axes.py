from datetime import date, timedelta

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.credit_control.tests.common import CreditControlCommon

DAY = date(2025, 6, 30)


@tagged("post_install", "-at_install")
class TestAgedAxes(CreditControlCommon):
    """Whatever the receivables are added up by, each figure opens exactly the items that it was added up from."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = cls._new_customer("Groupe Exemple")
        cls.middle = cls._new_customer("Holding Exemple", parent_id=cls.group.id)
        cls.other = cls._new_customer(
            "Atelier Nord", country_id=cls.env.ref("base.fr").id, parent_id=cls.middle.id, user_id=cls.collector.id
        )
        cls.other.category_id = cls.env["res.partner.category"].create([{"name": "A"}, {"name": "B"}])
        cls.plan = cls.env["account.analytic.plan"].create({"name": "Division"})
        cls.divisions = cls.env["account.analytic.account"].create(
            [{"name": name, "plan_id": cls.plan.id, "company_id": False} for name in ("Bread", "Cakes")]
        )
        cls.moves = {
            late: cls._invoice(amount, DAY - timedelta(days=late), issued=date(2025, 1, 1), partner=partner)
            for late, amount, partner in (
                (-20, 500.0, cls.customer),
                (0, 40.0, cls.other),
                (15, 1_000.0, cls.customer),
                (45, 250.0, cls.other),
                (100, 800.0, cls.other),
            )
        }
        cls.credit = cls._invoice(
            70.0, DAY - timedelta(days=5), issued=date(2025, 2, 1), partner=cls.other, move_type="out_refund"
        )
        bread, cakes = (str(division.id) for division in cls.divisions)
        cls.moves[45].invoice_line_ids.analytic_distribution = {bread: 60.0, cakes: 40.0}
        cls.moves[100].invoice_line_ids.analytic_distribution = {bread: 100.0}
        cls._dispute_and_qualify()

    @classmethod
    def _dispute_and_qualify(cls):
        cls.env["credit.debtor"]._ensure(cls.company, (cls.customer | cls.other).ids)
        cls.cause = cls.env["credit.delay.cause"].search([], limit=1)
        cls.env["credit.delay.cause.item"]._set_cause(cls._receivable(cls.moves[15]), cls.cause)
        cls.reason = cls.env["credit.dispute.reason"].search([], limit=1)
        cls.env["credit.dispute"].create(
            {
                "partner_id": cls.other.id,
                "company_id": cls.company.id,
                "reason_id": cls.reason.id,
                "date": date(2025, 6, 10),
                "line_ids": [Command.create({"move_line_id": cls._receivable(cls.moves[100]).id, "amount": 300.0})],
            }
        )

    def _balance(self):
        return self.env["credit.aged.balance"].with_user(self.reader).with_company(self.company)

    def _screen(self, *axes, **values):
        values = {"as_of": str(DAY), "axes": list(axes), "edges": "30/60/90", **values}
        return values, self._balance().get_screen(values)

    def _items(self, values, keys, column):
        action = self._balance().action_open(values, keys, column)
        items = self.env["credit.open.item"].with_user(self.reader).with_context(**action["context"])
        return items.with_company(self.company).search(action["domain"])

    def _add_up(self, items, column):
        return round(sum(items.mapped(AMOUNTS.get(column, "amount_residual"))), 2)

    def test_every_figure_of_every_axis_opens_what_it_is_made_of(self):
        for axis in self._balance()._get_axes():
            values, screen = self._screen(axis)
            self.assertEqual(screen["total"]["amounts"][0], 2_520.0, axis)
            for line in [*screen["lines"], {**screen["total"], "keys": []}]:
                keys = line.get("keys", [line["key"]])
                for column, amount in zip(screen["columns"], line["amounts"], strict=True):
                    if axis != "customer" and column["code"] != "total":
                        # Columns don't depend on the axis: all of one are enough.
                        continue
                    with self.subTest(axis=axis, line=line["label"], column=column["code"]):
                        self.assertEqual(
                            self._add_up(self._items(values, keys, column["code"]), column["code"]), amount
                        )

    def test_figures_of_one_axis_in_another(self):
        values, screen = self._screen("country", "customer", only_overdue=True)
        self.assertEqual(screen["total"]["amounts"][:2], [1_980.0, 0.0])
        for line in screen["lines"]:
            for part in self._balance().get_lines(values, [line["key"]]):
                items = self._items(values, [line["key"], part["key"]], "total")
                self.assertEqual((items.partner_id.id, self._add_up(items, "total")), (part["key"], part["amounts"][0]))
                self.assertTrue(all(item.days_overdue > 0 for item in items))

    def _totals(self, axis):
        return {line["label"]: line["amounts"][0] for line in self._screen(axis)[1]["lines"]}

    def test_axes_by_hand(self):
        """500 + 1 000 of one customer; 40 + 250 + 800 − 70 of the other, two companies below its group."""
        self.assertEqual(self._totals("group"), {"Groupe Exemple": 1_020.0, "Boulangerie Exemple": 1_500.0})
        self.assertEqual(self._totals("salesperson")[self.collector.name], 1_020.0)
        self.assertEqual(self._totals("tag"), {"A, B": 1_020.0, "(none)": 1_500.0})
        self.assertEqual(
            self._totals(f"analytic_{self.plan.id}"), {"Bread, Cakes": 250.0, "Bread": 800.0, "(none)": 1_470.0}
        )
        # What is disputed tells its cause, too.
        self.assertEqual(self._totals("reason"), {self.reason.name: 800.0, "(none)": 1_720.0})
        self.assertEqual(self._totals("cause")[self.cause.name], 1_000.0 + 800.0 * (self.reason.cause_id == self.cause))
        self.assertEqual(sum(self._totals("status").values()), 2_520.0)
        self.assertEqual(self._totals("status")["Disputed"], 1_020.0)

    def test_last_reminder_is_that_of_the_day(self):
        run = self._run("2025-06-28")
        self.assertIn("First", run.notice_ids.step_id.mapped("name"))
        self.assertNotEqual(self._totals("level"), {"(none)": 2_520.0})
        early = self._screen("level", as_of="2025-06-27")[1]
        self.assertEqual([line["label"] for line in early["lines"]], ["(none)"])

    def test_status_and_cause_beside_a_line(self):
        screen = self._screen("customer", details=True)[1]
        self.assertEqual(screen["details"], ["Status", "Last reminder", "Cause of delay"])
        details = {line["label"]: line["details"] for line in screen["lines"]}
        self.assertEqual(details["Boulangerie Exemple"], ["Overdue", "", self.cause.name])
        self.assertEqual(details[self.other.display_name][0], "Disputed")
        balance = self._balance()
        values = {"as_of": str(DAY), "axes": ["country", "customer"], "details": True}
        options = balance._read_options(values)
        rows = list(balance._prepare_sheet(options, balance._get_report(options)).rows)
        self.assertIn(("Overdue", "", self.cause.name), [details for _labels, details, _figures in rows])
        line = balance.get_screen(values)["lines"][0]
        parts = balance.get_lines(values, [line["key"]])
        self.assertEqual(parts[0]["details"], details[parts[0]["label"]])

    def test_dso_behind_a_line(self):
        """Nothing was sold since January: 150 days. Then of its 31: 1 500 of 1 500, 1 020 of 1 090, 2 520 of 2 590."""
        values, screen = self._screen("group", "customer", dso=True)
        self.assertEqual(screen["tail"], ["DSO"])
        self.assertEqual(
            {line["label"]: line["details"] for line in screen["lines"]},
            {"Boulangerie Exemple": [181], "Groupe Exemple": [179]},
        )
        self.assertEqual(screen["total"]["details"], [180])
        [part] = self._balance().get_lines(values, [self.group.id])
        self.assertEqual((part["key"], part["details"]), (self.other.id, [179]))
        sheet = self._sheet(values)
        self.assertEqual({labels[0]: details for labels, details, _figures in sheet.rows}["Groupe Exemple"], (179,))
        self.assertEqual(sheet.total_tail, (180,))

    def _sheet(self, values):
        options = self._balance()._read_options(values)
        return self._balance()._prepare_sheet(options, self._balance()._get_report(options))

    def test_dso_beside_status_and_by_what_has_no_sales(self):
        values, screen = self._screen("customer", dso=True, details=True)
        details = {line["label"]: line["details"] for line in screen["lines"]}
        self.assertEqual(details["Boulangerie Exemple"], ["Overdue", "", self.cause.name, 181])
        self.assertEqual(screen["total"]["details"], ["", "", "", 180])
        values = self._screen("journal", "customer", dso=True)[0]
        self.assertEqual({details for _labels, details, _figures in self._sheet(values).rows}, {(None,)})

    def test_figures_that_there_are_not(self):
        for cell in ("nothing", "[]", '["x"]', '[[], [], ""]'):
            with self.subTest(cell=cell), self.assertRaisesRegex(UserError, "figure of the aged balance"):
                self.env["credit.open.item"].with_user(self.reader).search([("aged_cell", "=", cell)])
        with self.assertRaisesRegex(UserError, "astrology"):
            self._items({"as_of": str(DAY)}, [], "astrology")


AMOUNTS = {"disputed": "amount_disputed", "promised": "amount_promised"}
