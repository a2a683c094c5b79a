"""A gateway on this machine that keeps what it is sent: for tests, measurements and the demonstration. No Odoo needed.

``with FakeGateway() as gateway`` answers at ``gateway.url``. ``gateway.plan`` is called with each request that is
taken and says what happens: ``None`` (taken), a number (refused with this status), ``"drop"`` (taken, but the
connection ends without an answer). What was taken stands in ``gateway.taken``, in order.

From a shell, until it is interrupted: ``fake_gateway.py FILE [PORT]`` writes a line of JSON for each message.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Takes messages as JSON by POST."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self):
        """Take one message, or do what the plan says instead."""
        gateway = self.server.gateway
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with gateway.lock:
            order = gateway.plan(message)
            if order in (None, "drop"):
                gateway.taken.append(message)
                gateway.headers.append(dict(self.headers))
            number = len(gateway.taken)
        if order in (None, "drop"):
            gateway.on_taken(message, number)
        if order == "drop":
            self.close_connection = True
            self.connection.close()
            return
        self._answer(order or 201, {"id": f"fake-{number}"} if order is None else {"error": f"planned {order}"})

    def _answer(self, status, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in self.server.gateway.answer_headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args):
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Threads that die with the process; a connection that breaks off is no news."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """Say nothing."""


class FakeGateway:
    """The server, with what it has taken."""

    def __init__(self, port=0):
        self.taken, self.headers, self.answer_headers = [], [], {}
        self.plan = lambda message: None
        self.on_taken = lambda message, number: None
        self.lock = threading.Lock()
        self.server = Server(("127.0.0.1", port), Handler)
        self.server.gateway = self

    @property
    def url(self):
        """Where it answers."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def numbers(self):
        """Return the numbers to which something was taken, in order."""
        return [message["to"] for message in self.taken]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_error):
        self.server.shutdown()
        self.server.server_close()


def main(path, port="0"):
    """Write a line for each message until interrupted."""
    with FakeGateway(int(port)) as gateway, Path(path).open("a", encoding="utf-8") as stream:

        def keep(message, _number):
            stream.write(json.dumps(message) + "\n")
            stream.flush()

        gateway.on_taken = keep
        sys.stdout.write(f"SMS to {gateway.url} are written to {path}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
