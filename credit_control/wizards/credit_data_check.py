from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL


class CreditDataCheck(models.TransientModel):
    """One thing to put right in the data of those who owe something: whom it concerns, and the way to mend it.

    How to add one: a method ``_find_<code>`` that returns records (customers or open items), its code in
    :meth:`_get_checks`, and ``_mend_<code>`` where a list of these records isn't the way to mend it.
    """

    _name = "credit.data.check"
    _description = "Data quality"
    _order = "id"

    company_id = fields.Many2one("res.company", required=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    code = fields.Char(required=True)
    name = fields.Char(string="What", required=True)
    explanation = fields.Char(string="Why it matters")
    count = fields.Integer(string="How many")
    amount = fields.Monetary(string="They owe", help="What is open of them, credits apart.")
    res_ids = fields.Json(string="Records")

    @api.model
    def _get_checks(self):
        """Return ``{code: (what, why it matters)}``; an addon adds its own."""
        return {
            "no_email": (
                self.env._("Customers without e-mail"),
                self.env._("Neither they nor a contact of theirs can be written to."),
            ),
            "bad_email": (
                self.env._("Invalid e-mail addresses"),
                self.env._("Of the customer or of a contact: no message arrives."),
            ),
            "bounced": (
                self.env._("E-mails that came back"),
                self.env._("Refused or on the blacklist: no message arrives there."),
            ),
            "no_address": (
                self.env._("Customers without a postal address"),
                self.env._("No letter, no formal notice."),
            ),
            "no_phone": (self.env._("Customers without a phone number"), self.env._("Nobody can call them.")),
            "bad_phone": (
                self.env._("Invalid phone numbers"),
                self.env._("They can't be dialled, nor reached by SMS."),
            ),
            "no_terms": (self.env._("Customers without payment terms"), self.env._("Their invoices fall due at once.")),
            "no_due_date": (
                self.env._("Open items without a due date"),
                self.env._("They count as due on their own date."),
            ),
            "no_registration": (
                self.env._("Companies without registration or VAT number"),
                self.env._("No rating, no collective procedure can be looked up, no claim declared."),
            ),
            "duplicates": (
                self.env._("Customers that may be the same"),
                self.env._("They are reminded twice. Choose them, then Merge."),
            ),
            "nobody": (
                self.env._("Late customers that nobody looks after"),
                self.env._("No collector, and no portfolio in which somebody works."),
            ),
            "unallocated": (
                self.env._("Customers with payments to match"),
                self.env._("Paid invoices would be reminded."),
            ),
            "small": (self.env._("Small balances"), self.env._("Not worth a reminder: write them off.")),
        }

    @api.model
    def action_open(self):
        """Look at the data of the current company, and show what is to be put right."""
        # Who owes what is read once for all that is looked at.
        looking = self.with_context(credit_owing=self._get_owing())
        checks = self.create([looking._prepare(code, *words) for code, words in self._get_checks().items()])
        action = self.env["ir.actions.act_window"]._for_xml_id("credit_control.credit_data_check_action")
        return action | {"domain": [("id", "in", checks.ids)]}

    def _prepare(self, code, name, explanation):
        found = getattr(self, f"_find_{code}")()
        return {
            "company_id": self.env.company.id,
            "code": code,
            "name": name,
            "explanation": explanation,
            "count": len(found),
            "amount": self._add_up(found),
            "res_ids": found.ids,
        }

    def _add_up(self, found):
        if found._name == "credit.open.item":
            return sum(found.mapped("amount_residual"))
        owing = self._get_owing()
        return sum(owing.get(partner_id, 0.0) for partner_id in found.ids)

    # -- who owes -----------------------------------------------------------------------

    def _get_owing(self):
        """Return ``{customer: what is open}`` of the company; credits are left out."""
        known = self.env.context.get("credit_owing")
        if known is None:
            claims = self._get_claims()
            groups = claims._read_group(self._get_claim_domain(), ["partner_id"], ["amount_residual:sum"])
            known = {partner.id: amount for partner, amount in groups if partner}
        return known

    def _get_claims(self):
        return self.env["credit.open.item"]

    def _get_claim_domain(self):
        own = Domain("company_id", "=", self.env.company.id) & Domain("non_trade", "=", False)
        return own & Domain("amount_residual", ">", 0)

    def _search_owing(self, domain):
        """Return the customers who owe something and meet ``domain``."""
        partners = self.env["res.partner"].with_company(self.env.company)
        return partners.search(Domain("id", "in", list(self._get_owing())) & domain)

    def _get_any_domain(self, domain):
        """Return the domain of customers who meet ``domain`` themselves, or have a contact who does."""
        return domain | Domain("child_ids", "any", domain)

    # -- what is looked at --------------------------------------------------------------

    def _find_no_email(self):
        return self._search_owing(~self._get_any_domain(Domain("email", "!=", False)))

    def _find_bad_email(self):
        bad = Domain("email", "!=", False) & Domain("email_normalized", "=", False)
        return self._search_owing(self._get_any_domain(bad))

    def _find_bounced(self):
        dead = Domain("message_bounce", ">", 0) | Domain("is_blacklisted", "=", True)
        return self._search_owing(self._get_any_domain(Domain("email", "!=", False) & dead))

    def _find_no_address(self):
        complete = (Domain("street", "!=", False) | Domain("street2", "!=", False)) & Domain("city", "!=", False)
        return self._search_owing(~self._get_any_domain(complete))

    def _find_no_phone(self):
        return self._search_owing(~self._get_any_domain(Domain("phone", "!=", False)))

    def _find_bad_phone(self):
        bad = Domain("phone", "!=", False) & Domain("phone_sanitized", "=", False)
        return self._search_owing(self._get_any_domain(bad))

    def _find_no_terms(self):
        return self._search_owing(Domain("property_payment_term_id", "=", False))

    def _find_no_due_date(self):
        return self._get_claims().search(self._get_claim_domain() & Domain("move_line_id.date_maturity", "=", False))

    def _find_no_registration(self):
        unnamed = Domain("vat", "in", (False, "", "/")) & Domain("company_registry", "in", (False, ""))
        return self._search_owing(Domain("is_company", "=", True) & unnamed)

    def _find_duplicates(self):
        """Customers with the same VAT or registration number, or the same name in the same place, as one who owes."""
        partners = self.env["res.partner"]
        partners.flush_model(["vat", "company_registry", "name", "zip", "active", "commercial_partner_id"])
        query = SQL(
            r"""
            SELECT ARRAY_AGG(known.id)
              FROM (
                   SELECT DISTINCT partner.id, of_partner.key
                     FROM res_partner partner
                    CROSS JOIN LATERAL (VALUES
                          ('number ' || NULLIF(upper(regexp_replace(partner.vat, '\W', '', 'g')), '')),
                          ('number ' || NULLIF(upper(regexp_replace(partner.company_registry, '\W', '', 'g')), '')),
                          ('name ' || NULLIF(lower(regexp_replace(partner.name, '\W', '', 'g')), '')
                                   || ' ' || COALESCE(partner.zip, ''))) of_partner (key)
                    WHERE partner.active
                      AND partner.commercial_partner_id = partner.id
                      AND (partner.company_id IS NULL OR partner.company_id = %s)
                      AND of_partner.key IS NOT NULL
              ) known
             GROUP BY known.key
            HAVING COUNT(*) > 1 AND bool_or(known.id = ANY(%s))
            """,
            self.env.company.id,
            list(self._get_owing()),
        )
        twins = {partner_id for (ids,) in self.env.execute_query(query) for partner_id in ids}
        return partners.search([("id", "in", list(twins))])

    def _find_nobody(self):
        late = Domain("company_id", "=", self.env.company.id) & Domain("agenda_overdue", ">", 0)
        debtors = self.env["credit.debtor"]
        return debtors.search(late & debtors._get_nobody_domain()).partner_id

    def _find_unallocated(self):
        owing = self.env["res.partner"].browse(self._get_owing())
        return self.env["credit.ledger.guard"]._get_unmatched(self.env.company, owing)

    def _find_small(self):
        most = self.env.company.credit_small_balance
        return self._get_claims().search(self._get_claim_domain() & Domain("amount_residual", "<=", most))

    # -- the way to mend it -------------------------------------------------------------

    def action_mend(self):
        """Open what mends this point.

        :raise UserError: where there is nothing to mend
        """
        self.ensure_one()
        if not self.count:
            raise UserError(self.env._("%s: all is in order.", self.name))
        mend = getattr(self, f"_mend_{self.code}", self._mend_customers)
        return mend() | {"name": self.name}

    def _mend_customers(self):
        """Open the customers in a list in which their data can be filled in, several at once too."""
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_data_partner_action")
        return action | {"domain": [("id", "in", self.res_ids)]}

    def _mend_nobody(self):
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_debtor_action")
        domain = [("partner_id", "in", self.res_ids), ("company_id", "=", self.company_id.id)]
        return action | {"domain": domain, "context": {}}

    def _mend_items(self):
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_open_item_action")
        return action | {"domain": [("id", "in", self.res_ids)], "context": {}}

    _mend_no_due_date = _mend_items
    _mend_small = _mend_items

    def _mend_unallocated(self):
        partners = self.env["res.partner"].browse(self.res_ids)
        return self.env["credit.ledger.guard"]._match_first(self.company_id, partners)
