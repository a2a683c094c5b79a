from collections import defaultdict, namedtuple
from dataclasses import dataclass, field
from functools import partial

from odoo import models
from odoo.tools import SQL

from ..core import ladder, reasons
from ..core.items import Debtor, Item, Reached
from ..core.ladder import Decision, Message, Plan, Policy
from ..core.routing import Route, route
from .company_day import company_today
from .credit_dunning_notice import LEFT_STATES, PENDING_STATES
from .credit_open_item import SETTLED_STATES

COLUMNS = (
    "id",
    "move_id",
    "partner_id",
    "reference",
    "date",
    "date_maturity",
    "currency_id",
    "amount_residual",
    "amount_residual_currency",
    "amount_disputed",
    "amount_promised",
    "no_followup",
    "non_trade",
    "payment_state",
    "collected",
)
Row = namedtuple(
    "Row",
    (*COLUMNS, "residual_now", "residual_currency_now", "amount_original", "assigned_policy", "entry_step"),
)


@dataclass
class Ledger:
    """What a plan is decided from: everything gathered once, for one company and day."""

    rows: dict[int, Row]
    items: list[Item]
    debtors: dict[int, Debtor]
    policies: dict[int, Policy]
    debtor_of: dict[int, int]
    # Items that need no ladder to be answered: settled meanwhile, or nobody's.
    answered: list[Decision] = field(default_factory=list)


@dataclass
class Planned:
    """The plan of a company: the core's answer, and through which channels each message goes."""

    ledger: Ledger
    decisions: list[Decision]
    # (message, route, reach) of each notice to write
    deliveries: list[tuple[Message, Route, object]]


class CreditDunningPlanner(models.AbstractModel):
    """Gathers a company's ledger and lets the ladder decide; writes nothing but missing debtors.

    The run applies the answer, the simulation replays it. The number of queries depends on
    the number of steps and channels, never on that of items or customers.
    """

    _name = "credit.dunning.planner"
    _description = "Planner of dunning runs"

    def _plan(self, company, as_of, preview=False, partner_ids=None):
        """Return what should be reminded in ``company`` on ``as_of``, and why the rest isn't.

        :param preview: look at the ledger as it was on that day only: what was paid, sent
            or planned since doesn't count
        :param partner_ids: only these commercial partners; None: all
        :rtype: Planned
        """
        ledger = self._gather(company, as_of, preview, partner_ids)
        rounding = company.currency_id.rounding
        plan = ladder.decide(ledger.items, ledger.debtors, ledger.policies, as_of, rounding)
        deliveries, refused = self._route_messages(plan.messages)
        decisions = ledger.answered + self._refuse_unreached(plan, refused)
        return Planned(ledger, decisions, deliveries)

    # -- gather ---------------------------------------------------------------------

    def _gather(self, company, as_of, preview, partner_ids=None):
        self.env.flush_all()
        # What is acted upon is what is known by now; what is only looked at, what was known then.
        known_on = as_of if preview else max(as_of, company_today(self))
        rows = {row.id: row for row in self._query_rows(company, as_of, known_on, partner_ids)}
        partner_ids = {row.partner_id for row in rows.values() if row.partner_id}
        debtors = self.env["credit.debtor"]._ensure(company, partner_ids)
        debtor_of = {debtor.partner_id.id: debtor.id for debtor in debtors}
        pending = [] if preview else self._query_pending(debtors)
        ledger = Ledger(rows, [], self._gather_debtors(debtors, pending, as_of), {}, debtor_of)
        ledger.policies = self._gather_policies(company)
        self._gather_items(ledger, debtors, pending, company, as_of, preview)
        return ledger

    def _query_rows(self, company, as_of, known_on, partner_ids):
        query = SQL(
            """
            SELECT %(columns)s, line.amount_residual, line.amount_residual_currency, line.amount_currency,
                   assignment.policy_id, entry.step_id
              FROM (%(items)s) item
                -- Each by its key: how many items are open is badly guessed, and all entries would be read.
             CROSS JOIN LATERAL (
                SELECT amount_residual, amount_residual_currency, amount_currency
                  FROM account_move_line WHERE id = item.id OFFSET 0
             ) line
         LEFT JOIN credit_dunning_assignment assignment ON assignment.move_id = item.move_id
         LEFT JOIN credit_dunning_entry entry ON entry.move_line_id = item.id
            """,
            columns=SQL(", ").join(SQL.identifier("item", name) for name in COLUMNS),
            items=self.env["credit.open.item"]._get_items_sql(as_of, company.ids, partner_ids, known_on=known_on),
        )
        return map(Row._make, self.env.execute_query(query))

    def _gather_debtors(self, debtors, pending, as_of):
        """Return the core's view of the customers that something left to, or is on its way to."""
        contacts = dict(self._query_contacts(debtors, as_of))
        waiting = {debtor_id for debtor_id, _line, _step, _state, is_manual in pending if not is_manual}
        return {
            debtor_id: Debtor(debtor_id, contacts.get(debtor_id), debtor_id in waiting)
            for debtor_id in contacts.keys() | waiting
        }

    def _query_contacts(self, debtors, as_of):
        return self.env.execute_query(
            SQL(
                """
                SELECT notice.debtor_id, MAX(notice.left_on)
                  FROM credit_dunning_notice notice
                  JOIN credit_dunning_step step ON step.id = notice.step_id
                 WHERE notice.debtor_id = ANY(%s)
                   AND notice.state IN %s
                   AND notice.left_on <= %s
                   AND step.kind = 'message'
                 GROUP BY notice.debtor_id
                """,
                debtors.ids,
                LEFT_STATES,
                as_of,
            )
        )

    def _query_pending(self, debtors):
        """Return (debtor, item, step, state, is manual) of what is planned and hasn't left."""
        return self.env.execute_query(
            SQL(
                """
                SELECT notice.debtor_id, line.move_line_id, line.step_id, notice.state,
                       COALESCE(channel.is_manual, FALSE)
                  FROM credit_dunning_notice notice
                  JOIN credit_dunning_notice_line line ON line.notice_id = notice.id
                  JOIN credit_channel channel ON channel.id = notice.channel_id
                 WHERE notice.debtor_id = ANY(%s)
                   AND notice.state IN %s
                   AND line.live
                """,
                debtors.ids,
                (*PENDING_STATES, "uncertain"),
            )
        )

    def _gather_policies(self, company):
        policies = self.env["credit.dunning.policy"].search([("company_id", "=", company.id)])
        return {policy.id: policy._get_core_policy() for policy in policies if policy.step_ids}

    def _gather_items(self, ledger, debtors, pending, company, as_of, preview):
        policy_of = debtors._get_policies()
        reached = self._query_reached(debtors, as_of)
        holds = self._gather_holds(ledger, debtors, company, as_of, preview)
        self._hold_pending(holds, pending, reached)
        events = self._query_events(company, as_of)
        for row in ledger.rows.values():
            residual = row.amount_residual if preview else self._still_open(row)
            debtor_id = ledger.debtor_of.get(row.partner_id)
            if not debtor_id or not residual:
                if row.amount_residual > 0:
                    reason = reasons.SETTLED if debtor_id else reasons.NO_CONTACT
                    ledger.answered.append(Decision(row.id, reason))
                continue
            held = holds[row.id] | self._row_holds(row, preview)
            if residual < 0 and held & {reasons.NOT_TRADE, reasons.SETTLED}:
                continue
            ledger.items.append(
                Item(
                    id=row.id,
                    debtor=debtor_id,
                    due=row.date_maturity,
                    residual=float(residual),
                    policy=self._pick_policy(ledger, row.assigned_policy, policy_of[debtor_id]),
                    disputed=float(row.amount_disputed or 0),
                    promised=float(row.amount_promised or 0),
                    holds=frozenset(held),
                    reached=tuple(reached[row.id]),
                    entry=row.entry_step,
                    events=events[row.id],
                )
            )

    def _pick_policy(self, ledger, *candidates):
        return next((policy for policy in candidates if policy in ledger.policies), None)

    def _still_open(self, row):
        """What was open on the day and still is: never more than either."""
        if row.amount_residual > 0:
            return max(0, min(row.amount_residual, row.residual_now))
        return min(0, max(row.amount_residual, row.residual_now))

    def _row_holds(self, row, preview):
        held = set()
        if row.non_trade:
            held.add(reasons.NOT_TRADE)
        if row.no_followup:
            held.add(reasons.NO_FOLLOWUP)
        if row.collected:
            held.add(reasons.COLLECTED)
        if row.payment_state == "blocked":
            held.add(reasons.PAYMENT_BLOCKED)
        if not preview and row.payment_state in SETTLED_STATES:
            held.add(reasons.SETTLED)
        return held

    def _gather_holds(self, ledger, debtors, company, as_of, preview):
        """Return ``{item: reason codes}`` from everything outside the item's own row."""
        holds = self._gather_procedures(ledger, debtors, as_of, preview)
        paused_moves, paused_partners = self.env["credit.dunning.pause"]._get_paused(company, as_of)
        blocked = debtors._get_blocks(as_of)
        for row in ledger.rows.values():
            if row.move_id in paused_moves or row.partner_id in paused_partners:
                holds[row.id].add(reasons.PAUSED)
            if blocked:
                holds[row.id] |= blocked.get(ledger.debtor_of.get(row.partner_id), set())
        return holds

    def _gather_procedures(self, ledger, debtors, as_of, preview):
        """Return ``{item: reason codes}`` of what collective procedures and litigation keep back."""
        known_on = as_of if preview else max(as_of, company_today(self))
        items = ((row.id, ledger.debtor_of.get(row.partner_id), row.date) for row in ledger.rows.values())
        return defaultdict(set, debtors._get_item_blocks(known_on, items))

    def _hold_pending(self, holds, pending, reached):
        """Hold items whose message is uncertain, or whose step waits for a person to carry it out."""
        for _debtor, line_id, step_id, state, is_manual in pending:
            if state == "uncertain":
                holds[line_id].add(reasons.UNCERTAIN)
            elif is_manual and step_id and all(known.step != step_id for known in reached[line_id]):
                holds[line_id].add(reasons.IN_PROGRESS)

    def _query_reached(self, debtors, as_of):
        """Return ``{item: [Reached]}``: the steps whose message truly left, on its first channel's day."""
        reached = defaultdict(list)
        for line_id, step_id, occurrence, left_on in self.env.execute_query(
            SQL(
                """
                SELECT line.move_line_id, line.step_id, line.occurrence, MIN(notice.left_on)
                  FROM credit_dunning_notice notice
                  JOIN credit_dunning_notice_line line ON line.notice_id = notice.id
                 WHERE notice.debtor_id = ANY(%s)
                   AND notice.state IN %s
                   AND notice.left_on <= %s
                   AND line.live
                   AND line.step_id IS NOT NULL
                 GROUP BY line.move_line_id, line.step_id, line.occurrence
                """,
                debtors.ids,
                LEFT_STATES,
                as_of,
            )
        ):
            reached[line_id].append(Reached(step_id, left_on, occurrence))
        return reached

    def _query_events(self, company, as_of):
        """Return ``{item: {basis: day}}`` of the last broken promise and the last dispute lost."""
        events = defaultdict(dict)
        for basis, line_id, day in self.env.execute_query(
            SQL(
                """
                SELECT %(broken)s, rel.account_move_line_id, MAX(promise.broken_on)
                  FROM credit_promise promise
                  JOIN account_move_line_credit_promise_rel rel ON rel.credit_promise_id = promise.id
                 WHERE promise.company_id = %(company)s AND promise.broken_on <= %(as_of)s
                 GROUP BY rel.account_move_line_id
                 UNION ALL
                SELECT %(closed)s, line.move_line_id, MAX(dispute.closed_on)
                  FROM credit_dispute_line line
                  JOIN credit_dispute dispute ON dispute.id = line.dispute_id
                 WHERE dispute.company_id = %(company)s
                   AND dispute.closed_on <= %(as_of)s
                   AND dispute.outcome = 'unjustified'
                 GROUP BY line.move_line_id
                """,
                broken=ladder.PROMISE_BROKEN,
                closed=ladder.DISPUTE_CLOSED,
                as_of=as_of,
                company=company.id,
            )
        ):
            events[line_id][basis] = day
        return events

    # -- route ----------------------------------------------------------------------

    def _route_messages(self, messages):
        """Return the deliveries, and ``{(debtor, step): reason}`` of the messages that no channel can carry."""
        deliveries, refused = [], {}
        by_step = defaultdict(list)
        for message in messages:
            by_step[message.step].append(message)
        channels = self.env["credit.channel"].search([("active", "=", True)])
        fallbacks = {channel.id: channel.fallback_id.id for channel in channels if channel.fallback_id}
        replaceable = frozenset(channels.filtered("is_replaceable").ids)
        for step in self.env["credit.dunning.step"].browse(by_step):
            debtors = self.env["credit.debtor"].browse(message.debtor for message in by_step[step.id])
            wanted = tuple(step._get_channels().ids)
            reaches = self._lazy_reaches(step, debtors, channels, wanted)
            for message, debtor in zip(by_step[step.id], debtors, strict=True):
                refusal_of = partial(self._refusal_of, reaches, debtor.id)
                routes, reason = route(wanted, fallbacks, refusal_of, debtor.preferred_channel_id.id, replaceable)
                if reason:
                    refused[message.debtor, message.step] = reason
                deliveries.extend((message, found, reaches(found.channel)[debtor.id]) for found in routes)
        return deliveries, refused

    def _refusal_of(self, reaches, debtor_id, channel_id):
        return reaches(channel_id)[debtor_id].reason

    def _lazy_reaches(self, step, debtors, channels, wanted):
        """Ask a channel whom it reaches the first time that somebody needs it, then for all who may."""
        known = {}

        def reaches(channel_id):
            if channel_id not in known:
                channel = channels.browse(channel_id)
                asked = debtors if channel_id in wanted else self._get_in_need(debtors, map(reaches, wanted))
                known[channel_id] = channel._get_handler()._reach(channel, asked, step)
            return known[channel_id]

        return reaches

    def _get_in_need(self, debtors, wanted):
        """Return those whom a channel of the step doesn't reach, or who prefer another: any other may be tried."""
        failed = {debtor_id for reaches in wanted for debtor_id, reach in reaches.items() if reach.reason}
        return debtors.filtered(lambda debtor: debtor.id in failed or debtor.preferred_channel_id)

    def _refuse_unreached(self, plan: Plan, refused):
        """Return the decisions, corrected where no channel reaches the customer."""
        if not refused:
            return plan.decisions
        reason_of = {
            line.item: refused[message.debtor, message.step]
            for message in plan.messages
            if (message.debtor, message.step) in refused
            for line in message.lines
            if line.step
        }
        return [
            Decision(decision.item, reason_of[decision.item]) if decision.item in reason_of else decision
            for decision in plan.decisions
        ]
