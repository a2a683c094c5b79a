from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import lxml.html
from markupsafe import Markup

from odoo import SUPERUSER_ID
from odoo.tests import tagged

from ..models.credit_dunning_message_letter import LETTER_REPORT
from .common import CreditControlCommon

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
