"""Reminders by SMS: senders that are killed with several of them under way, and reports that come before the answer."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from fake_gateway import FakeGateway
from processes import SETUP, Database

INSTALLED = os.environ.get("CREDIT_CONTROL_INSTALLED_DB")
pytestmark = pytest.mark.skipif(not INSTALLED, reason="needs the installed database that setup/test --e2e makes")

COUNT = 80
CONNECTIONS = 4
# The notices of the other senders' tests, as SMS.
BY_SMS = """
france = env.ref("base.fr")
company.country_id = france
env["credit.sms.gateway"].create(
    {{"name": "Fake", "company_id": company.id, "url": "{url}", "sender_name": "Exemple", "connections": {connections}}}
)
for number, notice in enumerate(run.notice_ids):
    notice.partner_id.write({{"phone": f"+3361234{{number:04d}}", "country_id": france.id}})
run.notice_ids._apply({{"channel_id": env.ref("credit_control_sms.channel_sms").id}})
env.cr.commit()
"""
SEND = """
notices = env["credit.dunning.notice"]
notices._sweep()
notices.search([("state", "=", "queued")])._send_now()
env.cr.commit()
"""
# A webhook is tried again by Odoo when a sender writes to the same rows: so are these reports.
REPORT = """
from odoo.service.model import retrying

def report():
    gateway = env["credit.sms.gateway"].search([])
    for uuid in {uuids}:
        news = type("News", (), dict(kind="report", uuid=uuid, reference="", state="delivered", detail=""))
        gateway._take_news(news)

retrying(report, env)
"""
STATES = """
rows = env["credit.dunning.notice"].search([])
print("STATES", [(notice.address or notice.partner_id.phone, notice.state) for notice in rows])
"""


@pytest.fixture
def database():
    database = Database(f"cc_test_sms_notices_{os.getpid()}", INSTALLED)
    yield database
    database.drop()


def read_states(database):
    [line] = [line for line in database.run(STATES).splitlines() if line.startswith("STATES ")]
    return dict(eval(line.removeprefix("STATES "), {"__builtins__": {}}))


def send_until(database, gateway, count):
    """Send, and kill the sender once ``count`` messages were taken in all."""
    sender = database.start(SEND)
    gateway.on_taken = lambda message, number: sender.kill() if number >= count else None
    sender.communicate(timeout=600)
    gateway.on_taken = lambda message, number: None
    assert sender.returncode == -9


def test_killed_with_several_under_way(database):
    with FakeGateway() as gateway:
        database.run(
            f"COUNT, HOST, PORT = {COUNT}, '127.0.0.1', 9\n{SETUP}\nenv.cr.commit()\n"
            + BY_SMS.format(url=gateway.url, connections=CONNECTIONS)
        )
        gateway.plan = lambda message: "drop" if message["to"].endswith("7") else None
        send_until(database, gateway, 15)
        early = [message["reference"] for message in gateway.taken[-6:]]
        with ThreadPoolExecutor() as pool:
            reported = pool.submit(database.run, REPORT.format(uuids=early))
            send_until(database, gateway, 45)
            reported.result()
        senders = [database.start(SEND) for _twice in range(2)]
        for sender in senders:
            _output, errors = sender.communicate(timeout=600)
            assert "Traceback" not in errors, errors
        database.run(SEND)
        states = read_states(database)
    counts = Counter(gateway.numbers())
    assert [number for number, count in counts.items() if count > 1] == []
    tally = Counter(states.values())
    assert len(states) == COUNT
    assert set(tally) <= {"sent", "delivered", "uncertain"}, tally
    # All that didn't arrive was under way when a sender was killed.
    assert {state for number, state in states.items() if number not in counts} <= {"uncertain"}
    assert tally["delivered"] == len(early)
    assert tally["uncertain"] <= 2 * CONNECTIONS + COUNT // 10
