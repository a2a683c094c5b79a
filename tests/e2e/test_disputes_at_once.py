"""Two who open, or close, the same dispute at the same moment: the database says no to one, Odoo replays that one."""

import subprocess
from pathlib import Path

import databases

SCRIPT = Path(__file__).with_name("disputes_at_once.py").read_text()


def test_the_second_is_replayed_and_told(clone):
    command = databases.odoo_command("shell", "-d", clone(), "--no-http", "--log-level=critical")
    done = subprocess.run(command, input=SCRIPT, capture_output=True, text=True, timeout=600)
    assert "Traceback" not in done.stderr, done.stderr
    said = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line.split()}
    # 600 of 1 000 twice: the second is replayed, and then finds 400.
    assert said["OPEN"] == ["replay", "ValidationError"]
    assert said["CLOSE"] == ["replay", "UserError"]
    assert said["NEWS"] == ["replay", "True"]
