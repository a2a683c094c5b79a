from odoo import api, models


class IrDefault(models.Model):
    _inherit = "ir.default"

    @api.model_create_multi
    def create(self, vals_list):
        """See :meth:`_credit_hold_limits`."""
        defaults = super().create(vals_list)
        defaults._credit_hold_limits()
        return defaults

    def write(self, vals):
        """See :meth:`_credit_hold_limits`."""
        result = super().write(vals)
        self._credit_hold_limits()
        return result

    def unlink(self):
        """See :meth:`_credit_hold_limits`."""
        concerned = self._credit_is_limit()
        result = super().unlink()
        if concerned:
            self.env["credit.limit"].sudo()._hold_against_default()
        return result

    def _credit_hold_limits(self):
        """Keep the limits that were granted where the company's default limit changes."""
        if self._credit_is_limit():
            self.env["credit.limit"].sudo()._hold_against_default()

    def _credit_is_limit(self):
        fields = self.sudo().field_id
        return any(field.model == "res.partner" and field.name == "credit_limit" for field in fields)
