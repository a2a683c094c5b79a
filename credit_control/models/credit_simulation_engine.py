from collections import defaultdict, namedtuple
from datetime import timedelta
from functools import partial

from odoo import models
from odoo.tools import SQL

from ..core.items import Reached
from ..core.replay import Replay
from ..core.routing import route
from .bulk import pausing_gc
from .credit_dunning_notice import LEFT_STATES
from .credit_dunning_planner import COLUMNS, Ledger, Row

# One message through one channel; the amount is what it asks for, in company currency.
Sent = namedtuple("Sent", "date step channel partner amount")
TRIED, IN_FORCE = "tried", "in_force"


class Router:
    """Through which channels a message goes; whom a channel reaches is asked once, not every day."""

    def __init__(self, env):
        self._debtors = env["credit.debtor"]
        self._channels = env["credit.channel"].search([("active", "=", True)])
        self._fallbacks = {channel.id: channel.fallback_id.id for channel in self._channels if channel.fallback_id}
        self._replaceable = frozenset(self._channels.filtered("is_replaceable").ids)
        self._steps = env["credit.dunning.step"]
        self._reaches = defaultdict(dict)

    def route(self, messages):
        """Yield (message, its routes); none where no channel can carry it."""
        by_step = defaultdict(list)
        for message in messages:
            by_step[message.step].append(message)
        for step_id, group in by_step.items():
            step = self._steps.browse(step_id)
            wanted = tuple(step._get_channels().ids)
            debtors = self._debtors.browse(message.debtor for message in group)
            for message, debtor in zip(group, debtors, strict=True):
                refusal_of = partial(self._get_refusal, step, debtors, debtor.id)
                preferred = debtor.preferred_channel_id.id
                routes, _reason = route(wanted, self._fallbacks, refusal_of, preferred, self._replaceable)
                yield message, routes

    def _get_refusal(self, step, debtors, debtor_id, channel_id):
        known = self._reaches[step.id, channel_id]
        if debtor_id not in known:
            channel = self._channels.browse(channel_id)
            known.update(channel._get_handler()._reach(channel, debtors, step))
        return known[debtor_id].reason


class CreditSimulationEngine(models.AbstractModel):
    """Replays a policy on the past: the planner's own gathering, day by day, and the ladder.

    How it works: each day's open items, disputes, promises, pauses and procedures are read as they were known on
    that day, once for all the policies that are compared. What was really sent from the first day on doesn't
    count; what the replay sends does. All of it happens in a savepoint that is undone: nothing is written.
    """

    _name = "credit.simulation.engine"
    _inherit = "credit.dunning.planner"
    _description = "Replay of policies"

    def _simulate(self, company, policy, date_from, date_to, compare=True):
        """Return ``{variant: ([Sent], number of messages that no channel could carry)}``.

        :param policy: tried for all customers, as ``tried``
        :param compare: replay the policies in force too, as ``in_force``
        """
        engine = self.sudo().with_company(company).with_context(allowed_company_ids=company.ids)
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint, pausing_gc():
            found = engine._replay(company, policy, date_from, date_to, compare)
            savepoint.rollback()
        self.env.invalidate_all()
        return found

    def _replay(self, company, policy, date_from, date_to, compare):
        self._prepare_cards(company, date_from, date_to)
        debtors = self.env["credit.debtor"].search_fetch([("company_id", "=", company.id)], ["partner_id"])
        policies = self._gather_policies(company) | {policy.id: policy._get_core_policy()}
        replays = self._prepare_replays(debtors, policy, date_from - timedelta(days=1), compare)
        sent = {variant: [] for variant in replays}
        router = Router(self.env)
        for offset in range((date_to - date_from).days + 1):
            day = date_from + timedelta(days=offset)
            items = self._gather_day(company, debtors, policies, day)
            for variant, replay in replays.items():
                plan = replay.plan(items, policies, day, company.currency_id.rounding)
                sent[variant] += self._send(replay, plan.messages, day, router)
        partner_of = {debtor.id: debtor.partner_id.id for debtor in debtors}
        return {
            variant: ([one._replace(partner=partner_of[one.partner]) for one in sent[variant]], len(replay.refused))
            for variant, replay in replays.items()
        }

    def _prepare_cards(self, company, date_from, date_to):
        """Give a card to everybody who owed something in these days: for the replay only, it is undone."""
        items = self.env["credit.open.item"]._get_ledger_items_sql(date_from, company.ids)
        query = SQL(
            """
            SELECT partner_id FROM (%s) item
             UNION
            SELECT partner.commercial_partner_id
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE line.company_id = %s
               AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
               AND line.date > %s
               AND line.date <= %s
            """,
            items,
            company.id,
            date_from,
            date_to,
        )
        partners = [partner_id for (partner_id,) in self.env.execute_query(query) if partner_id]
        self.env["credit.debtor"]._ensure(company, partners)
        self.env.flush_all()

    # -- gather -------------------------------------------------------------------------

    def _prepare_replays(self, debtors, policy, before, compare):
        """Return the replays, each with what really left by ``before``."""
        reached, contacts = self._query_reached_by(before), dict(self._query_contacts(debtors, before))
        replays = {TRIED: Replay(policy.id, dict(reached), dict(contacts))}
        if compare:
            replays[IN_FORCE] = Replay(None, dict(reached), dict(contacts))
        return replays

    def _query_reached_by(self, before):
        """Return ``{item: (Reached,)}`` of the steps whose message really left by that day."""
        reached = defaultdict(tuple)
        for line_id, step_id, occurrence, left_on in self.env.execute_query(
            SQL(
                """
                SELECT line.move_line_id, line.step_id, line.occurrence, MIN(notice.left_on)
                  FROM credit_dunning_notice_line line
                  JOIN credit_dunning_notice notice ON notice.id = line.notice_id
                 WHERE notice.state IN %s
                   AND notice.left_on <= %s
                   AND line.live
                   AND line.step_id IS NOT NULL
                   AND line.move_line_id IS NOT NULL
                 GROUP BY line.move_line_id, line.step_id, line.occurrence
                """,
                LEFT_STATES,
                before,
            )
        ):
            reached[line_id] += (Reached(step_id, left_on, occurrence),)
        return reached

    def _gather_day(self, company, debtors, policies, day):
        """Return the open items of ``day`` as they were known on it, with nothing sent yet."""
        self._store_open(company, day, day, None)
        holds = self._gather_holds(debtors, company, day, preview=True)
        events = self._query_events(company, day)
        ledger = Ledger({row.id: row for row in self._query_near_rows(company, policies, day)}, [], {}, policies)
        self._gather_items(ledger, {}, holds, events, preview=True)
        return ledger.items

    def _query_near_rows(self, company, policies, day):
        """Return the open items that a step may be due for: what is due later than any courtesy speaks isn't read."""
        lead = max((-step.delay for policy in policies.values() for step in policy.steps), default=0)
        query = SQL(
            "SELECT %s FROM (%s) item WHERE date_maturity <= %s OR amount_residual < 0",
            SQL(", ").join(SQL.identifier("item", name) for name in COLUMNS),
            self._get_items_sql(company, policies),
            day + timedelta(days=max(0, lead)),
        )
        return map(Row._make, self.env.execute_query(query))

    # -- send ---------------------------------------------------------------------------

    def _send(self, replay, messages, day, router):
        """Take note of what leaves on ``day``; return it, one for each channel."""
        sent = []
        for message, routes in router.route(messages):
            if not routes:
                replay.refuse(message)
                continue
            replay.send(message, day)
            sent += [Sent(day, message.step, found.channel, message.debtor, message.amount) for found in routes]
        return sent
