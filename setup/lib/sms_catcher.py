"""An SMS gateway that reaches nobody: every message becomes a line of JSON in a file, and is reported as delivered.

In Python::

    with SmsCatcher(folder) as catcher:
        ...  # set up a gateway on catcher.url
        print(catcher.messages())

It is the gateway of the tests (``credit_control_sms/tests/fake_gateway.py``), a real HTTP server on this machine. A
message that names an address for reports (``callback``) is reported there before its own request is answered: so do
some providers.
"""

import json
import sys
import urllib.request
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "credit_control_sms" / "tests"))
from fake_gateway import FakeGateway  # noqa: E402

FILE = "sms.jsonl"
# Seconds that the report may take; a report that isn't taken is lost, and the message stays "sent".
REPORT_TIMEOUT = 10


class SmsCatcher(FakeGateway):
    """The gateway and its file."""

    def __init__(self, folder: Path | str, port: int = 0):
        super().__init__(port)
        self.path = Path(folder) / FILE
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.on_taken = self._keep

    def messages(self) -> list[dict]:
        """All messages of the file, those of former catchers too."""
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []

    def _keep(self, message, _number):
        kept = {key: value for key, value in message.items() if key != "callback"}
        with self.lock, self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(kept, ensure_ascii=False) + "\n")
        if message.get("callback"):
            self._report(message["callback"], {"type": "report", "uuid": message["reference"], "status": "delivered"})

    def _report(self, url, event):
        body = json.dumps({"events": [event]}).encode()
        request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})
        try:
            urllib.request.urlopen(request, timeout=REPORT_TIMEOUT).close()
        except OSError as error:
            print(f"  an SMS could not be reported as delivered: {error}", file=sys.stderr)
