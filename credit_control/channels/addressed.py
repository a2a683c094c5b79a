from collections import defaultdict

from odoo import models

from ..core import reasons
from .abstract import Reach

SEPARATOR = ", "


class CreditChannelAddressed(models.AbstractModel):
    """What channels that write to an address have in common: whom to write to, and where.

    The contacts with a role that the step names come first, then the invoice address,
    then the customer; the first of these groups with an address that works is written to.
    """

    _name = "credit.channel.addressed"
    _inherit = "credit.channel.handler"
    _description = "Dunning channel with an address"

    # Write to each contact with the role, or to the first only.
    _several_recipients = False

    def _reach(self, channel, debtors, step=None):
        groups = self._get_candidates(debtors, step)
        addresses = self._get_addresses(
            {partner for ranked in groups.values() for group in ranked for partner in group}
        )
        refused = self._get_refused_addresses({address for known in addresses.values() for address in known})
        dead = self._get_dead_addresses(channel, debtors)
        return {debtor.id: self._choose(groups[debtor.id], addresses, refused, dead[debtor.id]) for debtor in debtors}

    def _get_addresses(self, partners):
        """Return ``{partner: [address]}`` of those of the set ``partners`` that have any, in few queries."""
        raise NotImplementedError

    def _get_refused_addresses(self, addresses):
        """Return those of ``addresses`` that asked not to be written to."""
        return set()

    def _choose(self, groups, addresses, refused, dead):
        """Return the reach of the first group of contacts that has an address that works."""
        reason = reasons.NO_CONTACT
        for group in groups:
            works = {
                partner: [address for address in addresses.get(partner, ()) if address not in refused | dead]
                for partner in group
            }
            partners = [partner for partner in group if works[partner]]
            if partners:
                return self._get_reach(partners if self._several_recipients else partners[:1], works)
            if any(refused.intersection(addresses.get(partner, ())) for partner in group):
                reason = reasons.BLACKLISTED
        return Reach(reason=reason)

    def _get_reach(self, partners, works):
        unique = dict.fromkeys(address for partner in partners for address in works[partner])
        return Reach(SEPARATOR.join(unique), recipient_ids=tuple(partner.id for partner in partners))

    def _get_candidates(self, debtors, step):
        """Return ``{debtor id: [contacts by role, invoice address, customer]}``, in two queries."""
        by_role = self._get_contacts(debtors, [("credit_role_ids", "in", step.role_ids.ids)]) if step else {}
        invoice = self._get_contacts(debtors, [("type", "=", "invoice")])
        customers = {debtor.id: debtor.partner_id for debtor in debtors.sudo()}
        return {
            debtor_id: [by_role.get(customer, []), invoice.get(customer, [])[:1], [customer]]
            for debtor_id, customer in customers.items()
        }

    def _get_contacts(self, debtors, domain):
        contacts = defaultdict(list)
        commercial = debtors.sudo().partner_id
        domain = [("commercial_partner_id", "in", commercial.ids), *domain]
        found = commercial.search_fetch(domain, ["commercial_partner_id"], order="id")
        for contact in found:
            contacts[contact.commercial_partner_id].append(contact)
        return contacts

    def _get_dead_addresses(self, channel, debtors):
        """Return ``{debtor id: addresses}`` from which a message through this channel came back.

        A corrected address isn't among them, and so is tried again.
        """
        dead = defaultdict(set)
        notices = self.env["credit.dunning.notice"].sudo()
        for debtor, address in notices._read_group(
            [
                ("debtor_id", "in", debtors.ids),
                ("channel_id", "=", channel.id),
                ("address", "!=", False),
                "|",
                ("state", "=", "bounced"),
                "&",
                ("state", "=", "failed"),
                ("reason", "=", "bounce"),
            ],
            ["debtor_id", "address"],
        ):
            dead[debtor.id].update(self._split_address(address))
        return dead

    def _split_address(self, address):
        """Return the single addresses that a notice went to."""
        return {address}
