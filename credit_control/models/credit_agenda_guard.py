from odoo import api, models
from odoo.fields import Domain

from .company_day import company_today


class CreditAgendaGuard(models.AbstractModel):
    """What should be put right in the books before the work on the agenda begins."""

    _name = "credit.agenda.guard"
    _description = "Warnings above the agenda"

    @api.model
    def action_read_guards(self):
        """Return the warnings of the companies that are shown: a list of ``{key, text, label, method}``.

        ``method`` names the button of this model that mends it; empty where the user may not.
        """
        self.check_access("read")
        may_mend = self.env.user.has_group("credit_control.group_collector")
        guards = []
        for company in self.env.companies:
            for key, text, label in self._find_guards(company):
                text = f"{company.name}: {text}" if len(self.env.companies) > 1 else text
                guards.append(
                    {
                        "key": f"{key}/{company.id}",
                        "text": text,
                        "label": label if may_mend else "",
                        "method": f"action_mend_{key}" if may_mend else "",
                    }
                )
        return guards

    def _find_guards(self, company):
        """Yield ``(key, sentence, words of the button)`` of what is amiss in ``company``."""
        guard = self.env["credit.ledger.guard"]
        bank = guard._word_bank(company, guard._get_stale_journals(company))
        if bank:
            yield "bank", bank, self.env._("Bank journals")
        credits = guard._word_unmatched(self._get_unmatched_on_agenda(company))
        if credits:
            yield "matching", credits, self.env._("Match first")

    def _get_unmatched_on_agenda(self, company):
        """Return the customers on the user's agenda of today whose credits aren't matched."""
        due = Domain("company_id", "=", company.id) & Domain("agenda_date", "<=", company_today(company))
        cards = self.env["credit.debtor"].search(self._get_agenda_domain() & due)
        return self.env["credit.ledger.guard"]._get_unmatched(company, cards.partner_id)

    def action_match_credits(self):
        """Look for matches of this customer's credits, and show them."""
        self.ensure_one()
        return self.env["credit.ledger.guard"]._match_first(self.company_id, self.partner_id)

    @api.model
    def action_mend_bank(self):
        """Open the bank journals, to import or enter what is missing."""
        return self.env["ir.actions.actions"]._for_xml_id("account.open_account_journal_dashboard_kanban")

    @api.model
    def action_mend_matching(self):
        """Look for matches of the customers on the user's agenda, and show them."""
        guard, partners = self.env["credit.ledger.guard"], self.env["res.partner"]
        for company in self.env.companies:
            of_company = self._get_unmatched_on_agenda(company)
            action = guard._match_first(company, of_company)
            partners |= of_company
        domain = [("partner_id", "in", partners.ids), ("company_id", "in", self.env.companies.ids)]
        return action | {"domain": domain}
