from odoo import fields, models


class CreditDisputeReasonStep(models.Model):
    """What is to be done in each dispute of a reason, and within how many days."""

    _name = "credit.dispute.reason.step"
    _description = "Step of a reason of disputes"
    _order = "reason_id, sequence, id"

    reason_id = fields.Many2one("credit.dispute.reason", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="To do", required=True, translate=True)
    delay_days = fields.Integer(string="Within days", default=5, help="Days from the opening of the dispute.")

    _delay_days_bounded = models.Constraint(
        "CHECK (delay_days BETWEEN 0 AND 3650)", "A step is to be done within 0 to 3650 days."
    )
