from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .credit_litigation_figures import RUNNING


class CreditLitigationLine(models.Model):
    """One item of a litigation: what was open when it was handed over, what was recovered since."""

    _name = "credit.litigation.line"
    _description = "Item in litigation"
    _order = "litigation_id, date_maturity, id"
    _check_company_auto = True

    litigation_id = fields.Many2one("credit.litigation", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="litigation_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="litigation_id.partner_id")
    is_running = fields.Boolean(string="Running", compute="_compute_is_running", store=True)
    move_line_id = fields.Many2one(
        "account.move.line", string="Item", required=True, index=True, ondelete="cascade", check_company=True
    )
    move_id = fields.Many2one(related="move_line_id.move_id", string="Document")
    date_maturity = fields.Date(related="move_line_id.date_maturity", string="Due date", store=True)
    amount = fields.Monetary(
        string="Handed over",
        compute="_compute_amount",
        store=True,
        help="What was open when the file was handed over, in company currency.",
    )
    amount_residual = fields.Monetary(
        related="move_line_id.amount_residual", string="Open", currency_field="currency_id"
    )

    _running_unique = models.UniqueIndex(
        "(move_line_id) WHERE is_running", "This item is in a litigation that is running already."
    )

    @api.depends("litigation_id.state")
    def _compute_is_running(self):
        for line in self:
            line.is_running = line.litigation_id.state in RUNNING

    @api.constrains("move_line_id", "litigation_id")
    def _check_item(self):
        for line in self:
            item = line.move_line_id
            ours = item.partner_id.commercial_partner_id == line.litigation_id.partner_id
            if not ours or item.account_id.account_type != "asset_receivable" or item.parent_state != "posted":
                raise ValidationError(
                    self.env._(
                        "%(item)s isn't a posted receivable of %(customer)s: it can't be in this file.",
                        item=item.display_name,
                        customer=line.litigation_id.partner_id.display_name,
                    )
                )

    @api.depends("move_line_id")
    def _compute_amount(self):
        """Write down what is open of these items now; it stays so until somebody asks again."""
        for line in self:
            line.amount = line.move_line_id.amount_residual
