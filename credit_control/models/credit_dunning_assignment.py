from odoo import fields, models


class CreditDunningAssignment(models.Model):
    """The policy chosen for one invoice, whatever its customer's is.

    Kept here and not on the entry: writing on a posted entry runs the whole invoice
    synchronisation and marks it as modified.
    """

    _name = "credit.dunning.assignment"
    _description = "Policy of an invoice"
    _check_company_auto = True

    move_id = fields.Many2one("account.move", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="move_id.company_id", store=True, index=True)
    policy_id = fields.Many2one("credit.dunning.policy", required=True, ondelete="cascade", check_company=True)

    _move_unique = models.Constraint("UNIQUE (move_id)", "An invoice has one policy of its own.")
