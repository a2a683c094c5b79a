from odoo import fields, models


class CreditDebtor(models.Model):
    """One customer (commercial partner) of one company: the card that all credit work hangs on.

    Messages to the customer and their answers are in its chatter.
    """

    _name = "credit.debtor"
    _description = "Debtor"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _rec_name = "partner_id"
    _order = "id"
    _check_company_auto = True

    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    segment_id = fields.Many2one("credit.segment", index="btree_not_null", check_company=True)
    segment_locked = fields.Boolean(help="Keep this segment whatever the segments' rules say.")
    policy_id = fields.Many2one(
        "credit.dunning.policy",
        string="Own policy",
        check_company=True,
        help="Goes before the segment's policy.",
    )
    portfolio_id = fields.Many2one("credit.portfolio", index="btree_not_null", check_company=True)
    collector_id = fields.Many2one("res.users", index="btree_not_null", check_company=True)
    preferred_channel_id = fields.Many2one("credit.channel")
    tone = fields.Selection([("courteous", "Courteous"), ("neutral", "Neutral"), ("firm", "Firm")], default="neutral")
    quiet_monday = fields.Boolean()
    quiet_tuesday = fields.Boolean()
    quiet_wednesday = fields.Boolean()
    quiet_thursday = fields.Boolean()
    quiet_friday = fields.Boolean()
    notice_ids = fields.One2many("credit.dunning.notice", "debtor_id")
    # More: see the fields that later parts add (figures of today, status, next action).

    _partner_company_unique = models.Constraint(
        "UNIQUE (partner_id, company_id)", "A customer has one debtor card in each company."
    )
