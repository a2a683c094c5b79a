"""What stands around a measurement: a mail server that takes everything, an Odoo that serves style sheets."""

import subprocess
import time
import urllib.error
import urllib.request
from contextlib import AbstractContextManager

import databases
from aiosmtpd.controller import Controller
from free_port import ephemeral_port
from paths import addons_path


class MailCatcher(AbstractContextManager):
    """A mail server on the loopback interface, in a thread: it counts what it is given and forgets it."""

    def __init__(self):
        self.count = 0
        self.port = ephemeral_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server, session, envelope):
        """Take a message (called by the controller)."""
        self.count += 1
        return "250 taken"

    def __enter__(self):
        self._controller.start()
        return self

    def __exit__(self, *exception):
        self._controller.stop()


class StyleServer(AbstractContextManager):
    """An Odoo on the database: pages are printed with the style sheets that it serves."""

    def __init__(self, database: str):
        self._database = database
        self._port = ephemeral_port()
        self.url = f"http://127.0.0.1:{self._port}"

    def __enter__(self):
        self._process = subprocess.Popen(
            databases.odoo_command(
                *("-d", self._database, "--max-cron-threads=0", "--log-level=error"),
                *("--addons-path", addons_path()),
                *("--http-interface=127.0.0.1", f"--http-port={self._port}"),
            ),
            stdin=subprocess.DEVNULL,
        )
        self._wait(until=time.monotonic() + 120)
        return self

    def _wait(self, until):
        """Return when it answers with the style sheets of printed pages: to make them isn't what is measured."""
        while time.monotonic() < until:
            try:
                for bundle in ("web.report_assets_pdf", "web.report_assets_common"):
                    path = f"/web/assets/any/{bundle}.autoprefixed.min.css"
                    urllib.request.urlopen(f"{self.url}{path}", timeout=60).read()
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.2)
        raise TimeoutError("Odoo didn't come up to serve style sheets")

    def __exit__(self, *exception):
        self._process.terminate()
        self._process.wait()
