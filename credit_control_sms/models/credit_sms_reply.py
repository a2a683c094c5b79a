import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, plaintext2html

from ..core.stop_words import is_stop

_logger = logging.getLogger(__name__)


class CreditSmsReply(models.Model):
    """An answer to an SMS: STOP keeps its number from being written to, all else is an answer of the customer."""

    _name = "credit.sms.reply"
    _description = "Answer by SMS"
    _order = "id desc"
    _rec_name = "number"

    gateway_id = fields.Many2one("credit.sms.gateway", required=True, readonly=True, ondelete="restrict")
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
        reply = self._claim(gateway, reference, number)
        if reply:
            notice = self._get_handed(gateway, number).notice_id
            reply.write({"text": text, "is_stop": is_stop(text), "debtor_id": notice.debtor_id.id})
            reply._follow(notice)
        return reply

    def _claim(self, gateway, reference, number):
        """Return a new row for an answer; none where it was taken already.

        :raise SerializationFailure: for the later of two in the same moment: Odoo repeats its request
        """
        query = SQL(
            """
            INSERT INTO credit_sms_reply
                   (gateway_id, company_id, reference, number, create_uid, write_uid, create_date, write_date)
            VALUES (%s, %s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
                ON CONFLICT (gateway_id, reference) DO NOTHING
         RETURNING id
            """,
            *(gateway.id, gateway.company_id.id, reference, number, self.env.uid, self.env.uid),
        )
        self.env.cr.execute(query, log_exceptions=False)
        return self.browse(id_ for (id_,) in self.env.cr.fetchall())

    def _get_handed(self, gateway, number):
        """Return the last reminder that went to ``number`` through ``gateway``."""
        domain = [("gateway_id", "=", gateway.id), ("number", "=", number), ("notice_id", "!=", False)]
        return self.env["credit.sms.delivery"].search(domain, limit=1)

    def _stop(self):
        """Keep the number from being written to; what is no number of any country can't be anyway."""
        try:
            self.env["phone.blacklist"]._add([self.number], message=self.env._("Asked for by SMS."))
        except UserError:
            _logger.info("STOP of something that is no number, in answer %s", self.id)

    def _follow(self, notice):
        if self.is_stop:
            self._stop()
        if not self.debtor_id:
            return
        author = self.debtor_id.partner_id
        self.debtor_id.message_post(
            body=plaintext2html(self.text or ""), author_id=author.id, message_type="sms", subtype_xmlid="mail.mt_note"
        )
        if not self.is_stop:
            self.debtor_id._note_reply(author, self.number, notice.mail_message_id.id)
