import tempfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from openpyxl import load_workbook

from odoo.tests import BaseCase, tagged

from ..core.aged import Figures, add_up
from ..report.aged_balance_xlsx import HEADER_ROW, Sheet, write_workbook
from .office import needs_office, recalculate

LONG = "Établissements réunis de la boulangerie et de la pâtisserie artisanales de Basse-Normandie et du Perche " * 2
HOSTILE = (
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.com";"x")',
    "+1+2",
    "-3+4",
    "@SUM(1)",
    "{=1+1}",
    "\t=1",
    "http://example.com",
    "<b>é</b>",
    "2025-01-01",
    "1e5",
    LONG,
)


@tagged("post_install", "-at_install")
class TestAgedWorkbook(BaseCase):
    """The workbook as other programs read it: openpyxl, and LibreOffice where the machine has it."""

    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.path = self.folder / "aged.xlsx"
        figures = [Figures((0.1 + place, 1_000.55, -20.0), 5.25, 0.0, -20.0) for place in range(len(HOSTILE))]
        self.sheet = Sheet(
            title="Aged balance",
            as_of=date(2025, 6, 30),
            notes=("=1+1 · EUR", "All open items"),
            axes=("Country", "Customer"),
            details=("Status",),
            headings=("Total", "Not due", "1–30", "31+", "Disputed", "Promised", "Unallocated"),
            total=add_up(figures, 3),
            total_label="Total",
            rows=[(("France", name), ("Overdue",), each) for name, each in zip(HOSTILE, figures, strict=True)],
        )

    def _read(self, data_only):
        page = load_workbook(self.path, data_only=data_only).active
        return page, [[cell.value for cell in row] for row in page.iter_rows(min_row=HEADER_ROW + 2)]

    def test_openpyxl_reads_the_same(self):
        write_workbook(str(self.path), self.sheet)
        page, rows = self._read(data_only=True)
        self.assertEqual(page["A2"].value, datetime(2025, 6, 30))
        self.assertEqual([row[1] for row in rows[:-1]], list(HOSTILE))
        self.assertEqual(rows[-1][3:], self.sheet.total.as_row())
        self.assertEqual(page.print_title_rows, f"${HEADER_ROW + 1}:${HEADER_ROW + 1}")
        _page, formulas = self._read(data_only=False)
        cells = [cell for row in formulas for cell in row[:3] if cell]
        self.assertFalse([cell for cell in cells if cell not in (*HOSTILE, "France", "Overdue", "Total")])
        types = {page.cell(row=HEADER_ROW + 2 + place, column=2).data_type for place in range(len(HOSTILE))}
        self.assertEqual(types, {"s"})

    def test_what_stands_behind_the_amounts(self):
        rows = [((label, ""), ("", days), Figures((1.0, 0.0, 0.0))) for label, days in (("A", 47), ("B", "> 730"))]
        rows.append((("C", ""), ("", None), Figures((1.0, 0.0, 0.0))))
        sheet = replace(self.sheet, tail=("DSO",), total_tail=(61,), rows=rows)
        write_workbook(str(self.path), sheet)
        page, found = self._read(data_only=True)
        self.assertEqual([row[-1] for row in found], [47, "> 730", None, 61])
        self.assertEqual(page.cell(row=HEADER_ROW + 1, column=len(found[0])).value, "DSO")
        self.assertTrue(page.auto_filter.ref.startswith(f"A{HEADER_ROW + 1}:"))

    @needs_office
    def test_eleven_thousand_rows(self):
        """openpyxl and LibreOffice read the same rows and totals; a total is what its column adds up to."""
        figures = [Figures((round(place * 1.37, 2), 0.01 * place, -0.5)) for place in range(11_000)]
        names = [f"{LONG[:60]} {place:05}" for place in range(len(figures))]
        rows = [(("France", name), ("",), each) for name, each in zip(names, figures, strict=True)]
        sheet = replace(self.sheet, rows=rows, total=add_up(figures, 3))
        write_workbook(str(self.path), sheet)
        saved = recalculate(self.folder) / self.path.name
        totals = [round(sum(each.as_row()[place] for each in figures), 2) for place in range(4)]
        for path in (self.path, saved):
            page = load_workbook(path, data_only=True, read_only=True).active
            found = list(page.iter_rows(min_row=HEADER_ROW + 2, values_only=True))
            self.assertEqual([row[1] for row in found[:-1]], names)
            self.assertEqual([round(amount, 2) for amount in found[-1][3:7]], totals)

    @needs_office
    def test_libreoffice_calculates_the_same(self):
        """The values written beside the formulas are wrong here: what LibreOffice says is its own sum."""
        write_workbook(str(self.path), replace(self.sheet, total=Figures((0.0, 0.0, 0.0))))
        self.path = recalculate(self.folder) / self.path.name
        _page, rows = self._read(data_only=True)
        self.assertEqual([row[1] for row in rows[:-1]], list(HOSTILE))
        self.assertEqual([round(amount, 2) for amount in rows[-1][3:]], self.sheet.total.as_row())
