from datetime import timedelta

from markupsafe import Markup, escape

from odoo import models
from odoo.tools import LazyTranslate, format_amount, format_date

from ..core import delivery
from ..core.claim import sections
from ..core.remittance import siren
from .company_day import company_day
from .credit_dunning_message_text import BLOCKS, MARK

_lt = LazyTranslate(__name__)

# (tone, formal): formal is a letter, else an e-mail.
GREETINGS = {
    ("courteous", False): _lt("Hello,"),
    ("neutral", False): _lt("Dear Sir or Madam,"),
    ("firm", False): _lt("Dear Sir or Madam,"),
    ("courteous", True): _lt("Dear Sir or Madam,"),
    ("neutral", True): _lt("Dear Sir or Madam,"),
    ("firm", True): _lt("Dear Sir or Madam,"),
}
CLOSINGS = {
    ("courteous", False): _lt("With many thanks and kind regards,"),
    ("neutral", False): _lt("Kind regards,"),
    ("firm", False): _lt("Regards,"),
    ("courteous", True): _lt("Thanking you in advance, we remain yours sincerely,"),
    ("neutral", True): _lt("Yours faithfully,"),
    ("firm", True): _lt("Yours truly,"),
}
# Days to pay where no step says how many.
DEADLINE_DAYS = 8
FRENCH_CODES = frozenset({"FR", "GF", "GP", "MQ", "RE", "YT", "BL", "MF", "PM"})


class CreditDunningMessageValues(models.AbstractModel):
    """The values that a text may use, frozen as of the notice's date."""

    _name = "credit.dunning.message.values"
    _description = "The values that a text may use"
    _inherit = ["credit.dunning.message.charges"]

    def _prepare_text_values(self, formal=False):
        """Return ``{notice id: values}`` for templates and layouts, gathered in few queries.

        Every notice is written in the language and time zone of the context. The names are
        public: ``readme/USAGE.md`` lists them for who writes templates.

        :param formal: a letter's greeting and closing, else an e-mail's
        """
        known = self._gather_text_facts()
        return {notice.id: notice._prepare_notice_values(known, formal) for notice in self}

    def _gather_text_facts(self):
        """Read for all notices at once what their values are made of."""
        self.debtor_id._ensure_portal_secrets()
        self.line_ids.move_id.sudo().fetch(["name", "ref", "partner_bank_id", "payment_reference", "access_token"])
        return {
            "previous": self._query_previous_dates(),
            "promises": self._gather_promises(),
            "disputes": self._query_latest("credit.dispute", "date", [("state", "=", "open")]),
            "payable": self._gather_payable(),
            "charges": self._gather_charges(),
        }

    def _query_previous_dates(self):
        """Return per debtor the day on which something last left."""
        groups = self.env["credit.dunning.notice"]._read_group(
            [
                ("debtor_id", "in", self.debtor_id.ids),
                ("state", "in", delivery.LEFT),
                ("id", "not in", self.ids),
                ("channel_id.is_manual", "=", False),
            ],
            ["debtor_id"],
            ["sent_at:max"],
        )
        return {debtor.id: sent_at for debtor, sent_at in groups}

    def _query_latest(self, model, order, domain):
        """Return per customer and company the latest record of ``model`` in ``domain``."""
        records = (
            self.env[model]
            .sudo()
            .search(
                [
                    *domain,
                    ("partner_id", "in", self.partner_id.ids),
                    ("company_id", "in", self.company_id.ids),
                ],
                order=f"{order}, id",
            )
        )
        return {(record.partner_id.id, record.company_id.id): record for record in records}

    def _prepare_notice_values(self, known, formal):
        self.ensure_one()
        parts = sections(line._get_claim_row() for line in self.line_ids)
        values = {"object": self, "company": self.company_id.sudo()}
        values |= self._prepare_claim_values(parts)
        values |= self._prepare_person_values(formal)
        values |= self._prepare_date_values(known)
        values |= self._prepare_promise_values(known["promises"][self.id])
        values |= self._prepare_law_values(parts, known["charges"])
        values |= self._prepare_payment_values(parts, known["payable"])
        values |= self._prepare_layout_values()
        return values | {name: Markup(MARK % name) for name in BLOCKS}

    # -- the claim ------------------------------------------------------------------

    def _prepare_claim_values(self, parts):
        rows = [row for part in parts for row in part.rows]
        overdue = [row for row in rows if row.days_late(self.date)]
        asked = [part for part in parts if not part.currency.is_zero(part.asked)]
        return {
            "total": " + ".join(format_amount(self.env, part.asked, part.currency) for part in asked or parts),
            "sections": [self._prepare_section(part) for part in parts],
            "references": ", ".join(row.reference for row in rows if not row.is_credit),
            "count": len(overdue),
            "days_late": max((row.days_late(self.date) for row in rows), default=0),
            "has_credits": any(row.is_credit for row in rows),
            "first_due": self._text_date(min((row.due for row in rows if row.due), default=False)),
        }

    def _prepare_section(self, part):
        """Return the rows and sums in one currency, as they are read."""
        return {
            "currency": part.currency.name,
            "rows": [self._prepare_row(row, part.currency) for row in part.rows],
            "open": self._text_amount(part.open, part.currency),
            "disputed": self._text_deduction(part.disputed, part.currency),
            "promised": self._text_deduction(part.promised, part.currency),
            "asked": self._text_amount(part.asked, part.currency),
            "is_split": not part.currency.is_zero(part.open - part.asked),
        }

    def _prepare_row(self, row, currency):
        days = row.days_late(self.date)
        return {
            "reference": row.reference,
            "reference_html": _breakable(row.reference),
            "your_reference": row.item._get_customer_reference(),
            "date": self._text_date(row.date),
            "due": "" if row.is_credit else self._text_date(row.due),
            "amount": self._text_amount(row.amount, currency),
            "paid": "" if currency.is_zero(row.paid) else self._text_amount(row.paid, currency),
            "open": self._text_amount(row.open, currency),
            "disputed": self._text_amount(row.disputed, currency) if row.disputed else "",
            "promised": self._text_amount(row.promised, currency) if row.promised else "",
            "days_late": days,
            "is_credit": row.is_credit,
            "is_charge": row.item.move_id.sudo().credit_is_charge_invoice,
            "move_id": row.item.move_id.id,
        }

    def _text_amount(self, amount, currency):
        # A true minus sign; Odoo's own is followed by a character that some mail readers show as a box.
        return format_amount(self.env, amount, currency).replace("-\ufeff", "\u2212")

    def _text_deduction(self, amount, currency):
        return "" if currency.is_zero(amount) else self._text_amount(-amount, currency)

    def _text_date(self, day, pattern=False):
        return format_date(self.env, day, date_format=pattern) if day else ""

    # -- people ---------------------------------------------------------------------

    def _prepare_person_values(self, formal):
        tone = self.debtor_id.tone or "neutral"
        customer = self.partner_id.sudo()
        sender = self._prepare_sender()
        return {
            "customer": customer.name or "",
            "customer_reference": customer.ref or "",
            "customer_registry": self._text_registry(customer),
            "greeting": self._get_greeting(tone, formal),
            "closing": self.env._(CLOSINGS[tone, formal]),
            "customer_address": self._text_address(customer),
            "sender": sender,
            "sender_name": sender["name"],
            "company_name": self.company_id.name,
            "company_registry": self._text_registry(self.company_id.sudo().partner_id),
            "company_address": self._text_address(self.company_id.sudo().partner_id),
        }

    def _get_greeting(self, tone, formal):
        person = self._get_addressee()
        if not person or (formal and tone != "courteous"):
            return self.env._(GREETINGS[tone, formal])
        if tone == "courteous" and not formal:
            return self.env._("Hello %(name)s,", name=person)
        return self.env._("Dear %(name)s,", name=person)

    def _get_addressee(self):
        """Return the name of the one person who receives it; empty where it's a firm or several people."""
        recipients = self.recipient_ids.sudo()
        if len(recipients) == 1 and not recipients.is_company:
            return recipients.name or ""
        return ""

    def _prepare_sender(self):
        """Return whom the customer calls: name, function, direct number, e-mail; the company's where unknown."""
        user = (self.user_id or self.step_id._get_sender(self.debtor_id)).sudo()
        company = self.company_id.sudo()
        return {
            "name": user.name or company.name,
            "is_person": bool(user),
            "function": user.partner_id.function or "",
            "phone": user.partner_id.phone or company.phone or "",
            "is_direct": bool(user.partner_id.phone),
            "email": user.email_formatted and user.email or company.email or "",
        }

    def _text_address(self, partner):
        """Return street and town in one line."""
        place = " ".join(filter(None, (partner.zip, partner.city)))
        return ", ".join(filter(None, (partner.street, place)))

    def _text_registry(self, partner):
        """Return the number under which a firm is registered, with its name (SIREN in France)."""
        number = siren(partner.company_registry) if partner.country_id.code in FRENCH_CODES else ""
        if number:
            return f"SIREN {number}"
        if partner.company_registry:
            return f"{partner.company_registry_label}: {partner.company_registry}"
        label = partner.country_id.vat_label or self.env._("Tax ID")
        return f"{label}: {partner.vat}" if partner.vat else ""

    # -- dates ----------------------------------------------------------------------

    def _prepare_date_values(self, known):
        key = (self.partner_id.id, self.company_id.id)
        dispute = known["disputes"].get(key)
        previous = known["previous"].get(self.debtor_id.id)
        return {
            "date": self._text_date(self.date),
            "date_long": self._text_date(self.date, "long"),
            "place_date": self._text_place_date(),
            "deadline": self._text_date(self._get_deadline()),
            "deadline_days": self.step_id.deadline_days or DEADLINE_DAYS,
            "previous_date": self._text_date(previous and company_day(self, previous)),
            "dispute_date": self._text_date(dispute and dispute.date),
            "dispute_reason": dispute.reason_id.with_env(self.env).name if dispute else "",
        }

    def _text_place_date(self):
        """Return place and date as at the head of a letter."""
        date, place = self._text_date(self.date, "long"), self.company_id.city
        return self.env._("%(place)s, %(date)s", place=place, date=date) if place else date

    def _get_deadline(self):
        """Return the day by which payment is asked: the due date where none has passed yet."""
        dues = self.line_ids.filtered(lambda line: not line.is_credit and line.date_due).mapped("date_due")
        if dues and min(dues) >= self.date:
            return max(dues)
        deadline = self.date + timedelta(days=self.step_id.deadline_days or DEADLINE_DAYS)
        if not self.step_id.is_formal_notice:
            return deadline
        # What the law counts ends on a day that is worked where the debtor is (in France C. proc. civ. 642).
        return self.company_id.sudo()._credit_get_working_day_from(deadline, self.partner_id.sudo().country_id)

    # -- law ------------------------------------------------------------------------

    def _prepare_law_values(self, parts, charges):
        kind = self._get_customer_kind()
        return {
            "is_business": kind == "business",
            "is_consumer": kind == "consumer",
            "is_public": kind == "public",
            "is_french": self.company_id.country_id.code in FRENCH_CODES,
            "claims": self._prepare_principal(parts) + self._prepare_charges(charges),
        }

    def _prepare_principal(self, parts):
        return [(self.env._("Principal"), self._text_amount(part.asked, part.currency)) for part in parts]

    # -- layout ---------------------------------------------------------------------

    def _prepare_layout_values(self):
        company = self.company_id.sudo()
        base_url = company.get_base_url()
        return {
            "lang_code": (self.env.lang or "en_US").replace("_", "-"),
            "logo_url": "" if company.uses_default_logo else f"{base_url}/logo.png?company={company.id}",
            "color": company.email_secondary_color or "#374151",
            "button_color": company.email_primary_color or "#FFFFFF",
            "enclosures": self._get_enclosures(),
        }

    def _get_enclosures(self):
        """Return the names of what is sent along."""
        step = self.step_id
        return [
            label
            for wanted, label in (
                (step.attach_statement, self.env._("statement of account")),
                (step.attach_invoices, self.env._("copies of the invoices")),
            )
            if wanted
        ]


def _breakable(reference):
    """Return the reference as HTML that may be broken after a slash, on a phone or in a narrow column."""
    return Markup("/<wbr/>").join(escape(part) for part in reference.split("/"))
