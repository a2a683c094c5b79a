from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # What is open today: the query of the open items has the same conditions (IS_OPEN), to be served by it.
    _credit_open_idx = models.Index(
        "(partner_id, account_id) WHERE parent_state = 'posted' AND reconciled IS NOT TRUE "
        "AND (amount_residual <> 0 OR amount_residual_currency <> 0)"
    )
    # Entries that are still drafts, or drafts again, though they are reconciled: few.
    _credit_draft_matched_idx = models.Index("(id) WHERE parent_state = 'draft' AND matching_number IS NOT NULL")

    def _reconcile_post_hook(self, data):
        """What was received may keep a promise."""
        result = super()._reconcile_post_hook(data)
        self.env["credit.promise"]._reconsider(self.ids)
        return result
