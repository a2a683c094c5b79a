"""Reading a CSV of ratings from an agency: who, how rated, when; what is wrong by line and column.

The header row names the columns, in English or French, in any order. A customer is named by VAT
number, SIREN or another register number, our reference, or its name. All of the file is read;
nothing is decided about customers here.

>>> found = read("VAT;Rating;Date\\nFR83404833048;3+;31/01/2026\\n".encode())
>>> [(row.line, row.keys, row.value, str(row.day)) for row in found.rows], found.problems
([(2, {'vat': 'FR83404833048'}, '3+', '2026-01-31')], ())
>>> [(problem.code, problem.value) for problem in read(b"Name;Colour\\nAtelier;red\\n").problems]
[('header_missing', 'value,date')]
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from . import ledger_file
from .ledger_file import (
    BAD_AMOUNT,
    BAD_CURRENCY,
    BAD_DATE,
    BAD_QUOTES,
    COLUMNS_DIFFER,
    DATE_ORDER_OPEN,
    DELIMITERS,
    DUPLICATE,
    EMPTY,
    HEADER_MISSING,
    HEADER_TWICE,
    LINE_TOO_LONG,
    NOT_TEXT,
    TOO_LARGE,
    TOO_MANY_ROWS,
    VALUE_MISSING,
    Problem,
)

MAX_BYTES = 5_000_000
MAX_ROWS = 50_000
MAX_CELL = 500

# Codes of problems that only files of ratings have.
NO_CUSTOMER = "no_customer"
CELL_TOO_LONG = "cell_too_long"
NEGATIVE = "negative"
ENDS_BEFORE = "ends_before"
IN_FUTURE = "in_future"

# The headers by which each field is known, as ``ledger_file.normalize`` writes them.
HEADERS = {
    "vat": "vat vatnumber vatid tva numerotva ntva tvaintracommunautaire numerotvaintracommunautaire taxid",
    "registry": "siren siret numerosiren nsiren registry registrynumber companyregistry registrationnumber companyid",
    "ref": "ref reference customerref customerreference customernumber customerid codeclient client refclient",
    "name": "name customer customername company companyname nom raisonsociale denomination societe",
    "value": "rating value grade score note cotation notation valeur",
    "date": "date ratingdate dateofrating ratedon datecotation datenotation datedelanote",
    "limit": (
        "limit recommendedlimit creditlimit recommendedcredit creditopinion limite plafond plafondconseille "
        "encours encoursconseille limiteconseillee encoursrecommande avisdecredit"
    ),
    "currency": "currency currencycode devise monnaie",
    "until": "validuntil expiry expirydate validto valableau validejusquau dateexpiration finvalidite",
    "note": "comment note2 remark commentaire remarque",
}
KNOWN = {name: key for key, names in HEADERS.items() for name in names.split()}
IDENTIFIERS = ("vat", "registry", "ref", "name")
REQUIRED = ("value", "date")


@dataclass(frozen=True, slots=True)
class Row:
    """One rating as the file states it. ``keys`` are what names the customer, by field of ``IDENTIFIERS``."""

    line: int
    keys: dict[str, str]
    value: str
    day: date
    limit: Decimal | None = None
    currency: str = ""
    until: date | None = None
    note: str = ""


@dataclass(frozen=True)
class Reading:
    """What a file holds: its rows, or the problems that prevent all of it. ``headers`` are as the file writes them."""

    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()


class _Stop(Exception):
    """The file can't be read any further: carries the problem that says why."""

    def __init__(self, line: int, code: str, value: str = "", column: str = ""):
        super().__init__(code)
        self.problem = Problem(line, column, code, value)


def read(content: bytes, order: str = "", today: date | None = None) -> Reading:
    """Read a file of ratings.

    :param order: of day, month and year in dates (``dmy``, ``mdy``, ``ymd``); empty: found from the dates
    :param today: ratings of a later day are refused; None: any day will do
    """
    try:
        return _read(content, order, today)
    except _Stop as stop:
        return Reading(problems=(stop.problem,))


def _read(content: bytes, order: str, today: date | None) -> Reading:
    text = _text(content)
    delimiter = _delimiter(text)
    lines = _rows(text, delimiter)
    header_line, header = next(lines, (0, []))
    if not header:
        raise _Stop(0, EMPTY)
    columns = _columns(header_line, header)
    body = list(lines)
    if not body:
        raise _Stop(0, EMPTY)
    headers = {key: header[place] for key, place in columns.items()}
    table = _Table(columns, headers, len(header))
    table.order = order or table.find_order(body)
    table.today = today
    rows = [table.row(line, cells) for line, cells in body]
    used = set(columns.values())
    ignored = tuple(text for place, text in enumerate(header) if place not in used and text)
    table.check_repeated([row for row in rows if row])
    problems = tuple(sorted(table.problems, key=lambda problem: problem.line))
    return Reading(() if problems else tuple(rows), problems, headers, ignored)


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _Stop(0, TOO_LARGE, str(MAX_BYTES // 1_000_000))
    if not content.strip():
        raise _Stop(0, EMPTY)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\0" in content or content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise _Stop(0, NOT_TEXT)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _delimiter(text: str) -> str:
    """The separator with which the first row names most fields."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=lambda sign: sum(_field_of(cell) is not None for cell in first.split(sign)))


def _field_of(header: str) -> str | None:
    return KNOWN.get(ledger_file.normalize(header.strip().strip('"')))


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with the line on which each ends; empty ones left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    count = 0
    try:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            count += 1
            if count > MAX_ROWS + 1:
                raise _Stop(reader.line_num, TOO_MANY_ROWS, str(MAX_ROWS))
            yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        code = LINE_TOO_LONG if "field limit" in str(error) else BAD_QUOTES
        raise _Stop(reader.line_num, code, str(csv.field_size_limit() if code == LINE_TOO_LONG else error)) from error


def _columns(line: int, header: list[str]) -> dict[str, int]:
    """Return the place of each field that the header names.

    :raise _Stop: where a needed one is missing, or stands there twice
    """
    columns = {}
    for place, text in enumerate(header):
        key = _field_of(text)
        if key in columns:
            raise _Stop(line, HEADER_TWICE, key, text)
        if key:
            columns[key] = place
    missing = [key for key in REQUIRED if key not in columns]
    if not any(key in columns for key in IDENTIFIERS):
        missing.insert(0, "name")
    if missing:
        raise _Stop(line, HEADER_MISSING, ",".join(missing))
    return columns


class _Table:
    """The rows below the header: what can't be read is kept in ``problems``."""

    order = "ymd"
    today = None

    def __init__(self, columns: dict[str, int], headers: dict[str, str], width: int):
        self.columns, self.headers, self.width, self.problems = columns, headers, width, []

    def cell(self, cells: list[str], key: str) -> str:
        place = self.columns.get(key)
        return cells[place] if place is not None and place < len(cells) else ""

    def refuse(self, line: int, key: str, code: str, value: str = "", other: int = 0) -> None:
        self.problems.append(Problem(line, self.headers.get(key, ""), code, value[:80], other))

    def find_order(self, body: list[tuple[int, list[str]]]) -> str:
        """Return the one order in which the dates make sense; where several are left, that is a problem."""
        possible, first = set(ledger_file.DATE_ORDERS), None
        for line, cells in body:
            for key in ("date", "until"):
                text = self.cell(cells, key)
                if text and not ledger_file.is_year_first(text):
                    orders = ledger_file.date_orders(text)
                    possible &= orders or possible
                    first = first or (line, key, text)
        if first is None:
            return "ymd"
        if len(possible) > 1:
            line, key, text = first
            self.refuse(line, key, DATE_ORDER_OPEN, text)
        # Dates that contradict each other are refused one by one.
        return min(possible, default="dmy")

    def row(self, line: int, cells: list[str]) -> Row | None:
        """Return the rating of one row, None where something in it can't be read."""
        before = len(self.problems)
        if any(cells[self.width :]):
            self.refuse(line, "", COLUMNS_DIFFER, str(len(cells)), self.width)
            return None
        for key in self.columns:
            if len(self.cell(cells, key)) > MAX_CELL:
                self.refuse(line, key, CELL_TOO_LONG, str(MAX_CELL))
        values = self.values(line, cells)
        return Row(line=line, **values) if len(self.problems) == before else None

    def values(self, line: int, cells: list[str]) -> dict:
        """Return what a :class:`Row` takes; what is wrong is noted."""
        keys = {key: self.cell(cells, key) for key in IDENTIFIERS if self.cell(cells, key)}
        if not keys:
            self.refuse(line, next(key for key in IDENTIFIERS if key in self.columns), NO_CUSTOMER)
        for key in REQUIRED:
            if not self.cell(cells, key):
                self.refuse(line, key, VALUE_MISSING)
        day, until = self.date(line, cells, "date"), self.date(line, cells, "until")
        if day and self.today and day > self.today:
            self.refuse(line, "date", IN_FUTURE, self.cell(cells, "date"))
        if day and until and until < day:
            self.refuse(line, "until", ENDS_BEFORE, self.cell(cells, "until"))
        return {
            "keys": keys,
            "value": self.cell(cells, "value"),
            "day": day,
            "limit": self.limit(line, cells),
            "currency": self.currency(line, cells),
            "until": until,
            "note": self.cell(cells, "note"),
        }

    def date(self, line: int, cells: list[str], key: str) -> date | None:
        text = self.cell(cells, key)
        day = ledger_file.parse_date(text, self.order) if text else None
        if text and day is None:
            self.refuse(line, key, BAD_DATE, text)
        return day

    def limit(self, line: int, cells: list[str]) -> Decimal | None:
        text = self.cell(cells, "limit")
        if not text:
            return None
        # A recommended limit has no third decimal: one sign before three digits separates thousands.
        comma = bool(re.search(r",\d{1,2}$", re.sub(r"[^\d.,]", "", text)))
        amount = ledger_file.parse_amount(text, "," if comma or re.search(r"\.\d{3}\b", text) else ".")
        if amount is None:
            self.refuse(line, "limit", BAD_AMOUNT, text)
        elif amount < 0:
            self.refuse(line, "limit", NEGATIVE, text)
        return amount

    def currency(self, line: int, cells: list[str]) -> str:
        text = self.cell(cells, "currency")
        code = ledger_file.parse_currency(text)
        if code is None:
            self.refuse(line, "currency", BAD_CURRENCY, text)
        return code or ""

    def check_repeated(self, rows: list[Row]) -> None:
        """Note rows that rate the same customer on the same day a second time."""
        seen = {}
        for row in rows:
            key = (tuple(sorted(row.keys.items())), row.day)
            if key in seen:
                self.refuse(row.line, next(iter(row.keys)), DUPLICATE, next(iter(row.keys.values())), seen[key])
            seen.setdefault(key, row.line)


def squeeze(text: str) -> str:
    """Return a number of a register or tax office as it is compared.

    >>> squeeze("FR 83.404 833 048"), squeeze("404-833-048")
    ('FR83404833048', '404833048')
    """
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def siren_of(vat: str, registry: str) -> str:
    """Return the SIREN of a French company from its register number (SIREN, SIRET) or VAT number, else nothing.

    >>> siren_of("", "404 833 048 00022"), siren_of("FR83404833048", ""), siren_of("DE136695976", "HRB 6684")
    ('404833048', '404833048', '')
    """
    registry, vat = squeeze(registry), squeeze(vat)
    if re.fullmatch(r"\d{9}|\d{14}", registry):
        return registry[:9]
    match = re.fullmatch(r"FR[0-9A-Z]{2}(\d{9})", vat)
    return match[1] if match else ""
