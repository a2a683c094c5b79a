import threading
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from odoo.fields import Command

from .common import CreditControlCommon

TODAY = date(2026, 6, 1)


class RatingCommon(CreditControlCommon):
    """An agency of grades and one of figures; a collector who records what they say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        steps = [("AAA", 95, 100, 60), ("B", 60, 100, 0), ("C", 20, 40, 0)]
        cls.agency = cls.env["credit.rating.agency"].create(
            {
                "name": "Agence Exemple",
                "scale_ids": [
                    Command.create({"value": value, "score": score, "ceiling": ceiling, "floor": floor})
                    for value, score, ceiling, floor in steps
                ],
            }
        )
        cls.figures = cls.env["credit.rating.agency"].create(
            {"name": "Agence de chiffres", "kind": "figures", "worst": 0.0, "best": 20.0, "validity_days": 30}
        )
        cls.ratings = cls.env["credit.rating"]

    @classmethod
    def _rate(cls, value, day=date(2026, 5, 1), partner=None, agency=None, **values):
        return (
            cls.env["credit.rating"]
            .with_user(cls.collector)
            .create(
                {
                    "partner_id": (partner or cls.customer).id,
                    "company_id": cls.company.id,
                    "agency_id": (agency or cls.agency).id,
                    "date": day,
                    "value": value,
                    **values,
                }
            )
        )


class FakeProvider:
    """A rating service on this machine: answers as ``answer(handler)`` says, and keeps what it was asked."""

    def __init__(self):
        self.asked = []
        self.answer = None
        self.patience = threading.Event()

    def reply(self, body, status=200, **headers):
        """Answer everything alike."""

        def answer(handler):
            content = body if isinstance(body, bytes) else body.encode()
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)

        self.answer = answer


@contextmanager
def fake_provider():
    """Serve a :class:`FakeProvider` on a free port of this machine; yields it, with its address as ``url``."""
    fake = FakeProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            fake.asked.append((self.path, dict(self.headers)))
            try:
                fake.answer(self)
            except (BrokenPipeError, ConnectionResetError):
                # The one who asked didn't wait for the end, as it should.
                self.close_connection = True

        def log_message(self, *args):
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        fake.patience.set()
        server.shutdown()
        server.server_close()
        thread.join()
