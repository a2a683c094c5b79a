from odoo import models

from .abstract import Content, Outcome, Reach


class CreditChannelDecision(models.AbstractModel):
    """Nothing is sent: a person decides what comes next for these items."""

    _name = "credit.channel.decision"
    _inherit = "credit.channel.handler"
    _description = "Decision of a person"

    def _reach(self, channel, debtors, step=None):
        return {debtor.id: Reach(debtor.display_name) for debtor in debtors}

    def _render(self, notices):
        return {notice.id: Content(subject=notice.step_id.name) for notice in notices}

    def _send(self, notice):
        return Outcome("sent")
