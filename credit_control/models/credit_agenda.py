from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import format_amount

from ..core import delivery, priority
from .company_day import company_today

ACTIONS = [
    (priority.ANSWER, "Answer them"),
    (priority.DECIDE, "Decide"),
    (priority.CALL, "Call"),
    (priority.FOLLOW_PROMISE, "Ask about the broken promise"),
    (priority.APPROVE, "Approve a message"),
    (priority.CHASE_DISPUTE, "Chase the dispute"),
    (priority.ACTIVITY, "Do what was planned"),
    (priority.SETTLE, "Say whether it was sent"),
    (priority.REPAIR, "Find an address"),
    (priority.WARN, "Look at the warning"),
    (priority.LOOK, "Look into it"),
    (priority.WAIT, "Next step by itself"),
]
# What the engine writes on the cards.
COLUMNS = (
    "priority",
    "priority_parts",
    "agenda_action",
    "agenda_date",
    "agenda_notice_id",
    "agenda_overdue",
    "agenda_days_overdue",
    "agenda_last_contact",
)
# What nobody writes by hand.
KEPT = frozenset({*COLUMNS, "acted_on", "acted_by_id", "reply_on"})


class CreditAgenda(models.AbstractModel):
    """The work of the day on a debtor's card: what to do, from when, how urgent it is and why.

    Written by ``credit.agenda.engine``; a person's own choices are the day until which a customer is
    put off, and the colleague who stands in for the collector.
    """

    _name = "credit.agenda"
    _description = "Work of the day on a debtor's card"
    _inherit = ["credit.responsible"]

    # Those of the card itself; named here because the agenda needs them.
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    currency_id = fields.Many2one("res.currency")

    priority = fields.Integer(
        string="Points", readonly=True, copy=False, index=True, aggregator="max", help="The sum of what the rules give."
    )
    priority_parts = fields.Json(
        string="Reasons for the priority", readonly=True, copy=False, help="What each rule gave: [rule, value, points]."
    )
    priority_reason = fields.Char(
        string="Why it is here", compute="_compute_priority_reason", help="What each rule gave, the heaviest first."
    )
    agenda_action = fields.Selection(ACTIONS, string="To do", readonly=True, copy=False, index="btree_not_null")
    agenda_date = fields.Date(
        string="From", readonly=True, copy=False, index="btree_not_null", help="The day from which there is work."
    )
    agenda_notice_id = fields.Many2one(
        "credit.dunning.notice",
        string="Waiting message",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    agenda_label = fields.Char(string="Next action", compute="_compute_agenda_label")
    agenda_overdue = fields.Monetary(
        string="Overdue on the agenda",
        readonly=True,
        copy=False,
        help="Overdue when the agenda was last put in order: every hour, and after what somebody did.",
    )
    agenda_days_overdue = fields.Integer(
        string="Days late", readonly=True, copy=False, aggregator="max", help="Of the oldest open item."
    )
    agenda_last_contact = fields.Date(
        string="Last contact", readonly=True, copy=False, help="When something last left to them."
    )
    postponed_until = fields.Date(
        string="Postponed until", copy=False, tracking=True, help="Not on the agenda before this day."
    )
    substitute_id = fields.Many2one(
        "res.users",
        string="Stands in",
        copy=False,
        check_company=True,
        tracking=True,
        index="btree_not_null",
        help="Works on this customer while the collector is away.",
    )
    substitute_until = fields.Date(
        string="Stands in until", copy=False, help="The last day; the collector works on them again after it."
    )
    agenda_user_id = fields.Many2one(
        "res.users",
        string="Whose agenda",
        compute="_compute_agenda_user_id",
        store=True,
        index="btree_not_null",
        help="Who stands in, else the collector, else who alone looks after the portfolio. "
        "Empty: all collectors of the portfolio; where it has nobody, everybody.",
    )
    is_mine = fields.Boolean(
        string="On my agenda",
        compute="_compute_is_mine",
        search="_search_is_mine",
        help="Yours, shared with you in a portfolio, or nobody's.",
    )
    call_again_on = fields.Date(
        string="Call again on",
        copy=False,
        help="Somebody wants to call them again on this day; over once they were worked on.",
    )
    reply_on = fields.Date(
        string="Answered on", readonly=True, copy=False, help="The customer wrote, and nobody has worked on it since."
    )
    acted_on = fields.Date(string="Last worked on", readonly=True, copy=False, index="btree_not_null")
    acted_by_id = fields.Many2one("res.users", string="Worked on by", readonly=True, copy=False)

    @api.depends(
        "collector_id",
        "substitute_id",
        "portfolio_id.manager_id.active",
        "portfolio_id.collector_ids.active",
    )
    def _compute_agenda_user_id(self):
        for debtor in self:
            own = debtor.substitute_id or debtor.collector_id
            debtor.agenda_user_id = own or debtor.portfolio_id._get_sole_keeper()

    @api.model_create_multi
    def create(self, vals_list):
        self._check_agenda_untouched(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_agenda_untouched(vals)
        return super().write(vals)

    def _check_agenda_untouched(self, *vals_list):
        """The order of the agenda follows from facts and rules, for everybody."""
        if not self.env.su and any(vals.keys() & KEPT for vals in vals_list):
            raise AccessError(self.env._("The place on the agenda is worked out by its rules; nobody writes it."))

    # -- in words -----------------------------------------------------------------------

    @api.depends("priority_parts")
    @api.depends_context("lang")
    def _compute_priority_reason(self):
        parts_of = {debtor: debtor.priority_parts or [] for debtor in self}
        rule_ids = {rule_id for parts in parts_of.values() for rule_id, _value, _points in parts}
        known = {rule.id: rule for rule in self.env["credit.priority.rule"].sudo().browse(rule_ids).exists()}
        for debtor, parts in parts_of.items():
            words = [debtor._word_part(known[rule], value, points) for rule, value, points in parts if rule in known]
            debtor.priority_reason = ", ".join(words)

    def _word_part(self, rule, value, points):
        """Return "67 days late (+33)" for what one rule gave."""
        tell = getattr(self, f"_word_{rule.measure}", None)
        words = tell(value) if tell else self._word_named(rule)
        return f"{words} ({points:+d})".replace("-", "−")

    def _word_named(self, rule):
        if rule.measure == priority.TAG:
            return rule.tag_id.display_name
        return dict(rule._fields["status"]._description_selection(self.env)).get(rule.status, rule.name)

    def _word_amount(self, value):
        return self.env._("%s overdue", format_amount(self.env, value, self.currency_id, trailing_zeroes=False))

    def _word_days_late(self, value):
        return self.env._("%s days late", value)

    def _word_distrust(self, value):
        return self.env._("trust %s", round(100 - value))

    def _word_promise_broken(self, value):
        amount = format_amount(self.env, value, self.currency_id, trailing_zeroes=False)
        return self.env._("broken promise of %s", amount)

    def _word_no_contact(self, value):
        return self.env._("%s days without contact", value)

    def _word_warning(self, _value):
        return self.env._("open warnings")

    @api.depends("agenda_action", "agenda_notice_id")
    @api.depends_context("lang")
    def _compute_agenda_label(self):
        labels = dict(self._fields["agenda_action"]._description_selection(self.env))
        planned = self.filtered(lambda debtor: debtor.agenda_action == priority.ACTIVITY)._get_planned_summaries()
        for debtor in self:
            step = planned.get(debtor.id) or debtor.agenda_notice_id.sudo().step_id.name
            label = labels.get(debtor.agenda_action, "")
            debtor.agenda_label = self.env._("%(action)s: %(step)s", action=label, step=step) if step else label

    def _get_planned_summaries(self):
        """Return ``{card id: what people planned first}``, of activities that the system didn't make."""
        if not self:
            return {}
        domain = [("res_model", "=", self._name), ("res_id", "in", self.ids), ("automated", "=", False)]
        found = self.env["mail.activity"].sudo().search(domain, order="date_deadline desc, id desc")
        return {activity.res_id: activity.summary or activity.activity_type_id.name for activity in found}

    # -- whose, and when ----------------------------------------------------------------

    @api.model
    def _get_agenda_domain(self):
        """Return the domain of what is on the agenda of the user: theirs, and what nobody has."""
        return Domain("is_mine", "=", True) & Domain("agenda_action", "not in", (False, priority.WAIT))

    @api.depends("agenda_user_id", "portfolio_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        mine = self.filtered_domain(self._get_mine_domain())
        for debtor in self:
            debtor.is_mine = debtor in mine

    def _search_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = self._get_mine_domain()
        return Domain.OR(mine if wanted else ~mine for wanted in set(value))

    @api.model
    def _get_mine_domain(self):
        """Return the domain of the user's customers: theirs by name, those of their portfolios, and nobody's."""
        unnamed = Domain("agenda_user_id", "=", False)
        shared = self._get_looked_after_domain(self.env.user) | self._get_nobody_domain()
        return Domain("agenda_user_id", "=", self.env.uid) | (unnamed & shared)

    @api.model
    def action_count_agenda(self):
        """Return how much is on the agenda of the user: ``late``, ``today``, ``week`` (all of them), ``done`` today."""
        today = company_today(self.env.company)
        week = fields.Date.add(today, days=7)
        mine = self._get_agenda_domain()
        upcoming = [*mine, ("agenda_date", "<=", week)]
        days = self._read_group(upcoming, ["agenda_date:day"], ["__count"])
        counts = [(fields.Date.to_date(day), count) for day, count in days]
        return {
            "late": sum(count for day, count in counts if day < today),
            "today": sum(count for day, count in counts if day == today),
            "week": sum(count for day, count in counts if today <= day),
            "done": self.search_count([("acted_on", "=", today), ("acted_by_id", "=", self.env.uid)]),
        }

    def _end_absences(self, companies, today):
        """Give the customers back to their collector once the last day of the substitute is over."""
        domain = [("company_id", "in", companies.ids), ("substitute_until", "<", today)]
        self.search(domain).write({"substitute_id": False, "substitute_until": False})

    @api.model
    def _note_work_on(self, partners, company):
        """A person has worked on these customers of ``company``."""
        partners = partners.commercial_partner_id
        self.sudo().search([("partner_id", "in", partners.ids), ("company_id", "=", company.id)])._note_work()

    def _note_work(self, is_answered=True):
        """A person has worked on these customers today: put their place on the agenda in order at once.

        What the system does by itself is put in order by the cron.

        :param is_answered: what the customer wrote needs no other answer
        """
        if self.env.user == self.env.ref("base.user_root"):
            return
        if self.env.user._is_internal():
            for company, some in self.grouped("company_id").items():
                today = company_today(company)
                some.sudo().write(
                    {"acted_on": today, "acted_by_id": self.env.uid} | ({"reply_on": False} if is_answered else {})
                )
                some.filtered(lambda card, today=today: card.call_again_on and card.call_again_on <= today).write(
                    {"call_again_on": False}
                )
        self._refresh_agenda()

    def _note_answer(self):
        """The customer wrote: they come on the agenda, even if somebody had put them off."""
        for company, some in self.grouped("company_id").items():
            some.sudo().write({"reply_on": company_today(company), "postponed_until": False})
        self._refresh_agenda()

    def _refresh_agenda(self):
        for company, some in self.grouped("company_id").items():
            self.env["credit.agenda.engine"]._rank(company, debtors=some)

    def message_post(self, **kwargs):
        """Whoever writes to the customer has answered them; a note among colleagues is no answer."""
        message = super().message_post(**kwargs)
        waiting = self.filtered("reply_on")
        if waiting and message.message_type == "comment" and not message.subtype_id.internal:
            if message.author_id.user_ids.filtered(lambda user: not user.share):
                waiting._note_work()
        return message

    # -- buttons ------------------------------------------------------------------------

    def action_agenda_call(self):
        """Open the call that waits for this customer, or a new one about what is overdue."""
        self.ensure_one()
        action = self._open_agenda_dialog("credit.dunning.call.wizard", self.env._("Call %s", self.partner_id.name))
        action["context"] = {"default_debtor_id": self.id, "default_notice_id": self._get_call_notice().id}
        return action

    def _make_call_notice(self):
        """Return a call about all that is overdue: it answers no step.

        :raise UserError: where nothing is overdue
        """
        notices = self.env["credit.dunning.notice"].sudo().with_company(self.company_id)
        items = (
            self.env["credit.open.item"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", self.partner_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("days_overdue", ">", 0),
                ]
            )
        )
        claims = items.filtered(lambda item: item.amount_residual > 0 and not item.non_trade)
        if not claims:
            raise UserError(self.env._("%s has nothing overdue: there is no claim to call about.", self.display_name))
        channel = self.env.ref("credit_control.channel_phone")
        lines = [notices._prepare_about_line(self.company_id, item) | {"channel_id": channel.id} for item in claims]
        return notices.create(
            {
                "company_id": self.company_id.id,
                "partner_id": self.partner_id.id,
                "debtor_id": self.id,
                "policy_id": self._get_policies()[self.id],
                "channel_id": channel.id,
                "state": "queued",
                "mode": "manual",
                "date": company_today(self),
                "user_id": self.env.uid,
                "amount_total": sum(line["amount_company"] for line in lines),
                "line_ids": [Command.create(line) for line in lines],
            }
        ).sudo(False)

    def _get_call_notice(self):
        """Return the call that waits for this customer; where none does, empty."""
        return self.env["credit.dunning.notice"].search(
            [
                ("debtor_id", "=", self.id),
                ("state", "in", tuple(delivery.WITHDRAWABLE)),
                ("channel_id.is_manual", "=", True),
                ("step_id.kind", "!=", "decision"),
                ("run_id.is_preview", "!=", True),
            ],
            limit=1,
        )

    def action_agenda_act(self):
        """Open what there is to do: the call, the decision, the message; else the customer."""
        self.ensure_one()
        notice = self.agenda_notice_id
        if self.agenda_action == priority.CALL:
            return self.action_agenda_call()
        if self.agenda_action == priority.DECIDE and notice:
            return notice.action_open_decision()
        if notice:
            return notice._get_records_action(name=self.partner_id.display_name)
        return self._get_card_action()

    def _get_card_action(self):
        """Return the action that opens the card as a page of the agenda."""
        action = self._get_records_action(name=self.partner_id.display_name)
        action["context"] = {"credit_agenda": True}
        return action

    def action_agenda_send(self):
        """Ask before the messages of these customers are approved: what is missing in the bank is shown first."""
        notices = self.env["credit.dunning.notice"].search(
            [
                ("debtor_id", "in", self.ids),
                ("state", "in", ("draft", "to_approve")),
                ("channel_id.is_manual", "=", False),
                ("run_id.is_preview", "!=", True),
            ]
        )
        if not notices:
            return self._notify(self.env._("No message of these customers waits for approval."))
        return notices.action_approve_selected()

    def action_agenda_done(self):
        """Say that there is nothing more to do for these customers today."""
        for company, some in self.grouped("company_id").items():
            some.write({"postponed_until": fields.Date.add(company_today(company), days=1)})
        self._note_work()
        return True

    def action_agenda_postpone(self):
        """Ask until when these customers are put off."""
        return self._open_agenda_dialog("credit.agenda.postpone", self.env._("Postpone"))

    def action_agenda_reassign(self):
        """Ask who takes these customers over, and until when."""
        return self._open_agenda_dialog("credit.agenda.reassign", self.env._("Give to…"))

    def _open_agenda_dialog(self, model, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_debtor_ids": self.ids},
        }

    def action_agenda_next(self):
        """Go on to the customer who comes next on the user's agenda, in place of this one."""
        following = self._get_next()
        if not following:
            return self._notify(self.env._("Nobody else is on your agenda for today."))
        return {
            "type": "ir.actions.client",
            "tag": "credit_agenda_next",
            "params": {"action": following._get_card_action()},
        }

    def _get_next(self):
        """Return the customer after these on the user's agenda of today; after the last one the first again."""
        today = company_today(self.env.company)
        due = self._get_agenda_domain() & Domain("agenda_date", "<=", today) & Domain("id", "not in", self.ids)
        after = due
        if len(self) == 1 and self.agenda_action:
            behind = Domain("priority", "<", self.priority)
            behind |= Domain("priority", "=", self.priority) & Domain("agenda_overdue", "<", self.agenda_overdue)
            after &= behind
        order = self._get_agenda_order()
        return self.search(after, limit=1, order=order) or self.search(due, limit=1, order=order)

    @api.model
    def _get_agenda_order(self):
        return "priority desc, agenda_overdue desc, agenda_days_overdue desc, id"

    def _notify(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "info", "message": message, "next": {"type": "ir.actions.act_window_close"}},
        }
