from odoo import api, fields, models

from .company_day import company_today


class CreditDelayCauseItem(models.Model):
    """The cause of delay of one item: who said so, and when. One an item."""

    _name = "credit.delay.cause.item"
    _description = "Cause of delay of an item"
    _order = "id desc"

    move_line_id = fields.Many2one("account.move.line", string="Item", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="move_line_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", compute="_compute_partner_id", store=True, index=True, compute_sudo=True
    )
    cause_id = fields.Many2one("credit.delay.cause", required=True, index=True, ondelete="restrict")
    note = fields.Char()
    user_id = fields.Many2one("res.users", string="Said by", default=lambda self: self.env.user, readonly=True)
    date = fields.Date(string="On", default=company_today, required=True)

    _item_unique = models.Constraint("UNIQUE (move_line_id)", "An item has one cause of delay.")

    @api.depends("move_line_id.partner_id.commercial_partner_id")
    def _compute_partner_id(self):
        for known in self:
            known.partner_id = known.move_line_id.partner_id.commercial_partner_id

    @api.model
    def _set_cause(self, items, cause, note=""):
        """Say why these journal items are late; an empty ``cause`` takes back what was said.

        The latest word counts: an item has one cause.
        """
        known = self.search([("move_line_id", "in", items.ids)])
        if not cause:
            known.unlink()
            return known.browse()
        vals = {"cause_id": cause.id, "note": note, "user_id": self.env.uid, "date": company_today(self)}
        known.write(vals)
        new = items - known.move_line_id
        return known + self.create([{**vals, "move_line_id": item.id} for item in new])
