"""What ``setup/run`` understands, and what it prints."""

import os
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from demo_run import options, table

REPO = Path(__file__).resolve().parents[2]
TODAY = date(2025, 6, 18)


def row(name="Atelier Nord", overdue=100.0, claimed=0.0, held=None, **more):
    return {
        "name": name,
        "overdue": overdue,
        "claimed": claimed,
        "not_due": 0.0,
        "credits": 0.0,
        "held": held or {},
        "notices": [],
        **more,
    }


def result(*rows, overdue=None):
    return {
        "title": "Run of 2025-06-18",
        "currency": "EUR",
        "ledger_overdue": sum(each["overdue"] for each in rows) if overdue is None else overdue,
        "rows": list(rows),
        "labels": {"disputed": "Disputed"},
        "states": {},
    }


def test_totals_that_tie():
    found = result(row(claimed=60.0, held={"disputed": 40.0}), row(overdue=0.3, claimed=0.1 + 0.2))
    assert table.difference(found) == 0
    text = table.render(found)
    assert "= to the cent" in text
    assert re.search(r"100\.30  overdue in the ledger \(EUR\)", text)
    assert re.search(r"60\.30  claimed", text)
    assert re.search(r"40\.00  held back: Disputed", text)


@pytest.mark.parametrize(
    "found",
    [
        result(row(claimed=99.99)),
        result(row(claimed=100.0), overdue=100.01),
        # Two errors that would cancel each other out.
        result(row(claimed=101.0), row(claimed=99.0)),
    ],
)
def test_a_cent_that_is_missing_shows(found):
    assert table.difference(found)
    assert "MISSING" in table.render(found)


def test_a_customer_with_several_notices_and_reasons_takes_several_lines():
    notices = [
        {"step": "First reminder", "channel": "E-mail", "state": "Sent"},
        {"step": "First reminder", "channel": "Letter", "state": "Queued"},
    ]
    text = table.render(result(row(claimed=60.0, held={"disputed": 30.0, "paused": 10.0}, notices=notices)))
    lines = text.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("Atelier Nord"))
    assert "E-mail: Sent" in lines[place] and "30.00 Disputed" in lines[place]
    assert "Letter: Queued" in lines[place + 1] and "10.00 paused" in lines[place + 1]


def test_sms_stand_in_the_same_table_with_why_not():
    notices = [
        {"step": "Second reminder", "channel": "SMS", "state": "Delivered", "instead": ""},
        {"step": "Second reminder", "channel": "E-mail", "state": "Sent", "instead": "not by SMS: Landline number"},
    ]
    lines = table.render(result(row(claimed=100.0, notices=notices))).splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("Atelier Nord"))
    for offset, words in enumerate(("SMS: Delivered", "E-mail: Sent", "not by SMS: Landline number")):
        assert words in lines[place + offset]


def test_customers_with_nothing_to_tell_are_left_out():
    assert "Silent" not in table.render(result(row(name="Silent", overdue=0.0), row(claimed=100.0)))


def test_amounts_are_counted_in_cents():
    assert table.cents(2.675) == Decimal("2.68")
    assert table.money(1234567.891) == "1 234 567.89"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--ledger", "missing.csv"], "there is no file missing.csv"),
        (["--as-of", "30/06/2013"], "write it as 2013-06-30"),
        (["--as-of", "2025-06-19"], "still to come"),
        (["--date-order", "dmy"], "state --ledger FILE.csv too"),
        (["--ladder"], "unrecognized arguments: --ladder"),
    ],
)
def test_usage_errors(arguments, message, capsys):
    with pytest.raises(SystemExit) as ended:
        options.parse(arguments, TODAY)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_a_file_that_is_too_large_is_refused_at_once(tmp_path, capsys):
    ledger = tmp_path / "ledger.csv"
    with ledger.open("wb") as stream:
        stream.truncate(200_000_000)
    with pytest.raises(SystemExit):
        options.parse(["--ledger", str(ledger)], TODAY)
    assert "has 200 MB, the limit is 50 MB" in capsys.readouterr().err


def test_a_ledger_as_of_a_day(tmp_path):
    ledger = tmp_path / "ledger.csv"
    ledger.write_text("x")
    found = options.parse(["--ledger", str(ledger), "--as-of", "2013-06-30", "--once"], TODAY)
    assert (found.ledger, found.as_of, found.once) == (ledger.resolve(), date(2013, 6, 30), True)


def test_errors_are_told_before_anything_is_made():
    environment = {**os.environ, "PYTHONPATH": str(REPO / "setup/lib")}
    ended = subprocess.run(
        [sys.executable, "-m", "demo_run.options", "--as-of", "soon"], env=environment, capture_output=True, check=False
    )
    assert ended.returncode == 2
    assert b"soon isn't a date" in ended.stderr
