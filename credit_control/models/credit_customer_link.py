from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.orm.models import NO_ACCESS
from odoo.tools import SQL, hmac

from ..core.ticket import Ticket, read
from .company_day import company_today

SCOPE = "credit_control-portal"
PATH = "/my/credit"


class CreditCustomerLink(models.AbstractModel):
    """Who may see a customer's statement: contacts that log in, and links that go with the messages.

    See ``docs/decisions/0021-portal-tokens.md``.
    """

    _name = "credit.customer.link"
    _description = "Who may see a customer's statement"

    # Those of the card itself.
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")

    portal_secret = fields.Char(
        string="Secret of the portal",
        groups=NO_ACCESS,
        copy=False,
        readonly=True,
        help="Of the links to the portal; a new one ends them all.",
    )

    # -- people ---------------------------------------------------------------------

    def _is_portal_contact(self, contact):
        """Whether ``contact`` may see this customer's statement today.

        The customer itself always; of its contacts those with a role in credit control and the
        invoice addresses, or all of them where the company says so. Nobody who is archived or
        belongs to another customer by now.
        """
        company, partner = self.company_id.sudo(), self.partner_id.sudo()
        contact = contact.sudo()
        if not (company.credit_portal_enabled and partner.active and contact.active):
            return False
        if contact == partner:
            return True
        if contact.commercial_partner_id != partner:
            return False
        is_ours = contact.type == "invoice" or bool(contact.credit_role_ids)
        return is_ours or company.credit_portal_access == "all"

    @api.model
    def _get_portal_debtors(self, contact):
        """Return the cards that ``contact`` may see; one that isn't stored yet where there is none."""
        partner = contact.sudo().commercial_partner_id
        cards = self.sudo().search([("partner_id", "=", partner.id)])
        companies = self._query_portal_companies(partner) - cards.company_id
        cards += self.sudo().concat(
            *(self.sudo().new({"partner_id": partner.id, "company_id": company.id}) for company in companies)
        )
        return cards.filtered(lambda card: card._is_portal_contact(contact)).sorted(
            lambda card: (card.company_id.sequence, card.company_id.id)
        )

    def _query_portal_companies(self, partner):
        items = self.env["credit.open.item"].sudo()
        groups = items._read_group([("partner_id", "=", partner.id), ("non_trade", "=", False)], ["company_id"])
        return self.env["res.company"].sudo().union(*(company for [company] in groups))

    @api.model
    def _count_portal_items(self, contact):
        """Return how many open items ``contact`` would find on the portal."""
        debtors = self._get_portal_debtors(contact)
        domain = Domain.OR(debtor._get_portal_domain() for debtor in debtors)
        return self.env["credit.open.item"].sudo().search_count(domain) if debtors else 0

    def _get_portal_domain(self):
        """Return the domain of the items on this customer's statement."""
        return (
            Domain("partner_id", "=", self.partner_id.id)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("non_trade", "=", False)
        )

    # -- links ----------------------------------------------------------------------

    def _ensure_portal_secrets(self):
        """Give the cards that have none their secret, in one statement."""
        missing = self.sudo().filtered(lambda debtor: not debtor.portal_secret)
        if missing:
            missing._renew_portal_secrets(SQL("portal_secret IS NULL"))

    def _renew_portal_secrets(self, where):
        # gen_random_uuid() draws 122 bits from PostgreSQL's strong random source.
        query = SQL(
            "UPDATE credit_debtor SET portal_secret = gen_random_uuid()::text WHERE id = ANY(%s) AND %s",
            self.ids,
            where,
        )
        self.env.cr.execute(query)
        self.invalidate_recordset(["portal_secret"], flush=False)

    def _get_portal_key(self):
        """Return the key of this card's links: of the database's secret, the card's own, and whose card it is."""
        debtor = self.sudo()
        facts = (debtor.id, debtor.company_id.id, debtor.partner_id.id, debtor.portal_secret or "")
        return hmac(debtor.env, SCOPE, facts).encode()

    def _get_portal_url(self, contact, suffix=""):
        """Return the address that opens this statement for ``contact`` without a login; empty where they may not.

        It is good for as many days as the company says, from today on.
        """
        self.ensure_one()
        if not self._is_portal_contact(contact):
            return ""
        self._ensure_portal_secrets()
        company = self.company_id.sudo()
        expires_on = company_today(self) + timedelta(days=company.credit_portal_link_days)
        token = Ticket(self.id, contact.id, expires_on).to_token(self._get_portal_key())
        return f"{company.get_base_url().rstrip('/')}{PATH}/t/{token}{suffix}"

    @api.model
    def _find_by_portal_token(self, token):
        """Return the card and the contact that ``token`` opens, with all rights; two empty ones where it opens nothing.

        Whatever is wrong with it (made up, changed, expired, revoked, the contact gone), the answer is the same.
        """
        none = self.sudo().browse(), self.env["res.partner"].sudo()
        found = read(token)
        if not found:
            return none
        ticket, signature = found
        debtor = self.sudo().browse(ticket.debtor_id).exists()
        contact = self.env["res.partner"].sudo().browse(ticket.contact_id).exists()
        is_signed = ticket.is_signed(debtor._get_portal_key(), signature) and bool(debtor.portal_secret)
        if not (is_signed and ticket.is_good_on(company_today(self)) and contact):
            return none
        return (debtor, contact) if debtor._is_portal_contact(contact) else none

    # -- buttons --------------------------------------------------------------------

    def action_open_portal(self):
        """Open the page that the customer sees, as a look only."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"{PATH}/preview/{self.id}", "target": "new"}

    def action_revoke_portal_links(self):
        """End all links that were sent to these customers; later messages carry new ones."""
        self.check_access("write")
        self._renew_portal_secrets(SQL("TRUE"))
        for debtor in self:
            debtor._message_log(body=self.env._("The links to the portal in earlier messages open nothing any more."))
        return True
