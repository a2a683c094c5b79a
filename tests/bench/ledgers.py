"""The databases of the benchmark: made once, kept, and copied for each measurement that writes.

They are named ``credit_bench_…``. Each tells by its comment what it was made from; where
that has changed, it is made anew.
"""

import hashlib
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import databases
import psycopg2
from psycopg2 import sql

HERE = Path(__file__).parent
REPO = HERE.parent.parent
ADDONS = ("account", "credit_control", "account_credit_control")
BASE = "credit_bench_base"
SCRATCH = "credit_bench_scratch"


def ledger(invoices: int, today, say) -> str:
    """Return the database of a ledger of that size, with our addons as they are now."""
    name = f"credit_bench_{invoices}"
    key = digest(f"{invoices} {today}", HERE / "ledger.py", HERE / "peers.txt")
    if comment(name) != key:
        base(say)
        say(f"  a ledger of {invoices} invoices in {name}, kept for the next time")
        databases.clone(BASE, name)
        run_python("make_ledger.py", name, str(invoices), today.isoformat())
        set_comment(name, key)
    update(name, say)
    return name


def base(say) -> None:
    """Make the database that ledgers start from: Odoo, our addons and the peers'."""
    key = digest(" ".join(ADDONS), HERE / "peers.txt")
    if comment(BASE) != key:
        say(f"  Odoo with {', '.join(ADDONS)} in {BASE}")
        databases.drop(BASE)
        execute(sql.SQL("CREATE DATABASE {} LC_COLLATE 'C' TEMPLATE template0").format(sql.Identifier(BASE)))
        run_python("install_addons.py", BASE, "install", *ADDONS)
        set_comment(BASE, key)
    update(BASE, say)


def update(name: str, say) -> None:
    """Bring our addons in the database up to date, where their files have changed."""
    files = sorted(
        path
        for path in REPO.glob("credit_control*/**/*")
        if path.suffix in {".py", ".xml", ".csv"} and "tests" not in path.parts
    )
    key = digest("", *files)
    known = execute("SELECT value FROM ir_config_parameter WHERE key = 'credit_bench.addons'", database=name)
    if known != [(key,)]:
        say(f"  our addons in {name} are brought up to date")
        run_python("install_addons.py", name, "update", "credit_control")
        execute("DELETE FROM ir_config_parameter WHERE key = 'credit_bench.addons'", database=name)
        execute("INSERT INTO ir_config_parameter (key, value) VALUES ('credit_bench.addons', %s)", (key,), name)


@contextmanager
def scratch(source: str):
    """A copy of a ledger for one measurement, dropped afterwards."""
    try:
        databases.clone(source, SCRATCH)
        yield SCRATCH
    finally:
        databases.drop(SCRATCH)


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


def digest(text: str, *paths: Path) -> str:
    """A key that changes with the text or with the content of one of the files."""
    found = hashlib.sha256(text.encode())
    for path in paths:
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def run_python(script: str, *args: str) -> None:
    """Run a script of this folder in a process of its own."""
    subprocess.run([sys.executable, str(HERE / script), *args], check=True)
