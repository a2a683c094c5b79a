from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from odoo import fields, models
from odoo.tools import format_datetime, plaintext2html

from odoo.addons.credit_control.channels.abstract import Outcome, Reach, TransportDown
from odoo.addons.credit_control.core import reasons

from ..core import answers, delivery, numbers
from ..core.frequency import LIMITS, is_too_often
from ..gateways.abstract import Message
from ..numbering import read_number
from .odoo_provider import OdooProvider

# How long a number isn't tried from which a message came back.
DEAD_FOR = timedelta(days=30)


class SmsTransport:
    """What the notices of one run of the sender share: the gateways, and what is ready to be handed over."""

    def __init__(self):
        self.gateways = {}
        self.ready = {}
        self.results = {}
        # Why nothing else is handed over in this run.
        self.stopped = ""

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.gateways.clear()

    def get(self, gateway, company):
        """Return the provider of ``company``, opened once."""
        if company.id not in self.gateways:
            url = f"{company.get_base_url()}/sms/status"
            self.gateways[company.id] = gateway._open() if gateway else OdooProvider(company, url)
        return self.gateways[company.id]


class CreditChannelSms(models.AbstractModel):
    """An SMS to a mobile number: through the company's own gateway, else through Odoo's provider.

    It stands in Odoo's list of SMS and in the debtor's chatter, with its delivery; the queue itself leaves it alone,
    since whether it may be sent again is decided by the notice.
    """

    _name = "credit.channel.sms"
    _inherit = "credit.channel.addressed"
    _description = "SMS"

    # -- whom ---------------------------------------------------------------------------

    def _reach(self, channel, debtors, step=None):
        reaches = super()._reach(channel, debtors, step)
        refused = debtors.filtered(lambda debtor: reaches[debtor.id].reason == reasons.NO_CONTACT)
        often = self._get_too_often(debtors - refused)
        why = self._get_refusals(refused, step)
        for debtor in debtors:
            if debtor.id in often and reaches[debtor.id].address:
                reaches[debtor.id] = Reach(reason=reasons.TOO_SOON)
            elif why.get(debtor.id):
                reaches[debtor.id] = Reach(reason=why[debtor.id])
        return reaches

    def _get_addresses(self, partners):
        regions = self.env.company._credit_get_sms_regions()
        known = self._read_numbers(partners)
        return {key: [one.e164] for key, one in known.items() if not numbers.refusal(one, regions)}

    def _read_numbers(self, partners):
        """Return ``{partner id: Number}`` of those who have one, read as in their own country."""
        partners.fetch(["phone", "country_id"])
        partners.country_id.fetch(["code"])
        home = self.env.company.country_id.code
        return {
            partner.id: read_number(partner.phone, partner.country_id.code or home)
            for partner in partners
            if partner.phone
        }

    def _get_dead_domain(self, channel, debtors):
        """A phone may have been off for days: its number is tried again after a while."""
        return [*super()._get_dead_domain(channel, debtors), ("outcome_at", ">", fields.Datetime.now() - DEAD_FOR)]

    def _get_refused_addresses(self, addresses):
        blacklist = self.env["phone.blacklist"].sudo().search_fetch([("number", "in", list(addresses))], ["number"])
        return set(blacklist.mapped("number"))

    def _get_refusals(self, debtors, step):
        """Return ``{debtor id: reason}`` of what is wrong with the numbers of those who aren't reached."""
        if not debtors:
            return {}
        groups = self._get_candidates(debtors, step)
        asked = {key for ranked in groups.values() for group in ranked for key in group}
        known = self._read_numbers(self.env["res.partner"].sudo().browse(asked))
        regions = self.env.company._credit_get_sms_regions()
        return {
            debtor_id: numbers.leading(
                {numbers.refusal(known[key], regions) for group in ranked for key in group if key in known}
            )
            for debtor_id, ranked in groups.items()
        }

    def _get_too_often(self, debtors):
        """Return the ids of those who got as many SMS as may be.

        What a person queued again doesn't count: they answer for it where it may have left.
        """
        now, longest = fields.Datetime.now(), max(period for period, _most in LIMITS)
        handed = self.env["credit.sms.delivery"].sudo()
        domain = [
            ("notice_id.debtor_id", "in", debtors.ids),
            ("notice_id.state", "!=", "queued"),
            ("state", "in", (delivery.SENDING, delivery.SENT, delivery.DELIVERED, delivery.UNCERTAIN)),
            ("create_date", ">", now - longest - timedelta(days=1)),
        ]
        sent = defaultdict(list)
        for row in handed.search_fetch(domain, ["notice_id", "create_date"]):
            sent[row.notice_id.debtor_id.id].append(row.create_date)
        return {debtor_id for debtor_id, moments in sent.items() if is_too_often(moments, now)}

    # -- what ---------------------------------------------------------------------------

    def _render(self, notices):
        return notices._render_sms_contents()

    # -- sending ------------------------------------------------------------------------

    def _open_transport(self):
        return SmsTransport()

    def _get_transport(self):
        return self.env.context.get("credit_transport") or SmsTransport()

    def _prepare(self, notice, content, reference=None):
        """Write the SMS into Odoo's list and the chatter, as being sent: the queue doesn't touch it."""
        transport = self._get_transport()
        if transport.stopped:
            raise TransportDown(transport.stopped)
        company = notice.company_id
        gateway = self.env["credit.sms.gateway"]._get_by_company(company).get(company.id)
        gateway = gateway or self.env["credit.sms.gateway"].sudo()
        if gateway._get_rest():
            until = format_datetime(self.env, gateway.not_before)
            raise TransportDown(self.env._("The SMS gateway asked to wait until %s.", until))
        text = notice._get_sms_text(content)
        message = self._log_message(notice, text)
        sms = self._create_sms(notice, message, text)
        handed = self.env["credit.sms.delivery"].sudo()
        row = handed.create(
            handed._prepare_vals(gateway, sms, company_id=company.id, notice_id=notice.id, state=delivery.SENDING)
        )
        notice._apply({"mail_message_id": message.id})
        encoded = sms._credit_encode(text)
        transport.ready[notice.id] = (
            transport.get(gateway, company),
            Message(row.uuid, row.number, encoded.text, encoded.encoding, gateway._get_sender(row.number)),
        )

    def _log_message(self, notice, text):
        values = {
            "model": "credit.debtor",
            "res_id": notice.debtor_id.id,
            "message_type": "sms",
            "subtype_id": self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note"),
            "author_id": (notice.user_id.partner_id or notice.company_id.partner_id).id,
            "body": plaintext2html(text),
            "record_company_id": notice.company_id.id,
        }
        return self.env["mail.message"].sudo().create(values)

    def _create_sms(self, notice, message, text):
        sms = self.env["sms.sms"].sudo()
        sms = sms.create(
            {
                "number": notice.address,
                "body": text,
                "partner_id": notice.recipient_ids[:1].id or notice.partner_id.id,
                "mail_message_id": message.id,
                "credit_company_id": notice.company_id.id,
                "state": "process",
            }
        )
        self.env["mail.notification"].sudo().create(
            {
                "author_id": message.author_id.id,
                "mail_message_id": message.id,
                "res_partner_id": sms.partner_id.id,
                "sms_number": sms.number,
                "notification_type": "sms",
                "sms_id_int": sms.id,
                "sms_tracker_ids": [fields.Command.create({"sms_uuid": sms.uuid})],
                "is_read": True,
                "notification_status": "process",
            }
        )
        return sms

    def _get_batch_size(self):
        company = self.env.company
        gateway = self.env["credit.sms.gateway"]._get_by_company(company).get(company.id)
        return gateway.connections if gateway else 1

    def _send(self, notice):
        return self._send_all(notice)[notice.id]

    def _send_all(self, notices):
        """Hand over what :meth:`_prepare` made ready: nothing is read from the database any more."""
        transport = self._get_transport()
        ready = {
            notice.id: transport.ready.pop(notice.id, None) or self._rebuild(notice, transport) for notice in notices
        }
        provider = next(iter(ready.values()))[0]
        results = self._hand_over(provider, [message for _provider, message in ready.values()])
        transport.results.update(zip(ready, results, strict=True))
        transport.stopped = next((self._get_stop_words(result) for result in results if result.is_general), "")
        return {notice_id: self._get_outcome(transport.results[notice_id]) for notice_id in ready}

    def _hand_over(self, provider, messages):
        """Return a result for each; what broke off goes once more where the gateway knows it by its key."""
        results = {result.uuid: result for result in provider.send(messages)}
        again = [one for one in messages if results[one.uuid].state == answers.RETRY and results[one.uuid].is_open]
        for result in provider.send(again) if again else ():
            # What is refused this time may have left the first time.
            results[result.uuid] = replace(result, is_open=True)
        return [results[one.uuid] for one in messages]

    def _rebuild(self, notice, transport):
        row = self.env["credit.sms.delivery"].sudo().search([("notice_id", "=", notice.id)], limit=1)
        [values] = row._get_messages()
        return transport.get(row.gateway_id, notice.company_id), Message(*values)

    def _get_outcome(self, result):
        if result.state == answers.RETRY and not result.is_open:
            # Surely not left, and it has nothing to do with this message: all of them wait.
            return Outcome("queued", "transport_error", self._get_words(result))
        if result.state == answers.FAILED and not result.is_open:
            reason = "bounce" if result.failure == answers.NUMBER else "transport_error"
            return Outcome("failed", reason, self._get_words(result))
        if result.state in (answers.SENT, answers.DELIVERED):
            return Outcome(result.state)
        return Outcome("uncertain", "interrupted", self._get_words(result))

    def _get_stop_words(self, result):
        """Return why the others wait after ``result``."""
        if result.state == answers.RETRY and not result.is_open:
            return self._get_words(result)
        return self.env._("The SMS provider doesn't answer.")

    def _get_words(self, result):
        labels = dict(self.env["sms.sms"]._fields["failure_type"]._description_selection(self.env))
        return " – ".join(filter(None, (labels.get(result.failure), result.detail)))

    def _after(self, notice, outcome):
        """Record on the SMS what became of it; what hasn't left is taken off the chatter."""
        result = self._get_transport().results.pop(notice.id, None)
        row = self.env["credit.sms.delivery"].sudo().search([("notice_id", "=", notice.id)], limit=1)
        if outcome.state == "queued":
            # As if it had never been tried.
            row.gateway_id._rest([result] if result else [])
            (row.sms_id.mail_message_id | notice.mail_message_id).sudo().unlink()
            row.sms_id.unlink()
            row.unlink()
        else:
            self._record(row, result, outcome)
            if outcome.state == "failed":
                notice.mail_message_id.sudo().unlink()

    def _record(self, row, result, outcome):
        if result:
            row._name_reference(result.reference)
            row.sms_id._handle_call_result_hook(list(result.hook_values))
        state = delivery.FAILED if outcome.state == "failed" else outcome.state
        row._record(state, result.failure if result else "", outcome.detail)
        row._take_early()
        if outcome.state != "failed" and row.state in (delivery.DELIVERED, delivery.FAILED):
            # A report came before the answer.
            row._tell_notices(row.state, row.detail)

    def _settle(self, notice):
        """An interrupted SMS is uncertain for Odoo's list, too; a report that came meanwhile has settled it."""
        row = self.env["credit.sms.delivery"].sudo().search([("notice_id", "=", notice.id)], limit=1)
        row._record(delivery.UNCERTAIN, answers.MAYBE)
        if row.state == delivery.FAILED:
            return Outcome("bounced", "bounce", row.detail or "")
        return Outcome(row.state) if row.state in (delivery.SENT, delivery.DELIVERED) else None
