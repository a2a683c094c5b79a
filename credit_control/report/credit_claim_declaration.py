from io import BytesIO
from typing import NamedTuple

from odoo import models

from .workbook import Column, Sheet, write_workbook


class ClaimRow(NamedTuple):
    """One item of the claim: amounts in its own currency, ``company_amount`` at the rate of the judgment."""

    item: models.BaseModel
    original: float
    open: float
    company_amount: float
    is_due: bool


class ReportClaimDeclaration(models.AbstractModel):
    """The claim to declare: what was open at the judgment, due by then and falling due later."""

    _name = "report.credit_control.report_claim_declaration"
    _inherit = "credit.documents"
    _description = "Declaration of a claim"
    _document_model = "credit.insolvency"
    _values_name = "claim_of"

    def _prepare_document(self, insolvency):
        """Return what the document says, in the language of who receives it."""
        writer = self._get_writer(insolvency)
        insolvency = insolvency.with_env(writer.env)
        rows = self._get_rows(insolvency)
        principal = sum(row.company_amount for row in rows)
        accessories = insolvency._get_claim_accessories()
        total = principal + sum(amount for _label, amount in accessories)
        currency, company = insolvency.currency_id, insolvency.company_id.sudo()
        return {
            "lang": writer.env.lang,
            "place_date": writer._text_place_date(),
            "address": writer._get_address_lines() if insolvency.representative_id else [],
            "company": company,
            "company_registry": writer._text_registry(company.partner_id),
            "company_address": writer._text_address(company.partner_id),
            "customer": insolvency.partner_id.sudo().name,
            "customer_registry": writer._text_registry(insolvency.partner_id.sudo()),
            "customer_address": writer._text_address(insolvency.partner_id.sudo()),
            "kind": dict(insolvency._fields["kind"]._description_selection(writer.env))[insolvency.kind],
            "judgment": writer._text_date(insolvency._get_claim_day(), "long"),
            "is_judged": bool(insolvency.judgment_date),
            "published": writer._text_date(insolvency.publication_date, "long"),
            "is_french": insolvency.partner_id.sudo().country_id.code == "FR",
            "groups": self._prepare_groups(writer, rows),
            "has_foreign": any(row.item.currency_id != currency for row in rows),
            "principal": writer._text_amount(principal, currency),
            "accessories": [(label, writer._text_amount(amount, currency)) for label, amount in accessories],
            "total": writer._text_amount(total, currency),
            "bank": writer._prepare_bank(writer._get_bank()),
            "signer": insolvency.user_id.sudo().name or company.name,
        }

    def _get_writer(self, insolvency):
        """Return who knows how our letters write addresses, dates and amounts: a notice that isn't kept."""
        recipient = insolvency.representative_id or insolvency.partner_id
        writer = self.env["credit.dunning.notice"].new(
            {
                "partner_id": recipient.id,
                "company_id": insolvency.company_id.id,
                "date": insolvency.declared_on or insolvency.env["credit.open.item"]._as_of(),
            }
        )
        return writer.with_context(lang=recipient.lang or insolvency.company_id.partner_id.lang or self.env.lang)

    def _get_rows(self, insolvency):
        """Return the rows of the claim, oldest due date first."""
        amounts = insolvency._get_claim_amounts()
        day = insolvency._get_claim_day()
        items = [item for some in insolvency._get_claim_items() for item in some]
        return [
            ClaimRow(
                item,
                item.move_line_id.amount_currency,
                item.amount_residual_currency,
                amounts[item.id],
                item.date_maturity <= day or item.amount_residual < 0,
            )
            for item in items
        ]

    def _prepare_groups(self, writer, rows):
        """Return what was due at the judgment, and what falls due later with its day (C. com. L622-25)."""
        groups = (
            (writer.env._("Due on the day of the judgment"), [row for row in rows if row.is_due]),
            (writer.env._("Falling due later"), [row for row in rows if not row.is_due]),
        )
        return [
            {
                "label": label,
                "rows": [self._prepare_row(writer, row) for row in some],
                "sum": writer._text_amount(sum(row.company_amount for row in some), writer.currency_id),
            }
            for label, some in groups
            if some
        ]

    def _prepare_row(self, writer, row):
        return {
            "reference": row.item.reference,
            "date": writer._text_date(row.item.date),
            "due": writer._text_date(row.item.date_maturity) if row.item.amount_residual > 0 else "",
            "amount": writer._text_amount(row.original, row.item.currency_id),
            "open": writer._text_amount(row.open, row.item.currency_id),
            "company_amount": writer._text_amount(row.company_amount, writer.currency_id),
        }

    # -- as a table ---------------------------------------------------------------------

    def _get_claim_xlsx(self, insolvency):
        """Return the items of the claim as an XLSX file."""
        target = BytesIO()
        rows = (self._prepare_cells(row) for row in self._get_rows(insolvency))
        sheet = Sheet(self.env._("Claim"), self._get_columns(insolvency.currency_id), rows)
        write_workbook(target, [sheet], self.env._("Total"))
        return target.getvalue()

    def _get_columns(self, currency):
        return (
            Column(self.env._("Document"), width=22),
            Column(self.env._("Date"), "date"),
            Column(self.env._("Due date"), "date"),
            Column(self.env._("Due at the judgment"), width=20),
            Column(self.env._("Currency")),
            Column(self.env._("Amount"), "amount"),
            Column(self.env._("Open"), "amount"),
            Column(self.env._("Open in %s", currency.name), "amount", is_summed=True),
        )

    def _prepare_cells(self, row):
        return (
            row.item.reference,
            row.item.date,
            row.item.date_maturity,
            self.env._("yes") if row.is_due else self.env._("no"),
            row.item.currency_id.name,
            row.original,
            row.open,
            row.company_amount,
        )
