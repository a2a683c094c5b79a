import hashlib
from datetime import timedelta

from markupsafe import Markup, escape

from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date
from odoo.tools.mimetypes import guess_mimetype

from ..core import answer_input
from ..core.allowance import ANNOUNCEMENTS, REPEATS
from .company_day import company_today

MAX_NOTE = 2000
MAX_REFERENCE = 100
# A payment that is announced lies no further back, and no further ahead, than this.
PAID_SINCE_DAYS = 60
PAID_AHEAD_DAYS = 3
# Nobody is subscribed to our records, least of all the customer.
QUIET = {"mail_create_nosubscribe": True, "mail_post_autofollow": False, "attachments_mime_plainxml": True}


class CreditCustomerAnswer(models.AbstractModel):
    """What a customer says on the portal becomes a promise, a dispute, or a word to the collector.

    Each method checks what a stranger may have made up, and raises a UserError that may be shown to
    them. They write as the system, never as the customer's user, whom our records aren't open to.
    A second identical answer within half an hour is the first one.
    """

    _name = "credit.customer.answer"
    _description = "What a customer says on the portal"

    def _answer_promise(self, contact, items, amount, date, note=""):
        """Record that the customer will pay ``amount`` by ``date`` for ``items``.

        :param contact: the partner who says so
        :param items: ``credit.open.item`` of this customer, in one currency
        :param amount: in the currency of the items
        :return: the promise; an empty one where it was recorded already
        """
        debtor = self._as_system()
        note = answer_input.clean_text(note or "", MAX_NOTE)
        if not debtor._is_first_time("promise", items.ids, amount, date, note):
            return debtor.env["credit.promise"]
        self._check_promise(items, amount, date)
        items = items.with_env(debtor.env)
        promise = debtor._declare_promise(contact, items, amount, date, note)
        text = debtor.env._(
            "%(contact)s will pay %(amount)s by %(date)s.",
            contact=contact.display_name,
            amount=format_amount(debtor.env, amount, items.currency_id),
            date=format_date(debtor.env, date),
        )
        debtor._log_answer(contact, text, note)
        return promise

    def _answer_dispute(self, contact, parts, reason, text, files=()):
        """Record that the customer disagrees with ``parts``.

        :param parts: ``{item: amount in its currency}``; 0 for all of it
        :param reason: a ``credit.dispute.reason``
        :param files: ``[(name, content)]``
        :return: the dispute; an empty one where it was recorded already
        """
        debtor = self._as_system()
        text = answer_input.clean_text(text or "", MAX_NOTE)
        files = self._check_files(files)
        digests = [(name, hashlib.sha256(content).hexdigest()) for name, content in files]
        key = [(item.id, amount) for item, amount in parts.items()]
        if not debtor._is_first_time("dispute", key, reason.id, text, digests):
            return debtor.env["credit.dispute"]
        self._check_dispute(parts, reason, text)
        dispute = debtor._open_dispute(contact, parts, reason, text, files)
        references = ", ".join(item.reference for item in parts)
        reason = reason.with_env(debtor.env)
        debtor._log_answer(
            contact, debtor.env._("Disagrees (%(reason)s): %(items)s", reason=reason.name, items=references)
        )
        return dispute

    def _answer_paid(self, contact, items, date, reference="", note=""):
        """Tell the collector that the customer says to have paid; reminders pause shortly, but not again and again.

        :return: whether it was news
        """
        debtor = self._as_system()
        reference = answer_input.clean_line(reference or "", MAX_REFERENCE)
        note = answer_input.clean_text(note or "", MAX_NOTE)
        if not debtor._is_first_time("paid", items.ids, date, reference, note):
            return False
        self._check_paid(date)
        text = debtor.env._(
            "%(contact)s says to have paid on %(date)s (reference: %(reference)s): %(items)s",
            contact=contact.display_name,
            date=format_date(debtor.env, date),
            reference=reference or "–",
            items=", ".join(items.mapped("reference")) or "–",
        )
        debtor._log_answer(contact, text, note)
        if debtor._is_within(ANNOUNCEMENTS, debtor.id):
            debtor._pause_after_reply(contact.name or contact.display_name)
        summary = debtor.env._("Find the payment of %s", contact.commercial_partner_id.name)
        debtor._ask_collector(contact.name, summary, _as_html(f"{text}\n{note}"))
        return True

    # -- what may be made up --------------------------------------------------------

    def _check_promise(self, items, amount, date):
        today = company_today(self)
        last = today + timedelta(days=self._get_portal_promise_days())
        if not items:
            raise UserError(self.env._("Choose the invoices that you will pay."))
        if len(items.currency_id) > 1:
            raise UserError(self.env._("Choose invoices of one currency at a time."))
        if not today <= date <= last:
            raise UserError(
                self.env._(
                    "Choose a day between today and %s. If you need more time, please call us.",
                    format_date(self.env, last),
                )
            )
        self._check_promise_amount(items, amount)

    def _check_promise_amount(self, items, amount):
        rows = [self._prepare_portal_row(self._get_portal_row(item), ()) for item in items]
        currency = items.currency_id
        most = sum(row["asked_value"] for row in rows)
        if any(not row["asked_value"] for row in rows):
            raise UserError(self.env._("One of these invoices is promised, disputed or being collected already."))
        if amount is None or currency.compare_amounts(amount, 0) <= 0 or currency.compare_amounts(amount, most) > 0:
            raise UserError(
                self.env._(
                    "Write an amount of up to %s, which is what is open on the invoices that you chose.",
                    self._text_portal_amount(most, currency),
                )
            )
        if self._has_broken_promise(items):
            raise UserError(
                self.env._("An earlier promise on these invoices wasn't kept: please call us to agree on a new day.")
            )

    def _has_broken_promise(self, items):
        return self.env["credit.promise"].search_count(
            [("move_line_ids", "in", items.move_line_id.ids), ("state", "=", "broken")], limit=1
        )

    def _check_dispute(self, parts, reason, text):
        if not parts:
            raise UserError(self.env._("Choose the invoices that you disagree with."))
        if not reason:
            raise UserError(self.env._("Choose what you disagree with."))
        if not text:
            raise UserError(self.env._("Tell us in a few words what is wrong, so that we can look into it."))
        for item, amount in parts.items():
            row = self._prepare_portal_row(self._get_portal_row(item), ())
            most, currency = row["disputable_value"], item.currency_id
            if not most:
                raise UserError(self.env._("%s is disputed already: we are looking into it.", item.reference))
            if amount is None or currency.compare_amounts(amount, most) > 0:
                raise UserError(
                    self.env._(
                        "%(reference)s: write an amount of up to %(amount)s, or leave it empty for all of it.",
                        reference=item.reference,
                        amount=self._text_portal_amount(most, currency),
                    )
                )

    def _check_paid(self, date):
        today = company_today(self)
        first, last = today - timedelta(days=PAID_SINCE_DAYS), today + timedelta(days=PAID_AHEAD_DAYS)
        if not first <= date <= last:
            raise UserError(
                self.env._(
                    "Choose the day of your payment, between %(first)s and %(last)s.",
                    first=format_date(self.env, first),
                    last=format_date(self.env, last),
                )
            )

    def _check_files(self, files):
        """Return the files with names that are harmless; refuse too many, too large, and other kinds."""
        if len(files) > answer_input.MAX_FILES:
            raise UserError(self.env._("Send up to %s files.", answer_input.MAX_FILES))
        cleaned = [(answer_input.clean_file_name(name), content) for name, content in files]
        megabytes = answer_input.MAX_FILE_BYTES // answer_input.MEGABYTE
        for name, content in cleaned:
            if not content:
                raise UserError(self.env._("“%s” is empty.", name))
            if len(content) > answer_input.MAX_FILE_BYTES:
                raise UserError(self.env._("“%(name)s” is larger than %(size)s MB.", name=name, size=megabytes))
            if not answer_input.is_allowed_type(name, guess_mimetype(content)):
                raise UserError(
                    self.env._(
                        "“%(name)s” can't be sent: %(types)s are accepted, and the content must be what the name says.",
                        name=name,
                        types=", ".join(answer_input.FILE_TYPES),
                    )
                )
        if sum(len(content) for _name, content in cleaned) > answer_input.MAX_TOTAL_BYTES:
            total = answer_input.MAX_TOTAL_BYTES // answer_input.MEGABYTE
            raise UserError(self.env._("All files together may have up to %s MB.", total))
        return cleaned

    # -- what becomes of it ---------------------------------------------------------

    def _as_system(self):
        """Return the card, made where missing, written to by the system in the company's language."""
        company = self.company_id
        env = self.env(user=SUPERUSER_ID, su=True)
        lang = self._get_collector().lang or company.partner_id.lang or self.env.lang
        env = env(context={**env.context, **QUIET, "lang": lang, "allowed_company_ids": company.ids})
        if isinstance(self.id, int):
            return self.with_env(env)
        return self.env["credit.debtor"].with_env(env)._ensure(company, self.partner_id.ids).sudo()

    def _is_first_time(self, *content):
        """Whether this answer wasn't given a moment ago: a double click makes one record."""
        digest = hashlib.sha256(repr(content).encode()).hexdigest()
        return self._is_within(REPEATS, (self.id, digest))

    def _is_within(self, allowance, who):
        return self.env["credit.portal.count"]._allow((allowance,), {allowance.per: who})

    def _declare_promise(self, contact, items, amount, date, note):
        return self.env["credit.promise"]._declare(
            self.partner_id.with_env(self.env),
            items.move_line_id,
            amount,
            date,
            currency=items.currency_id,
            contact=contact.with_env(self.env),
            channel="portal",
            note=note,
        )

    def _open_dispute(self, contact, parts, reason, text, files):
        lines = {item.move_line_id.with_env(self.env): amount for item, amount in parts.items()}
        return self.env["credit.dispute"]._open(
            lines,
            reason,
            note=text,
            source="portal",
            in_document_currency=True,
            author=contact.with_env(self.env),
            attachments=files,
        )

    def _log_answer(self, contact, text, note=""):
        """Write what the customer says into the card's chatter, for our own people to read."""
        self.message_post(
            body=Markup("<p><em>%s</em></p>%s") % (self.env._("On the portal:"), _as_html(f"{text}\n{note}")),
            author_id=contact.id,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )


def _as_html(text):
    """Return a stranger's text as HTML: escaped, and no address in it becomes a link."""
    return Markup("<p>%s</p>") % Markup("<br/>").join(escape(line) for line in text.strip().split("\n"))
