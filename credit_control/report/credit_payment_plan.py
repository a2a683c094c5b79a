from odoo import models
from odoo.tools import format_amount, format_date


class ReportPaymentPlan(models.AbstractModel):
    """The agreement of a payment plan, in the customer's language: what is owed, when it is paid, who signs."""

    _name = "report.credit_control.report_payment_plan"
    _inherit = "credit.documents"
    _description = "Agreement of a payment plan"
    _document_model = "credit.payment.plan"
    _values_name = "agreement_of"

    def _prepare_document(self, plan):
        debtor = self.env["credit.debtor"].sudo()._ensure(plan.company_id, plan.partner_id.ids)
        notice = self.env["credit.dunning.notice"].new(
            {
                "partner_id": plan.partner_id.id,
                "company_id": plan.company_id.id,
                "debtor_id": debtor.id,
                "user_id": plan.user_id.id,
                "recipient_ids": plan.contact_id.ids,
            }
        )
        notice = notice.with_context(lang=notice._get_text_lang())
        return {
            "lang": notice.env.lang,
            "address": notice._get_address_lines(),
            "date": format_date(notice.env, plan.date_agreed or plan.create_date.date(), date_format="long"),
            "total": self._text_told(notice, plan, plan.amount),
            "rows": self._prepare_rows(notice, plan),
            "items": self._prepare_items(notice, plan),
            "sender": notice._prepare_sender(),
            "bank": notice._prepare_bank(notice._get_bank()),
        }

    def _prepare_rows(self, notice, plan):
        """Return the instalments, each with what is left to pay after it."""
        rows, left = [], plan.amount
        for number, line in enumerate(plan.line_ids.sorted("date"), 1):
            left -= line.amount
            rows.append(
                {
                    "number": number,
                    "date": format_date(notice.env, line.date),
                    "amount": self._text_told(notice, plan, line.amount),
                    "left": self._text_told(notice, plan, plan.currency_id.round(left)),
                }
            )
        return rows

    def _prepare_items(self, notice, plan):
        """Return the invoices as they are: what was invoiced, and what is open today."""
        return [
            {
                "reference": line.move_name or line.name or "–",
                "date": format_date(notice.env, line.move_id.invoice_date or line.date),
                "due": format_date(notice.env, line.date_maturity or line.date),
                "amount": self._text(notice, line.amount_currency, line.currency_id),
                "open": self._text(notice, line.amount_residual_currency, line.currency_id),
            }
            for line in plan.move_line_ids.sudo().sorted(lambda line: (line.date_maturity or line.date, line.id))
        ]

    def _text_told(self, notice, plan, amount):
        """Return an amount of the plan in the currency of its invoices."""
        told = self.env["credit.promise"]._get_document_amount(plan.move_line_ids, amount, plan.company_id)
        return self._text(notice, *told)

    def _text(self, notice, amount, currency):
        return format_amount(notice.env, amount, currency).replace("-\ufeff", "\u2212")
