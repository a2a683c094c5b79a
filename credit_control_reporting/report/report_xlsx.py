"""A report as a workbook: a sheet for each table, with real dates and numbers, filters, and totals that follow.

Written row by row to a file. Nothing that comes from data is ever a formula or a link.
"""

from datetime import date
from math import ceil

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell

from ..core.tables import AMOUNT, COUNT, DATE, DAYS, GAUGE, GOAL, PERCENT, TEXT, Report, Table

NUMBERS = {AMOUNT: "#,##0.00", PERCENT: "0.0%", GAUGE: "0%", GOAL: "0%", COUNT: "#,##0", DAYS: "0.0"}
WIDTHS = {TEXT: 30, AMOUNT: 15, PERCENT: 10, GAUGE: 10, GOAL: 10, COUNT: 10, DAYS: 10, DATE: 12}
# Of a line of text, in points.
LINE_HEIGHT = 15
FORBIDDEN_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def write_report(path: str, report: Report, date_format: str = "dd/mm/yyyy") -> None:
    """Write ``report`` to the file ``path``."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(path, options) as book:
        styles = _Styles(book, date_format)
        titles = set()
        for table in report.tables:
            _write_table(book.add_worksheet(_get_title(table, titles)), report, table, styles)


def _get_title(table, taken):
    """Return a title that the workbook takes: short, without forbidden letters, and there only once."""
    plain = table.title.translate(FORBIDDEN_IN_TITLES).strip()[:28] or table.code[:28]
    title, number = plain, 1
    while title.lower() in taken:
        number += 1
        title = f"{plain} {number}"
    taken.add(title.lower())
    return title


class _Styles:
    """The formats of a workbook, each made when it is first needed."""

    def __init__(self, book, date_format):
        self.book, self.numbers, self.made = book, {**NUMBERS, DATE: date_format}, {}

    def get(self, kind=TEXT, **spec):
        key = (kind, *sorted(spec.items()))
        if key not in self.made:
            number = {"num_format": self.numbers[kind]} if kind in self.numbers else {}
            self.made[key] = self.book.add_format({**number, **spec})
        return self.made[key]


def _write_table(page, report: Report, table: Table, styles):
    lines = [(report.title, {"bold": True, "font_size": 14})]
    lines += [(note, {"font_color": "#6B7280"}) for note in report.notes]
    lines += [(table.title, {"bold": True})] if table.title != report.title else []
    lines += [(table.note, {"font_color": "#6B7280"})] if table.note else []
    for row, (text, spec) in enumerate(lines):
        page.write_string(row, 0, text, styles.get(**spec))
    head = len(lines) + 1
    _set_up_page(page, table, head)
    for place, column in enumerate(table.columns):
        side = "left" if column.kind in (TEXT, DATE) else "right"
        style = styles.get(bold=True, bottom=1, text_wrap=True, valign="top", align=side)
        page.write_string(head, place, column.label, style)
    _write_rows(page, table, head, styles)


def _set_up_page(page, table, head):
    page.freeze_panes(head + 1, 1)
    widths = [WIDTHS[column.kind] + (8 if place == 0 else 0) for place, column in enumerate(table.columns)]
    for place, width in enumerate(widths):
        page.set_column(place, place, width)
    page.set_row(head, get_height([column.label for column in table.columns], widths))
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(head)
    page.set_footer("&L&A&R&P / &N")


def get_height(labels, widths):
    """Return the height of a row of headings in points: not every program makes room for those that are wrapped.

    >>> get_height(["Total", "Overdue in all"], [30, 10]), get_height(["Total"], [30])
    (30, 15)
    """
    return LINE_HEIGHT * max(ceil(len(label) / (width - 2)) for label, width in zip(labels, widths, strict=True))


def _write_rows(page, table, head, styles):
    row = head
    for row, line in enumerate(table.rows, head + 1):
        for place, (column, value) in enumerate(zip(table.columns, line.cells, strict=True)):
            _write_cell(page, row, place, line.get_kind(column), value, styles, {"bold": True} if line.is_head else {})
    has_heads = any(line.is_head for line in table.rows)
    if table.rows and not has_heads:
        page.autofilter(head, 0, row, len(table.columns) - 1)
    if table.total:
        _write_total(page, table, head, row, styles, has_heads)


def _write_cell(page, row, place, kind, value, styles, spec):
    if value is None or value is False:
        if spec:
            page.write_blank(row, place, None, styles.get(**spec))
    elif kind == DATE and isinstance(value, date):
        page.write_datetime(row, place, value, styles.get(DATE, align="left", **spec))
    elif kind in NUMBERS and not isinstance(value, str):
        page.write_number(
            row, place, value / 100 if kind in (PERCENT, GAUGE, GOAL) else value, styles.get(kind, **spec)
        )
    else:
        page.write_string(row, place, str(value), styles.get(**spec))


def _write_total(page, table, head, last, styles, has_heads):
    """Write the sums as formulas over the rows that a filter shows, with their values for who doesn't calculate."""
    strong = {"bold": True, "top": 1}
    for place, (column, value) in enumerate(zip(table.columns, table.total.cells, strict=True)):
        if column.is_summed and table.rows and not has_heads:
            first, final = (xl_rowcol_to_cell(row, place) for row in (head + 1, last))
            style = styles.get(column.kind, **strong)
            page.write_formula(last + 1, place, f"=SUBTOTAL(109,{first}:{final})", style, value)
        elif value is None:
            page.write_blank(last + 1, place, None, styles.get(**strong))
        else:
            _write_cell(page, last + 1, place, column.kind, value, styles, strong)
