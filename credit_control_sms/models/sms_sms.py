import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..core import answers, gsm7
from ..core.answers import Result

_logger = logging.getLogger(__name__)

# Handed to a gateway at a time: committed before, and after.
BATCH = 100
# How often a sender looks again where others were faster.
CONFLICTS = 20


class SmsSms(models.Model):
    """Odoo's queue of SMS: each company's leave through its own gateway, where it has one."""

    _inherit = "sms.sms"

    credit_company_id = fields.Many2one(
        "res.company", string="Company that sends", default=lambda self: self.env.company, ondelete="set null"
    )
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
        last, conflicts, down = 0, 0, {}
        while batch := self._credit_get_next(last):
            try:
                batch._credit_send_each_company(down)
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

    def _credit_send_each_company(self, down):
        """Send these; in ``down`` stands for each company what told that nothing gets through any more."""
        for company, sms in self._credit_group_by_company().items():
            try:
                sms._credit_send_company(company, down)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:  # whatever is wrong with one company's provider must not keep the others' from leaving
                _logger.exception("The SMS of company %s wait: their provider can't be called", company.id)
                down[company] = Result("", answers.RETRY, answers.SERVER, is_general=True)

    def _credit_send_company(self, company, down):
        gateway = self.env["credit.sms.gateway"]._get_by_company(company).get(company.id)
        notices = self.env["credit.dunning.notice"]
        if not gateway:
            # Committed before another company's turn, which may be repeated: these would leave twice.
            with notices._own_transaction():
                self.with_company(company).send(unlink_failed=False, unlink_sent=True)
        elif not notices._is_neutralized():
            deliveries = self.env["credit.sms.delivery"].sudo().with_company(company)
            down[company] = deliveries._send_sms(gateway, self.sudo(), down.get(company))

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
            # Whoever says so now doesn't want to wait for the next try.
            own.filtered("credit_retry_at").credit_retry_at = False
            self.env.ref("sms.ir_cron_sms_scheduler_action").sudo()._trigger()
        return super(SmsSms, others).send(
            unlink_failed=unlink_failed, unlink_sent=unlink_sent, raise_exception=raise_exception
        )

    def _credit_refuse_reminders(self):
        """A reminder is sent again with its notice, which knows what is still to be claimed.

        :raise UserError: where one of these is a reminder
        """
        domain = [("uuid", "in", self.mapped("uuid")), ("notice_id", "!=", False)]
        reminder = self.env["credit.sms.delivery"].sudo().search(domain, limit=1)
        if reminder:
            raise UserError(
                self.env._("The SMS to %s is a reminder: send its notice again instead.", reminder.number or "")
            )

    def action_set_outgoing(self):
        """Queue again, as if it had never been tried."""
        self._credit_refuse_reminders()
        self.credit_retry_at = False
        self.env["credit.sms.delivery"].sudo().search([("uuid", "in", self.mapped("uuid"))])._start_afresh()
        return super().action_set_outgoing()

    def resend_failed(self):
        """Queue again what goes through an own gateway: a person answers for what may have left already."""
        self._credit_refuse_reminders()
        own, others = self._credit_split_own()
        failed = own.filtered(lambda sms: sms.state == "error" and not sms.to_delete)
        failed.action_set_outgoing()
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
