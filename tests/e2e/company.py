"""A company at work with all addons, in a database of a test."""

import subprocess
from pathlib import Path

import databases
from database_state import rows

LIFE = (Path(__file__).parent / "life.py").read_text()


def odoo(*args: str, script: str = "") -> str:
    """Run Odoo, and return what it printed; it logs no error."""
    command = databases.odoo_command(*args)
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    for sign in (" ERROR ", " CRITICAL ", "Traceback"):
        assert sign not in done.stderr, done.stderr
    return done.stdout


def live(database: str) -> None:
    """Let a company work with all addons for a day. Nothing leaves: see ``point_to``."""
    said = odoo("shell", "-d", database, "--no-http", script=LIFE).splitlines()
    assert "NOTICES credit.channel.email:queued,credit.channel.sms:queued" in said, said
    assert "ORDER draft 1" in said, said
    assert "SNAPSHOTS True" in said, said


def point_to(database: str, mail: tuple[str, int], gateway: str, provider: str) -> None:
    """Let what the company sends and asks go to these servers."""
    rows(database, "UPDATE ir_mail_server SET smtp_host = %s, smtp_port = %s WHERE name = 'Mail'", *mail)
    rows(database, "UPDATE credit_sms_secret SET value = %s WHERE name = 'url'", gateway)
    rows(database, "UPDATE credit_rating_provider SET url = %s", f"{provider}/{{ref}}")
