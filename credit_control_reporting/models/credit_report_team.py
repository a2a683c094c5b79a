from collections import defaultdict
from datetime import timedelta
from functools import cache

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.credit_control.core.delivery import LEFT
from odoo.addons.credit_control.models.credit_debtor_merge import QUIET_DAYS
from odoo.addons.credit_control.models.receipt import IS_RECEIPT, is_claim_sql

from ..core.metrics import percentage
from ..core.tables import AMOUNT, COUNT, PERCENT, Column, Report, Row, Table, sum_rows

# What each column counts; the same names as in the queries.
WORK = ("messages", "calls", "reached", "minutes", "on_time", "dated")
PROMISES = ("promises", "promised", "due", "kept")


class CreditReportTeam(models.AbstractModel):
    """What each collector did in a period, and what became of their customers' debts.

    Messages and calls are those of the sender, else of the customer's collector; promises those that the person
    recorded; receipts and what is overdue are of the customers whose collector they are now. What is nobody's stands in
    a line of its own.
    """

    _name = "credit.report.team"
    _inherit = ["credit.report.tables"]
    _description = "Activity of the team"

    def _get_report_title(self):
        return self.env._("Team")

    def _get_questions(self):
        return self._ask_period()

    def _build(self, asked):
        return Report(
            title=self._get_report_title(),
            notes=(
                self._get_scope_note(asked),
                self._get_period_note(asked),
                self.env._(
                    "messages and calls by sender (else collector), promises by who recorded them; receipts and "
                    "overdue by the collector of the customer today; on time: done by the first day on which its "
                    "policy lets it leave"
                ),
            ),
            tables=(self._build_people(asked),),
        )

    # -- gather -----------------------------------------------------------------------

    def _gather(self, asked):
        """Return ``{user id or None: {name: figure}}``, in a handful of queries."""
        self.env.flush_all()
        people = defaultdict(lambda: defaultdict(float))
        for names, rows in (
            (WORK, self._query_work(asked)),
            (PROMISES, self._query_promises(asked)),
            (("received",), self._query_receipts(asked)),
            (("before",), self._query_overdue(asked, asked["date_from"] - timedelta(days=1))),
            (("after",), self._query_overdue(asked, asked["date_to"])),
            (("cost",), self._query_costs(asked)),
        ):
            for user_id, *figures in rows:
                for name, figure in zip(names, figures, strict=True):
                    people[user_id][name] = figure
        for user_id, number in self._count_next_openings(asked):
            people[user_id]["on_time"] += number
        return people

    def _get_period(self, asked):
        return {"companies": list(asked.company_ids), "first": asked["date_from"], "last": asked["date_to"]}

    def _query_work(self, asked):
        return self._query(
            """
            SELECT COALESCE(notice.user_id, debtor.responsible_id),
                   COUNT(*) FILTER (WHERE call_outcome IS NULL AND decision_outcome IS NULL),
                   COUNT(*) FILTER (WHERE call_outcome IS NOT NULL),
                   COUNT(*) FILTER (WHERE call_outcome IN ('reached', 'promise', 'dispute', 'refuses')),
                   COALESCE(SUM(call_minutes), 0)::float8,
                   COUNT(*) FILTER (WHERE left_on <= COALESCE(date_planned, date)),
                   COUNT(*)
              %(done)s
             GROUP BY 1
            """,
            done=self._get_done_sql(asked),
        )

    def _get_done_sql(self, asked):
        """Return FROM and WHERE of the messages that left in the period, and of its calls."""
        return SQL(
            """
              FROM credit_dunning_notice notice
              JOIN credit_debtor debtor ON debtor.id = notice.debtor_id
             WHERE notice.company_id = ANY(%(companies)s)
               AND left_on BETWEEN %(first)s AND %(last)s
               AND (state = ANY(%(left)s) OR call_outcome IS NOT NULL)
            """,
            left=list(LEFT),
            **self._get_period(asked),
        )

    def _count_next_openings(self, asked):
        """Yield (user id, number) of what was done after its day, but on the first one on which it could leave.

        Runs are planned on weekends and public holidays, too. There are few days, policies and habits of customers to
        look at, however many messages.
        """
        opening_of = cache(self._get_opening_day)
        for user_id, number, company_id, policy_id, planned, left_on, quiet in self._query_after_their_day(asked):
            opening = opening_of(company_id, policy_id, planned, tuple(quiet))
            if opening and left_on <= opening:
                yield user_id, number

    def _query_after_their_day(self, asked):
        return self._query(
            """
            SELECT COALESCE(notice.user_id, debtor.responsible_id), COUNT(*), notice.company_id, notice.policy_id,
                   COALESCE(date_planned, date), left_on, ARRAY[%(quiet)s]
              %(done)s
               AND left_on > COALESCE(date_planned, date)
             GROUP BY 1, 3, 4, 5, 6, 7
            """,
            quiet=SQL(", ").join(SQL("COALESCE(debtor.%s, FALSE)", SQL.identifier(name)) for name in QUIET_DAYS),
            done=self._get_done_sql(asked),
        )

    def _get_opening_day(self, company_id, policy_id, day, quiet):
        """Return the first day from ``day`` on, on which a notice could leave; None where there is none within a year.

        :param quiet: of each day of the week from Monday on, whether the customer isn't written to
        """
        company = self.env["res.company"].sudo().browse(company_id)
        policy = self.env["credit.dunning.policy"].sudo().browse(policy_id)
        quiet_days = [place for place, is_quiet in enumerate(quiet) if is_quiet]
        return self.env["credit.dunning.hours"]._get_opening_day(company, policy, day, quiet_days)

    def _query_promises(self, asked):
        """Return what was promised in the period, and what became of the promises that were for a day in it."""
        return self._query(
            """
            SELECT user_id,
                   COUNT(*) FILTER (WHERE date_recorded BETWEEN %(first)s AND %(last)s),
                   COALESCE(SUM(amount) FILTER (WHERE date_recorded BETWEEN %(first)s AND %(last)s), 0)::float8,
                   COUNT(*) FILTER (WHERE date BETWEEN %(first)s AND %(last)s AND state <> 'open'),
                   COUNT(*) FILTER (WHERE date BETWEEN %(first)s AND %(last)s AND state = 'kept')
              FROM credit_promise
             WHERE company_id = ANY(%(companies)s)
               AND state <> 'cancelled'
               AND (date_recorded BETWEEN %(first)s AND %(last)s OR date BETWEEN %(first)s AND %(last)s)
             GROUP BY user_id
            """,
            **self._get_period(asked),
        )

    def _query_receipts(self, asked):
        return self._query(
            """
            SELECT debtor.responsible_id, SUM(partial.amount)::float8
              FROM account_partial_reconcile partial
              JOIN account_move_line line ON line.id = partial.debit_move_id AND line.parent_state = 'posted'
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move_line credit ON credit.id = partial.credit_move_id AND credit.parent_state = 'posted'
              JOIN account_journal journal ON journal.id = credit.journal_id
              JOIN res_partner partner ON partner.id = line.partner_id
         LEFT JOIN credit_debtor debtor ON debtor.partner_id = partner.commercial_partner_id
                                       AND debtor.company_id = line.company_id
              JOIN account_journal claimed ON claimed.id = line.journal_id
             WHERE partial.company_id = ANY(%(companies)s)
               AND partial.max_date BETWEEN %(first)s AND %(last)s
               AND account.account_type = 'asset_receivable'
               AND account.non_trade IS NOT TRUE
               AND %(is_claim)s
               AND %(is_receipt)s
             GROUP BY debtor.responsible_id
            """,
            is_claim=is_claim_sql("line", "claimed"),
            is_receipt=IS_RECEIPT,
            **self._get_period(asked),
        )

    def _query_overdue(self, asked, day):
        """Return what is overdue on a day by collector, credits not set off."""
        return self._query(
            """
            SELECT debtor.responsible_id, SUM(item.amount_residual)::float8
              FROM (%(items)s) item
         LEFT JOIN credit_debtor debtor ON debtor.partner_id = item.partner_id AND debtor.company_id = item.company_id
             WHERE item.days_overdue > 0 AND item.amount_residual > 0 AND NOT item.non_trade
             GROUP BY debtor.responsible_id
            """,
            items=self.env["credit.open.item"]._get_items_sql(day, asked.company_ids, with_bucket=False),
        )

    def _query_costs(self, asked):
        """Return what litigation cost in the period, by the collector of the customer."""
        return self._query(
            """
            SELECT debtor.responsible_id, SUM(cost.amount)::float8
              FROM credit_litigation_cost cost
              JOIN credit_litigation litigation ON litigation.id = cost.litigation_id
         LEFT JOIN credit_debtor debtor ON debtor.partner_id = litigation.partner_id
                                       AND debtor.company_id = litigation.company_id
             WHERE cost.company_id = ANY(%(companies)s)
               AND cost.date BETWEEN %(first)s AND %(last)s
             GROUP BY debtor.responsible_id
            """,
            **self._get_period(asked),
        )

    # -- table ------------------------------------------------------------------------

    def _build_people(self, asked):
        people = self._gather(asked)
        names = self._get_names("res.users", people)
        nobody = self.env._("(nobody)")
        columns = self._get_columns()
        rows = tuple(
            Row(user_id or 0, (names.get(user_id, nobody), *self._get_cells(figures, columns[1:])))
            for user_id, figures in sorted(people.items(), key=lambda pair: -pair[1]["received"])
        )
        sums = defaultdict(float)
        for figures in people.values():
            for name, figure in figures.items():
                sums[name] += figure
        rates = dict(zip((column.code for column in columns[1:]), self._get_cells(sums, columns[1:]), strict=True))
        total = sum_rows(columns, rows, self.env._("Total"), self._get_currency(asked).rounding, rates)
        return Table("people", self._get_report_title(), columns, rows, total, links=("customers",))

    def _get_columns(self):
        env = self.env
        return (
            Column("person", env._("Collector")),
            Column("messages", env._("Messages"), COUNT, is_summed=True, opens=True),
            Column("calls", env._("Calls"), COUNT, is_summed=True, opens=True),
            Column("reached", env._("of them reached"), COUNT, is_summed=True),
            Column("minutes", env._("Minutes"), COUNT, is_summed=True),
            Column("on_time", env._("On time"), PERCENT),
            Column("promises", env._("Promises"), COUNT, "blue", is_summed=True, opens=True),
            Column("promised", env._("Promised"), AMOUNT, "blue", is_summed=True, opens=True),
            Column("kept", env._("Kept"), PERCENT, "blue"),
            Column("received", env._("Receipts"), AMOUNT, is_summed=True),
            Column("before", env._("Overdue at the start"), AMOUNT, is_summed=True),
            Column("after", env._("Overdue at the end"), AMOUNT, is_summed=True, opens=True),
            Column("cost", env._("Litigation costs"), AMOUNT, is_summed=True),
        )

    def _get_cells(self, figures, columns):
        shares = {
            "on_time": percentage(figures["on_time"], figures["dated"]),
            "kept": percentage(figures["kept"], figures["due"]),
        }
        return [shares[code] if code in shares else figures[code] for code in (column.code for column in columns)]

    # -- what is behind ---------------------------------------------------------------

    def _get_behind(self, asked, table, key, column):
        if column in ("promises", "promised"):
            return self.env["credit.promise"].search(self._get_promise_domain(asked, key))
        if column in ("messages", "calls"):
            return self.env["credit.dunning.notice"].search(self._get_notice_domain(asked, key, column == "calls"))
        return self._get_overdue_ids(asked, self._get_partner_ids(asked, table, key))

    def _get_promise_domain(self, asked, key):
        """Return the domain of the promises of a period that a person recorded: 0 stands for nobody, None for all."""
        return Domain.AND(
            [
                Domain("company_id", "in", asked.company_ids),
                Domain("date_recorded", ">=", asked["date_from"]),
                Domain("date_recorded", "<=", asked["date_to"]),
                Domain("state", "!=", "cancelled"),
                Domain.TRUE if key is None else Domain("user_id", "=", key or False),
            ]
        )

    def _get_notice_domain(self, asked, key, is_call):
        """Return the domain of the calls, or of the messages, of a period; whose they are as for promises."""
        message = (
            Domain("call_outcome", "=", False) & Domain("decision_outcome", "=", False) & Domain("state", "in", LEFT)
        )
        return Domain.AND(
            [
                Domain("company_id", "in", asked.company_ids),
                Domain("left_on", ">=", asked["date_from"]),
                Domain("left_on", "<=", asked["date_to"]),
                Domain("call_outcome", "!=", False) if is_call else message,
                Domain.TRUE if key is None else self._get_sender_domain(key),
            ]
        )

    def _get_sender_domain(self, key):
        """Return the domain of the notices of a person: the sender, else the collector of the customer."""
        collector = Domain("user_id", "=", False) & Domain("debtor_id.responsible_id", "=", key or False)
        return collector | Domain("user_id", "=", key) if key else collector

    def _get_overdue_ids(self, asked, partner_ids):
        items = self.env["credit.open.item"].with_context(as_of=asked["date_to"])
        whose = [("company_id", "in", list(asked.company_ids)), ("partner_id", "in", list(partner_ids))]
        late = [("days_overdue", ">", 0), ("amount_residual", ">", 0), ("non_trade", "=", False)]
        return items.search([*whose, *late]).ids

    def _get_partner_ids(self, asked, table, key):
        own = [] if key is None else [("responsible_id", "=", key or False)]
        debtors = self.env["credit.debtor"].search([("company_id", "in", list(asked.company_ids)), *own])
        return debtors.partner_id.ids
