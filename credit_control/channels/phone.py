from odoo import models

from .abstract import Outcome


class CreditChannelPhone(models.AbstractModel):
    """A call: it waits in the call list until a person writes down what came of it."""

    _name = "credit.channel.phone"
    _inherit = "credit.channel.addressed"
    _description = "Phone call"

    def _get_addresses(self, partners):
        numbers = {partner.id: partner._phone_format(fname="phone") for partner in partners if partner.phone}
        return {partner_id: [number] for partner_id, number in numbers.items() if number}

    def _render(self, notices):
        return notices._render_call_scripts()

    def _send(self, notice):
        return Outcome("sent")
