import tempfile
from datetime import date, datetime, timedelta

from lxml import html
from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.credit_control.tests.common import CreditControlCommon

from ..models.credit_aged_balance import Options
from ..report.aged_balance_xlsx import HEADER_ROW, write_workbook
from .common_ledger import LedgerCommon

DAY = date(2025, 6, 30)
# Not due yet, and one to five steps of 30 days late.
STEPS = (500, 1_000, 2_000, 4_000, 8_000, 160_000)


@tagged("post_install", "-at_install")
class TestAgedBalance(LedgerCommon):
    """The aged balance as the reader sees it: it ties to the ledger, and its columns add up."""

    def _report(self, day=DAY, user=None, **options):
        balance = self.env["credit.aged.balance"].with_user(user or self.reader).with_company(self.company)
        return balance._get_report(Options(day, (self.company.id,), **options))

    def test_each_amount_in_its_column(self):
        """On the last day of each step of 30 days, and on the first: exactly these, in every form of the report."""
        first_days = self._new_customer("Atelier Nord")
        for steps, partner in (((0, 30, 60, 90, 120, 150), self.customer), ((-1, 1, 31, 61, 91, 121), first_days)):
            for amount, late in zip(STEPS, steps, strict=True):
                self._invoice(amount, DAY - timedelta(days=late), issued=date(2025, 1, 1), partner=partner)
            report = self._report(edges=(30, 60, 90, 120), partner_ids=(partner.id,))
            self.assertEqual(report.figures.buckets, STEPS)
            self.assertEqual(report.figures.total, 175_500)
        for name, amounts in self._read_every_form({"as_of": str(DAY), "edges": "30/60/90/120"}):
            with self.subTest(form=name):
                row, total = [175_500, *STEPS, 0, 0, 0], [351_000, *(2 * step for step in STEPS), 0, 0, 0]
                self.assertEqual(amounts, [row, row, total])

    def _read_every_form(self, values):
        """Yield (form, amounts of its rows, the total last) of the screen, the workbook and the page."""
        balance = self.env["credit.aged.balance"].with_user(self.reader).with_company(self.company)
        screen = balance.get_screen(values)
        yield "screen", [line["amounts"] for line in (*screen["lines"], screen["total"])]
        with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
            file.write(balance._render_report(values, "xlsx").content)
            file.flush()
            rows = load_workbook(file.name, data_only=True).active.iter_rows(min_row=HEADER_ROW + 2, values_only=True)
            yield "workbook", [[amount or 0 for amount in row[1:]] for row in rows]
        page = html.fromstring(balance._render_report(values, "pdf").content)
        rows = [[cell.text_content().strip() for cell in row.iter("td")][1:] for row in page.xpath("//tbody/tr")]
        yield "page", [[float(text.replace(",", "").replace("–", "0")) for text in row] for row in rows]

    def test_ties_to_the_ledger_on_every_day(self):
        """Part payment, credit note, instalments, another currency."""
        other = self._sell_in_many_ways()
        days = [date(2025, 1, 15) + timedelta(days=5 * step) for step in range(40)]
        for day in days:
            with self.subTest(day=day):
                self.assertEqual(self._report(day).figures.total, self._get_booked(day))
        # 1 000 on 9 March, 600 from the 10th on, although all of it is paid by now.
        before, after = (self._report(date(2025, 3, day), partner_ids=(other.id,)) for day in (9, 10))
        self.assertEqual((before.figures.buckets[1], after.figures.buckets[1]), (1_000.0, 600.0))

    def test_any_edges_add_up(self):
        for late in (-10, 1, 7, 8, 45, 400):
            self._invoice(100.0, DAY - timedelta(days=late), issued=date(2024, 1, 1))
        for edges in ((7,), (30, 60, 90), (1, 2, 3, 4, 5), (365,)):
            with self.subTest(edges=edges):
                self.assertEqual(sum(self._report(edges=edges).figures.buckets), 600.0)

    def test_equal_lines_of_one_entry_count_each(self):
        account = self.company_data["default_account_receivable"]
        other = self.company_data["default_account_revenue"]
        line = {"account_id": account.id, "partner_id": self.customer.id, "debit": 50.0, "date_maturity": DAY}
        entry = self.env["account.move"].create(
            {
                "date": date(2025, 6, 1),
                "line_ids": [
                    Command.create(line),
                    Command.create(line),
                    Command.create({"account_id": other.id, "credit": 100.0}),
                ],
            }
        )
        entry.action_post()
        self.assertEqual(self._report().figures.total, 100.0)
        balance = self.env["credit.aged.balance"].with_user(self.reader).with_company(self.company)
        self.assertEqual(len(balance._query_item_ids(Options(DAY, (self.company.id,)), (self.customer.id,))), 2)

    def test_accounts_that_are_not_of_trade_are_told(self):
        """They are receivable accounts, so the total counts them; the dashboard doesn't, and both say so."""
        self._invoice(1_000.0, date(2025, 6, 1), issued=date(2025, 5, 1))
        staff = self.company_data["default_account_receivable"].copy({"name": "Advances", "non_trade": True})
        line = {"partner_id": self.customer.id, "date_maturity": date(2025, 6, 1)}
        entry = self.env["account.move"].create(
            {
                "date": date(2025, 6, 1),
                "line_ids": [
                    Command.create({**line, "account_id": staff.id, "debit": 250.0}),
                    Command.create({"account_id": self.company_data["default_account_revenue"].id, "credit": 250.0}),
                ],
            }
        )
        entry.action_post()
        balance = self.env["credit.aged.balance"].with_user(self.reader).with_company(self.company)
        screen = balance.get_screen({"as_of": str(DAY)})
        self.assertEqual((screen["ledger"]["amount"], screen["ledger"]["ties"]), (1_250.0, True))
        self.assertRegex(screen["ledger"]["note"], r"250\.00\D* on accounts that aren't of trade")
        page = balance._render_report({"as_of": str(DAY)}, "pdf").content
        self.assertRegex(html.fromstring(page).text_content(), r"250\.00\D* on accounts that aren't of trade")
        tiles = self.env["credit.report.dashboard"].with_user(self.reader).with_company(self.company).get_figures()
        [tile] = [tile for tile in tiles["tiles"] if tile["code"] == "open"]
        self.assertEqual(tile["value"], 1_000.0)
        self.assertIn("250.00", tile["note"])

    def test_parts_beside_the_total(self):
        move = self._invoice(1_000.0, date(2025, 6, 1), issued=date(2025, 5, 1))
        self._invoice(150.0, date(2025, 6, 1), issued=date(2025, 5, 1), move_type="out_refund")
        self.env["credit.dispute"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "reason_id": self.env["credit.dispute.reason"].search([], limit=1).id,
                "date": date(2025, 6, 10),
                "line_ids": [Command.create({"move_line_id": self._receivable(move).id, "amount": 400.0})],
            }
        )
        figures = self._report().figures
        self.assertEqual((figures.total, figures.disputed, figures.unallocated), (850.0, 400.0, -150.0))

    def test_two_axes(self):
        north = self.env["credit.portfolio"].create({"name": "North", "company_id": self.company.id})
        other = self._new_customer("Atelier Nord")
        self._invoice(100.0, date(2025, 6, 1))
        self._invoice(70.0, date(2025, 6, 1), partner=other)
        self.env["credit.debtor"]._ensure(self.company, (self.customer | other).ids)
        other.with_company(self.company).credit_debtor_id.portfolio_id = north
        report = self._report(axes=("portfolio", "customer"))
        found = {line.key: [(part.key, part.figures.total) for part in line.lines] for line in report.lines}
        self.assertEqual(found, {None: [(self.customer.id, 100.0)], north.id: [(other.id, 70.0)]})

    def test_several_tags_count_once(self):
        tags = self.env["res.partner.category"].create([{"name": "A"}, {"name": "B"}])
        self.customer.category_id = tags
        self._invoice(100.0, date(2025, 6, 1))
        report = self._report(axes=("tag",))
        self.assertEqual(
            [(line.key, line.figures.total) for line in report.lines], [(f"{tags[0].id},{tags[1].id}", 100.0)]
        )

    def test_who_may_read_what(self):
        nobody = new_test_user(self.env, "credit_nobody", groups="base.group_user", company_id=self.company.id)
        salesperson = self._new_user("salesperson")
        for user in (nobody, salesperson):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._report(user=user)
        foreign = self.env["res.company"].create({"name": "Other company"})
        balance = self.env["credit.aged.balance"].with_user(self.reader)
        with self.assertRaisesRegex(UserError, "logged in"):
            balance._get_report(Options(DAY, (self.company.id, foreign.id)))
        with self.assertRaisesRegex(UserError, "astrology"):
            self._report(axes=("astrology",))


@tagged("post_install", "-at_install")
class TestAgedBalanceForms(CreditControlCommon):
    """Screen, workbook and PDF say the same, in the companies and words of who looks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hostile = cls._new_customer('=HYPERLINK("http://example.com";"<b>Café</b>")')
        cls._invoice(1_000.0, date(2025, 6, 1), issued=date(2025, 5, 1))
        cls._invoice(250.0, date(2025, 1, 31), issued=date(2025, 1, 1), partner=cls.hostile)
        cls._invoice(50.0, date(2025, 7, 31), issued=date(2025, 6, 1), partner=cls.hostile, move_type="out_refund")
        cls.values = {"as_of": "2025-06-30", "axes": ["customer"]}

    def _balance(self, user=None):
        return self.env["credit.aged.balance"].with_user(user or self.reader).with_company(self.company)

    def test_screen(self):
        screen = self._balance().get_screen(self.values)
        self.assertEqual((screen["ledger"]["amount"], screen["ledger"]["ties"]), (1_200.0, True))
        self.assertIn("equals the receivable accounts", screen["ledger"]["note"])
        headings = [column["label"] for column in screen["columns"]]
        self.assertEqual(headings[:5], ["Total", "Not due", "1–30 days", "31–60 days", "61–90 days"])
        self.assertEqual(headings[5:], ["Over 90 days", "Disputed", "Promised", "Unallocated"])
        self.assertEqual(screen["total"]["amounts"], [1_200.0, -50.0, 1_000.0, 0.0, 0.0, 250.0, 0.0, 0.0, -50.0])
        self.assertEqual(
            [line["label"] for line in screen["lines"]], ["Boulangerie Exemple", self.hostile.display_name]
        )
        self.assertEqual(len(screen["columns"]), len(screen["total"]["amounts"]))
        self.assertEqual(screen["count"], 2)

    def test_line_unfolds_and_opens_what_it_is_made_of(self):
        values = {**self.values, "axes": ["company", "customer"]}
        balance = self._balance()
        [line] = balance.get_screen(values)["lines"]
        parts = balance.get_lines(values, [line["key"]])
        self.assertEqual(sum(part["amounts"][0] for part in parts), line["amounts"][0])
        action = balance.action_open(values, [line["key"], self.hostile.id])
        items = self.env["credit.open.item"].with_context(**action["context"]).search(action["domain"])
        self.assertEqual((items.partner_id, sum(items.mapped("amount_residual"))), (self.hostile, 200.0))

    def test_line_opens_its_customers(self):
        """Their cards: there, actions are planned and policies assigned."""
        self.env["credit.debtor"]._ensure(self.company, (self.customer | self.hostile).ids)
        values = {**self.values, "axes": ["company", "customer"]}
        for keys, customers in (
            ([self.company.id], self.customer | self.hostile),
            ([self.company.id, self.hostile.id], self.hostile),
        ):
            action = self._balance().action_open_customers(values, keys)
            debtors = self.env[action["res_model"]].with_user(self.reader).search(action["domain"])
            self.assertEqual(debtors.partner_id, customers)

    def test_only_overdue(self):
        screen = self._balance().get_screen({**self.values, "only_overdue": True})
        self.assertEqual((screen["total"]["amounts"][0], screen["ledger"]), (1_250.0, False))

    def test_bad_options_are_named(self):
        for values, words in (
            ({"as_of": "31/06/2025"}, "31/06/2025"),
            ({"edges": "90/30"}, "90/30"),
            ({"edges": "thirty"}, "thirty"),
            ({"axes": ["customer; DROP TABLE"]}, "DROP TABLE"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, words):
                self._balance().get_screen(values)

    def test_workbook_says_the_same(self):
        balance = self._balance()
        options = balance._read_options({**self.values, "axes": ["company", "customer"]})
        with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
            write_workbook(file.name, balance._prepare_sheet(options, balance._get_report(options)))
            formulas = load_workbook(file.name).active
            values = load_workbook(file.name, data_only=True).active
        self.assertEqual(values["A2"].value, datetime(2025, 6, 30))
        rows = [[cell.value for cell in row] for row in values.iter_rows(min_row=6)]
        self.assertEqual(
            [row[1:3] for row in rows],
            [["Boulangerie Exemple", 1_000], [self.hostile.display_name, 200], [None, 1_200]],
        )
        self.assertEqual(formulas["B7"].data_type, "s")
        self.assertEqual(formulas["C8"].value, "=SUBTOTAL(109,C6:C7)")
        self.assertEqual((values.freeze_panes, values.auto_filter.ref), ("C6", "A5:K7"))

    def test_page(self):
        report = self.env["ir.actions.report"].with_user(self.reader).with_company(self.company)
        name = "credit_control_reporting.action_report_aged_balance"
        page = report._render_qweb_html(name, self.company.ids, data={"options": self.values})[0].decode()
        text = html.fromstring(page).text_content()
        self.assertIn("1,200.00", text)
        self.assertIn("<b>Café</b>", text)

    def test_nothing_open(self):
        screen = self._balance().get_screen({"as_of": "2020-01-01"})
        self.assertEqual((screen["count"], screen["total"]["amounts"][0]), (0, 0.0))
        options = self._balance()._read_options({"as_of": "2020-01-01"})
        with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
            write_workbook(file.name, self._balance()._prepare_sheet(options, self._balance()._get_report(options)))
            self.assertEqual(load_workbook(file.name, data_only=True).active["B7"].value, 0)
