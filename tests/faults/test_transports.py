"""Mail servers and SMS gateways that hang, refuse, or break off: nothing twice, nothing lost, few in doubt."""

import socket
import threading
from collections import Counter

import drive
import pytest
import scripts
from bad_smtp import MOMENTS, BadSmtp
from fake_gateway import FakeGateway
from outcome import assert_invariant, assert_none_twice, count_states, rows

pytestmark = pytest.mark.faults

NOTICES = 20
# Before a message is announced, a fault leaves all as it was; after that, it is in doubt.
BEFORE = ("connect", "mail", "rcpt")
REFUSALS = {
    "421 closing": "queued",
    "451 try again later": "failed",
    "550 no such user": "failed",
    "554 not accepted": "failed",
}


@pytest.fixture
def mail_server():
    with BadSmtp() as server:
        yield server


def queue(database, catcher, more=""):
    drive.run(database, scripts.make_ledger(NOTICES, catcher) + scripts.PLAN)
    drive.run(database, more + scripts.APPROVE)
    assert count_states(database.name) == {"queued": NOTICES}


def send(database):
    status, errors = drive.attempt(database, scripts.IMPATIENT + scripts.SEND_BY_CRON)
    assert status == 0, errors[-4000:]
    return errors


def send_rest(database, catcher):
    """Let the transport work again, and send; a person settles what is in doubt."""
    send(database)
    counts = count_states(database.name)
    assert not counts["queued"] and not counts["sending"], counts
    drive.run(database, scripts.SETTLE.format(arrived=set(catcher.recipients())))


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("order", ["hang", "cut"])
def test_mail_server(database, mail_server, note, moment, order):
    """From the 8th message on it does so at every message: whatever it is, at most one is in doubt in each run."""
    queue(database, mail_server)
    mail_server.plan = lambda now, number: order if now == moment and (number >= 7 or moment == "connect") else None
    uncertain = []
    for run in range(1, 4):
        send(database)
        counts = assert_invariant(database.name, mail_server.recipients(), run)
        uncertain.append(counts["uncertain"])
        assert not counts["failed"], counts
    assert uncertain[-1] == (0 if moment in BEFORE else 3), uncertain
    assert_told_why(database)
    mail_server.plan = lambda now, number: None
    send_rest(database, mail_server)
    assert sorted(Counter(mail_server.recipients()).values()) == [1] * NOTICES
    note(notices=NOTICES, runs=3, uncertain=uncertain[-1], twice=0, arrived=len(mail_server.messages))


def assert_told_why(database):
    """What waits or is in doubt says what the transport said."""
    told = rows(
        database.name,
        "SELECT count(*) FILTER (WHERE state = 'queued' AND reason = 'transport_error' AND detail <> ''),"
        " count(*) FILTER (WHERE state = 'uncertain' AND (reason <> 'interrupted' OR COALESCE(detail, '') = ''))"
        " FROM credit_dunning_notice",
    )
    [(waiting, silent)] = told
    assert waiting > 0 and not silent, told


@pytest.mark.parametrize("moment", ["rcpt", "data", "dot"])
@pytest.mark.parametrize("answer", REFUSALS)
def test_mail_server_refuses(database, mail_server, note, moment, answer):
    """It refuses each third message: the others leave, and a refusal is never in doubt."""
    queue(database, mail_server)
    refused = set()

    def plan(now, number):
        if now != moment or number % 3 != 2 or number in refused:
            return None
        refused.add(number)
        return answer

    mail_server.plan = plan
    for _run in range(NOTICES):
        send(database)
        if not count_states(database.name)["queued"]:
            break
    counts = assert_invariant(database.name, mail_server.recipients(), 0)
    if REFUSALS[answer] == "queued":
        assert counts == {"sent": NOTICES}
    else:
        assert counts == {"sent": NOTICES - len(refused), "failed": len(refused)}
    note(notices=NOTICES, refused=len(refused), answer=answer, **counts)


def test_mail_server_is_not_there(database, mail_server, note):
    """Nobody listens: all stay queued, with the words of the system; then they leave."""
    queue(database, mail_server)
    port = mail_server.port
    mail_server.__exit__()
    send(database)
    assert assert_invariant(database.name, [], 0) == {"queued": NOTICES}
    assert_told_why(database)
    with BadSmtp() as other:
        drive.run(
            database,
            f"env['ir.mail_server'].search([('smtp_port', '=', {port})]).smtp_port = {other.port}\nenv.cr.commit()\n",
        )
        send(database)
        assert assert_invariant(database.name, other.recipients(), 0) == {"sent": NOTICES}
    note(notices=NOTICES, queued_meanwhile=NOTICES, arrived=NOTICES)


class CutGateway:
    """Takes a connection, reads a part of the request, and hangs up: nothing is taken."""

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *error):
        self._listener.close()

    def _serve(self):
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            with connection:
                self.connections += 1
                connection.recv(20)


# What a gateway does with each message from the 5th on, and in which state that leaves a message.
GATEWAY = {
    "hang": "uncertain",
    "drop": "uncertain",
    503: "queued",
    429: "queued",
    401: "queued",
    422: "failed",
    500: "uncertain",
}


@pytest.mark.parametrize("order", GATEWAY)
def test_gateway(database, mail_server, note, order):
    with FakeGateway() as gateway:
        queue(database, mail_server, scripts.by_sms(gateway))
        gateway.plan = lambda message: order if len(gateway.taken) >= 5 else None
        status, errors = drive.attempt(database, IMPATIENT_SMS + scripts.SEND_BY_HAND)
        assert status == 0, errors[-4000:]
        counts = assert_invariant(database.name, gateway.numbers(), NOTICES)
        assert counts[GATEWAY[order]] and set(counts) <= {"sent", "queued", GATEWAY[order]}, counts
        gateway.plan = lambda message: None
        drive.run(database, scripts.SEND_BY_HAND)
        assert_none_twice(gateway.numbers())
        drive.run(database, scripts.SETTLE.format(arrived=set(gateway.numbers())))
        assert_none_twice(gateway.numbers())
        assert len(gateway.taken) + count_states(database.name)["failed"] == NOTICES
    note(notices=NOTICES, **counts, twice=0)


# A gateway that hangs is waited for no longer than this, once for each message in doubt.
IMPATIENT_SMS = """
from odoo.addons.credit_control_sms.gateways import abstract
abstract.TIMEOUT = 2
"""


def test_gateway_cuts_in_the_middle(database, mail_server, note):
    """It hangs up before it has read the message: nobody knows that, so it is in doubt."""
    with CutGateway() as gateway:
        queue(database, mail_server, scripts.by_sms(gateway))
        status, errors = drive.attempt(database, IMPATIENT_SMS + scripts.SEND_BY_HAND)
        assert status == 0, errors[-4000:]
        counts = assert_invariant(database.name, [], NOTICES)
    note(notices=NOTICES, **counts)


def test_gateway_is_not_there(database, mail_server, note):
    with FakeGateway() as gone:
        pass
    with FakeGateway() as gateway:
        queue(database, mail_server, scripts.by_sms(gone))
        drive.run(database, IMPATIENT_SMS + scripts.SEND_BY_HAND)
        assert assert_invariant(database.name, [], 0) == {"queued": NOTICES}
        drive.run(database, f"env['credit.sms.gateway'].search([]).url = {gateway.url!r}\nenv.cr.commit()\n")
        drive.run(database, scripts.SEND_BY_HAND)
        assert assert_invariant(database.name, gateway.numbers(), 0) == {"sent": NOTICES}
    note(notices=NOTICES, queued_meanwhile=NOTICES, arrived=NOTICES)
