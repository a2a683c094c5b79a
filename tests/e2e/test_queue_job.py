"""With OCA's job queue beside us: the glue addon's own tests, and a queue that really runs."""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from configparser import RawConfigParser
from contextlib import closing
from pathlib import Path

import databases
import polib
import psycopg2
import pytest
from free_port import ephemeral_port
from server import OdooServer

HERE = Path(__file__).parent
sys.path.append(str(HERE / "senders"))
from processes import SETUP, Catcher  # noqa: E402

ADDON = "credit_control_queue_job"
COUNT = 60


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """The folder with the job queue: from the package index, where one can be reached."""
    folder = tmp_path_factory.mktemp("queue_job")
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--target", folder]
    done = subprocess.run(
        [*command, "--requirement", HERE / "queue_job.txt"], capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode:
        pytest.skip(f"the job queue can't be had from the package index: {done.stderr.strip().splitlines()[-1]}")
    return folder


@pytest.fixture
def with_queue(packages, monkeypatch):
    """Let Odoo find the job queue, behind everything else."""
    conf = RawConfigParser()
    conf.read(os.environ["ODOO_RC"])
    conf.set("options", "addons_path", f"{conf.get('options', 'addons_path')},{packages / 'odoo' / 'addons'}")
    path = packages / "odoo.conf"
    with path.open("w") as stream:
        conf.write(stream)
    monkeypatch.setenv("ODOO_RC", str(path))
    monkeypatch.setenv("PYTHONPATH", f"{os.environ.get('PYTHONPATH', '')}:{packages}")


@pytest.fixture
def database(clone, with_queue):
    """A database with all our addons, the queue and the glue, which installed itself."""
    name = clone()
    arguments = ["-d", name, "-i", "queue_job", "--stop-after-init", "--max-cron-threads=0", "--no-http"]
    done = run(*arguments, "--log-level=warn")
    assert done.returncode == 0, done.stderr[-4000:]
    assert " ERROR " not in done.stderr and " CRITICAL " not in done.stderr, done.stderr[-4000:]
    assert rows(name, "SELECT state FROM ir_module_module WHERE name = %s", ADDON) == [("installed",)]
    return name


def run(*args, script=""):
    command = databases.odoo_command(*args)
    return subprocess.run(command, input=script, capture_output=True, text=True, timeout=1200, check=False)


def rows(database, query, *values):
    with closing(psycopg2.connect(dbname=database)) as connection, connection.cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchall()


def test_its_own_tests_and_its_terms(database, tmp_path):
    ports = ["--http-interface=127.0.0.1", f"--http-port={ephemeral_port()}"]
    done = run("-d", database, *ports, "--test-tags", f"/{ADDON}", "--stop-after-init", "--max-cron-threads=0")
    [(failed, errors, count)] = re.findall(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests", done.stderr)
    assert (int(failed), int(errors)) == (0, 0), done.stderr[-6000:]
    assert int(count) >= 10
    fresh = tmp_path / f"{ADDON}.pot"
    done = run("i18n", "export", "-d", database, "-o", str(fresh), ADDON)
    assert done.returncode == 0, done.stderr[-3000:]
    kept = HERE.parents[1] / ADDON / "i18n" / fresh.name
    assert {entry.msgid for entry in polib.pofile(str(fresh))} == {entry.msgid for entry in polib.pofile(str(kept))}


def test_jobs_send(database, logs, monkeypatch):
    """Approved notices leave by jobs, each once, and each job is done."""
    port = ephemeral_port()
    for name, value in {"PORT": port, "HOST": "127.0.0.1", "CHANNELS": "root:4,root.credit_control.sending:2"}.items():
        monkeypatch.setenv(f"ODOO_QUEUE_JOB_{name}", str(value))
    with Catcher() as catcher:
        script = f"COUNT, HOST, PORT = {COUNT}, {catcher.hostname!r}, {catcher.port}\n{SETUP}\n"
        script += "env['ir.cron'].search([('active', '=', False), ('id', 'in', (env.ref('credit_control.cron_send').id,"
        script += " env.ref('credit_control.cron_send_second').id))]).active = True\nrun.notice_ids._wake_senders()\n"
        done = run("shell", "-d", database, "--no-http", "--log-level=warn", script=f"{script}env.cr.commit()\n")
        assert done.returncode == 0, done.stderr[-4000:]
        arguments = ["--load=base,web,queue_job", "--max-cron-threads=2"]
        with OdooServer(database, logs / f"{database}.log", *arguments, port=port):
            wait_until(lambda: len(catcher.messages) >= COUNT and not waiting(database), 180)
    assert sorted(Counter(catcher.recipients()).values()) == [1] * COUNT
    assert rows(database, "SELECT DISTINCT state FROM credit_dunning_notice") == [("sent",)]
    jobs = rows(database, "SELECT state, channel FROM queue_job WHERE method_name = '_credit_run_job'")
    assert jobs and set(jobs) == {("done", "root.credit_control.sending")}, jobs


def waiting(database):
    return rows(database, "SELECT 1 FROM queue_job WHERE state NOT IN ('done', 'failed') LIMIT 1")


def wait_until(happens, seconds):
    end = time.monotonic() + seconds
    while not happens() and time.monotonic() < end:
        time.sleep(0.2)


def test_without_the_queue_again(database):
    """Uninstalled, the scheduled actions do their work themselves again."""
    done = run("module", "uninstall", "-d", database, ADDON)
    assert done.returncode == 0, done.stderr[-3000:]
    assert rows(database, "SELECT state FROM ir_module_module WHERE name = %s", ADDON) == [("uninstalled",)]
    assert not rows(database, "SELECT model, name FROM ir_model_data WHERE module = %s", ADDON)
