from odoo import fields, models


class CreditDunningNoticeLine(models.Model):
    """One item in a notice, as it was claimed. Without a step the item is only shown."""

    _name = "credit.dunning.notice.line"
    _description = "Line of a dunning notice"
    _order = "notice_id, date_due, id"

    notice_id = fields.Many2one("credit.dunning.notice", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True)
    move_line_id = fields.Many2one("account.move.line", index=True, ondelete="set null")
    move_id = fields.Many2one("account.move", index="btree_not_null", ondelete="set null")
    step_id = fields.Many2one("credit.dunning.step", ondelete="restrict")
    channel_id = fields.Many2one("credit.channel", required=True, ondelete="restrict")
    occurrence = fields.Integer(default=1, help="The how-manieth time this step is sent for this item.")
    live = fields.Boolean(default=True, help="Cleared when the notice failed, bounced or was cancelled.")
    is_credit = fields.Boolean(help="An unallocated credit that is set off.")
    reference = fields.Char(required=True, help="Number of the document, kept if the document goes.")
    date = fields.Date(help="Date of the document.")
    date_due = fields.Date()
    currency_id = fields.Many2one("res.currency", required=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    amount = fields.Monetary(help="What is asked, in the document's currency.")
    amount_company = fields.Monetary(currency_field="company_currency_id")
    amount_original = fields.Monetary(help="Amount of the document or instalment.")
    amount_disputed = fields.Monetary(help="The part not asked because it is disputed, in the document's currency.")
    amount_promised = fields.Monetary(help="The part not asked because it is promised, in the document's currency.")

    _live_unique = models.UniqueIndex(
        "(move_line_id, step_id, channel_id, occurrence) WHERE live",
        "This step has already been planned or sent for this item through this channel.",
    )
