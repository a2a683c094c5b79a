"""100 kills (SIGKILL) over one set of 1 000 notices, at random moments of plan, send, webhook, snapshot and ZIP."""

import json
import os
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path
from zipfile import ZipFile

import databases
import drive
import pytest
import scripts
from fake_gateway import FakeGateway
from outcome import assert_invariant, assert_none_twice, count_states, read_states, rows
from processes import Catcher, Database
from server import OdooServer

pytestmark = pytest.mark.faults

NOTICES = int(os.environ.get("CREDIT_CONTROL_NOTICES", 1000))
KILLS = int(os.environ.get("CREDIT_CONTROL_KILLS", 100))
# Which part of the kills hits what; the rest hits senders.
PARTS = {"plan": 0.1, "webhook": 0.1, "snapshot": 0.1, "zip": 0.1}
WEBHOOK = "SELECT gateway_id, value FROM credit_sms_secret WHERE name = 'webhook_token'"


class Round:
    """One set of notices, and who is killed over it."""

    def __init__(self, database, catcher, gateway, chance):
        self.database, self.catcher, self.gateway, self.chance = database, catcher, gateway, chance
        self.kills = Counter()
        self.seconds = {}

    # -- what there is ----------------------------------------------------------------

    def prepare(self):
        """Make the ledger, and let a copy of it show what comes out undisturbed, and how long it takes."""
        drive.run(self.database, scripts.make_ledger(NOTICES, self.catcher))
        drive.run(self.database, scripts.LITIGATION)
        self.reference = Database(f"{self.database.name}_ref", self.database.name)
        try:
            for name in ("PLAN", "SNAPSHOT", "ZIP"):
                self.seconds[name] = drive.measure(self.reference, getattr(scripts, name))
            self.figures = read_figures(self.reference.name)
        finally:
            self.reference.drop()

    def arrived(self):
        """Return the addresses and numbers at which something arrived, in order."""
        return self.catcher.recipients() + self.gateway.numbers()

    def check(self):
        counts = assert_invariant(self.database.name, self.arrived(), self.kills["send"])
        assert_zip_whole(self.database.name)
        return counts

    # -- kills ------------------------------------------------------------------------

    def kill(self, kind):
        getattr(self, f"_kill_{kind}")()
        self.kills[kind] += 1

    def _kill_while(self, script, seconds):
        """Kill at a random moment of ``seconds``; earlier, where it ended before."""
        while not drive.kill_after(self.database, script, self.chance.uniform(0, seconds)):
            seconds /= 2

    def _kill_plan(self):
        self._kill_while(scripts.PLAN, self.seconds["PLAN"])
        planned = rows(
            self.database.name,
            "SELECT count(*) FROM credit_dunning_notice WHERE state <> 'cancelled' GROUP BY run_id",
        )
        # A plan is there as a whole, or not at all.
        assert planned in ([], [(NOTICES,)]), planned

    def _kill_snapshot(self):
        self._kill_while(scripts.SNAPSHOT, self.seconds["SNAPSHOT"])

    def _kill_zip(self):
        self._kill_while(scripts.ZIP, self.seconds["ZIP"])

    def _kill_send(self):
        """Kill a sender with a message announced, taken but not answered, or at any moment."""
        script = self.chance.choice((scripts.SEND_BY_CRON, scripts.SEND_BY_HAND))
        moment = self.chance.choice(("on_rcpt", "on_data", "any"))
        if moment == "any":
            self._kill_while(script, 1.5)
            return
        process = drive.start_ready(self.database, script)
        with self._killed_at(process, moment, self.chance.randint(1, self._get_share())):
            process.communicate(timeout=drive.TIMEOUT)
        if process.returncode == 0:
            # What it could send was less than that.
            self._kill_while(script, 0.5)

    def _get_share(self):
        """Return how many messages may leave before the next kill, so that some are left for the last."""
        left = count_states(self.database.name)["queued"]
        return max(1, 2 * left // (KILLS - self.kills.total() + 1))

    def _killed_at(self, process, moment, count):
        before = len(self.gateway.taken)
        self.gateway.on_taken = lambda message, number: process.kill() if number - before >= count else None
        return drive.killed_at(process, self.catcher, moment, count)

    def _kill_webhook(self):
        """Kill the server that takes reports, while several come in at once; they come again until they are taken."""
        self.gateway.on_taken = lambda message, number: None
        [(gateway, token)] = rows(self.database.name, WEBHOOK)
        found = rows(self.database.name, "SELECT uuid FROM credit_sms_delivery WHERE state IN ('sent', 'delivered')")
        log = Path(os.environ["CREDIT_CONTROL_HOME"], "log", f"{self.database.name}.log")
        with OdooServer(self.database.name, log, "--max-cron-threads=0") as server:
            path = f"/credit_sms/{gateway}/{token}"
            reports = [threading.Thread(target=report, args=(server, path, uuid)) for (uuid,) in found[-8:]]
            for thread in reports:
                thread.start()
            time.sleep(self.chance.uniform(0, 0.4))
            server.kill()
            server.start()
            for thread in reports:
                thread.join(120)
        states = rows(self.database.name, "SELECT state, count(*) FROM credit_sms_delivery GROUP BY state")
        assert dict(states).get("delivered", 0) >= len(reports)


def report(server, path, uuid):
    """Report a message as delivered, as often as it takes."""
    body = json.dumps({"events": [{"type": "report", "uuid": uuid, "status": "delivered"}]}).encode()
    for _attempt in range(300):
        request = urllib.request.Request(
            server.url + path, data=body, headers={"Content-Type": "application/json"}, method="POST"
        )
        try:
            urllib.request.urlopen(request, timeout=10).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


def read_figures(database):
    """Return the figures of the ledger's own axes that are written down, as they are known last."""
    found = rows(
        database,
        """
        SELECT DISTINCT ON (date, axis, axis_value, indicator) date, axis, axis_value, indicator, value::float8
          FROM credit_kpi_snapshot WHERE axis IN ('company', 'customer')
         ORDER BY date, axis, axis_value, indicator, version DESC
        """,
    )
    return {tuple(row[:-1]): row[-1] for row in found}


def assert_zip_whole(database):
    """A file is there as a whole or not at all; each invoice is printed once."""
    jobs = rows(
        database,
        """
        SELECT job.state, file.store_fname, file.file_size FROM credit_litigation_file job
          LEFT JOIN ir_attachment file ON file.id = job.attachment_id
        """,
    )
    for state, name, size in jobs:
        assert (state == "done") == bool(name), jobs
        assert not name or (databases.filestore(database) / name).stat().st_size == size
    printed = (
        "SELECT res_id FROM ir_attachment WHERE description = 'credit_control' GROUP BY res_id HAVING count(*) > 1"
    )
    assert rows(database, printed) == []


def assert_zip_complete(database):
    query = """
        SELECT file.store_fname FROM credit_litigation_file job
          JOIN ir_attachment file ON file.id = job.attachment_id WHERE job.state = 'done' ORDER BY job.id DESC LIMIT 1
    """
    [(name,)] = rows(database, query)
    with ZipFile(databases.filestore(database) / name) as archive:
        assert archive.testzip() is None
        assert len([each for each in archive.namelist() if each.startswith("invoices/")]) == 12, archive.namelist()


def test_kills(database, chance, note):
    with Catcher() as catcher, FakeGateway() as gateway:
        round_ = Round(database, catcher, gateway, chance)
        round_.prepare()
        for _kill in range(round(KILLS * PARTS["plan"])):
            round_.kill("plan")
        drive.run(database, scripts.PLAN)
        drive.run(database, scripts.by_sms(gateway, every=10) + scripts.APPROVE)
        assert count_states(database.name) == {"queued": NOTICES}
        others = [kind for kind in ("webhook", "snapshot", "zip") for _kill in range(round(KILLS * PARTS[kind]))]
        kinds = others + ["send"] * (KILLS - round_.kills.total() - len(others))
        chance.shuffle(kinds)
        for kind in kinds:
            round_.kill(kind)
            round_.check()
        finish(round_, note)


def finish(round_, note):
    """Let all that was interrupted go on, have a person settle what is uncertain, and count."""
    database = round_.database
    round_.gateway.on_taken = lambda message, number: None
    drive.run(database, "env['credit.dunning.notice']._sweep()\nenv.cr.commit()\n")
    counts = round_.check()
    reasons, fresh = scripts.read_journal(drive.run(database, scripts.JOURNAL))
    assert fresh == 0
    assert reasons.get("uncertain", set()) <= {"uncertain"}, reasons
    assert reasons.get("queued", set()) <= {"in_progress"}, reasons
    drive.run(database, scripts.SETTLE.format(arrived=set(round_.arrived())))
    for script in (scripts.SNAPSHOT, scripts.ZIP):
        drive.run(database, script)
    assert_none_twice(round_.arrived())
    states = read_states(database.name)
    assert set(states.values()) <= {"sent", "delivered"}
    # Nothing else has arrived, at whatever address.
    assert set(round_.arrived()) ^ set(states) == set()
    assert len(states) == NOTICES
    assert read_figures(database.name) == round_.figures
    assert_zip_whole(database.name)
    assert_zip_complete(database.name)
    note(
        kills=round_.kills.total(),
        **{f"of_{kind}": count for kind, count in sorted(round_.kills.items())},
        notices=NOTICES,
        twice=0,
        queued_at_the_end=counts["queued"],
        uncertain=counts["uncertain"],
        after_a_person_settled=len(round_.arrived()),
    )
