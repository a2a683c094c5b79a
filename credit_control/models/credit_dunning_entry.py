from odoo import fields, models


class CreditDunningEntry(models.Model):
    """The step at which an old item enters its policy, so that it gets no friendly first reminder."""

    _name = "credit.dunning.entry"
    _description = "Entry step of an open item"

    move_line_id = fields.Many2one("account.move.line", string="Journal item", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True)
    step_id = fields.Many2one("credit.dunning.step", required=True, ondelete="cascade")

    _item_unique = models.Constraint("UNIQUE (move_line_id)", "An item enters a policy once.")
