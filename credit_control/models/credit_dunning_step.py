from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core import ladder

# The texts that come with the addon, by the field that holds a step's own.
LIBRARIES = {"mail_template_id": "text_mail", "letter_template_id": "text_letter"}
PLACES = ("first", "second", "firm")


class CreditDunningStep(models.Model):
    """One step of a policy: when it is due, what it says, through which channels, to whom."""

    _name = "credit.dunning.step"
    _description = "Dunning step"
    _order = "sequence, id"
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
    delay_days = fields.Integer(string="Delay (days)", help="Days after the basis; negative: before the due date.")
    delay_basis = fields.Selection(
        [
            ("due", "Due date"),
            ("end_of_month", "End of the month of due date + delay"),
            ("previous", "Previous step"),
            ("promise_broken", "Promise broken"),
            ("dispute_closed", "Dispute closed"),
        ],
        string="Counted from",
        default="due",
        required=True,
        help="What the days are counted from.",
    )
    repeat_days = fields.Integer(
        string="Repeat after (days)", help="Sent again this many days after it left. 0: never."
    )
    repeat_max = fields.Integer(string="Repeats at most", help="How many times it is sent again, at most.")
    channel_ids = fields.Many2many(
        "credit.channel", help="It leaves by each of them; one that can't be used is replaced by its fallback."
    )
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
        help="In whose name it is written.",
    )
    mail_template_id = fields.Many2one(
        "mail.template",
        string="E-mail template",
        domain="[('model', '=', 'credit.dunning.notice')]",
        help="Words of the e-mail. Empty: those that come with the addon for this kind of step.",
    )
    letter_template_id = fields.Many2one(
        "mail.template",
        string="Letter template",
        domain="[('model', '=', 'credit.dunning.notice')]",
        help="Words of the letter. Empty: those that come with the addon for this kind of step.",
    )
    deadline_days = fields.Integer(
        string="Time to pay (days)",
        default=8,
        help="Days that the message gives to pay, from its date (a formal notice: from its receipt).",
    )
    is_formal_notice = fields.Boolean(
        string="Formal notice",
        compute="_compute_is_formal_notice",
        store=True,
        readonly=False,
        help="From this step on the customer's status is “formal notice”, as long as one of its items is open. "
        "Ticked by itself where the step has the text of the formal notice.",
    )
    claims_charges = fields.Boolean(
        string="Claims interest and fixed sums",
        compute="_compute_claims_charges",
        store=True,
        readonly=False,
        help="When the message has left, what the law allows to be charged is kept as claimed: it stays when the "
        "principal is paid. Never a fixed sum or the interest of businesses from a consumer. "
        "Ticked by itself where the step is a formal notice.",
    )
    call_script = fields.Html(
        string="Call script",
        translate=True,
        help="What the collector reads on the phone; values stand in double braces: {{ total }}.",
    )
    attach_statement = fields.Boolean(string="Attach the statement", help="All that is open, as a PDF.")
    attach_invoices = fields.Boolean(
        string="Attach the invoices", help="The invoices that the message asks for, as PDFs."
    )

    _repeat_bounded = models.Constraint(
        "CHECK (repeat_days BETWEEN 0 AND 3650 AND repeat_max >= 0)", "A step is repeated after 0 to 3650 days."
    )
    _delay_bounded = models.Constraint(
        "CHECK (delay_days BETWEEN -3650 AND 3650 AND deadline_days BETWEEN 0 AND 3650)",
        "The delay of a step is no more than 3650 days, before or after; it gives 0 to 3650 days to pay.",
    )

    @api.depends("mail_template_id", "letter_template_id")
    def _compute_is_formal_notice(self):
        names = [f"credit_control.{library}_formal" for library in LIBRARIES.values()]
        formal = [self.env.ref(name, raise_if_not_found=False) for name in names]
        for step in self:
            texts = step.mail_template_id | step.letter_template_id
            step.is_formal_notice = any(text and text in texts for text in formal)

    @api.depends("is_formal_notice")
    def _compute_claims_charges(self):
        for step in self:
            step.claims_charges = step.is_formal_notice

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_reminded(self):
        """Keep what a line of a notice names: the database doesn't check it, see the line."""
        line = self.env["credit.dunning.notice.line"].sudo().search([("step_id", "in", self.ids)], limit=1)
        if line:
            raise UserError(
                self.env._(
                    "The step “%(step)s” has reminded of %(document)s and stays on record. To do without it,"
                    " archive the policy and go on with a copy.",
                    step=line.step_id.name,
                    document=line.reference,
                )
            )

    @api.constrains("policy_id", "sequence", "delay_days", "delay_basis")
    def _check_order(self):
        self.policy_id._check_steps()

    @api.constrains("kind", "channel_ids")
    def _check_channels(self):
        for step in self:
            if step.kind == "message" and not step.channel_ids:
                raise ValidationError(
                    self.env._("The step “%s” sends a message: choose at least one channel.", step.name)
                )

    @api.constrains("repeat_days", "repeat_max")
    def _check_repeat(self):
        for step in self:
            if bool(step.repeat_days) != bool(step.repeat_max):
                raise ValidationError(
                    self.env._(
                        "The step “%s” needs both: after how many days it repeats, and how many times.", step.name
                    )
                )

    def _get_core_step(self):
        """Return the step as the core's value."""
        self.ensure_one()
        return ladder.Step(
            id=self.id,
            delay=self.delay_days,
            basis=self.delay_basis,
            kind=self.kind,
            repeat_days=self.repeat_days,
            repeat_max=self.repeat_max,
        )

    def _get_channels(self):
        """Return the channels that carry the step: a decision is carried by the person who takes it."""
        self.ensure_one()
        if self.kind == "decision":
            return self.env.ref("credit_control.channel_decision")
        return self.channel_ids

    def _get_text(self, name):
        """Return the step's text; a step without its own speaks in the library's words for its place.

        :param name: ``mail_template_id`` or ``letter_template_id``
        """
        self.ensure_one()
        xmlid = f"credit_control.{LIBRARIES[name]}_{self._get_place()}"
        return self[name] or self.env.ref(xmlid, raise_if_not_found=False) or self[name]

    def _get_place(self):
        """Return which text of the library suits the step: by its event, or by how many went before."""
        if self.delay_basis == ladder.PROMISE_BROKEN:
            return "promise_broken"
        if self._get_core_step().is_courtesy:
            return "before_due"
        steps = self.policy_id._get_core_policy().main
        ids = [step.id for step in steps if step.kind == ladder.MESSAGE and not step.is_courtesy]
        return PLACES[min(ids.index(self.id), len(PLACES) - 1)] if self.id in ids else PLACES[1]

    def _get_sender(self, debtor):
        """Return the person in whose name the step speaks to ``debtor``; what answers no step, who looks after them."""
        if not self:
            return debtor.responsible_id
        if self.sender == "salesperson":
            speaker = debtor.partner_id.user_id
        elif self.sender == "collector":
            speaker = debtor.responsible_id
        else:
            speaker = debtor.company_id[f"credit_{self.sender}_user_id"]
        return speaker or debtor.responsible_id
