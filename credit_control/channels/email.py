import re
from base64 import b64decode

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, email_normalize, email_normalize_all, formataddr, html2plaintext, plaintext2html

from .abstract import Content, TransportDown
from .addressed import SEPARATOR
from .smtp import SmtpTransport

# Machines are asked not to answer (RFC 3834): an absence note isn't a customer's answer.
HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}
# A picture that stands in the text itself (the payment code).
PICTURE = re.compile(r'src="data:image/(png|gif|jpeg);base64,([^"]+)"')


class CreditChannelEmail(models.AbstractModel):
    """An e-mail, on Odoo's own mail servers. Each notice is one message with one Message-ID.

    It stands in the debtor's chatter, so that answers and bounces find their way there by its
    Message-ID. Odoo's mail queue isn't used: it tries again by itself.
    """

    _name = "credit.channel.email"
    _inherit = "credit.channel.addressed"
    _description = "E-mail"

    _several_recipients = True

    def _get_addresses(self, partners):
        partners.fetch(["email", "email_normalized"])
        return {partner.id: self._normalize(email, partner) for partner in partners if (email := partner.email)}

    def _normalize(self, email, partner):
        """Return the addresses of ``partner``; one that is written plainly needn't be taken apart."""
        plain = partner.email_normalized
        return [plain] if plain and plain == email.lower() else email_normalize_all(email)

    def _get_refused_addresses(self, addresses):
        blacklist = self.env["mail.blacklist"].sudo().search_fetch([("email", "in", list(addresses))], ["email"])
        return set(blacklist.mapped("email"))

    def _split_address(self, address):
        return set(address.split(SEPARATOR))

    def _get_dead_addresses(self, channel, debtors):
        """Add the single addresses that came back where another recipient received the message."""
        dead = super()._get_dead_addresses(channel, debtors)
        bounced = (
            self.env["mail.notification"]
            .sudo()
            .search_fetch(
                [
                    ("notification_status", "=", "bounce"),
                    ("mail_message_id.model", "=", "credit.debtor"),
                    ("mail_message_id.res_id", "in", debtors.ids),
                ],
                ["mail_message_id", "mail_email_address"],
            )
        )
        for notification in bounced.filtered("mail_email_address"):
            dead[notification.mail_message_id.res_id].add(notification.mail_email_address)
        return dead

    def _render(self, notices):
        return notices._render_mail_contents(attachments=not self.env.context.get("credit_preview"))

    # -- sending ------------------------------------------------------------------------

    def _open_transport(self):
        return SmtpTransport()

    def _get_transport(self):
        return self.env.context.get("credit_transport") or SmtpTransport()

    def _prepare(self, notice, content, reference=None):
        transport = self._get_transport()
        people = self._read_people(notice)
        sender = self._get_sender(notice, transport)
        transport.connect(self._get_mail_server(sender), sender["email_from"])
        message = self._log_message(notice, content, sender)
        transport.waiting[notice.id] = self._log_recipients(message, notice, people).ids
        notice._apply({"mail_message_id": message.id})
        transport.ready[notice.id] = self._build(notice, sender, content, people, reference), sender

    def _send(self, notice):
        """Hand over what :meth:`_prepare` made ready: nothing is read from the database any more."""
        transport = self._get_transport()
        message, sender = transport.ready.pop(notice.id, None) or self._rebuild(notice, transport)
        return transport.send(self._get_mail_server(sender, message), message, sender["email_from"])

    def _rebuild(self, notice, transport):
        sender = self._get_sender(notice, transport)
        content = Content(attachment_ids=tuple(notice.attachment_ids.ids))
        return self._build(notice, sender, content, self._read_people(notice)), sender

    def _after(self, notice, outcome):
        notice.fetch(["mail_message_id"])
        message = notice.mail_message_id.sudo()
        if outcome.state in ("failed", "queued"):
            # It hasn't left: the chatter tells what the customer was told.
            message.unlink()
        elif outcome.state == "sent":
            self._get_waiting(notice, message).write({"notification_status": "sent"})

    def _get_waiting(self, notice, message):
        """Return the notifications of ``message`` that wait to be sent: made a moment ago by the sender itself."""
        notifications = self.env["mail.notification"].sudo()
        known = self._get_transport().waiting.pop(notice.id, None)
        if known is not None:
            return notifications.browse(known)
        return notifications.search([("mail_message_id", "=", message.id), ("notification_status", "=", "process")])

    # -- the message --------------------------------------------------------------------

    def _get_sender(self, notice, transport):
        """Return who speaks: author, ``From`` and ``Reply-To``. The same for all notices of a person."""
        key = (notice.company_id.id, notice.user_id.id)
        if key not in transport.known:
            transport.known[key] = self._prepare_sender(notice.company_id, notice.user_id)
        return transport.known[key]

    def _prepare_sender(self, company, user):
        speaker = user.partner_id if user.email else company.partner_id
        email = email_normalize(speaker.email) or company.default_from_email or company.catchall_email
        if not email:
            raise TransportDown(
                self.env._("%s has no e-mail address to write from: give the company one.", company.name)
            )
        email_from = formataddr((speaker.name, email))
        catchall = company.catchall_email
        return {
            "author_id": speaker.id,
            "email_from": email_from,
            "reply_to": formataddr((company.name, catchall)) if catchall else email_from,
            "return_path": company.bounce_email,
            "domain_id": company.alias_domain_id.id,
            "default_from": company.default_from_email or email,
        }

    def _get_mail_server(self, sender, message=None):
        """Return the mail servers as Odoo's own sender would ask them, for the company's domain."""
        recipients = email_normalize_all(message["To"]) if message else []
        return self.env["ir.mail_server"].with_context(
            domain_notifications_email=sender["default_from"],
            domain_bounce_address=sender["return_path"] or sender["default_from"],
            send_validated_to=recipients,
        )

    def _build(self, notice, sender, content, people, reference=None):
        """Return the message as it goes over the wire: the words of the notice, text and files of ``content``."""
        headers = {**HEADERS, "X-Odoo-Objects": f"credit.debtor-{notice.debtor_id.id}"}
        if sender["return_path"]:
            headers["Return-Path"] = sender["return_path"]
        body, pictures = self._take_pictures_out(notice.body or "", notice.id)
        message = self._get_mail_server(sender)._build_email__(
            email_from=sender["email_from"],
            email_to=self._get_recipients(notice, people),
            subject=notice.subject,
            body=body,
            body_alternative=content.text or html2plaintext(notice.body or ""),
            subtype="html",
            subtype_alternative="plain",
            reply_to=sender["reply_to"],
            message_id=notice.message_ref,
            references=reference,
            headers=headers,
            attachments=self._get_attachments(content),
        )
        for name, kind, picture in pictures:
            message.get_body(("html",)).add_related(picture, "image", kind, cid=f"<{name}>")
        return message

    def _take_pictures_out(self, body, notice_id):
        """Return ``body`` with its pictures as references, and the pictures as (name, kind, bytes).

        Mail clients show no picture that stands in the text, and one that is fetched from a
        server only after a click, if they reach it at all: it goes along with the message.
        """
        pictures = []

        def refer(found):
            name = f"picture-{notice_id}-{len(pictures)}@credit.control"
            pictures.append((name, found[1], b64decode(found[2])))
            return f'src="cid:{name}"'

        return PICTURE.sub(refer, body), pictures

    def _read_people(self, notice):
        """Return ``[(partner id, name, addresses)]`` of the recipients, of who was archived since too.

        By SQL: it is asked mail by mail.
        """
        notice.flush_recordset(["recipient_ids"])
        self.env["res.partner"].flush_model(["name", "email"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner.id, partner.name, partner.email
                  FROM credit_dunning_notice_res_partner_rel rel
                  JOIN res_partner partner ON partner.id = rel.res_partner_id
                 WHERE rel.credit_dunning_notice_id = %s
                 ORDER BY partner.id
                """,
                notice.id,
            )
        )
        return [(partner_id, name, email_normalize_all(email)) for partner_id, name, email in rows]

    def _get_recipients(self, notice, people):
        """Return the addresses with the names of those whom they belong to."""
        names = {address: name for _id, name, addresses in people for address in addresses}
        return [formataddr((names.get(address) or "", address)) for address in notice.address.split(SEPARATOR)]

    def _get_attachments(self, content):
        files = self.env["ir.attachment"].sudo().browse(content.attachment_ids)
        return [(file.name, self._read_file(file), file.mimetype) for file in files]

    def _read_file(self, attachment):
        """Return what is attached. Odoo gives nothing for a file that is missing or cut: that mustn't leave."""
        content = attachment.raw or b""
        if attachment.type == "binary" and len(content) != attachment.file_size:
            raise UserError(
                self.env._("%s isn't whole in the file store: the message doesn't leave without it.", attachment.name)
            )
        return content

    def _log_message(self, notice, content, sender):
        """Write the message into the debtor's chatter in plain words.

        As it was set, with its table and colours, it stands on the notice.
        """
        return (
            self.env["mail.message"]
            .sudo()
            .create(
                {
                    "model": "credit.debtor",
                    "res_id": notice.debtor_id.id,
                    "message_type": "email_outgoing",
                    "subtype_id": self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"),
                    "author_id": sender["author_id"],
                    "email_from": sender["email_from"],
                    "reply_to": sender["reply_to"],
                    "message_id": notice.message_ref,
                    "subject": notice.subject,
                    "body": plaintext2html(content.text) if content.text else content.body,
                    "attachment_ids": list(content.attachment_ids),
                    "record_alias_domain_id": sender["domain_id"],
                    "record_company_id": notice.company_id.id,
                    "email_add_signature": False,
                }
            )
        )

    def _log_recipients(self, message, notice, people):
        """Write whom ``message`` goes to, one row for each address: a bounce names the address that it comes from."""
        partners = {address: partner_id for partner_id, _name, addresses in people for address in addresses[:1]}
        return (
            self.env["mail.notification"]
            .sudo()
            .create(
                [
                    {
                        "mail_message_id": message.id,
                        "author_id": message.author_id.id,
                        "res_partner_id": partners.get(address, False),
                        "mail_email_address": address,
                        "notification_type": "email",
                        "notification_status": "process",
                    }
                    for address in notice.address.split(SEPARATOR)
                ]
            )
        )
