from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # Entries that are still drafts, or drafts again, though they are reconciled: few.
    _credit_draft_matched_idx = models.Index("(id) WHERE parent_state = 'draft' AND matching_number IS NOT NULL")

    def _reconcile_post_hook(self, data):
        """What was received may keep a promise."""
        result = super()._reconcile_post_hook(data)
        self.env["credit.promise"]._reconsider(self.ids)
        return result
