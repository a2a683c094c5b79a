from odoo import api, fields, models

from odoo.addons.credit_control.core import status as codes
from odoo.addons.credit_control.models.language import format_figure

from ..core.provision import Rule

STATUSES = [
    (codes.LOST, "Lost"),
    (codes.DOUBTFUL, "Doubtful"),
    (codes.INSOLVENCY, "Insolvency"),
    (codes.LITIGATION, "Litigation"),
]


class CreditProvisionRule(models.Model):
    """What share of a debt is provided for: by the status of the customer, or by how long it is overdue.

    Of the rules that hold for a claim, the highest rate counts. A company with rules of its own has no others; all
    others share those without a company.
    """

    _name = "credit.provision.rule"
    _description = "Rate of provision"
    _order = "company_id, status, days, id"
    _check_company_domain = models.check_company_domain_parent_of

    company_id = fields.Many2one("res.company", index=True, help="Empty: for companies that have no rule of their own.")
    status = fields.Selection(STATUSES, help="Empty: whatever the status of the customer.")
    days = fields.Integer(string="Overdue for more than (days)", help="0: however old.")
    rate = fields.Float(string="Rate (%)", required=True, digits=(5, 2), help="Of what is open without VAT.")
    note = fields.Char(translate=True, help="Where the rate comes from: history, the auditor…")
    active = fields.Boolean(default=True)

    _rate_is_a_share = models.Constraint("CHECK (rate >= 0 AND rate <= 100)", "A rate lies between 0 and 100.")
    _days_not_negative = models.Constraint("CHECK (days >= 0)", "Days overdue aren't negative.")

    @api.depends("status", "days", "rate")
    def _compute_display_name(self):
        labels = dict(self._fields["status"]._description_selection(self.env))
        for rule in self:
            age = self.env._("more than %s days overdue", rule.days) if rule.days else ""
            words = ", ".join(filter(None, (labels.get(rule.status), age))) or self.env._("All")
            rate = format_figure(self.env, rule.rate)
            rule.display_name = self.env._("%(debts)s: %(rate)s %%", debts=words, rate=rate)

    @api.model
    def _get_rules(self, company):
        """Return the rules of a company as the core reads them: its own, else the shared ones."""
        own = self.sudo().search([("company_id", "=", company.id)])
        rules = own or self.sudo().search([("company_id", "=", False)])
        return [Rule(rule.id, rule.rate, rule.days, rule.status or "") for rule in rules]
