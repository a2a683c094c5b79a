"""The catcher of SMS keeps each message, and reports it as delivered before it answers."""

import json
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sms_catcher import SmsCatcher


@pytest.fixture
def catcher(tmp_path):
    with SmsCatcher(tmp_path / "caught") as catcher:
        yield catcher


@pytest.fixture
def hook():
    """A server that keeps what is reported to it."""
    reports = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            reports.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook", reports
    server.shutdown()
    server.server_close()


def send(catcher, **message):
    body = json.dumps(message).encode()
    request = urllib.request.Request(catcher.url, data=body, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def test_messages_are_lines_without_the_secret_of_the_address(catcher, hook):
    url, reports = hook
    send(catcher, to="+33600000001", text="1 200,00 EUR à régler", reference="a1", callback=url)
    send(catcher, to="+33600000002", text="Second", reference="a2")
    assert [message["text"] for message in catcher.messages()] == ["1 200,00 EUR à régler", "Second"]
    assert "hook" not in catcher.path.read_text()
    assert reports == [{"events": [{"type": "report", "uuid": "a1", "status": "delivered"}]}]


def test_a_report_that_nobody_takes_harms_nothing(catcher, capsys):
    assert send(catcher, to="+33600000001", reference="a1", callback="http://127.0.0.1:9/")["id"] == "fake-1"
    assert "could not be reported" in capsys.readouterr().err


def test_lines_go_on_where_a_former_catcher_stopped(tmp_path):
    for _twice in range(2):
        with SmsCatcher(tmp_path) as catcher:
            send(catcher, to="+33600000001", reference="a1")
    assert len(catcher.messages()) == 2
