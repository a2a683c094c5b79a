from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core import senders


class CreditSmsSender(models.Model):
    """The name under which SMS arrive in a country."""

    _name = "credit.sms.sender"
    _description = "SMS sender by country"
    _order = "country_id"

    gateway_id = fields.Many2one("credit.sms.gateway", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="gateway_id.company_id", store=True, index=True)
    country_id = fields.Many2one("res.country", required=True, ondelete="cascade")
    name = fields.Char(help="As registered in this country; empty: the number.")

    _once = models.Constraint("UNIQUE (gateway_id, country_id)", "Each country has one sender.")

    @api.constrains("name")
    def _check_name(self):
        for sender in self.filtered("name"):
            if not senders.is_name(sender.name):
                raise ValidationError(
                    self.env._("“%s” can't be a sender name: 3 to 11 letters, digits and spaces.", sender.name)
                )
