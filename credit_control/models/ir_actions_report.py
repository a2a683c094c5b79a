import io
import logging

from odoo import models

from .credit_dunning_message_letter import LETTER_REPORT

_logger = logging.getLogger(__name__)


class IrActionsReport(models.Model):
    """Letters are printed with their enclosures: who folds them finds each behind its letter."""

    _inherit = "ir.actions.report"

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
