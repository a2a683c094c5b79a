from odoo import api, fields, models


class CreditDisputeReason(models.Model):
    """Why a customer disputes an item: price, quantity, delivery… and how such a dispute is settled."""

    _name = "credit.dispute.reason"
    _description = "Reason of a dispute"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="A stable word for reports and interfaces.")
    active = fields.Boolean(default=True)
    user_id = fields.Many2one(
        "res.users",
        string="Default owner",
        domain=[("share", "=", False)],
        help="Who settles such disputes, with the right “Dispute owner”; else the customer's collector does.",
    )
    deadline_days = fields.Integer(
        string="Days to settle", default=15, help="Days from the opening to the deadline of such a dispute."
    )
    cause_id = fields.Many2one(
        "credit.delay.cause",
        string="Cause of delay",
        index="btree_not_null",
        ondelete="set null",
        help="Items disputed for this reason are late for this cause.",
    )
    on_portal = fields.Boolean(string="On the portal", default=True, help="Customers may choose it on the portal.")
    step_ids = fields.One2many("credit.dispute.reason.step", "reason_id", string="Steps", copy=True)

    _code_unique = models.Constraint("UNIQUE (code)", "Each reason has a code of its own.")
    _deadline_days_bounded = models.Constraint(
        "CHECK (deadline_days BETWEEN 0 AND 3650)", "A dispute is to be settled within 0 to 3650 days."
    )

    @api.model
    def _get(self, code):
        """Return the active reason of that code, else the one for all others (``other``), else any."""
        reasons = self.sudo()
        found = (
            reasons.search([("code", "=", code)], limit=1)
            or reasons.search([("code", "=", "other")], limit=1)
            or reasons.search([], limit=1)
        )
        return found.sudo(self.env.su)
