"""At most once, never lost: senders as real processes, side by side, and killed while they send."""

import os
from collections import Counter

import pytest
from processes import SEND, Catcher, Database

INSTALLED = os.environ.get("CREDIT_CONTROL_INSTALLED_DB")
pytestmark = pytest.mark.skipif(not INSTALLED, reason="needs the installed database that setup/test --e2e makes")


@pytest.fixture
def catcher():
    with Catcher() as catcher:
        yield catcher


@pytest.fixture
def database():
    database = Database(f"cc_test_senders_{os.getpid()}", INSTALLED)
    yield database
    database.drop()


def assert_none_twice(catcher):
    assert [to for to, count in Counter(catcher.recipients()).items() if count > 1] == []
    assert [ref for ref, count in Counter(catcher.message_ids()).items() if count > 1] == []


def kill_at(process, count):
    """Return a callback that kills ``process`` once ``count`` messages have arrived."""

    def callback(arrived):
        if arrived >= count:
            process.kill()

    return callback


def test_two_senders_at_once(database, catcher):
    database.prepare(60, catcher)
    senders = [database.start(SEND) for _ in range(2)]
    for sender in senders:
        _output, errors = sender.communicate(timeout=600)
        assert "Traceback" not in errors, errors
    states, refs = database.states()
    assert_none_twice(catcher)
    assert len(catcher.messages) == 60
    assert Counter(states.values()) == {"sent": 60}
    assert refs == set(catcher.message_ids())


def test_killed_while_sending(database, catcher):
    """Killed with a message taken but not yet answered, and with one announced but not yet taken."""
    database.prepare(40, catcher)
    kills = 0
    for moment, count in (("on_data", 5), ("on_rcpt", 12), ("on_data", 20), ("on_rcpt", 27)):
        sender = database.start(SEND)
        setattr(catcher, moment, kill_at(sender, count))
        sender.communicate(timeout=600)
        catcher.on_data = catcher.on_rcpt = lambda count: None
        assert sender.returncode == -9
        kills += 1
        states, _refs = database.states()
        assert_none_twice(catcher)
        # The last one killed still stands as sending: the next sender finds it.
        assert Counter(states.values())["uncertain"] + Counter(states.values())["sending"] <= kills
    database.run(SEND)
    states, refs = database.states()
    assert_none_twice(catcher)
    arrived = set(catcher.recipients())
    missing = {address: state for address, state in states.items() if address not in arrived}
    assert set(missing.values()) <= {"queued", "uncertain"}
    assert Counter(states.values())["uncertain"] <= kills
    assert Counter(states.values())["sent"] + Counter(states.values())["uncertain"] == 40
    assert set(catcher.message_ids()) <= refs
