"""The aged balance as a workbook that people go on working with: real dates and numbers, filters, totals that follow.

Rows are flat, one for each group, with every axis in a column of its own: so it sorts, filters and pivots. Written
row by row to a file: memory doesn't grow with the ledger. Nothing that comes from data is ever a formula.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell

from ..core.aged import Figures
from .report_xlsx import get_height

HEADER_ROW = 4
NAME_WIDTH, DETAIL_WIDTH, AMOUNT_WIDTH = 34, 20, 14


@dataclass(frozen=True)
class Sheet:
    """What the workbook says. ``rows`` are ``(labels, details, figures)``, as many of each as the headings name.

    Details are words before the amounts, then what stands behind them (``tail``): numbers, or words like “> 730”.
    """

    title: str
    as_of: date
    notes: tuple[str, ...]
    axes: tuple[str, ...]
    headings: tuple[str, ...]
    total: Figures
    total_label: str
    rows: Iterable[tuple[tuple[str, ...], tuple[str, ...], Figures]]
    details: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
    total_tail: tuple[object, ...] = ()
    date_format: str = "dd/mm/yyyy"
    amount_format: str = "#,##0.00"

    @property
    def texts(self):
        """The headings of the columns with words, left of the amounts."""
        return (*self.axes, *self.details)


def write_workbook(path: str, sheet: Sheet) -> None:
    """Write ``sheet`` to the file ``path``."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(path, options) as book:
        page = book.add_worksheet(sheet.title[:31])
        _set_up_page(page, sheet)
        formats = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "note": book.add_format({"font_color": "#6B7280"}),
            "date": book.add_format({"num_format": sheet.date_format, "align": "left", "bold": True}),
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "number_head": book.add_format(
                {"bold": True, "bottom": 1, "align": "right", "text_wrap": True, "valign": "top"}
            ),
            "amount": book.add_format({"num_format": sheet.amount_format}),
            "days": book.add_format({"num_format": "0", "align": "right"}),
            "sum_days": book.add_format({"num_format": "0", "align": "right", "bold": True, "top": 1}),
            "sum": book.add_format({"num_format": sheet.amount_format, "bold": True, "top": 1}),
            "sum_label": book.add_format({"bold": True, "top": 1}),
        }
        _write_head(page, sheet, formats)
        last = _write_rows(page, sheet, formats)
        _write_total(page, sheet, formats, last)


def _set_up_page(page, sheet):
    width = len(sheet.texts)
    page.freeze_panes(HEADER_ROW + 1, len(sheet.axes))
    page.set_column(0, width - 1, NAME_WIDTH)
    if sheet.details:
        page.set_column(len(sheet.axes), width - 1, DETAIL_WIDTH)
    page.set_column(width, width + len(sheet.headings) + len(sheet.tail) - 1, AMOUNT_WIDTH)
    labels = (*sheet.headings, *sheet.tail)
    page.set_row(HEADER_ROW, get_height(labels, [AMOUNT_WIDTH] * len(labels)))
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(HEADER_ROW)
    page.set_footer("&L&A&R&P / &N")


def _write_head(page, sheet, formats):
    page.write_string(0, 0, sheet.title, formats["title"])
    page.write_datetime(1, 0, sheet.as_of, formats["date"])
    for place, note in enumerate(sheet.notes[:2]):
        page.write_string(2 + place, 0, note, formats["note"])
    for column, label in enumerate(sheet.texts):
        page.write_string(HEADER_ROW, column, label, formats["head"])
    for column, label in enumerate((*sheet.headings, *sheet.tail), len(sheet.texts)):
        page.write_string(HEADER_ROW, column, label, formats["number_head"])


def _write_rows(page, sheet, formats):
    """Write the rows; return the last one: an empty one where there is nothing, for the sums to add up."""
    width, words = len(sheet.texts), len(sheet.details)
    row = HEADER_ROW + 1
    for row, (labels, details, figures) in enumerate(sheet.rows, HEADER_ROW + 1):
        for column, label in enumerate((*labels, *details[:words])):
            page.write_string(row, column, label)
        for column, amount in enumerate(figures.as_row(), width):
            # Nothing is an empty cell: most of them are, and they take as long as the others.
            if amount:
                page.write_number(row, column, amount, formats["amount"])
        if sheet.tail:
            _write_tail(page, row, width + len(sheet.headings), details[words:], formats["days"])
    return row


def _write_tail(page, row, start, values, style):
    for column, value in enumerate(values, start):
        if isinstance(value, str):
            page.write_string(row, column, value, style)
        elif value is not None:
            page.write_number(row, column, value, style)


def _write_total(page, sheet, formats, last):
    width = len(sheet.texts)
    end = width + len(sheet.headings) + len(sheet.tail) - 1
    page.autofilter(HEADER_ROW, 0, last, end)
    page.write_string(last + 1, 0, sheet.total_label, formats["sum_label"])
    for column in range(1, width):
        page.write_blank(last + 1, column, None, formats["sum_label"])
    for column, amount in enumerate(sheet.total.as_row(), width):
        # Of the rows that a filter shows; the value for programs that don't calculate.
        first, final = xl_rowcol_to_cell(HEADER_ROW + 1, column), xl_rowcol_to_cell(last, column)
        page.write_formula(last + 1, column, f"=SUBTOTAL(109,{first}:{final})", formats["sum"], amount)
    _write_tail(page, last + 1, width + len(sheet.headings), sheet.total_tail, formats["sum_days"])
