"""The databases of the benchmark: made once, kept, and copied for each measurement that writes.

They are named ``credit_bench_…``: one with Odoo and the peers, the ledgers made from it, and
each ledger once more with our addons as they are now. Each tells by its comment what it was
made from; where that has changed, it is made anew.
"""

import hashlib
import os
import subprocess
import sys
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import databases
import psycopg2
from psycopg2 import sql

HERE = Path(__file__).parent
REPO = HERE.parent.parent
PEERS = ("account", "account_credit_control", "account_financial_report")
OURS = ("credit_control", "credit_control_reporting", "credit_control_sms")
BASE = "credit_bench_base"
# Before this version of PostgreSQL there is no other way.
FILE_COPY_SINCE = 150000
# Two calls at a time have one each.
SCRATCH = f"credit_bench_scratch_{os.getpid()}"


@cache
def with_ours(invoices: int, today, say) -> str:
    """Return the database of a ledger of that size with our addons in it, as they are now: looked at once a call."""
    source = ledger(invoices, today, say)
    files = sorted(
        path
        for path in REPO.glob("credit_control*/**/*")
        if path.suffix in {".py", ".xml", ".csv"} and "tests" not in path.parts
    )
    key = digest(comment(source), *files)
    return make(f"{source}_ours", key, source, say, "install_addons.py", *OURS)


def ledger(invoices: int, today, say) -> str:
    """Return the database of a ledger of that size, without our addons."""
    source = base(say)
    key = digest(f"{invoices} {today} {comment(source)}", HERE / "ledger.py")
    return make(f"credit_bench_{invoices}", key, source, say, "make_ledger.py", str(invoices), today.isoformat())


def base(say) -> str:
    """Return the database that ledgers start from: Odoo and the peers' addons."""
    key = digest(" ".join(PEERS), HERE / "peers.txt")
    return make(BASE, key, "template0", say, "install_addons.py", *PEERS)


def make(name: str, key: str, source: str, say, script: str, *args: str) -> str:
    """Have ``script`` make the database from a copy of ``source``, unless it was made for that key."""
    if comment(name) != key:
        say(f"  {name} is made, and kept for the next time")
        databases.drop(name)
        copy_files(source, name)
        run_python(script, name, *args)
        set_comment(name, key)
    return name


@contextmanager
def scratch(source: str):
    """A copy of a ledger for one measurement, dropped afterwards."""
    try:
        databases.drop(SCRATCH)
        copy_files(source, SCRATCH)
        yield SCRATCH
    finally:
        databases.drop(SCRATCH)


def copy_files(source: str, name: str) -> None:
    """Copy a database file by file.

    The other way, through the log, leaves the server with gigabytes to write down while the clock runs.
    """
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
    if int(execute("SHOW server_version_num")[0][0]) >= FILE_COPY_SINCE:
        statement += sql.SQL(" STRATEGY FILE_COPY")
    execute(statement)
    databases.link_files(source, name)


def forget() -> None:
    """Drop all databases of the benchmark."""
    for name in databases.names(r"credit_bench_\w+"):
        databases.drop(name)


def execute(statement, params=None, database="postgres"):
    """Run one statement outside of any transaction; return its rows, if it has any."""
    with closing(psycopg2.connect(dbname=database)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall() if cursor.description else None


def comment(name: str):
    """Return the comment of a database; None where it has none, or doesn't exist."""
    rows = execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", (name,))
    return rows[0][0] if rows else None


def set_comment(name: str, text: str) -> None:
    """Say what a database was made from; said last, so that a half-made one is made anew."""
    execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(text)))


def mark_changed(name: str) -> None:
    """Have a ledger made anew by the next call: a work is about to write into it."""
    set_comment(name, "changed")


def digest(text: str, *paths: Path) -> str:
    """A key that changes with the text or with the content of one of the files."""
    found = hashlib.sha256(text.encode())
    for path in paths:
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def run_python(script: str, *args: str) -> None:
    """Run a script of this folder in a process of its own."""
    subprocess.run([sys.executable, str(HERE / script), *args], check=True)
