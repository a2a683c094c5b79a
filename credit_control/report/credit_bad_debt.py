from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

from ..models.language import format_figure


class ReportBadDebt(models.AbstractModel):
    """Duplicate of an unpaid invoice with the mention that lets the VAT on it be recovered (CGI art. 272, 1).

    The customer can't deduct the VAT of what they didn't pay: the mention says so, with the unpaid price and its VAT.
    VAT that falls due on payment (services, CGI 269-2 c) isn't part of it: nobody paid or deducted any.
    """

    _name = "report.credit_control.report_bad_debt"
    _inherit = "credit.documents"
    _description = "VAT on a bad debt"
    _document_model = "account.move"
    _values_name = "debt_of"

    def _prepare_document(self, move):
        if move.move_type != "out_invoice" or move.state != "posted" or move.amount_residual <= 0:
            raise UserError(
                self.env._("%s isn't an unpaid invoice: there is no VAT to recover on it.", move.display_name)
            )
        lang = move.partner_id.lang or move.company_id.partner_id.lang or self.env.lang
        env = move.with_context(lang=lang).env
        net, vat, later = self._split(move)
        if later and not vat:
            raise UserError(
                self.env._(
                    "The VAT of %s falls due on payment: none was due on what is unpaid, so there is none to recover.",
                    move.display_name,
                )
            )
        return {
            "lang": lang,
            "today": format_date(env, env["credit.open.item"]._as_of()),
            "date": format_date(env, move.invoice_date),
            "due": format_date(env, move.invoice_date_due),
            "lines": [
                self._prepare_line(env, line) for line in move.invoice_line_ids if line.display_type == "product"
            ],
            "untaxed": format_amount(env, move.amount_untaxed, move.currency_id),
            "taxes": self._prepare_taxes(env, move),
            "total": format_amount(env, move.amount_total, move.currency_id),
            "unpaid": format_amount(env, move.amount_residual, move.currency_id),
            "net": format_amount(env, net, move.currency_id),
            "vat": format_amount(env, vat, move.currency_id),
            "later": format_amount(env, later, move.currency_id) if later else False,
        }

    def _get_product_lines(self, move):
        return move.invoice_line_ids.filtered(lambda line: line.display_type == "product")

    def _split(self, move):
        """Return what is unpaid in three: price without VAT, VAT that was due, VAT that falls due on payment.

        In the proportion of the invoice, together the residual.
        """
        share = move.amount_residual / move.amount_total if move.amount_total else 0.0
        on_payment = move.line_ids.filtered(lambda line: line.tax_line_id.tax_exigibility == "on_payment")
        round_off = move.currency_id.round
        later = round_off(-sum(on_payment.mapped("amount_currency")) * share)
        vat = round_off(round_off(move.amount_tax * share) - later)
        return round_off(move.amount_residual - vat - later), vat, later

    def _prepare_line(self, env, line):
        return {
            "name": line.name or line.product_id.display_name or "",
            "quantity": format_figure(env, line.quantity),
            "price": format_amount(env, line.price_unit, line.currency_id),
            "tax": ", ".join(line.tax_ids.with_env(env).mapped(self._get_tax_label)),
            "subtotal": format_amount(env, line.price_subtotal, line.currency_id),
        }

    def _prepare_taxes(self, env, move):
        lines = move.line_ids.filtered("tax_line_id")
        return [
            (
                self._get_tax_label(line.tax_line_id.with_env(env)),
                format_amount(env, -line.amount_currency, move.currency_id),
            )
            for line in lines
        ]

    def _get_tax_label(self, tax):
        return tax.invoice_label or tax.name
