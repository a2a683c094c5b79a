"""Addons of others that do a part of the same stand in one database with ours, and both work."""

import os
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import databases
import pytest
from database_state import rows

HERE = Path(__file__).parent
PEERS = ["account_credit_control", "account_financial_report", "account_financial_risk", "partner_statement"]
# Of either side, tests that go through what both touch: partners, invoices, aged balances, dunning.
SMOKE = [
    "/account_credit_control:TestCreditControlRun",
    "/account_financial_report:TestAgedPartnerBalance",
    "/credit_control:TestDunningRun",
    "/credit_control:TestLimit",
    "/credit_control_reporting:TestAgedBalance",
]


@pytest.fixture(scope="session")
def addons_path(tmp_path_factory):
    """The path of the commands with the peers behind it: from the package index, where one can be reached."""
    folder = tmp_path_factory.mktemp("peers")
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--target", folder]
    done = subprocess.run(
        [*command, "--requirement", HERE / "peers.txt"], capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode:
        pytest.skip(f"the peers can't be had from the package index: {done.stderr.strip().splitlines()[-1]}")
    conf = RawConfigParser()
    conf.read(os.environ["ODOO_RC"])
    return f"{conf.get('options', 'addons_path', fallback='')},{folder / 'odoo' / 'addons'}"


def run(*args: str, script: str = "") -> subprocess.CompletedProcess:
    command = databases.odoo_command(*args)
    return subprocess.run(command, input=script, capture_output=True, text=True, timeout=900, check=False)


def install(database: str, addons_path: str, *names: str) -> list[str]:
    """Install the peers; return the options with which Odoo then runs."""
    options = ["-d", database, "--addons-path", addons_path, "--no-http", "--log-level=error"]
    done = run(*options, "-i", ",".join(names), "--stop-after-init", "--max-cron-threads=0")
    assert done.returncode == 0, done.stderr
    assert " ERROR " not in done.stderr and " CRITICAL " not in done.stderr, done.stderr
    return options


def play(options: list[str], name: str) -> dict[str, str]:
    """``{first word: rest}`` of the lines that a script prints inside Odoo."""
    done = run("shell", *options, script=(HERE / name).read_text())
    assert "Traceback" not in done.stderr, done.stderr
    return {line.split()[0]: line.split(maxsplit=1)[1] for line in done.stdout.splitlines() if " " in line}


def test_account_financial_risk(clone, addons_path):
    said = play(install(clone(), addons_path, "account_financial_risk"), "financial_risk_beside.py")
    # One limit of 100, read by both: theirs is core's field, as ours is.
    assert said["LIMIT"] == "[100.0] 100.0"
    assert said["THEIRS"] == "partner.risk.exceeded.wiz draft"
    assert said["CONTINUED"] == "posted 150.0 150.0"
    assert said["OURS"] == "draft open 110.0"
    assert said["RELEASED"] == "sale 210.0"
    assert said["FORMS"] == "read"


@pytest.mark.packaging
def test_all_peers_together(clone, addons_path):
    database = clone()
    options = install(database, addons_path, *PEERS)
    said = play(options, "peers_beside.py")
    assert said["OURS"] == "True"
    assert said["THEIRS"] == "[700.0]"
    assert said["AGED"] == "True"
    assert said["STATEMENT"] == "700.0"
    assert said["FORMS"] == "read"
    # Odoo's accounting tests, on which theirs build, make the companies that ours find made.
    for statement in (
        "UPDATE res_partner SET name = 'Kept: ' || name WHERE id IN (SELECT partner_id FROM res_company)",
        "UPDATE res_company SET name = 'Kept: ' || name",
    ):
        rows(database, statement)
    done = run(*options, "--test-tags", ",".join(SMOKE), "--stop-after-init", "--max-cron-threads=0")
    assert done.returncode == 0, done.stderr[-6000:]
    # Ours leave, theirs stay and work.
    gone = run(f"--addons-path={addons_path}", "module", "uninstall", "-d", database, "credit_control")
    assert gone.returncode == 0, gone.stderr
    left = rows(database, "SELECT count(*) FROM credit_control_line WHERE balance_due = 700")
    assert left == [(1,)]
