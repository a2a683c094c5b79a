import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .company_day import company_today
from .language import in_language_of

IN_FORCE = ("granted", "reduced")


def _say_overlap(env, diag):
    """Name the customer and the dates of the guarantee that is in the way, from what the database says."""
    detail = (diag and diag.message_detail) or ""
    found = re.search(r"existing key .*=\(\[(\d+),\d+\), \[\d+,\d+\), \[([\d-]+),", detail)
    if not found:
        return env._("This customer has a guarantee for these days already.")
    return env._(
        "%(customer)s has a permanent guarantee from %(first)s on already: two can't hold on the same day. End that "
        "one first, or make this one temporary, on top of it.",
        customer=env["res.partner"].browse(int(found[1])).display_name,
        first=found[2],
    )


class CreditInsuranceGuarantee(models.Model):
    """What an insurer guarantees on one customer: asked for, granted, reduced, refused, withdrawn.

    A row holds one word of the insurer from ``date_from`` to ``date_to``. A later change ends the
    row and begins another, so that each past day is known; what is put right in a row is in its log.
    """

    _name = "credit.insurance.guarantee"
    _description = "Insurer's guarantee on a customer"
    _inherit = ["mail.thread", "mail.activity.mixin", "credit.insurance.facts"]
    _order = "date_from desc nulls first, id desc"
    _check_company_auto = True

    policy_id = fields.Many2one(
        "credit.insurance.policy", required=True, index=True, ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    insurer_id = fields.Many2one(related="policy_id.insurer_id", string="Insurer")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="The company as a whole: its contacts and addresses are insured with it.",
    )
    kind = fields.Selection(
        [("permanent", "Guarantee"), ("temporary", "Temporary, on top")],
        required=True,
        default="permanent",
        tracking=True,
        help="A temporary guarantee is added to the permanent one while it lasts.",
    )
    state = fields.Selection(
        [
            ("requested", "Requested"),
            ("granted", "Granted"),
            ("reduced", "Reduced"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
            ("expired", "Expired"),
        ],
        required=True,
        default="requested",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    reference = fields.Char(copy=False, tracking=True, help="The insurer's number of the request or guarantee.")
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        tracking=True,
    )
    quota = fields.Float(
        string="Insured percentage",
        digits=(5, 2),
        compute="_compute_quota",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        tracking=True,
        aggregator=None,
        help="What the insurer bears of the outstanding up to the guarantee.",
    )
    amount_requested = fields.Monetary(string="Asked for", tracking=True)
    amount = fields.Monetary(
        string="Guaranteed", copy=False, tracking=True, help="The highest outstanding that the insurer accepts."
    )
    date_requested = fields.Date(string="Asked on", default=company_today, copy=False, tracking=True)
    date_decision = fields.Date(string="Decided on", copy=False, tracking=True, help="The day of the insurer's answer.")
    date_from = fields.Date(string="From", copy=False, tracking=True)
    date_to = fields.Date(
        string="Until", copy=False, tracking=True, help="Its last day. Empty: until the insurer revokes it."
    )
    by_insurer = fields.Boolean(
        string="Withdrawn by the insurer",
        default=True,
        copy=False,
        tracking=True,
        help="A guarantee that the insurer withdraws is a refusal from then on; one that you give up isn't.",
    )
    previous_id = fields.Many2one("credit.insurance.guarantee", string="Before", readonly=True, copy=False)
    merged_from = fields.Char(
        string="Of the merged customer",
        readonly=True,
        copy=False,
        help="It was granted on a customer that was merged into this one, and may overlap this one's.",
    )
    announced_date = fields.Date(
        string="Announced end", readonly=True, copy=False, help="The end that was announced by an activity."
    )
    user_id = fields.Many2one(
        "res.users", string="Responsible", compute="_compute_user_id", store=True, readonly=False, precompute=True
    )
    debtor_id = fields.Many2one("credit.debtor", string="Debtor card", compute="_compute_debtor_id")
    note = fields.Text()

    _no_overlap = models.Constraint(
        """
        EXCLUDE USING gist (
            int4range(partner_id, partner_id, '[]') WITH &&,
            int4range(company_id, company_id, '[]') WITH &&,
            daterange(date_from, date_to, '[]') WITH &&
        ) WHERE (kind = 'permanent' AND merged_from IS NULL
                 AND state IN ('granted', 'reduced', 'expired', 'cancelled')
                 AND date_from IS NOT NULL AND (date_to IS NULL OR date_to >= date_from))
        """,
        _say_overlap,
    )

    # -- what follows from what -------------------------------------------------------

    # One method a field: a value that is given would keep the others of its method from being computed.

    @api.depends("policy_id")
    def _compute_currency_id(self):
        for guarantee in self:
            guarantee.currency_id = guarantee.currency_id or guarantee.policy_id.currency_id

    @api.depends("policy_id")
    def _compute_quota(self):
        for guarantee in self:
            guarantee.quota = guarantee.quota or guarantee.policy_id.quota

    @api.depends("policy_id")
    def _compute_user_id(self):
        for guarantee in self:
            guarantee.user_id = guarantee.user_id or guarantee.policy_id.user_id

    @api.depends("partner_id", "company_id")
    def _compute_debtor_id(self):
        debtors = self.env["credit.debtor"].search(
            [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)]
        )
        card_of = {(debtor.partner_id, debtor.company_id): debtor for debtor in debtors}
        for guarantee in self:
            guarantee.debtor_id = card_of.get((guarantee.partner_id, guarantee.company_id), False)

    @api.depends("partner_id", "amount", "amount_requested", "state", "currency_id")
    def _compute_display_name(self):
        for guarantee in self:
            amount = guarantee.amount_requested if guarantee.state in ("requested", "refused") else guarantee.amount
            shown = guarantee.currency_id.format(amount) if guarantee.currency_id else ""
            guarantee.display_name = " – ".join(filter(None, (guarantee.partner_id.display_name, shown)))

    # -- what can't be ------------------------------------------------------------------

    @api.constrains("amount", "amount_requested", "quota", "state")
    def _check_amounts(self):
        for guarantee in self:
            for name in ("amount", "amount_requested"):
                if guarantee[name] < 0:
                    guarantee._refuse(name, self.env._("it can't be negative."))
            if not 0 < guarantee.quota <= 100:
                guarantee._refuse("quota", self.env._("it is more than 0 and at most 100."))
            if guarantee.state in IN_FORCE and not guarantee.amount:
                guarantee._refuse("amount", self.env._("a guarantee of nothing is a refusal: record it as such."))

    @api.constrains("amount", "date_from", "date_to", "state", "kind")
    def _check_dates(self):
        for guarantee in self:
            if (guarantee.state in IN_FORCE or guarantee.amount) and not guarantee.date_from:
                guarantee._refuse("date_from", self.env._("say from which day on it holds."))
            if guarantee.date_from and guarantee.date_to and guarantee.date_to < guarantee.date_from:
                guarantee._refuse("date_to", self.env._("it is before the first day."))
            if guarantee.kind == "temporary" and guarantee.state in IN_FORCE and not guarantee.date_to:
                guarantee._refuse("date_to", self.env._("a temporary guarantee has a last day."))

    def _refuse(self, name, problem):
        """Raise that the field ``name`` of this record can't be so."""
        field = self._fields[name]._description_string(self.env)
        raise ValidationError(
            self.env._(
                "Guarantee on %(customer)s, “%(field)s”: %(problem)s",
                customer=self.partner_id.display_name,
                field=field,
                problem=problem,
            )
        )

    @api.model_create_multi
    def create(self, vals_list):
        """Keep the guarantee on the commercial partner, where the receivables are, and make its card."""
        for vals in vals_list:
            self._put_on_commercial(vals)
        guarantees = super().create(vals_list)
        for company, some in guarantees.grouped("company_id").items():
            self.env["credit.debtor"].sudo()._ensure(company, some.partner_id.ids)
        guarantees._invalidate_cards()
        return guarantees

    def write(self, vals):
        self._put_on_commercial(vals)
        result = super().write(vals)
        self._invalidate_cards()
        return result

    def _invalidate_cards(self):
        fields_read = self.env["credit.insurance.card"]._get_fields_of_guarantees()
        self.env["credit.debtor"].invalidate_model(fields_read, flush=False)

    @api.model
    def _put_on_commercial(self, vals):
        if vals.get("partner_id"):
            vals["partner_id"] = self.env["res.partner"].browse(vals["partner_id"]).commercial_partner_id.id

    @api.ondelete(at_uninstall=False)
    def _unlink_only_requests(self):
        for guarantee in self:
            if guarantee.state != "requested":
                raise UserError(self.env._("%s is kept: record what became of it.", guarantee.display_name))

    # -- buttons -------------------------------------------------------------------------

    def action_answer(self):
        """Ask for what the insurer said."""
        self.ensure_one()
        self._expect({"requested", *IN_FORCE}, self.env._("Nothing is awaited or in force: make a new request."))
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_insurance_answer_action")
        action["context"] = {"default_guarantee_id": self.id}
        return action

    def action_reset(self):
        """Await the answer again: the refusal was recorded by mistake."""
        for guarantee in self:
            guarantee._expect({"refused"}, self.env._("Only a refusal can be taken back."))
        return self.write({"state": "requested", "date_decision": False})

    def action_request_again(self):
        """Ask the insurer anew: open a request with what was asked or guaranteed last."""
        self.ensure_one()
        amount = self.amount_requested or self.amount
        again = self.copy({"amount_requested": amount, "previous_id": self.id})
        return again._get_records_action(name=self.env._("Request"))

    def action_open_debtor(self):
        """Open the customer's card."""
        self.ensure_one()
        return self.debtor_id._get_records_action(name=self.env._("Debtor"))

    def _expect(self, states, message):
        """Refuse an action on a guarantee that isn't in one of ``states``."""
        self.check_access("write")
        if self.state not in states:
            raise UserError(self.env._("%(guarantee)s: %(message)s", guarantee=self.display_name, message=message))

    # -- ends ----------------------------------------------------------------------------

    def _end_with_policy(self, last_day):
        """End what is in force on the last day of its policy."""
        running = self.filtered(lambda one: one.state in IN_FORCE)
        later = running.filtered(lambda one: not one.date_to or one.date_to > last_day)
        later.filtered(lambda one: one.date_from <= last_day).write({"date_to": last_day})
        # What would have begun later never did.
        later.filtered(lambda one: one.date_from > last_day).write({"state": "cancelled", "by_insurer": False})

    @api.model
    def _expire(self, company, today):
        """Mark what has passed its last day, in one write."""
        ended = self.search(
            [("company_id", "=", company.id), ("state", "in", IN_FORCE), ("date_to", "<", today)], order="id"
        )
        ended.write({"state": "expired"})

    @api.model
    def _announce_ends(self, company, today):
        """Plan an activity for each guarantee that ends soon; once for each end, with what follows it left out."""
        announced = self.browse()
        for policy in self.env["credit.insurance.policy"].search([("company_id", "=", company.id)]):
            soon = fields.Date.add(today, days=policy.notice_days)
            ending = self.search(
                [
                    ("policy_id", "=", policy.id),
                    ("state", "in", IN_FORCE),
                    ("date_to", ">=", today),
                    ("date_to", "<=", soon),
                ]
            )
            ending = ending.filtered(lambda one: one.announced_date != one.date_to) - ending._get_followed()
            announced |= ending._schedule_ends(policy)
        for day, guarantees in announced.grouped("date_to").items():
            guarantees.with_context(tracking_disable=True).write({"announced_date": day})

    def _get_followed(self):
        """Return those after which another guarantee was granted already."""
        domain = Domain("previous_id", "in", self.ids) & Domain("state", "in", IN_FORCE)
        return self.search(domain).previous_id

    def _schedule_ends(self, policy):
        """Plan the activities, and return the guarantees that got one."""
        assignee = policy._get_assignee() if self else policy.user_id
        if not self or not assignee:
            return self.browse()
        for day, guarantees in self.grouped("date_to").items():
            in_language_of(guarantees, assignee).activity_schedule(
                "credit_control.mail_activity_type_insurance_end", day, user_id=assignee.id
            )
        return self
