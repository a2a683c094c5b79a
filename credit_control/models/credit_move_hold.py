from odoo import models

from ..core import verdict


class CreditMoveHold(models.AbstractModel):
    """Invoices and credit rules: warned of before they are posted, held only where a rule says so.

    What was delivered must be invoiced (C. com. L441-9): no rule holds an invoice unless it is told to.
    """

    _name = "credit.move.hold"
    _inherit = "credit.held.document"
    _description = "Credit hold of invoices"

    def _credit_get_amounts(self):
        if self.move_type != "out_invoice" or self.state != "draft" or not self.partner_id:
            return None
        amount = self.amount_total_signed
        return (self.partner_id, amount, 0.0) if amount > 0 else None

    def _credit_is_exposed(self):
        """Drafts are, where that source is switched on."""
        return self.state == "draft"

    def _credit_get_salesperson(self):
        return self.invoice_user_id

    def _credit_pass_invoices(self):
        """Return those of these entries that may be posted; the held ones stay drafts."""
        asked = self.filtered(lambda move: move.move_type == "out_invoice" and move.state == "draft")
        if not asked or not self.env["credit.rule"]._holds_invoices(asked.company_id):
            return self
        return self - (asked - asked._credit_split(verdict.INVOICE))

    def _credit_get_alert(self):
        """Return the alert of the invoice's form: why it waits, or what to think of before it is posted."""
        answer = self._credit_get_verdicts(verdict.INVOICE).get(self)
        words = self._credit_get_words(answer)
        if not words:
            return {}
        hold = self.credit_hold_id
        if not hold:
            return {"credit_control": {"level": "warning", "message": words}}
        alert = {"level": "danger", "message": self.env._("Held by credit control. %s", words)}
        if hold.has_access("read"):
            alert |= {"action_text": self.env._("See the hold"), "action": hold._get_records_action()}
        return {"credit_control": alert}
