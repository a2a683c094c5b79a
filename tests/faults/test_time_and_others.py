"""The clock is set back, servers race, records vanish between plan and send."""

import json
import threading
import urllib.request
from collections import Counter
from contextlib import contextmanager

import drive
import pytest
import scripts
from outcome import assert_invariant, assert_none_twice, count_states, read_states, rows
from processes import Catcher
from server import OdooServer
from test_database import ENABLE_SENDERS, log_of, wait_until

pytestmark = pytest.mark.faults

# The clock of the process; that of the database stays.
CLOCK = """
from datetime import datetime, timedelta
from freezegun import freeze_time
clock = freeze_time(datetime.utcnow() + timedelta({days}), tick=True, ignore=["psycopg2"])
clock.start()
"""


def at(days, script):
    """Return ``script`` as it runs with the clock put forward by so many days, or back."""
    return CLOCK.format(days=days) + script


def test_clock_set_back(database, note):
    """Planned today, half of it sent, then the clock is 3 days back, a month back, and right again: each step once."""
    count = 30
    with Catcher() as catcher:
        drive.run(database, scripts.make_ledger(count, catcher) + scripts.PLAN)
        drive.run(database, scripts.APPROVE)
        process = drive.start_ready(database, scripts.SEND_BY_CRON)
        with drive.killed_at(process, catcher, "on_rcpt", count // 2):
            process.communicate()
        for days in (-3, -31, 0, 1):
            drive.run(database, at(days, scripts.SEND_BY_CRON))
            drive.run(database, at(days, scripts.PLAN + APPROVE_ANY))
            drive.run(database, at(days, scripts.SEND_BY_CRON))
            counts = assert_invariant(database.name, catcher.recipients(), 1)
        assert counts["sent"] + counts["uncertain"] == count, counts
        early = rows(database.name, "SELECT count(*) FROM credit_dunning_notice WHERE left_on < date")
    assert early == [(0,)]
    note(notices=count, sent=counts["sent"], uncertain=counts["uncertain"], twice=0)


APPROVE_ANY = """
env["credit.dunning.run"].search([("state", "=", "planned")]).action_approve()
env.cr.commit()
"""


def ask(server, path, session, **params):
    """Return the result of a JSON call of the web client."""
    body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
    headers = {"Content-Type": "application/json", **({"Cookie": f"session_id={session}"} if session else {})}
    request = urllib.request.Request(server.url + path, data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=300) as answer:
        cookie = answer.headers.get("Set-Cookie") or ""
        return json.load(answer), cookie.partition("session_id=")[2].partition(";")[0]


def log_in(server, database):
    answer, session = ask(server, "/web/session/authenticate", "", db=database.name, login="admin", password="admin")
    assert answer["result"]["uid"], answer
    return session


def test_two_servers_share_the_sending(database, note):
    """Two Odoo servers with two sender crons each, and a click on "Send" on both at once: each notice once."""
    count = 400
    with Catcher() as catcher:
        drive.run(database, scripts.make_ledger(count, catcher) + scripts.PLAN)
        with two_servers(database) as servers:
            sessions = {server: log_in(server, database) for server in servers}
            drive.run(database, ENABLE_SENDERS + scripts.APPROVE)
            answers = click_at_once(database, sessions)
            done = wait_until(lambda: count_states(database.name)["sent"] == count, 300)
        counts = assert_invariant(database.name, catcher.recipients(), 0)
        assert done and counts == {"sent": count}, counts
        assert sorted(Counter(catcher.recipients()).values()) == [1] * count
        assert all("error" not in answer for answer in answers), answers
    note(notices=count, servers=2, crons=4, clicks=len(answers), twice=0, sent=counts["sent"])


@contextmanager
def two_servers(database, crons=2):
    """Yield two Odoo servers that serve the same database."""
    options = f"--max-cron-threads={crons}"
    with (
        OdooServer(database.name, log_of(database, "one"), options) as one,
        OdooServer(database.name, log_of(database, "two"), options) as two,
    ):
        yield one, two


def click_at_once(database, sessions):
    """Send the run by a click on each server, at the same moment; return what they answer."""
    [(run,)] = rows(database.name, "SELECT max(id) FROM credit_dunning_run")
    call = {"model": "credit.dunning.run", "method": "action_send", "args": [[run]], "kwargs": {}}
    answers = []

    def click(server):
        answer, _session = ask(server, "/web/dataset/call_kw", sessions[server], **call)
        answers.append(answer)

    clicks = [threading.Thread(target=click, args=(server,)) for server in sessions]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join(300)
    return answers


def test_a_server_of_two_is_killed(database, note):
    """One of two servers is killed while both send: the other finishes, and what was in its hands is in doubt."""
    count = 300
    with Catcher() as catcher:
        drive.run(database, scripts.make_ledger(count, catcher) + scripts.PLAN)
        with two_servers(database, crons=1) as (one, _two):
            drive.run(database, ENABLE_SENDERS + scripts.APPROVE)
            assert wait_until(lambda: len(catcher.messages) > 60, 120)
            one.kill()
            wait_until(lambda: not count_states(database.name)["queued"], 300)
        drive.run(database, "env['credit.dunning.notice']._sweep()\nenv.cr.commit()\n")
        counts = assert_invariant(database.name, catcher.recipients(), 1)
        assert counts["sent"] + counts["uncertain"] == count, counts
    note(notices=count, kills=1, sent=counts["sent"], uncertain=counts["uncertain"], twice=0)


# What vanishes between plan and send: {name: (what it does to the n-th notice, states that the notice may have then)}.
VANISHING = {
    "invoice": ("notice.line_ids.move_id.button_draft()\nnotice.line_ids.move_id.unlink()", {"cancelled"}),
    "invoice_by_sql": (
        "ids = tuple(notice.line_ids.move_id.ids)\n"
        "env.cr.execute('DELETE FROM account_move_line WHERE move_id IN %s', (ids,))\n"
        "env.cr.execute('DELETE FROM account_move WHERE id IN %s', (ids,))",
        {"cancelled"},
    ),
    "customer_archived": ("notice.partner_id.active = False", {"sent", "cancelled"}),
    "address": ("notice.partner_id.email = False", {"cancelled"}),
    "recipients": ("notice.recipient_ids.filtered(lambda p: p != notice.partner_id).unlink()", {"sent"}),
    "notice": ("notice.action_cancel()\nnotice.unlink()", set()),
    "run": ("notice.run_id.unlink()", {"sent"}),
    "template": ("notice.step_id.mail_template_id.sudo().unlink()", {"sent", "failed"}),
    "channel_archived": ("notice.channel_id.active = False", {"sent"}),
    "policy_archived": ("notice.policy_id.active = False", {"sent", "queued"}),
    "sender": ("notice.user_id.active = False", {"sent"}),
    "attachment": (
        "env['ir.attachment'].search([('res_model', '=', notice._name)]).unlink()",
        {"sent"},
    ),
}
VANISH = """
import logging
logging.disable(logging.CRITICAL)
notice = env["credit.dunning.notice"].search([("state", "=", "queued")], order="id", limit=1)
print("NOTICE", notice.id)
try:
    with env.cr.savepoint():
        {act}
    print("GONE")
except Exception as error:
    print("REFUSED", type(error).__name__, str(error)[:200].replace("\\n", " "))
env.cr.commit()
"""


@pytest.mark.parametrize("what", VANISHING)
def test_a_record_vanishes(database, note, what):
    """It can't be deleted, or its notice doesn't leave and says why; the others leave as if nothing had been."""
    count = 6
    act, allowed = VANISHING[what]
    with Catcher() as catcher:
        drive.run(database, scripts.make_ledger(count, catcher) + scripts.PLAN)
        drive.run(database, APPROVE_ANY)
        output = drive.run(database, VANISH.format(act=act.replace("\n", "\n        ")))
        said = {line.split()[0]: line for line in output.splitlines() if line.strip()}
        drive.run(database, scripts.SEND_BY_CRON)
        counts = assert_invariant(database.name, catcher.recipients(), 0)
        found = rows(
            database.name,
            "SELECT state, reason, detail FROM credit_dunning_notice WHERE id = %s",
            int(said["NOTICE"].split()[1]),
        )
        state = found[0][0] if found else None
        if "REFUSED" in said:
            assert "Error" in said["REFUSED"] and counts["sent"] == count, (said, counts)
        else:
            assert (state in allowed) if found else not allowed, found
            assert counts["sent"] + counts["queued"] >= count - 1 or what == "template", counts
        assert_none_twice(catcher.recipients())
        assert len(catcher.messages) == counts["sent"]
        assert len(read_states(database.name)) >= count - 1
    note(what=what, refused="REFUSED" in said, notice=state or "gone", **counts)
