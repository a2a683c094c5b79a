from odoo import api, fields, models


class CreditSignalCard(models.AbstractModel):
    """The open warnings on a debtor's card."""

    _name = "credit.signal.card"
    _description = "Early warnings on a debtor's card"

    # Those of the card itself; named here because the warnings need them.
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")

    signal_ids = fields.Many2many("credit.signal", string="Warnings", compute="_compute_signal_ids")
    signal_count = fields.Integer(
        string="Number of warnings", compute="_compute_signal_ids", help="Warnings that are open."
    )

    @api.depends("partner_id", "company_id")
    def _compute_signal_ids(self):
        found = self._search_own("credit.signal", [("state", "=", "open")])
        for debtor in self:
            debtor.signal_ids = found.filtered(debtor._is_own)
            debtor.signal_count = len(debtor.signal_ids)

    def action_open_signals(self):
        """Open all warnings about this debtor, closed ones too."""
        return self._get_related_action("credit_control.credit_signal_action")

    def action_raise_signal(self):
        """Ask what was noticed about this customer."""
        self.ensure_one()
        return self.partner_id.with_company(self.company_id).action_credit_raise_signal()
