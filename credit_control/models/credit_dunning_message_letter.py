from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError

LETTER_REPORT = "credit_control.action_report_notice_letter"


class CreditDunningMessageLetter(models.AbstractModel):
    """Letters on paper: one file for any number of notices."""

    _name = "credit.dunning.message.letter"
    _description = "Letters on paper"

    def action_print_letters(self):
        """Print the letters among these notices as one PDF; those that are approved leave by it."""
        self._filter_letters().filtered(lambda notice: notice.state == "queued")._send_now()
        letters = self._filter_letters()
        if not letters:
            raise UserError(self.env._("There is no letter among these messages."))
        return self.env.ref(LETTER_REPORT).report_action(letters.ids, config=False)

    def _filter_letters(self):
        """Return the notices that go on paper and weren't cancelled."""
        return self.filtered(lambda notice: notice.channel_id.is_printed and notice.state != "cancelled")

    def _print_letters(self):
        """Return the PDF of these letters, each on pages of its own and in its customer's language."""
        return self.env["ir.actions.report"]._render_qweb_pdf(LETTER_REPORT, self.ids)[0]

    def _get_printed_enclosures(self):
        """Return ``{notice: files}`` of what was sent along with these letters and can be printed."""
        files = {notice: notice.sudo().attachment_ids.filtered(_is_pdf) for notice in self}
        return {notice: found for notice, found in files.items() if found}

    def _note_unprinted(self, files):
        """Say in the customer's thread which enclosures a person must print apart."""
        if files:
            names = ", ".join(file.name for file in files)
            self.debtor_id.sudo().message_post(
                body=self.env._("These enclosures of a letter can't be read, print them apart: %s", names)
            )

    def _get_letter_bodies(self):
        """Return ``{notice id: body}``: the stored text where it has left or was edited, else freshly written.

        :raise UserError: where a text can't be written; names each customer
        """
        stored = self.filtered(lambda notice: notice.body and (notice.is_edited or notice.sent_at))
        bodies = {notice.id: notice.body for notice in stored}
        contents = (self - stored)._render_letter_contents(attachments=False)
        errors = [str(found) for found in contents.values() if isinstance(found, Exception)]
        if errors:
            raise UserError("\n".join(errors))
        return bodies | {key: content.body for key, content in contents.items()}

    def _get_address_lines(self):
        """Return the lines of the address in the window, seven at most."""
        self.ensure_one()
        recipient = self._get_letter_recipient().sudo()
        # A contact without an address of its own is written to at the customer's.
        partner = recipient if recipient.street or recipient.city else self.partner_id.sudo()
        lines = [line.strip() for line in partner._display_address().split("\n")]
        if recipient.name and recipient.name not in lines:
            # The firm's name stands first; the person it is for follows.
            is_person = recipient.commercial_company_name != recipient.name and recipient.parent_id
            lines.insert(1 if is_person else 0, recipient.name)
        if partner.country_id == self.company_id.country_id and partner.country_id.name in lines:
            lines.remove(partner.country_id.name)
        return [line for line in lines if line][:7]

    def _get_letter_recipient(self):
        """Return the contact on the envelope: the only recipient, else the invoice address."""
        if len(self.recipient_ids) == 1:
            return self.recipient_ids
        return self.partner_id.browse(self.partner_id.address_get(["invoice"])["invoice"]) or self.partner_id


def _is_pdf(file):
    return file.mimetype == "application/pdf"


class ReportNoticeLetter(models.AbstractModel):
    _name = "report.credit_control.report_notice_letter"
    _description = "Dunning letters"

    def _get_report_values(self, docids, data=None):
        notices = self.env["credit.dunning.notice"].browse(docids)
        lang_of = {notice.id: notice._get_text_lang() for notice in notices}
        return {
            "doc_ids": docids,
            "doc_model": notices._name,
            "docs": notices,
            "lang_of": lang_of,
            "body_of": {key: Markup(body) for key, body in notices._get_letter_bodies().items()},
            "address_of": {
                notice.id: notice.with_context(lang=lang_of[notice.id])._get_address_lines() for notice in notices
            },
        }
