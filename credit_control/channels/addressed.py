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
        asked = {partner_id for ranked in groups.values() for group in ranked for partner_id in group}
        addresses = self._get_addresses(self.env["res.partner"].sudo().browse(asked))
        refused = self._get_refused_addresses({address for known in addresses.values() for address in known})
        dead = self._get_dead_addresses(channel, debtors)
        return {debtor_id: self._choose(groups[debtor_id], addresses, refused, dead[debtor_id]) for debtor_id in groups}

    def _get_addresses(self, partners):
        """Return ``{partner id: [address]}`` of those of ``partners`` that have any, in few queries."""
        raise NotImplementedError

    def _get_refused_addresses(self, addresses):
        """Return those of ``addresses`` that asked not to be written to."""
        return set()

    def _choose(self, groups, addresses, refused, dead):
        """Return the reach of the first group of contacts that has an address that works."""
        reason = reasons.NO_CONTACT
        for group in groups:
            known = {partner_id: addresses[partner_id] for partner_id in group if partner_id in addresses}
            works = {}
            for partner_id, written in known.items():
                if working := [address for address in written if address not in refused and address not in dead]:
                    works[partner_id] = working
            if works:
                return self._get_reach(works)
            if any(refused.intersection(written) for written in known.values()):
                reason = reasons.BLACKLISTED
        return Reach(reason=reason)

    def _get_reach(self, works):
        """Return the reach of all of ``works``, ``{partner id: [address]}``, or of its first."""
        chosen = works if self._several_recipients else dict([next(iter(works.items()))])
        unique = dict.fromkeys(address for working in chosen.values() for address in working)
        return Reach(SEPARATOR.join(unique), recipient_ids=tuple(chosen))

    def _get_candidates(self, debtors, step):
        """Return ``{debtor id: [contacts by role, invoice address, customer]}``, ids of partners, in two queries."""
        customers = {debtor.id: debtor.partner_id.id for debtor in debtors.sudo()}
        commercial = list(customers.values())
        by_role = self._get_contacts(commercial, [("credit_role_ids", "in", step.role_ids.ids)]) if step else {}
        invoice = self._get_contacts(commercial, [("type", "=", "invoice")])
        return {
            debtor_id: [by_role.get(customer, ()), invoice.get(customer, ())[:1], (customer,)]
            for debtor_id, customer in customers.items()
        }

    def _get_contacts(self, commercial, domain):
        """Return ``{commercial partner: [contacts]}`` of those that meet ``domain``; all of them ids."""
        contacts = defaultdict(list)
        domain = [("commercial_partner_id", "in", commercial), *domain]
        for contact in self.env["res.partner"].sudo().search_fetch(domain, ["commercial_partner_id"], order="id"):
            contacts[contact.commercial_partner_id.id].append(contact.id)
        return contacts

    def _get_dead_addresses(self, channel, debtors):
        """Return ``{debtor id: addresses}`` from which a message through this channel came back.

        A corrected address isn't among them, and so is tried again.
        """
        dead = defaultdict(set)
        notices = self.env["credit.dunning.notice"].sudo()
        for debtor, address in notices._read_group(self._get_dead_domain(channel, debtors), ["debtor_id", "address"]):
            dead[debtor.id].update(self._split_address(address))
        return dead

    def _get_dead_domain(self, channel, debtors):
        """Return the domain of the notices that came back for good."""
        return [
            ("debtor_id", "in", debtors.ids),
            ("channel_id", "=", channel.id),
            ("address", "!=", False),
            "|",
            ("state", "=", "bounced"),
            "&",
            ("state", "=", "failed"),
            ("reason", "=", "bounce"),
        ]

    def _split_address(self, address):
        """Return the single addresses that a notice went to."""
        return {address}
