from odoo import fields, models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    # A customer's payments that the bank hasn't shown yet: each check of an order asks for them.
    _credit_unmatched_idx = models.Index("(partner_id) WHERE is_matched IS NOT TRUE AND move_id IS NOT NULL")

    credit_collection = fields.Selection(related="payment_method_line_id.credit_collection")

    def action_credit_returned(self, date=None, reason=None):
        """Take returned payments off what they had settled, so that it is open, and reminded, again.

        A payment that no bank statement shows is cancelled. One that does stays open, to be
        reconciled with the statement's line of the return.

        :param date: the day of the return (None: today)
        :param reason: what the bank said
        """
        returned = self.with_context(credit_return_date=date, credit_return_reason=reason)
        lines = returned.move_id.line_ids
        lines.filtered(lambda line: line.account_id.account_type == "asset_receivable").remove_move_reconcile()
        unseen = returned.filtered(lambda payment: not payment.is_matched)
        unseen.action_draft()
        unseen.action_cancel()
