from odoo import fields, models


class CreditDunningEntryProposalLine(models.TransientModel):
    """One old item and its proposed entry step; without a step it begins at the first one."""

    _name = "credit.dunning.entry.proposal.line"
    _description = "Proposed entry step"
    _order = "partner_id, date_due, id"

    proposal_id = fields.Many2one("credit.dunning.entry.proposal", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="proposal_id.company_id.currency_id")
    move_line_id = fields.Many2one("account.move.line", string="Journal item", required=True, ondelete="cascade")
    reference = fields.Char(readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    date_due = fields.Date(string="Due date", readonly=True)
    days_overdue = fields.Integer(string="Days late", readonly=True)
    amount = fields.Monetary(string="Open", readonly=True)
    policy_id = fields.Many2one("credit.dunning.policy", readonly=True)
    step_id = fields.Many2one(
        "credit.dunning.step", string="Enters at", domain="[('policy_id', '=', policy_id), ('kind', '=', 'message')]"
    )
