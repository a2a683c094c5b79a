"""A gateway on this machine that keeps what it is sent: for tests, measurements and the demonstration. No Odoo needed.

``with FakeGateway() as gateway`` answers at ``gateway.url``. ``gateway.plan`` is called with each message that is
handed over (its JSON) and says what happens: ``None`` (taken), a number (refused with this status), ``"drop"`` (taken,
but the connection ends without an answer), ``"hang"`` (taken, and no answer until the gateway ends). What was taken
stands in ``gateway.taken``, in order; what a refusal says in ``gateway.refusals``, by its status (JSON, or bytes);
``gateway.requests`` has (method, path, body) of all requests. What is asked by GET is answered from ``gateway.pages``,
by path.

From a shell, until it is interrupted: ``fake_gateway.py FILE [PORT]`` writes a line of JSON for each message.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Takes messages as JSON by POST, and answers what it is asked by GET."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self):
        """Take one message, or do what the plan says instead."""
        gateway = self.server.gateway
        body = self.rfile.read(int(self.headers["Content-Length"]))
        message = json.loads(body)
        with gateway.lock:
            gateway.requests.append(("POST", self.path, body.decode()))
            order = gateway.plan(message)
            taken = not isinstance(order, int)
            if taken:
                gateway.taken.append(message)
                gateway.headers.append(dict(self.headers))
            number = len(gateway.taken)
        if taken:
            gateway.on_taken(message, number)
        if order is None:
            self._answer(201, gateway.answer(message, number))
        elif taken:
            self._break(order)
        else:
            self._answer(order, gateway.refusals.get(order, {"error": f"planned {order}"}))

    def do_GET(self):
        """Answer from the pages that are there."""
        gateway = self.server.gateway
        with gateway.lock:
            gateway.requests.append(("GET", self.path, ""))
            gateway.headers.append(dict(self.headers))
        path = self.path.partition("?")[0]
        found = next((gateway.pages[key] for key in (self.path, path) if key in gateway.pages), None)
        self._answer(404 if found is None else 200, found)

    def _break(self, order):
        if order == "hang":
            self.server.gateway.ended.wait()
        self.close_connection = True
        self.connection.close()

    def _answer(self, status, body):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
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
        self.taken, self.headers, self.requests = [], [], []
        self.answer_headers, self.pages, self.refusals = {}, {}, {}
        self.answer = lambda message, number: {"id": f"fake-{number}"}
        self.ended = threading.Event()
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
        self.ended.set()
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
