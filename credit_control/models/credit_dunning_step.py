from odoo import fields, models


class CreditDunningStep(models.Model):
    """One step of a policy: when it is due, what it says, through which channels, to whom."""

    _name = "credit.dunning.step"
    _description = "Dunning step"
    _order = "policy_id, sequence, id"
    _check_company_auto = True

    policy_id = fields.Many2one("credit.dunning.policy", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(
        [("message", "Message"), ("decision", "Decision")],
        default="message",
        required=True,
        help="A decision asks a person what comes next: continue, litigation, provision, write-off.",
    )
    delay_days = fields.Integer(help="Days after the basis; negative: before the due date.")
    delay_basis = fields.Selection(
        [
            ("due", "Due date"),
            ("end_of_month", "End of the month of due date + delay"),
            ("previous", "Previous step"),
            ("promise_broken", "Promise broken"),
            ("dispute_closed", "Dispute closed"),
        ],
        default="due",
        required=True,
    )
    repeat_days = fields.Integer(help="Sent again this many days after it left. 0: never.")
    repeat_max = fields.Integer(help="How many times it is sent again, at most.")
    channel_ids = fields.Many2many("credit.channel")
    mode = fields.Selection(
        [("auto", "Automatic"), ("approve", "Approve first"), ("manual", "Manual")],
        default="approve",
        required=True,
        help="Automatic: leaves by itself. Approve first: leaves once the run is approved. "
        "Manual: each message is approved one by one.",
    )
    role_ids = fields.Many2many(
        "credit.contact.role",
        string="Recipients",
        help="Contacts with one of these roles receive it; without one: the invoice address.",
    )
    sender = fields.Selection(
        [
            ("collector", "Collector"),
            ("salesperson", "Salesperson"),
            ("management", "Management"),
            ("legal", "Legal department"),
        ],
        default="collector",
        required=True,
    )
    mail_template_id = fields.Many2one("mail.template", domain="[('model', '=', 'credit.dunning.notice')]")
    letter_template_id = fields.Many2one("mail.template", domain="[('model', '=', 'credit.dunning.notice')]")
    call_script = fields.Html(translate=True)
    attach_statement = fields.Boolean()
    attach_invoices = fields.Boolean()
