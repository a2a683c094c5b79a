from odoo import api, fields, models
from odoo.fields import Domain

from .credit_balance_status import STATUSES
from .credit_partner_exposure import COMPARISONS
from .credit_partner_rating import SEES_CREDIT
from .credit_score_scheme import GRADES
from .relational_search import search_through


class ResPartner(models.Model):
    """The credit situation of a customer, in the current company.

    It is that of the commercial partner: receivables stand there, so each contact of a
    customer shows the customer's. Nothing of it is stored here.
    """

    _name = "res.partner"
    _inherit = ["res.partner", "credit.partner.exposure", "credit.partner.rating"]

    credit_role_ids = fields.Many2many("credit.contact.role", string="Credit control roles")
    credit_debtor_id = fields.Many2one(
        "credit.debtor",
        string="Debtor card",
        compute="_compute_credit_debtor_id",
        search="_search_credit_debtor_id",
        groups=SEES_CREDIT,
    )
    credit_dunning_policy_id = fields.Many2one(
        "credit.dunning.policy",
        string="Dunning policy",
        compute="_compute_credit_dunning_policy_id",
        inverse="_inverse_credit_dunning_policy_id",
        search="_search_credit_dunning_policy_id",
        groups=SEES_CREDIT,
        help="The customer's own policy, else its segment's, else the company's. One that is chosen here is its own.",
    )
    credit_overdue = fields.Monetary(
        string="Overdue",
        compute="_compute_credit_overdue",
        search="_search_credit_overdue",
        currency_field="credit_currency_id",
        groups=SEES_CREDIT,
        help="What is past its due date today, credits not set off.",
    )
    credit_status = fields.Selection(
        STATUSES,
        string="Credit status",
        compute="_compute_credit_status",
        search="_search_credit_status",
        groups=SEES_CREDIT,
        help="Where the customer stands: the leading one of all that holds.",
    )
    credit_score = fields.Float(
        string="Trust score",
        digits=(5, 2),
        compute="_compute_credit_score",
        search="_search_credit_score",
        groups=SEES_CREDIT,
        help="0–100 in the current company; 0 where there is no figure: see the grade and the words beside it.",
    )
    credit_grade = fields.Selection(
        GRADES,
        string="Trust grade",
        compute="_compute_credit_score",
        search="_search_credit_grade",
        groups=SEES_CREDIT,
    )
    credit_score_label = fields.Char(string="Trust", compute="_compute_credit_score", groups=SEES_CREDIT)
    credit_currency_id = fields.Many2one(
        "res.currency", compute="_compute_credit_currency_id", string="Currency of the credit figures"
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Leave a row in the history of limits for each limit that customers begin with."""
        limits = self.env["credit.limit"]
        for vals in vals_list:
            if "credit_limit" in vals:
                limits._check_direct(self.browse(), float(vals["credit_limit"] or 0.0))
        partners = super().create(vals_list)
        if any("credit_limit" in vals for vals in vals_list):
            limits._log_changes(partners, {})
        return partners

    def write(self, vals):
        """Leave a row in the history of limits for each one that is written directly, whoever writes it."""
        if self.env.context.get("credit_keeps_limit"):
            vals = {name: value for name, value in vals.items() if name != "credit_limit"}
        limits, before = self.env["credit.limit"], None
        if "credit_limit" in vals:
            limits._check_direct(self, float(vals["credit_limit"] or 0.0))
            before = limits._get_figures(self)
        result = super().write(vals)
        if {"tz", "country_id"} & vals.keys() and self.env["res.company"].sudo()._is_company_partner(self):
            # What day it is for a company is kept in the cache.
            self.env.registry.clear_cache()
        if before is not None:
            limits._log_changes(self, before)
        return result

    @api.depends_context("company")
    def _compute_credit_currency_id(self):
        self.credit_currency_id = self.env.company.currency_id

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid")
    def _compute_credit_debtor_id(self):
        debtors = self.env["credit.debtor"].search(self._credit_debtor_domain())
        by_partner = {debtor.partner_id.id: debtor for debtor in debtors}
        for partner in self:
            partner.credit_debtor_id = by_partner.get(partner.commercial_partner_id.id, False)

    def _credit_debtor_domain(self):
        return [
            ("company_id", "=", self.env.company.id),
            ("partner_id", "in", self.commercial_partner_id.ids),
        ]

    def _search_credit_debtor_id(self, operator, value):
        debtors = self.env["credit.debtor"]
        return search_through(debtors, operator, value, self._get_credit_debtor_partners)

    def _get_credit_debtor_partners(self, debtors):
        own = debtors.filtered(lambda debtor: debtor.company_id == self.env.company)
        return Domain("commercial_partner_id", "in", own.partner_id.ids)

    @api.depends("credit_debtor_id")
    @api.depends_context("company", "uid")
    def _compute_credit_dunning_policy_id(self):
        for partner in self:
            debtor = partner.credit_debtor_id
            own = debtor.policy_id or debtor.segment_id.policy_id
            partner.credit_dunning_policy_id = own or debtor.company_id.credit_dunning_policy_id

    def _inverse_credit_dunning_policy_id(self):
        """Keep the choice on the debtor's card of the current company, made where missing."""
        for policy, partners in self.grouped("credit_dunning_policy_id").items():
            debtors = self.env["credit.debtor"]._ensure(self.env.company, partners.commercial_partner_id.ids)
            debtors.policy_id = policy
        self.invalidate_recordset(["credit_debtor_id", "credit_dunning_policy_id"])

    def _search_credit_dunning_policy_id(self, operator, value):
        policies = self.env["credit.dunning.policy"].with_context(active_test=False)
        return search_through(policies, operator, value, self._get_credit_policy_partners)

    def _get_credit_policy_partners(self, policies):
        unset = Domain("policy_id", "=", False)
        domain = Domain("policy_id", "in", policies.ids)
        domain |= unset & Domain("segment_id.policy_id", "in", policies.ids)
        if self.env.company.credit_dunning_policy_id in policies:
            domain |= unset & (Domain("segment_id", "=", False) | Domain("segment_id.policy_id", "=", False))
        return self._get_credit_debtor_partners(self.env["credit.debtor"].search(domain))

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid", "as_of")
    def _compute_credit_overdue(self):
        overdue = self._get_credit_overdue([("partner_id", "in", self.commercial_partner_id.ids)])
        for partner in self:
            partner.credit_overdue = overdue.get(partner.commercial_partner_id.id, 0.0)

    def _get_credit_overdue(self, domain=()):
        """Return ``{partner id: what is overdue}`` in the current company; the others owe nothing late."""
        domain = [
            *domain,
            ("company_id", "=", self.env.company.id),
            ("days_overdue", ">", 0),
            ("amount_residual", ">", 0),
        ]
        groups = self.env["credit.open.item"]._read_group(domain, ["partner_id"], ["amount_residual:sum"])
        return {partner.id: amount for partner, amount in groups}

    def _search_credit_overdue(self, operator, value):
        compare = COMPARISONS.get(operator)
        if compare is None:
            return NotImplemented
        overdue = self._get_credit_overdue()
        if compare(0.0, value):
            without = [partner for partner, amount in overdue.items() if not compare(amount, value)]
            return [("commercial_partner_id", "not in", without)]
        return [("commercial_partner_id", "in", [p for p, amount in overdue.items() if compare(amount, value)])]

    @api.depends("credit_debtor_id")
    @api.depends_context("company", "uid", "as_of")
    def _compute_credit_status(self):
        for partner in self:
            partner.credit_status = partner.credit_debtor_id.status

    def _search_credit_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        debtors = self.env["credit.debtor"]
        own = Domain("company_id", "=", self.env.company.id)
        known = debtors._search(own & Domain("status", "in", [code for code in value if code]))
        domain = Domain("commercial_partner_id", "in", known.subselect("partner_id"))
        return domain | ~Domain("credit_debtor_id", "!=", False) if False in value else domain

    @api.depends("credit_debtor_id.score_id", "credit_debtor_id.score_state")
    @api.depends_context("company", "uid", "lang")
    def _compute_credit_score(self):
        for partner in self:
            debtor = partner.credit_debtor_id
            partner.credit_score = debtor.score_value
            partner.credit_grade = debtor.score_grade
            partner.credit_score_label = debtor._get_score_label() if debtor else False

    def _search_credit_score(self, operator, value):
        compare = COMPARISONS.get(operator)
        if compare is None:
            return NotImplemented
        domain = Domain("score_value", operator, value) & Domain("score_state", "=", "scored")
        found = self._get_credit_debtor_partners(self.env["credit.debtor"].search(domain))
        # Who has no figure reads as 0.
        return found | ~self._get_scored_partners() if compare(0.0, value) else found

    def _get_scored_partners(self):
        return self._get_credit_debtor_partners(self.env["credit.debtor"].search([("score_state", "=", "scored")]))

    def _search_credit_grade(self, operator, value):
        if operator != "in":
            return NotImplemented
        debtors = self.env["credit.debtor"]
        grades = [grade for grade in value if grade]
        found = self._get_credit_debtor_partners(debtors.search([("score_grade", "in", grades)]))
        if len(grades) == len(set(value)):
            return found
        return found | ~self._get_credit_debtor_partners(debtors.search([("score_grade", "!=", False)]))

    def action_credit_raise_signal(self):
        """Ask what was noticed about this customer, to warn credit control."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Warn credit control"),
            "res_model": "credit.signal.raise",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_partner_id": self.commercial_partner_id.id,
                "default_company_id": self.env.company.id,
            },
        }

    def action_open_credit_debtor(self):
        """Open the card that holds the customer's credit situation."""
        self.ensure_one()
        return self.credit_debtor_id._get_records_action(name=self.env._("Debtor"))
