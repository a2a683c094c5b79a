from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core import priority
from .credit_balance_status import STATUSES

MEASURES = [
    (priority.AMOUNT, "Overdue amount"),
    (priority.DAYS_LATE, "Days late"),
    (priority.DISTRUST, "Points missing to full trust"),
    (priority.PROMISE_BROKEN, "Broken promise"),
    (priority.NO_CONTACT, "Days since the last contact"),
    (priority.TAG, "Tag of the customer"),
    (priority.STATUS, "Status of the customer"),
    (priority.WARNING, "Open warnings"),
]


class CreditPriorityRule(models.Model):
    """One weighted rule of the agenda: how many points a customer gets, and for what.

    The sum of the points is the customer's priority. What each rule gave is kept with it, so
    that the agenda can say why somebody comes first.
    """

    _name = "credit.priority.rule"
    _description = "Rule of the agenda"
    _order = "sequence, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Only for this company; empty: for all.")
    measure = fields.Selection(MEASURES, required=True, help="What is looked at.")
    points = fields.Integer(
        required=True,
        default=1,
        help="Given once, or once for each whole unit. Less than zero lets a customer wait.",
    )
    unit = fields.Float(help="The points are given for each whole unit: euros, days, points. 0: once.")
    start = fields.Float(string="Above", help="Up to this value the rule gives nothing.")
    maximum = fields.Integer(string="At most", help="The most points that the rule gives. 0: no maximum.")
    tag_id = fields.Many2one("res.partner.category", ondelete="cascade")
    status = fields.Selection(STATUSES)

    _unit_not_negative = models.Constraint("CHECK (unit >= 0)", "A unit can't be negative.")
    _maximum_not_negative = models.Constraint("CHECK (maximum >= 0)", "The most points can't be less than zero.")

    @api.constrains("measure", "tag_id", "status", "points")
    def _check_complete(self):
        for rule in self:
            if rule.measure == priority.TAG and not rule.tag_id:
                raise ValidationError(self.env._("“%s”: choose the tag.", rule.name))
            if rule.measure == priority.STATUS and not rule.status:
                raise ValidationError(self.env._("“%s”: choose the status.", rule.name))
            if not rule.points:
                raise ValidationError(self.env._("“%s”: a rule without points says nothing.", rule.name))

    @api.model
    def _get_core_rules(self, company):
        """Return the rules of ``company`` and those of all companies, as :mod:`~..core.priority` knows them."""
        return [
            priority.Rule(
                id=rule.id,
                measure=rule.measure,
                points=rule.points,
                unit=rule.unit,
                start=rule.start,
                maximum=rule.maximum,
                match=rule.tag_id.id if rule.measure == priority.TAG else rule.status,
            )
            for rule in self.sudo().search([("company_id", "in", [company.id, False])])
        ]

    def action_rank(self):
        """Put the agenda in order by the rules as they are now."""
        self.check_access("write")
        for company in self.env.companies:
            self.env["credit.agenda.engine"]._rank(company)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": self.env._("The agenda is in order by these rules.")},
        }
