from odoo import models
from odoo.tools import email_normalize_all

from .addressed import SEPARATOR


class CreditChannelEmail(models.AbstractModel):
    """An e-mail, on Odoo's own mail servers. Each notice is one message with one Message-ID."""

    _name = "credit.channel.email"
    _inherit = "credit.channel.addressed"
    _description = "E-mail"

    _several_recipients = True

    def _get_addresses(self, partners):
        return {partner: email_normalize_all(partner.email) for partner in partners if partner.email}

    def _get_refused_addresses(self, addresses):
        blacklist = self.env["mail.blacklist"].sudo().search_fetch([("email", "in", list(addresses))], ["email"])
        return set(blacklist.mapped("email"))

    def _split_address(self, address):
        return set(address.split(SEPARATOR))

    def _render(self, notices):
        return notices._render_mail_contents()
