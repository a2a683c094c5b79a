"""SMS through a gateway that reports to a real Odoo before it answers, twice at once, or never; a sender is killed."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from fake_gateway import FakeGateway
from processes import Database

INSTALLED = os.environ.get("CREDIT_CONTROL_INSTALLED_DB")
pytestmark = pytest.mark.skipif(not INSTALLED, reason="needs the installed database that setup/test --e2e makes")

COUNT = 200
QUEUE = """
env["ir.cron"].search([]).active = False
env["ir.config_parameter"].set_param("web.base.url", "{base}")
body = '{{"to": "{{{{ number }}}}", "reference": "{{{{ uuid }}}}", "callback": "{{{{ report_url }}}}"}}'
gateway = env["credit.sms.gateway"].create(
    {{"name": "Fake", "company_id": env.company.id, "url": "{url}", "sender_name": "Exemple", "body": body}}
)
env["sms.sms"].create([
    {{"number": f"+3361234{{number:04d}}", "body": "Please pay", "credit_company_id": env.company.id}}
    for number in range({count})
])
env.cr.commit()
print("HOOK", gateway.webhook_url)
"""
SEND = """
env["sms.sms"]._process_queue()
env.cr.commit()
"""
STATES = """
rows = env["credit.sms.delivery"].search_read([], ["number", "state"])
print("STATES", [(row["number"], row["state"]) for row in rows])
"""
REPLIES = """
print("REPLIES", env["credit.sms.reply"].search_count([]), env["phone.blacklist"].search_count([]))
"""
# What is reported of a number, by its last digit: nothing of 8 and 9.
BY_REFERENCE, TWICE, COMES_BACK, SILENT = (4,), (5, 6), (7,), (8, 9)


@pytest.fixture
def database():
    database = Database(f"cc_test_sms_hooks_{os.getpid()}", INSTALLED)
    yield database
    database.drop()


def fails_now_and_then(message):
    """Refused for good, or taken without an answer; by its last digits."""
    return {10: 422, 30: "drop", 58: "drop", 70: 500}.get(int(message["to"][-2:]))


class Provider:
    """Reports what the fake gateway takes, before the answer; ``statuses`` is what Odoo answered."""

    def __init__(self, gateway):
        self.statuses = []
        self.kill, self.kill_at = None, 0
        gateway.on_taken = self.tell

    def tell(self, message, number):
        if self.kill and number >= self.kill_at:
            self.kill()
        digit = int(message["to"][-1])
        if digit in SILENT:
            return
        name = {"id": f"fake-{number}"} if digit in BY_REFERENCE else {"uuid": message["reference"]}
        event = {"type": "report", "status": "failed" if digit in COMES_BACK else "delivered", **name}
        times = 2 if digit in TWICE else 1
        with ThreadPoolExecutor(times) as pool:
            self.statuses += pool.map(lambda _time: post(message["callback"], event), range(times))


def post(url, *events):
    return requests.post(url, json={"events": list(events)}, timeout=60).status_code


def read_line(output, name):
    [line] = [line for line in output.splitlines() if line.startswith(f"{name} ")]
    return line.removeprefix(f"{name} ")


def test_reports_before_the_answer_twice_and_never(database, serve):
    server = serve(database.name, "--max-cron-threads=0")
    with FakeGateway() as gateway:
        hook = read_line(database.run(QUEUE.format(base=server.url, url=gateway.url, count=COUNT)), "HOOK")
        assert post(f"{hook}x") == 403
        gateway.plan = fails_now_and_then
        provider = Provider(gateway)
        sender = database.start(SEND)
        provider.kill, provider.kill_at = sender.kill, 60
        sender.communicate(timeout=600)
        assert sender.returncode == -9
        provider.kill = None
        database.run(SEND)
        database.run(SEND)
        states = dict(eval(read_line(database.run(STATES), "STATES"), {"__builtins__": {}}))
    assert set(provider.statuses) == {200}
    check(states, Counter(gateway.numbers()))
    answer_at_once(database, hook)
    log = server.log.read_text(errors="replace")
    assert "Traceback" not in log
    assert "bad query" not in log


def answer_at_once(database, hook):
    """The same answer several times in the same moment is taken once."""
    reply = {"type": "reply", "id": "in-1", "from": "+33698765432", "text": "STOP"}
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _time: post(hook, reply), range(4))) == {200}
    assert read_line(database.run(REPLIES), "REPLIES") == "1 1"


def check(states, counts):
    assert len(states) == COUNT
    assert [number for number, count in counts.items() if count > 1] == []
    expected = {
        **dict.fromkeys(range(4), {"delivered"}),
        # By a name that only the answer tells, which nobody wrote down where the sender died.
        **dict.fromkeys(BY_REFERENCE, {"delivered", "uncertain"}),
        **dict.fromkeys(TWICE, {"delivered"}),
        **dict.fromkeys(COMES_BACK, {"failed"}),
        **dict.fromkeys(SILENT, {"sent", "uncertain"}),
    }
    for number, state in states.items():
        wanted = expected[int(number[-1])] if number in counts else {"failed", "uncertain"}
        assert state in wanted, (number, state)
    by_reference = [state for number, state in states.items() if int(number[-1]) in BY_REFERENCE]
    assert by_reference.count("delivered") >= len(by_reference) // 3
    # At most the batch that was under way when the sender was killed, and what was left without an answer.
    assert Counter(states.values())["uncertain"] <= 100 + 4
