"""Reports are read from a replica (``db_replica_host``) that follows the database by streaming."""

import json

import drive
import pytest
import scripts
from processes import Catcher
from server import OdooServer
from test_database import log_of
from test_time_and_others import ask, log_in

pytestmark = pytest.mark.faults

LEDGER = "account_move_line"
REPORTS = """
print("REPORTS", list(env["credit.report"]._get_reports()))
"""
PAY = """
move = env["account.move"].search([("move_type", "=", "out_invoice"), ("payment_state", "=", "not_paid")], limit=1)
wizard = env["account.payment.register"].with_context(active_model="account.move", active_ids=move.ids)
wizard.create({})._create_payments()
env.cr.commit()
"""


class Watched:
    """A server whose statements are logged; says which it got since it was last asked."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.position = 0
        self.read()

    def read(self):
        with self.cluster.log.open(errors="replace") as stream:
            stream.seek(self.position)
            text = stream.read()
            self.position = stream.tell()
        return text


@pytest.fixture
def replica(cluster):
    cluster.query("ALTER SYSTEM SET log_statement = 'all'")
    cluster.query("SELECT pg_reload_conf()")
    replica = cluster.copy(cluster.folder.with_name("replica"))
    yield replica
    replica.destroy()
    cluster.query("ALTER SYSTEM RESET log_statement")
    cluster.query("SELECT pg_reload_conf()")


class Screens:
    """The screens of the reports, as a manager's browser asks for them."""

    def __init__(self, server, database):
        self.server = server
        self.session = log_in(server, database)

    def call(self, model, method, *args):
        params = {"model": model, "method": method, "args": list(args), "kwargs": {}}
        answer, _cookie = ask(self.server, "/web/dataset/call_kw", self.session, **params)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def show(self, report):
        if report == "credit.report.dashboard":
            return self.call(report, "get_figures")
        return self.call(report, "get_screen", {})


def get_reports(database):
    [line] = [line for line in drive.run(database, REPORTS).splitlines() if line.startswith("REPORTS ")]
    return eval(line.removeprefix("REPORTS "), {"__builtins__": {}})


def test_reports_on_a_replica(cluster, replica, database, note):
    with Catcher() as catcher:
        drive.run(database, scripts.make_ledger(30, catcher))
    names = get_reports(database)
    cluster.wait_for(replica)
    options = ("--max-cron-threads=0", f"--db_replica_host={replica.host}", f"--db_replica_port={replica.port}")
    with OdooServer(database.name, log_of(database), *options) as server:
        screens = Screens(server, database)
        screens.show("credit.aged.balance")
        served = served_by_replica(cluster, replica, screens, names)
        assert served == names, set(names) - set(served)
        check_that_it_follows(cluster, replica, database, screens)
        check_that_it_may_be_away(replica, screens)
    note(reports=len(names), served_by_the_replica=len(served))


def served_by_replica(cluster, replica, screens, names):
    """Return the reports for which the replica read the ledger, and the other server didn't."""
    served = []
    primary, copy = Watched(cluster), Watched(replica)
    for name in names:
        primary.read()
        copy.read()
        screens.show(name)
        if LEDGER in copy.read() and LEDGER not in primary.read():
            served.append(name)
    return served


def check_that_it_follows(cluster, replica, database, screens):
    """What is paid stands on the report as soon as the replica has it, and not before."""
    before = json.dumps(screens.show("credit.aged.balance"), sort_keys=True)
    replica.query("SELECT pg_wal_replay_pause()")
    drive.run(database, PAY)
    assert json.dumps(screens.show("credit.aged.balance"), sort_keys=True) == before
    replica.query("SELECT pg_wal_replay_resume()")
    cluster.wait_for(replica)
    assert json.dumps(screens.show("credit.aged.balance"), sort_keys=True) != before


def check_that_it_may_be_away(replica, screens):
    """Without the replica, the database itself answers."""
    before = screens.show("credit.aged.balance")
    replica.stop("immediate")
    assert screens.show("credit.aged.balance") == before
