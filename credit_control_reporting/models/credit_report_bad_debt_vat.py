from collections import defaultdict

from odoo import models

from odoo.addons.credit_control.core.money import round_to
from odoo.addons.credit_control.core.status import INSOLVENCY, LOST, PRECEDENCE

from ..core.provision import Claim, set_off
from ..core.tables import AMOUNT, DATE, Column, Question, Report, Row, Table, sum_rows

LIST, STATEMENTS = "list", "statements"


class CreditReportBadDebtVat(models.AbstractModel):
    """The VAT of debts that won't be paid: which invoices, what is open of them without VAT, and the VAT of it.

    Debts of customers that a person has given up (lost), or whose liquidation has been ordered: from that judgment on
    the VAT may be recovered (CGI 272-1). It needs the invoice to be corrected first: a duplicate with the words of the
    law, or for many invoices one statement for the customer (BOI-TVA-DED-40-10-20), which is printed here.

    VAT that falls due on payment (services, CGI 269-2 c) was never paid to the State: it isn't recovered.
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
        items = self._gather(asked)
        return Report(
            title=self._get_report_title(),
            notes=(
                self._get_scope_note(asked),
                self._get_day_note(asked),
                self.env._(
                    "debts given up as lost, and of customers in liquidation; the VAT is recovered once the customer "
                    "has got the corrected invoice or the statement"
                ),
                self.env._(
                    "credits set off against the oldest claims; VAT that falls due on payment was never due, and isn't "
                    "recovered"
                ),
            ),
            tables=(self._build_invoices(asked, items), self._build_taxes(asked, items)),
        )

    # -- gather -----------------------------------------------------------------------

    def _gather(self, asked):
        """Return what is open of each invoice after credits: dictionaries, by customer and due date.

        ``gross`` is ``net``, ``vat`` to recover, and ``later``: the VAT that would have fallen due on payment.
        """
        of_customers = defaultdict(list)
        for item in self._query_items(asked):
            of_customers[item["partner_id"], item["company_id"]].append(item)
        rounding = self._get_currency(asked).rounding
        left = [item for items in of_customers.values() for item in _set_off(items, rounding)]
        return [item for item in left if item["move_type"] == "out_invoice"]

    def _query_items(self, asked):
        """Return all trade items of the customers in question, credits too: dictionaries.

        ``net`` is the share of the price without VAT in the total of its entry, ``later`` that of VAT due on payment.
        """
        rows = self._query(
            """
            SELECT item.id, item.partner_id, item.company_id, item.move_id, item.move_type, item.reference,
                   move.invoice_date, item.date_maturity, fact.rank, item.amount_residual::float8,
                   COALESCE(move.amount_untaxed_signed / NULLIF(move.amount_total_signed, 0), 1)::float8,
                   COALESCE(-later.balance / NULLIF(move.amount_total_signed, 0), 0)::float8
              FROM (%(items)s) item
              JOIN account_move move ON move.id = item.move_id
              JOIN (%(status)s) fact ON fact.partner_id = item.partner_id AND fact.company_id = item.company_id
             CROSS JOIN LATERAL (
                SELECT SUM(line.balance) AS balance
                  FROM account_move_line line
                  JOIN account_tax tax ON tax.id = line.tax_line_id
                 WHERE line.move_id = item.move_id
                   AND tax.tax_exigibility = 'on_payment'
             ) later
             WHERE NOT item.non_trade
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
        names = ("id", "partner_id", "company_id", "move_id", "move_type", "reference", "date", "due", "rank")
        return [dict(zip((*names, "gross", "net", "later"), row, strict=True)) for row in rows]

    def _query_taxes(self, items):
        """Return [(invoice id, tax id, share of the tax in the VAT to recover of the invoice)], in one query."""
        return self._query(
            """
            SELECT line.move_id, line.tax_line_id,
                   (SUM(line.balance) / NULLIF(SUM(SUM(line.balance)) OVER (PARTITION BY line.move_id), 0))::float8
              FROM account_move_line line
              JOIN account_tax tax ON tax.id = line.tax_line_id
             WHERE line.move_id = ANY(%(moves)s)
               AND tax.tax_exigibility IS DISTINCT FROM 'on_payment'
             GROUP BY line.move_id, line.tax_line_id
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
                    item["vat"],
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
            vat_of[item["move_id"]] += item["vat"]
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
        return [item["id"] for item in self._gather(asked) if key in (None, item["id"])]

    def _get_partner_ids(self, asked, table, key):
        return {item["partner_id"] for item in self._gather(asked) if key in (None, item["id"])}

    def _prepare_statements(self, asked):
        """Return what each customer's statement says: customer, company, invoices, net price and VAT left unpaid.

        Of an invoice without VAT to recover there is nothing to correct.
        """
        by_customer = defaultdict(list)
        for item in self._gather(asked):
            if item["vat"]:
                by_customer[item["partner_id"], item["company_id"]].append(item)
        return [
            {
                "customer": self.env["res.partner"].sudo().browse(partner_id),
                "company": self.env["res.company"].browse(company_id),
                "items": items,
                **{name: round(sum(item[name] for item in items), 2) for name in ("net", "vat", "later")},
            }
            for (partner_id, company_id), items in by_customer.items()
        ]


def _set_off(items, rounding):
    """Return what is left of the items of a customer after their credits, each split in net price and VAT."""
    by_id = {item["id"]: item for item in items}
    claims = [Claim(item["id"], item["due"], item["gross"], item["net"], 0) for item in items if item["gross"] > 0]
    credit = sum(-item["gross"] for item in items if item["gross"] < 0)
    return [_split(by_id[claim.id], claim.amount, rounding) for claim in set_off(claims, credit, rounding)]


def _split(item, gross, rounding):
    """Return ``item`` with ``gross`` split; the cent that rounding leaves over is in the VAT of either kind, if any."""
    gross = round_to(gross, rounding)
    net = round_to(gross * item["net"], rounding)
    tax_share = 1 - item["net"]
    later_share = item["later"] / tax_share if tax_share else 0.0
    later = round_to((gross - net) * later_share, rounding)
    return {**item, "gross": gross, "net": net, "later": later, "vat": round_to(gross - net - later, rounding)}
