from collections import defaultdict

from odoo import models

from odoo.addons.credit_control.core.status import INSOLVENCY, LOST, PRECEDENCE

from ..core.tables import AMOUNT, DATE, Column, Question, Report, Row, Table, sum_rows

LIST, STATEMENTS = "list", "statements"


class CreditReportBadDebtVat(models.AbstractModel):
    """The VAT of debts that won't be paid: which invoices, what is open of them without VAT, and the VAT of it.

    Debts of customers that a person has given up (lost), or whose liquidation has been ordered: from that judgment on
    the VAT may be recovered (CGI 272-1). It needs the invoice to be corrected first: a duplicate with the words of the
    law, or for many invoices one statement for the customer (BOI-TVA-DED-40-10-20), which is printed here.
    """

    _name = "credit.report.bad.debt.vat"
    _inherit = ["credit.report.tables"]
    _description = "VAT on bad debts"

    def _get_report_title(self):
        return self.env._("VAT on bad debts (CGI 272-1)")

    def _get_questions(self):
        env = self.env
        papers = ((LIST, env._("The list")), (STATEMENTS, env._("Statements for the customers")))
        return (
            self._ask_day(label=env._("Closing date")),
            Question("paper", env._("PDF"), "choice", LIST, papers),
        )

    def _get_paper(self, asked):
        if asked["paper"] == STATEMENTS:
            return "credit_control_reporting.action_report_bad_debt_vat"
        return super()._get_paper(asked)

    def _build(self, asked):
        items = self._query_items(asked)
        return Report(
            title=self._get_report_title(),
            notes=(
                self._get_scope_note(asked),
                self._get_day_note(asked),
                self.env._(
                    "debts given up as lost, and of customers in liquidation; the VAT is recovered once the customer "
                    "has got the corrected invoice or the statement"
                ),
            ),
            tables=(self._build_invoices(asked, items), self._build_taxes(asked, items)),
        )

    # -- gather -----------------------------------------------------------------------

    def _query_items(self, asked):
        """Return what is open of each invoice, with VAT and without: dictionaries, by customer and due date."""
        rows = self._query(
            """
            SELECT item.id, item.partner_id, item.company_id, item.move_id, item.reference, move.invoice_date,
                   item.date_maturity, fact.rank,
                   item.amount_residual::float8,
                   ROUND(item.amount_residual * COALESCE(move.amount_untaxed_signed
                       / NULLIF(move.amount_total_signed, 0), 1), 2)::float8
              FROM (%(items)s) item
              JOIN account_move move ON move.id = item.move_id
              JOIN (%(status)s) fact ON fact.partner_id = item.partner_id AND fact.company_id = item.company_id
             WHERE item.move_type = 'out_invoice'
               AND item.amount_residual > 0
               AND NOT item.non_trade
               AND (fact.rank = %(lost)s OR item.partner_id IN (
                    SELECT partner_id
                      FROM credit_insolvency
                     WHERE company_id = item.company_id
                       AND kind = 'liquidation'
                       AND COALESCE(judgment_date, date) <= %(day)s))
             ORDER BY item.partner_id, item.date_maturity, item.id
            """,
            items=self._get_items_sql(asked),
            status=self._get_status_sql(asked, (LOST, INSOLVENCY)),
            lost=PRECEDENCE.index(LOST),
            day=asked["as_of"],
        )
        names = ("id", "partner_id", "company_id", "move_id", "reference", "date", "due", "rank", "gross", "net")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _query_taxes(self, items):
        """Return [(invoice id, tax id, share of the tax in all VAT of the invoice)], in one query."""
        return self._query(
            """
            SELECT move_id, tax_line_id,
                   (SUM(balance) / NULLIF(SUM(SUM(balance)) OVER (PARTITION BY move_id), 0))::float8
              FROM account_move_line
             WHERE move_id = ANY(%(moves)s)
               AND tax_line_id IS NOT NULL
             GROUP BY move_id, tax_line_id
            """,
            moves=list({item["move_id"] for item in items}),
        )

    # -- tables -----------------------------------------------------------------------

    def _build_invoices(self, asked, items):
        env = self.env
        names = self._get_names("res.partner", {item["partner_id"] for item in items})
        labels = self._get_status_labels()
        rows = tuple(
            Row(
                item["id"],
                (
                    names[item["partner_id"]],
                    item["reference"],
                    item["date"],
                    item["due"],
                    labels[PRECEDENCE[item["rank"]]],
                    item["gross"],
                    item["net"],
                    _get_vat(item),
                ),
            )
            for item in items
        )
        columns = (
            Column("customer", env._("Customer")),
            Column("invoice", env._("Invoice")),
            Column("date", env._("Date"), DATE),
            Column("due", env._("Due date"), DATE),
            Column("status", env._("Status")),
            Column("gross", env._("Unpaid incl. VAT"), AMOUNT, is_summed=True, opens=True),
            Column("net", env._("Unpaid net price"), AMOUNT, is_summed=True),
            Column("vat", env._("VAT to recover"), AMOUNT, "red", is_summed=True, opens=True),
        )
        total = sum_rows(columns, rows, env._("Total"), self._get_currency(asked).rounding)
        return Table("invoices", env._("By invoice"), columns, rows, total, links=("customers",))

    def _build_taxes(self, asked, items):
        vat_of = defaultdict(float)
        for item in items:
            vat_of[item["move_id"]] += _get_vat(item)
        by_tax = defaultdict(float)
        for move_id, tax_id, share in self._query_taxes(items):
            by_tax[tax_id] += vat_of[move_id] * (share or 0.0)
        names = self._get_names("account.tax", by_tax)
        rows = tuple(Row(tax_id, (names[tax_id], round(amount, 2))) for tax_id, amount in by_tax.items())
        columns = (
            Column("tax", self.env._("Tax")),
            Column("vat", self.env._("VAT to recover"), AMOUNT, is_summed=True),
        )
        total = sum_rows(columns, rows, self.env._("Total"), self._get_currency(asked).rounding)
        return Table("taxes", self.env._("By tax"), columns, rows, total)

    # -- what is behind ---------------------------------------------------------------

    def _get_behind(self, asked, table, key, column):
        return [item["id"] for item in self._query_items(asked) if key in (None, item["id"])]

    def _get_partner_ids(self, asked, table, key):
        return {item["partner_id"] for item in self._query_items(asked) if key in (None, item["id"])}

    def _prepare_statements(self, asked):
        """Return what each customer's statement says: customer, company, invoices, net price and VAT left unpaid."""
        by_customer = defaultdict(list)
        for item in self._query_items(asked):
            by_customer[item["partner_id"], item["company_id"]].append({**item, "vat": _get_vat(item)})
        return [
            {
                "customer": self.env["res.partner"].sudo().browse(partner_id),
                "company": self.env["res.company"].browse(company_id),
                "items": items,
                "net": round(sum(item["net"] for item in items), 2),
                "vat": round(sum(item["vat"] for item in items), 2),
            }
            for (partner_id, company_id), items in by_customer.items()
        ]


def _get_vat(item):
    return round(item["gross"] - item["net"], 2)
