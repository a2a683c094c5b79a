from odoo import api, fields, models

from ..core import delivery, guard, reasons
from .company_day import company_today


class CreditDisputeNotice(models.AbstractModel):
    """The message that tells a customer that their objection has arrived: as those about promises, once at most."""

    _name = "credit.dispute.notice"
    _description = "Messages about disputes"
    _inherit = "credit.promise.notice"

    dispute_id = fields.Many2one("credit.dispute", index="btree_not_null", ondelete="restrict", readonly=True)
    purpose = fields.Selection(selection_add=[("dispute_received", "Dispute received")])

    # -- write --------------------------------------------------------------------------

    @api.model
    def _queue_about_disputes(self, disputes):
        """Queue the confirmation of each of ``disputes``, where a channel reaches the customer and none has left yet.

        :return: the notices; who can't be reached has none
        """
        notices = self.sudo()
        known = notices.search_fetch(
            [("dispute_id", "in", disputes.ids), ("state", "not in", list(delivery.DEAD))], ["dispute_id"]
        )
        vals_list = []
        for company, of_company in (disputes.sudo() - known.dispute_id).grouped("company_id").items():
            vals_list += notices.with_company(company)._prepare_about_disputes(company, of_company)
        queued = notices.create(vals_list)
        if queued:
            self.env.ref("credit_control.cron_send")._trigger()
        return queued

    def _prepare_about_disputes(self, company, disputes):
        debtors = self.env["credit.debtor"].sudo()._ensure(company, disputes.partner_id.ids).sudo()
        debtor_of, routes = {debtor.partner_id: debtor for debtor in debtors}, self._route_about(debtors)
        policy_of = debtors._get_policies()
        items = self.env["credit.open.item"].search([("move_line_id", "in", disputes.line_ids.move_line_id.ids)])
        lines = {item.id: self._prepare_about_line(company, item) for item in items if item.amount_residual > 0}
        return [
            self._prepare_about_dispute(dispute, debtor, *routes[debtor.id], lines, policy_of[debtor.id])
            for dispute in disputes
            for debtor in (debtor_of[dispute.partner_id],)
            if routes[debtor.id][0]
        ]

    def _prepare_about_dispute(self, dispute, debtor, channel, reach, lines, policy_id):
        medium = "letter" if channel.is_printed else "mail"
        return {
            "company_id": dispute.company_id.id,
            "partner_id": debtor.partner_id.id,
            "debtor_id": debtor.id,
            "policy_id": policy_id,
            "channel_id": channel.id,
            "template_id": self.env.ref(f"credit_control.text_{medium}_dispute_received").id,
            "dispute_id": dispute.id,
            "purpose": "dispute_received",
            "state": "queued",
            "mode": "auto",
            "date": company_today(self),
            "user_id": (debtor.responsible_id or dispute.user_id).id,
            "address": reach.address,
            "recipient_ids": [fields.Command.set(reach.recipient_ids)],
            "line_ids": [
                fields.Command.create({**lines[item.id], "channel_id": channel.id})
                for item in dispute.line_ids.move_line_id
                if item.id in lines
            ],
        }

    # -- look again ---------------------------------------------------------------------

    def _review(self, terms=None):
        """It leaves as long as the dispute is open; it claims nothing."""
        if not self.dispute_id:
            return super()._review(terms)
        blocks = self.debtor_id._get_message_blocks(company_today(self)).get(self.debtor_id.id, set())
        over = {"dispute_over"} if self.dispute_id.sudo().state == "closed" else set()
        return guard.Verdict(0.0, reasons.leading(blocks | over))

    # -- words --------------------------------------------------------------------------

    def _prepare_date_values(self, known):
        """Speak of the dispute that it is about, not of the customer's last."""
        values = super()._prepare_date_values(known)
        dispute = self.dispute_id.sudo()
        if dispute:
            values["dispute_date"] = self._text_date(dispute.date)
            values["dispute_reason"] = dispute.reason_id.with_env(self.env).sudo().name
        return values
