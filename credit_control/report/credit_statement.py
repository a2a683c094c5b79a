from odoo import models
from odoo.tools import format_amount, format_date

from ..core import law
from ..core.ageing import NOT_DUE, AgeingScale
from ..core.claim import Row, sections


class ReportStatement(models.AbstractModel):
    """The open items of customers as of the day in the context (``as_of``), each in the customer's language."""

    _name = "report.credit_control.report_statement"
    _description = "Statement of account"

    def _get_report_values(self, docids, data=None):
        debtors = self.env["credit.debtor"].browse(docids) or self._get_unsaved(data or {})
        items_of = self._gather_items(debtors)
        charges_of = self._gather_charges(debtors)
        return {
            "doc_ids": docids,
            "doc_model": debtors._name,
            "docs": debtors,
            "statement_of": {
                debtor.id: self._prepare_statement(debtor, items_of.get(debtor, []))
                | {"charges": charges_of[debtor.id]}
                for debtor in debtors
            },
        }

    def _get_unsaved(self, data):
        """Return the card of a customer who has none yet, which isn't stored by printing it."""
        debtors = self.env["credit.debtor"]
        return debtors.new(data["unsaved"]) if data.get("unsaved") else debtors

    def _gather_items(self, debtors):
        """Return the trade items that each debtor has open, by due date."""
        items = self.env["credit.open.item"].search(
            [
                ("partner_id", "in", debtors.partner_id.ids),
                ("company_id", "in", debtors.company_id.ids),
                ("non_trade", "=", False),
            ]
        )
        items.move_line_id.sudo().fetch(["amount_currency", "move_id"])
        owner = {(debtor.partner_id.id, debtor.company_id.id): debtor for debtor in debtors}
        return items.grouped(lambda item: owner[item.partner_id.id, item.company_id.id])

    def _gather_charges(self, debtors):
        """Return ``{card id: rows}`` of the interest and fixed sums that are claimed: apart, in no total."""
        charges = self.env["credit.charge"].search(
            [
                ("partner_id", "in", debtors.partner_id.ids),
                ("company_id", "in", debtors.company_id.ids),
                ("state", "=", "claimed"),
            ],
            order="move_id, kind desc",
        )
        by_card = charges.grouped(lambda charge: (charge.partner_id, charge.company_id))
        return {
            debtor.id: [
                self._prepare_charge(debtor, charge)
                for charge in by_card.get((debtor.partner_id, debtor.company_id), charges.browse())
                if law.is_allowed(charge.regime_id.sudo().kind, debtor._get_legal_kind())
            ]
            for debtor in debtors
        }

    def _prepare_charge(self, debtor, charge):
        lang = debtor.partner_id.lang or self.env.lang
        charge = charge.with_context(lang=lang)
        return {
            "reference": charge.move_id.name,
            "kind": dict(charge._fields["kind"]._description_selection(charge.env))[charge.kind],
            "date": format_date(charge.env, charge.date_to),
            "amount": format_amount(charge.env, charge.amount, charge.currency_id),
        }

    def _prepare_statement(self, debtor, items):
        notice = self.env["credit.dunning.notice"].new(
            {"partner_id": debtor.partner_id.id, "company_id": debtor.company_id.id, "debtor_id": debtor.id}
        )
        notice.date = self.env["credit.open.item"]._as_of()
        notice = notice.with_context(lang=notice._get_text_lang())
        parts = sections(self._get_row(item) for item in items)
        return {
            "lang": notice.env.lang,
            "date": format_date(notice.env, notice.date),
            "address": notice._get_address_lines(),
            "sections": [notice._prepare_section(part) for part in parts],
            "ageing": self._prepare_ageing(notice, items),
            "bank": notice._prepare_bank(notice._get_bank()),
        }

    def _get_row(self, item):
        is_credit = item.amount_residual < 0
        rate = item.amount_residual_currency / item.amount_residual if item.amount_residual else 0.0
        disputed = item.amount_disputed * rate if not is_credit else 0.0
        return Row(
            reference=item.reference,
            date=item.date,
            due=item.date_maturity,
            original=item.move_line_id.sudo().amount_currency,
            asked=item.amount_residual_currency - disputed,
            disputed=disputed,
            currency=item.currency_id,
            is_credit=is_credit,
            item=item,
        )

    def _prepare_ageing(self, notice, items):
        """Return ``[(label, amount)]`` of the buckets in company currency."""
        company = notice.company_id
        scale = AgeingScale.parse(company.credit_ageing_edges)
        totals = scale.spread((item.days_overdue, item.amount_residual) for item in items)
        return (
            [
                (
                    notice.env._("not due") if code == NOT_DUE else notice.env._("%s days", code.replace("-", "–")),
                    format_amount(notice.env, amount, company.currency_id).replace("-\ufeff", "\u2212"),
                )
                for code, amount in totals.items()
            ]
            if items
            else []
        )
