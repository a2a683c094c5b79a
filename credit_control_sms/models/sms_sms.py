from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..core import gsm7

# Handed to a gateway at a time: committed before, and after.
BATCH = 100
# How often a sender looks again where others were faster.
CONFLICTS = 20


class SmsSms(models.Model):
    """Odoo's queue of SMS: each company's leave through its own gateway, where it has one."""

    _inherit = "sms.sms"

    credit_company_id = fields.Many2one("res.company", default=lambda self: self.env.company, ondelete="set null")
    credit_retry_at = fields.Datetime(string="Not before", help="Tried again from then on.")
    failure_type = fields.Selection(
        selection_add=[
            ("sms_uncertain", "May have left"),
            ("sms_rejected", "Rejected"),
            ("sms_not_delivered", "Not Delivered"),
        ],
    )

    def _get_sms_company(self):
        return self.mail_message_id.record_company_id or self.credit_company_id or super()._get_sms_company()

    @api.model
    def _credit_encode(self, body):
        """Return ``body`` as a gateway takes it: folded into GSM-7 where it can be, with its parts."""
        return gsm7.encode(body or "")

    @api.model
    def _process_queue(self):
        """Send what is queued: each company's by itself, so that two of them in one queue don't harm each other."""
        self.env["credit.sms.delivery"].sudo()._sweep()
        last, conflicts = 0, 0
        while batch := self._credit_get_next(last):
            try:
                batch._credit_send_each_company()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                # Another sender took some of them in this moment: the rest is looked for again.
                conflicts += 1
                if conflicts < CONFLICTS:
                    continue
                raise
            last = batch.ids[-1]
            if not self.env["credit.dunning.notice"]._report(len(batch)):
                break

    @api.model
    def _credit_get_next(self, last):
        due = Domain("credit_retry_at", "=", False) | Domain("credit_retry_at", "<=", fields.Datetime.now())
        queued = Domain("state", "=", "outgoing") & Domain("to_delete", "=", False) & Domain("id", ">", last)
        return self.search(queued & due, limit=BATCH, order="id")

    def _credit_send_each_company(self):
        for company, sms in self._credit_group_by_company().items():
            gateway = self.env["credit.sms.gateway"]._get_by_company(company).get(company.id)
            if gateway and self.env["credit.dunning.notice"]._is_neutralized():
                continue
            if gateway:
                self.env["credit.sms.delivery"].sudo().with_company(company)._send_sms(gateway, sms.sudo())
            else:
                sms.with_company(company).send(unlink_failed=False, unlink_sent=True)

    def _credit_group_by_company(self):
        return self.grouped(lambda sms: sms._get_sms_company()[:1])

    def _credit_split_own(self):
        """Return these in two: those that leave through a gateway of their company, and the others."""
        groups = self._credit_group_by_company()
        companies = self.env["res.company"].concat(*groups)
        gateways = self.env["credit.sms.gateway"]._get_by_company(companies)
        own = self.browse().concat(*(sms for company, sms in groups.items() if company.id in gateways))
        return own, self - own

    def send(self, unlink_failed=False, unlink_sent=True, raise_exception=False):
        """Leave what goes through an own gateway to the queue: a request may be replayed, and would send twice."""
        own, others = self._credit_split_own()
        if own:
            self.env.ref("sms.ir_cron_sms_scheduler_action").sudo()._trigger()
        return super(SmsSms, others).send(
            unlink_failed=unlink_failed, unlink_sent=unlink_sent, raise_exception=raise_exception
        )

    def resend_failed(self):
        """Queue again what goes through an own gateway: a person answers for what may have left already."""
        own, others = self._credit_split_own()
        failed = own.filtered(lambda sms: sms.state == "error" and not sms.to_delete)
        failed.write({"state": "outgoing", "credit_retry_at": False})
        failed.send()
        if others or not failed:
            return super(SmsSms, others).resend_failed()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Queued"),
                "message": self.env._("%s SMS leave within a minute.", len(failed)),
            },
        }
