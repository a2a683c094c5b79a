from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import format_date

from ..core import delivery, instalments
from ..core.money import is_zero
from .company_day import companies_by_day, company_today
from .language import in_language_of


class CreditPaymentPlan(models.Model):
    """An amount that a customer pays in instalments: several promises agreed together.

    While it runs, its items are promised to the extent of the open instalments: that much of them
    isn't claimed. A missed instalment ends it, where it says so: then all that is left is claimed again.
    """

    _name = "credit.payment.plan"
    _description = "Payment plan"
    _inherit = ["credit.item.words", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("active", "Running"),
            ("done", "Paid"),
            ("broken", "Missed"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        index=True,
        tracking=True,
        copy=False,
        group_expand=True,
    )
    move_line_ids = fields.Many2many(
        "account.move.line",
        string="Items",
        copy=False,
        domain="[('account_id.account_type', '=', 'asset_receivable'), ('parent_state', '=', 'posted'), "
        "('amount_residual', '>', 0), ('partner_id', 'child_of', partner_id), ('company_id', '=', company_id)]",
        help="What is paid by the plan.",
    )
    amount = fields.Monetary(
        compute="_compute_amount", store=True, readonly=False, tracking=True, help="Paid by the plan in all."
    )
    count = fields.Integer(string="Instalments", default=3, required=True)
    date_first = fields.Date(
        string="First on",
        required=True,
        default=lambda self: fields.Date.add(company_today(self), days=7),
    )
    every = fields.Integer(default=1, required=True, help="How many weeks or months lie between two instalments.")
    unit = fields.Selection(
        [("week", "Weeks"), ("month", "Months")],
        default="month",
        required=True,
        help="Between two instalments.",
    )
    line_ids = fields.One2many("credit.payment.plan.line", "plan_id", string="Schedule")
    promise_ids = fields.One2many("credit.promise", "plan_id", string="Promises")
    ends_on_miss = fields.Boolean(
        string="Ends on a miss",
        default=True,
        help="A missed instalment ends the plan: all that is left is claimed again. Otherwise only what was missed is.",
    )
    remind_days = fields.Integer(
        string="Announced before (days)",
        default=5,
        required=True,
        help="Each instalment is announced this many days before its day. 0: never.",
    )
    contact_id = fields.Many2one("res.partner", string="Agreed with", ondelete="set null", index="btree_not_null")
    user_id = fields.Many2one("res.users", string="Responsible", default=lambda self: self.env.user, tracking=True)
    date_agreed = fields.Date(string="Agreed on", readonly=True, copy=False)
    date_ended = fields.Date(string="Ended on", readonly=True, copy=False)
    note = fields.Text()
    amount_kept = fields.Monetary(string="Received", compute="_compute_progress")
    amount_left = fields.Monetary(string="Left", compute="_compute_progress")
    next_date = fields.Date(string="Next instalment", compute="_compute_progress")
    progress = fields.Float(compute="_compute_progress", help="Per cent of the plan that was received.")
    notice_count = fields.Integer(string="Number of notices", compute="_compute_progress")
    is_sent = fields.Boolean(
        string="Sent", compute="_compute_is_sent", help="The agreement was sent to the customer, or is about to be."
    )

    _terms_sound = models.Constraint(
        "CHECK (count BETWEEN 1 AND 120 AND every BETWEEN 1 AND 60 AND remind_days BETWEEN 0 AND 60 AND amount >= 0)",
        "A plan has 1 to 120 instalments, 1 to 60 weeks or months apart, announced up to 60 days before.",
    )

    @api.depends("partner_id", "amount", "line_ids")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = self.env._(
                "%(customer)s – %(amount)s in %(count)s instalments",
                customer=plan.partner_id.display_name or "",
                amount=plan.currency_id.format(plan.amount) if plan.currency_id else plan.amount,
                count=len(plan.line_ids) or plan.count,
            )

    @api.depends("move_line_ids")
    def _compute_amount(self):
        """What isn't disputed or promised yet of the items."""
        for plan in self.filtered(lambda plan: plan.state == "draft"):
            items = plan.env["credit.open.item"].search([("move_line_id", "in", plan.move_line_ids._origin.ids)])
            plan.amount = sum(item.amount_residual - item.amount_disputed - item.amount_promised for item in items)

    @api.depends("promise_ids.amount_kept", "promise_ids.amount_left", "promise_ids.state", "line_ids.date", "state")
    def _compute_progress(self):
        for plan in self:
            awaited = plan.promise_ids.filtered(lambda promise: promise.state == "open")
            plan.amount_kept = sum(plan.promise_ids.mapped("amount_kept"))
            plan.amount_left = sum(awaited.mapped("amount_left")) if plan.state != "draft" else plan.amount
            plan.next_date = min(awaited.mapped("date"), default=False)
            plan.progress = 100.0 * plan.amount_kept / plan.amount if plan.amount else 0.0
            plan.notice_count = len(plan.promise_ids.notice_ids)

    @api.depends("promise_ids.notice_ids.state")
    def _compute_is_sent(self):
        for plan in self:
            plan.is_sent = any(
                notice.purpose == "plan_agreed" and notice.state not in delivery.DEAD
                for notice in plan.promise_ids.notice_ids
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Keep the plan on the commercial partner."""
        plans = super().create(vals_list)
        for plan in plans.filtered(lambda plan: plan.partner_id.commercial_partner_id != plan.partner_id):
            plan.partner_id = plan.partner_id.commercial_partner_id
        return plans

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for plan in self.filtered(lambda plan: plan.state != "draft"):
            raise UserError(self.env._("%s was agreed: cancel it, it can't be deleted.", plan.display_name))

    # -- buttons ------------------------------------------------------------------------

    def action_schedule(self):
        """Write the instalments anew: equal parts, the last takes what rounding leaves."""
        for plan in self:
            plan._check_draft()
            plan.line_ids = [
                Command.clear(),
                *(Command.create({"date": part.date, "amount": part.amount}) for part in plan._get_schedule()),
            ]
        return True

    def _get_schedule(self):
        rounding = self.currency_id.rounding
        try:
            return instalments.schedule(self.amount, self.count, self.date_first, self.every, self.unit, rounding)
        except ValueError as error:
            raise UserError(
                self.env._(
                    "%(amount)s can't be paid in %(count)s instalments: choose items, and fewer instalments.",
                    amount=self.currency_id.format(self.amount),
                    count=self.count,
                )
            ) from error

    def action_agree(self):
        """Let the plan run: each instalment becomes a promise."""
        for plan in self:
            plan._check_draft()
            if not plan.line_ids:
                plan.action_schedule()
            plan._check_schedule()
            promises = plan.env["credit.promise"].create([plan._prepare_promise_vals(line) for line in plan.line_ids])
            for line, promise in zip(plan.line_ids, promises, strict=True):
                line.promise_id = promise
            plan.write({"state": "active", "date_agreed": company_today(plan)})
            plan._tell(
                self.env._(
                    "Payment plan agreed: %(plan)s, the last instalment on %(date)s.",
                    plan=plan._get_html_link(),
                    date=format_date(plan.env, max(plan.line_ids.mapped("date"))),
                )
            )
        return True

    def action_cancel(self):
        """Take the plan back: what is left of it is claimed again."""
        for plan in self:
            if plan.state not in ("draft", "active"):
                raise UserError(self.env._("%s is over: it can't be cancelled.", plan.display_name))
            plan._end("cancelled")
            plan._tell(self.env._("Payment plan cancelled: %s.", plan._get_html_link()))
        return True

    def action_draft(self):
        """Take up a cancelled plan again, to agree it anew."""
        for plan in self:
            if plan.state != "cancelled" or plan.promise_ids:
                raise UserError(self.env._("%s can't be a draft again: make a new plan.", plan.display_name))
        return self.write({"state": "draft", "date_ended": False})

    def action_print(self):
        """Print the agreement."""
        return self.env.ref("credit_control.action_report_payment_plan").report_action(self, config=False)

    def action_send(self):
        """Send the agreement to the customer, as a file that goes along with a message; once.

        :raise UserError: where it isn't running, was sent already, or no address works
        """
        self.check_access("write")
        for plan in self:
            if plan.state != "active":
                raise UserError(self.env._("%s isn't running: agree it first.", plan.display_name))
            if plan.is_sent:
                raise UserError(self.env._("The agreement of %s was sent already.", plan.display_name))
            # A message about an instalment that was kept already would be held back.
            awaited = plan.promise_ids.filtered(lambda promise: promise.state == "open").sorted("date")[:1]
            if not self.env["credit.dunning.notice"]._queue_about(awaited, "plan_agreed"):
                raise UserError(
                    self.env._("%s can't be written to: no address of theirs works.", plan.partner_id.display_name)
                )
        return True

    def action_open_promises(self):
        """Open the promises that the instalments are."""
        return self.promise_ids._get_records_action(name=self.env._("Instalments"))

    def action_open_notices(self):
        """Open the messages about the plan."""
        return self.promise_ids.notice_ids._get_records_action(name=self.env._("Messages"))

    def action_open_debtor(self):
        """Open the customer's card."""
        self.ensure_one()
        debtor = self.partner_id.with_company(self.company_id).credit_debtor_id
        return debtor._get_records_action(name=self.env._("Debtor"))

    # -- checks -------------------------------------------------------------------------

    def _check_draft(self):
        if self.state != "draft":
            raise UserError(self.env._("%s was agreed already: its instalments can't be changed.", self.display_name))

    def _check_schedule(self):
        """Refuse a schedule that isn't to be had: wrong sum, past days, items of others, more than is open."""
        promises = self.env["credit.promise"]
        promises._lock_customer(self.partner_id, self.company_id)
        promises._check_declared_items(self.partner_id, self.move_line_ids)
        promises._check_declared_amount(self.company_id, self.move_line_ids, self.amount)
        total = sum(self.line_ids.mapped("amount"))
        if not is_zero(total - self.amount, self.currency_id.rounding):
            raise ValidationError(
                self.env._(
                    "The instalments add up to %(total)s, the plan is about %(amount)s.",
                    total=self.currency_id.format(total),
                    amount=self.currency_id.format(self.amount),
                )
            )
        if min(self.line_ids.mapped("date")) < company_today(self):
            raise ValidationError(self.env._("To be paid by: an instalment can't be due before today."))

    def _prepare_promise_vals(self, line):
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "plan_id": self.id,
            "date": line.date,
            "amount": line.amount,
            "move_line_ids": [Command.set(self.move_line_ids.ids)],
            "contact_id": self.contact_id.id,
            "channel": "plan",
            "user_id": self.user_id.id or self.env.uid,
        }

    # -- what becomes of it ---------------------------------------------------------------

    def _follow(self):
        """Look at the instalments again: a miss may end the plan, the last one kept settles it.

        A plan that was missed runs again where nothing is any more: a payment was known late, or matched anew.
        """
        for plan in self:
            states = set(plan.promise_ids.mapped("state"))
            missed = bool(states & {"broken", "partly_kept"})
            if plan.state == "broken" and not missed and not plan._is_replaced():
                plan._resume()
            elif plan.state == "active" and missed and plan.ends_on_miss:
                plan._end("broken")
                plan._tell_missed()
            elif plan.state == "active" and "open" not in states:
                plan._end("broken" if missed else "done")
                plan._tell_over(missed)
            elif plan.state == "done" and "open" in states:
                plan.write({"state": "active", "date_ended": False})

    def _end(self, state):
        """End the plan: what is left of it isn't promised any more."""
        awaited = self.promise_ids.filtered(lambda promise: promise.state == "open")
        awaited.ended_with_plan = True
        awaited._withdraw()
        self.write({"state": state, "date_ended": company_today(self)})

    def _is_replaced(self):
        """Whether something else was agreed on the items since the plan ended: then that stands."""
        since = [
            ("move_line_ids", "in", self.move_line_ids.ids),
            ("plan_id", "!=", self.id),
            ("state", "!=", "cancelled"),
            ("date_recorded", ">=", self.date_ended),
        ]
        return bool(self.env["credit.promise"].search_count(since, limit=1))

    def _resume(self):
        """Let the plan run again, with the promises that its own end withdrew.

        A later instalment may be missed by now, or all be paid: then it ends anew, and only that is told.
        """
        withdrawn = self.promise_ids.filtered("ended_with_plan")
        withdrawn.write({"state": "open", "ended_with_plan": False})
        self.activity_ids.filtered("automated").unlink()
        self.write({"state": "active", "date_ended": False})
        withdrawn._reconsider(self.move_line_ids.ids)
        self._follow()
        if self.state == "active":
            self._tell(
                self.env._("Payment plan runs again: %s. What had been missed is settled.", self._get_html_link())
            )

    def _tell_missed(self):
        note = self.env._("Payment plan missed: %s. All that is left of it is claimed again.", self._get_html_link())
        self._tell(note)
        if self.user_id:
            spoken = in_language_of(self, self.user_id)
            spoken.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=spoken.env._("An instalment was missed"),
                user_id=self.user_id.id,
            )

    def _tell_over(self, missed):
        if missed:
            note = self.env._("Payment plan over, not all of it was received: %s.", self._get_html_link())
        else:
            note = self.env._("Payment plan paid: %s.", self._get_html_link())
        self._tell(note)

    def _tell(self, note):
        """Write a line in the customer's thread."""
        debtor = self.env["credit.debtor"].sudo()._ensure(self.company_id, self.partner_id.ids)
        debtor._message_log(body=note)

    @api.model
    def _cron_remind(self, today=None):
        """Announce the instalments whose day is near, once each.

        Whoever can't be reached, or whose announcement was skipped, isn't asked again.
        """
        notices = self.env["credit.dunning.notice"]
        for day, companies in companies_by_day(self.env, fields.Date.to_date(today)).items():
            notices |= self._announce(companies, day)
        return notices

    @api.model
    def _announce(self, companies, today):
        promises = self.env["credit.promise"].search(
            [
                ("company_id", "in", companies.ids),
                ("state", "=", "open"),
                ("plan_id.state", "=", "active"),
                ("plan_id.remind_days", ">", 0),
                ("date", ">=", today),
                ("date", "<=", fields.Date.add(today, days=60)),
            ]
        )
        near = promises.filtered(
            lambda promise: (
                promise.date <= fields.Date.add(today, days=promise.plan_id.remind_days)
                and not promise.notice_ids.filtered(lambda notice: notice.purpose == "instalment_due")
            )
        )
        return self.env["credit.dunning.notice"]._queue_about(near, "instalment_due") if near else near.notice_ids
