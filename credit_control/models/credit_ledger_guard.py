from odoo import api, fields, models
from odoo.fields import Domain

from .company_day import company_today


class CreditLedgerGuard(models.AbstractModel):
    """What may be missing in the books before somebody is reminded: payments not booked, or not matched.

    One answer for the agenda, the preview of a run, the approval and the set-up checklist.
    """

    _name = "credit.ledger.guard"
    _description = "What may be missing in the books"

    @api.model
    def _get_stale_journals(self, company):
        """Return the bank journals of ``company`` that nothing was booked in for too long.

        Those of a branch without a bank of its own are those of the company that it belongs to.
        """
        banks = (
            self.env["account.journal"].sudo().search([("type", "=", "bank"), ("company_id", "parent_of", company.id)])
        )
        journals = banks.filtered(lambda journal: journal.company_id == company) or banks
        limit = fields.Date.subtract(company_today(company), days=company.sudo().credit_bank_fresh_days)
        fed = (
            self.env["account.move"]
            .sudo()
            ._read_group(
                [("journal_id", "in", journals.ids), ("state", "=", "posted"), ("date", ">=", limit)], ["journal_id"]
            )
        )
        return journals - self.env["account.journal"].union(*(journal for (journal,) in fed))

    @api.model
    def _word_bank(self, company, journals):
        """Return the sentence about journals that weren't fed; without one, nothing is amiss."""
        if not journals:
            return False
        return self.env._(
            "Not fed for more than %(days)s days: %(journals)s. Payments may be missing.",
            days=company.sudo().credit_bank_fresh_days,
            journals=", ".join(journals.mapped("name")),
        )

    @api.model
    def _get_unmatched(self, company, partners):
        """Return those of these customers who have payments or credit notes that aren't matched."""
        domain = Domain("partner_id", "in", partners.ids)
        domain &= Domain("company_id", "=", company.id) & Domain("amount_residual", "<", 0)
        groups = self.env["credit.open.item"]._read_group(domain, ["partner_id"])
        return self.env["res.partner"].union(*(partner for (partner,) in groups))

    @api.model
    def _word_unmatched(self, partners):
        """Return the sentence about customers whose credits aren't matched; without one, nothing is amiss."""
        if not partners:
            return False
        return self.env._(
            "Payments or credit notes aren't matched yet (customers: %(count)s): %(names)s.",
            count=len(partners),
            names=", ".join(partners[:5].mapped("display_name")) + ("…" if len(partners) > 5 else ""),
        )

    @api.model
    def _match_first(self, company, partners):
        """Look for matches of these customers' credits before anything leaves; return the action that shows them."""
        self.env["credit.match"]._propose(company, partners)
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_match_action")
        action["domain"] = [("partner_id", "in", partners.ids), ("company_id", "=", company.id)]
        return action
