from odoo import api, fields, models
from odoo.exceptions import ValidationError

SEVERITIES = [("0", "Good news"), ("1", "Notice"), ("2", "Warning"), ("3", "Alarm")]


class CreditSignalRule(models.Model):
    """One kind of early warning: what looks for it, from which threshold on, how grave it is.

    Without a detector it is one that people raise: an empty stock, a change of management.
    """

    _name = "credit.signal.rule"
    _description = "Kind of early warning"
    _inherit = ["credit.plug"]
    _order = "sequence, id"
    _check_company_auto = True
    _plug_method = "_explain"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Only for this company; empty: for all.")
    handler = fields.Char(help="Technical name of the model that looks for it; empty: people raise it.")
    severity = fields.Selection(
        SEVERITIES, required=True, default="2", help="Warnings and alarms come on the collector's agenda."
    )
    threshold = fields.Float(help="From which value on it warns: see the description.")
    days = fields.Integer(default=30, help="How far back it looks.")
    description = fields.Text(translate=True, help="What is looked for, and what the threshold means.")

    _days_bounded = models.Constraint("CHECK (days BETWEEN 1 AND 3650)", "A detector looks back 1 to 3650 days.")

    @api.constrains("threshold")
    def _check_threshold(self):
        for rule in self:
            if rule.threshold < 0:
                raise ValidationError(self.env._("“%s”: the threshold can't be less than zero.", rule.name))
