from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.credit_control.models.company_day import asked_day
from odoo.addons.credit_control.models.receipt import IS_RECEIPT

# What kinds of events there are.
SALE, PAYMENT, DUE = "sale", "payment", "due"
# What a row says depends on it: ids are those of items or, of payments, of reconciliations.
ASKED = ("kpi_kind", "kpi_from", "kpi_until")


class CreditKpiEvent(models.Model):
    """What a figure of a period was added up from: a sale, a payment of a claim, an item that fell due.

    The period is that of the context, ``kpi_from`` (not included) and ``kpi_until``, ISO text; the kind of event
    ``kpi_kind``. Without them there is nothing. Rows are those that ``credit.kpi.source`` adds up.
    """

    _name = "credit.kpi.event"
    _description = "What an indicator was added up from"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "reference"

    company_id = fields.Many2one("res.company", readonly=True, depends_context=ASKED)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, depends_context=ASKED)
    reference = fields.Char(readonly=True, depends_context=ASKED)
    date = fields.Date(
        readonly=True,
        help="Of the entry; of a payment its own day, or that of the claim if it is later.",
        depends_context=ASKED,
    )
    issued = fields.Date(string="Invoice date", readonly=True, depends_context=ASKED)
    due = fields.Date(string="Due date", readonly=True, depends_context=ASKED)
    days_late = fields.Integer(
        string="Days late",
        readonly=True,
        aggregator="avg",
        help="Of a payment or a settled item, from its due date; negative before it. Of an item that isn't settled, "
        "until the end of the period.",
        depends_context=ASKED,
    )
    amount = fields.Monetary(currency_field="company_currency_id", readonly=True, depends_context=ASKED)

    @property
    def _table_query(self):
        options, kind = self._read_kpi_context()
        if not options:
            return self._get_no_events_sql()
        self.env["credit.kpi"]._flush_ledger()
        return getattr(self, f"_get_{kind}_events_sql")(options)

    def _read_kpi_context(self):
        """Return the options and the kind of event that the context asks for; nothing where it asks for none."""
        context = self.env.context
        kind = context.get("kpi_kind")
        if kind not in (SALE, PAYMENT, DUE):
            return None, ""
        start, end = (asked_day(self.env, context.get(name)) for name in ("kpi_from", "kpi_until"))
        return (self.env["credit.kpi"]._get_event_options(end), kind) if start and end else (None, "")

    def _get_no_events_sql(self):
        return SQL(
            """
            SELECT NULL::int AS id, NULL::int AS company_id, NULL::int AS partner_id, NULL::varchar AS reference,
                   NULL::date AS date, NULL::date AS issued, NULL::date AS due, NULL::int AS days_late,
                   NULL::numeric AS amount
             WHERE FALSE
            """
        )

    def _get_sale_events_sql(self, options):
        return SQL(
            """
            SELECT item.id, line.company_id, item.key AS partner_id, line.move_name AS reference, item.date,
                   item.issued, item.due, NULL::int AS days_late, item.balance AS amount
              FROM (%(lines)s) item
              JOIN account_move_line line ON line.id = item.id
             WHERE item.is_sale AND item.date > %(start)s
            """,
            lines=self.env["credit.kpi"]._get_lines_sql(options),
            start=self.env.context["kpi_from"],
        )

    def _get_payment_events_sql(self, options):
        kpi = self.env["credit.kpi"]
        return SQL(
            """
            SELECT partial.id, claim.company_id, item.key AS partner_id, claim.move_name AS reference,
                   partial.max_date AS date, item.issued, item.due, partial.max_date - item.due AS days_late,
                   partial.amount
              FROM (%(lines)s) item
              JOIN account_move_line claim ON claim.id = item.id
              JOIN (%(partials)s) partial ON partial.debit_move_id = item.id
              JOIN account_move_line credit ON credit.id = partial.credit_move_id
              JOIN account_journal journal ON journal.id = credit.journal_id
             WHERE item.is_claim AND %(is_receipt)s AND partial.max_date > %(start)s
            """,
            lines=kpi._get_lines_sql(options),
            partials=kpi._get_partials_sql(options),
            is_receipt=IS_RECEIPT,
            start=self.env.context["kpi_from"],
        )

    def _get_due_events_sql(self, options):
        kpi = self.env["credit.kpi"]
        return SQL(
            """
            SELECT item.id, line.company_id, item.key AS partner_id, line.move_name AS reference, item.date,
                   item.issued, item.due, COALESCE(settled.day, %(until)s) - item.due AS days_late,
                   item.balance AS amount
              FROM (%(lines)s) item
              JOIN account_move_line line ON line.id = item.id
         LEFT JOIN (
                SELECT debit_move_id AS id, SUM(amount) AS amount, MAX(max_date) AS day
                  FROM (%(partials)s) partial
                 GROUP BY debit_move_id
             ) settled ON settled.id = item.id AND settled.amount >= item.balance
             WHERE item.is_claim AND item.due <= %(until)s AND GREATEST(item.due, item.date) > %(start)s
            """,
            lines=kpi._get_lines_sql(options),
            partials=kpi._get_partials_sql(options),
            until=options.as_of,
            start=self.env.context["kpi_from"],
        )
