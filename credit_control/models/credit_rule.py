from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date, ormcache
from odoo.tools.safe_eval import safe_eval

from ..core import verdict
from .credit_balance_status import STATUSES
from .language import format_figure

GRADES = ["A", "B", "C", "D", "E"]
# What a check reads of a rule.
DECIDING = [
    "criterion",
    "domain",
    "effect",
    "grade",
    "on_delivery",
    "on_invoice",
    "on_order",
    "status",
    "threshold",
]


class AppliedRule(NamedTuple):
    """A rule of the core, and whom it is for as the record has it."""

    rule: verdict.Rule
    customers: str


class CreditRule(models.Model):
    """What speaks against selling on credit to some customers, and what follows from it.

    Rules stand in an order. For each criterion the first rule that a customer meets decides; of all
    criteria that speak, the strictest effect is what happens.
    """

    _name = "credit.rule"
    _description = "Credit rule"
    _inherit = ["credit.cached.settings"]
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: in all companies.")
    criterion = fields.Selection(
        [
            (verdict.LIMIT, "Over the credit limit"),
            (verdict.OVERDUE_AMOUNT, "Overdue amount"),
            (verdict.OVERDUE_DAYS, "Days overdue"),
            (verdict.GRADE, "Trust grade"),
            (verdict.INSOLVENCY, "Collective procedure"),
            (verdict.LITIGATION, "Litigation"),
            (verdict.REVIEW_EXPIRED, "Review of the limit is past"),
            (verdict.STATUS, "Status"),
            (verdict.INSURER, "Refused by the insurer"),
        ],
        default=verdict.LIMIT,
        required=True,
        help="What speaks against selling on credit.",
    )
    threshold = fields.Float(
        help="The overdue amount or days that are still accepted; for the limit, by how many per cent it may be passed."
    )
    accepted = fields.Char(compute="_compute_accepted", help="The threshold with its unit: a share, an amount or days.")
    grade = fields.Selection([(grade, grade) for grade in GRADES], help="This trust grade or a worse one.")
    status = fields.Selection(STATUSES)
    domain = fields.Char(
        string="Customers", default="[]", required=True, help="Whom it is for. An empty rule takes everyone."
    )
    effect = fields.Selection(
        [
            (verdict.WARN, "Warn"),
            (verdict.APPROVAL, "Hold until approved"),
            (verdict.PREPAYMENT, "Prepayment only"),
            (verdict.HOLD, "Hold"),
        ],
        default=verdict.HOLD,
        required=True,
        help="What happens to the document. What is fully prepaid always passes; quotations are only warned of.",
    )
    on_order = fields.Boolean(string="On orders", default=True, help="Bites when an order is confirmed.")
    on_delivery = fields.Boolean(string="On deliveries", default=True, help="Bites when goods leave.")
    on_invoice = fields.Boolean(
        string="On invoices",
        help="Also holds invoices of work that isn't delivered yet, or is to be prepaid. What was delivered must be "
        "invoiced (C. com. L441-9): without this the rule only warns.",
    )
    release_group_id = fields.Many2one(
        "res.groups", string="Released by", help="Who may release what it holds. Empty: credit managers."
    )

    _threshold_positive = models.Constraint("CHECK (threshold >= 0)", "A threshold is 0 or more.")
    _grade_chosen = models.Constraint(
        "CHECK (criterion <> 'grade' OR grade IS NOT NULL)", "Say from which trust grade on the rule holds."
    )
    _status_chosen = models.Constraint(
        "CHECK (criterion <> 'status' OR status IS NOT NULL)", "Say at which status the rule holds."
    )

    @api.constrains("domain")
    def _check_domain(self):
        for rule in self:
            try:
                rule._get_domain().validate(self.env["res.partner"])
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The customers of the rule “%(rule)s” can't be read: %(error)s", rule=rule.name, error=error
                    )
                ) from error

    @api.depends("criterion", "threshold", "company_id")
    @api.depends_context("company", "lang")
    def _compute_accepted(self):
        """Write the threshold as people read it; nothing where the criterion has none, or none was entered."""
        for rule in self:
            rule.accepted = rule._get_accepted() if rule.threshold else False

    def _get_accepted(self):
        if self.criterion == verdict.OVERDUE_AMOUNT:
            return format_amount(self.env, self.threshold, (self.company_id or self.env.company).currency_id)
        figure = format_figure(self.env, self.threshold)
        if self.criterion == verdict.OVERDUE_DAYS:
            return self.env._("%s days", figure)
        # A per cent sign stays beside its figure.
        return f"{figure}\N{NO-BREAK SPACE}%" if self.criterion == verdict.LIMIT else False

    def _get_domain(self):
        """Return whom the rule is for, as a domain on ``res.partner``."""
        self.ensure_one()
        return self._read_domain(self.domain)

    @api.model
    def _read_domain(self, text):
        return Domain(safe_eval(text or "[]", {"uid": self.env.uid}))

    @api.model
    @ormcache("company_id")
    def _get_rules(self, company_id):
        """Return the rules of a company as :class:`AppliedRule`, in their order; a branch has its company's."""
        owners = self.env["res.company"].sudo().browse(company_id).parent_ids
        owner = [("active", "=", True), ("company_id", "in", [False, *owners.ids])]
        rules = self.sudo().search_fetch(owner, DECIDING)
        return tuple(AppliedRule(rule._get_core_rule(), rule.domain) for rule in rules)

    @api.model
    def _holds_invoices(self, companies):
        """Whether any rule may hold invoices of these companies; most don't, and then nothing is looked at."""
        owner = [("company_id", "in", [False, *companies.sudo().parent_ids.ids])]
        return bool(self.sudo().search_count([*owner, ("on_invoice", "=", True), ("effect", "!=", "warn")], limit=1))

    @api.model
    def _get_rules_of(self, rules, partners):
        """Return ``{commercial partner id: [core rule, …]}``; a query for each rule that isn't for everyone.

        :param rules: what :meth:`_get_rules` gave
        """
        found = {partner.id: [] for partner in partners}
        searched = partners.sudo().with_context(active_test=False)
        for rule, customers in rules:
            domain = self._read_domain(customers)
            met = searched.ids if domain.is_true() else searched.search(Domain("id", "in", partners.ids) & domain).ids
            for partner_id in met:
                found[partner_id].append(rule)
        return found

    def _get_core_rule(self):
        stages = {verdict.ORDER: self.on_order, verdict.DELIVERY: self.on_delivery, verdict.INVOICE: self.on_invoice}
        return verdict.Rule(
            id=self.id,
            criterion=self.criterion,
            effect=self.effect,
            threshold=self.threshold,
            values=frozenset(self._get_values()),
            stages=frozenset(stage for stage, bites in stages.items() if bites),
        )

    def _get_values(self):
        if self.criterion == verdict.GRADE:
            return GRADES[GRADES.index(self.grade) :]
        return [self.status] if self.criterion == verdict.STATUS else []

    # -- words ------------------------------------------------------------------------------

    @api.model
    def _get_sentences(self, told, currency):
        """Return what a person reads of findings: the one table of these sentences.

        :param told: of each what :meth:`..core.verdict.Finding.told` says
        """
        form = currency.format
        sentences = {
            verdict.LIMIT: self._get_limit_sentence,
            verdict.OVERDUE_AMOUNT: lambda figures, form: self.env._(
                "%(overdue)s is overdue; up to %(threshold)s is accepted.",
                overdue=form(figures["overdue"]),
                threshold=form(figures["threshold"]),
            ),
            verdict.OVERDUE_DAYS: lambda figures, _form: self.env._(
                "The oldest invoice is %(days)s days late; up to %(threshold)s are accepted.",
                days=figures["days"],
                threshold=round(figures["threshold"]),
            ),
            verdict.GRADE: lambda figures, _form: self.env._("The trust grade is %s.", figures["grade"]),
            verdict.INSOLVENCY: lambda *_: self.env._("A collective procedure is open against the customer."),
            verdict.LITIGATION: lambda *_: self.env._("The customer is in litigation with us."),
            verdict.REVIEW_EXPIRED: lambda figures, _form: self.env._(
                "The credit limit was to be reviewed by %s.", format_date(self.env, figures["date"])
            ),
            verdict.INSURER: lambda *_: self.env._("The credit insurer refuses this customer, or has withdrawn."),
            verdict.STATUS: lambda figures, _form: self.env._(
                "The status is: %s.", self._get_status_words(figures["status"])
            ),
        }
        return [sentences[found["criterion"]](found["figures"], form) for found in told]

    @api.model
    def _get_limit_sentence(self, figures, form):
        if not figures["limit"]:
            return self.env._(
                "No credit is granted to this customer: %(amount)s would be at risk.", amount=form(figures["over"])
            )
        return self.env._(
            "Over the credit limit of %(limit)s by %(over)s: %(exposure)s is at risk already, this document adds "
            "%(amount)s.",
            limit=form(figures["limit"]),
            over=form(figures["over"]),
            exposure=form(figures["exposure"]),
            amount=form(figures["amount"]),
        )

    @api.model
    def _get_status_words(self, status):
        return dict(self._fields["status"]._description_selection(self.env)).get(status, status)
