from odoo import api, fields, models
from odoo.tools.misc import format_amount, format_date


class CreditItemWords(models.AbstractModel):
    """The items of ``move_line_ids`` in words, for readers who have no right to see journal items."""

    _name = "credit.item.words"
    _description = "Items in words"

    items_text = fields.Text(string="Items in words", compute="_compute_items_text", compute_sudo=True)

    @api.depends("move_line_ids.amount_residual", "move_line_ids.date_maturity", "move_line_ids.move_name")
    @api.depends_context("lang")
    def _compute_items_text(self):
        for record in self:
            record.items_text = "\n".join(map(record._get_item_text, record.move_line_ids))

    def _get_item_text(self, item):
        return self.env._(
            "%(document)s, due on %(day)s, open: %(amount)s",
            document=item.move_name or item.display_name,
            day=format_date(self.env, item.date_maturity or item.date),
            amount=format_amount(self.env, item.amount_residual, item.company_currency_id),
        )
