from odoo import api, fields, models
from odoo.tools import plaintext2html

from ..core.stop_words import is_stop


class CreditSmsReply(models.Model):
    """An answer to an SMS: STOP keeps its number from being written to, all else is an answer of the customer."""

    _name = "credit.sms.reply"
    _description = "Answer by SMS"
    _order = "id desc"
    _rec_name = "number"

    gateway_id = fields.Many2one("credit.sms.gateway", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="gateway_id.company_id", store=True, index=True)
    reference = fields.Char(required=True, readonly=True, help="The provider's name of the answer.")
    number = fields.Char(required=True, readonly=True, index=True)
    text = fields.Text(readonly=True)
    is_stop = fields.Boolean(string="STOP", readonly=True)
    debtor_id = fields.Many2one("credit.debtor", string="Customer", readonly=True, ondelete="set null")

    _once = models.Constraint("UNIQUE (gateway_id, reference)", "Each answer is taken once.")

    @api.model
    def _receive(self, gateway, reference, number, text):
        """Take one answer, once however often it is reported."""
        known = [("gateway_id", "=", gateway.id), ("reference", "=", reference)]
        if self.search_count(known, limit=1):
            return self.browse()
        handed = self._get_handed(gateway, number)
        reply = self.create(
            {
                "gateway_id": gateway.id,
                "reference": reference,
                "number": number,
                "text": text,
                "is_stop": is_stop(text),
                "debtor_id": handed.notice_id.debtor_id.id,
            }
        )
        reply._follow(handed.notice_id)
        return reply

    def _get_handed(self, gateway, number):
        """Return the last reminder that went to ``number`` through ``gateway``."""
        domain = [("gateway_id", "=", gateway.id), ("number", "=", number), ("notice_id", "!=", False)]
        return self.env["credit.sms.delivery"].search(domain, limit=1)

    def _follow(self, notice):
        if self.is_stop:
            self.env["phone.blacklist"]._add([self.number], message=self.env._("Asked for by SMS."))
        if not self.debtor_id:
            return
        author = self.debtor_id.partner_id
        self.debtor_id.message_post(
            body=plaintext2html(self.text or ""), author_id=author.id, message_type="sms", subtype_xmlid="mail.mt_note"
        )
        if not self.is_stop:
            self.debtor_id._note_reply(author, self.number, notice.mail_message_id.id)
