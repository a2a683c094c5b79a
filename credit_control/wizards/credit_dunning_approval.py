from odoo import api, fields, models

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
    alone_count = fields.Integer(
        string="Number to approve one by one",
        compute="_compute_figures",
        help="Notices that a person approves one by one.",
    )
    amount = fields.Monetary(compute="_compute_figures")
    stale_journal_ids = fields.Many2many("account.journal", string="Journals not fed", compute="_compute_warnings")
    credit_partner_ids = fields.Many2many(
        "res.partner", string="Customers with unmatched credits", compute="_compute_warnings"
    )
    bank_warning = fields.Char(string="Warning: bank", compute="_compute_warnings")
    credit_warning = fields.Char(string="Warning: unmatched credits", compute="_compute_warnings")
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
        guard = self.env["credit.ledger.guard"]
        for wizard in self:
            stale = guard._get_stale_journals(wizard.company_id)
            partners = guard._get_unmatched(wizard.company_id, wizard.notice_ids.partner_id)
            wizard.stale_journal_ids = stale
            wizard.credit_partner_ids = partners
            wizard.bank_warning = guard._word_bank(wizard.company_id, stale)
            wizard.credit_warning = guard._word_unmatched(partners)

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
        return self.env["credit.ledger.guard"]._match_first(self.company_id, self.credit_partner_ids)
