from odoo import api, fields, models
from odoo.fields import Domain

from ..core import reasons
from .credit_dunning_decision import REASON_LABELS
from .credit_dunning_notice import LEFT_STATES


class CreditOpenItem(models.Model):
    """Where each open item stands in its dunning, beside what is owed on it."""

    _name = "credit.open.item"
    _inherit = ["credit.open.item", "credit.open.item.cause"]

    level_step_id = fields.Many2one("credit.dunning.step", string="Last reminder", compute="_compute_level_step_id")
    decision_reason = fields.Selection(REASON_LABELS, string="Why", compute="_compute_decision")
    next_date = fields.Date(string="Next step", compute="_compute_decision")
    is_leak = fields.Boolean(
        string="Leak",
        compute="_compute_is_leak",
        search="_search_is_leak",
        help="Overdue, and nothing is coming: no next step, promise, dispute, pause or exclusion looks after it.",
    )

    @api.depends_context("uid")
    def _compute_level_step_id(self):
        lines = self.env["credit.dunning.notice.line"].search(
            [
                ("move_line_id", "in", self.ids),
                ("live", "=", True),
                ("step_id", "!=", False),
                ("notice_id.state", "in", LEFT_STATES),
            ],
            order="id",
        )
        step_of = {line.move_line_id.id: line.step_id for line in lines}
        for item in self:
            item.level_step_id = step_of.get(item.id, False)

    @api.depends_context("uid")
    def _compute_decision(self):
        decisions = self.env["credit.dunning.decision"].search(
            [("move_line_id", "in", self.ids), ("date_to", "=", False)]
        )
        decision_of = {decision.move_line_id.id: decision for decision in decisions}
        for item in self:
            decision = decision_of.get(item.id, decisions.browse())
            item.decision_reason = decision.reason
            item.next_date = decision.next_date

    def _compute_is_leak(self):
        leaks = self.search([("id", "in", self.ids), ("is_leak", "=", True)])
        for item in self:
            item.is_leak = item in leaks

    def _search_is_leak(self, operator, value):
        if operator != "in":
            return NotImplemented
        current = Domain("date_to", "=", False) & Domain("reason", "not in", list(reasons.LEAKS))
        looked_after = self.env["credit.dunning.decision"]._search(current).subselect("move_line_id")
        leak = Domain("days_overdue", ">", 0) & Domain("amount_residual", ">", 0)
        leak &= Domain("id", "not in", looked_after)
        return Domain.OR(leak if wanted else ~leak for wanted in set(value))

    def action_open_move(self):
        """Open the document behind this item."""
        self.ensure_one()
        return self.move_id._get_records_action(name=self.reference)

    def action_pause(self):
        """Ask for the reason and the end of a pause of this item's document."""
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_dunning_pause_wizard_action")
        action["context"] = {"default_move_ids": self.move_id.ids}
        return action

    def action_dispute(self):
        """Open a new dispute of these items."""
        return self.env["credit.dispute"]._prepare_new_action(self.move_line_id)

    def _get_customer_reference(self):
        """Return the customer's own reference of the document."""
        return self.move_id.sudo().ref or "" if self.amount_residual > 0 else ""
