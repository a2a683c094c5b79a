from odoo import api, fields, models

from .company_day import company_today


class CreditClaimDeclaration(models.AbstractModel):
    """What we claim in a collective procedure: open at the judgment, declared, admitted."""

    _name = "credit.claim.declaration"
    _description = "Claim in a collective procedure"

    # Those of the procedure itself; named here because the sums need them.
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    currency_id = fields.Many2one("res.currency")
    judgment_date = fields.Date()
    extra_line_ids = fields.Many2many("account.move.line")

    amount_claim = fields.Monetary(
        string="To declare",
        compute="_compute_amount_claim",
        help="Principal open on the day of the judgment, credits set off, in company currency; other currencies at "
        "the rate of that day (C. com. L622-25).",
    )
    amount_declared = fields.Monetary(string="Declared", tracking=True, copy=False)
    declared_on = fields.Date(tracking=True, copy=False)
    amount_admitted = fields.Monetary(string="Admitted", tracking=True, copy=False)
    admitted_on = fields.Date(tracking=True, copy=False)
    claim_rank = fields.Char(
        string="Security",
        help="Securities and privileges that the claim has, as they are to stand in the declaration; "
        "empty: an unsecured claim.",
    )

    @api.depends("partner_id", "company_id", "judgment_date", "extra_line_ids")
    def _compute_amount_claim(self):
        for insolvency in self:
            insolvency.amount_claim = sum(insolvency._get_claim_amounts().values())

    def _get_claim_day(self):
        """Return the day as of which the claim is drawn up: the judgment's; today, as long as there is none."""
        return self.judgment_date or company_today(self)

    def _get_claim_items(self):
        """Return the trade items of the claim, as they were open at the judgment, oldest due date first.

        Later invoices of earlier claims are among them, as they are open now.
        """
        self.ensure_one()
        open_items = self.env["credit.open.item"].sudo()
        day = self._get_claim_day()
        items = open_items.with_context(as_of=fields.Date.to_string(day)).search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("non_trade", "=", False),
            ]
        )
        extra = set(self.extra_line_ids.ids) - set(items.ids)
        return items, open_items.search([("id", "in", list(extra))]) if extra else open_items

    def _get_claim_amounts(self):
        """Return ``{item id: amount}`` in company currency, other currencies at the rate of the judgment."""
        if not self.partner_id or not self.company_id:
            return {}
        items = [item for some in self._get_claim_items() for item in some]
        rates = self._get_claim_rates({item.currency_id for item in items})
        return {
            item.id: self.currency_id.round(item.amount_residual_currency * rates[item.currency_id])
            if item.currency_id in rates
            else item.amount_residual
            for item in items
        }

    def _get_claim_rates(self, currencies):
        """Return ``{currency: what one of it is in company currency}`` on the day of the judgment, of the others."""
        day, company = self._get_claim_day(), self.company_id
        return {
            currency: currency._get_conversion_rate(currency, company.currency_id, company, day)
            for currency in currencies
            if currency != company.currency_id
        }

    def _get_claim_accessories(self):
        """Return ``[(label, amount)]`` of what is declared beside the principal, in company currency.

        Room for late-payment interest up to the judgment and for fixed sums; the principal stands alone.
        """
        return []

    def action_claim_xlsx(self):
        """Download the items of the claim as a table."""
        self.ensure_one()
        self.check_access("write")
        report = self.env["report.credit_control.report_claim_declaration"]
        vals = {"name": self.env._("Claim of %s.xlsx", self.partner_id.name), "raw": report._get_claim_xlsx(self)}
        owner = [("res_model", "=", self._name), ("res_id", "=", self.id), ("description", "=", "claim_xlsx")]
        attachment = self.env["ir.attachment"].search(owner, limit=1)
        if attachment:
            attachment.write(vals)
        else:
            attachment = attachment.create({name: value for name, _operator, value in owner} | vals)
        return {"type": "ir.actions.act_url", "url": f"/web/content/{attachment.id}?download=true", "target": "self"}
