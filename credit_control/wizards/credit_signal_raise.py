from odoo import fields, models


class CreditSignalRaise(models.TransientModel):
    """A colleague has noticed something about a customer."""

    _name = "credit.signal.raise"
    _description = "Raise a warning"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    rule_id = fields.Many2one(
        "credit.signal.rule",
        string="What",
        required=True,
        domain="[('handler', '=', False), ('company_id', 'in', [company_id, False])]",
    )
    note = fields.Text(help="What you saw or heard. Facts, not opinions: the customer may ask to read it.")

    def action_raise(self):
        """Raise it, and tell the collector by their agenda."""
        self.ensure_one()
        self.env["credit.signal"]._raise(self.partner_id, self.company_id, self.rule_id, self.note)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Thank you: credit control sees it on its agenda."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
