import logging

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..core import delivery
from ..core import dispute as decider
from ..core.days import days_after
from .company_day import company_today
from .language import in_language_of
from .res_partner import SEES_CREDIT

_logger = logging.getLogger(__name__)

COLLECTOR = "credit_control.group_collector"
MANAGER = "credit_control.group_manager"
# What actions change; by hand only managers do, who correct data.
DECIDED = frozenset({"closed_on", "closed_by_id", "explanation", "outcome", "state"})
# What an owner without further rights may write; messages, files and activities have ways of their own.
OWNERS_FIELDS = frozenset({"note", "step_ids"})


class CreditDispute(models.Model):
    """Items, or parts of them, that a customer disputes: not claimed until it is closed.

    ``state`` says whether the parts are held back (open) or claimed (closed); ``stage`` is the
    same, finer, for people. How one is opened: ``credit.dispute.opening``; how it is decided:
    ``credit.dispute.closing``.
    """

    _name = "credit.dispute"
    _description = "Dispute"
    _inherit = ["credit.dispute.opening", "credit.dispute.closing", "mail.thread", "mail.activity.mixin"]
    _order = "deadline, id"
    _check_company_auto = True

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    reason_id = fields.Many2one("credit.dispute.reason", required=True, ondelete="restrict", tracking=True)
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        index="btree_not_null",
        compute="_compute_user_id",
        store=True,
        precompute=True,
        readonly=False,
        tracking=True,
        domain=[("share", "=", False)],
        help="Who settles it, in any department: needs no accounting right. By default the reason's owner, "
        "else the customer's collector.",
    )
    date = fields.Date(string="Opened on", required=True, default=company_today)
    deadline = fields.Date(
        compute="_compute_deadline",
        store=True,
        precompute=True,
        readonly=False,
        tracking=True,
        help="By when it must be settled: the day it was opened and the days of its reason.",
    )
    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")],
        default="open",
        required=True,
        index=True,
        copy=False,
        help="Open: the disputed parts aren't claimed. Closed: what is left of them is claimed again.",
    )
    stage = fields.Selection(
        [("open", "To settle"), ("credit", "Credit note awaited"), ("closed", "Closed")],
        compute="_compute_stage",
        store=True,
        tracking=True,
        group_expand=True,
        help="Credit note awaited: the customer is right, and the credit note isn't posted yet; nothing is claimed.",
    )
    outcome = fields.Selection(
        [("justified", "Justified"), ("unjustified", "Not justified")], tracking=True, copy=False
    )
    explanation = fields.Text(string="Why", readonly=True, copy=False, help="Why it was decided so.")
    closed_on = fields.Date(string="Closed on", readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", string="Decided by", readonly=True, copy=False)
    days_to_close = fields.Integer(
        string="Days to close",
        compute="_compute_measures",
        store=True,
        aggregator="avg",
        help="Days from the opening to the closing; 0 for those that are open: group or filter by closed ones.",
    )
    is_justified = fields.Float(
        string="Share justified",
        compute="_compute_measures",
        store=True,
        aggregator="avg",
        digits=(3, 2),
        help="1 where it was closed in the customer's favour, else 0: the average of closed ones is the share.",
    )
    amount_opened = fields.Monetary(
        string="Disputed at first", compute="_compute_amount_opened", store=True, help="When it was opened."
    )
    line_ids = fields.One2many("credit.dispute.line", "dispute_id", string="Disputed items", copy=False)
    step_ids = fields.One2many("credit.dispute.step", "dispute_id", string="Steps", copy=False)
    note = fields.Text(string="Notes")
    source = fields.Selection(
        [
            ("user", "Entered here"),
            ("call", "Call"),
            ("portal", "Customer portal"),
            ("einvoice", "E-invoice status"),
            ("import", "Imported ledger"),
        ],
        default="user",
        required=True,
        readonly=True,
        copy=False,
    )
    submission = fields.Char(
        readonly=True, copy=False, help="Names one submission of a form or one piece of news, so that it counts once."
    )
    amount_total = fields.Monetary(
        string="Disputed",
        compute="_compute_amount_total",
        help="What isn't claimed today: the disputed parts, as far as they aren't paid. Of closed ones: at first.",
    )
    documents = fields.Html(
        string="Disputed documents", compute="_compute_documents", sanitize=False, help="What was invoiced, as text."
    )
    notice_ids = fields.One2many(
        "credit.dunning.notice", "dispute_id", string="Messages to the customer", groups=SEES_CREDIT
    )
    is_confirmed = fields.Boolean(
        string="Confirmed",
        compute="_compute_is_confirmed",
        help="The customer was told that it has arrived, or is about to be.",
    )
    is_late = fields.Boolean(
        string="Late", compute="_compute_is_late", search="_search_is_late", help="Open, and its deadline has passed."
    )
    is_settled = fields.Boolean(
        string="Settled", compute="_compute_amount_total", help="Open, but nothing of its items is any more."
    )
    alerted_on = fields.Date(
        string="Deadline told on", readonly=True, copy=False, help="The day on which the missed deadline was told."
    )

    _submission_once = models.UniqueIndex(
        "(company_id, source, submission) WHERE submission IS NOT NULL", "This was submitted already."
    )

    # -- figures ------------------------------------------------------------------------

    @api.depends("line_ids.amount", "line_ids.move_line_id.amount_residual", "state")
    def _compute_amount_total(self):
        # The owner of a dispute needs no accounting right to see how much it is about.
        for dispute, seen in zip(self, self.sudo(), strict=True):
            name = "amount_disputed" if seen.state == "open" else "amount_opened"
            dispute.amount_total = sum(seen.line_ids.mapped(name))
            dispute.is_settled = bool(seen.state == "open" and seen.line_ids and not dispute.amount_total)

    @api.depends("line_ids.move_line_id")
    def _compute_documents(self):
        for dispute in self:
            lines = dispute.sudo().line_ids
            dispute.documents = Markup().join(
                Markup("<h5>%s</h5>%s") % (line.reference, line.document) for line in lines
            )

    @api.depends("line_ids.amount_opened")
    def _compute_amount_opened(self):
        for dispute in self:
            dispute.amount_opened = sum(dispute.line_ids.mapped("amount_opened"))

    @api.depends("closed_on", "date", "outcome", "state")
    def _compute_measures(self):
        for dispute in self:
            closed = dispute.state == "closed"
            dispute.days_to_close = decider.days_to_close(dispute.date, dispute.closed_on) if closed else 0
            dispute.is_justified = float(closed and dispute.outcome == "justified")

    @api.depends("outcome", "state")
    def _compute_stage(self):
        for dispute in self:
            awaited = dispute.state == "open" and dispute.outcome == "justified"
            dispute.stage = "credit" if awaited else dispute.state

    @api.depends("deadline", "state")
    def _compute_is_late(self):
        for dispute in self:
            is_past = dispute.deadline and dispute.deadline < company_today(dispute)
            dispute.is_late = bool(dispute.state == "open" and is_past)

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "=", "open") & Domain("deadline", "<", company_today(self))
        return Domain.OR(late if wanted else ~late for wanted in set(value))

    # -- defaults -----------------------------------------------------------------------

    @api.depends("reason_id", "partner_id", "company_id")
    def _compute_user_id(self):
        debtors = self._get_debtors()
        for dispute in self:
            dispute.user_id = dispute._get_default_owner(debtors)

    def _get_default_owner(self, debtors):
        """Return who settles it: the reason's owner, the customer's collector, else who opens it."""
        debtor = self._pick_debtor(debtors)
        candidates = (
            self.reason_id.sudo().user_id,
            debtor.responsible_id,
            debtor.portfolio_id.manager_id,
            self.env.user,
        )
        return next((user for user in candidates if self._can_own(user)), False)

    def _can_own(self, user):
        """Whether ``user`` is a colleague in this company who may work on disputes."""
        company = self.company_id or self.env.company
        if not user.active or user.share or company not in user.company_ids:
            return False
        return self.env["credit.dispute"].with_user(user).has_access("write")

    @api.constrains("user_id", "company_id")
    def _check_user_id(self):
        for dispute in self.sudo():
            if dispute.user_id and not dispute._can_own(dispute.user_id):
                raise ValidationError(
                    self.env._(
                        "%(user)s can't settle disputes of %(company)s: give them the right “Dispute owner” there, "
                        "or choose another owner.",
                        user=dispute.user_id.name,
                        company=dispute.company_id.name,
                    )
                )

    def _get_debtors(self):
        """Return the cards of these customers, as the system sees them, in one query."""
        partners = self.partner_id.commercial_partner_id
        domain = [("partner_id", "in", partners.ids), ("company_id", "in", self.company_id.ids)]
        return self.env["credit.debtor"].sudo().search(domain)

    def _pick_debtor(self, debtors):
        partner = self.partner_id.commercial_partner_id
        return debtors.filtered(lambda card: card.partner_id == partner and card.company_id == self.company_id)

    def _get_debtor(self):
        """Return the customer's card, as the system sees it."""
        return self._pick_debtor(self._get_debtors())

    @api.depends("reason_id", "date")
    def _compute_deadline(self):
        for dispute in self:
            if dispute.reason_id and dispute.date:
                dispute.deadline = days_after(dispute.date, dispute.reason_id.deadline_days)

    @api.depends("partner_id", "reason_id", "line_ids.move_line_id")
    def _compute_display_name(self):
        for dispute in self:
            names = dispute.sudo().line_ids.mapped("reference")
            about = ", ".join(names[:2]) + ("…" if len(names) > 2 else "")
            parts = (dispute.partner_id.display_name, dispute.reason_id.name, about)
            dispute.display_name = " – ".join(filter(None, parts))

    # -- writing ------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Give each new dispute the steps of its reason, and tell its owner."""
        for vals in vals_list:
            self._commercialize(vals)
        disputes = super().create(vals_list)
        opened = disputes.filtered(lambda dispute: dispute.state == "open")
        opened._add_steps()
        opened._ask_owner()
        for company, made in opened.grouped("company_id").items():
            self.env["credit.debtor"]._note_work_on(made.partner_id, company)
        return disputes

    def write(self, vals):
        """Keep decisions to the actions, and all but their own work from owners without further rights."""
        if not self.env.su:
            self._check_writable(vals)
        self._commercialize(vals)
        if {"deadline", "state"} & vals.keys() and "alerted_on" not in vals:
            vals = {**vals, "alerted_on": False}
        before = {dispute: dispute.user_id for dispute in self} if "user_id" in vals else {}
        result = super().write(vals)
        self.filtered(lambda dispute: before.get(dispute, dispute.user_id) != dispute.user_id)._ask_owner()
        return result

    def _check_writable(self, vals):
        if DECIDED & vals.keys() and not self.env.user.has_group(MANAGER):
            raise UserError(self.env._("A dispute is closed and reopened by its buttons only, not by hand."))
        if not self.env.user.has_group(COLLECTOR) and not vals.keys() <= OWNERS_FIELDS:
            raise UserError(
                self.env._("Only credit control changes customer, items, owner and deadline of a dispute: ask them.")
            )

    def _commercialize(self, vals):
        """Put the dispute on the commercial partner, where the receivables are."""
        if vals.get("partner_id"):
            partner = self.env["res.partner"].browse(vals["partner_id"])
            vals["partner_id"] = partner.commercial_partner_id.id

    def _add_steps(self):
        self.env["credit.dispute.step"].sudo().create(
            [
                {
                    "dispute_id": dispute.id,
                    "sequence": step.sequence,
                    "name": step.name,
                    "date_due": fields.Date.add(dispute.date, days=step.delay_days),
                }
                for dispute in self.filtered(lambda dispute: not dispute.step_ids)
                for step in dispute.reason_id.step_ids
            ]
        )

    def _take_turn(self):
        """Let nobody else record a dispute for these customers until this transaction ends.

        Two who dispute the last open part at once both see it free: the second *update* of the
        card makes the database refuse that transaction, and Odoo replays it.
        """
        pairs = [(dispute.partner_id.id, dispute.company_id.id) for dispute in self]
        if pairs:
            self.env.execute_query(
                SQL(
                    "UPDATE credit_debtor SET write_date = write_date"
                    " WHERE (partner_id, company_id) IN %s RETURNING id",
                    tuple(set(pairs)),
                )
            )

    # -- the owner's work ---------------------------------------------------------------

    def _ask_owner(self):
        """Put each open dispute on its owner's list of activities, once."""
        for dispute in self.filtered(lambda dispute: dispute.state == "open" and dispute.user_id):
            dispute.activity_ids.filtered("automated").sudo().unlink()
            spoken = in_language_of(dispute.sudo(), dispute.user_id)
            spoken.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=dispute.deadline,
                summary=spoken.env._("Settle the dispute"),
                user_id=dispute.user_id.id,
            )

    @api.model
    def _cron_alert(self):
        """Tell owner and collector once of each missed deadline; a new deadline counts anew."""
        late = Domain("is_late", "=", True) & Domain("alerted_on", "=", False)
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.search_count(late))
        for dispute in self.search(late):
            dispute = dispute.try_lock_for_update().filtered_domain(late)
            try:
                with self.env.cr.savepoint():
                    dispute._alert()
            except Exception:  # one that can't be told stops no other, and is tried again tomorrow
                _logger.exception("The missed deadline of dispute %s can't be told", dispute.id)
            if not cron._commit_progress(1):
                break

    def _alert(self):
        """Give owner and collector an activity each about the missed deadline."""
        for dispute in self:
            debtor = dispute._get_debtor()
            users = dispute.user_id | debtor.responsible_id
            for user in users.filtered("active"):
                spoken = in_language_of(dispute, user)
                spoken.activity_schedule(
                    "mail.mail_activity_data_warning",
                    summary=spoken.env._("Deadline of the dispute missed"),
                    user_id=user.id,
                )
            dispute.alerted_on = company_today(self)

    # -- the customer -------------------------------------------------------------------

    @api.depends("notice_ids.state")
    def _compute_is_confirmed(self):
        for dispute in self:
            alive = dispute.sudo().notice_ids.filtered(lambda notice: notice.state not in delivery.DEAD)
            dispute.is_confirmed = bool(alive)

    def action_confirm(self):
        """Tell the customers by a message that their open disputes have arrived, once each.

        :raise UserError: where one is closed, or no address of the customer works
        """
        self.check_access("write")
        self.env["credit.dunning.notice"].check_access("create")
        over = self.filtered(lambda dispute: dispute.state == "closed")[:1]
        if over:
            raise UserError(self.env._("%s is closed: there is nothing to confirm.", over.display_name))
        for dispute in self:
            if not dispute._confirm() and not dispute.is_confirmed:
                raise UserError(
                    self.env._("%s can't be written to: no address of theirs works.", dispute.partner_id.display_name)
                )
        return True

    def _confirm(self):
        """Queue the message that tells the customer; return the notices."""
        notices = self.env["credit.dunning.notice"]._queue_about_disputes(self)
        self.invalidate_recordset(["is_confirmed", "notice_ids"])
        return notices

    def action_open_debtor(self):
        """Open the customer's card."""
        self.ensure_one()
        partner = self.partner_id.with_company(self.company_id)
        return partner.credit_debtor_id._get_records_action(name=self.env._("Debtor"))
