"""What the rounds of faults share: a PostgreSQL server of their own with our addons in it, a table of what came out.

They are run by ``setup/test --faults``, one after the other. Each prints the seed that it chose its moments by; to
repeat a round: ``CREDIT_CONTROL_SEED=N ./setup/test --faults --e2e -k NAME``.
"""

import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPO = HERE.parents[1]
sys.path[:0] = [
    str(HERE),
    str(REPO / "tests" / "e2e" / "senders"),
    str(REPO / "credit_control_sms" / "tests"),
    str(REPO / "setup" / "lib"),
]

import databases  # noqa: E402
import pytest  # noqa: E402
from cluster import Cluster  # noqa: E402
from outcome import Results  # noqa: E402
from processes import Database  # noqa: E402

INSTALLED = f"cc_test_{os.getpid()}_faults_installed"
PREFIX = "credit-faults-"


@pytest.fixture(scope="session")
def cluster():
    """A server of their own, with the database of all our addons; the environment points to it from then on."""
    source = os.environ["CREDIT_CONTROL_INSTALLED_DB"]
    before = {key: os.environ.get(key, "") for key in ("PGHOST", "PGPORT", "PGUSER")}
    forget_orphans()
    # Ended by a signal, a run stops its server as it does at any other end.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    folder = Path(tempfile.gettempdir(), f"{PREFIX}{os.getpid()}")
    folder.mkdir(mode=0o755)
    cluster = Cluster(folder / "pg").create()
    clone = f"cc_test_{os.getpid()}_faults"
    try:
        databases.clone(source, clone)
        try:
            cluster.load(before, clone, INSTALLED)
        finally:
            databases.drop(clone)
        databases.link_files(source, INSTALLED)
        os.environ.update(cluster.environment())
        yield cluster
    finally:
        os.environ.update(before)
        databases.remove_files(INSTALLED)
        cluster.destroy()
        shutil.rmtree(folder, ignore_errors=True)


def forget_orphans():
    """Stop the servers of runs that were killed: their folders bear the number of a process that is no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if not Path("/proc", folder.name.removeprefix(PREFIX)).exists():
            for kind in ("replica", "pg"):
                if (folder / kind).exists():
                    Cluster(folder / kind).destroy()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(cluster, request):
    """A copy of the database, under a name of its own."""
    name = f"cc_test_{os.getpid()}_{request.node.name[:30].lower().replace('[', '_').strip(']')}"
    database = Database(name, INSTALLED)
    yield database
    database.drop()


@pytest.fixture
def seed():
    """What the moments are chosen by."""
    seed = int(os.environ.get("CREDIT_CONTROL_SEED") or random.SystemRandom().randrange(10**6))
    print(f"CREDIT_CONTROL_SEED={seed}")
    return seed


@pytest.fixture
def chance(seed):
    return random.Random(seed)


@pytest.fixture(scope="session")
def _results():
    results = Results(Path(os.environ["CREDIT_CONTROL_HOME"], "log", "faults.md"))
    yield results
    results.write()


@pytest.fixture
def note(_results, request, seed):
    """``note(figure=number, …)`` puts a line into the table of results."""
    start = time.monotonic()

    def add(**figures):
        _results.add(request.node.name, seed, time.monotonic() - start, figures)

    return add
