from odoo import api, fields, models
from odoo.tools import format_date

from ..core import insurance
from .language import format_figure


class CreditInsuranceCard(models.AbstractModel):
    """What is insured of a debtor: read from the records, stored nowhere."""

    _name = "credit.insurance.card"
    _description = "Insurance on a debtor's card"

    # Those of the card itself; named here because the amounts need them.
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    currency_id = fields.Many2one("res.currency")

    guarantee_ids = fields.Many2many("credit.insurance.guarantee", string="Guarantees", compute="_compute_guarantees")
    guarantee_count = fields.Integer(string="Number of guarantees", compute="_compute_guarantees")
    is_insurance_used = fields.Boolean(string="Insurance is used", compute="_compute_insurance")
    amount_guaranteed = fields.Monetary(
        string="Guarantee", compute="_compute_insurance", help="What insurers accept today, temporary ones included."
    )
    amount_insured = fields.Monetary(
        string="Insured",
        compute="_compute_insurance",
        help="What insurers would bear of the outstanding today: the insured percentage of what lies under the "
        "guarantee, before the deductible.",
    )
    amount_uninsured = fields.Monetary(
        string="Uninsured", compute="_compute_insurance", help="The outstanding, less what is insured of it."
    )
    insurance_words = fields.Char(string="Insurance", compute="_compute_insurance")
    insurer_refusal = fields.Selection(
        [("refused", "Refused"), ("cancelled", "Withdrawn")],
        string="Insurer's refusal",
        compute="_compute_insurance",
        search="_search_insurer_refusal",
    )
    declaration_count = fields.Integer(string="To declare", compute="_compute_declaration_count")

    @api.model
    def _get_fields_of_guarantees(self):
        """Return the fields that change with the guarantees."""
        return [
            "guarantee_ids",
            "guarantee_count",
            "is_insurance_used",
            "amount_guaranteed",
            "amount_insured",
            "amount_uninsured",
            "insurance_words",
            "insurer_refusal",
        ]

    @api.depends("partner_id", "company_id")
    def _compute_guarantees(self):
        found = self.env["credit.insurance.guarantee"].search(self._of_these())
        own = found.grouped(lambda guarantee: (guarantee.partner_id, guarantee.company_id))
        for debtor in self:
            debtor.guarantee_ids = own.get((debtor.partner_id, debtor.company_id), found.browse())
            debtor.guarantee_count = len(debtor.guarantee_ids)

    def _of_these(self):
        return [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)]

    @api.depends("partner_id", "company_id")
    def _compute_declaration_count(self):
        groups = self.env["credit.insurance.declaration"]._read_group(
            [*self._of_these(), ("state", "=", "pending")], ["partner_id", "company_id"], ["__count"]
        )
        counts = {(partner, company): count for partner, company, count in groups}
        for debtor in self:
            debtor.declaration_count = counts.get((debtor.partner_id, debtor.company_id), 0)

    @api.depends("partner_id", "company_id")
    @api.depends_context("lang", "uid")
    def _compute_insurance(self):
        facts = self.env["credit.insurance.guarantee"]
        exposures = self._get_insurable_exposures()
        for company, debtors in self.grouped("company_id").items():
            partner_ids = debtors.partner_id.ids
            covers = facts._get_covers(company, partner_ids)
            refusals = facts._get_refusals(company, partner_ids)
            is_used = facts._is_used(company)
            for debtor in debtors:
                partner_id = debtor.partner_id.id
                debtor.is_insurance_used = is_used
                debtor.update(
                    debtor._prepare_insurance(
                        covers.get(partner_id, ()), refusals.get(partner_id), exposures.get(debtor.id, 0.0)
                    )
                )

    def _get_insurable_exposures(self):
        """Return ``{debtor id: outstanding}`` that is held against the guarantees, in company currency.

        It is the exposure in the company that is insured: what other companies risk, they insure themselves.
        """
        exposures = {}
        for company, debtors in self.grouped("company_id").items():
            amounts = self.env["credit.exposure"]._get_amounts(company, debtors.partner_id.ids)
            for debtor in debtors:
                by_source = amounts.get(debtor.partner_id.id, {}).get(company.id, {})
                exposures[debtor.id] = sum(by_source.values())
        return exposures

    def _prepare_insurance(self, covers, refusal, exposure):
        parts = insurance.split(exposure, covers, self.currency_id.rounding or 0.01)
        return {
            "amount_guaranteed": sum(cover.amount for cover in covers),
            "amount_insured": parts.insured,
            "amount_uninsured": parts.uninsured,
            "insurer_refusal": refusal.state if refusal else False,
            "insurance_words": self._get_insurance_words(covers, refusal),
        }

    def _get_insurance_words(self, covers, refusal):
        """Return one sentence: who insures what, or why nobody does."""
        if refusal:
            since = format_date(self.env, refusal.since)
            if refusal.state == "refused":
                return self.env._("Refused by the insurer on %s", since)
            return self.env._("Withdrawn by the insurer as of %s", since)
        if not covers:
            return self.env._("Not insured")
        parts = [
            self.env._(
                "%(amount)s at %(quota)s %%",
                amount=self.currency_id.format(one.amount),
                quota=format_figure(self.env, one.quota),
            )
            for one in covers
        ]
        if covers[0].guarantee is None:
            return self.env._("Within the discretionary limit: %s", " + ".join(parts))
        return self.env._("Guaranteed: %s", " + ".join(parts))

    def _search_insurer_refusal(self, operator, value):
        if operator != "in":
            return NotImplemented
        ids = self._get_refused_ids(value)
        if False not in value:
            return [("id", "in", ids)]
        every = self._get_refused_ids(("refused", "cancelled"))
        return ["|", ("id", "in", ids), ("id", "not in", every)]

    @api.model
    def _get_refused_ids(self, states):
        """Return the ids of the debtors whom an insurer refuses today in one of these ways."""
        facts, ids = self.env["credit.insurance.guarantee"], []
        for company in self.env["credit.insurance.policy"].sudo().search([("state", "!=", "draft")]).company_id:
            refusals = facts._get_refusals(company)
            partner_ids = [partner_id for partner_id, refusal in refusals.items() if refusal.state in states]
            ids += self.search([("company_id", "=", company.id), ("partner_id", "in", partner_ids)]).ids
        return ids

    # -- buttons -------------------------------------------------------------------------

    def action_open_guarantees(self):
        """Open what insurers said of this customer."""
        return self._get_related_action("credit_control.credit_insurance_guarantee_action")

    def action_open_declarations(self):
        """Open what is to be declared to the insurer."""
        return self._get_related_action("credit_control.credit_insurance_declaration_action")

    def action_request_guarantee(self):
        """Open a new request to the insurer for this customer."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_insurance_guarantee_action")
        policy = self.env["credit.insurance.policy"].search(
            [("company_id", "=", self.company_id.id), ("state", "=", "active")], limit=1
        )
        action["context"] = {"default_partner_id": self.partner_id.id, "default_policy_id": policy.id}
        return {**action, "views": [(False, "form")], "view_mode": "form"}
