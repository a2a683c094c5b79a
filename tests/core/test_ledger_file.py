"""A ledger file means what its columns say, or it is a clear problem; it is never a guess."""

import csv
import io
import os
import tracemalloc
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core import ledger_file
from odoo.addons.credit_control.core.ledger_file import Options, Problem, check, read, survey

HEADER = "Customer,Invoice number,Invoice date,Due date,Amount,Settled date,Disputed\n"
PUBLIC = Path(os.environ.get("LEDGER_FILE") or Path(__file__).parents[3] / "shared/data/ibm-late-payment-2012-2013.csv")
JUNE = date(2013, 6, 30)


def load(text, encoding="utf-8", **options):
    """Both passes over a text: the survey, and what it yields or the problems."""
    stream = io.BytesIO(text.encode(encoding))
    found = survey(stream, Options(**options))
    return found, list(read(stream, found.layout)) if found.layout else list(found.problems)


def problems(text, **options):
    return [(p.line, p.column, p.code, p.value) for p in load(text, **options)[1] if isinstance(p, Problem)]


# ---------------------------------------------------------------- how the file is written


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_separators_and_encodings(delimiter, encoding):
    header = delimiter.join(["Client", "N° facture", "Date facture", "Date d'échéance", "Montant"])
    row = delimiter.join(["Pâtisserie Exemple", "F-1", "2024-01-15", "2024-02-14", "1200"])
    _found, (entry,) = load(f"{header}\r\n{row}\r\n", encoding)
    assert (entry.customer, entry.number, entry.due) == ("Pâtisserie Exemple", "F-1", date(2024, 2, 14))
    assert (entry.line, entry.amount) == (2, Decimal(1200))


def test_title_rows_above_the_header_and_unknown_columns():
    text = 'Aged balance;;;;;\n;;;;;\nCompte;Intitulé;Pièce;Date pièce;Échéance;"Solde, dû";Montant;Visa\n'
    found, (entry,) = load(text + "411EX;Atelier Nord;F9;2024-03-01;2024-03-31;;55;x\n")
    assert (entry.customer, entry.name, entry.line) == ("411EX", "Atelier Nord", 4)
    assert found.layout.ignored == ("Visa",)


def test_contact_of_the_customer_and_currency():
    text = (
        "Customer,Invoice,Date,Due,Amount,Currency,E-mail,City\nEX,1,2024-01-01,2024-01-31,5,usd,ap@example.com,Lyon\n"
    )
    _found, (entry,) = load(text)
    assert entry.currency == "USD"
    assert entry.contact == {"email": "ap@example.com", "city": "Lyon"}


def test_missing_columns_are_named():
    assert problems("Customer,Invoice date,Amount\nEX,2024-01-01,5\n") == [(1, "", "header_missing", "number,due")]


def test_the_same_header_twice_is_a_question():
    text = "Customer,Invoice,Date,Due,Amount,Amount\nEX,1,2024-01-01,2024-01-31,5,6\n"
    assert problems(text) == [(1, "Amount", "header_twice", "amount")]


@pytest.mark.parametrize("content", [b"PK\x03\x04rest of a spreadsheet", b"a,b\0c\n", b"%PDF-1.7"])
def test_a_file_that_is_no_text(content):
    assert survey(io.BytesIO(content)).problems[0].code == "not_text"


@pytest.mark.parametrize("text", ["", HEADER])
def test_nothing_in_it(text):
    assert problems(text)[0][2] == "empty"


def test_an_unclosed_quote_names_its_line():
    (problem,) = problems(HEADER + 'EX,1,2024-01-01,2024-01-31,5,,\nEX,"2,2024-01-01,2024-01-31,5,,\n')
    assert problem[0] == 3 and problem[2] == "bad_quotes"


def test_more_cells_than_headers():
    assert problems(HEADER + "EX,1,2024-01-01,2024-01-31,5,50,,No\n") == [(2, "", "columns_differ", "8")]
    assert problems(HEADER + "EX,1,2024-01-01,2024-01-31,5,,No,,\n") == []


# ---------------------------------------------------------------- dates


def test_the_order_of_dates_is_that_of_all_rows_together():
    found, entries = load(HEADER + "EX,1,1/2/2013,2/1/2013,5,,\nEX,2,1/15/2013,2/14/2013,5,,\n")
    assert found.layout.date_order == "mdy"
    assert entries[0].date == date(2013, 1, 2)


def test_dates_of_two_meanings_are_a_question_that_an_option_answers():
    text = HEADER + "EX,1,01/02/2013,03/04/2013,5,,\n"
    assert problems(text) == [(2, "Invoice date", "date_order_open", "01/02/2013")]
    _found, (entry,) = load(text, date_order="dmy")
    assert (entry.date, entry.due) == (date(2013, 2, 1), date(2013, 4, 3))


def test_dates_in_two_orders_contradict_each_other():
    (problem,) = load(HEADER + "EX,1,25/01/2013,26/02/2013,5,,\nEX,2,01/25/2013,02/26/2013,5,,\n")[1]
    assert (problem.code, problem.line, problem.other, problem.value) == ("date_order_mixed", 3, 2, "01/25/2013")


def test_one_odd_date_in_a_long_file_is_its_own_problem():
    rows = "".join(f"EX,{n},25/01/2013,26/02/2013,5,,\n" for n in range(30))
    assert problems(HEADER + rows + "EX,x,25/01/2013,02/26/2013,5,,\n") == [(32, "Due date", "bad_date", "02/26/2013")]


@pytest.mark.parametrize("text", ["31/02/2013", "2013-13-01", "soon", "0", "1/1/20133", "01/01/0013"])
def test_a_date_that_is_none(text):
    rows = HEADER + "EX,1,25/12/2012,25/12/2012,5,,\n" + f"EX,2,{text},25/12/2012,5,,\n"
    assert problems(rows) == [(3, "Invoice date", "bad_date", text)]


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)), st.sampled_from("/.- "), st.booleans())
def test_dates_round_trip_in_each_order(day, sign, short):
    parts = {"d": f"{day.day:02}", "m": f"{day.month}", "y": f"{day.year % 100:02}" if short else f"{day.year}"}
    for order in ledger_file.DATE_ORDERS:
        text = sign.join(parts[key] for key in order)
        assert ledger_file.parse_date(text, order) == day
        assert order in ledger_file.date_orders(text)


# ---------------------------------------------------------------- amounts


@given(
    st.decimals(-(10**9), 10**9, places=2),
    st.sampled_from([(",", "."), (",", " "), (".", ","), (".", "'"), (",", "\u202f")]),
)
def test_amounts_round_trip_in_each_writing(amount, signs):
    decimal, thousands = signs
    text = f"{abs(amount):,.2f}".translate({ord(","): thousands, ord("."): decimal})
    for written in (
        (f"-{text}", f"({text})", f"{text}-", f"-{text} EUR") if amount < 0 else (text, f"€{text}", f"{text} €")
    ):
        assert ledger_file.parse_amount(written, decimal) == amount


def test_an_amount_that_may_be_thousands_is_a_question():
    text = "Customer;Invoice;Date;Due;Amount\nEX;1;2024-01-01;2024-01-31;1.234\n"
    assert problems(text) == [(2, "Amount", "decimal_open", "1.234")]
    assert load(text, decimal=",")[1][0].amount == 1234
    assert load(text, decimal=".")[1][0].amount == Decimal("1.234")


def test_another_row_answers_the_question():
    text = "Customer;Invoice;Date;Due;Amount\nEX;1;2024-01-01;2024-01-31;1.234\nEX;2;2024-01-01;2024-01-31;7,5\n"
    assert [entry.amount for entry in load(text)[1]] == [1234, Decimal("7.5")]


def test_amounts_in_two_writings_contradict_each_other():
    text = "Customer;Invoice;Date;Due;Amount\nEX;1;2024-01-01;2024-01-31;1.5\nEX;2;2024-01-01;2024-01-31;7,5\n"
    (problem,) = load(text)[1]
    assert (problem.code, problem.line, problem.other) == ("decimal_mixed", 3, 2)


# ---------------------------------------------------------------- rows


def test_every_problem_is_named_with_its_line_and_column():
    text = HEADER + "EX,,2024-01-01,2024-01-31,5,,\nEX,2,2024-01-01,,x,never,maybe\n,3,2024-01-01,2024-01-31,5,,\n"
    assert problems(text) == [
        (2, "Invoice number", "value_missing", ""),
        (3, "Due date", "value_missing", ""),
        (3, "Amount", "bad_amount", "x"),
        (3, "Settled date", "bad_date", "never"),
        (3, "Disputed", "bad_flag", "maybe"),
        (4, "Customer", "value_missing", ""),
    ]


def test_a_cap_on_what_is_shown_but_not_on_what_is_counted():
    stream = io.BytesIO((HEADER + "EX,1,2024-01-01,2024-01-31,x,,\n" * 9).encode())
    entries, shown, count = check(read(stream, survey(stream).layout), cap=4)
    assert (entries, len(shown), count) == ([], 4, 9)


def test_good_rows_before_a_bad_one_are_not_kept():
    stream = io.BytesIO((HEADER + "EX,1,2024-01-01,2024-01-31,5,,\nEX,2,2024-01-01,2024-01-31,x,,\n").encode())
    entries, _shown, count = check(read(stream, survey(stream).layout))
    assert (entries, count) == ([], 1)


def test_rows_of_one_number_are_instalments_unless_they_differ():
    first = "EX,1,2024-01-01,2024-01-31,5,,\n"
    assert problems(HEADER + first + "EX,1,2024-01-01,2024-02-29,5,,\n") == []
    assert problems(HEADER + first + first) == [(3, "Invoice number", "duplicate", "1")]
    assert problems(HEADER + first + "OTHER,1,2024-01-01,2024-02-29,5,,\n") == [
        (3, "Invoice number", "number_reused", "1")
    ]


def test_payments_by_date_by_amount_and_by_what_is_left():
    header = "Customer,Invoice,Date,Due,Amount,Settled date,Amount paid,Open amount\n"
    rows = [
        "EX,1,2024-01-01,2024-01-31,100,2024-02-10,,",
        "EX,2,2024-01-01,2024-01-31,100,2024-02-10,40,",
        "EX,3,2024-01-01,2024-01-31,100,,,30",
        "EX,4,2024-01-01,2024-01-31,-100,2024-02-10,,",
        "EX,5,2024-01-01,2024-01-31,100,,,",
    ]
    _found, entries = load(header + "\n".join(rows))
    assert [int(entry.paid) for entry in entries] == [100, 40, 70, -100, 0]
    assert [int(entry.open_on(date(2024, 2, 9))) for entry in entries] == [100, 100, 100, -100, 100]
    assert [int(entry.open_on(date(2024, 2, 10))) for entry in entries] == [0, 60, 100, 0, 100]


def test_a_payment_against_the_sign_of_its_invoice():
    text = "Customer,Invoice,Date,Due,Amount,Amount paid\nEX,1,2024-01-01,2024-01-31,100,-40\n"
    assert problems(text) == [(2, "Amount paid", "sign_differs", "-40")]


# ---------------------------------------------------------------- size


class Endless(io.RawIOBase):
    """A file of ``size`` bytes that exists only while it is read."""

    def __init__(self, size, pattern=b"EX,1,2024-01-01,2024-01-31,5,,\n"):
        self.size, self.place, self.pattern = size, 0, pattern * 4096

    def seekable(self):
        return True

    def readable(self):
        return True

    def seek(self, place, whence=0):
        self.place = place
        return place

    def read(self, count=-1):
        count = min(count, self.size - self.place)
        start = self.place % 31
        self.place += max(count, 0)
        return self.pattern[start : start + count] if count > 0 else b""


def test_a_file_of_200_mb_is_refused_without_being_held():
    tracemalloc.start()
    found = survey(Endless(200_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.problems[0].code, found.problems[0].value) == ("too_large", "50")
    assert peak < 5_000_000


def test_a_line_without_end_is_refused():
    assert problems(HEADER + "x" * 70_000)[0][:3] == (2, "", "line_too_long")


def test_more_rows_than_allowed():
    rows = "".join(f"EX,{n},2024-01-01,2024-01-31,5,,\n" for n in range(5))
    assert problems(HEADER + rows, max_rows=4) == [(6, "", "too_many_rows", "4")]


# ---------------------------------------------------------------- the whole


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=12),
            st.dates(date(2001, 1, 1), date(2068, 1, 1)),
            st.integers(0, 90),
            st.decimals(1, 10**6, places=2),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(ledger_file.DELIMITERS),
    st.sampled_from(("dmy", "mdy", "ymd")),
    st.sampled_from(ledger_file.DECIMALS),
)
def test_what_is_written_is_what_is_read(rows, delimiter, order, decimal):
    def text(day):
        return "/".join({"d": str(day.day), "m": str(day.month), "y": str(day.year)}[key] for key in order)

    target = io.StringIO()
    writer = csv.writer(target, delimiter=delimiter)
    writer.writerow(["Customer", "Invoice number", "Invoice date", "Due date", "Amount"])
    for number, (customer, day, term, amount) in enumerate(rows):
        due = text(day + timedelta(days=term))
        writer.writerow([customer, number, text(day), due, str(amount).replace(".", decimal)])
    _found, entries = load(target.getvalue(), date_order=order, decimal=decimal)
    assert [(e.customer, e.date, (e.due - e.date).days, e.amount) for e in entries] == rows


@given(st.binary(max_size=400))
def test_no_bytes_break_it(content):
    stream = io.BytesIO(HEADER.encode() + content)
    found = survey(stream)
    if found.layout:
        list(read(stream, found.layout))
    assert not stream.closed


@pytest.mark.skipif(not PUBLIC.exists(), reason="the public ledger isn't beside this checkout")
def test_the_public_ledger_loads_whole():
    with PUBLIC.open("rb") as stream:
        found = survey(stream)
        entries, _shown, count = check(read(stream, found.layout))
    assert (len(entries), count, found.layout.date_order) == (2466, 0, "mdy")
    assert len({entry.customer for entry in entries}) == 100
    assert sum(entry.disputed for entry in entries) == 561
    assert all(entry.settled < date(2014, 2, 1) and entry.paid == entry.amount for entry in entries)
    # By hand: awk -F, over invoices dated up to that day, settled after it; due before it.
    assert sum(entry.open_on(JUNE) for entry in entries) == Decimal("5119.85")
    assert sum(entry.open_on(JUNE) for entry in entries if entry.due < JUNE) == Decimal("835.56")
