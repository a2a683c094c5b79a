from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from .company_day import company_today
from .language import in_language_of

# Amicable procedures: negotiated, mostly confidential, without a judgment to declare claims after.
AMICABLE = frozenset({"ad_hoc", "conciliation"})
# Months from the publication of the judgment. Creditors who aren't in the country of the procedure have
# longer to declare their claim (C. com. R622-24) [confirm].
MONTHS_TO_DECLARE, MONTHS_ABROAD = 2, 4
# To claim back goods delivered under retention of title (C. com. L624-9).
MONTHS_TO_RECLAIM = 3
ACTIVITY_DECLARE = "credit_control.mail_activity_type_declare_claim"
ACTIVITY_RECLAIM = "credit_control.mail_activity_type_reclaim_goods"


class CreditInsolvencyDeadline(models.AbstractModel):
    """Until when to act in a collective procedure, and the activities that remind of it."""

    _name = "credit.insolvency.deadline"
    _description = "Deadlines of a collective procedure"

    # Those of the procedure itself; named here because the deadlines need them.
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    is_amicable = fields.Boolean(string="Amicable")

    publication_date = fields.Date(
        string="Published on",
        tracking=True,
        help="Publication of the judgment in the official gazette (France: BODACC). The deadlines run from it.",
    )
    declaration_months = fields.Integer(
        string="Months to declare",
        compute="_compute_declaration_months",
        store=True,
        readonly=False,
        help="2 months from the publication; 4 where we are abroad, to be confirmed with your adviser.",
    )
    declaration_legal_date = fields.Date(
        string="Legal deadline",
        compute="_compute_declaration_legal_date",
        help="Publication + months to declare, as the law counts it.",
    )
    declaration_deadline = fields.Date(
        string="Declare by",
        compute="_compute_declaration_dates",
        store=True,
        readonly=False,
        tracking=True,
        help="The legal deadline; where that isn't a working day, the working day before it.",
    )
    reclaim_deadline = fields.Date(
        string="Reclaim goods by",
        compute="_compute_declaration_dates",
        store=True,
        readonly=False,
        help="Goods delivered under retention of title: 3 months from the publication (C. com. L624-9).",
    )
    has_retention = fields.Boolean(
        string="Retention of title", help="Goods were delivered under retention of title: remind of reclaiming them."
    )
    is_late = fields.Boolean(
        string="Deadline missed",
        compute="_compute_is_late",
        search="_search_is_late",
        help="The deadline has passed and no declaration is recorded. Relief may be asked for within 6 months of the "
        "publication (C. com. L622-26).",
    )

    _declaration_months_range = models.Constraint(
        "CHECK (declaration_months BETWEEN 1 AND 120)", "Claims are declared within 1 to 120 months."
    )

    @api.depends("partner_id", "company_id")
    def _compute_declaration_months(self):
        for insolvency in self:
            theirs, ours = insolvency.partner_id.country_id, insolvency.company_id.country_id
            insolvency.declaration_months = MONTHS_ABROAD if theirs and ours and theirs != ours else MONTHS_TO_DECLARE

    @api.depends("publication_date", "declaration_months", "is_amicable")
    def _compute_declaration_legal_date(self):
        for insolvency in self:
            insolvency.declaration_legal_date = insolvency._get_months_after(insolvency.declaration_months)

    @api.depends("publication_date", "declaration_months", "is_amicable", "company_id")
    def _compute_declaration_dates(self):
        for insolvency in self:
            insolvency.declaration_deadline = insolvency._get_shown_deadline(insolvency.declaration_months)
            insolvency.reclaim_deadline = insolvency._get_shown_deadline(MONTHS_TO_RECLAIM)

    def _get_shown_deadline(self, months):
        """Return the last working day within so many months after the publication; nothing where that isn't known."""
        legal = self._get_months_after(months)
        return self.company_id._credit_get_working_day_before(legal) if legal and self.company_id else False

    def _get_months_after(self, months):
        """Return the day that many months after the publication; nothing where none is published."""
        if self.is_amicable or not self.publication_date:
            return False
        try:
            return self.publication_date + relativedelta(months=months)
        except (OverflowError, ValueError):
            # Where the calendar ends: what was entered is refused in words when it is saved.
            return date.max

    @api.depends("declaration_deadline", "state")
    def _compute_is_late(self):
        late = self.filtered_domain(self._get_late_domain())
        for insolvency in self:
            insolvency.is_late = insolvency in late

    def _search_is_late(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return self._get_late_domain()

    @api.model
    def _get_late_domain(self):
        return [("state", "=", "open"), ("declaration_deadline", "<", company_today(self))]

    # -- activities ---------------------------------------------------------------------

    @api.model
    def _get_deadline_fields(self):
        """Return the fields that move an activity when they change."""
        return {
            "declaration_deadline",
            "declaration_months",
            "declared_on",
            "has_retention",
            "kind",
            "partner_id",
            "publication_date",
            "reclaim_deadline",
            "state",
            "user_id",
        }

    def _plan_deadlines(self):
        """Have one activity for each deadline that is still to be kept, on its day and with who is responsible."""
        for insolvency in self:
            is_open = insolvency.state != "closed"
            to_declare = insolvency.state == "open" and insolvency.declaration_deadline
            insolvency._plan_deadline(ACTIVITY_DECLARE, to_declare, done=insolvency.state in ("declared", "admitted"))
            insolvency._plan_deadline(
                ACTIVITY_RECLAIM, is_open and insolvency.has_retention and insolvency.reclaim_deadline
            )

    def _plan_deadline(self, activity_type, day, done=False):
        known = self.activity_search([activity_type])
        if not day:
            # Who declared the claim has done it; what became pointless just goes.
            return known.action_feedback() if done and known else known.unlink()
        values = {"date_deadline": day, "user_id": self.user_id.id or self.env.uid}
        if known:
            return known.write(values)
        return in_language_of(self, self.user_id).activity_schedule(activity_type, **values)
