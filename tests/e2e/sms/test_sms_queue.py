"""1 000 SMS through a gateway that fails, reports early, twice or never, with senders killed meanwhile: none twice."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from fake_gateway import FakeGateway
from processes import Database

INSTALLED = os.environ.get("CREDIT_CONTROL_INSTALLED_DB")
pytestmark = pytest.mark.skipif(not INSTALLED, reason="needs the installed database that setup/test --e2e makes")

COUNT = 1000
QUEUE = """
env["ir.cron"].search([]).active = False
company = env.company
env["credit.sms.gateway"].create({{"name": "Fake", "company_id": company.id, "url": "{url}", "sender_name": "Exemple"}})
env["sms.sms"].create([
    {{"number": f"+3361234{{number:04d}}", "body": f"Please pay {{number}}", "credit_company_id": company.id}}
    for number in range({count})
])
env.cr.commit()
"""
SEND = """
env["sms.sms"]._process_queue()
env.cr.commit()
"""
REPORT = """
from odoo.service.model import retrying

def take(uuid):
    news = type("News", (), dict(kind="report", uuid=uuid, reference="", state="delivered", detail=""))
    env["credit.sms.gateway"].search([])._take_news(news)

for uuid in {uuids}:
    for _twice in range(2):
        # As the web server does where another transaction was faster.
        retrying(lambda: take(uuid), env)
        env.cr.commit()
"""
STATES = """
rows = env["credit.sms.delivery"].search_read([], ["number", "state"])
print("STATES", [(row["number"], row["state"]) for row in rows])
print("LEFT", env["sms.sms"].search_count([("state", "in", ("outgoing", "process")), ("to_delete", "=", False)]))
"""


@pytest.fixture
def database():
    database = Database(f"cc_test_sms_{os.getpid()}", INSTALLED)
    yield database
    database.drop()


def fails_now_and_then(message):
    """5 % of the numbers: refused for good, or taken without an answer; by their last digits."""
    last = int(message["to"][-2:])
    return {10: 422, 30: "drop", 50: 500, 70: "drop", 90: 400}.get(last)


def read_states(database):
    output = database.run(STATES)
    [states] = [line for line in output.splitlines() if line.startswith("STATES ")]
    [left] = [line for line in output.splitlines() if line.startswith("LEFT ")]
    return dict(eval(states.removeprefix("STATES "), {"__builtins__": {}})), int(left.split()[1])


def start_killed(database, gateway, after):
    """Start a sender that is killed once ``after`` messages were taken in all."""
    sender = database.start(SEND)

    def kill(_message, number):
        if number >= after:
            sender.kill()

    gateway.on_taken = kill
    _output, errors = sender.communicate(timeout=600)
    gateway.on_taken = lambda message, number: None
    assert sender.returncode == -9, errors


def test_thousand_with_failures_kills_and_reports(database):
    with FakeGateway() as gateway:
        database.run(QUEUE.format(url=gateway.url, count=COUNT))
        gateway.plan = fails_now_and_then
        start_killed(database, gateway, 150)
        # Reports that come before anybody has written down an answer, each twice.
        early = [message["reference"] for message in gateway.taken[-20:]]
        with ThreadPoolExecutor() as pool:
            reporter = pool.submit(database.run, REPORT.format(uuids=early))
            start_killed(database, gateway, 400)
            reporter.result()
        senders = [database.start(SEND) for _ in range(2)]
        for sender in senders:
            _output, errors = sender.communicate(timeout=600)
            assert "Traceback" not in errors, errors
        database.run(SEND)
        states, left = read_states(database)
    assert left == 0
    counts = Counter(gateway.numbers())
    assert [number for number, count in counts.items() if count > 1] == []
    assert len(states) == COUNT
    tally = Counter(states.values())
    assert set(tally) <= {"sent", "delivered", "failed", "uncertain"}, tally
    # What arrived is sent, delivered or uncertain; what didn't is failed, or uncertain: its sender was killed.
    assert {state for number, state in states.items() if number in counts} <= {"sent", "delivered", "uncertain"}
    assert {state for number, state in states.items() if number not in counts} <= {"failed", "uncertain"}
    assert tally["delivered"] == len(early)
    # At most a batch each time a sender was killed, and what the gateway left without an answer.
    assert tally["uncertain"] <= 2 * 100 + 0.03 * COUNT
