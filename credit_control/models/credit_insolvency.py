from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..core import reasons
from ..core.days import YEARS
from .company_day import company_today
from .credit_insolvency_deadline import AMICABLE

# After these results the claims of before the judgment aren't claimed any more (C. com. L643-11).
FINAL_RESULTS = frozenset({"insufficient_assets"})


class CreditInsolvency(models.Model):
    """A collective procedure of a customer: what the court decided, until when to act, what came of it.

    Claims that arose before the judgment aren't reminded any more, bear no interest from it on
    (``judgment_date``, C. com. L622-28) and are declared to the creditors' representative. What is
    invoiced later is payable at its due date (L622-17): ``later_items`` says whether it is reminded.
    """

    _name = "credit.insolvency"
    _description = "Collective procedure"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "credit.insolvency.deadline",
        "credit.insolvency.charge",
        "credit.claim.declaration",
    ]
    _order = "judgment_date desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="restrict", tracking=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    debtor_id = fields.Many2one("credit.debtor", string="Debtor card", compute="_compute_debtor_id")
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        tracking=True,
        help="Gets the deadlines as activities; the customer's collector, unless you choose somebody else.",
    )
    kind = fields.Selection(
        [
            ("ad_hoc", "Ad hoc mandate (mandat ad hoc)"),
            ("conciliation", "Conciliation"),
            ("safeguard", "Safeguard (sauvegarde)"),
            ("reorganization", "Reorganization (redressement judiciaire)"),
            ("liquidation", "Liquidation (liquidation judiciaire)"),
            ("other", "Other collective procedure"),
        ],
        required=True,
        default="reorganization",
        tracking=True,
        help="Where the court converts the procedure, change it here: the claim declared stays valid.",
    )
    is_amicable = fields.Boolean(
        string="Amicable", compute="_compute_is_amicable", help="No judgment, no claim to declare."
    )
    state = fields.Selection(
        [
            ("open", "To declare"),
            ("declared", "Claim declared"),
            ("admitted", "Claim admitted"),
            ("closed", "Closed"),
        ],
        default="open",
        required=True,
        readonly=True,
        tracking=True,
        copy=False,
        group_expand=True,
    )
    date = fields.Date(
        string="Known since",
        required=True,
        default=company_today,
        help="The day on which we knew of it: reminders are held back from then on at the latest.",
    )
    judgment_date = fields.Date(
        string="Judgment",
        tracking=True,
        index=True,
        help="The opening judgment. Claims dated up to this day are those to declare, and bear no interest after it.",
    )
    court = fields.Char(help="The court that opened the procedure.")
    reference = fields.Char(help="The court's number of the case.")
    administrator_id = fields.Many2one("res.partner", help="Assists or replaces the management.")
    representative_id = fields.Many2one(
        "res.partner",
        string="Representative of the creditors",
        help="The creditors' representative or the liquidator: claims are declared to them.",
    )
    later_items = fields.Selection(
        [("remind", "Remind them at their due date"), ("hold", "Hold them back")],
        string="Invoices after the judgment",
        compute="_compute_later_items",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="What arises after the judgment is payable at its due date (C. com. L622-17). Shipped: reminded as the "
        "company's settings say, and held back in a liquidation, where there is nobody left to remind.",
    )
    extra_line_ids = fields.Many2many(
        "account.move.line",
        string="Later invoices of earlier claims",
        check_company=True,
        help="Invoiced after the judgment for what was delivered before it: part of the claim to declare, "
        "and held back like the others.",
    )
    # Plan and end
    plan_date = fields.Date(string="Plan adopted on", tracking=True)
    plan_note = fields.Text(string="Terms of the plan", help="Instalments, waivers, duration.")
    closed_on = fields.Date(string="Closed on", readonly=True, copy=False)
    result = fields.Selection(
        [
            ("paid", "Paid in full"),
            ("plan", "Plan carried out"),
            ("recovered", "The customer recovered"),
            ("insufficient_assets", "Closed for insufficient assets"),
            ("mistake", "Recorded by mistake"),
        ],
        tracking=True,
        copy=False,
        help="After a closing for insufficient assets the claims of before the judgment stay held back "
        "(C. com. L643-11); otherwise reminders go on.",
    )
    note = fields.Text()

    _running_unique = models.UniqueIndex(
        "(partner_id, company_id) WHERE state <> 'closed'",
        "This customer has a procedure that is running already: change that one, or close it first.",
    )

    # -- what follows from what -------------------------------------------------------

    @api.depends("kind")
    def _compute_is_amicable(self):
        for insolvency in self:
            insolvency.is_amicable = insolvency.kind in AMICABLE

    @api.depends("partner_id", "company_id")
    def _compute_user_id(self):
        collector_of = self._get_debtors()
        for insolvency in self:
            debtor = collector_of.get((insolvency.partner_id.commercial_partner_id, insolvency.company_id))
            insolvency.user_id = (debtor and debtor.responsible_id) or insolvency.user_id or self.env.user

    @api.depends("partner_id", "company_id")
    def _compute_debtor_id(self):
        debtors = self._get_debtors()
        for insolvency in self:
            insolvency.debtor_id = debtors.get((insolvency.partner_id, insolvency.company_id), False)

    def _get_debtors(self):
        """Return ``{(customer, company): debtor's card}`` in one query."""
        debtors = self.env["credit.debtor"].search(
            [
                ("partner_id", "in", self.partner_id.commercial_partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        )
        return {(debtor.partner_id, debtor.company_id): debtor for debtor in debtors}

    @api.depends("kind", "company_id")
    def _compute_later_items(self):
        for insolvency in self:
            choice = insolvency.company_id.credit_insolvency_later_items or "remind"
            insolvency.later_items = "hold" if insolvency.kind == "liquidation" else choice

    @api.depends("partner_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for insolvency in self:
            parts = (insolvency.partner_id.display_name, kinds.get(insolvency.kind))
            insolvency.display_name = " – ".join(filter(None, parts))

    @api.constrains("judgment_date", "publication_date", "kind")
    def _check_dates(self):
        for insolvency in self:
            judged, published = insolvency.judgment_date, insolvency.publication_date
            for day in filter(None, (judged, published)):
                if day.year not in YEARS:
                    raise ValidationError(
                        self.env._(
                            "%(procedure)s: %(day)s can't be the day of a judgment or of its publication.",
                            procedure=insolvency.display_name,
                            day=format_date(self.env, day),
                        )
                    )
            if judged and published and published < judged:
                raise ValidationError(
                    self.env._(
                        "%(procedure)s: it can't be published on %(published)s, before the judgment of %(judged)s.",
                        procedure=insolvency.display_name,
                        published=format_date(self.env, published),
                        judged=format_date(self.env, judged),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Keep the procedure on the commercial partner, where the receivables are, and make its card."""
        for vals in vals_list:
            partner = self.env["res.partner"].browse(vals.get("partner_id"))
            vals["partner_id"] = partner.commercial_partner_id.id
        insolvencies = super().create(vals_list)
        for company, some in insolvencies.grouped("company_id").items():
            self.env["credit.debtor"].sudo()._ensure(company, some.partner_id.ids)
        insolvencies._plan_deadlines()
        insolvencies._invalidate_debtors()
        return insolvencies

    def write(self, vals):
        result = super().write(vals)
        if self._get_deadline_fields() & vals.keys():
            self._plan_deadlines()
        self._invalidate_debtors()
        return result

    def _invalidate_debtors(self):
        self.env["credit.debtor"].invalidate_model(["status", "status_reason", "status_since"])

    # -- what it holds back -------------------------------------------------------------

    @api.model
    def _get_running_domain(self, day):
        """Return the domain of the procedures that hold items back on ``day``."""
        begun = Domain("date", "<=", day) | Domain("judgment_date", "<=", day)
        running = Domain("closed_on", "=", False) | Domain("closed_on", ">", day)
        return begun & (running | Domain("result", "in", list(FINAL_RESULTS)))

    @api.model
    def _get_running_sql(self, day):
        """Return the rows of :meth:`~.credit_blocks.CreditBlocks._query_procedures`."""
        query = self.sudo()._search(self._get_running_domain(day))
        return query.select(
            SQL("partner_id"),
            SQL("company_id"),
            SQL("%s", reasons.INSOLVENT),
            SQL("LEAST(judgment_date, date)"),
            SQL("judgment_date IS NULL OR later_items = 'hold'"),
            SQL("judgment_date"),
            SQL(
                """
                ARRAY(SELECT rel.account_move_line_id FROM account_move_line_credit_insolvency_rel rel
                       WHERE rel.credit_insolvency_id = credit_insolvency.id)
                """
            ),
        )

    # -- buttons ------------------------------------------------------------------------

    def action_declare(self):
        """Write down that the claim was declared: today and as computed, where nothing else was entered."""
        for insolvency in self:
            insolvency._expect({"open"}, self.env._("The claim was declared already."))
            if insolvency.is_amicable:
                raise UserError(self.env._("%s: there is no claim to declare.", insolvency.display_name))
            insolvency.write(insolvency._prepare_declaration_vals())
        return True

    def _prepare_declaration_vals(self):
        return {
            "state": "declared",
            "declared_on": self.declared_on or company_today(self),
            "amount_declared": self.amount_declared or self.amount_claim,
        }

    def action_admit(self):
        """Write down that the claim was admitted; for the sum declared, where no other was entered."""
        for insolvency in self:
            insolvency._expect({"declared"}, self.env._("Record first that the claim was declared."))
            insolvency.write(
                {
                    "state": "admitted",
                    "admitted_on": insolvency.admitted_on or company_today(insolvency),
                    "amount_admitted": insolvency.amount_admitted or insolvency.amount_declared,
                }
            )
        return True

    def action_close(self):
        """End the procedure with the result that was entered."""
        for insolvency in self:
            insolvency._expect({"open", "declared", "admitted"}, self.env._("It is closed already."))
            if not insolvency.result:
                raise UserError(
                    self.env._("%s: choose the result first, on the page Plan and end.", insolvency.display_name)
                )
        return self.write({"state": "closed", "closed_on": company_today(self)})

    def action_reopen(self):
        """Take it up again: what it held back is held back again."""
        for insolvency in self:
            insolvency._expect({"closed"}, self.env._("It is running."))
            state = "open"
            if insolvency.declared_on:
                state = "admitted" if insolvency.admitted_on else "declared"
            insolvency.write({"state": state, "closed_on": False, "result": False})
        return True

    def _expect(self, states, message):
        """Refuse an action on a procedure that isn't in one of ``states``."""
        self.ensure_one()
        self.check_access("write")
        if self.state not in states:
            raise UserError(self.env._("%(procedure)s: %(message)s", procedure=self.display_name, message=message))

    def action_open_debtor(self):
        """Open the customer's card."""
        self.ensure_one()
        return self.debtor_id._get_records_action(name=self.env._("Debtor"))

    @api.ondelete(at_uninstall=False)
    def _unlink_only_mistakes(self):
        for insolvency in self:
            if insolvency.state != "open":
                raise UserError(self.env._("%s is kept: close it with its result instead.", insolvency.display_name))
