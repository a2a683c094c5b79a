"""Run Odoo's tests in several processes at once, each on a clone of its own."""

import contextlib
import os
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import databases
from free_port import ephemeral_port

from .odoo_log import TestLog
from .progress import say
from .results import Results
from .template import home, log_path

SILENCE = 900  # seconds without a line of log after which a process is taken for dead
HEARTBEAT = 60  # seconds between two lines that show that the tests go on


@dataclass
class Process:
    """One Odoo that runs its share of the tests."""

    label: str
    database: str
    spec: str
    log: Path
    parsed: TestLog = field(default_factory=TestLog)
    popen: subprocess.Popen = None
    silent_since: float = 0.0

    def start(self, source: str) -> None:
        databases.clone(source, self.database)
        databases.keep_unvacuumed(self.database)
        port = ephemeral_port()
        self.silent_since = time.monotonic()
        self.popen = subprocess.Popen(
            databases.odoo_command(
                *("-d", self.database, "--test-tags", self.spec, "--stop-after-init", "--max-cron-threads=0"),
                *("--http-interface=127.0.0.1", f"--http-port={port}", "--limit-time-real=3600"),
                *("--screenshots", str(home("test", "screenshots"))),
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Of its own process group, so that its browsers go with it.
            start_new_session=True,
        )

    def follow(self) -> None:
        """Copy the output to the log and read it, until the process ends."""
        with self.log.open("w") as stream:
            self.parsed.read(self._lines(stream))
        self.popen.wait()

    def _lines(self, stream):
        for line in self.popen.stdout:
            self.silent_since = time.monotonic()
            stream.write(line)
            stream.flush()
            yield line

    def kill(self) -> None:
        if self.popen:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.popen.pid, 9)
            self.popen.wait()


def run(repo: Path, source: str, specs: list[str], keep: bool) -> Results:
    """Run each of ``specs`` on a clone of the database ``source``; with ``keep`` the clones stay."""
    names = [f"cc_test_{os.getpid()}_{number}" for number, _spec in enumerate(specs, 1)]
    processes = [
        Process(f"Odoo tests ({number}/{len(specs)})", name, spec, log_path(repo, str(number)))
        for number, (name, spec) in enumerate(zip(names, specs, strict=True), 1)
    ]
    results = Results()
    try:
        for process in processes:
            process.start(source)
        threads = [threading.Thread(target=process.follow, daemon=True) for process in processes]
        for thread in threads:
            thread.start()
        watch(processes, threads)
        for process in processes:
            results += process.parsed.results(process.popen.returncode, process.label)
            say(f"  {process.label}: {len(process.parsed.started)} tests, log {process.log}")
    finally:
        for process in processes:
            process.kill()
            if keep:
                say(f"  kept: ./setup/odoo -d {process.database}    (setup/odoo db drop {process.database})")
            else:
                databases.drop(process.database)
    return results


def watch(processes: list[Process], threads: list[threading.Thread]) -> None:
    """Wait for all to end; show that they live; end those that do no more."""
    told = time.monotonic()
    while any(thread.is_alive() for thread in threads):
        for thread in threads:
            thread.join(0.5)
        now = time.monotonic()
        if now - told >= HEARTBEAT:
            told = now
            say(f"  {sum(len(process.parsed.started) for process in processes)} tests started")
        for process in processes:
            if process.popen.poll() is None and now - process.silent_since > SILENCE:
                say(f"  {process.label}: silent for {SILENCE} s, killed")
                process.kill()
