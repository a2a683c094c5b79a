"""Reminders through Odoo's own addon for Twilio: its tests run in a database where that addon is installed."""

import os
import re
import subprocess

import databases
import pytest
from free_port import ephemeral_port

INSTALLED = os.environ.get("CREDIT_CONTROL_INSTALLED_DB")
pytestmark = pytest.mark.skipif(not INSTALLED, reason="needs the installed database that setup/test --e2e makes")


def test_twilio(clone):
    command = databases.odoo_command(
        *("-d", clone(), "-i", "sms_twilio", "-u", "credit_control_sms", "--test-tags", "twilio/credit_control_sms"),
        *("--stop-after-init", "--max-cron-threads=0", "--http-interface=127.0.0.1", f"--http-port={ephemeral_port()}"),
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    [(failed, errors, count)] = re.findall(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests", done.stderr)
    assert (int(failed), int(errors)) == (0, 0), done.stderr[-5000:]
    assert int(count) >= 5
