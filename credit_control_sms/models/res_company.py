from datetime import UTC, datetime, time

from odoo import api, fields, models
from odoo.tools import SQL, Query

from odoo.addons.credit_control.models.company_day import company_today, company_zone
from odoo.addons.credit_control.models.credit_company_limits import OWN_PEOPLE

# What wasn't paid for, or not yet.
UNPAID = ("failed", "waiting")


class ResCompany(models.Model):
    _inherit = "res.company"

    credit_sms_country_ids = fields.Many2many(
        "res.country",
        "credit_sms_company_country_rel",
        string="Countries written to by SMS",
        help="Numbers of other countries aren't written to. Empty: the company's own country.",
        groups=OWN_PEOPLE,
    )
    credit_sms_budget = fields.Float(
        string="Monthly budget of SMS", help="In company currency. 0: none.", groups=OWN_PEOPLE
    )

    @api.model
    def _read_group_groupby(self, alias: str, groupby_spec: str, query: Query) -> SQL:
        """Odoo asks nobody for the right to a many2many that is grouped by."""
        field = self._fields.get(groupby_spec)
        if field and field.type == "many2many":
            self._check_field_access(field, "read")
        return super()._read_group_groupby(alias, groupby_spec, query)

    def _credit_get_sms_regions(self):
        """Return the codes of the countries that SMS go to; empty for all."""
        countries = self.credit_sms_country_ids or self.country_id
        return set(countries.mapped("code"))

    def _credit_get_sms_spent(self):
        """Return what SMS cost this month, by the company's calendar and in its currency."""
        first = datetime.combine(company_today(self).replace(day=1), time(), company_zone(self))
        start = first.astimezone(UTC).replace(tzinfo=None)
        rows = self.env["credit.sms.delivery"].sudo()
        domain = [("company_id", "=", self.id), ("create_date", ">=", start), ("state", "not in", UNPAID)]
        [(spent,)] = rows._read_group(domain, [], ["cost:sum"])
        return spent or 0.0

    def _credit_warn_of_sms_budget(self):
        """Tell the credit management once a month that the budget is spent to 80 %, and once that it is spent."""
        for company in self.filtered("credit_sms_budget"):
            gateway = self.env["credit.sms.gateway"]._get_by_company(company).get(company.id)
            spent = company._credit_get_sms_spent()
            if gateway and spent >= 0.8 * company.credit_sms_budget:
                gateway._warn_of_budget(spent)
