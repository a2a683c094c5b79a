from odoo import Command, api, fields, models

from ..core import ladder
from ..models.company_day import company_today


class CreditDunningEntryProposal(models.TransientModel):
    """Old items that were never reminded, with the step at which they should enter their policy."""

    _name = "credit.dunning.entry.proposal"
    _description = "Proposal of entry steps"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    date = fields.Date(required=True, default=company_today)
    line_ids = fields.One2many(
        "credit.dunning.entry.proposal.line", "proposal_id", compute="_compute_line_ids", store=True, readonly=False
    )

    @api.depends("company_id", "date")
    def _compute_line_ids(self):
        for proposal in self:
            lines = proposal._prepare_lines() if proposal.company_id and proposal.date else ()
            proposal.line_ids = [Command.clear(), *(Command.create(vals) for vals in lines)]

    def _prepare_lines(self):
        """Return one line per old item that the ladder would otherwise begin at its first step."""
        planner = self.env["credit.dunning.planner"].sudo()
        ledger = planner._gather(self.company_id, self.date, preview=False)
        lines = []
        for item in sorted(ledger.items, key=lambda item: (item.debtor, item.due)):
            policy = ledger.policies.get(item.policy)
            step_id = policy and item.residual > 0 and ladder.propose_entry(item, policy, self.date)
            if step_id:
                lines.append(self._prepare_line(item, ledger.rows[item.id], policy, step_id))
        return lines

    def _prepare_line(self, item, row, policy, step_id):
        return {
            "move_line_id": item.id,
            "reference": row.reference,
            "partner_id": row.partner_id,
            "date_due": item.due,
            "days_overdue": (self.date - item.due).days,
            "amount": item.residual,
            "policy_id": policy.id,
            "step_id": step_id,
        }

    def action_confirm(self):
        """Write the entry steps; the next plan begins with them."""
        self.ensure_one()
        self.env["credit.dunning.entry"].create(
            [
                {"move_line_id": line.move_line_id.id, "company_id": self.company_id.id, "step_id": line.step_id.id}
                for line in self.line_ids
                if line.step_id
            ]
        )
        return {"type": "ir.actions.act_window_close"}
