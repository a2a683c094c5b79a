import json
from collections import defaultdict
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..core import priority, reasons
from ..core.status import PRECEDENCE, RANKS, SETTLED
from .company_day import companies_by_day, company_today
from .credit_agenda import COLUMNS
from .credit_dunning_notice import LEFT_STATES

# For how long a broken promise counts, unless the customer was spoken to since.
BROKEN_DAYS = 30
PAGE = 5000


class CreditAgendaEngine(models.AbstractModel):
    """Puts the customers of a company in order: gathers, lets ``core/priority`` decide, writes what changed.

    What it is: the priority and the next thing to do are stored on the debtors' cards, so that the agenda of
    any number of customers opens and sorts by an index. They are worked out every hour for all, and at once
    for a customer whom a person has just worked on.

    How it works: a few queries for all customers, one pass in the core, one UPDATE of the cards that differ.
    """

    _name = "credit.agenda.engine"
    _description = "Order of the agenda"

    @api.model
    def _cron_rank(self, today=None):
        """Put the agendas of all companies in order, each committed on its own."""
        debtors = self.env["credit.debtor"].sudo()
        for day, companies in companies_by_day(self.env, today).items():
            debtors._end_absences(companies, day)
            for company in companies:
                self._rank(company, day)
                self.env["ir.cron"]._commit_progress(1)

    def _rank(self, company, today=None, debtors=None):
        """Work out priority and next action of the customers of ``company``, and write what changed.

        :param today: the day that counts; the company's, without
        :param debtors: only these cards; without, all
        """
        today = today or company_today(company)
        self.env.flush_all()
        engine = self.sudo().with_company(company).with_context(allowed_company_ids=company.ids, as_of=today)
        engine._rank_cards(company, today, debtors and debtors.sudo().filtered(lambda card: card.company_id == company))

    def _rank_cards(self, company, today, debtors):
        rules = self.env["credit.priority.rule"]._get_core_rules(company)
        rows = self._query_figures(company, today, debtors)
        known = {row["id"]: row for row in rows}
        todos = self._gather_todos(company, today, debtors, known)
        facts = self._gather_facts(rows, rules, company, today, debtors)
        places = {place.debtor: place for place in priority.rank(facts, rules)}
        self._update_cards([self._prepare(row, places[row["id"]], todos[row["id"]], today) for row in rows])

    def _prepare(self, row, place, todos, today):
        todo = priority.choose(todos, today, row["postponed_until"])
        return {
            "id": row["id"],
            "priority": place.points if todo else 0,
            "priority_parts": [[part.rule, part.value, part.points] for part in place.parts] if todo else None,
            "agenda_action": todo.action if todo else None,
            "agenda_date": todo.day if todo else None,
            "agenda_notice_id": todo.notice if todo else None,
            "agenda_overdue": row["overdue"],
            "agenda_days_overdue": row["days_late"],
            "agenda_last_contact": row["last_contact"],
        }

    # -- gather: facts ------------------------------------------------------------------

    def _get_scope_sql(self, debtors, column="debtor.id"):
        """Return the condition that narrows a query to ``debtors``; all, without."""
        return SQL("TRUE") if debtors is None else SQL("%s = ANY(%s)", SQL(column), debtors.ids)

    def _query_figures(self, company, today, debtors):
        """Return one row a card: what is overdue, how late, the score, the last contact."""
        items = self.env["credit.open.item"]._get_items_sql(
            today, company.ids, debtors.partner_id.ids if debtors is not None else None, with_bucket=False
        )
        return self.env.execute_query_dict(
            SQL(
                """
                WITH late AS (
                    SELECT partner_id,
                           SUM(amount_residual)::float8 AS overdue,
                           SUM(amount_residual - amount_disputed - amount_promised)::float8 AS claim,
                           MAX(days_overdue) AS days_late
                      FROM (%(items)s) item
                     WHERE amount_residual > 0 AND days_overdue > 0
                     GROUP BY partner_id
                ), contact AS (
                    SELECT debtor_id, MAX(left_on) AS day
                      FROM credit_dunning_notice
                     WHERE company_id = %(company)s AND state IN %(left)s AND left_on <= %(today)s
                     GROUP BY debtor_id
                )
                SELECT debtor.id,
                       debtor.partner_id,
                       COALESCE(late.overdue, 0) AS overdue,
                       COALESCE(late.claim, 0) AS claim,
                       COALESCE(late.days_late, 0) AS days_late,
                       CASE WHEN debtor.score_state = 'scored' THEN debtor.score_value::float8 END AS score,
                       contact.day AS last_contact,
                       debtor.postponed_until
                  FROM credit_debtor debtor
             LEFT JOIN late ON late.partner_id = debtor.partner_id
             LEFT JOIN contact ON contact.debtor_id = debtor.id
                 WHERE debtor.company_id = %(company)s AND %(scope)s
                """,
                items=items,
                company=company.id,
                left=LEFT_STATES,
                today=today,
                scope=self._get_scope_sql(debtors),
            )
        )

    def _gather_facts(self, rows, rules, company, today, debtors):
        """Return the core's view of the customers; what no rule asks for isn't read."""
        asked = {rule.measure for rule in rules}
        partner_ids = debtors.partner_id.ids if debtors is not None else None
        statuses = self._query_statuses(company, partner_ids) if priority.STATUS in asked else None
        broken = self._query_broken(company, today) if priority.PROMISE_BROKEN in asked else {}
        tags = self._query_tags({rule.match for rule in rules if rule.measure == priority.TAG})
        warnings = self._query_warnings(company) if priority.WARNING in asked else {}
        return [
            priority.Facts(
                id=row["id"],
                overdue=max(0.0, row["claim"]),
                days_late=row["days_late"],
                score=row["score"],
                broken=broken.get(row["partner_id"], 0.0),
                contact_days=row["last_contact"] and (today - row["last_contact"]).days,
                tags=frozenset(tags.get(row["partner_id"], ())),
                status=statuses.get(row["partner_id"], SETTLED) if statuses is not None else None,
                warnings=warnings.get(row["partner_id"], 0),
            )
            for row in rows
        ]

    def _query_statuses(self, company, partner_ids):
        facts = self.env["credit.debtor"]._get_facts_sql(PRECEDENCE, partner_ids, company.ids)
        query = SQL("SELECT partner_id, MIN(rank) FROM (%s) fact WHERE company_id = %s GROUP BY 1", facts, company.id)
        names = {place: name for name, place in RANKS.items()}
        return {partner_id: names[place] for partner_id, place in self.env.execute_query(query)}

    def _query_broken(self, company, today):
        """Return ``{customer: what was missing}`` of the promises broken lately."""
        query = SQL(
            """
            SELECT partner_id, SUM(amount_left)::float8
              FROM credit_promise
             WHERE company_id = %s AND state IN ('broken', 'partly_kept') AND broken_on > %s AND broken_on <= %s
             GROUP BY partner_id
            """,
            company.id,
            today - timedelta(days=BROKEN_DAYS),
            today,
        )
        return dict(self.env.execute_query(query))

    def _query_tags(self, tag_ids):
        found = defaultdict(list)
        if tag_ids:
            query = SQL(
                "SELECT partner_id, category_id FROM res_partner_res_partner_category_rel WHERE category_id = ANY(%s)",
                list(tag_ids),
            )
            for partner_id, tag_id in self.env.execute_query(query):
                found[partner_id].append(tag_id)
        return found

    def _query_warnings(self, company):
        """Return ``{customer: the sum of the severities of their open warnings}``."""
        query = SQL(
            "SELECT partner_id, SUM(severity::int) FROM credit_signal"
            " WHERE company_id = %s AND state = 'open' GROUP BY partner_id",
            company.id,
        )
        return dict(self.env.execute_query(query))

    # -- gather: what is to be done -----------------------------------------------------

    def _gather_todos(self, company, today, debtors, known):
        """Return ``{card: [Todo]}`` from all that asks for a person, or will."""
        todos, answered = defaultdict(list), set()
        for query in self._get_todo_queries(company, today, debtors):
            for debtor_id, action, day, notice_id in self.env.execute_query(query):
                answered.add(debtor_id)
                if action:
                    todos[debtor_id].append(priority.Todo(action, day, notice_id))
        for debtor_id, row in known.items():
            if row["claim"] > 0 and debtor_id not in answered:
                # Late, and no plan has an answer for it: somebody has to look.
                todos[debtor_id].append(priority.Todo(priority.LOOK, today))
        return todos

    def _get_todo_queries(self, company, today, debtors):
        """Return queries of (card, action, day, notice). An addon that knows of more work adds one.

        Without an action: the customer is looked after, and a person has nothing to do.
        """
        return [
            self._get_notices_sql(company, debtors),
            self._get_replies_sql(company, debtors),
            self._get_calls_again_sql(company, debtors),
            self._get_follow_ups_sql(company, today, debtors),
            self._get_disputes_sql(company, today, debtors),
            self._get_activities_sql(company, debtors),
            self._get_warnings_sql(company, debtors),
            self._get_decisions_sql(company, today, debtors),
        ]

    def _get_notices_sql(self, company, debtors):
        """Calls and decisions that wait, messages to approve or to settle; those of previews don't count."""
        return SQL(
            """
            SELECT notice.debtor_id,
                   CASE WHEN notice.state = 'uncertain' THEN %(settle)s
                        WHEN step.kind = 'decision' THEN %(decide)s
                        WHEN channel.is_manual THEN %(call)s
                        ELSE %(approve)s END,
                   GREATEST(notice.date, notice.date_planned),
                   notice.id
              FROM credit_dunning_notice notice
              JOIN credit_channel channel ON channel.id = notice.channel_id
         LEFT JOIN credit_dunning_step step ON step.id = notice.step_id
         LEFT JOIN credit_dunning_run run ON run.id = notice.run_id
             WHERE notice.company_id = %(company)s
               AND run.is_preview IS NOT TRUE
               AND (notice.state IN ('to_approve', 'uncertain')
                    OR notice.state = 'draft' AND notice.mode <> 'auto'
                    OR channel.is_manual AND notice.state IN ('draft', 'queued'))
               AND %(scope)s
             ORDER BY notice.id DESC
            """,
            settle=priority.SETTLE,
            decide=priority.DECIDE,
            call=priority.CALL,
            approve=priority.APPROVE,
            company=company.id,
            scope=self._get_scope_sql(debtors, "notice.debtor_id"),
        )

    def _get_replies_sql(self, company, debtors):
        """Customers who answered, and whom nobody has worked on since."""
        return SQL(
            "SELECT debtor.id, %s, debtor.reply_on, NULL::int FROM credit_debtor debtor"
            " WHERE debtor.company_id = %s AND debtor.reply_on IS NOT NULL AND %s",
            priority.ANSWER,
            company.id,
            self._get_scope_sql(debtors),
        )

    def _get_calls_again_sql(self, company, debtors):
        """Customers whom somebody wanted to call again on a day."""
        return SQL(
            "SELECT debtor.id, %s, debtor.call_again_on, NULL::int FROM credit_debtor debtor"
            " WHERE debtor.company_id = %s AND debtor.call_again_on IS NOT NULL AND %s",
            priority.CALL,
            company.id,
            self._get_scope_sql(debtors),
        )

    def _get_follow_ups_sql(self, company, today, debtors):
        """Broken promises about which nobody has spoken to the customer since."""
        return SQL(
            """
            SELECT debtor.id, %(follow)s, promise.broken_on, NULL::int
              FROM credit_promise promise
              JOIN credit_debtor debtor
                ON debtor.partner_id = promise.partner_id AND debtor.company_id = promise.company_id
             WHERE promise.company_id = %(company)s
               AND promise.state IN ('broken', 'partly_kept')
               AND promise.broken_on > %(since)s
               AND promise.broken_on <= %(today)s
               AND (debtor.acted_on IS NULL OR debtor.acted_on < promise.broken_on)
               AND NOT EXISTS (
                   SELECT FROM credit_dunning_notice notice
                    WHERE notice.debtor_id = debtor.id
                      AND notice.state IN %(left)s
                      AND notice.left_on >= promise.broken_on)
               AND %(scope)s
            """,
            follow=priority.FOLLOW_PROMISE,
            company=company.id,
            since=today - timedelta(days=BROKEN_DAYS),
            today=today,
            left=LEFT_STATES,
            scope=self._get_scope_sql(debtors),
        )

    def _get_disputes_sql(self, company, today, debtors):
        """Disputes whose owner has missed the deadline."""
        return SQL(
            """
            SELECT debtor.id, %(chase)s, dispute.deadline + 1, NULL::int
              FROM credit_dispute dispute
              JOIN credit_debtor debtor
                ON debtor.partner_id = dispute.partner_id AND debtor.company_id = dispute.company_id
             WHERE dispute.company_id = %(company)s
               AND dispute.state = 'open'
               AND dispute.deadline < %(today)s
               AND %(scope)s
            """,
            chase=priority.CHASE_DISPUTE,
            company=company.id,
            today=today,
            scope=self._get_scope_sql(debtors),
        )

    def _get_activities_sql(self, company, debtors):
        """Activities that people planned on a card. A colleague who was asked has until the end of their day."""
        return SQL(
            """
            SELECT debtor.id,
                   %(activity)s,
                   activity.date_deadline
                   + CASE WHEN activity.activity_type_id = %(question)s
                               OR activity.user_id <> debtor.agenda_user_id THEN 1 ELSE 0 END,
                   NULL::int
              FROM mail_activity activity
              JOIN credit_debtor debtor ON debtor.id = activity.res_id
             WHERE activity.res_model = 'credit.debtor'
               AND activity.active
               AND activity.automated IS NOT TRUE
               AND debtor.company_id = %(company)s
               AND %(scope)s
            """,
            activity=priority.ACTIVITY,
            question=self.env["mail.activity"]._get_credit_question_type().id or 0,
            company=company.id,
            scope=self._get_scope_sql(debtors),
        )

    def _get_warnings_sql(self, company, debtors):
        """Open warnings and alarms since which nobody has worked on the customer."""
        return SQL(
            """
            SELECT debtor.id, %(warn)s, MIN(signal.date), NULL::int
              FROM credit_signal signal
              JOIN credit_debtor debtor
                ON debtor.partner_id = signal.partner_id AND debtor.company_id = signal.company_id
             WHERE signal.company_id = %(company)s
               AND signal.state = 'open'
               AND signal.severity IN ('2', '3')
               AND (debtor.acted_on IS NULL OR debtor.acted_on < signal.date)
               AND %(scope)s
             GROUP BY debtor.id
            """,
            warn=priority.WARN,
            company=company.id,
            scope=self._get_scope_sql(debtors),
        )

    def _get_decisions_sql(self, company, today, debtors):
        """By the journal: whom no channel reaches, who has nothing coming, and the day of everybody's next step."""
        return SQL(
            """
            SELECT debtor.id,
                   CASE WHEN told.unreached IS NOT NULL THEN %(repair)s
                        WHEN told.leak IS NOT NULL THEN %(look)s
                        WHEN told.next_date IS NOT NULL THEN %(wait)s END,
                   COALESCE(told.unreached, told.leak, GREATEST(told.next_date, %(today)s)),
                   NULL::int
              FROM (
                   SELECT partner_id,
                          MIN(date_from) FILTER (WHERE reason IN %(unreached)s) AS unreached,
                          MIN(date_from) FILTER (WHERE reason IN %(leaks)s) AS leak,
                          MIN(next_date) AS next_date
                     FROM credit_dunning_decision
                    WHERE company_id = %(company)s
                      AND date_to IS NULL
                      AND preview_run_id IS NULL
                      AND reason NOT IN %(quiet)s
                    GROUP BY partner_id
              ) told
              JOIN credit_debtor debtor ON debtor.partner_id = told.partner_id AND debtor.company_id = %(company)s
             WHERE %(scope)s
            """,
            unreached=(reasons.NO_CONTACT, reasons.BLACKLISTED),
            leaks=tuple(reasons.LEAKS),
            quiet=(reasons.NOT_DUE, reasons.SETTLED),
            repair=priority.REPAIR,
            look=priority.LOOK,
            wait=priority.WAIT,
            company=company.id,
            today=today,
            scope=self._get_scope_sql(debtors),
        )

    # -- apply --------------------------------------------------------------------------

    def _update_cards(self, vals_list):
        """Write what differs from what the cards say."""
        columns = SQL(", ").join(map(SQL.identifier, COLUMNS))
        news = SQL(", ").join(SQL.identifier("news", name) for name in COLUMNS)
        held = SQL(", ").join(SQL.identifier("card", name) for name in COLUMNS)
        for start in range(0, len(vals_list), PAGE):
            page = json.dumps(vals_list[start : start + PAGE], default=str)
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE credit_debtor card
                       SET (%(columns)s) = ROW(%(news)s)
                      FROM json_populate_recordset(NULL::credit_debtor, %(page)s) news
                     WHERE card.id = news.id AND (%(held)s) IS DISTINCT FROM (%(news)s)
                    """,
                    columns=columns,
                    news=news,
                    held=held,
                    page=page,
                )
            )
        self.env["credit.debtor"].invalidate_model([*COLUMNS, "priority_reason", "agenda_label"])
