from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

PAGE = 40
# What can be shown alone, and what it reads.
KINDS = ("message", "call", "mail", "payment", "invoice", "dispute", "promise", "pause", "warning", "hold")


class CreditTimeline(models.AbstractModel):
    """Everything that happened with a debtor in one order, for the timeline on the card."""

    _name = "credit.timeline.card"
    _description = "Timeline of a debtor"

    # Those of the card itself; named here because the timeline needs them.
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")

    def action_read_timeline(self, kinds=None, offset=0):
        """Return a page of the timeline, the latest first: ``{rows, has_more}``.

        A row has ``day`` (in words), ``kind``, ``title``, ``detail``, ``amount`` (in words, may be empty), and the
        ``model`` and ``id`` of what it is about. Read in one query, whatever the number of things that happened.

        :param kinds: a list, only these of ``KINDS``; all, without
        :param offset: how many rows to leave out
        :raise UserError: where one of them is of another kind
        """
        self.ensure_one()
        self.check_access("read")
        if not isinstance(kinds or [], (list, tuple)) or not isinstance(offset, int):
            raise UserError(
                self.env._("Ask for a list of kinds (%s), and for a whole number of rows.", ", ".join(KINDS))
            )
        kinds = [kind for kind in KINDS if not kinds or kind in kinds]
        if not kinds:
            return {"rows": [], "has_more": False}
        self.env.flush_all()
        parts = [getattr(self, f"_get_{kind}_timeline_sql")() for kind in kinds]
        query = SQL(
            "SELECT day, kind, model, id, title, detail, amount FROM (%s) event"
            " (day, kind, model, id, title, detail, amount)"
            " WHERE day IS NOT NULL ORDER BY day DESC, kind, id DESC OFFSET %s LIMIT %s",
            SQL(" UNION ALL ").join(parts),
            min(max(0, offset), 10**9),
            PAGE + 1,
        )
        found = self.env.execute_query_dict(query)
        return {"rows": [self._word_event(row) for row in found[:PAGE]], "has_more": len(found) > PAGE}

    def _word_event(self, row):
        tell = getattr(self, f"_tell_{row['kind']}_event", None)
        title, detail = tell(row) if tell else (row["title"], row["detail"])
        return {
            "key": f"{row['model']}/{row['id']}/{row['kind']}/{row['title']}",
            "day": format_date(self.env, row["day"]),
            "kind": row["kind"],
            "title": title or "",
            "detail": detail or "",
            "amount": self.company_id.currency_id.format(float(row["amount"])) if row["amount"] else "",
            "model": row["model"],
            "id": row["id"],
        }

    def _label(self, model, name, value):
        return dict(self.env[model]._fields[name]._description_selection(self.env)).get(value, value)

    # -- messages and calls -------------------------------------------------------------

    def _get_notices_timeline_sql(self, kind, is_manual, detail):
        return SQL(
            """
            SELECT COALESCE(notice.left_on, notice.date_planned, notice.date) AS day, %(kind)s AS kind,
                   'credit.dunning.notice' AS model, notice.id, notice.state AS title, %(detail)s AS detail,
                   notice.amount_total AS amount
              FROM credit_dunning_notice notice
              JOIN credit_channel channel ON channel.id = notice.channel_id
         LEFT JOIN credit_dunning_run run ON run.id = notice.run_id
             WHERE notice.debtor_id = %(debtor)s
               AND channel.is_manual IS %(manual)s TRUE
               AND run.is_preview IS NOT TRUE
               AND NOT (notice.state = 'cancelled' AND notice.reason IS NOT DISTINCT FROM 'superseded')
            """,
            kind=kind,
            detail=detail,
            debtor=self.id,
            manual=SQL() if is_manual else SQL("NOT"),
        )

    def _get_message_timeline_sql(self):
        return self._get_notices_timeline_sql("message", False, SQL("NULL"))

    def _get_call_timeline_sql(self):
        outcome = SQL("COALESCE(notice.call_outcome, notice.decision_outcome)")
        return self._get_notices_timeline_sql("call", True, outcome)

    def _tell_message_event(self, row):
        notice = self.env["credit.dunning.notice"].sudo().browse(row["id"])
        state = self._label(notice._name, "state", row["title"])
        return notice.title, f"{notice.channel_id.name} → {state}"

    def _tell_call_event(self, row):
        notice = self.env["credit.dunning.notice"].sudo().browse(row["id"])
        name = "decision_outcome" if notice.decision_outcome else "call_outcome"
        outcome = row["detail"] and self._label(notice._name, name, row["detail"])
        words = outcome or self._label(notice._name, "state", row["title"])
        title = notice.title or self.env._("Call")
        return title, ": ".join(filter(None, (words, notice.call_note)))

    def _get_mail_timeline_sql(self):
        """What the customer wrote and what we wrote to them, apart from the notices."""
        return SQL(
            """
            SELECT message.date::date, 'mail', 'mail.message', message.id, partner.name, COALESCE(message.subject, ''),
                   NULL::numeric
              FROM mail_message message
         LEFT JOIN res_partner partner ON partner.id = message.author_id
             WHERE message.model = 'credit.debtor'
               AND message.res_id = %s
               AND message.message_type IN ('email', 'comment')
               AND NOT EXISTS (SELECT FROM credit_dunning_notice notice WHERE notice.mail_message_id = message.id)
            """,
            self.id,
        )

    def _tell_mail_event(self, row):
        message = self.env["mail.message"].sudo().browse(row["id"])
        return row["title"] or message.email_from, row["detail"] or message.preview

    # -- the ledger ---------------------------------------------------------------------

    def _get_ledger_timeline_sql(self, kind, condition, amount):
        return SQL(
            """
            SELECT line.date, %(kind)s, 'account.move', line.move_id, COALESCE(line.move_name, ''),
                   COALESCE(line.name, ''), %(amount)s
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move move ON move.id = line.move_id
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE partner.commercial_partner_id = %(partner)s
               AND line.company_id = %(company)s
               AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
               AND %(condition)s
            """,
            kind=kind,
            amount=amount,
            partner=self.partner_id.id,
            company=self.company_id.id,
            condition=condition,
        )

    def _get_payment_timeline_sql(self):
        is_payment = SQL("move.move_type = 'entry' AND line.balance < 0")
        return self._get_ledger_timeline_sql("payment", is_payment, SQL("-line.balance"))

    def _get_invoice_timeline_sql(self):
        is_invoice = SQL("move.move_type IN ('out_invoice', 'out_refund')")
        return self._get_ledger_timeline_sql("invoice", is_invoice, SQL("line.balance"))

    def _tell_payment_event(self, row):
        return self.env._("Paid"), row["detail"] or row["title"]

    def _tell_invoice_event(self, row):
        return row["title"], self.env._("Credit note") if row["amount"] < 0 else self.env._("Invoice")

    # -- disputes, promises, pauses, warnings, holds -------------------------------------

    def _get_records_timeline_sql(self, kind, model, day, title, detail, amount, condition=None):
        """Return the query of what hangs on the customer in a table of ours; the names are columns of it."""
        return SQL(
            """
            SELECT %(day)s, %(kind)s, %(model)s, id, %(title)s, %(detail)s, %(amount)s
              FROM %(table)s
             WHERE partner_id = %(partner)s AND company_id = %(company)s AND %(condition)s
            """,
            day=day,
            kind=kind,
            model=model,
            title=title,
            detail=detail,
            amount=amount,
            table=SQL.identifier(self.env[model]._table),
            partner=self.partner_id.id,
            company=self.company_id.id,
            condition=condition or SQL("TRUE"),
        )

    def _get_dispute_timeline_sql(self):
        nothing = SQL("NULL::numeric")
        opened = ("dispute", "credit.dispute", SQL("date"), SQL("'open'"), SQL("NULL"), nothing)
        closed = ("dispute", "credit.dispute", SQL("closed_on"), SQL("'closed'"), SQL("outcome"), nothing)
        return SQL(
            "%s UNION ALL %s",
            self._get_records_timeline_sql(*opened),
            self._get_records_timeline_sql(*closed, SQL("closed_on IS NOT NULL")),
        )

    def _tell_dispute_event(self, row):
        dispute = self.env["credit.dispute"].sudo().browse(row["id"])
        if row["title"] == "open":
            return self.env._("Dispute"), dispute.reason_id.name
        return self.env._("Dispute closed"), self._label(dispute._name, "outcome", row["detail"])

    def _get_promise_timeline_sql(self):
        made = ("promise", "credit.promise", SQL("date_recorded"), SQL("'made'"), SQL("date::text"), SQL("amount"))
        broken = ("promise", "credit.promise", SQL("broken_on"), SQL("state"), SQL("date::text"), SQL("amount_left"))
        return SQL(
            "%s UNION ALL %s",
            self._get_records_timeline_sql(*made),
            self._get_records_timeline_sql(*broken, SQL("state IN ('broken', 'partly_kept')")),
        )

    def _tell_promise_event(self, row):
        day = format_date(self.env, row["detail"])
        if row["title"] == "made":
            return self.env._("Promise"), self.env._("to be paid by %s", day)
        state = self._label("credit.promise", "state", row["title"])
        return self.env._("Promise: %s", state), self.env._("was to be paid by %s", day)

    def _get_pause_timeline_sql(self):
        day = SQL("COALESCE(date_start, create_date::date)")
        return self._get_records_timeline_sql(
            "pause", "credit.dunning.pause", day, SQL("'pause'"), SQL("reason"), SQL("NULL::numeric"), SQL("active")
        )

    def _tell_pause_event(self, row):
        return self.env._("Reminders paused"), row["detail"]

    def _get_warning_timeline_sql(self):
        return self._get_records_timeline_sql(
            "warning", "credit.signal", SQL("date"), SQL("''"), SQL("''"), SQL("NULL::numeric")
        )

    def _tell_warning_event(self, row):
        signal = self.env["credit.signal"].sudo().browse(row["id"])
        return signal.rule_id.name, signal.reason

    def _get_hold_timeline_sql(self):
        return self._get_records_timeline_sql(
            "hold", "credit.hold", SQL("date::date"), SQL("state"), SQL("''"), SQL("NULL::numeric")
        )

    def _tell_hold_event(self, row):
        hold = self.env["credit.hold"].sudo().browse(row["id"])
        return self.env._("Document held"), self._label(hold._name, "state", row["title"])
