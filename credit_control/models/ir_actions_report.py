import io
import logging
import re

import lxml.html

from odoo import SUPERUSER_ID, api, models

from ..core import print_style
from .credit_dunning_message_letter import LETTER_REPORT

_logger = logging.getLogger(__name__)

LINKS = re.compile(r"""<link\b[^>]*\bstylesheet\b[^>]*\bhref="([^"]+)"[^>]*>""")


class IrActionsReport(models.Model):
    """Letters are printed with their enclosures: who folds them finds each behind its letter.

    Whatever is ours is printed with the rules of Odoo's style sheets that it uses, see ``core/print_style.py``.
    """

    _inherit = "ir.actions.report"

    @api.model
    def _run_wkhtmltopdf(self, bodies, report_ref=False, header=None, footer=None, **options):
        if report_ref and self._get_report(report_ref).report_name.startswith("credit_control"):
            header, footer = _share(header, "header"), _share(footer, "footer")
            *bodies, header, footer = self._cut_styles([*bodies, header, footer])
        return super()._run_wkhtmltopdf(bodies, report_ref, header, footer, **options)

    @api.model
    def _cut_styles(self, pages):
        """Return the pages with what they use of their style sheets in the place of the links to these.

        :param pages: HTML, None for a header or footer that there isn't, which stays None
        """
        pages = [page and str(page) for page in pages]
        texts = list(filter(None, pages))
        links = {found[0]: found[1] for text in texts for found in LINKS.finditer(text)}
        # Those that Odoo has made, as its own route has it, and not what somebody put at such an address.
        made = [("public", "=", True), ("res_model", "=", "ir.ui.view"), ("res_id", "=", 0)]
        sheets = (
            self.env["ir.attachment"]
            .sudo()
            .search([("url", "in", list(links.values())), ("create_uid", "=", SUPERUSER_ID), *made])
        )
        css_of = {sheet.url: (sheet.raw or b"").decode() for sheet in sheets}
        for link, url in links.items():
            # One that the server hasn't made yet is fetched by the printer, as always.
            if css := css_of.get(url):
                style = print_style.cut(css, texts).replace("</", "<\\/")
                pages = [page and page.replace(link, f"<style>{style}</style>") for page in pages]
        return pages

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        streams = super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)
        if not res_ids or self._get_report(report_ref) != self.env.ref(LETTER_REPORT):
            return streams
        enclosures = self.env["credit.dunning.notice"].browse(res_ids)._get_printed_enclosures()
        if enclosures and False in streams:
            # A heading in somebody's own text: the pages can't be told apart by their outline.
            streams = {}
            for res_id in res_ids:
                streams |= super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=[res_id])
        for notice, files in enclosures.items():
            streams[notice.id]["stream"] = self._merge_with_enclosures(notice, streams[notice.id]["stream"], files)
        return streams

    def _merge_with_enclosures(self, notice, letter, files):
        """Return the pages of ``letter`` with those of ``files`` behind them, as a stream."""
        file_of = {io.BytesIO(file.raw): file for file in files}
        unreadable = []

        def note_unreadable(error, error_stream):
            _logger.info("An enclosure of %s can't be printed: %s", notice.display_name, error)
            unreadable.append(file_of[error_stream])

        merged = self._merge_pdfs([letter, *file_of], note_unreadable)
        notice._note_unprinted(unreadable)
        return merged


def _share(page, name):
    """Return the page with the headers (or footers) of all documents, each that is the same but once.

    The printer reads this page for each page that it prints: with a hundred letters a hundred times a hundred logos.
    """
    chosen = f"{name}.children[index]"
    if chosen not in (page or ""):
        return page
    root = lxml.html.document_fromstring(page)
    box = root.get_element_by_id(f"minimal_layout_report_{name}s")
    place_of, places = {}, []
    for child in list(box):
        text = lxml.html.tostring(child, with_tail=False)
        if text in place_of:
            box.remove(child)
        places.append(place_of.setdefault(text, len(place_of)))
    shared = lxml.html.tostring(root, encoding="unicode", doctype="<!DOCTYPE html>")
    return shared.replace(chosen, f"{name}.children[{places}[index]]")
