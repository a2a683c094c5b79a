"""Files of ratings: what is wrong is named by line and column, and no file breaks the reader."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core import rating_file

HEADER = "VAT;SIREN;Nom;Cotation;Date;Encours conseillé;Devise;Valable au\n"


def problems(text, **options):
    return [
        (problem.line, problem.column, problem.code) for problem in rating_file.read(text.encode(), **options).problems
    ]


def test_a_french_file():
    found = rating_file.read((HEADER + "FR83404833048;;Atelier;3+;31/01/2026;12 500,00;EUR;31/12/2026\n").encode())
    (row,) = found.rows
    assert row.keys == {"vat": "FR83404833048", "name": "Atelier"}
    assert (row.value, row.day, row.until) == ("3+", date(2026, 1, 31), date(2026, 12, 31))
    assert (row.limit, row.currency) == (Decimal("12500.00"), "EUR")


@pytest.mark.parametrize("header", ["Plafond conseillé", "Plafond", "Limite", "Recommended limit", "Credit opinion"])
def test_the_limit_is_known_by_what_screens_call_it(header):
    (row,) = rating_file.read(f"Nom;Cotation;Date;{header}\nAtelier;3+;31/01/2026;900\n".encode()).rows
    assert row.limit == Decimal(900)


def test_everything_wrong_is_named():
    text = HEADER + (
        ";;;3+;31/01/2026;;;\n"
        ";;Atelier;;31/01/2026;;;\n"
        ";;Atelier;3;32/01/2026;;;\n"
        ";;Nord;3;31/01/2026;much;;\n"
        ";;Sud;3;31/01/2026;-5;Dollars;\n"
        ";;Est;3;31/01/2026;;;30/01/2026\n"
        ";;Ouest;3;31/01/2027;;;\n"
        ";;Centre;3;31/01/2026;;;;too many\n"
    )
    assert problems(text, today=date(2026, 6, 1)) == [
        (2, "VAT", "no_customer"),
        (3, "Cotation", "value_missing"),
        (4, "Date", "bad_date"),
        (5, "Encours conseillé", "bad_amount"),
        (6, "Encours conseillé", "negative"),
        (6, "Devise", "bad_currency"),
        (7, "Valable au", "ends_before"),
        (8, "Date", "in_future"),
        (9, "", "columns_differ"),
    ]


def test_twice_the_same_day():
    text = "Name,Rating,Date\nAtelier,A,2026-01-31\nAtelier,B,2026-01-31\nAtelier,B,2026-02-28\n"
    assert problems(text) == [(3, "Name", "duplicate")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (0, "", "empty")),
        ("Name,Rating,Date\n", (0, "", "empty")),
        ("Colour,Size\nred,9\n", (1, "", "header_missing")),
        ("Rating,Date\nA,2026-01-31\n", (1, "", "header_missing")),
        ("Name,Rating,Note,Date\nx,A,B,2026-01-31\n", (1, "Note", "header_twice")),
        ('Name,Rating,Date\n"x,A,2026-01-31\n', (2, "", "bad_quotes")),
        ("Name,Rating,Date\nx,A,03/04/2026\n", (2, "Date", "date_order_open")),
        ("Name,Rating,Date\nx,{},2026-01-31\n".format("A" * 600), (2, "Rating", "cell_too_long")),
        ("PK\x03\x04zip", (0, "", "not_text")),
    ],
)
def test_files_that_are_none(text, expected):
    assert problems(text) == [expected]


def test_an_order_that_was_stated():
    text = b"Name,Rating,Date\nx,A,03/04/2026\n"
    assert rating_file.read(text, "mdy").rows[0].day == date(2026, 3, 4)
    assert rating_file.read(text, "dmy").rows[0].day == date(2026, 4, 3)


def test_too_large():
    assert problems("x" * (rating_file.MAX_BYTES + 1)) == [(0, "", "too_large")]


@given(st.binary(max_size=400))
def test_no_bytes_break_it(content):
    found = rating_file.read(content)
    assert not (found.rows and found.problems)


@given(st.text(max_size=80))
def test_no_cell_breaks_it(cell):
    quoted = '"{}"'.format(cell.replace('"', '""'))
    found = rating_file.read(
        f"Name,Rating,Date,Limit\n{quoted},{quoted},{quoted},{quoted}\n".encode("utf-8", "replace")
    )
    assert not (found.rows and found.problems)
