"""The ledger of the benchmark is one that Odoo could have written itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import databases
import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def checked():
    """A ledger of 300 invoices, computed again by Odoo."""
    source = os.environ.get("CREDIT_CONTROL_INSTALLED_DB")
    if not source:
        pytest.skip("started without a database: setup/test makes one")
    name = f"cc_test_{os.getpid()}_ledger"
    databases.clone(source, name)
    try:
        command = [sys.executable, str(HERE / "check_ledger.py"), name, "300"]
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return json.loads(answer.splitlines()[-1])
    finally:
        databases.drop(name)


def test_odoo_computes_the_same(checked):
    assert checked["differences"] == []


def test_entries_are_balanced(checked):
    assert checked["unbalanced"] == []


def test_every_situation_is_there(checked):
    assert checked["found"].keys() == {
        "entry not_paid",
        "out_invoice not_paid",
        "out_invoice paid",
        "out_invoice partial",
        "out_invoice reversed",
        "out_refund not_paid",
        "out_refund paid",
    }
    assert sum(count for kind, count in checked["found"].items() if kind.startswith("out_invoice")) == 300
