from odoo import models


class CreditChannelRegisteredLetter(models.AbstractModel):
    """A letter against proof. Number, deposit, presentation and receipt are written down by a person."""

    _name = "credit.channel.registered_letter"
    _inherit = "credit.channel.letter"
    _description = "Registered letter"
