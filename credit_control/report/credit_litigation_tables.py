from odoo import models
from odoo.tools import SQL

from ..models.company_day import company_day, company_today
from .workbook import Column, Sheet, write_workbook

BATCH = 200


class CreditLitigationTables(models.AbstractModel):
    """The tables of a litigation's file: claims, payments, messages, costs; each says where its document is."""

    _name = "report.credit_control.litigation_tables"
    _description = "Tables of a litigation"

    def _write(self, job, path, place_of):
        """Write the workbook to ``path``.

        :param place_of: ``{invoice or notice: path in the archive}``
        """
        sheets = (
            self._get_claims(job, place_of),
            self._get_payments(job),
            self._get_messages(job, place_of),
            self._get_costs(job),
        )
        write_workbook(path, sheets, self.env._("Total"))

    def _get_claims(self, job, place_of):
        company_currency = job.company_id.currency_id.name
        columns = (
            Column(self.env._("Document"), width=22),
            Column(self.env._("Customer's reference"), width=22),
            Column(self.env._("Date"), "date"),
            Column(self.env._("Due date"), "date"),
            Column(self.env._("Days late"), "count"),
            Column(self.env._("Currency")),
            Column(self.env._("Amount"), "amount"),
            Column(self.env._("Paid"), "amount"),
            Column(self.env._("Open"), "amount"),
            Column(self.env._("Handed over in %s", company_currency), "amount", 20, is_summed=True),
            Column(self.env._("Open in %s", company_currency), "amount", 20, is_summed=True),
            Column(self.env._("File"), width=50),
        )
        return Sheet(self.env._("Claims"), columns, self._get_claim_rows(job, place_of))

    def _get_claim_rows(self, job, place_of):
        today = company_today(self)
        ids = job.litigation_id.sudo().line_ids.ids
        for start in range(0, len(ids), BATCH):
            for line in self.env["credit.litigation.line"].sudo().browse(ids[start : start + BATCH]):
                item = line.move_line_id
                due = item.date_maturity or item.date
                yield (
                    item.move_name or item.name,
                    item.move_id.ref,
                    item.date,
                    due,
                    max(0, (today - due).days),
                    item.currency_id.name,
                    item.amount_currency,
                    item.amount_currency - item.amount_residual_currency,
                    item.amount_residual_currency,
                    line.amount,
                    item.amount_residual,
                    place_of.get(item.move_id),
                )

    def _get_payments(self, job):
        """Everything that was matched with the items: payments, credit notes, write-offs."""
        columns = (
            Column(self.env._("Date"), "date"),
            Column(self.env._("Entry"), width=24),
            Column(self.env._("Journal"), width=24),
            Column(self.env._("Document"), width=22),
            Column(self.env._("Amount in %s", job.company_id.currency_id.name), "amount", 20, is_summed=True),
        )
        query = SQL(
            """
            SELECT payment.date, payment.move_name, payment.journal_id, item.move_name, partial.amount
              FROM credit_litigation_line line
              JOIN account_move_line item ON item.id = line.move_line_id
              JOIN account_partial_reconcile partial ON partial.debit_move_id = item.id
              JOIN account_move_line payment ON payment.id = partial.credit_move_id
             WHERE line.litigation_id = %s AND payment.parent_state = 'posted'
             ORDER BY payment.date, partial.id
            """,
            job.litigation_id.id,
        )
        rows = self.env.execute_query(query)
        journals = self.env["account.journal"].sudo().browse({row[2] for row in rows})
        name_of = {journal.id: journal.name for journal in journals}
        cells = ((day, entry, name_of[journal], item, float(amount)) for day, entry, journal, item, amount in rows)
        return Sheet(self.env._("Payments"), columns, cells)

    def _get_messages(self, job, place_of):
        columns = (
            Column(self.env._("Date"), "date"),
            Column(self.env._("Message"), width=28),
            Column(self.env._("Channel"), width=20),
            Column(self.env._("To"), width=40),
            Column(self.env._("State")),
            Column(self.env._("Asked in %s", job.company_id.currency_id.name), "amount", 18),
            Column(self.env._("Call")),
            Column(self.env._("Registered number"), width=20),
            Column(self.env._("Deposited"), "date"),
            Column(self.env._("Presented"), "date"),
            Column(self.env._("Received"), "date"),
            Column(self.env._("File"), width=50),
        )
        return Sheet(self.env._("Messages"), columns, self._get_message_rows(job, place_of))

    def _get_message_rows(self, job, place_of):
        notices = job._get_notices()
        states = dict(notices._fields["state"]._description_selection(self.env))
        outcomes = dict(notices._fields["call_outcome"]._description_selection(self.env))
        for notice in notices:
            yield (
                company_day(notice, notice.sent_at),
                notice.step_id.name or notice.subject,
                notice.channel_id.name,
                notice.address or ", ".join(notice.recipient_ids.mapped("display_name")),
                states[notice.state],
                notice.amount_total,
                outcomes.get(notice.call_outcome),
                notice.registered_number,
                notice.deposited_on,
                notice.presented_on,
                notice.received_on,
                place_of.get(notice),
            )

    def _get_costs(self, job):
        columns = (
            Column(self.env._("Date"), "date"),
            Column(self.env._("What for"), width=40),
            Column(self.env._("Amount"), "amount", is_summed=True),
            Column(self.env._("Borne by the customer"), width=22),
        )
        yes, no = self.env._("yes"), self.env._("no")
        costs = job.litigation_id.sudo().cost_ids
        rows = ((cost.date, cost.name, cost.amount, yes if cost.is_recoverable else no) for cost in costs)
        return Sheet(self.env._("Costs"), columns, rows)
