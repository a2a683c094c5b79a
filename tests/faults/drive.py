"""Odoo as a process of its own that is driven from outside: started, waited for, killed at a chosen moment."""

import signal
import subprocess
import time
from contextlib import contextmanager

TIMEOUT = 900
READY = 'print("READY", flush=True)\n'


def run(database, script: str) -> str:
    """Run ``script`` in Odoo to its end, whatever it logs; return what it printed."""
    process = database.start(script)
    output, errors = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0, errors[-6000:]
    return output


def attempt(database, script: str) -> tuple[int, str]:
    """Run ``script`` to whatever end; return its status and what it logged."""
    process = database.start(script)
    _output, errors = process.communicate(timeout=TIMEOUT)
    return process.returncode, errors


def start_ready(database, script: str):
    """Start ``script``, and return its process once it is about to begin its work."""
    process = database.start(READY + script)
    line = process.stdout.readline()
    if line.strip() != "READY":
        raise AssertionError(process.communicate()[1][-6000:])
    return process


def kill_after(database, script: str, seconds: float) -> bool:
    """Kill ``script`` (SIGKILL) so long after its work began; return whether it was still at it."""
    process = start_ready(database, script)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    process.communicate()
    return process.returncode == -signal.SIGKILL


def measure(database, script: str) -> float:
    """Return how many seconds ``script`` takes, without Odoo's start."""
    process = start_ready(database, script)
    start = time.monotonic()
    _output, errors = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0, errors[-6000:]
    return time.monotonic() - start


@contextmanager
def killed_at(process, catcher, moment: str, count: int):
    """While open, ``process`` is killed once the catcher has ``count`` messages more, at this moment of the next."""
    seen = len(catcher.messages)

    def callback(arrived):
        if arrived - seen >= count:
            process.kill()

    setattr(catcher, moment, callback)
    try:
        yield
    finally:
        catcher.on_data = catcher.on_rcpt = lambda arrived: None
