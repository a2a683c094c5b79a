"""The database server restarts, or the disk is full, in the middle of it."""

import os
import subprocess
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path

import databases
import drive
import pytest
import scripts
from fake_gateway import FakeGateway
from outcome import assert_invariant, count_states, rows
from processes import Catcher
from server import OdooServer

pytestmark = pytest.mark.faults

NOTICES = 200
RESTARTS = 8


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_restart_while_sending(cluster, database, chance, note, mode):
    """Restarted with a message taken or announced: its sender ends, the next goes on; one in doubt for each."""
    with Catcher() as catcher:
        drive.run(database, scripts.make_ledger(NOTICES, catcher) + scripts.PLAN)
        drive.run(database, scripts.APPROVE)
        broken = 0
        for _restart in range(RESTARTS):
            broken += restart_at(cluster, database, catcher, mode, chance)
            assert_invariant(database.name, catcher.recipients(), broken)
        drive.run(database, scripts.SEND_BY_CRON)
        counts = assert_invariant(database.name, catcher.recipients(), broken)
        assert counts["sent"] + counts["uncertain"] == NOTICES, counts
        drive.run(database, scripts.SETTLE.format(arrived=set(catcher.recipients())))
        assert sorted(Counter(catcher.recipients()).values()) == [1] * NOTICES
    note(notices=NOTICES, restarts=broken, uncertain=counts["uncertain"], twice=0)


def restart_at(cluster, database, catcher, mode, chance):
    """Restart while a sender works; return whether it was cut off by that."""
    process = drive.start_ready(database, scripts.SEND_BY_CRON)
    count, moment = chance.randint(1, 20), chance.choice(("on_rcpt", "on_data"))
    seen, once = len(catcher.messages), threading.Event()

    def restart(arrived):
        if arrived - seen >= count and not once.is_set():
            once.set()
            cluster.restart(mode)

    setattr(catcher, moment, restart)
    _output, errors = process.communicate(timeout=drive.TIMEOUT)
    catcher.on_data = catcher.on_rcpt = lambda arrived: None
    # It ends by itself, at once: nothing is handed over by who can't write it down.
    assert len(catcher.messages) - seen <= count + 1
    assert process.returncode == 1, errors[-3000:]
    return 1


def test_restart_under_a_running_server(cluster, database, chance, note):
    """An Odoo whose senders are its own crons finds its way back by itself."""
    with Catcher() as catcher:
        drive.run(database, scripts.make_ledger(NOTICES, catcher) + scripts.PLAN)
        with OdooServer(database.name, log_of(database), "--max-cron-threads=2"):
            drive.run(database, ENABLE_SENDERS + scripts.APPROVE)
            restarts = 0
            for _restart in range(4):
                if catcher_has(catcher, chance.randint(1, 30) + 40 * restarts):
                    cluster.restart("immediate")
                    restarts += 1
            done = wait_until(lambda: not count_states(database.name)["queued"], 240)
        counts = assert_invariant(database.name, catcher.recipients(), 2 * restarts)
        assert done and counts["sent"] + counts["uncertain"] + counts["sending"] == NOTICES, counts
    note(notices=NOTICES, restarts=restarts, uncertain=counts["uncertain"] + counts["sending"], twice=0)


def catcher_has(catcher, count):
    """Return whether ``count`` messages arrive within a minute and a half."""
    return wait_until(lambda: len(catcher.messages) >= count, 90)


ENABLE_SENDERS = """
from odoo.fields import Datetime
for name in ("cron_send", "cron_send_second"):
    cron = env.ref(f"credit_control.{name}")
    cron.write({"active": True, "nextcall": Datetime.now(), "interval_number": 1})
env.cr.commit()
"""


def log_of(database, name="server"):
    return Path(os.environ["CREDIT_CONTROL_HOME"], "log", f"{database.name}-{name}.log")


def wait_until(happens, seconds):
    """Wait for something that happens elsewhere; return whether it did."""
    waiting = threading.Event()
    for _tenth in range(int(seconds * 10)):
        # The server may be restarting.
        with suppress(Exception):
            if happens():
                return True
        waiting.wait(0.1)
    return False


@contextmanager
def small_disk(database, free_kb):
    """Have the files of the database on a disk of their own with so much space left."""
    folder = databases.filestore(database.name)
    folder.mkdir(parents=True, exist_ok=True)
    used = int(subprocess.run(["du", "-sk", folder], capture_output=True, text=True, check=True).stdout.split()[0])
    files = folder.with_name(f"{database.name}.files")
    folder.rename(files)
    folder.mkdir()
    size = used * 2 + free_kb
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        folder.rmdir()
        files.rename(folder)
        pytest.skip(f"a small disk can't be mounted here: {mounted.stderr.strip()}")
    try:
        subprocess.run(["cp", "-r", f"{files}/.", folder], check=True)
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()
        files.rename(folder)


class Disk:
    """A disk that a file of no use fills."""

    def __init__(self, folder):
        self.folder = folder
        self.filler = folder / "filler"

    def fill(self, leave_kb):
        stats = os.statvfs(self.folder)
        size = stats.f_bavail * stats.f_frsize - leave_kb * 1024
        with self.filler.open("wb") as stream:
            os.posix_fallocate(stream.fileno(), 0, max(size, 1))

    def empty(self):
        self.filler.unlink()


ATTACH = """
env["credit.dunning.step"].search([]).write({"attach_statement": True})
env.cr.commit()
"""


def test_disk_full_for_attachments(database, note):
    """Each reminder carries a PDF: while there is no space for it none leaves and none fails; then all leave, whole."""
    count = 12
    with Catcher() as catcher:
        drive.run(database, scripts.make_ledger(count, catcher) + ATTACH + scripts.PLAN)
        drive.run(database, APPROVE_AS_WRITTEN)
        with small_disk(database, free_kb=4096) as disk:
            disk.fill(leave_kb=8)
            drive.run(database, scripts.SEND_BY_CRON)
            counts = assert_invariant(database.name, catcher.recipients(), 0)
            assert counts == {"queued": count}, (counts, reasons(database))
            told = rows(database.name, "SELECT count(*) FROM credit_dunning_notice WHERE detail LIKE '%%space%%'")
            assert told[0][0] > 0
            disk.empty()
            drive.run(database, scripts.SEND_BY_CRON)
            assert assert_invariant(database.name, catcher.recipients(), 0) == {"sent": count}
        for message in catcher.messages:
            [pdf] = [part.get_content() for part in message.iter_attachments()]
            assert pdf.startswith(b"%PDF") and b"%%EOF" in pdf[-1024:]
    note(notices=count, queued_meanwhile=count, arrived=len(catcher.messages), whole=count)


APPROVE_AS_WRITTEN = """
env["credit.dunning.run"].search([("state", "=", "planned")]).action_approve()
env.cr.commit()
"""


def reasons(database):
    return rows(database.name, "SELECT state, reason, detail FROM credit_dunning_notice LIMIT 3")


def test_disk_full_for_the_file_of_a_litigation(database, note):
    """The job fails and says why; nothing that looks like a file is left; asked for again, it is made."""
    with Catcher() as catcher:
        drive.run(database, scripts.make_ledger(1, catcher) + scripts.LITIGATION)
    with small_disk(database, free_kb=8192) as disk:
        drive.run(database, scripts.ZIP)
        first = count_files(disk)
        disk.fill(leave_kb=16)
        drive.run(database, scripts.ZIP)
        jobs = rows(
            database.name, "SELECT state, attachment_id, error FROM credit_litigation_file ORDER BY id DESC LIMIT 1"
        )
        assert jobs[0][:2] == ("failed", None) and "space" in jobs[0][2], jobs
        assert count_files(disk) == first
        disk.empty()
        drive.run(database, scripts.ZIP)
        assert rows(database.name, "SELECT count(*) FROM credit_litigation_file WHERE state = 'done'") == [(2,)]
    note(failed=1, half_files=0, made_afterwards=1)


def count_files(disk):
    """Return how many files there are, not counting what the garbage collection has on its list."""
    return sum(
        path.is_file() and "checklist" not in path.parts and path != disk.filler for path in disk.folder.rglob("*")
    )


def test_gateway_reports_meanwhile(cluster, database, note):
    """Reports come in while the database is being restarted: what isn't taken is refused, so it comes again."""
    from test_kills import WEBHOOK, report

    with Catcher() as catcher, FakeGateway() as gateway:
        drive.run(database, scripts.make_ledger(40, catcher) + scripts.PLAN)
        drive.run(database, scripts.by_sms(gateway) + scripts.APPROVE)
        drive.run(database, scripts.SEND_BY_HAND)
        [(number, token)] = rows(database.name, WEBHOOK)
        found = rows(database.name, "SELECT uuid FROM credit_sms_delivery WHERE state = 'sent'")
        assert len(found) == 40
        with OdooServer(database.name, log_of(database), "--max-cron-threads=0") as server:
            path = f"/credit_sms/{number}/{token}"
            threads = [threading.Thread(target=report, args=(server, path, uuid)) for (uuid,) in found]
            for thread in threads:
                thread.start()
            cluster.restart("immediate")
            for thread in threads:
                thread.join(120)
        assert count_states(database.name) == {"delivered": 40}
    note(reports=40, restarts=1, delivered=40)
