import re
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import lxml.html
from markupsafe import Markup

from odoo import SUPERUSER_ID
from odoo.tests import HttpCase, tagged

from odoo.addons.base.models.ir_actions_report import _wkhtml

from ..core import print_style
from ..models import ir_actions_report
from ..models.credit_dunning_message_letter import LETTER_REPORT
from .common import CreditControlCommon
from .test_notice_text import NoticeTextCommon

SHEET = "/web/assets/1234567/test.autoprefixed.min.css"
PRINTER = "odoo.addons.base.models.ir_actions_report._run_wkhtmltopdf"


@tagged("post_install", "-at_install")
class TestPrintStyle(CreditControlCommon):
    """What the printer is handed: of style sheets what the pages use, of the same headers one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sheet = (
            cls.env["ir.attachment"]
            .with_user(SUPERUSER_ID)
            .create(
                {
                    "name": "test.min.css",
                    "url": SHEET,
                    "mimetype": "text/css",
                    "raw": b".page{top: 0}.header{top: 1px}.modal{top: 2px}",
                    "public": True,
                    "res_model": "ir.ui.view",
                    "res_id": 0,
                }
            )
        )

    def _page(self, body, href=SHEET):
        return Markup('<html><head><link type="text/css" rel="stylesheet" href="%s"/></head><body>%s</body></html>') % (
            href,
            body,
        )

    def _print(self, *pages, report=LETTER_REPORT, header=None):
        """Return the texts of the files that the printer is handed."""
        handed = []

        def printer(arguments):
            handed.extend(Path(path).read_text() for path in arguments[:-1] if path.endswith(".html"))
            Path(arguments[-1]).write_bytes(b"%PDF-")
            return SimpleNamespace(returncode=0, stderr="")

        with patch(PRINTER, printer):
            self.env["ir.actions.report"]._run_wkhtmltopdf(pages, report, header=header)
        return handed

    def test_ours_is_printed_with_the_rules_that_it_uses(self):
        page, header = Markup('<div class="page"/>'), Markup('<div class="header"/>')
        printed_header, *printed = self._print(self._page(page), self._page(page), header=self._page(header))
        style = "<style>.page{top: 0}.header{top: 1px}</style>"
        for text in (printed_header, *printed):
            self.assertIn(style, text)
            self.assertNotIn("stylesheet", text)
        self.assertEqual(len(printed), 2)

    def test_what_is_not_ours_is_left_alone(self):
        page = self._page(Markup('<div class="page"/>'))
        self.assertEqual(self._print(page, report="account.report_invoice"), [page])

    def test_a_sheet_that_is_not_made_yet_is_left_to_the_printer(self):
        page = self._page(Markup('<div class="page"/>'), href="/web/assets/7654321/other.min.css")
        self.assertEqual(self._print(page), [page])

    def test_a_sheet_that_somebody_put_there_is_not_taken(self):
        self.env.cr.execute("UPDATE ir_attachment SET create_uid = %s WHERE id = %s", [self.manager.id, self.sheet.id])
        page = self._page(Markup('<div class="page"/>'))
        self.assertEqual(self._print(page), [page])

    def test_a_style_cannot_end_its_element(self):
        self.sheet.raw = b'.page::after{content: "</style><script>alert(1)</script>"}'
        [printed] = self._print(self._page(Markup('<div class="page"/>')))
        self.assertNotIn("</style><script>", printed)
        self.assertIn(r'content: "<\/style><script>alert(1)<\/script>"', printed)

    def test_the_same_header_is_handed_over_once(self):
        """In Odoo's own page, whose script looks for the header of each document by its number."""
        headers = Markup().join(Markup('<div class="header">%s</div>') % name for name in ("One", "One", "Two", "One"))
        header = self.env["ir.qweb"]._render(
            "web.minimal_layout",
            {
                "subst": True,
                "body": Markup('<div id="minimal_layout_report_headers">%s</div>') % headers,
                "base_url": "http://localhost",
            },
        )
        printed, _page = self._print(self._page(Markup('<div class="page"/>')), header=header)
        box = lxml.html.document_fromstring(printed).get_element_by_id("minimal_layout_report_headers")
        self.assertEqual([child.text for child in box], ["One", "Two"])
        self.assertIn("header.children[[0, 0, 1, 0][index]]", printed)
        self.assertTrue(printed.startswith("<!DOCTYPE html>"))


@tagged("post_install", "-at_install")
class TestPrintedLayouts(NoticeTextCommon, HttpCase):
    """Printed for real, in each of Odoo's layouts of documents."""

    def _print(self, letters):
        """Return the file of the letters without the second in which it was made."""
        reports = self.env["ir.actions.report"].with_user(self.collector).with_context(force_report_rendering=True)
        content, kind = reports._render_qweb_pdf(LETTER_REPORT, letters.ids)
        self.assertEqual(kind, "pdf")
        self.assertIn(b"/Font", content)
        return re.sub(rb"\(D:\d+[^)]*\)", b"", content)

    def test_pages_are_what_the_whole_style_sheets_give(self):
        reports = type(self.env["ir.actions.report"])
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() != "ok" or not _wkhtml().is_patched_qt:
            self.skipTest("this machine's wkhtmltopdf prints no headers")
        letters = self._notice(medium="letter", channel_id=self.letter.id, lines=({}, {"amount": 250.0}))
        letters |= self._notice(medium="letter", channel_id=self.registered.id, registered_number="1A 234")
        self.company.write({"report_header": "<p>Credit</p>", "report_footer": "<ul><li>IBAN <b>FR76</b></li></ul>"})
        for layout in self.env["report.layout"].search([]):
            self.company.external_report_layout_id = layout.view_id
            with self.subTest(layout=layout.name):
                with (
                    patch.object(reports, "_cut_styles", lambda self, pages: list(map(str, pages))),
                    patch.object(ir_actions_report, "_share", lambda page, name: page),
                ):
                    whole = self._print(letters)
                self.assertTrue(self._print(letters) == whole)
        with patch.object(print_style, "cut", return_value=""):
            self.assertFalse(self._print(letters) == whole, "the style sheets make no difference here")
