from odoo import api, fields, models
from odoo.tools import SQL

from ..core import einvoice

STATUSES = [
    (einvoice.REFUSED, "Refused by the customer"),
    (einvoice.DISPUTED, "Disputed by the customer"),
    (einvoice.REJECTED, "Rejected by a platform"),
    (einvoice.CASHED, "Cashed"),
]


class CreditEinvoiceEvent(models.Model):
    """One piece of news about an e-invoice, and what it came to here; the same news counts once."""

    _name = "credit.einvoice.event"
    _description = "E-invoice status"
    _order = "date desc, id desc"

    move_id = fields.Many2one("account.move", string="Invoice", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="cascade")
    status = fields.Selection(STATUSES, required=True)
    reason = fields.Char(help="What the customer or the platform says, as it came.")
    date = fields.Date(required=True)
    reference = fields.Char(help="Names this piece of news at its sender; the same one again changes nothing.")
    dispute_id = fields.Many2one("credit.dispute", ondelete="set null", index="btree_not_null")
    pause_id = fields.Many2one("credit.dunning.pause", ondelete="set null", index="btree_not_null")

    _news_once = models.UniqueIndex(
        "(move_id, status, COALESCE(reference, ''))", "This status of the invoice is known already."
    )

    @api.depends("move_id", "status")
    def _compute_display_name(self):
        labels = dict(self._fields["status"]._description_selection(self.env))
        for event in self:
            event.display_name = f"{event.sudo().move_id.name or ''} – {labels.get(event.status, '')}"

    @api.model
    def _record(self, move, status, reason, date, reference):
        """Return the event, and whether it is news. Two who bring the same at once: one is told that it isn't.

        :rtype: (credit.einvoice.event, bool)
        """
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO credit_einvoice_event (move_id, company_id, partner_id, status, reason, date, reference,
                                                   create_uid, create_date, write_uid, write_date)
                     VALUES (%(move)s, %(company)s, %(partner)s, %(status)s, %(reason)s, %(date)s, %(reference)s,
                             %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC')
                ON CONFLICT (move_id, status, COALESCE(reference, '')) DO NOTHING
                  RETURNING id
                """,
                move=move.id,
                company=move.company_id.id,
                partner=move.commercial_partner_id.id,
                status=status,
                reason=reason or None,
                date=date,
                reference=reference or None,
                uid=self.env.uid,
            )
        )
        if rows:
            return self.browse(rows[0]), True
        known = [("move_id", "=", move.id), ("status", "=", status), ("reference", "=", reference or False)]
        return self.search(known, limit=1), False
