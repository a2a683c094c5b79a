from odoo import fields, models

STATEMENT_REPORT = "credit_control.action_report_statement"
INVOICE_REPORT = "account.account_invoices"


class CreditDunningMessageAttachment(models.AbstractModel):
    """What is sent along: statement of account and copies of invoices, as the step says."""

    _name = "credit.dunning.message.attachment"
    _description = "Files that go along with a notice"

    def _prepare_attachments(self, contents):
        """Return ``{notice id: attachment ids}`` for the contents that could be written.

        PDFs are printed in one batch for all notices; an invoice that was already sent goes
        as it was sent. A file made here replaces the one of an earlier attempt.
        """
        written = self.filtered(lambda notice: not isinstance(contents.get(notice.id), Exception))
        found = {notice.id: list(notice.attachment_ids.ids if notice.is_edited else []) for notice in written}
        fresh = written.filtered(lambda notice: not (notice.is_edited and notice.attachment_ids))
        for notice_id, ids in fresh._attach_statements().items():
            found[notice_id] += ids
        for notice_id, ids in fresh._attach_invoices().items():
            found[notice_id] += ids
        return found

    def _attach_statements(self):
        notices = self.filtered("step_id.attach_statement")
        if not notices:
            return {}
        pdfs = {}
        for day, group in notices.grouped("date").items():
            report = self.env["ir.actions.report"].with_context(as_of=fields.Date.to_string(day))
            pdfs |= print_each(report, STATEMENT_REPORT, group.debtor_id.ids)
        return notices._store_files(
            {notice: pdfs[notice.debtor_id.id] for notice in notices if notice.debtor_id.id in pdfs}
        )

    def _store_files(self, pdf_of):
        """Store one file a notice, in place of an earlier one of the same name."""
        vals = [
            {
                "name": notice._get_statement_name(),
                "raw": pdf,
                "mimetype": "application/pdf",
                "res_model": notice._name,
                "res_id": notice.id,
            }
            for notice, pdf in pdf_of.items()
        ]
        attachments = self.env["ir.attachment"].sudo()
        names = {val["name"] for val in vals}
        attachments.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("name", "in", list(names)),
                ("id", "not in", self.attachment_ids.ids),
            ]
        ).unlink()
        return {attachment.res_id: [attachment.id] for attachment in attachments.create(vals)}

    def _get_statement_name(self):
        notice = self.with_context(lang=self._get_text_lang())
        return notice.env._("Statement of account %(date)s.pdf", date=notice.date)

    def _attach_invoices(self):
        notices = self.filtered("step_id.attach_invoices")
        files = notices._get_invoices()._credit_get_pdf_attachments()
        return {
            notice.id: [files[move.id] for move in notice._get_invoices() if move.id in files] for notice in notices
        }

    def _get_invoices(self):
        lines = self.line_ids.filtered(lambda line: not line.is_credit)
        return lines.move_id.sudo().filtered(lambda move: move.is_sale_document())


def print_each(report, reference, ids):
    """Return ``{record id: PDF}`` from one printing of all records."""
    if not ids:
        return {}
    printed, kind = report.with_context(report_pdf_no_attachment=True)._pre_render_qweb_pdf(
        reference, res_ids=list(ids)
    )
    if kind != "pdf":  # without wkhtmltopdf in tests: the HTML of all stands for each
        return dict.fromkeys(ids, printed)
    return {
        record_id: found["stream"].getvalue() for record_id, found in printed.items() if record_id and found["stream"]
    }
