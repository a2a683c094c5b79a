from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools import SQL

from odoo.addons.credit_control.core.delivery import LEFT
from odoo.addons.credit_control.models.receipt import IS_RECEIPT

from ..core.metrics import percentage
from ..core.tables import (
    AMOUNT,
    COUNT,
    DAYS,
    PERCENT,
    Chart,
    Column,
    Question,
    Report,
    Row,
    Series,
    Table,
    sum_rows,
    tell_apart,
)

# By what messages are grouped: the column of the notice or of its line, and the model that it names.
AXES = {
    "step": (SQL("line.step_id"), "credit.dunning.step"),
    "policy": (SQL("notice.policy_id"), "credit.dunning.policy"),
    "channel": (SQL("notice.channel_id"), "credit.channel"),
    "text": (SQL("notice.template_id"), "mail.template"),
    "segment": (SQL("debtor.segment_id"), "credit.segment"),
    "portfolio": (SQL("debtor.portfolio_id"), "credit.portfolio"),
    "collector": (SQL("debtor.collector_id"), "res.users"),
}
STAGES = (7, 14)


class CreditReportStrategy(models.AbstractModel):
    """What reminders bring in: what was paid within some days after each step, channel or text.

    A payment counts once: for the last message about its item that left before it, if that isn't longer ago than the
    days that are asked for. So the euros of all lines add up to what followed a message; it isn't said that they
    wouldn't have come without.
    """

    _name = "credit.report.strategy"
    _inherit = ["credit.report.tables"]
    _description = "Effect of the strategy"

    def _get_report_title(self):
        return self.env._("Effect of the strategy")

    def _get_questions(self):
        env = self.env
        return (
            *self._ask_period(),
            Question("axis", env._("By"), "choice", "step", tuple(self._get_axes().items())),
            Question("days", env._("Paid within (days)"), "number", 30, most=365),
            self._ask_part(),
        )

    def _get_axes(self):
        env = self.env
        # A dict: of pairs in brackets, Odoo takes the codes for terms to translate.
        return {
            "step": env._("Step"),
            "policy": env._("Policy"),
            "channel": env._("Channel"),
            "text": env._("Text"),
            "segment": env._("Segment"),
            "portfolio": env._("Portfolio"),
            "collector": env._("Collector"),
        }

    def _ask_period(self):
        """As usual the last three months: what a message brings in takes time."""
        first, last = super()._ask_period()
        return (Question(first.name, first.label, "date", first.default - relativedelta(months=2)), last)

    def _build(self, asked):
        table = self._build_messages(asked)
        return Report(
            title=self._get_report_title(),
            notes=(
                self._get_scope_note(asked),
                self._get_period_note(asked),
                self.env._("a payment counts for the last message about its item before it, within the days chosen"),
            ),
            tables=(table,),
            charts=(self._build_chart(asked, table),) if table.rows else (),
        )

    # -- gather -----------------------------------------------------------------------

    def _query_effect(self, asked):
        """Return a row for each group: items asked, amount, paid within 7, 14 and the days chosen, days to pay."""
        self.env.flush_all()
        expression = AXES[asked["axis"]][0]
        return self._query(
            """
            WITH told AS MATERIALIZED (%(told)s),
            paid AS (%(paid)s)
            SELECT told.key, COUNT(DISTINCT told.notice_id), COUNT(*), SUM(told.amount)::float8,
                   COALESCE(SUM(back.in_7), 0)::float8, COALESCE(SUM(back.in_14), 0)::float8,
                   COALESCE(SUM(back.amount), 0)::float8,
                   (SUM(back.weighted) / NULLIF(SUM(back.amount), 0))::float8
              FROM told
         LEFT JOIN (
                SELECT line_id,
                       SUM(amount) AS amount,
                       SUM(amount * days) AS weighted,
                       SUM(amount) FILTER (WHERE days <= 7) AS in_7,
                       SUM(amount) FILTER (WHERE days <= 14) AS in_14
                  FROM paid
                 GROUP BY line_id
             ) back ON back.line_id = told.id
             GROUP BY told.key
             ORDER BY SUM(told.amount) DESC
            """,
            told=self._get_told_sql(asked, expression),
            paid=self._get_paid_sql(asked),
        )

    def _get_told_sql(self, asked, expression):
        """Return the query of the items that messages of the period asked for, with the key of their group."""
        return SQL(
            """
            SELECT line.id, line.move_line_id, notice.id AS notice_id, notice.left_on, line.amount_company AS amount,
                   notice.partner_id, %(key)s AS key
              FROM credit_dunning_notice_line line
              JOIN credit_dunning_notice notice ON notice.id = line.notice_id
         LEFT JOIN credit_debtor debtor ON debtor.id = notice.debtor_id
             WHERE notice.company_id = ANY(%(companies)s)
               AND notice.state = ANY(%(left)s)
               AND notice.left_on BETWEEN %(first)s AND %(last)s
               AND line.live
               AND line.is_credit IS NOT TRUE
               AND line.move_line_id IS NOT NULL
               AND %(part)s
            """,
            part=self._get_part_sql(asked, SQL("debtor.partner_id"), SQL("debtor.company_id")),
            key=expression,
            companies=list(asked.company_ids),
            left=list(LEFT),
            first=asked["date_from"],
            last=asked["date_to"],
        )

    def _get_paid_sql(self, asked):
        """Return the query of the payments, each with the last message before it that asked for its item."""
        return SQL(
            """
            SELECT DISTINCT ON (partial.id) told.id AS line_id, partial.amount, partial.max_date - told.left_on AS days
              FROM told
              JOIN account_partial_reconcile partial ON partial.debit_move_id = told.move_line_id
               AND partial.max_date BETWEEN told.left_on AND told.left_on + %(days)s
              JOIN account_move_line credit ON credit.id = partial.credit_move_id AND credit.parent_state = 'posted'
              JOIN account_journal journal ON journal.id = credit.journal_id
             WHERE %(is_receipt)s
             ORDER BY partial.id, told.left_on DESC, told.id DESC
            """,
            days=asked["days"],
            is_receipt=IS_RECEIPT,
        )

    # -- table ------------------------------------------------------------------------

    def _build_messages(self, asked):
        env = self.env
        found = self._query_effect(asked)
        names = self._get_group_names(asked, [row[0] for row in found])
        rows = tuple(self._prepare_group(names.get(key, env._("(none)")), key, *rest) for key, *rest in found)
        columns = (
            Column("name", self._get_axes()[asked["axis"]]),
            Column("messages", env._("Messages"), COUNT, is_summed=asked["axis"] != "step", opens=True),
            Column("items", env._("Items"), COUNT, is_summed=True),
            Column("amount", env._("Asked for"), AMOUNT, is_summed=True),
            *(Column(f"in_{days}", env._("Paid within %s days", days), AMOUNT, is_summed=True) for days in STAGES),
            Column("paid", env._("Paid within %s days", asked["days"]), AMOUNT, "green", is_summed=True),
            Column("share", env._("Share"), PERCENT, "green"),
            Column("days", env._("Days to pay"), DAYS),
        )
        total = sum_rows(columns, rows, env._("Total"), self._get_currency(asked).rounding)
        share = percentage(total.cells[6] or 0.0, total.cells[3] or 0.0)
        total = Row(None, (*total.cells[:7], share, None))
        return Table("messages", self._get_report_title(), columns, rows, total, links=("customers",))

    def _get_group_names(self, asked, keys):
        """Return what the groups are called: steps of the same name with their policy beside them."""
        model = AXES[asked["axis"]][1]
        names = self._get_names(model, keys)
        if asked["axis"] != "step":
            return names
        steps = self.env[model].sudo().with_context(active_test=False).browse(names)
        return tell_apart(names, {step.id: step.policy_id.display_name for step in steps})

    def _prepare_group(self, name, key, messages, items, amount, in_7, in_14, paid, days):
        return Row(key or 0, (name, messages, items, amount, in_7, in_14, paid, percentage(paid, amount), days))

    def _build_chart(self, asked, table):
        shown = table.rows[:12]
        series = (
            Series(
                self.env._("Paid in time, in percent"), tuple(row.cells[7] for row in shown), "green", key="messages"
            ),
        )
        labels = tuple(row.cells[0] for row in shown)
        title = self.env._("Paid within %s days after the message", asked["days"])
        return Chart("bar", title, labels, series, PERCENT, keys=tuple(row.key for row in shown), table="messages")

    # -- what is behind ---------------------------------------------------------------

    def _query_told(self, asked, key):
        expression = AXES[asked["axis"]][0]
        return self._query(
            "SELECT DISTINCT notice_id, partner_id FROM (%(told)s) told WHERE %(all)s OR COALESCE(key, 0) = %(key)s",
            told=self._get_told_sql(asked, expression),
            all=key is None,
            key=key if isinstance(key, int) else 0,
        )

    def _get_behind(self, asked, table, key, column):
        return self.env["credit.dunning.notice"].browse([notice_id for notice_id, _p in self._query_told(asked, key)])

    def _get_partner_ids(self, asked, table, key):
        return {partner_id for _notice_id, partner_id in self._query_told(asked, key)}
