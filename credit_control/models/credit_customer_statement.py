from datetime import timedelta

from odoo import fields, models
from odoo.tools import LazyTranslate, format_amount, format_date, str2bool

from ..core import delivery
from ..core.ageing import AgeingScale
from ..core.answer_input import FILE_TYPES, MAX_FILE_BYTES, MAX_FILES, MEGABYTE
from ..core.claim import Row, sections
from .company_day import company_day, company_today
from .credit_balance import TONES
from .credit_customer_answer import PAID_AHEAD_DAYS, PAID_SINCE_DAYS
from .credit_dunning_message_attachment import STATEMENT_REPORT
from .credit_dunning_message_payment import _ensure_tokens

_lt = LazyTranslate(__name__)

# How far back the statement tells of messages and answers, and how many of each.
RECENT_DAYS = 365
RECENT = 5

# How we name to the customer what became of their answers.
PROMISE_WORDS = {
    "open": _lt("noted"),
    "kept": _lt("received"),
    "partly_kept": _lt("received in part"),
    "broken": _lt("not received"),
    "cancelled": _lt("withdrawn"),
}
DISPUTE_WORDS = {
    "justified": _lt("settled in your favour"),
    "unjustified": _lt("examined, not accepted"),
}


class CreditCustomerStatement(models.AbstractModel):
    """The customer's statement as of today, as plain words and figures: no record reaches the page.

    Callers bring the rights (``sudo``) and the reader's language and time zone (context).
    """

    _name = "credit.customer.statement"
    _description = "Statement of a customer on the portal"

    def _prepare_portal_statement(self):
        """Return all that the page shows, gathered in few queries."""
        self.ensure_one()
        items = self._get_portal_items()
        rows = [self._get_portal_row(item) for item in items]
        payable = self._get_portal_payable(items)
        return {
            "company": self.company_id.name,
            "customer": self.partner_id.name,
            "reference": self.partner_id.ref or "",
            "date": format_date(self.env, company_today(self)),
            "sections": [self._prepare_portal_section(part, payable) for part in sections(rows)],
            "ageing": self._prepare_portal_ageing(items),
            "messages": self._prepare_portal_messages(),
            "answers": self._prepare_portal_answers(),
            "caller": self._prepare_portal_caller(),
            "count": len(items),
        }

    def _get_portal_items(self):
        """Return the open items of the statement, the oldest due date first."""
        items = self.env["credit.open.item"].search(self._get_portal_domain())
        items.move_line_id.fetch(["amount_currency", "move_id"])
        return items

    def _with_reader(self, lang, contact=None):
        """Return the card as its statement is read: with all rights, in the reader's language, on their day."""
        zone = (contact and contact.tz) or self.company_id.partner_id.tz or self.env.user.tz or "UTC"
        return self.sudo().with_context(lang=lang, tz=zone, allowed_company_ids=self.company_id.ids)

    def _prepare_portal_head(self):
        """Return what is said of this statement among others."""
        items = self._get_portal_items()
        currency = self.company_id.currency_id
        return {
            "company": self.company_id.name,
            "count": len(items),
            "total": self._text_portal_amount(sum(items.mapped("amount_residual")), currency),
        }

    def _prepare_portal_form(self, kind):
        """Return what a form of the portal needs beside the statement: days as ISO text, and reasons."""
        today = company_today(self)
        last = {"promise": self._get_portal_promise_days(), "paid": PAID_AHEAD_DAYS}.get(kind, 0)
        return {
            "today": today.isoformat(),
            "first_day": (today - timedelta(days=PAID_SINCE_DAYS if kind == "paid" else 0)).isoformat(),
            "last_day": (today + timedelta(days=last)).isoformat(),
            "reasons": [(reason.id, reason.name) for reason in self._get_portal_reasons()],
            "file_types": ", ".join(FILE_TYPES),
            "file_accept": ",".join(f".{extension}" for extension in FILE_TYPES),
            "max_files": MAX_FILES,
            "max_megabytes": MAX_FILE_BYTES // MEGABYTE,
        }

    def _get_portal_promise_days(self):
        """Return how many days ahead a customer may promise by themselves: no more than a collector may record."""
        company = self.company_id
        return min(company.credit_portal_promise_days, company.credit_promise_max_days)

    def _get_portal_reasons(self):
        """Return what a customer can disagree with."""
        return self.env["credit.dispute.reason"].search([("on_portal", "=", True)])

    def _print_portal_statement(self):
        """Return the statement as of today as (content, "pdf"); as "html" where tests print none."""
        report = self.env["ir.actions.report"].with_context(report_pdf_no_attachment=True)
        # A customer whom no run has planned for yet has no card, and a download stores none.
        stored = [self.id] if isinstance(self.id, int) else []
        data = {} if stored else {"unsaved": {"partner_id": self.partner_id.id, "company_id": self.company_id.id}}
        return report._render_qweb_pdf(STATEMENT_REPORT, stored, data=data)

    # -- by e-mail ------------------------------------------------------------------

    def action_send_statement(self):
        """Open Odoo's composer with the statement: to one customer, or a message of its own to each of several."""
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send the statement"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_template_id": self.env.ref("credit_control.mail_template_statement").id,
                "default_composition_mode": "comment" if len(self) == 1 else "mass_mail",
                "default_email_layout_xmlid": "mail.mail_notification_light",
                "force_email": True,
            },
        }

    def _get_statement_recipients(self):
        """Return whom an e-mail with the statement is for: who hears of invoices; the customer, where nobody does."""
        self.ensure_one()
        channel = self.env.ref("credit_control.channel_email").sudo()
        reach = channel._get_handler()._reach(channel, self.sudo())[self.id]
        return self.env["res.partner"].browse(reach.recipient_ids) or self.partner_id

    # -- items ----------------------------------------------------------------------

    def _get_portal_row(self, item):
        """Return the item as the core's value, in its own currency."""
        rate = item.amount_residual_currency / item.amount_residual if item.amount_residual else 0.0
        disputed = item.currency_id.round(item.amount_disputed * rate)
        promised = item.currency_id.round(item.amount_promised * rate)
        return Row(
            reference=item.reference,
            date=item.date,
            due=item.date_maturity,
            original=item.move_line_id.amount_currency,
            asked=item.amount_residual_currency - disputed - promised,
            disputed=disputed,
            promised=promised,
            currency=item.currency_id,
            is_credit=item.amount_residual < 0,
            item=item,
        )

    def _prepare_portal_section(self, part, payable):
        """Return the rows and sums in one currency, as they are read."""
        currency = part.currency
        return {
            "currency": currency.name,
            "rows": [self._prepare_portal_row(row, payable) for row in part.rows],
            "open": self._text_portal_amount(part.open, currency),
            "asked": self._text_portal_amount(part.asked, currency),
            "disputed": "" if currency.is_zero(part.disputed) else self._text_portal_amount(part.disputed, currency),
            "promised": "" if currency.is_zero(part.promised) else self._text_portal_amount(part.promised, currency),
            "overdue": self._text_portal_amount(sum(row.open for row in part.rows if self._is_late(row)), currency),
            "credits": self._text_portal_amount(sum(row.open for row in part.rows if row.is_credit), currency),
            "has_credits": any(row.is_credit for row in part.rows),
            "has_late": any(self._is_late(row) for row in part.rows),
            "decimals": currency.decimal_places,
        }

    def _is_late(self, row):
        return bool(row.days_late(company_today(self)))

    def _prepare_portal_row(self, row, payable):
        currency, item = row.currency, row.item
        asks = not row.is_credit and not item.collected and currency.compare_amounts(row.asked, 0) > 0
        disputable = not row.is_credit and currency.compare_amounts(row.open - row.disputed, 0) > 0
        return {
            "id": item.id,
            "reference": row.reference,
            "currency": currency.name,
            "your_reference": item._get_customer_reference(),
            "date": format_date(self.env, row.date),
            "due": "" if row.is_credit else format_date(self.env, row.due),
            "days_late": row.days_late(company_today(self)),
            "bucket": "" if row.is_credit else self._get_bucket_label(item.bucket),
            "tone": self._get_portal_tone(item.bucket),
            "amount": self._text_portal_amount(row.amount, currency),
            "paid": "" if currency.is_zero(row.paid) else self._text_portal_amount(row.paid, currency),
            "open": self._text_portal_amount(row.open, currency),
            "asked": self._text_portal_amount(row.asked, currency),
            "asked_value": currency.round(row.asked) if asks else 0.0,
            "disputable_value": currency.round(row.open - row.disputed) if disputable else 0.0,
            "disputed": self._text_portal_amount(row.disputed, currency) if row.disputed else "",
            "promised": self._text_portal_amount(row.promised, currency) if row.promised else "",
            "is_credit": row.is_credit,
            "is_collected": item.collected and not row.is_credit,
            "is_document": item.move_id.is_sale_document(include_receipts=True),
            "is_payable": asks and item.move_id in payable,
        }

    def _get_portal_tone(self, bucket):
        codes = AgeingScale.parse(self.company_id.credit_ageing_edges).codes
        return TONES[min(codes.index(bucket), len(TONES) - 1)] if bucket in codes else TONES[0]

    def _text_portal_amount(self, amount, currency):
        return format_amount(self.env, currency.round(amount) + 0.0, currency).replace("-\ufeff", "\u2212")

    def _prepare_portal_ageing(self, items):
        """Return the buckets that hold something, in company currency, with their share in percent for the bar."""
        currency = self.company_id.currency_id
        buckets = self._prepare_ageing(items.filtered(lambda item: item.amount_residual > 0))
        total = sum(bucket["amount"] for bucket in buckets)
        return [
            {
                "label": bucket["label"],
                "tone": bucket["tone"],
                "amount": self._text_portal_amount(bucket["amount"], currency),
                "share": round(100 * bucket["amount"] / total, 2),
            }
            for bucket in buckets
            if not currency.is_zero(bucket["amount"])
        ]

    # -- Odoo's own pages -------------------------------------------------------------

    def _has_portal_payment(self):
        """Whether invoices can be paid online: Odoo's setting is on, and the company has a published provider."""
        enabled = self.env["ir.config_parameter"].sudo().get_param("account_payment.enable_portal_payment")
        if not str2bool(enabled or "False") or "payment.provider" not in self.env:
            return False
        return bool(self.env["credit.dunning.notice"]._query_companies_with_provider(self.company_id))

    def _get_portal_payable(self, items):
        """Return the invoices that Odoo's own payment page takes."""
        moves = items.filtered(lambda item: item.amount_residual > 0).move_id
        return moves.filtered(lambda move: move._has_to_be_paid()) if self._has_portal_payment() else moves.browse()

    def _get_portal_document_url(self, item, act):
        """Return Odoo's page of the invoice behind ``item``: to ``pay`` it, its ``pdf``, else to look at it.

        Empty where there is no invoice, or it can't be paid online.
        """
        move = item.move_id
        if not move.is_sale_document(include_receipts=True):
            return ""
        _ensure_tokens(move)
        if act == "pay":
            return self._get_portal_pay_url(item)
        return move.get_portal_url(report_type="pdf", download=True) if act == "pdf" else move.get_portal_url()

    def _get_portal_pay_url(self, item):
        """Return Odoo's payment page for what is asked of ``item``; empty where it can't be paid online."""
        row = self._prepare_portal_row(self._get_portal_row(item), self._get_portal_payable(item))
        return item.move_id._credit_get_payment_link(row["asked_value"]) if row["is_payable"] else ""

    # -- what was said --------------------------------------------------------------

    def _prepare_portal_messages(self):
        """Return the last messages that left to the customer: day, way, subject; not the text, it may hold links."""
        notices = self.env["credit.dunning.notice"].search(
            [
                ("debtor_id", "in", self.ids),
                ("state", "in", delivery.LEFT),
                ("channel_id.is_manual", "=", False),
                ("sent_at", ">=", fields.Datetime.now() - timedelta(days=RECENT_DAYS)),
            ],
            order="sent_at desc, id desc",
            limit=RECENT,
        )
        return [
            {
                "date": format_date(self.env, company_day(notice, notice.sent_at)),
                "channel": notice.channel_id.name,
                "subject": notice.subject or "",
            }
            for notice in notices
        ]

    def _prepare_portal_answers(self):
        """Return the latest promises and disputes, the newest first, in the customer's words."""
        found = [*self._get_portal_promises(), *self._get_portal_disputes()]
        return [answer for _day, answer in sorted(found, key=lambda pair: pair[0], reverse=True)][:RECENT]

    def _get_portal_recent(self, model, day_field):
        since = company_today(self) - timedelta(days=RECENT_DAYS)
        domain = [("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id)]
        return self.env[model].search(
            [*domain, (day_field, ">=", since)], order=f"{day_field} desc, id desc", limit=RECENT
        )

    def _get_portal_promises(self):
        for promise in self._get_portal_recent("credit.promise", "date_recorded"):
            text = self.env._(
                "You will pay %(amount)s by %(date)s",
                amount=self._text_portal_amount(promise.amount, promise.currency_id),
                date=format_date(self.env, promise.date),
            )
            words = PROMISE_WORDS.get(promise.state, PROMISE_WORDS["open"])
            yield self._get_portal_answer(promise.date_recorded, "promise", text, words, promise.state == "open")

    def _get_portal_disputes(self):
        for dispute in self._get_portal_recent("credit.dispute", "date"):
            text = self.env._(
                "You disagree: %(reason)s (%(references)s)",
                reason=dispute.reason_id.name,
                references=", ".join(line.move_line_id.move_name or "" for line in dispute.line_ids[:RECENT]),
            )
            is_open = dispute.state != "closed"
            words = _lt("we are looking into it") if is_open else DISPUTE_WORDS.get(dispute.outcome, _lt("closed"))
            yield self._get_portal_answer(dispute.date, "dispute", text, words, is_open)

    def _get_portal_answer(self, day, kind, text, words, is_open):
        return day, {
            "date": format_date(self.env, day),
            "kind": kind,
            "text": text,
            "state": self.env._(words),
            "is_open": is_open,
        }

    def _prepare_portal_caller(self):
        """Return whom the customer can call: the collector, else the company."""
        user = self._get_collector()
        company = self.company_id
        return {
            "name": user.name or company.name,
            "phone": user.partner_id.phone or company.phone or "",
            "email": user.email or company.email or "",
        }
