import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.request import urlopen

from work import Work, at_least

COUNT = 1000
FAKE = Path(__file__).resolve().parents[3] / "credit_control_sms" / "tests" / "fake_gateway.py"


class Sms(Work):
    """Sending 1 000 SMS of Odoo's queue through a gateway of the company's own, in batches, 5 % of them failing.

    The gateway is a real HTTP server on this machine, in a process of its own: it refuses some, answers others with an
    error of its own, and takes others without an answer. A unit is an SMS that is in a final state or uncertain; where
    one isn't, or arrived twice, there is no figure.
    """

    name = "sms"
    unit = "sms"

    def prepare_ours(self, env):
        command = [sys.executable, "-c", f"{SERVER}\nserve({str(FAKE)!r})"]
        # It ends with its input, that is with this process.
        self.server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self.server.stdout.readline().strip()
        env["credit.sms.gateway"].create(
            {"name": "Fake", "company_id": env.company.id, "url": self.url, "sender_name": "Exemple"}
        )
        env["sms.sms"].create(
            [{"number": f"+3361234{number:04d}", "body": f"Please pay {number}"} for number in range(COUNT)]
        )

    def ours(self, env):
        env["sms.sms"].sudo()._process_queue()

    def count_ours(self, env):
        states = self._get_states(env)
        with urlopen(f"{self.url}/numbers") as answer:
            arrived = Counter(json.load(answer))
        self.server.stdin.close()
        twice = [number for number, count in arrived.items() if count > 1]
        denied = [number for number in arrived if states.get(number) not in ("sent", "uncertain")]
        final = [number for number, state in states.items() if state in ("sent", "failed", "uncertain")]
        if twice or denied or len(final) != COUNT:
            raise SystemExit(f"sms: twice {twice}, denied {denied}; {len(final)} of {COUNT} have an outcome")
        return len(final)

    def _get_states(self, env):
        rows = env["credit.sms.delivery"].sudo().search_read([], ["number", "state"])
        return {row["number"]: row["state"] for row in rows}

    def notes(self, env):
        return dict(Counter(self._get_states(env).values()))

    def targets(self, ours, peer, smaller):
        return [at_least("SMS a second", ours.per_second, 200), at_least("with an outcome", ours.units, COUNT)]


SERVER = """
import importlib.util, sys

# By the last two digits of the number: 5 of 100.
PLANS = {10: 422, 30: "drop", 50: 500, 70: "drop", 90: 400}

def serve(path):
    spec = importlib.util.spec_from_file_location("fake_gateway", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.FakeGateway() as gateway:
        numbers = gateway.pages["/numbers"] = []
        gateway.plan = lambda message: PLANS.get(int(message["to"][-2:]))
        gateway.on_taken = lambda message, number: numbers.append(message["to"])
        print(gateway.url, flush=True)
        sys.stdin.read()
"""

WORK = Sms()
