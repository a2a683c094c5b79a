from odoo import fields, models


class CreditDunningRun(models.Model):
    """One plan for a company and a date: previewed, approved, sent; what was decided and why."""

    _name = "credit.dunning.run"
    _description = "Dunning run"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, default=fields.Date.context_today)
    state = fields.Selection(
        [("draft", "Draft"), ("planned", "Planned"), ("approved", "Approved"), ("done", "Done"), ("preview", "Preview")],
        default="draft",
        required=True,
        tracking=True,
    )
    is_preview = fields.Boolean(help="Planned as on a past day, to look at; it can't be approved or sent.")
    notice_ids = fields.One2many("credit.dunning.notice", "run_id")
    decision_ids = fields.Many2many("credit.dunning.decision", compute="_compute_decision_ids")

    def _compute_decision_ids(self):
        raise NotImplementedError
