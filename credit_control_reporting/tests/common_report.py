import tempfile
from datetime import date

from openpyxl import load_workbook

from odoo.fields import Command

from ..report.report_xlsx import write_report
from .common_ledger import LedgerCommon

DAY = date(2025, 6, 30)


class ReportCommon(LedgerCommon):
    """Reads a report as the reader of the company does, and as a workbook."""

    model = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.values = {"as_of": DAY.isoformat()}

    def _report(self, user=None, model=None):
        return self.env[model or self.model].with_user(user or self.reader).with_company(self.company)

    def _screen(self, **values):
        return self._report().get_screen({**self.values, **values})

    def _table(self, code, **values):
        [table] = [table for table in self._screen(**values)["tables"] if table["code"] == code]
        return table

    def _cells(self, code, column, **values):
        """Return ``{key: cell}`` of a column."""
        table = self._table(code, **values)
        place = [each["code"] for each in table["columns"]].index(column)
        return {row["key"]: row["cells"][place] for row in table["rows"]}

    def _row(self, code, key, **values):
        """Return the cells of a row, by column."""
        table = self._table(code, **values)
        [row] = [row for row in [*table["rows"], table["total"]] if row and row["key"] == key]
        return dict(zip([column["code"] for column in table["columns"]], row["cells"], strict=True))

    def _open(self, table, key, column=None, **values):
        """Return the records that a cell opens, as the reader sees them."""
        action = self._report().action_open({**self.values, **values}, table, key, column)
        records = self.env[action["res_model"]].with_user(self.reader).with_company(self.company)
        return records.with_context(**action["context"]).search(action["domain"])

    def _debtor(self, partner=None):
        partner = partner or self.customer
        self.env["credit.debtor"]._ensure(self.company, partner.ids)
        return partner.with_company(self.company).credit_debtor_id

    def _dispute(self, move, amount=0.0, day=date(2025, 6, 10)):
        return self.env["credit.dispute"].create(
            {
                "partner_id": move.partner_id.id,
                "company_id": self.company.id,
                "reason_id": self.env["credit.dispute.reason"].search([], limit=1).id,
                "date": day,
                "line_ids": [Command.create({"move_line_id": self._receivable(move)[:1].id, "amount": amount})],
            }
        )

    def _workbook(self, **values):
        """Return the sheets of the workbook: with formulas, and with values only."""
        report = self._report()
        with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
            write_report(file.name, report._get_report(report._read_asked({**self.values, **values})))
            return load_workbook(file.name), load_workbook(file.name, data_only=True)

    @classmethod
    def _new_foreign_reader(cls):
        """Return a reader of another company, who isn't one of ours."""
        currency = cls.company.currency_id
        return cls._new_stranger(
            cls.env["res.company"].create({"name": "Elsewhere", "currency_id": currency.id}), "reader"
        )
