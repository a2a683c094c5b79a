from odoo import models
from odoo.tools import float_compare


class AccountMove(models.Model):
    """What was delivered must be invoiced (C. com. L441-9): no rule holds such an invoice."""

    _inherit = "account.move"

    def _credit_may_be_held(self):
        return super()._credit_may_be_held() and not self._credit_has_delivered()

    def _credit_has_delivered(self):
        """Whether any line bills something that the customer has had and no posted invoice bills yet."""
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return any(
            float_compare(line.qty_delivered, line.qty_invoiced_posted, precision_digits=digits) > 0
            for line in self.invoice_line_ids.sale_line_ids
        )
