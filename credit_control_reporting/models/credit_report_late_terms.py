from datetime import timedelta

from odoo import models
from odoo.tools import SQL, format_date

from odoo.addons.credit_control.core.status import INSOLVENCY, LITIGATION
from odoo.addons.credit_control.models.company_day import company_today
from odoo.addons.credit_control.models.receipt import IS_RECEIPT

from ..core.late_terms import BANDS, NOT_LATE, TOTAL, Late, is_in, tabulate
from ..core.metrics import percentage
from ..core.tables import AMOUNT, COUNT, PERCENT, TEXT, Column, Question, Report, Row, Table

CLOSING, YEAR = "closing", "year"
# What an amount is, without or with VAT, of the whole invoice and as a share of what is open of it.
NET, GROSS = "net", "gross"
AMOUNTS = {NET: "amount_untaxed_signed", GROSS: "amount_total_signed"}


class CreditReportLateTerms(models.AbstractModel):
    """The table of late payment that a French management report shows (C. com. D.441-6), the customers' side.

    Of one company, as of the end of its year. Terms are those of each invoice, instalment by instalment.
    """

    _name = "credit.report.late.terms"
    _inherit = ["credit.report.tables"]
    _description = "Late payment table (D.441-6)"

    def _get_report_title(self):
        return self.env._("Late payment by customers (C. com. D.441-6)")

    def _get_questions(self):
        env = self.env
        year = env.company.compute_fiscalyear_dates(company_today(self))
        taxes = ((NET, env._("Excluding VAT")), (GROSS, env._("Including VAT")))
        return (
            Question("as_of", env._("End of the year"), "date", year["date_from"] - timedelta(days=1)),
            Question("tax", env._("Amounts"), "choice", NET, taxes),
            Question("leave_out", env._("Leave out disputed invoices"), "check", True),
        )

    def _build(self, asked):
        year = self._get_year(asked)
        return Report(
            title=self._get_report_title(),
            notes=(self._get_scope_note(asked), self._get_year_note(year)),
            tables=(self._build_closing(asked, year), self._build_year(asked, year)),
        )

    def _get_year(self, asked):
        """Return the first and the last day of the year: it ends on the day that is asked for."""
        company = self.env["res.company"].browse(asked.company_ids[0])
        return company.compute_fiscalyear_dates(asked["as_of"])["date_from"], asked["as_of"]

    def _get_year_note(self, year):
        first, last = (format_date(self.env, day) for day in year)
        return self.env._("year from %(first)s to %(last)s; terms as on the invoices", first=first, last=last)

    # -- the two tables ---------------------------------------------------------------

    def _build_closing(self, asked, year):
        env = self.env
        return self._build_table(
            CLOSING,
            env._("I. Invoices issued, due and not paid on the closing day"),
            asked,
            self._query_open(asked),
            self._query_turnover(asked, year),
            env._("Percentage of the turnover of the year"),
        )

    def _build_year(self, asked, year):
        env = self.env
        return self._build_table(
            YEAR,
            env._("II. Invoices issued that were late in the course of the year"),
            asked,
            self._query_open(asked) + self._query_paid(asked, year),
            self._query_turnover(asked, year, only_invoices=True),
            env._("Percentage of the amount of invoices issued in the year"),
        )

    def _build_table(self, code, title, asked, parts, whole, share_label):
        """Return a table in the layout of the order that goes with the article."""
        taken, left = tabulate(parts), tabulate(parts, is_excluded=True)
        number, amount = whole
        env = self.env
        places = (*BANDS, TOTAL)
        tax = env._("excluding VAT") if asked["tax"] == NET else env._("including VAT")
        rows = [
            _head("a", env._("(A) Bands of late payment")),
            Row("number", (env._("Number of invoices"), *(taken[place].number for place in places)), kind=COUNT),
            Row("amount", (env._("Amount of the invoices, %s", tax), *(taken[place].amount for place in places))),
            Row(
                "share", (f"{share_label}, {tax}", *(percentage(taken[p].amount, amount) for p in places)), kind=PERCENT
            ),
        ]
        if code == YEAR:
            label = env._("Percentage of the number of invoices issued in the year")
            rows.append(
                Row("share_number", (label, *(percentage(taken[p].number, number) for p in places)), kind=PERCENT)
            )
        rows += [
            _head("b", env._("(B) Invoices left out of (A): disputed, in litigation or insolvency")),
            Row("left_number", (env._("Number of invoices left out"), *_only_total(left, "number")), kind=COUNT),
            Row("left_amount", (env._("Amount of the invoices left out, %s", tax), *_only_total(left, "amount"))),
            _head("c", env._("(C) Terms of payment referred to")),
            _head("terms", env._("Contractual terms: the due date of each invoice or instalment")),
        ]
        return Table(code, title, self._get_columns(), tuple(rows), note=self._get_whole_note(asked, whole, code))

    def _get_columns(self):
        env = self.env
        labels = {
            NOT_LATE: env._("0 days (for information)"),
            "1-30": env._("1 to 30 days"),
            "31-60": env._("31 to 60 days"),
            "61-90": env._("61 to 90 days"),
            "91+": env._("91 days and more"),
            TOTAL: env._("Total (1 day and more)"),
        }
        columns = (Column(place, labels[place], AMOUNT, opens=True) for place in (*BANDS, TOTAL))
        return (Column("label", env._("Invoices issued (customers)"), TEXT), *columns)

    def _get_whole_note(self, asked, whole, code):
        number, amount = whole
        amount = self._get_currency(asked).format(amount)
        if code == CLOSING:
            return self.env._("Turnover of the year: %s", amount)
        return self.env._("Issued in the year: %(number)s invoices, %(amount)s", number=number, amount=amount)

    # -- gather -----------------------------------------------------------------------

    def _get_share_sql(self, asked):
        """Return the share of an amount of ``move`` that counts: all of it, or what is without VAT."""
        if asked["tax"] == GROSS:
            return SQL("1.0")
        return SQL("COALESCE(move.amount_untaxed_signed / NULLIF(move.amount_total_signed, 0), 1)")

    def _query_open(self, asked):
        """Return what is due and not paid on the closing day, of each instalment."""
        rows = self._query(
            """
            SELECT item.id, item.move_id, item.days_overdue, (item.amount_residual * %(share)s)::float8,
                   %(leave_out)s AND (item.amount_disputed > 0 OR fact.rank IS NOT NULL)
              FROM (%(items)s) item
              JOIN account_move move ON move.id = item.move_id
         LEFT JOIN (%(status)s) fact ON fact.partner_id = item.partner_id AND fact.company_id = item.company_id
             WHERE item.move_type = 'out_invoice'
               AND item.amount_residual > 0
               AND item.days_overdue >= 0
               AND NOT item.non_trade
            """,
            share=self._get_share_sql(asked),
            leave_out=asked["leave_out"],
            items=self._get_items_sql(asked),
            status=self._get_status_sql(asked, (INSOLVENCY, LITIGATION)),
        )
        return [Late(*row) for row in rows]

    def _query_paid(self, asked, year):
        """Return what was paid in the year on its term or later, of each instalment and payment."""
        rows = self._query(
            """
            SELECT line.id, line.move_id, (partial.max_date - COALESCE(line.date_maturity, line.date)),
                   (partial.amount * %(share)s)::float8, FALSE
              FROM account_partial_reconcile partial
              JOIN account_move_line line ON line.id = partial.debit_move_id AND line.parent_state = 'posted'
              JOIN account_move move ON move.id = line.move_id AND move.move_type = 'out_invoice'
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move_line credit ON credit.id = partial.credit_move_id AND credit.parent_state = 'posted'
              JOIN account_journal journal ON journal.id = credit.journal_id
             WHERE partial.company_id = ANY(%(companies)s)
               AND partial.max_date BETWEEN %(first)s AND %(last)s
               AND partial.max_date >= COALESCE(line.date_maturity, line.date)
               AND account.account_type = 'asset_receivable'
               AND account.non_trade IS NOT TRUE
               AND %(is_receipt)s
            """,
            share=self._get_share_sql(asked),
            companies=list(asked.company_ids),
            first=year[0],
            last=year[1],
            is_receipt=IS_RECEIPT,
        )
        return [Late(*row) for row in rows]

    def _query_turnover(self, asked, year, only_invoices=False):
        """Return the number and amount of the invoices of the year; credit notes taken off, unless only invoices."""
        self.env["account.move"].flush_model()
        [found] = self._query(
            """
            SELECT COUNT(*) FILTER (WHERE move_type = 'out_invoice'), COALESCE(SUM(%(amount)s), 0)::float8
              FROM account_move
             WHERE company_id = ANY(%(companies)s)
               AND state = 'posted'
               AND move_type = ANY(%(types)s)
               AND date BETWEEN %(first)s AND %(last)s
            """,
            amount=SQL.identifier(AMOUNTS[asked["tax"]]),
            companies=list(asked.company_ids),
            types=["out_invoice"] if only_invoices else ["out_invoice", "out_refund", "out_receipt"],
            first=year[0],
            last=year[1],
        )
        return found

    # -- what is behind ---------------------------------------------------------------

    def _get_behind(self, asked, table, key, column):
        parts = self._query_open(asked)
        if table == YEAR:
            parts += self._query_paid(asked, self._get_year(asked))
        is_left = str(key or "").startswith("left")
        chosen = [part for part in parts if part.is_excluded == is_left and is_in(part, column)]
        invoices = self.env["account.move"].browse({part.invoice_id for part in chosen})
        # A reader needn't have a right in accounting; what was paid since is no open item.
        return invoices if table == YEAR and invoices.has_access("read") else {part.item_id for part in chosen}

    def _prepare_records_action(self, records):
        return {**super()._prepare_records_action(records), "name": self.env._("Invoices")}


def _head(key, label):
    return Row(key, (label, *(None for _place in (*BANDS, TOTAL))), is_head=True)


def _only_total(bands, name):
    """Return the cells of a row that has a total only."""
    return (*(None for _band in BANDS), getattr(bands[TOTAL], name))
