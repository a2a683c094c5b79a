"""What comes back: bounces and delivery reports of notices, answers of customers."""

from odoo import api, models
from odoo.tools import email_split
from odoo.tools.mail import decode_message_header

from ..core.answers import get_delivery_reports, is_automatic


class MailThread(models.AbstractModel):
    # No docstring: Odoo would take it for the description of every model with a thread that has none of its own, and
    # leave it there when we are uninstalled.
    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """Tell the notice what its mail server says: core takes every report for a bounce."""
        reports = get_delivery_reports(email_message)
        notice = self._find_bounced_notice(message_dict)
        if notice and reports and not any(report.is_final_failure for report in reports):
            notice._record_report(reports)
            return
        super()._routing_handle_bounce(email_message, message_dict)
        if notice:
            addresses = {report.address for report in reports if report.is_final_failure and report.address}
            detail = "; ".join(report.detail for report in reports if report.detail)
            notice._record_bounce(addresses or {message_dict["bounced_email"]}, detail or message_dict.get("subject"))

    @api.model
    def _find_bounced_notice(self, message_dict):
        """Return the notice that a report is about, by its Message-ID."""
        references = [reference for reference in message_dict.get("bounced_msg_ids") or [] if reference]
        if not references:
            return self.env["credit.dunning.notice"]
        return self.env["credit.dunning.notice"].sudo().search([("message_ref", "in", references)], limit=1)

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """Let a customer's answer pause the reminders; what a machine answers doesn't."""
        author_id, parent_id = message_dict.get("author_id"), message_dict.get("parent_id")
        thread_id = super()._message_route_process(message, message_dict, routes)
        headers = {name: decode_message_header(message, name) for name in message.keys()}
        debtor_ids = [res_id for model, res_id, *_rest in routes or () if model == "credit.debtor" and res_id]
        if debtor_ids and not is_automatic(headers, message_dict.get("subject") or ""):
            author = self.env["res.partner"].sudo().browse(author_id or [])
            sender = (email_split(message_dict.get("email_from") or "") or [""])[0]
            self.env["credit.debtor"].sudo().browse(debtor_ids)._note_reply(author, sender, parent_id)
        return thread_id
