from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ..core.ageing import AgeingScale
from ..core.working_days import working_day_before, working_day_from
from .company_day import country_zone_name
from .credit_company_limits import OWN_PEOPLE


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "credit.company.limits", "credit.policy.loader", "credit.score.backfill"]

    credit_ageing_edges = fields.Char(
        string="Ageing buckets (days)",
        default="30,60,90",
        required=True,
        groups=OWN_PEOPLE,
        help="Last day of each bucket of the aged balance, e.g. 30,60,90.",
    )
    credit_dunning_policy_id = fields.Many2one(
        "credit.dunning.policy",
        string="Dunning policy",
        groups=OWN_PEOPLE,
        help="For customers whose segment names no policy.",
    )
    credit_test_mode = fields.Boolean(
        string="Test mode of credit control", help="Notices are planned and shown, but none leaves.", groups=OWN_PEOPLE
    )
    credit_bank_hold = fields.Boolean(
        string="Reminders wait for the bank",
        groups=OWN_PEOPLE,
        help="While a bank journal wasn't fed for too long, no reminder leaves by itself: it may have been paid.",
    )
    credit_bank_fresh_days = fields.Integer(
        string="Bank is fresh for (days)",
        default=3,
        help="Before sending, warn where a bank journal wasn't fed for more days than this.",
        groups=OWN_PEOPLE,
    )
    credit_small_balance = fields.Float(
        string="Small balances",
        default=5.0,
        groups=OWN_PEOPLE,
        help="What is open up to this amount, in company currency, may be written off. 0: nothing.",
    )
    credit_management_user_id = fields.Many2one(
        "res.users",
        string="Speaks for the management",
        help="In whose name steps of the management speak.",
        groups=OWN_PEOPLE,
    )
    credit_legal_user_id = fields.Many2one(
        "res.users",
        string="Speaks for the legal department",
        help="In whose name steps of the legal department speak.",
        groups=OWN_PEOPLE,
    )
    credit_reply_pause_days = fields.Integer(
        string="Pause after an answer (days)",
        default=7,
        help="Reminders stop for this many days when a customer answers. 0: they go on.",
        groups=OWN_PEOPLE,
    )
    credit_insolvency_later_items = fields.Selection(
        [("remind", "Remind them at their due date"), ("hold", "Hold them back")],
        string="Invoices after a judgment",
        default="remind",
        required=True,
        groups=OWN_PEOPLE,
        help="What is invoiced to a customer after the judgment that opened a collective procedure is payable at its "
        "due date (C. com. L622-17). Each procedure can say otherwise.",
    )

    credit_promise_tolerance_days = fields.Integer(
        string="Promises: tolerance (days)",
        default=3,
        required=True,
        groups=OWN_PEOPLE,
        help="A payment keeps a promise up to this many days after its day: transfers take a while.",
    )
    credit_promise_share = fields.Float(
        string="Promises: share to pay (%)",
        default=95.0,
        required=True,
        help="Per cent of the promised amount that must be paid for it to count as kept.",
        groups=OWN_PEOPLE,
    )
    credit_promise_max_days = fields.Integer(
        string="Promises: days ahead at most",
        default=90,
        required=True,
        help="A promise can be for a day up to this many days ahead.",
        groups=OWN_PEOPLE,
    )

    _credit_promise_terms_sound = models.Constraint(
        "CHECK (credit_promise_tolerance_days BETWEEN 0 AND 3650 AND credit_promise_max_days BETWEEN 0 AND 3650 "
        "AND credit_promise_share > 0 AND credit_promise_share <= 100)",
        "Promises: days are 0 to 3650, and the share is between 0 and 100 per cent.",
    )

    credit_charge_account_id = fields.Many2one(
        "account.account",
        string="Account of interest and fixed sums",
        check_company=True,
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        groups=OWN_PEOPLE,
        help="Income account of late-payment interest and fixed sums that are invoiced, without VAT "
        "(in France 7631 and 758, or one for both).",
    )
    credit_charge_settled_days = fields.Integer(
        string="Interest of what was paid late",
        default=365,
        groups=OWN_PEOPLE,
        help="Invoices that were paid late stay among the running interest for this many days after their payment.",
    )

    credit_portal_enabled = fields.Boolean(
        string="Customer portal for credit control",
        default=True,
        groups=OWN_PEOPLE,
        help="Customers see their statement, promise, disagree and tell that they have paid on the portal.",
    )
    credit_portal_access = fields.Selection(
        [("role", "Contacts with a role and invoice addresses"), ("all", "All contacts of the customer")],
        string="Portal: who sees the statement",
        default="role",
        required=True,
        groups=OWN_PEOPLE,
        help="Which contacts of a customer see its statement; the customer itself always does.",
    )
    credit_portal_link_days = fields.Integer(
        string="Portal: links are valid for (days)",
        default=60,
        groups=OWN_PEOPLE,
        help="Links in messages open the statement without a login for this many days.",
    )
    credit_portal_promise_days = fields.Integer(
        string="Portal: promises, days ahead at most",
        default=30,
        groups=OWN_PEOPLE,
        help="On the portal a customer can promise to pay up to this many days ahead.",
    )

    _credit_days_bounded = models.Constraint(
        "CHECK (credit_bank_fresh_days BETWEEN 0 AND 3650 AND credit_reply_pause_days BETWEEN 0 AND 3650 "
        "AND credit_charge_settled_days BETWEEN 0 AND 3650)",
        "The days for which the bank is fresh, of the pause after an answer and of interest on what was paid late "
        "are 0 to 3650.",
    )
    _credit_portal_days = models.Constraint(
        "CHECK (credit_portal_link_days BETWEEN 0 AND 3650 AND credit_portal_promise_days BETWEEN 0 AND 3650)",
        "Days of the portal are between 0 and 3650.",
    )

    def _get_company_root_delegated_field_names(self):
        # A company and its branches are one creditor: a limit means the same in all of them.
        return [*super()._get_company_root_delegated_field_names(), "credit_limit_zero", "credit_limit_scope"]

    @ormcache("self.id")
    def _get_credit_zone_name(self):
        """Return the name of the company's time zone, which the sender asks for with each message."""
        company = self.sudo()
        return company.partner_id.tz or country_zone_name(company.country_id.code)

    @api.model
    def _is_company_partner(self, partners):
        """Whether one of ``partners`` is a company of ours."""
        return bool(self.search_count([("partner_id", "in", partners.ids)], limit=1))

    def cache_invalidation_fields(self):
        """Whose exposures add up and what day it is are kept in the cache; see the partner, too."""
        return super().cache_invalidation_fields() | {"credit_limit_scope", "partner_id"}

    @api.constrains("credit_ageing_edges")
    def _check_credit_ageing_edges(self):
        for company in self:
            try:
                AgeingScale.parse(company.credit_ageing_edges or "")
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "%(company)s: “%(edges)s” can't be the buckets of the aged balance. Write their last days as "
                        "whole numbers, each greater than the one before, such as 30,60,90.",
                        company=company.name,
                        edges=company.credit_ageing_edges or "",
                    )
                ) from error

    def _credit_get_working_day_before(self, day):
        """Return ``day`` where it is worked in this company, else the last working day before it.

        Weekends, the public holidays of its country and its own calendar's days off aren't worked.
        """
        self.ensure_one()
        holidays = self.env["credit.dunning.hours"]._get_holidays(self, day.year - 1)
        holidays |= self.env["credit.dunning.hours"]._get_holidays(self, day.year)
        return working_day_before(day, holidays)

    def _credit_get_working_day_from(self, day, country=None):
        """Return ``day`` where it is worked in ``country`` (without one the company's), else the next such day."""
        self.ensure_one()
        hours = self.env["credit.dunning.hours"]
        if not country or country == self.country_id:
            return working_day_from(day, hours._get_holidays(self, day.year))
        return working_day_from(day, hours._get_days_off(country, day.year))
