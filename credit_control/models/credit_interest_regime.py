from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core import interest, law, limitation
from ..core.charges import Terms
from .language import format_figure

KINDS = [("business", "Business"), ("consumer", "Consumer"), ("public", "Public sector")]


class CreditInterestRegime(models.Model):
    """What the law, or a contract, allows to be charged for late payment: of which debtors, in which countries.

    Those of the law come with the addon and belong to no company; a company adds its own for what its
    terms and conditions say. Rates are rows of the reference, so a new half-year changes nothing here.
    """

    _name = "credit.interest.regime"
    _description = "Regime of late-payment interest"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Of this company alone, before the law's. Empty: the law, for every company."
    )
    kind = fields.Selection(
        KINDS,
        string="Debtors",
        required=True,
        default="business",
        help="Whom the law sees in the debtor; a customer's segment says it.",
    )
    country_ids = fields.Many2many("res.country", string="Countries", help="Debtors of these countries.")
    country_group_id = fields.Many2one(
        "res.country.group", string="Country group", help="And of these, where a country has no regime of its own."
    )
    # Interest
    reference_id = fields.Many2one(
        "credit.interest.reference",
        string="Reference rate",
        ondelete="restrict",
        help="Empty: the points are the rate itself, as the contract says.",
    )
    margin = fields.Float(string="Points", digits=(8, 4), help="Added to the reference rate, in per cent a year.")
    rate_step = fields.Float(string="Rounded up to", digits=(8, 4), help="Multiple of a point; 0: not rounded.")
    accrual = fields.Selection(
        [("split", "Rate of each half-year"), ("fixed", "Rate of the half-year in which it began")],
        required=True,
        default="split",
        help="Where the reference rate changes while interest runs.",
    )
    day_count = fields.Selection(
        [("actual_365", "Actual / 365"), ("actual_actual", "Actual / actual"), ("thirty_360", "30 / 360")],
        string="Day count",
        required=True,
        default="actual_365",
        help="Days of the period / days of the year. Actual / 365: leap years have 365 days, too.",
    )
    imputation = fields.Selection(
        [("principal", "Principal first"), ("interest", "Interest first")],
        string="Payments settle",
        required=True,
        default="principal",
        help="The law's default is interest first (in France C. civ. 1343-1). Principal first is a concession that a "
        "creditor may make: payments then lower what bears interest by their whole amount.",
    )
    start = fields.Selection(
        [("due", "From the day after the due day"), ("notice", "From the day after the formal notice")],
        string="Interest runs",
        required=True,
        default="due",
    )
    grace_days = fields.Integer(string="Days of grace", help="Days after that on which it doesn't run yet.")
    floor_reference_id = fields.Many2one(
        "credit.interest.reference",
        string="Floor: reference",
        ondelete="restrict",
        help="A rate agreed by contract can't be below a multiple of this (France: three times the legal rate).",
    )
    floor_multiple = fields.Float(
        string="Floor: multiple", default=3.0, help="By what the reference of the floor is multiplied."
    )
    cap_reference_id = fields.Many2one(
        "credit.interest.reference", string="Cap: reference", ondelete="restrict", help="No rate above this one."
    )
    cap_margin = fields.Float(
        string="Cap: points", digits=(8, 4), help="Added to the reference of the cap, in per cent a year."
    )
    # Fixed sum
    currency_id = fields.Many2one(
        "res.currency", string="Currency of the fixed sum", default=lambda self: self.env.ref("base.EUR").id
    )
    tier_currency_id = fields.Many2one(
        "res.currency",
        string="Currency of the amounts",
        default=lambda self: self.env.ref("base.EUR").id,
        help="Of the amounts from which a fixed sum holds.",
    )
    tier_ids = fields.One2many("credit.interest.tier", "regime_id", string="Fixed sums", copy=True)
    # Limitation
    limitation_years = fields.Integer(
        string="Limitation (years)", help="After so many years the claim can't be brought before a court. 0: not known."
    )
    limitation_start = fields.Selection(
        [("due", "From the day"), ("year_end", "From the end of the year")],
        string="Start of the limitation",
        required=True,
        default="due",
        help="When the time begins to run.",
    )
    limitation_restart = fields.Selection(
        [("due", "From the day"), ("year_end", "From the end of the year")],
        string="Restart of the limitation",
        required=True,
        default="due",
        help="When it begins anew after an interruption.",
    )
    limitation_by_demand = fields.Boolean(
        string="A written demand interrupts it",
        help="So it is for public debtors in France (loi 68-1250). Elsewhere only an acknowledgement or a payment.",
    )
    # What a reader wants to know
    source = fields.Char(string="Law", translate=True, help="Articles on which it rests.")
    to_confirm = fields.Boolean(
        string="To be confirmed", help="Taken from one source: have it confirmed before you rely on it."
    )
    note = fields.Text(translate=True)
    rate_text = fields.Char(string="Rate", compute="_compute_rate_text")

    _numbers_sound = models.Constraint(
        "CHECK (grace_days BETWEEN 0 AND 3650 AND limitation_years BETWEEN 0 AND 100 "
        "AND rate_step >= 0 AND margin >= 0)",
        "Points can't be negative; the days of grace are 0 to 3650, the limitation 0 to 100 years.",
    )

    @api.depends("reference_id", "margin", "rate_step")
    @api.depends_context("lang")
    def _compute_rate_text(self):
        for regime in self:
            points = format_figure(self.env, regime.margin)
            if not regime.reference_id:
                regime.rate_text = self.env._("%s %% a year", points)
            elif regime.margin:
                name = regime.reference_id.name
                regime.rate_text = self.env._("%(reference)s + %(points)s points", reference=name, points=points)
            else:
                regime.rate_text = regime.reference_id.name

    @api.constrains("kind", "tier_ids")
    def _check_consumers(self):
        """Consumers bear no fixed sum: neither here nor in the engine."""
        for regime in self:
            if not law.bears_fixed_sum(regime.kind) and regime.tier_ids:
                raise ValidationError(
                    self.env._("%s: consumers can't be charged a fixed sum for recovery costs.", regime.name)
                )

    @api.constrains("country_ids", "country_group_id")
    def _check_countries(self):
        for regime in self:
            if not regime.country_ids and not regime.country_group_id:
                raise ValidationError(self.env._("%s: choose the countries of its debtors.", regime.name))

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%s (copy)", regime.name)}
            for regime, vals in zip(self, super().copy_data(default), strict=True)
        ]

    # -- as the core takes it -----------------------------------------------------------

    @api.model
    def _get_terms(self, company_ids):
        """Return the regimes of these companies and those of the law, as the core takes them."""
        regimes = self.sudo().search([("company_id", "in", [False, *company_ids])])
        return [regime._prepare_terms() for regime in regimes]

    def _prepare_terms(self):
        self.ensure_one()
        countries = frozenset(self.country_ids.mapped("code"))
        group = frozenset(self.country_group_id.country_ids.mapped("code"))
        return Terms(
            law.Regime(self.id, self.kind, countries, group, self.company_id.id or None, (self.sequence, self.id)),
            self._prepare_rule(),
            self.start,
            self.grace_days,
            tuple((tier.amount_from, tier.amount) for tier in self.tier_ids),
        )

    def _prepare_rule(self):
        floor, cap = self.floor_reference_id.id, self.cap_reference_id.id
        return interest.Rule(
            reference=self.reference_id.id or None,
            margin=self.margin,
            accrual=self.accrual,
            day_count=self.day_count,
            imputation=self.imputation,
            step=self.rate_step,
            floor=(floor, self.floor_multiple, 0.0) if floor else None,
            cap=(cap, 1.0, self.cap_margin) if cap else None,
        )

    def _prepare_period(self):
        """Return the limitation of claims under this regime, as the core takes it."""
        self.ensure_one()
        demand = {limitation.DEMAND} if self.limitation_by_demand else set()
        return limitation.Period(
            self.limitation_years,
            self.limitation_start,
            self.limitation_restart,
            limitation.ACKNOWLEDGEMENTS | demand,
        )
