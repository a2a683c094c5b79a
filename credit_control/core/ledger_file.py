"""Reading a receivables ledger that another system exported as CSV.

What it is: :func:`survey` looks at the whole file once and says how it is written
(encoding, separator, columns, order of the dates, decimal sign); :func:`read` goes
through it a second time and yields one :class:`Entry` per row, or a :class:`Problem`
for each value that can't be read. Nothing is guessed: what the file leaves open is a
problem that asks for an :class:`Options` value.

How it works: the header is found by its names, in English or French, whatever the
order of the columns; unknown columns are ignored. Dates vote, over all rows and all
date columns of the file, for the one order in which they make sense (``25/12/2024``
votes, ``01/02/2024`` doesn't); amounts vote for their decimal sign the same way.

Memory: the file is streamed, a line is at most ``MAX_LINE`` characters long and a file
``Options.max_bytes``; only the counts of the votes are kept.

>>> import io
>>> text = "Client;Facture;Date;Echeance;Montant TTC\\nAtelier Nord;F1;15/01/2024;14/02/2024;1 200,50\\n"
>>> stream = io.BytesIO(text.encode())
>>> found = survey(stream)
>>> found.layout.delimiter, found.layout.date_order, found.layout.decimal
(';', 'dmy', ',')
>>> [(entry.customer, entry.number, str(entry.due), str(entry.amount)) for entry in read(stream, found.layout)]
[('Atelier Nord', 'F1', '2024-02-14', '1200.50')]
"""

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import BinaryIO

MAX_BYTES = 50_000_000
MAX_LINE = 65_536
MAX_ROWS = 200_000
HEADER_ROWS = 20
DELIMITERS = (";", ",", "\t", "|")
DATE_ORDERS = ("dmy", "mdy", "ymd")
DECIMALS = (",", ".")
# A few odd values in a long column are errors of theirs; more of them mean that the column has no one order.
MAJORITY = 20

# Codes of the problems; the sentences stand in the wizard.
TOO_LARGE = "too_large"
TOO_MANY_ROWS = "too_many_rows"
EMPTY = "empty"
NOT_TEXT = "not_text"
LINE_TOO_LONG = "line_too_long"
BAD_QUOTES = "bad_quotes"
HEADER_MISSING = "header_missing"
HEADER_TWICE = "header_twice"
DATE_ORDER_OPEN = "date_order_open"
DATE_ORDER_MIXED = "date_order_mixed"
DECIMAL_OPEN = "decimal_open"
DECIMAL_MIXED = "decimal_mixed"
COLUMNS_DIFFER = "columns_differ"
VALUE_MISSING = "value_missing"
BAD_DATE = "bad_date"
BAD_AMOUNT = "bad_amount"
BAD_FLAG = "bad_flag"
BAD_CURRENCY = "bad_currency"
SIGN_DIFFERS = "sign_differs"
DUPLICATE = "duplicate"
NUMBER_REUSED = "number_reused"

# The headers by which each field is known, as :func:`normalize` writes them, the most telling ones first.
HEADERS = {
    "customer": (
        "customerid customernumber customerno customercode customerref customerreference customer account "
        "accountcode accountnumber accountid clientid clientcode client debtor debtorid debtornumber partner "
        "partnerid codeclient numeroclient noclient nclient compteclient compte compteauxiliaire tiers codetiers "
        "numerotiers compnum compauxnum referenceclient refclient idclient"
    ),
    "customer_name": (
        "customername clientname name companyname company debtorname partnername accountname nomclient "
        "nomduclient nom raisonsociale intitule intitulecompte nomtiers libelletiers societe compauxlib"
    ),
    "number": (
        "invoicenumber invoiceno invoicenum invoiceid invoice invoiceref invoicereference number documentnumber "
        "documentno document docno docnumber reference ref numerofacture nofacture nfacture numfacture facture "
        "numero numeropiece nopiece npiece piece pieceref referencefacture reffacture numerodocument"
    ),
    "date": (
        "invoicedate documentdate docdate issuedate dateissued dateofinvoice postingdate date datefacture "
        "datedefacture datedelafacture datepiece piecedate datedocument dateemission datecomptable"
    ),
    "due": (
        "duedate maturitydate maturity due datedue paymentduedate netduedate dateecheance datedecheance echeance "
        "echeancele"
    ),
    "amount": (
        "invoiceamount amount totalamount total grossamount amountinclvat amountincltax amountinclusivetax "
        "invoicetotal originalamount montant montantttc montanttotal totalttc ttc montantfacture montantinitial "
        "montantdevise"
    ),
    "currency": "currency currencycode cur iso devise codedevise monnaie idevise",
    "settled": (
        "settleddate settlementdate datesettled paymentdate paiddate datepaid paidon clearingdate cleared "
        "datereglement datedereglement datepaiement datedepaiement paiement regle reglele payele datelettrage "
        "datelet"
    ),
    "paid": (
        "paidamount amountpaid paymentamount paid amountsettled montantregle montantpaye montantreglement "
        "totalregle montantpaiement"
    ),
    "residual": (
        "residual openamount outstanding outstandingamount balance amountdue balancedue remaining opentotal solde "
        "restantdu montantrestantdu restedu resteapayer montantdu montantouvert soldedu"
    ),
    "disputed": "disputed dispute isdisputed indispute litige enlitige contestee conteste contestation litigieux",
    "email": "email mail emailaddress customeremail courriel adressemail adresseemail emailclient adresseelectronique",
    "phone": "phone telephone phonenumber tel mobile telclient",
    "street": "street address address1 addressline1 adresse adresse1 rue",
    "zip": "zip zipcode postcode postalcode codepostal cp",
    "city": "city town ville localite",
}
KNOWN = {name: key for key, names in HEADERS.items() for name in names.split()}
RANK = {name: rank for names in HEADERS.values() for rank, name in enumerate(names.split())}
REQUIRED = ("number", "date", "due", "amount")
DATES = ("date", "due", "settled")
AMOUNTS = ("amount", "paid", "residual")
CONTACT = ("email", "phone", "street", "zip", "city")
SYMBOLS = {"€": "EUR", "£": "GBP", "$": "USD", "US$": "USD", "EURO": "EUR", "EUROS": "EUR"}
YES = frozenset("yes y true t 1 x oui o vrai v".split())
NO = frozenset(["", *"no n false f 0 - non faux".split()])
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the file that can't be read: where, what (a code), and the value itself.

    ``line`` counts from 1 as an editor does, 0 = the file as a whole; ``column`` is the
    header as the file writes it. ``other`` is the line that this one contradicts.
    """

    line: int
    column: str
    code: str
    value: str = ""
    other: int = 0


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may state instead of leaving it to the file. Empty: the file decides."""

    date_order: str = ""
    decimal: str = ""
    max_bytes: int = MAX_BYTES
    max_rows: int = MAX_ROWS


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written. ``columns`` gives the place of each known field."""

    encoding: str
    delimiter: str
    header_line: int
    headers: tuple[str, ...]
    columns: dict[str, int]
    date_order: str = "ymd"
    decimal: str = "."

    def header(self, key: str) -> str:
        """The header of a field as the file writes it; the field's own name where it has none."""
        return self.headers[self.columns[key]] if key in self.columns else key

    @property
    def ignored(self) -> tuple[str, ...]:
        """The headers that mean nothing to us."""
        used = set(self.columns.values())
        return tuple(text for place, text in enumerate(self.headers) if place not in used and text)


@dataclass(frozen=True)
class Survey:
    """What :func:`survey` found: a layout that :func:`read` can use, or the problems that prevent one."""

    layout: Layout | None
    problems: tuple[Problem, ...] = ()
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger: an invoice, an instalment of one, or (negative) a credit note.

    ``paid`` has the sign of ``amount``; ``settled`` is None where the file doesn't say when.
    ``currency`` is an ISO code, empty for the company's. ``contact`` holds what the file
    says of the customer, by field of ``CONTACT``.
    """

    line: int
    customer: str
    name: str
    number: str
    date: date
    due: date
    amount: Decimal
    currency: str = ""
    settled: date | None = None
    paid: Decimal = Decimal(0)
    disputed: bool = False
    contact: dict[str, str] = field(default_factory=dict)

    def open_on(self, day: date) -> Decimal:
        """What is open of it on ``day``: nothing before its date, all until it was settled.

        >>> entry = Entry(2, "C", "C", "1", date(2024, 1, 5), date(2024, 2, 5), Decimal(90),
        ...               settled=date(2024, 2, 9), paid=Decimal(90))
        >>> [int(entry.open_on(date(*ymd))) for ymd in ((2024, 1, 4), (2024, 1, 5), (2024, 2, 8), (2024, 2, 9))]
        [0, 90, 90, 0]
        """
        if day < self.date:
            return Decimal(0)
        return self.amount - (self.paid if self.settled and self.settled <= day else 0)


class _Stop(Exception):
    """The file can't be read any further: carries the problem that says why."""

    def __init__(self, problem: Problem):
        super().__init__(problem.code)
        self.problem = problem


# ---------------------------------------------------------------- values


def normalize(header: str) -> str:
    """Return a header as it is compared: no case, accent, space or sign.

    >>> normalize("N° de facture "), normalize("Date d'échéance"), normalize("Invoice_Date")
    ('ndefacture', 'datedecheance', 'invoicedate')
    """
    plain = unicodedata.normalize("NFKD", header.replace("°", "").replace("º", ""))
    return re.sub(r"[^a-z0-9]", "", plain.encode("ascii", "ignore").decode().lower())


def known_as(header: str) -> str:
    """Return the name of ``HEADERS`` that a header stands for, empty where there is none."""
    name = normalize(header)
    return next((word for word in (name, re.sub(r"^(n|no|num|numero)(de|du)(la)?", r"\1", name)) if word in KNOWN), "")


def field_of(header: str) -> str | None:
    """Return the field that a header names, None where we know none.

    >>> field_of("Montant TTC"), field_of("customerID"), field_of("PaperlessDate")
    ('amount', 'customer', None)
    >>> field_of("N° de facture"), field_of("Date de la facture")
    ('number', 'date')
    """
    return KNOWN.get(known_as(header))


def split_date(text: str) -> tuple[str, str, str] | None:
    """Return the three numbers of a date in the order written, None where it isn't one.

    A time of day behind it is dropped, eight digits are taken as year, month, day.

    >>> split_date("1/2/2013"), split_date("2013-02-01T00:00:00"), split_date("20130201"), split_date("soon")
    (('1', '2', '2013'), ('2013', '02', '01'), ('2013', '02', '01'), None)
    """
    bare = re.sub(r"[T ]\d{1,2}:\d{2}.*$", "", text.strip())
    match = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", bare) or re.fullmatch(
        r"(\d{1,4})([/.\- ])(\d{1,2})\2(\d{1,4})", bare
    )
    if not match:
        return None
    groups = match.groups()
    return groups if len(groups) == 3 else (groups[0], groups[2], groups[3])


def is_year_first(text: str) -> bool:
    """Whether ``text`` is a date that begins with a year of four digits, which leaves no doubt about its order."""
    parts = split_date(text)
    return parts is not None and len(parts[0]) == 4


def parse_date(text: str, order: str) -> date | None:
    """Return the date that ``text`` means in ``order``, None where it means none.

    Years of two digits are 1970 to 2069; years before 1900 or after 2199 aren't dates of a ledger.

    >>> parse_date("1/2/2013", "mdy"), parse_date("01.02.13", "dmy"), parse_date("31/02/2013", "dmy")
    (datetime.date(2013, 1, 2), datetime.date(2013, 2, 1), None)
    """
    parts = split_date(text)
    order = "ymd" if is_year_first(text) else order
    if parts is None:
        return None
    written = dict(zip(order, parts, strict=True))
    if len(written["y"]) not in (2, 4) or len(written["m"]) > 2 or len(written["d"]) > 2:
        return None
    found = {key: int(part) for key, part in written.items()}
    if len(written["y"]) == 2:
        found["y"] += 1900 if found["y"] >= 70 else 2000
    try:
        day = date(found["y"], found["m"], found["d"])
    except ValueError:
        return None
    return day if 1900 <= day.year < 2200 else None


def date_orders(text: str) -> frozenset[str]:
    """Return the orders in which ``text`` is a date.

    >>> sorted(date_orders("1/2/2013")), sorted(date_orders("25/12/2013")), sorted(date_orders("31/11/2013"))
    (['dmy', 'mdy'], ['dmy'], [])
    """
    return frozenset(order for order in DATE_ORDERS if parse_date(text, order))


def _bare_amount(text: str) -> tuple[str, bool] | None:
    """The digits and signs of an amount without blanks and currency, and whether it is negative."""
    bare = re.sub(r"[\s\u00a0\u202f\u2009'’]", "", text)
    bare = re.sub(r"^(?:[A-Z]{3}|[€£$])|(?:[A-Z]{3}|[€£$])$", "", bare).replace("−", "-")
    match = re.fullmatch(r"\((.+)\)|(-)(.+)|(.+)(-)|\+?(.+)", bare)
    if not match:
        return None
    digits = match[1] or match[3] or match[4] or match[6]
    negative = bool(match[1] or match[2] or match[5])
    digits = re.sub(r"^(?:[€£$])|(?:[€£$])$", "", digits)
    return (digits, negative) if re.fullmatch(r"\d[\d.,]*|[.,]\d+", digits) else None


def decimals_of(text: str) -> frozenset[str]:
    """Return the decimal signs with which ``text`` is an amount.

    >>> [sorted(decimals_of(text)) for text in ("1.234,50", "12.5", "1,234", "7")]
    [[','], ['.'], [',', '.'], [',', '.']]
    """
    return frozenset(sign for sign in DECIMALS if parse_amount(text, sign) is not None)


def parse_amount(text: str, decimal: str) -> Decimal | None:
    """Return the amount that ``text`` means with this decimal sign, None where it means none.

    >>> [str(parse_amount(text, ",")) for text in ("1 234,50", "(12,5)", "12,50-", "1.234", "12.5", "n/a")]
    ['1234.50', '-12.5', '-12.50', '1234', 'None', 'None']
    """
    bare = _bare_amount(text)
    if bare is None:
        return None
    digits, negative = bare
    thousands = "." if decimal == "," else ","
    whole = rf"(?:\d+|\d{{1,3}}(?:\{thousands}\d{{3}})+)"
    if not re.fullmatch(rf"{whole}?(?:\{decimal}\d*)?", digits) or len(digits) > 24:
        return None
    amount = Decimal(digits.replace(thousands, "").replace(decimal, "."))
    return -amount if negative else amount


def parse_flag(text: str) -> bool | None:
    """Return yes or no, None where it is neither.

    >>> parse_flag("Oui"), parse_flag(""), parse_flag("perhaps")
    (True, False, None)
    """
    word = text.strip().lower()
    return True if word in YES else False if word in NO else None


def parse_currency(text: str) -> str | None:
    """Return the ISO code, empty where the cell is, None where it isn't a code.

    >>> parse_currency("usd "), parse_currency("€"), parse_currency(""), parse_currency("Dollars")
    ('USD', 'EUR', '', None)
    """
    word = text.strip().upper()
    word = SYMBOLS.get(word, word)
    return word if re.fullmatch(r"(?:[A-Z]{3})?", word) else None


# ---------------------------------------------------------------- the file as rows


def _encoding(stream: BinaryIO, options: Options) -> str:
    """Go through the bytes once: their number, whether they are text, and in which encoding."""
    stream.seek(0)
    head = stream.read(4)
    if not head:
        raise _Stop(Problem(0, "", EMPTY))
    marked = next((name for mark, name in BOMS if head.startswith(mark)), None)
    decoder, encoding, size = codecs.getincrementaldecoder("utf-8")(), marked or "utf-8", 0
    stream.seek(0)
    while chunk := stream.read(1 << 16):
        size += len(chunk)
        if size > options.max_bytes:
            raise _Stop(Problem(0, "", TOO_LARGE, str(options.max_bytes // 1_000_000)))
        if marked == "utf-16":
            continue
        if b"\0" in chunk or head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")):
            raise _Stop(Problem(0, "", NOT_TEXT))
        encoding = _still(decoder, chunk, encoding)
    return _still(decoder, b"", encoding, final=True) if marked != "utf-16" else encoding


def _still(decoder, chunk: bytes, encoding: str, final: bool = False) -> str:
    """``encoding`` as long as the bytes are UTF-8, from then on CP1252."""
    if encoding == "cp1252":
        return encoding
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return "cp1252"
    return encoding


def _lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """The lines of the file, none longer than ``MAX_LINE``."""
    stream.seek(0)
    errors = "replace" if encoding == "cp1252" else "strict"
    text, number = io.TextIOWrapper(stream, encoding, errors, newline=""), 0
    try:
        while line := text.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise _Stop(Problem(number, "", LINE_TOO_LONG, str(MAX_LINE)))
            yield line
    finally:
        # The stream is the caller's: it stays open.
        text.detach()


def _rows(stream: BinaryIO, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with the line on which each ends; empty ones left out."""
    reader = csv.reader(_lines(stream, encoding), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise _Stop(Problem(reader.line_num, "", BAD_QUOTES, str(error))) from error
    except UnicodeError as error:
        raise _Stop(Problem(reader.line_num, "", NOT_TEXT)) from error


def columns_of(row: list[str]) -> dict[str, int]:
    """Return the place of each field that a header row names, the most telling header of each.

    A second column of the customer is the name where the first is a number.

    >>> columns_of(["Reference", "Invoice number", "Customer", "Customer ID", "PaperlessDate"])
    {'customer': 3, 'customer_name': 2, 'number': 1}
    """
    columns, spare = {}, None
    names = sorted((RANK[name], place, KNOWN[name]) for place, text in enumerate(row) if (name := known_as(text)))
    for _rank, place, key in names:
        if key == "customer" and key in columns and spare is None:
            spare = place
        columns.setdefault(key, place)
    if spare is not None:
        columns.setdefault("customer_name", spare)
    return {key: columns[key] for key in HEADERS if key in columns}


def _header(stream: BinaryIO, encoding: str) -> Layout:
    """Find the header among the first rows: the row, and the separator, that name most fields."""
    best = None
    for delimiter in DELIMITERS:
        for (line, row), _place in zip(_quiet(_rows(stream, encoding, delimiter)), range(HEADER_ROWS), strict=False):
            layout = Layout(encoding, delimiter, line, tuple(row), columns_of(row))
            if best is None or len(layout.columns) > len(best.columns):
                best = layout
    return best or Layout(encoding, ",", 1, (), {})


def _quiet(rows: Iterator) -> Iterator:
    """The rows until the first one that this separator can't read."""
    try:
        yield from rows
    except _Stop as stop:
        if stop.problem.code == LINE_TOO_LONG:
            raise


def _check_header(layout: Layout) -> Iterator[Problem]:
    missing = [key for key in REQUIRED if key not in layout.columns]
    if "customer" not in layout.columns and "customer_name" not in layout.columns:
        missing.insert(0, "customer")
    if missing:
        yield Problem(layout.header_line, "", HEADER_MISSING, ",".join(missing))
    # Two columns of exactly the same name: which one is meant isn't ours to guess.
    for key, place in layout.columns.items():
        twins = [text for text in layout.headers[place + 1 :] if normalize(text) == normalize(layout.headers[place])]
        if twins and key in (*REQUIRED, "customer"):
            yield Problem(layout.header_line, twins[0], HEADER_TWICE, key)


# ---------------------------------------------------------------- first pass: how the file is written


class _Ballot:
    """Votes of a whole column: a value votes where it makes sense in just one way."""

    def __init__(self):
        self.votes, self.first, self.open = Counter(), {}, None

    def add(self, line: int, column: str, text: str, ways: frozenset[str]) -> None:
        """Count one value; ``ways`` are those in which it makes sense."""
        if len(ways) == 1:
            (way,) = ways
            self.votes[way] += 1
            self.first.setdefault(way, Problem(line, column, "", text))
        elif ways and self.open is None:
            self.open = Problem(line, column, "", text)

    def result(self, default: str, when_open: str, when_mixed: str) -> tuple[str, Problem | None]:
        """The way that won, or the problem that it is open or that the file contradicts itself."""
        ranked = self.votes.most_common()
        if not ranked:
            if self.open is None:
                return default, None
            return default, Problem(self.open.line, self.open.column, when_open, self.open.value)
        others = sum(count for _way, count in ranked[1:])
        if others * MAJORITY > ranked[0][1]:
            winner, loser = self.first[ranked[0][0]], self.first[ranked[1][0]]
            late, early = sorted((winner, loser), key=lambda seen: -seen.line)
            return default, Problem(late.line, late.column, when_mixed, late.value, early.line)
        return ranked[0][0], None


def survey(stream: BinaryIO, options: Options = Options()) -> Survey:
    """Read the whole file once and say how it is written.

    :param stream: a binary file that can seek
    :return: a survey whose ``layout`` is None where ``problems`` prevent reading on
    """
    try:
        return _survey(stream, options)
    except _Stop as stop:
        return Survey(None, (stop.problem,))


def _survey(stream, options) -> Survey:
    layout = _header(stream, _encoding(stream, options))
    problems = tuple(_check_header(layout))
    if problems:
        return Survey(None, problems)
    dates, amounts, rows = _Ballot(), _Ballot(), 0
    for line, row in _body(stream, layout):
        rows += 1
        if rows > options.max_rows:
            raise _Stop(Problem(line, "", TOO_MANY_ROWS, str(options.max_rows)))
        _vote(dates, amounts, layout, line, row)
    if not rows:
        raise _Stop(Problem(0, "", EMPTY))
    return _elected(layout, options, dates, amounts, rows)


def _vote(dates: _Ballot, amounts: _Ballot, layout: Layout, line: int, row: list[str]) -> None:
    for key in DATES:
        text = _cell(layout, row, key)
        if text and not is_year_first(text):
            dates.add(line, layout.header(key), text, date_orders(text))
    for key in AMOUNTS:
        text = _cell(layout, row, key)
        # Plain digits mean the same whatever the decimal sign.
        if "." in text or "," in text:
            amounts.add(line, layout.header(key), text, decimals_of(text))


def _elected(layout: Layout, options: Options, dates: _Ballot, amounts: _Ballot, rows: int) -> Survey:
    order, order_problem = dates.result("ymd", DATE_ORDER_OPEN, DATE_ORDER_MIXED)
    decimal, decimal_problem = amounts.result(".", DECIMAL_OPEN, DECIMAL_MIXED)
    problems = [
        problem
        for problem, stated in ((order_problem, options.date_order), (decimal_problem, options.decimal))
        if problem and not stated
    ]
    found = Layout(
        layout.encoding,
        layout.delimiter,
        layout.header_line,
        layout.headers,
        layout.columns,
        options.date_order or order,
        options.decimal or decimal,
    )
    return Survey(None if problems else found, tuple(problems), rows)


def _body(stream: BinaryIO, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    for line, row in _rows(stream, layout.encoding, layout.delimiter):
        if line > layout.header_line:
            yield line, row


def _cell(layout: Layout, row: list[str], key: str) -> str:
    place = layout.columns.get(key)
    return row[place] if place is not None and place < len(row) else ""


# ---------------------------------------------------------------- second pass: the entries


def read(stream: BinaryIO, layout: Layout) -> Iterator[Entry | Problem]:
    """Yield the entries of the file in its order, and in their place the problems of the rows that have some."""
    seen = {}
    try:
        for line, row in _body(stream, layout):
            entry, problems = _entry(layout, line, row)
            problems = problems or _repeated(seen, entry, layout)
            yield from problems or (entry,)
    except _Stop as stop:
        yield stop.problem


def check(results: Iterable[Entry | Problem], cap: int = 100) -> tuple[list[Entry], list[Problem], int]:
    """Sort what :func:`read` yields into entries, the first ``cap`` problems, and the number of all problems."""
    entries, problems, count = [], [], 0
    for result in results:
        if isinstance(result, Entry):
            if not count:
                entries.append(result)
            continue
        count += 1
        entries.clear()
        if count <= cap:
            problems.append(result)
    return entries, problems, count


class _Row:
    """One row as values: what can't be read is kept in ``problems``."""

    def __init__(self, layout: Layout, line: int, row: list[str]):
        self.layout, self.line, self.row, self.problems = layout, line, row, []

    def text(self, key: str) -> str:
        """The cell of a field, empty where there is none."""
        return _cell(self.layout, self.row, key)

    def refuse(self, key: str, code: str) -> None:
        """Note that the cell of a field can't be read."""
        self.problems.append(Problem(self.line, self.layout.header(key), code, self.text(key)))

    def value(self, key: str, parse, code: str, default=None):
        """The parsed cell; ``default`` where it is empty."""
        text = self.text(key)
        if not text:
            if key in REQUIRED:
                self.refuse(key, VALUE_MISSING)
            return default
        parsed = parse(text)
        if parsed is None:
            self.refuse(key, code)
        return parsed

    def date(self, key: str) -> date | None:
        """The date of a field, in the order of the file."""
        return self.value(key, lambda text: parse_date(text, self.layout.date_order), BAD_DATE)

    def amount(self, key: str) -> Decimal | None:
        """The amount of a field, with the decimal sign of the file."""
        return self.value(key, lambda text: parse_amount(text, self.layout.decimal), BAD_AMOUNT)

    def values(self) -> dict:
        """What an :class:`Entry` takes as it stands in the row."""
        return {
            "line": self.line,
            "number": self.value("number", str, ""),
            "date": self.date("date"),
            "due": self.date("due"),
            "amount": self.amount("amount"),
            "currency": self.value("currency", parse_currency, BAD_CURRENCY, default=""),
            "settled": self.date("settled"),
            "disputed": self.value("disputed", parse_flag, BAD_FLAG, default=False),
            "contact": {key: text for key in CONTACT if (text := self.text(key))},
        }


def _entry(layout: Layout, line: int, row: list[str]) -> tuple[Entry | None, list[Problem]]:
    """Read one row: the entry, or all that is wrong with it."""
    width = len(layout.headers)
    if any(row[width:]):
        return None, [Problem(line, "", COLUMNS_DIFFER, str(len(row)), width)]
    cells = _Row(layout, line, row)
    customer = cells.text("customer") or cells.text("customer_name")
    if not customer:
        cells.refuse("customer" if "customer" in layout.columns else "customer_name", VALUE_MISSING)
    values, paid, residual = cells.values(), cells.amount("paid"), cells.amount("residual")
    if cells.problems:
        return None, cells.problems
    paid = _paid(values["amount"], paid, residual, values["settled"])
    if paid * values["amount"] < 0 or (paid and not values["amount"]):
        cells.refuse("paid" if cells.text("paid") else "residual" if cells.text("residual") else "amount", SIGN_DIFFERS)
        return None, cells.problems
    return Entry(customer=customer, name=cells.text("customer_name") or customer, paid=paid, **values), []


def _paid(amount: Decimal, paid: Decimal | None, residual: Decimal | None, settled: date | None) -> Decimal:
    """What was paid: as stated; what is no longer open; all of it where only a date says so."""
    if paid is not None:
        return paid
    if residual is not None:
        return amount - residual
    return amount if settled else Decimal(0)


def _repeated(seen: dict, entry: Entry, layout: Layout) -> list[Problem]:
    """Rows of one number are instalments of one invoice: same customer, date and currency, another due date."""
    known = seen.setdefault(entry.number, (entry.line, entry.customer, entry.date, entry.currency, {}))
    line, *head, dues = known
    if head != [entry.customer, entry.date, entry.currency]:
        return [Problem(entry.line, layout.header("number"), NUMBER_REUSED, entry.number, line)]
    if entry.due in dues:
        return [Problem(entry.line, layout.header("number"), DUPLICATE, entry.number, dues[entry.due])]
    dues[entry.due] = entry.line
    return []
