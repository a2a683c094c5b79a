from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    # What was reconciled after a day: the past as the open items see it.
    _credit_max_date_idx = models.Index("(max_date)")

    @api.model_create_multi
    def create(self, vals_list):
        """Lower the charges of what a credit note, or a payment of an earlier day, settles now."""
        partials = super().create(vals_list)
        self.env["credit.charge"]._reconsider_items(partials.debit_move_id.ids)
        return partials

    def unlink(self):
        """Remember the items that a direct debit or bill was taken off: it came back."""
        line_ids = self.debit_move_id.ids
        returns = self.env["credit.payment.return"].sudo()
        came_back = self.sudo()._prepare_payment_returns() if self and returns._is_used() else []
        result = super().unlink()
        if came_back:
            returns._record(came_back)
        self.env["credit.promise"]._reconsider(line_ids)
        self.env["credit.charge"]._reconsider_items(line_ids)
        return result

    def _prepare_payment_returns(self):
        """Return the values of a payment return for each item that one of our collections had settled.

        Not where the item's own entry is on its way out: reset to draft, to be changed or cancelled.
        """
        return [
            {"move_line_id": partial.debit_move_id.id, "amount": partial.amount}
            for partial in self
            if partial.debit_move_id.parent_state == "posted" and partial._is_collection()
        ]

    def _is_collection(self):
        payment = self.credit_move_id.move_id.origin_payment_id
        return bool(payment.payment_method_line_id.credit_collection or self.debit_move_id.account_id.credit_collection)
