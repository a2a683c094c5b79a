from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core import law
from .company_day import company_today


class CreditChargeCard(models.AbstractModel):
    """What the debtor's card says of late-payment interest: the regime, what runs, what is claimed."""

    _name = "credit.charge.card"
    _description = "Interest and fixed sums on the card"

    # Those of the card itself; named here because they are needed.
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    currency_id = fields.Many2one("res.currency")
    segment_id = fields.Many2one("credit.segment")

    interest_regime_id = fields.Many2one(
        "credit.interest.regime",
        string="Own interest regime",
        check_company=True,
        index="btree_not_null",
        help="Goes before the regime of the customer's country. Consumers can only be given a consumers' regime.",
    )
    interest_regime_reason = fields.Char(
        string="Reason of the own regime", help="Why this customer has another regime: a contract, a court's decision…"
    )
    applied_regime_id = fields.Many2one(
        "credit.interest.regime",
        string="Interest regime",
        compute="_compute_applied_regime_id",
        help="By the customer's country and kind, else the company's own, else the one chosen for this customer.",
    )
    legal_kind = fields.Selection(
        [("business", "Business"), ("consumer", "Consumer"), ("public", "Public sector")],
        string="In law",
        compute="_compute_legal_kind",
        help="What the law sees in this customer: that of the segment; without one, a person without a tax number is a "
        "consumer.",
    )
    charge_ids = fields.One2many(
        "credit.charge", compute="_compute_charges", string="Interest and fixed sums", help="Claimed or frozen."
    )
    charge_count = fields.Integer(compute="_compute_charges", string="Charges")
    amount_interest = fields.Monetary(
        string="Interest run up",
        compute="_compute_charges",
        help="Up to today, in company currency: neither waived, frozen nor invoiced. A memo: it isn't in what is owed.",
    )
    amount_fixed_sum = fields.Monetary(
        string="Fixed sums", compute="_compute_charges", help="For recovery costs, once for each invoice."
    )

    def _get_legal_kind(self):
        """Return what the law sees in the customer: business, consumer or public.

        A person who belongs to no segment and has no tax number counts as a consumer, who is the better protected.
        """
        self.ensure_one()
        partner = self.partner_id.sudo()
        return self.segment_id.sudo().kind or (law.BUSINESS if partner.is_company or partner.vat else law.CONSUMER)

    @api.depends("segment_id", "partner_id")
    def _compute_legal_kind(self):
        for debtor in self:
            debtor.legal_kind = debtor._get_legal_kind() if debtor.partner_id else False

    @api.depends("segment_id", "partner_id", "interest_regime_id")
    def _compute_applied_regime_id(self):
        regimes = self.env["credit.interest.regime"].sudo()
        terms = [one.regime for one in regimes._get_terms(self.company_id.ids)]
        for debtor in self:
            debtor.applied_regime_id = debtor._get_regime(terms)

    def _get_regime(self, regimes):
        """Return the regime of the customer among ``regimes`` of the core; nothing where none holds."""
        kind = self._get_legal_kind()
        own = self.interest_regime_id.sudo()
        if own and law.is_allowed(own.kind, kind):
            return own
        country = (self.partner_id.sudo().country_id or self.company_id.sudo().country_id).code
        found = law.choose(regimes, kind, country, self.company_id.id)
        return own.browse(found.id if found else [])

    @api.constrains("interest_regime_id", "interest_regime_reason", "segment_id")
    def _check_interest_regime(self):
        for debtor in self.filtered("interest_regime_id"):
            if not law.is_allowed(debtor.interest_regime_id.kind, debtor._get_legal_kind()):
                raise ValidationError(
                    self.env._(
                        "%(customer)s is a consumer: “%(regime)s” is no regime for consumers.",
                        customer=debtor.partner_id.display_name,
                        regime=debtor.interest_regime_id.name,
                    )
                )
            if not (debtor.interest_regime_reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "%s: say why the customer has a regime of its own (Reason of the own regime).",
                        debtor.partner_id.display_name,
                    )
                )

    def _compute_charges(self):
        day = company_today(self)
        charges = self.env["credit.charge"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "in", ("claimed", "frozen")),
            ]
        )
        stored = charges.grouped(lambda charge: (charge.partner_id, charge.company_id))
        sums = self._sum_running(day)
        for debtor in self:
            own = stored.get((debtor.partner_id, debtor.company_id), charges.browse())
            interest, fixed = sums.get((debtor.partner_id.id, debtor.company_id.id), (0.0, 0.0))
            debtor.update(
                {
                    "charge_ids": own,
                    "charge_count": len(own),
                    "amount_interest": interest,
                    "amount_fixed_sum": fixed,
                }
            )

    def _sum_running(self, day):
        """Return ``{(customer, company): (interest, fixed sums)}`` in company currency.

        Added up by the database, a currency at a time: a customer may have thousands of late items.
        """
        groups = self.env["credit.charge.item"]._read_group(
            [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)],
            ["partner_id", "company_id", "currency_id", "regime_id"],
            ["amount_interest:sum", "amount_fixed_sum:sum"],
        )
        sums = {}
        for partner, company, currency, regime, interest, fixed in groups:
            key = partner.id, company.id
            known_interest, known_fixed = sums.get(key, (0.0, 0.0))
            sums[key] = (
                known_interest + _convert(interest, currency, company, day),
                known_fixed + _convert(fixed, regime.sudo().currency_id, company, day),
            )
        return sums

    # -- buttons ------------------------------------------------------------------------

    def action_open_charges(self):
        """Open what is claimed, frozen, waived or invoiced of this customer."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_charge_action")
        action["domain"] = [("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id)]
        action["context"] = {}
        return action

    def action_open_running(self):
        """Open what this customer's late items bear today."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_charge_item_action")
        action["domain"] = [("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id)]
        action["context"] = {}
        return action

    def action_interest_xlsx(self):
        """Download the calculation sheet of this customer as a table."""
        self.ensure_one()
        return self.env["report.credit_control.report_interest_sheet"]._download(self)


def _convert(amount, currency, company, day):
    if not amount or not currency or currency == company.currency_id:
        return amount
    return currency._convert(amount, company.currency_id, company, day)
