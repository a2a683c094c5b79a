"""Serve a database with Odoo for as long as a block of Python runs.

with OdooServer("mydb", log=Path("server.log")) as server:
    urllib.request.urlopen(server.url + "/web/login")
"""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import databases
from free_port import ephemeral_port


class OdooServer:
    """One Odoo process that serves one database on the loopback interface.

    It is killed (SIGKILL) by ``kill``, as a test of crashes needs it, and ended in order by ``stop``.
    """

    def __init__(self, database: str, log: Path, *args: str, port: int = 0):
        self.database = database
        self.log = log
        self.args = args
        self.port = port
        self.process = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, timeout: float = 120) -> "OdooServer":
        self.port = self.port or ephemeral_port()
        command = databases.odoo_command(
            *("-d", self.database, f"--db-filter=^{self.database}$", "--no-database-list"),
            *("--http-interface=127.0.0.1", f"--http-port={self.port}", *self.args),
        )
        with self.log.open("w") as stream:
            # Of its own group: what it starts (wkhtmltopdf, browsers) ends with it.
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            self._wait(timeout)
        except BaseException:
            self.kill()
            raise
        return self

    def _wait(self, timeout: float) -> None:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/web/health", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.3)
        raise RuntimeError(f"Odoo did not come up on {self.url}:\n{self.log.read_text(errors='replace')[-4000:]}")

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, how)
            self.process.wait(30)
        except ProcessLookupError:
            self.process.wait()
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def __enter__(self) -> "OdooServer":
        return self.start()

    def __exit__(self, *exc) -> None:
        self.stop()
