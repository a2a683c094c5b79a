from odoo import api, fields, models
from odoo.tools import SQL

from .company_day import company_today


class CreditClaimDeclaration(models.AbstractModel):
    """What we claim in a collective procedure: open at the judgment, declared, admitted."""

    _name = "credit.claim.declaration"
    _description = "Claim in a collective procedure"

    # Those of the procedure itself; named here because the sums need them.
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    currency_id = fields.Many2one("res.currency")
    judgment_date = fields.Date(string="Date of the judgment")
    extra_line_ids = fields.Many2many("account.move.line", string="Additional items")

    amount_claim = fields.Monetary(
        string="To declare",
        compute="_compute_amount_claim",
        help="Principal open on the day of the judgment, credits set off, in company currency; other currencies at "
        "the rate of that day (C. com. L622-25).",
    )
    amount_declared = fields.Monetary(string="Declared", tracking=True, copy=False)
    declared_on = fields.Date(string="Declared on", tracking=True, copy=False)
    amount_admitted = fields.Monetary(string="Admitted", tracking=True, copy=False)
    admitted_on = fields.Date(string="Admitted on", tracking=True, copy=False)
    claim_rank = fields.Char(
        string="Security",
        help="Securities and privileges that the claim has, as they are to stand in the declaration; "
        "empty: an unsecured claim.",
    )

    @api.depends("partner_id", "company_id", "judgment_date", "extra_line_ids")
    def _compute_amount_claim(self):
        for insolvency, rows in zip(self, self._query_claims(), strict=True):
            insolvency.amount_claim = sum(insolvency._value_claim(rows).values())

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
        extra = set(self.sudo().extra_line_ids.ids) - set(items.ids)
        return items, open_items.search([("id", "in", list(extra))]) if extra else open_items

    def _get_claim_amounts(self):
        """Return ``{item id: amount}`` in company currency, other currencies at the rate of the judgment."""
        self.ensure_one()
        return self._value_claim(self._query_claims()[0])

    def _query_claims(self):
        """Return for each procedure what :meth:`_get_claim_items` are, in one query for all of them.

        Rows of (item id, currency id, open in company currency, open in its own).
        """
        known = [place for place, insolvency in enumerate(self) if insolvency.partner_id and insolvency.company_id]
        claims = [{} for _insolvency in self]
        if known:
            self.env["credit.open.item"]._flush_sources()
            queries = [query for place in known for query in self[place]._get_claim_queries(place)]
            # An item that was open at the judgment counts as it was then, not as it is now.
            for place, _is_later, *row in sorted(self.env.execute_query(SQL(" UNION ALL ").join(queries))):
                claims[place].setdefault(row[0], row)
        return [list(claim.values()) for claim in claims]

    def _get_claim_queries(self, place):
        """Return the queries of what was open at the judgment, then of later invoices of earlier claims."""
        items = self.env["credit.open.item"].sudo().with_company(self.company_id)
        scope = {"company_ids": self.company_id.ids, "partner_ids": self.partner_id.commercial_partner_id._origin.ids}
        found = [items._get_ledger_items_sql(self._get_claim_day(), **scope)]
        extra = self.sudo().extra_line_ids._origin.ids
        if extra:
            found.append(items._get_ledger_items_sql(company_today(self), line_ids=extra))
        conditions = (SQL("NOT item.non_trade"), SQL("TRUE"))
        columns = SQL("item.id, item.currency_id, item.amount_residual::float8, item.amount_residual_currency::float8")
        return [
            SQL("SELECT %s, %s, %s FROM (%s) item WHERE %s", place, is_later, columns, query, condition)
            for is_later, (query, condition) in enumerate(zip(found, conditions, strict=False))
        ]

    def _value_claim(self, rows):
        """Return ``{item id: amount}`` of such rows in company currency."""
        currency_ids = {currency_id for _item_id, currency_id, *_amounts in rows}
        rates = self._get_claim_rates(self.env["res.currency"].browse(currency_ids))
        return {
            item_id: self.currency_id.round(foreign * rates[currency_id]) if currency_id in rates else residual
            for item_id, currency_id, residual, foreign in rows
        }

    def _get_claim_rates(self, currencies):
        """Return ``{currency id: what one of it is in company currency}`` on the day of the judgment, of the others."""
        day, company = self._get_claim_day(), self.company_id
        return {
            currency.id: currency._get_conversion_rate(currency, company.currency_id, company, day)
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
