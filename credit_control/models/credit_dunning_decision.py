from odoo import fields, models

from ..core import reasons

REASON_LABELS = [
    (reasons.REMIND, "To remind"),
    (reasons.DECIDE, "To decide"),
    (reasons.SETTLED, "Settled"),
    (reasons.NOT_TRADE, "Not a trade receivable"),
    (reasons.INSOLVENT, "Collective procedure"),
    (reasons.LITIGATION, "In litigation"),
    (reasons.NO_FOLLOWUP, "Excluded from follow-up"),
    (reasons.PAYMENT_BLOCKED, "Payment blocked"),
    (reasons.COLLECTED, "Direct debit or bill under way"),
    (reasons.DISPUTED, "Disputed"),
    (reasons.PROMISED, "Promised"),
    (reasons.PAUSED, "Paused"),
    (reasons.POLICY_NONE, "No policy"),
    (reasons.UNCERTAIN, "Last message uncertain"),
    (reasons.IN_PROGRESS, "Message under way"),
    (reasons.NOT_DUE, "Not due"),
    (reasons.STEP_NOT_REACHED, "Next step not reached"),
    (reasons.LADDER_ENDED, "All steps done"),
    (reasons.UNALLOCATED_CREDIT, "Covered by unallocated credits"),
    (reasons.BELOW_MINIMUM, "Below the minimum"),
    (reasons.TOO_SOON, "Too soon after the last contact"),
    (reasons.BLACKLISTED, "Address on the blacklist"),
    (reasons.NO_CONTACT, "No address that works"),
]


class CreditDunningDecision(models.Model):
    """Why an open item was or was not reminded, from a day on until the answer changed."""

    _name = "credit.dunning.decision"
    _description = "Dunning decision"
    _order = "date_from desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True)
    partner_id = fields.Many2one("res.partner", index=True, ondelete="cascade")
    move_line_id = fields.Many2one("account.move.line", required=True, index=True, ondelete="cascade")
    move_id = fields.Many2one(related="move_line_id.move_id")
    step_id = fields.Many2one("credit.dunning.step", ondelete="set null")
    policy_id = fields.Many2one("credit.dunning.policy", ondelete="set null")
    reason = fields.Selection(REASON_LABELS, required=True, index=True)
    date_from = fields.Date(required=True)
    date_to = fields.Date(help="The last day on which this was the answer; empty: it still is.")
    next_date = fields.Date(help="The day on which the next step will be due.")

    _current_unique = models.UniqueIndex("(move_line_id) WHERE date_to IS NULL", "One answer at a time for an item.")
