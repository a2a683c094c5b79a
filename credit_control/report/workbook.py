"""Tables as an XLSX file, written row by row: its memory doesn't grow with the number of rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO

import xlsxwriter

TITLE_LENGTH = 31
FORBIDDEN_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
FORMATS = {"text": {}, "date": {"num_format": "yyyy-mm-dd"}, "amount": {"num_format": "#,##0.00"}, "count": {}}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, what stands in it (text, date, amount, count) and its width in characters."""

    label: str
    kind: str = "text"
    width: int = 14
    is_summed: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its rows have a value for each column, None where there is nothing to say."""

    title: str
    columns: tuple[Column, ...]
    rows: Iterable[tuple[Any, ...]]


def write_workbook(target: str | BinaryIO, sheets: Iterable[Sheet], total: str) -> None:
    """Write ``sheets`` as an XLSX file to ``target``, a path or a binary file.

    Texts are texts: what a customer wrote is never taken for a formula or a link.

    :param total: the word before the sums of a sheet
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        bold = {kind: book.add_format({**spec, "bold": True, "top": 1}) for kind, spec in FORMATS.items()}
        plain = {kind: book.add_format(spec) for kind, spec in FORMATS.items()}
        for sheet in sheets:
            _write_sheet(book, sheet, total, head, plain, bold)


def _write_sheet(book, sheet, total, head, plain, bold):
    page = book.add_worksheet(sheet.title.translate(FORBIDDEN_IN_TITLES)[:TITLE_LENGTH])
    page.freeze_panes(1, 0)
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
        page.write_string(0, place, column.label, head)
    sums, number = [0.0] * len(sheet.columns), 0
    for number, row in enumerate(sheet.rows, 1):
        for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
            _write_cell(page, number, place, column.kind, value, plain)
            sums[place] += value if column.is_summed and value else 0.0
    if number and any(column.is_summed for column in sheet.columns):
        page.write_string(number + 1, 0, total, bold["text"])
        for place, column in enumerate(sheet.columns):
            if column.is_summed:
                page.write_number(number + 1, place, sums[place], bold[column.kind])


def _write_cell(page, row, place, kind, value, formats):
    if value is None or value is False:
        return
    if kind == "date" and isinstance(value, date):
        page.write_datetime(row, place, value, formats[kind])
    elif kind in ("amount", "count"):
        page.write_number(row, place, value, formats[kind])
    else:
        page.write_string(row, place, str(value), formats["text"])
