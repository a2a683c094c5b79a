"""Senders as processes of their own, and a mail server that sees what they hand over."""

import socket
import subprocess
import threading
from email import message_from_bytes, policy
from pathlib import Path

import databases
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

LEDGER = Path(__file__).with_name("make_ledger.py").read_text()
SETUP = LEDGER + Path(__file__).with_name("queue_notices.py").read_text()
SEND = """
env["credit.dunning.notice"]._cron_send()
"""
STATES = """
rows = env["credit.dunning.notice"].search_read([], ["address", "state", "message_ref"])
print("STATES", [(row["address"], row["state"], row["message_ref"]) for row in rows])
"""


class QuietSMTP(SMTP):
    """Does not look up the name of the machine."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"hostname": "localhost", **kwargs})


class Catcher(Controller):
    """Keeps every message it accepts; ``on_rcpt`` and ``on_data`` are called before it answers."""

    def __init__(self):
        with socket.create_server(("127.0.0.1", 0)) as found:
            port = found.getsockname()[1]
        super().__init__(self, hostname="127.0.0.1", port=port)
        self.messages = []
        self.on_rcpt = self.on_data = lambda count: None
        self._lock = threading.Lock()

    def factory(self):
        return QuietSMTP(self.handler, **self.SMTP_kwargs)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.stop()

    async def handle_RCPT(self, server, session, envelope, address, options):
        envelope.rcpt_tos.append(address)
        self.on_rcpt(len(self.messages))
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        with self._lock:
            self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        self.on_data(len(self.messages))
        return "250 OK"

    def message_ids(self):
        return [message["Message-Id"] for message in self.messages]

    def recipients(self):
        return [message["To"].addresses[0].addr_spec for message in self.messages]


class Database:
    """A clone of the installed database, with senders that work on it."""

    def __init__(self, name, source):
        self.name = name
        databases.clone(source, name)

    def drop(self):
        databases.drop(self.name)

    def start(self, script):
        """Start Odoo with ``script``, and return its process."""
        arguments = databases.odoo_command("shell", "-d", self.name, "--no-http", "--log-level=warn")
        process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        process.stdin.write(script)
        process.stdin.close()
        process.stdin = None
        return process

    def run(self, script):
        """Run ``script`` in Odoo to its end, and return what it printed."""
        output, errors = self.start(script).communicate(timeout=600)
        assert "Traceback" not in errors, errors
        return output

    def prepare(self, count, catcher):
        """Queue ``count`` notices, one customer each, to be sent to ``catcher``."""
        self.run(f"COUNT, HOST, PORT = {count}, {catcher.hostname!r}, {catcher.port}\n{SETUP}\nenv.cr.commit()\n")

    def states(self):
        """Return ``{address: state}`` of all notices, and the Message-IDs of those that have left."""
        [line] = [line for line in self.run(STATES).splitlines() if line.startswith("STATES ")]
        rows = eval(line.removeprefix("STATES "), {"__builtins__": {}})
        return {address: state for address, state, _ref in rows}, {ref for _address, _state, ref in rows if ref}
