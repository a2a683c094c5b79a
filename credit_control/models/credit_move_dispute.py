from odoo import models
from odoo.fields import Command


class CreditMoveDispute(models.AbstractModel):
    """What an invoice has to do with disputes."""

    _name = "credit.move.dispute"
    _description = "Disputes of an invoice"

    def action_credit_dispute(self):
        """Open a new dispute of these invoices, prefilled with what is open and not disputed yet."""
        return self.env["credit.dispute"]._prepare_new_action(self._credit_get_receivables())

    def _credit_get_receivables(self):
        """Return the receivable items of these documents that are open."""
        return self.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable" and not line.reconciled
        )

    def _credit_scale(self, share):
        """Lower the lines of these draft credit notes to ``share`` of their amounts (1 leaves them as they are)."""
        for move in self.filtered(lambda move: move.state == "draft" and share < 1):
            rows = move.invoice_line_ids.filtered(lambda row: row.display_type == "product")
            move.invoice_line_ids = [Command.update(row.id, {"price_unit": row.price_unit * share}) for row in rows]
