from collections import defaultdict, namedtuple
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from odoo import models
from odoo.tools import SQL

from ..core import ladder, reasons
from ..core.items import Debtor, Item, Reached
from ..core.ladder import Decision, Message, Plan, Policy
from ..core.routing import Route, route
from .company_day import company_today
from .credit_dunning_decision import QUIET
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
    "residual_now",
    "residual_currency_now",
    "amount_original",
    "entry_step",
    "debtor_id",
    "policy_id",
)
Row = namedtuple("Row", COLUMNS)

# The open items of the plan that is being made, for as long as its transaction lasts.
OPEN = SQL.identifier("credit_dunning_plan_open")


@dataclass
class Ledger:
    """What a plan is decided from: everything gathered once, for one company and day."""

    rows: dict[int, Row]
    items: list[Item]
    debtors: dict[int, Debtor]
    policies: dict[int, Policy]
    # Items that need no ladder to be answered: settled meanwhile, or nobody's.
    answered: list[Decision] = field(default_factory=list)


@dataclass
class Planned:
    """The plan of a company: the core's answer, and through which channels each message goes."""

    ledger: Ledger
    # Those of the quiet items apart: the table QUIET has them.
    decisions: list[Decision]
    # (message, route, reach) of each notice to write
    deliveries: list[tuple[Message, Route, object]]


class CreditDunningPlanner(models.AbstractModel):
    """Gathers a company's ledger and lets the ladder decide; writes nothing but missing debtors.

    How it works: half of a ledger isn't due yet, and nothing has ever happened to it. The answers of
    these *quiet* items hang on their policy and due day alone: they are decided once for each such
    day, and written from table to table. All others are read and decided one by one.

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
        self._store_open(company, as_of, known_on, partner_ids)
        debtors = self.env["credit.debtor"]._ensure(company, self._query_customers())
        # The segments that they were just given decide of the policy, and are read by SQL below.
        debtors.flush_model(["segment_id"])
        pending = [] if preview else self._query_pending(debtors)
        # What has left has left: of a run dated ahead, too, and where the company's clock has been set back since.
        left_by = known_on if preview else date.max
        ledger = Ledger({}, [], self._gather_debtors(debtors, pending, left_by), self._gather_policies(company))
        reached = self._query_reached(left_by)
        holds = self._gather_holds(debtors, company, as_of, preview)
        self._hold_pending(holds, pending, reached)
        events = self._query_events(company, as_of)
        marked = {line_id for _debtor, line_id, *_rest in pending}.union(reached, holds, events)
        self._store_quiet(company, ledger.policies, marked, as_of, preview)
        ledger.rows = {row.id: row for row in self._query_rows(company, ledger.policies)}
        self._gather_items(ledger, reached, holds, events, preview)
        return ledger

    def _store_open(self, company, as_of, known_on, partner_ids):
        """Keep the open items in a table of this transaction: they are read several times."""
        query = SQL(
            """
            CREATE TEMPORARY TABLE %(open)s ON COMMIT DROP AS
            SELECT id, move_id, partner_id, reference, date, date_maturity, currency_id,
                   amount_residual::float8, amount_residual_currency::float8,
                   COALESCE(amount_disputed, 0)::float8 AS amount_disputed,
                   COALESCE(amount_promised, 0)::float8 AS amount_promised,
                   no_followup, non_trade, payment_state, collected,
                   residual_now::float8, residual_currency_now::float8, amount_original::float8
              FROM (%(items)s) item
            """,
            open=OPEN,
            items=self.env["credit.open.item"]._get_items_sql(
                as_of, company.ids, partner_ids, known_on=known_on, with_bucket=False
            ),
        )
        self._store(OPEN, query)

    def _store(self, table, query):
        """Make a table of this transaction anew; two plans may be made in one."""
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS pg_temp.%s", table))
        self.env.cr.execute(query)

    def _query_customers(self):
        query = SQL("SELECT DISTINCT partner_id FROM %s WHERE partner_id IS NOT NULL", OPEN)
        return [partner_id for (partner_id,) in self.env.execute_query(query)]

    def _get_items_sql(self, company, policies):
        """Return the query of the open items with their customer's card, entry step and policy.

        The invoice's own policy goes before the customer's, this before the segment's and the company's.
        """
        return SQL(
            """
            SELECT item.*,
                   entry.step_id AS entry_step,
                   debtor.id AS debtor_id,
                   CASE WHEN assignment.policy_id = ANY(%(policies)s) THEN assignment.policy_id
                        WHEN own.policy_id = ANY(%(policies)s) THEN own.policy_id END AS policy_id
              FROM %(open)s item
         LEFT JOIN credit_debtor debtor ON debtor.partner_id = item.partner_id AND debtor.company_id = %(company)s
         LEFT JOIN credit_segment segment ON segment.id = debtor.segment_id
         LEFT JOIN credit_dunning_assignment assignment ON assignment.move_id = item.move_id
         LEFT JOIN credit_dunning_entry entry ON entry.move_line_id = item.id
             CROSS JOIN LATERAL (
                SELECT COALESCE(debtor.policy_id, segment.policy_id, %(default)s) AS policy_id
             ) own
            """,
            open=OPEN,
            company=company.id,
            default=company.sudo().credit_dunning_policy_id.id or None,
            policies=list(policies),
        )

    def _store_quiet(self, company, policies, marked, as_of, preview):
        """Answer the items that aren't due and to which nothing has happened, once for each policy and due day.

        :param marked: the items that something is known of
        """
        answers = self._answer_quiet(policies, as_of)
        query = SQL(
            """
            CREATE TEMPORARY TABLE %(quiet)s ON COMMIT DROP AS
            SELECT item.id, item.partner_id, answer.reason, answer.next_date
                -- Whether it is plain is worked out first: as conditions of the join, they would be guessed to leave
                -- one item, and the answers be searched from end to end for each.
              FROM (SELECT item.*, %(is_plain)s AS is_plain FROM (%(items)s) item OFFSET 0) item
              JOIN unnest(%(policies)s::int[], %(days)s::date[], %(reasons)s::text[], %(next_dates)s::date[])
                   AS answer (policy_id, due, reason, next_date)
                ON answer.due = item.date_maturity AND answer.policy_id IS NOT DISTINCT FROM item.policy_id
             WHERE item.is_plain
            """,
            quiet=QUIET,
            items=self._get_items_sql(company, policies),
            policies=[policy_id for policy_id, _due, _where in answers],
            days=[due for _policy, due, _where in answers],
            reasons=[where.reason for _policy, _due, where in answers],
            next_dates=[where.next_date for _policy, _due, where in answers],
            is_plain=self._get_plain_sql(marked, preview),
        )
        self._store(QUIET, query)

    def _get_plain_sql(self, marked, preview):
        """Return the condition that nothing is known of ``item`` but its amount and its due day."""
        return SQL(
            """
            (item.amount_residual > 0
             AND item.amount_disputed = 0
             AND item.amount_promised = 0
             AND NOT (item.no_followup OR item.non_trade OR item.collected)
             AND item.debtor_id IS NOT NULL
             AND item.entry_step IS NULL
             AND item.payment_state IS DISTINCT FROM 'blocked'
             AND (%(preview)s OR item.residual_now > 0 AND COALESCE(item.payment_state, '') NOT IN %(settled)s)
             AND item.id <> ALL(%(marked)s))
            """,
            preview=preview,
            settled=SETTLED_STATES,
            marked=list(marked - {None}),
        )

    def _answer_quiet(self, policies, as_of):
        """Return ``(policy or None, due day, position)`` of the days that aren't past and on which no step is due."""
        query = SQL("SELECT DISTINCT date_maturity FROM %s WHERE date_maturity >= %s", OPEN, as_of)
        answers = [
            (policy_id, due, ladder.position(Item(0, 0, due, 1.0), policies.get(policy_id), as_of))
            for (due,) in self.env.execute_query(query)
            for policy_id in (*policies, None)
        ]
        return [answer for answer in answers if answer[-1].step is None]

    def _query_rows(self, company, policies):
        """Return the open items that aren't quiet, customer by customer: all that follows goes through them so."""
        query = SQL(
            "SELECT %s FROM (%s) item WHERE NOT EXISTS (SELECT FROM %s quiet WHERE quiet.id = item.id)"
            " ORDER BY item.debtor_id, item.id",
            SQL(", ").join(SQL.identifier("item", name) for name in COLUMNS),
            self._get_items_sql(company, policies),
            QUIET,
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

    def _gather_items(self, ledger, reached, holds, events, preview):
        for row in ledger.rows.values():
            residual = row.amount_residual if preview else self._still_open(row)
            if not row.debtor_id or not residual:
                if row.amount_residual > 0:
                    reason = reasons.SETTLED if row.debtor_id else reasons.NO_CONTACT
                    ledger.answered.append(Decision(row.id, reason))
                continue
            held = self._row_holds(row, preview) | holds.get(row.id, set())
            if residual < 0 and held & {reasons.NOT_TRADE, reasons.SETTLED}:
                continue
            ledger.items.append(
                Item(
                    id=row.id,
                    debtor=row.debtor_id,
                    due=row.date_maturity,
                    residual=residual,
                    policy=row.policy_id,
                    disputed=row.amount_disputed,
                    promised=row.amount_promised,
                    holds=frozenset(held),
                    reached=tuple(reached.get(row.id, ())),
                    entry=row.entry_step,
                    events=events.get(row.id, {}),
                )
            )

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

    def _gather_holds(self, debtors, company, as_of, preview):
        """Return ``{item: reason codes}`` from everything outside the item's own row."""
        holds = self._gather_procedures(debtors, as_of, preview)
        moves, partners = self.env["credit.dunning.pause"]._get_paused(company, as_of)
        blocked = debtors._get_blocks(as_of)
        for line_id, move_id, partner_id, debtor_id in self._query_held(company, moves, partners, blocked):
            if move_id in moves or partner_id in partners:
                holds[line_id].add(reasons.PAUSED)
            holds[line_id] |= blocked.get(debtor_id, set())
        return holds

    def _query_held(self, company, moves, partners, debtors):
        """Return (item, invoice, customer, card) of the items of these invoices, customers and cards."""
        if not (moves or partners or debtors):
            return []
        query = SQL(
            """
            SELECT item.id, item.move_id, item.partner_id, debtor.id
              FROM %s item
         LEFT JOIN credit_debtor debtor ON debtor.partner_id = item.partner_id AND debtor.company_id = %s
             WHERE item.move_id = ANY(%s) OR item.partner_id = ANY(%s) OR debtor.id = ANY(%s)
            """,
            OPEN,
            company.id,
            list(moves),
            list(partners),
            list(debtors),
        )
        return self.env.execute_query(query)

    def _gather_procedures(self, debtors, as_of, preview):
        """Return ``{item: reason codes}`` of what collective procedures and litigation keep back."""
        known_on = as_of if preview else max(as_of, company_today(self))
        return defaultdict(set, debtors._get_item_blocks(known_on, self._iterate_documents(debtors)))

    def _iterate_documents(self, debtors):
        """Yield (item, card, date of the document) of all open items; asked only where somebody is in a procedure."""
        query = SQL(
            "SELECT item.id, debtor.id, item.date FROM %s item"
            " JOIN credit_debtor debtor ON debtor.partner_id = item.partner_id AND debtor.id = ANY(%s)",
            OPEN,
            debtors.ids,
        )
        yield from self.env.execute_query(query)

    def _hold_pending(self, holds, pending, reached):
        """Hold items whose message is uncertain, or whose step waits for a person to carry it out."""
        for _debtor, line_id, step_id, state, is_manual in pending:
            if state == "uncertain":
                holds[line_id].add(reasons.UNCERTAIN)
            elif is_manual and step_id and all(known.step != step_id for known in reached.get(line_id, ())):
                holds[line_id].add(reasons.IN_PROGRESS)

    def _query_reached(self, as_of):
        """Return ``{item: [Reached]}``: the steps whose message truly left, on its first channel's day."""
        reached = defaultdict(list)
        for line_id, step_id, occurrence, left_on in self.env.execute_query(
            SQL(
                """
                SELECT line.move_line_id, line.step_id, line.occurrence, MIN(notice.left_on)
                  FROM %s item
                  JOIN credit_dunning_notice_line line ON line.move_line_id = item.id
                  JOIN credit_dunning_notice notice ON notice.id = line.notice_id
                 WHERE notice.state IN %s
                   AND notice.left_on <= %s
                   AND line.live
                   AND line.step_id IS NOT NULL
                 GROUP BY line.move_line_id, line.step_id, line.occurrence
                """,
                OPEN,
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
        asked = self.env["credit.debtor"].browse(message.debtor for message in messages)
        asked.sudo().fetch(["partner_id", "company_id", "preferred_channel_id", "responsible_id"])
        for step in self.env["credit.dunning.step"].browse(by_step):
            debtors = asked.browse(message.debtor for message in by_step[step.id])
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
