import logging
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core import insurance
from .company_day import company_today
from .language import in_language_of

_logger = logging.getLogger(__name__)

ACTIVITY_END = "credit_control.mail_activity_type_insurance_end"


class CreditInsurancePolicy(models.Model):
    """A credit insurance contract of a company: what it insures, on which terms, until when.

    Customers are insured one by one (guarantees); those on whom the insurer never decided, up to
    the discretionary limit. What is overdue for longer than ``declaration_days`` is declared.
    """

    _name = "credit.insurance.policy"
    _description = "Credit insurance policy"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, help="What you call it, for instance Domestic customers.")
    reference = fields.Char(string="Policy number", tracking=True, help="The insurer's number of the contract.")
    insurer_id = fields.Many2one("res.partner", required=True, ondelete="restrict", check_company=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Guarantees are in this currency, unless they say otherwise.",
    )
    quota = fields.Float(
        string="Insured percentage",
        digits=(5, 2),
        default=90.0,
        required=True,
        tracking=True,
        help="What the insurer bears of the outstanding up to the guarantee. Each guarantee can say otherwise.",
    )
    deductible = fields.Monetary(
        tracking=True,
        help="What you bear yourself of the claims of an insurance year. It isn't taken off customer by customer: "
        "the insured sums are those before it.",
    )
    maximum = fields.Monetary(
        string="Maximum indemnity", help="The most that the insurer pays in an insurance year. For your information."
    )
    discretionary_limit = fields.Monetary(
        string="Discretionary limit",
        tracking=True,
        help="Companies on which the insurer never decided are insured up to this amount. 0: only those with a "
        "guarantee of their own are.",
    )
    discretionary_quota = fields.Float(
        string="Insured percentage within it",
        digits=(5, 2),
        compute="_compute_discretionary_quota",
        store=True,
        readonly=False,
        help="The insured percentage within the discretionary limit, where it differs.",
    )
    declaration_days = fields.Integer(
        string="Days to declare",
        default=60,
        tracking=True,
        help="Overdue items are declared to the insurer within this many days of their due date. 0: no reminders.",
    )
    declaration_lead = fields.Integer(
        string="Remind before",
        default=15,
        help="Days before the deadline from which on an overdue item is listed and an activity planned.",
    )
    notice_days = fields.Integer(
        string="Announce ends", default=30, help="Days before the end of a guarantee or of the policy: an activity."
    )
    date_from = fields.Date(string="Begins", required=True, default=company_today, tracking=True)
    date_to = fields.Date(string="Ends", tracking=True, help="Its last day, or that of the period that is running.")
    renewal = fields.Selection(
        [("tacit", "Renewed tacitly, year by year"), ("explicit", "Ends unless it is renewed")],
        required=True,
        default="tacit",
        tracking=True,
        help="What happens at its end.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("active", "In force"), ("ended", "Ended")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        required=True,
        default=lambda self: self.env.user,
        check_company=True,
        tracking=True,
        help="Gets the deadlines as activities.",
    )
    announced_date = fields.Date(
        string="Announced end", readonly=True, copy=False, help="The end that was announced by an activity."
    )
    guarantee_ids = fields.One2many("credit.insurance.guarantee", "policy_id", string="Guarantees")
    guarantee_count = fields.Integer(string="Number of guarantees", compute="_compute_guarantee_count")
    note = fields.Text()

    _days_bounded = models.Constraint(
        "CHECK (declaration_days BETWEEN 0 AND 3650 AND declaration_lead BETWEEN 0 AND 3650 "
        "AND notice_days BETWEEN 0 AND 3650)",
        "Days to declare and to remind and announce before are 0 to 3650.",
    )
    _discretionary_overlap = models.Constraint(
        """
        EXCLUDE USING gist (
            int4range(company_id, company_id, '[]') WITH &&,
            daterange(date_from, CASE WHEN renewal = 'tacit' AND state = 'active' THEN NULL ELSE date_to END, '[]')
                WITH &&
        ) WHERE (discretionary_limit > 0 AND state <> 'draft')
        """,
        "Another policy with a discretionary limit is in force in these days: only one can say what is insured "
        "without a guarantee. End that one first, or leave this limit at 0.",
    )

    @api.depends("quota")
    def _compute_discretionary_quota(self):
        for policy in self:
            policy.discretionary_quota = policy.quota

    def _compute_guarantee_count(self):
        groups = self.env["credit.insurance.guarantee"]._read_group(
            [("policy_id", "in", self.ids)], ["policy_id"], ["__count"]
        )
        counts = {policy.id: count for policy, count in groups}
        for policy in self:
            policy.guarantee_count = counts.get(policy.id, 0)

    @api.depends("name", "insurer_id")
    def _compute_display_name(self):
        for policy in self:
            policy.display_name = " – ".join(filter(None, (policy.insurer_id.name, policy.name)))

    # -- what can't be ------------------------------------------------------------------

    @api.constrains("quota", "discretionary_quota")
    def _check_quota(self):
        for policy in self:
            for name in ("quota", "discretionary_quota"):
                if not 0 < policy[name] <= 100:
                    policy._refuse(name, self.env._("it is more than 0 and at most 100."))

    @api.constrains("deductible", "maximum", "discretionary_limit")
    def _check_amounts(self):
        for policy in self:
            for name in ("deductible", "maximum", "discretionary_limit"):
                if policy[name] < 0:
                    policy._refuse(name, self.env._("it can't be negative."))

    @api.constrains("declaration_days", "declaration_lead", "notice_days")
    def _check_days(self):
        for policy in self:
            for name in ("declaration_days", "declaration_lead", "notice_days"):
                if not 0 <= policy[name] <= 3650:
                    policy._refuse(name, self.env._("it is between 0 and 3650 days."))

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for policy in self:
            if policy.date_from and policy.date_to and policy.date_to < policy.date_from:
                policy._refuse("date_to", self.env._("it is before the beginning."))

    def _refuse(self, name, problem):
        """Raise that the field ``name`` of this record can't be so."""
        field = self._fields[name]._description_string(self.env)
        raise ValidationError(
            self.env._("%(record)s, “%(field)s”: %(problem)s", record=self.display_name, field=field, problem=problem)
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for policy in self:
            if policy.state != "draft":
                raise UserError(self.env._("%s is kept: end it instead.", policy.display_name))

    # -- reading -------------------------------------------------------------------------

    def _get_last_day(self):
        """Return the last day on which this policy insures; None while no end is in sight."""
        self.ensure_one()
        return None if self.renewal == "tacit" and self.state == "active" else self.date_to or None

    def _get_terms(self):
        """Return ``{policy id: insurance.Terms}`` of those that ask for declarations."""
        return {
            policy.id: insurance.Terms(policy.declaration_days, policy.declaration_lead)
            for policy in self
            if policy.declaration_days
        }

    def _get_assignee(self):
        """Return who gets the activities: the responsible, where they may still see them, else nobody."""
        user = self.user_id
        may = user.active and user.has_group("credit_control.group_collector") and self.company_id in user.company_ids
        if not may:
            _logger.warning("Credit insurance policy %s: its responsible can't take activities any more", self.id)
        return user if may else user.browse()

    # -- buttons -------------------------------------------------------------------------

    def action_activate(self):
        """Put the policy in force."""
        for policy in self:
            policy._expect({"draft", "ended"}, self.env._("It is in force already."))
        return self.write({"state": "active"})

    def action_end(self):
        """End the policy: on its last day, where that is near, else today. Its guarantees end with it."""
        today = company_today(self)
        for policy in self:
            policy._expect({"active"}, self.env._("It isn't in force."))
            policy._end(min(policy.date_to or today, today))
        return True

    def _end(self, last_day):
        """End the policy, and what it guarantees, with ``last_day``."""
        last_day = max(last_day, self.date_from)
        self.write({"state": "ended", "date_to": last_day})
        self.guarantee_ids._end_with_policy(last_day)

    def _expect(self, states, message):
        self.check_access("write")
        if self.state not in states:
            raise UserError(self.env._("%(policy)s: %(message)s", policy=self.display_name, message=message))

    def action_open_guarantees(self):
        """Open the guarantees of this policy."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_insurance_guarantee_action")
        action["domain"] = [("policy_id", "=", self.id)]
        action["context"] = {"default_policy_id": self.id}
        return action

    # -- every day -----------------------------------------------------------------------

    @api.model
    def _cron_daily(self):
        """Renew, end and announce; list what is to be declared. One company that fails doesn't stop the others."""
        companies = self.search([("state", "!=", "draft")]).company_id
        self.env["ir.cron"]._commit_progress(remaining=len(companies))
        for company in companies:
            try:
                with self.env.cr.savepoint():
                    self._run_daily(company)
            except Exception:
                _logger.exception("Credit insurance of company %s: the daily work failed", company.id)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _run_daily(self, company, today=None):
        """Do the day's work for one company; doing it twice changes nothing.

        :param today: the day to do it for, today without it
        """
        policies = self.sudo().with_company(company)
        today = today or company_today(policies)
        policies._pass_ends(company, today)
        guarantees = self.env["credit.insurance.guarantee"].sudo().with_company(company)
        guarantees._expire(company, today)
        policies._announce_ends(company, today)
        guarantees._announce_ends(company, today)
        declarations = self.env["credit.insurance.declaration"].sudo().with_company(company)
        declarations._update(company, today)

    def _pass_ends(self, company, today):
        """Renew by a year what is renewed tacitly, end what ended yesterday."""
        ended = self.search([("company_id", "=", company.id), ("state", "=", "active"), ("date_to", "<", today)])
        for policy in ended:
            if policy.renewal == "explicit":
                policy._end(policy.date_to)
            else:
                policy.date_to = policy._get_next_end(today)

    def _get_next_end(self, today):
        """Return the end of the period that runs today, whole years after the one that ended."""
        years = 1
        while self.date_to + relativedelta(years=years) < today:
            years += 1
        return self.date_to + relativedelta(years=years)

    def _announce_ends(self, company, today):
        """Plan an activity for each policy whose end or renewal is near; once for each end."""
        policies = self.search([("company_id", "=", company.id), ("state", "=", "active"), ("date_to", ">=", today)])
        for policy in policies:
            near = policy.date_to <= today + timedelta(days=policy.notice_days)
            user = near and policy.announced_date != policy.date_to and policy._get_assignee()
            if user:
                in_language_of(policy, user).activity_schedule(ACTIVITY_END, policy.date_to, user_id=user.id)
                policy.announced_date = policy.date_to
