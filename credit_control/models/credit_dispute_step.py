from odoo import api, fields, models

from .company_day import company_today


class CreditDisputeStep(models.Model):
    """One thing to do in a dispute, with its day; ticked off by whoever did it."""

    _name = "credit.dispute.step"
    _description = "Step of a dispute"
    _order = "date_due, sequence, id"

    dispute_id = fields.Many2one("credit.dispute", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="dispute_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="To do", required=True)
    date_due = fields.Date(string="By")
    is_done = fields.Boolean(string="Done")
    done_on = fields.Date(string="Done on", compute="_compute_done", store=True)
    done_by_id = fields.Many2one("res.users", string="Done by", compute="_compute_done", store=True)

    @api.depends("is_done")
    def _compute_done(self):
        for step in self:
            step.done_on = (step.done_on or company_today(step)) if step.is_done else False
            step.done_by_id = (step.done_by_id or self.env.user) if step.is_done else False
