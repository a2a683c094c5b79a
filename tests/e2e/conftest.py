"""What the tests from outside share: a database with our addons, and an Odoo that serves it.

They are run by ``setup/test``, which makes the databases that they start from, names them in the environment, and puts
``setup/lib`` on the path.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import databases
import pytest
from server import OdooServer
from testrun.template import digest, home, locked

PACKAGES = Path(__file__).parent / "packages.txt"

# What the tests share lies beside them: make it importable.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def logs() -> Path:
    """Where servers log."""
    return Path(os.environ["CREDIT_CONTROL_HOME"], "log")


def lived_name() -> str:
    """The database in which a company has lived: one for all processes of this run, named for the first of them."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    return f"cc_test_{os.getppid() if is_worker else os.getpid()}_e2e_lived"


def make_lived() -> str:
    """Let the first who needs it make it."""
    from company import live

    name = lived_name()
    with locked(name):
        if not databases.exists(name):
            draft = f"{name}_draft"
            databases.clone(os.environ["CREDIT_CONTROL_INSTALLED_DB"], draft)
            live(draft)
            databases.seal(draft, name)
    return name


def pytest_sessionfinish():
    """The process that began the run ends last."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        databases.drop(lived_name())


@pytest.fixture(scope="session")
def tools() -> Path:
    """A folder with what looks at addons and builds packages: from the package index, where one can be reached.

    It is kept for the next run.
    """
    folder = home("test", f"tools-{digest(sys.version, PACKAGES.read_text())}")
    with locked("tools"):
        if not folder.exists():
            draft = folder.with_suffix(".draft")
            shutil.rmtree(draft, ignore_errors=True)
            command = [sys.executable, "-m", "pip", "install", "--target", draft, "--requirement", PACKAGES]
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
            if done.returncode:
                pytest.skip(f"the tools can't be had from the package index: {done.stderr.strip().splitlines()[-1]}")
            draft.rename(folder)
    return folder


@pytest.fixture
def clone():
    """``clone("installed")`` gives the name of a fresh database with our addons, ``clone("template")`` of one with
    their dependencies only, ``clone("lived")`` of one in which people have worked. They are dropped at the end.
    """
    made = []

    def make(kind: str = "installed") -> str:
        name = f"cc_test_{os.getpid()}_e2e_{len(made)}"
        source = make_lived() if kind == "lived" else os.environ[f"CREDIT_CONTROL_{kind.upper()}_DB"]
        databases.clone(source, name)
        made.append(name)
        return name

    yield make
    for name in made:
        databases.drop(name)


@pytest.fixture
def serve(logs):
    """``serve(database)`` gives a running ``OdooServer``; further arguments are Odoo's. It is stopped at the end."""
    servers = []

    def start(database: str, *args: str) -> OdooServer:
        server = OdooServer(database, logs / f"{database}.log", *args)
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.stop()
