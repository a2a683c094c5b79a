from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..core import delivery, reasons
from .company_day import company_today
from .credit_dunning_message_attachment import INVOICE_REPORT, print_each
from .relational_search import search_through
from .res_partner import SEES_CREDIT


class AccountMove(models.Model):
    """Where an invoice stands in its dunning: shown and searched here, stored in our own models."""

    _name = "account.move"
    _inherit = ["account.move", "credit.move.charge", "credit.move.dispute", "credit.move.einvoice", "credit.move.hold"]

    def button_cancel(self):
        """A cancelled invoice bears no charges; what a cancelled invoice of charges had invoiced is claimed again."""
        result = super().button_cancel()
        self._credit_release_charges()
        self._credit_reconsider_charges()
        return result

    credit_level_step_id = fields.Many2one(
        "credit.dunning.step",
        string="Last reminder",
        compute="_compute_credit_level_step_id",
        search="_search_credit_level_step_id",
        groups=SEES_CREDIT,
        help="The last step that truly left for this invoice.",
    )
    credit_next_step_date = fields.Date(
        string="Next reminder",
        compute="_compute_credit_next_step_date",
        search="_search_credit_next_step_date",
        groups=SEES_CREDIT,
        help="The day on which the next step is due, as of the last plan.",
    )
    credit_dunning_pause_ids = fields.Many2many(
        "credit.dunning.pause",
        string="Dunning pauses",
        compute="_compute_credit_dunning_pause_ids",
        search="_search_credit_dunning_pause_ids",
        groups=SEES_CREDIT,
        help="Pauses of this invoice or of its customer that hold today.",
    )
    credit_dispute_ids = fields.Many2many(
        "credit.dispute",
        string="Disputes",
        compute="_compute_credit_dispute_ids",
        search="_search_credit_dispute_ids",
        groups=SEES_CREDIT,
    )
    credit_promise_ids = fields.Many2many(
        "credit.promise",
        string="Promises",
        compute="_compute_credit_promise_ids",
        search="_search_credit_promise_ids",
        groups=SEES_CREDIT,
    )
    credit_notice_count = fields.Integer(
        string="Number of notices",
        compute="_compute_credit_notice_count",
        groups=SEES_CREDIT,
        help="Messages and calls that claim something of this invoice.",
    )
    credit_dunning_policy_id = fields.Many2one(
        "credit.dunning.policy",
        string="Own dunning policy",
        compute="_compute_credit_dunning_policy_id",
        inverse="_inverse_credit_dunning_policy_id",
        search="_search_credit_dunning_policy_id",
        groups=SEES_CREDIT,
        help="Chosen for this invoice alone; empty: its customer's.",
    )

    def write(self, vals):
        """Keep the choice of a policy away from the invoice synchronisation: it isn't stored here."""
        if set(vals) == {"credit_dunning_policy_id"}:
            self._set_credit_dunning_policy(vals["credit_dunning_policy_id"])
            return True
        return super().write(vals)

    def button_draft(self):
        """A payment that is a draft again keeps no promise, though Odoo leaves it reconciled."""
        result = super().button_draft()
        self.env["credit.promise"]._reconsider(self.line_ids.matched_debit_ids.debit_move_id.ids)
        return result

    def _post(self, soft=True):
        """Held invoices stay drafts, the others go on; a credit note that a dispute waits for closes it."""
        posted = super(AccountMove, self._credit_pass_invoices())._post(soft)
        refunds = posted.filtered(lambda move: move.move_type == "out_refund")
        if refunds:
            self.env["credit.dispute"]._settle_posted(refunds)
        posted._credit_reconsider_charges()
        # A payment that was a draft meanwhile stayed reconciled, an invoice that was cancelled can be paid again.
        lines = posted.line_ids
        self.env["credit.promise"]._reconsider((lines + lines.matched_debit_ids.debit_move_id).ids)
        return posted

    def _get_alerts(self):
        return super()._get_alerts() | self._credit_get_alert()

    # Level

    @api.depends_context("uid")
    def _compute_credit_level_step_id(self):
        level_of = self._get_credit_levels(SQL("AND item.move_id = ANY(%s)", self.ids))
        for move in self:
            move.credit_level_step_id = level_of.get(move._origin.id, False)

    def _search_credit_level_step_id(self, operator, value):
        steps = self.env["credit.dunning.step"]
        return search_through(steps, operator, value, self._get_credit_level_domain)

    def _get_credit_level_domain(self, steps):
        wanted = set(steps.ids)
        levels = self._get_credit_levels(SQL())
        return Domain("id", "in", [move_id for move_id, step_id in levels.items() if step_id in wanted])

    def _get_credit_levels(self, where):
        """Return ``{move id: id of the last step that left}`` in one query."""
        self.env["credit.dunning.notice"].flush_model(["sent_at", "state"])
        self.env["credit.dunning.notice.line"].flush_model(["live", "move_line_id", "notice_id", "step_id"])
        query = SQL(
            """
            SELECT DISTINCT ON (item.move_id) item.move_id, line.step_id
              FROM credit_dunning_notice_line line
              JOIN account_move_line item ON item.id = line.move_line_id
              JOIN credit_dunning_notice notice ON notice.id = line.notice_id
             WHERE line.live AND line.step_id IS NOT NULL AND notice.state IN %s %s
             ORDER BY item.move_id, notice.sent_at DESC NULLS LAST, notice.id DESC
            """,
            (delivery.SENT, delivery.DELIVERED),
            where,
        )
        return dict(self.env.execute_query(query))

    # Next step

    @api.depends_context("uid")
    def _compute_credit_next_step_date(self):
        decisions = self.env["credit.dunning.decision"].search(
            [("date_to", "=", False), ("move_line_id.move_id", "in", self.ids)]
        )
        dates = {}
        for decision in decisions:
            day = decision.date_from if decision.reason in (reasons.REMIND, reasons.DECIDE) else decision.next_date
            if day:
                move_id = decision.move_line_id.move_id.id
                dates[move_id] = min(day, dates.get(move_id, day))
        for move in self:
            move.credit_next_step_date = dates.get(move._origin.id, False)

    def _search_credit_next_step_date(self, operator, value):
        if operator == "in" and False in value:
            return NotImplemented
        due = Domain("reason", "in", (reasons.REMIND, reasons.DECIDE))
        domain = (due & Domain("date_from", operator, value)) | (~due & Domain("next_date", operator, value))
        current = Domain("date_to", "=", False)
        return [("id", "in", self.env["credit.dunning.decision"].search(current & domain).move_line_id.move_id.ids)]

    # Pauses, disputes, promises

    @api.depends("commercial_partner_id")
    @api.depends_context("uid")
    def _compute_credit_dunning_pause_ids(self):
        pauses = self.env["credit.dunning.pause"].search(
            self._get_current_pause_domain()
            & (Domain("move_id", "in", self.ids) | Domain("partner_id", "in", self.commercial_partner_id.ids))
        )
        for move in self:
            move.credit_dunning_pause_ids = pauses.filtered(
                lambda pause, move=move: (
                    pause.move_id == move._origin
                    or (pause.partner_id == move.commercial_partner_id and pause.company_id == move.company_id)
                )
            )

    def _get_current_pause_domain(self):
        return self.env["credit.dunning.pause"]._get_domain_on(company_today(self))

    def _search_credit_dunning_pause_ids(self, operator, value):
        pauses = self.env["credit.dunning.pause"]
        return search_through(pauses, operator, value, self._get_credit_pause_domain)

    def _get_credit_pause_domain(self, pauses):
        current = pauses.filtered_domain(self._get_current_pause_domain())
        domain = Domain("id", "in", current.move_id.ids)
        for company, of_company in current.filtered("partner_id").grouped("company_id").items():
            of_customers = Domain("commercial_partner_id", "in", of_company.partner_id.ids)
            domain |= Domain("company_id", "=", company.id) & of_customers
        return domain

    @api.depends_context("uid")
    def _compute_credit_dispute_ids(self):
        lines = self.env["credit.dispute.line"].search([("move_line_id.move_id", "in", self.ids)])
        by_move = lines.grouped(lambda line: line.move_line_id.move_id)
        for move in self:
            move.credit_dispute_ids = by_move.get(move._origin, lines.browse()).dispute_id

    def _search_credit_dispute_ids(self, operator, value):
        disputes = self.env["credit.dispute"]
        return search_through(
            disputes,
            operator,
            value,
            lambda found: Domain("id", "in", found.line_ids.move_line_id.move_id.ids),
        )

    @api.depends_context("uid")
    def _compute_credit_promise_ids(self):
        promises = self.env["credit.promise"].search([("move_line_ids.move_id", "in", self.ids)])
        moves_of = {promise: promise.move_line_ids.move_id for promise in promises}
        for move in self:
            move.credit_promise_ids = promises.filtered(lambda found, move=move: move._origin in moves_of[found])

    def _search_credit_promise_ids(self, operator, value):
        promises = self.env["credit.promise"]
        return search_through(
            promises, operator, value, lambda found: Domain("id", "in", found.move_line_ids.move_id.ids)
        )

    # Messages

    @api.depends_context("uid")
    def _compute_credit_notice_count(self):
        claimed = [("move_line_id", "in", self._get_credit_item_ids())]
        lines = self.env["credit.dunning.notice.line"].search_fetch(claimed, ["move_line_id", "notice_id"])
        by_move = lines.grouped(lambda line: line.sudo().move_line_id.move_id.id)
        for move in self:
            move.credit_notice_count = len(by_move.get(move._origin.id, lines.browse()).notice_id)

    def _get_credit_item_ids(self):
        """Return the ids of what notices can claim of these; who reads notices needn't read journal items."""
        receivable = [("move_id", "in", self.ids), ("account_id.account_type", "=", "asset_receivable")]
        return self.env["account.move.line"].sudo().search(receivable).ids

    def action_open_credit_notices(self):
        """Open the messages and calls that claim something of this invoice."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_dunning_notice_action")
        action["domain"] = [("line_ids.move_line_id", "in", self._get_credit_item_ids())]
        action["context"] = {}
        return action

    # Policy of the invoice

    def _compute_credit_dunning_policy_id(self):
        assignments = self.env["credit.dunning.assignment"].search([("move_id", "in", self.ids)])
        policy_of = {assignment.move_id: assignment.policy_id for assignment in assignments}
        for move in self:
            move.credit_dunning_policy_id = policy_of.get(move._origin, False)

    def _inverse_credit_dunning_policy_id(self):
        for policy, moves in self.grouped("credit_dunning_policy_id").items():
            moves._set_credit_dunning_policy(policy.id)

    def _set_credit_dunning_policy(self, policy_id):
        """Choose one policy for all these invoices, or with an empty one go back to their customers'."""
        assignments = self.env["credit.dunning.assignment"].search([("move_id", "in", self.ids)])
        if not policy_id:
            assignments.unlink()
        else:
            assignments.write({"policy_id": policy_id})
            new = self - assignments.move_id
            assignments.create([{"move_id": move.id, "policy_id": policy_id} for move in new])
        self.invalidate_recordset(["credit_dunning_policy_id"])

    def _search_credit_dunning_policy_id(self, operator, value):
        policies = self.env["credit.dunning.policy"].with_context(active_test=False)
        return search_through(policies, operator, value, self._get_credit_assigned_domain)

    def _get_credit_assigned_domain(self, policies):
        assignments = self.env["credit.dunning.assignment"].search([("policy_id", "in", policies.ids)])
        return Domain("id", "in", assignments.move_id.ids)

    def action_open_credit_debtor(self):
        """Open the card of the customer in the invoice's company."""
        self.ensure_one()
        partner = self.commercial_partner_id.with_company(self.company_id)
        return partner.credit_debtor_id._get_records_action(name=self.env._("Debtor"))

    def action_credit_promise(self):
        """Ask what the customer promises to pay of this invoice."""
        self.ensure_one()
        receivable = self.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_promise_wizard_action")
        action["context"] = {
            "default_partner_id": self.commercial_partner_id.id,
            "default_company_id": self.company_id.id,
            "default_item_ids": receivable.filtered(lambda line: line.amount_residual > 0).ids,
        }
        return action

    def action_credit_pause(self):
        """Ask for the reason and the end of a pause of these invoices."""
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_dunning_pause_wizard_action")
        action["context"] = {"default_move_ids": self.ids}
        return action

    # -- what a message sends along ---------------------------------------------------

    def _credit_get_payment_link(self, amount):
        """Return Odoo's payment link of this invoice for ``amount``, without storing its wizard."""
        self.ensure_one()
        wizard = (
            self.env["payment.link.wizard"]
            .sudo()
            .new(
                {
                    "res_model": self._name,
                    "res_id": self.id,
                    "amount": self.currency_id.round(amount),
                    "currency_id": self.currency_id.id,
                    "partner_id": self.partner_id.id,
                }
            )
        )
        return wizard.link

    def _credit_get_pdf_attachments(self):
        """Return ``{move id: attachment id}``: the PDF as it was sent, else one printed now in the customer's language.

        One that is printed now is attached to the invoice by Odoo's own report, where it is found next time.
        """
        files = {move.id: move.invoice_pdf_report_id.id for move in self if move.invoice_pdf_report_id}
        missing = self.filtered(lambda move: move.id not in files)
        earlier = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [("res_model", "=", self._name), ("res_id", "in", missing.ids), ("description", "=", "credit_control")]
            )
        )
        files |= {attachment.res_id: attachment.id for attachment in earlier}
        missing = missing.filtered(lambda move: move.id not in files)
        pdfs = print_each(self.env["ir.actions.report"], INVOICE_REPORT, missing.ids)
        created = earlier.create([move._prepare_pdf_vals(pdfs[move.id]) for move in missing if move.id in pdfs])
        return files | {attachment.res_id: attachment.id for attachment in created}

    def _prepare_pdf_vals(self, pdf):
        return {
            "name": f"{self.name.replace('/', '_')}.pdf",
            "raw": pdf,
            "mimetype": "application/pdf",
            "res_model": self._name,
            "res_id": self.id,
            "description": "credit_control",
        }
