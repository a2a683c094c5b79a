import base64

from odoo import api, fields, models
from odoo.exceptions import UserError


class CreditPersonWizard(models.TransientModel):
    """What is kept of a customer: a copy to hand over, and the erasure of a natural person's data."""

    _name = "credit.person.wizard"
    _description = "Personal data of a customer"

    debtor_id = fields.Many2one("credit.debtor", required=True, readonly=True)
    partner_id = fields.Many2one(related="debtor_id.partner_id", string="Customer")
    is_natural_person = fields.Boolean(related="debtor_id.is_natural_person")
    summary = fields.Text(string="What is kept", compute="_compute_summary")
    file = fields.Binary(string="Copy", readonly=True, attachment=False)
    file_name = fields.Char(string="Name of the file", readonly=True)
    reason = fields.Char(help="Their letter, the day of it. Kept on the card with your name.")

    @api.depends("debtor_id")
    def _compute_summary(self):
        for wizard in self:
            found = wizard.env["credit.person"]._find(wizard.partner_id)
            names = {name: wizard.env["ir.model"]._get(name).name for name in found}
            wizard.summary = "\n".join(f"{names[name]}: {len(some)}" for name, some in found.items() if some)

    def action_copy(self):
        """Make the copy; the dialog stays open to download it."""
        self.ensure_one()
        self.write(
            {
                "file": base64.b64encode(self.env["credit.person"]._write_copy(self.partner_id)),
                "file_name": self.env._("Credit data of %s.xlsx", self.partner_id.name),
            }
        )
        return self._get_records_action(target="new", name=self._description)

    def action_erase(self):
        """Erase; the card stays with its figures."""
        self.ensure_one()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why the data of %s are erased.", self.partner_id.display_name))
        self.env["credit.person"]._erase(self.partner_id, self.reason.strip())
        return {"type": "ir.actions.client", "tag": "soft_reload"}
