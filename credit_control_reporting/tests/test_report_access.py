import io
import json
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlencode

from openpyxl import load_workbook

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..models import credit_kpi_snapshot
from .common_every_report import ADDON, EveryReportCommon


@tagged("post_install", "-at_install")
class TestReportAccess(EveryReportCommon):
    """All reports: readers only, each in the companies of their own."""

    def test_there_is_something_to_be_seen(self):
        """Else the others would prove nothing."""
        acted = {name: self._act_all(name, self.reader) for name in self._names()}
        shown = [name for name, answers in acted.items() if self.secret in str(answers)]
        # Those that name no customer: strategy, team, causes, late terms; the map and the VAT wait for others' facts.
        self.assertGreaterEqual(len(shown), 5, shown)
        opened = [name for name, answers in acted.items() if any(found for _answer, found in answers)]
        self.assertGreaterEqual(len(opened), 7, opened)

    def _act_all(self, name, user):
        report = self._report(user, name)
        return [self._act(report, *call) for call in self._calls(name)]

    def test_others_than_readers_see_none(self):
        for user in (self._new_user("salesperson"), self._new_user("dispute_owner")):
            for name in self._names():
                report = self._report(user, name)
                for method, args in self._calls(name):
                    with self.subTest(user=user.login, call=(name, method)), self.assertRaises(AccessError):
                        getattr(report, method)(*args)

    def test_reader_of_another_company_sees_and_opens_nothing_of_ours(self):
        """Keys of rows come back from the screen: those of our customers are foreign there."""
        for name in self._names():
            report = self.env[name].with_user(self.stranger)
            for method, args in self._calls(name):
                with self.subTest(call=(name, method, args)):
                    answer, found = self._act(report, method, args)
                    self.assertNotIn(self.secret, str(answer))
                    self.assertNotIn("777", str(answer).replace(" ", ""))
                    self.assertFalse(self._get_ours(found))

    def _get_ours(self, found):
        """Return those of some records that are of our company, or of our customer."""
        return [
            record
            for record in (found.sudo() if found else ())
            if ("company_id" in record and record["company_id"] == self.company)
            or ("partner_id" in record and record["partner_id"] == self.customer)
        ]

    def test_nor_by_a_company_switcher_that_names_ours(self):
        for name in self._names():
            both = [self.foreign.id, self.company.id]
            report = self.env[name].with_user(self.stranger).with_context(allowed_company_ids=both)
            for method, args in self._calls(name):
                if method == "action_schedule":
                    # It hands over what was chosen; who makes a schedule of it is asked then.
                    continue
                with self.subTest(call=(name, method)), self.assertRaises(AccessError):
                    getattr(report, method)(*args)

    def test_two_currencies_are_told(self):
        other = self.env["res.company"].create({"name": "Other currency", "currency_id": self.env.ref("base.CHF").id})
        self.reader.company_ids += other
        for name in self._names():
            report = self._report(model=name).with_context(allowed_company_ids=[self.company.id, other.id])
            for method in {"get_screen", "get_figures"} & {*self._public(name)}:
                for args in getattr(self, f"_ask_{method}")(name):
                    with self.subTest(report=name), self.assertRaisesRegex(UserError, "Other currency"):
                        getattr(report, method)(*args)

    def test_all_of_it_runs_on_a_read_only_cursor(self):
        """So that a replica can serve it: screens, drill-down and files."""
        for name in self._names():
            calls = self._calls(name)
            for method in self._public(name):
                self.assertTrue(getattr(type(self.env[name]), method)._readonly, (name, method))
            report = self._report(model=name)
            self.env.flush_all()
            with self.subTest(report=name), self.env.cr.savepoint():
                self.env.cr.execute("SET TRANSACTION READ ONLY")
                for method, args in calls:
                    self._act(report, method, args)
                for kind in report._get_report_kinds():
                    report._render_report(self._values(name), kind)

    def test_every_report_has_its_screen_and_its_place_in_the_menu(self):
        shown = self._get_menus().mapped("action")
        for name in self._names():
            with self.subTest(report=name):
                self.assertIn(self._get_action(name), shown)

    def test_accountants_find_those_of_closing_in_invoicing(self):
        """Under Invoicing ▸ Reporting ▸ Partner Reports."""
        parent = self.env.ref("account.account_reports_partners_reports_menu")
        self.reader.group_ids += self.env.ref("account.group_account_invoice")
        shown = self._get_menus().filtered(lambda menu: menu.parent_id == parent).mapped("action")
        names = {name for name in self._names() if self._get_action(name) in shown}
        self.assertLessEqual(
            {
                "credit.aged.balance",
                "credit.report.provision",
                "credit.report.bad.debt.vat",
                "credit.report.late.terms",
            },
            names,
        )

    def _get_menus(self):
        """Return the menus that the reader sees."""
        menus = self.env["ir.ui.menu"].with_user(self.reader)
        return menus.browse(menus._visible_menu_ids()).sudo()

    def _get_action(self, name):
        return self.env.ref(self._report(model=name)._get_report_action())


@tagged("post_install", "-at_install")
class TestReportRecords(EveryReportCommon):
    """What the addon keeps: each record is of a company, and seen by its readers only."""

    def _models(self):
        """Return the names of this addon's own models that have records."""
        return sorted(
            name
            for name, model in self.registry.items()
            if model._original_module == ADDON and not model._abstract and not issubclass(model, models.TransientModel)
        )

    def _fill(self):
        """Have a record of our company in every model."""
        snapshots = self.env["credit.kpi.snapshot"]
        last = self.today.replace(day=1) - timedelta(days=1)
        snapshots._take(self.company, last)
        self._invoice(33.0, last, issued=last)
        with patch.object(credit_kpi_snapshot, "company_today", lambda _records: self.today):
            snapshots._rebuild(self.company)
        self.env["credit.kpi.target"].create({"company_id": self.company.id, "value": 40.0})
        self.env["credit.provision.rule"].create({"company_id": self.company.id, "days": 5, "rate": 10})
        self.env["credit.report.schedule"].with_context(allowed_company_ids=self.company.ids).create(
            {"name": self.secret, "report": "credit.aged.balance", "recipient_ids": [Command.set(self.manager.ids)]}
        )

    def test_companies_are_apart(self):
        self._fill()
        self.stranger.group_ids += self.env.ref("base.group_allow_export")
        asked = {
            "kpi_kind": "sale",
            "kpi_from": (self.today - timedelta(days=500)).isoformat(),
            "kpi_until": self.today.isoformat(),
        }
        for name in self._models():
            records = self.env[name].with_context(**asked)
            ours = records.with_user(self.manager).with_context(allowed_company_ids=self.company.ids)
            with self.subTest(model=name):
                self.assertIn("company_id", records._fields)
                self.assertTrue(ours.search([("company_id", "=", self.company.id)]))
                theirs = records.with_user(self.stranger)
                self.assertFalse(theirs.search([("company_id", "!=", False)]))
                # Nor added up by a pivot, nor taken along by an export.
                self.assertNotIn(self.company, [found[0] for found in theirs._read_group([], ["company_id"])])
                with self.assertRaises(UserError):
                    theirs.browse(ours.search([("company_id", "=", self.company.id)], limit=1).ids).export_data(
                        ["company_id/name"]
                    )
                # Nor by a company switcher that names a company which isn't theirs.
                with self.assertRaises(AccessError):
                    theirs.with_context(allowed_company_ids=self.company.ids).search([]).mapped("display_name")


@tagged("post_install", "-at_install")
class TestReportFiles(EveryReportCommon, HttpCase):
    """Every report as every file that it is made as, over the wire."""

    def _download(self, name, kind, company_ids=""):
        query = urlencode({"options": json.dumps(self._values(name)), "company_ids": company_ids})
        return self.url_open(f"/credit_control/report/{name}.{kind}?{query}")

    def _read(self, response, kind):
        """Return the words of a file. A PDF is the page that it would be printed from, in tests."""
        self.assertEqual(response.status_code, 200, response.text[:500])
        if kind == "pdf":
            return response.text.replace("&#39;", "'")
        book = load_workbook(io.BytesIO(response.content), data_only=True)
        return " ".join(
            str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value
        )

    def _files(self):
        return [(name, kind) for name in self._names() for kind in self.env[name]._get_report_kinds()]

    def test_every_file_is_made_and_says_what_it_is(self):
        self.authenticate("credit_reader", "credit_reader")
        naming = set()
        for name, kind in self._files():
            with self.subTest(report=name, kind=kind):
                text = self._read(self._download(name, kind), kind)
                title = self.env[name]._get_report_title()
                self.assertIn(title.replace("&", "&amp;") if kind == "pdf" else title, text)
                naming |= {(name, kind)} if self.secret in text else set()
        self.assertGreaterEqual(len(naming), 6, naming)

    def test_foreign_companies_are_left_out(self):
        self.authenticate(self.stranger.login, self.stranger.login)
        for name, kind in self._files():
            for company_ids in (f"{self.company.id}", f"{self.foreign.id},{self.company.id}"):
                with self.subTest(report=name, kind=kind, company_ids=company_ids):
                    text = self._read(self._download(name, kind, company_ids), kind)
                    self.assertNotIn(self.secret, text)
                    self.assertNotIn("777", text)
                    self.assertNotIn(self.company.name, text)

    @mute_logger("odoo.http")
    def test_others_than_readers_get_none(self):
        self._new_user("salesperson")
        self.authenticate("credit_salesperson", "credit_salesperson")
        for name, kind in self._files():
            with self.subTest(report=name, kind=kind):
                self.assertEqual(self._download(name, kind).status_code, 403)
