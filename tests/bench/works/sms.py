import subprocess
import sys
from pathlib import Path

from work import Work, at_least

COUNT = 1000
FAKE = Path(__file__).resolve().parents[3] / "credit_control_sms" / "tests" / "fake_gateway.py"


class Sms(Work):
    """Sending 1 000 SMS of Odoo's queue through a gateway of the company's own, in batches, 5 % refused.

    The gateway is a real HTTP server on this machine, in a process of its own. A unit is an SMS whose outcome is known.
    """

    name = "sms"
    unit = "sms"

    def prepare_ours(self, env):
        script = f"{SERVER}\nserve({str(FAKE)!r})"
        self.server = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        url = self.server.stdout.readline().strip()
        env["credit.sms.gateway"].create(
            {"name": "Fake", "company_id": env.company.id, "url": url, "sender_name": "Exemple"}
        )
        env["sms.sms"].create(
            [{"number": f"+3361234{number:04d}", "body": f"Please pay {number}"} for number in range(COUNT)]
        )

    def ours(self, env):
        try:
            env["sms.sms"].sudo()._process_queue()
        finally:
            self.server.terminate()

    def count_ours(self, env):
        return env["credit.sms.delivery"].search_count([("state", "in", ("sent", "failed"))])

    def notes(self, env):
        groups = env["credit.sms.delivery"]._read_group([], ["state"], ["__count"])
        return dict(groups)

    def targets(self, ours, peer, smaller):
        return [at_least("SMS a second", ours.per_second, 200)]


SERVER = """
import importlib.util, threading

def serve(path):
    spec = importlib.util.spec_from_file_location("fake_gateway", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.FakeGateway() as gateway:
        gateway.plan = lambda message: 422 if int(message["to"][-2:]) % 20 == 7 else None
        print(gateway.url, flush=True)
        threading.Event().wait()
"""

WORK = Sms()
