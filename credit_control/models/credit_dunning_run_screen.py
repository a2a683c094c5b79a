from collections import defaultdict

from odoo import api, fields, models

from .credit_dunning_notice import DEAD_STATES, LEFT_STATES


class CreditDunningRun(models.Model):
    """The preview of a run: what leaves, what waits for a person, what is held back and why."""

    _inherit = "credit.dunning.run"

    notice_count = fields.Integer(string="Number of notices", compute="_compute_notice_figures")
    amount_claimed = fields.Monetary(
        string="Claimed", compute="_compute_notice_figures", help="What its live notices ask for in all."
    )
    summary_html = fields.Html(
        string="Summary", compute="_compute_summary_html", sanitize=False, help="Claimed + held back = overdue."
    )

    bank_warning = fields.Char(
        string="Warning: bank", compute="_compute_warnings", help="Bank journals that weren't fed lately."
    )
    credit_warning = fields.Char(
        string="Warning: unmatched credits",
        compute="_compute_warnings",
        help="Customers whose payments aren't matched.",
    )

    @api.depends("state", "notice_ids")
    @api.depends_context("lang", "uid")
    def _compute_warnings(self):
        """What may be missing in the books, as long as something of the run can still be approved or sent."""
        guard = self.env["credit.ledger.guard"]
        for run in self:
            company = run.company_id if run.state in ("planned", "approved") and not run.is_preview else None
            run.bank_warning = company and guard._word_bank(company, guard._get_stale_journals(company))
            run.credit_warning = company and guard._word_unmatched(run._get_unmatched())

    def _get_unmatched(self):
        return self.env["credit.ledger.guard"]._get_unmatched(self.company_id, self.notice_ids.partner_id)

    def action_match_first(self):
        """Look for matches of the credits of this run's customers, and show them; then plan again."""
        self.ensure_one()
        return self.env["credit.ledger.guard"]._match_first(self.company_id, self._get_unmatched())

    @api.depends("notice_ids.state", "notice_ids.amount_total")
    def _compute_notice_figures(self):
        for run in self:
            live = run.notice_ids.filtered(lambda notice: notice.state not in DEAD_STATES)
            run.notice_count = len(live)
            # Several channels carry the same claim: it is counted once a customer and step.
            amounts = {(notice.debtor_id, notice.policy_id, notice.step_id): notice.amount_total for notice in live}
            run.amount_claimed = sum(amounts.values())

    @api.depends("state", "date", "notice_ids.state")
    @api.depends_context("lang", "uid")
    def _compute_summary_html(self):
        for run in self:
            planned = run.state != "draft" and run.company_id and run.date
            values = run._prepare_summary() if planned else None
            run.summary_html = values and self.env["ir.qweb"]._render("credit_control.run_summary", values)

    def _prepare_summary(self):
        """Return what the preview shows: notices by state, amounts held back by reason, and their sums."""
        rows = self._get_summary()
        held, customers = defaultdict(float), defaultdict(int)
        for row in rows:
            for reason, amount in row["held"].items():
                held[reason] += amount
                customers[reason] += 1
        totals = {key: sum(row[key] for row in rows) for key in ("overdue", "claimed", "not_due", "credits")}
        return {
            "run": self,
            "currency": self.currency_id,
            "groups": self._prepare_summary_groups(),
            "held": self._prepare_summary_held(held, customers),
            "held_total": sum(held.values()),
            **totals,
        }

    def _prepare_summary_groups(self):
        """Return the notices by what becomes of them, in the order in which a person asks."""
        labels = {
            "to_send": self.env._("To send"),
            "to_approve": self.env._("To approve"),
            "person": self.env._("Calls, decisions, one by one"),
            "left": self.env._("Sent"),
            "trouble": self.env._("Uncertain, failed or bounced"),
            "cancelled": self.env._("Cancelled"),
        }
        found = self.notice_ids.grouped(self._get_summary_group)
        return [
            {
                "code": code,
                "label": label,
                "count": len(found[code]),
                "amount": sum(found[code].mapped("amount_total")),
            }
            for code, label in labels.items()
            if code in found
        ]

    def _get_summary_group(self, notice):
        if notice.state in LEFT_STATES:
            return "left"
        if notice.state in ("uncertain", "failed", "bounced"):
            return "trouble"
        if notice.state in ("to_approve", "cancelled"):
            return notice.state
        # A person carries it out, or approves it alone.
        by_hand = notice.channel_id.is_manual or (notice.mode == "manual" and notice.state == "draft")
        return "person" if by_hand else "to_send"

    def _prepare_summary_held(self, held, customers):
        labels = dict(self.env["credit.dunning.notice"]._fields["reason"]._description_selection(self.env))
        return [
            {
                "reason": reason,
                "label": labels.get(reason, reason),
                "count": customers[reason],
                "amount": amount,
                "to_repair": reason in ("no_contact", "blacklisted", "policy_none", "ladder_ended"),
            }
            for reason, amount in sorted(held.items(), key=lambda pair: -pair[1])
        ]

    def action_open_notices(self):
        """Open the notices of this run."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_dunning_notice_action")
        action["domain"] = [("run_id", "=", self.id)]
        action["context"] = {"search_default_group_state": 1}
        return action

    def action_open_decisions(self):
        """Open the journal as it was on the run's day."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_dunning_decision_action")
        action["domain"] = self._get_decision_domain()
        action["context"] = {"search_default_group_reason": 1}
        return action

    def action_open_approval(self):
        """Ask before approving: what is missing in the bank is shown first."""
        self.ensure_one()
        return self.env["credit.dunning.notice"]._open_wizard(
            "credit.dunning.approval", self.env._("Approve the run"), run_id=self.id
        )
