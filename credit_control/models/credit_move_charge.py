from odoo import fields, models


class CreditMoveCharge(models.AbstractModel):
    """What an invoice has to do with interest and fixed sums: those that it bears, and those that it invoices."""

    _name = "credit.move.charge"
    _description = "Interest and fixed sums of an invoice"

    credit_is_charge_invoice = fields.Boolean(
        string="Invoices interest or fixed sums",
        compute="_compute_credit_is_charge_invoice",
        help="Made of claimed interest and fixed sums: it bears none itself, and messages show it as such.",
    )

    def _compute_credit_is_charge_invoice(self):
        invoices = self.env["credit.charge"].sudo()._read_group([("invoice_id", "in", self.ids)], ["invoice_id"])
        found = {invoice.id for (invoice,) in invoices}
        for move in self:
            move.credit_is_charge_invoice = move._origin.id in found

    def unlink(self):
        """What a deleted invoice of charges had invoiced is claimed again."""
        charges = self.env["credit.charge"].sudo().search([("invoice_id", "in", self.ids)]) if self.ids else None
        result = super().unlink()
        if charges:
            charges.exists()._release_invoiced()
        return result

    def _credit_release_charges(self):
        """Claim again what these invoices had invoiced: they are cancelled."""
        self.env["credit.charge"].sudo().search([("invoice_id", "in", self.ids)])._release_invoiced()

    def _credit_reconsider_charges(self):
        """Reckon again what these invoices bear: they are cancelled, or posted after a correction."""
        self.env["credit.charge"].sudo().search([("move_id", "in", self.ids), ("state", "!=", "waived")])._reconsider()

    def _credit_get_charges(self):
        """Return the charges that these invoices bear."""
        return self.env["credit.charge"].search([("move_id", "in", self.ids)])

    def action_credit_bad_debt(self):
        """Print the duplicate with the legal mention of the VAT on a bad debt."""
        return self.env.ref("credit_control.action_report_bad_debt").report_action(self)
