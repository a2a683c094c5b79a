"""Addons of others that do a part of the same stand in one database with ours, and both work."""

import os
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import databases
import pytest

HERE = Path(__file__).parent
SCRIPT = (HERE / "financial_risk_beside.py").read_text()


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


def test_account_financial_risk(clone, addons_path):
    database = clone()
    options = ["-d", database, "--addons-path", addons_path, "--no-http", "--log-level=error"]
    installed = run(*options, "-i", "account_financial_risk", "--stop-after-init", "--max-cron-threads=0")
    assert installed.returncode == 0, installed.stderr
    assert " ERROR " not in installed.stderr and " CRITICAL " not in installed.stderr, installed.stderr
    done = run("shell", *options, script=SCRIPT)
    assert "Traceback" not in done.stderr, done.stderr
    said = {line.split()[0]: line.split(maxsplit=1)[1] for line in done.stdout.splitlines() if " " in line}
    # One limit of 100, read by both: theirs is core's field, as ours is.
    assert said["LIMIT"] == "[100.0] 100.0"
    assert said["THEIRS"] == "partner.risk.exceeded.wiz draft"
    assert said["CONTINUED"] == "posted 150.0 150.0"
    assert said["OURS"] == "draft open 110.0"
    assert said["RELEASED"] == "sale 210.0"
    assert said["FORMS"] == "read"
