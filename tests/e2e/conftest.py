"""What the tests from outside share: a database with our addons, and an Odoo that serves it.

They are run by ``setup/test``, which makes the databases that they start from, names them in the environment, and puts
``setup/lib`` on the path.
"""

import os
from pathlib import Path

import databases
import pytest
from server import OdooServer


@pytest.fixture(scope="session")
def logs() -> Path:
    """Where servers log."""
    return Path(os.environ["CREDIT_CONTROL_HOME"], "log")


@pytest.fixture
def clone():
    """``clone("installed")`` gives the name of a fresh database with our addons, ``clone("template")`` of one with
    their dependencies only. They are dropped at the end.
    """
    made = []

    def make(kind: str = "installed") -> str:
        name = f"cc_test_{os.getpid()}_e2e_{len(made)}"
        databases.clone(os.environ[f"CREDIT_CONTROL_{kind.upper()}_DB"], name)
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
