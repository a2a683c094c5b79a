import tempfile
from pathlib import Path

from openpyxl import load_workbook

from odoo.tests import tagged

from .common_every_report import EveryReportCommon
from .office import needs_office, recalculate


@tagged("post_install", "-at_install")
class TestReportWorkbook(EveryReportCommon):
    """Every report as a workbook: what stands in it, and what its formulas say to others."""

    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in self._names():
            file = self._report(model=name)._render_report(self._values(name), "xlsx")
            (self.folder / f"{name}.xlsx").write_bytes(file.content)

    def _read(self, path, data_only=True):
        """Return ``{(sheet, cell): value}``; amounts to the cent."""
        return {
            (sheet.title, cell.coordinate): round(cell.value, 2) if isinstance(cell.value, float) else cell.value
            for sheet in load_workbook(path, data_only=data_only).worksheets
            for row in sheet.iter_rows()
            for cell in row
            if cell.value not in (None, "")
        }

    def test_formulas_are_ours_alone(self):
        """Sums of columns, each with its value beside it; nothing that was typed by anybody is calculated."""
        for name in self._names():
            path = self.folder / f"{name}.xlsx"
            values = self._read(path)
            for cell, formula in self._read(path, data_only=False).items():
                if str(formula).startswith("="):
                    with self.subTest(report=name, cell=cell):
                        self.assertRegex(formula, r"^=SUBTOTAL\(109,[A-Z]+[0-9]+:[A-Z]+[0-9]+\)$")
                        self.assertIsInstance(values.get(cell, 0), int | float)

    @needs_office
    def test_libreoffice_says_the_same(self):
        """All cells of all sheets; what is a formula is calculated by it."""
        saved = recalculate(self.folder)
        for name in self._names():
            with self.subTest(report=name):
                ours, theirs = (self._read(folder / f"{name}.xlsx") for folder in (self.folder, saved))
                self.assertEqual(theirs, ours)
