from odoo import api, fields, models
from odoo.fields import Domain

from ..models.company_day import company_today
from ..models.credit_dunning_notice_screen import OPEN_STATES


class CreditDunningApproval(models.TransientModel):
    """The last look before several notices leave: how many, how much, and what may be missing in the bank."""

    _name = "credit.dunning.approval"
    _description = "Approval of notices"

    run_id = fields.Many2one("credit.dunning.run")
    notice_ids = fields.Many2many("credit.dunning.notice", compute="_compute_notice_ids", store=True, readonly=False)
    company_id = fields.Many2one("res.company", compute="_compute_figures")
    currency_id = fields.Many2one(related="company_id.currency_id")
    count = fields.Integer(compute="_compute_figures")
    alone_count = fields.Integer(compute="_compute_figures", help="Notices that a person approves one by one.")
    amount = fields.Monetary(compute="_compute_figures")
    stale_journal_ids = fields.Many2many("account.journal", compute="_compute_warnings")
    credit_partner_ids = fields.Many2many("res.partner", compute="_compute_warnings")
    bank_warning = fields.Char(compute="_compute_warnings")
    credit_warning = fields.Char(compute="_compute_warnings")
    test_mode = fields.Boolean(related="company_id.credit_test_mode")

    @api.depends("run_id")
    def _compute_notice_ids(self):
        for wizard in self.filtered("run_id"):
            wizard.notice_ids = wizard.run_id.notice_ids.filtered(lambda notice: notice.state in OPEN_STATES)

    @api.depends("notice_ids")
    def _compute_figures(self):
        for wizard in self:
            waiting = wizard.notice_ids.filtered(lambda notice: notice.state in ("draft", "to_approve"))
            alone = waiting.filtered(lambda notice: notice.mode == "manual") if wizard.run_id else waiting.browse()
            wizard.company_id = (waiting or wizard.notice_ids)[:1].company_id or wizard.run_id.company_id
            wizard.count = len(waiting - alone)
            wizard.alone_count = len(alone)
            wizard.amount = sum((waiting - alone).mapped("amount_total"))

    @api.depends("notice_ids")
    def _compute_warnings(self):
        for wizard in self:
            stale = wizard._get_stale_journals()
            partners = wizard._get_partners_with_credits()
            wizard.stale_journal_ids = stale
            wizard.credit_partner_ids = partners
            wizard.bank_warning = wizard._get_bank_warning(stale)
            wizard.credit_warning = wizard._get_credit_warning(partners)

    def _get_bank_warning(self, stale):
        if not stale:
            return False
        return self.env._(
            "Not fed for more than %(days)s days: %(journals)s. Payments may be missing.",
            days=self.company_id.credit_bank_fresh_days,
            journals=", ".join(stale.mapped("name")),
        )

    def _get_credit_warning(self, partners):
        if not partners:
            return False
        return self.env._(
            "%(count)s of these customers have payments or credit notes that aren't matched yet: %(names)s.",
            count=len(partners),
            names=", ".join(partners[:5].mapped("display_name")) + ("…" if len(partners) > 5 else ""),
        )

    def _get_stale_journals(self):
        """Return the bank journals that nothing was booked in for too long."""
        company = self.company_id
        journals = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", company.id), ("active", "=", True)]
        )
        limit = fields.Date.subtract(company_today(self), days=company.credit_bank_fresh_days)
        fed = self.env["account.move"]._read_group(
            [("journal_id", "in", journals.ids), ("state", "=", "posted"), ("date", ">=", limit)], ["journal_id"]
        )
        return journals - self.env["account.journal"].union(*(journal for (journal,) in fed))

    def _get_partners_with_credits(self):
        domain = Domain("partner_id", "in", self.notice_ids.partner_id.ids)
        domain &= Domain("company_id", "=", self.company_id.id) & Domain("amount_residual", "<", 0)
        groups = self.env["credit.open.item"]._read_group(domain, ["partner_id"])
        return self.env["res.partner"].union(*(partner for (partner,) in groups))

    def action_approve(self):
        """Approve; the queue sends them in the hours of their policy."""
        self.ensure_one()
        if self.run_id:
            self.run_id.action_approve()
        else:
            self.notice_ids.filtered(lambda notice: notice.state in ("draft", "to_approve")).action_approve()
        return {"type": "ir.actions.act_window_close"}

    def action_open_credits(self):
        """Open the unallocated credits of these customers."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_open_item_action")
        action["domain"] = [
            ("partner_id", "in", self.credit_partner_ids.ids),
            ("company_id", "=", self.company_id.id),
        ]
        action["context"] = {"search_default_group_partner": 1}
        return action

    def action_match_first(self):
        """Look for matches of these customers' credits before anything leaves, and show them."""
        self.ensure_one()
        self.env["credit.match"]._propose(self.company_id, self.credit_partner_ids)
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_match_action")
        action["domain"] = [
            ("partner_id", "in", self.credit_partner_ids.ids),
            ("company_id", "=", self.company_id.id),
        ]
        return action
