from odoo import models

from .abstract import Outcome


class CreditChannelLetter(models.AbstractModel):
    """A letter that a person prints and posts; it has left once it is printed."""

    _name = "credit.channel.letter"
    _inherit = "credit.channel.addressed"
    _description = "Letter"

    def _get_addresses(self, partners):
        complete = partners.filtered(self._is_complete)
        return {partner.id: [" · ".join(self._get_lines(partner))] for partner in complete}

    def _get_lines(self, partner):
        """Return the lines that a postman reads."""
        place = " ".join(filter(None, (partner.zip, partner.city)))
        country = partner.country_id.name
        return [line for line in (partner.street, partner.street2, place, country) if line]

    def _is_complete(self, partner):
        """Whether a letter would arrive: street and town, and what the country asks for."""
        country = partner.country_id
        return bool(
            (partner.street or partner.street2)
            and partner.city
            and (partner.zip or (country and not country.zip_required))
            and (partner.state_id or not country.state_required)
        )

    def _render(self, notices):
        return notices._render_letter_contents(attachments=not self.env.context.get("credit_preview"))

    def _send(self, notice):
        return Outcome("sent")
