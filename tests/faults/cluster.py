"""A PostgreSQL server that a test may stop, kill and copy: no other is touched."""

import os
import shutil
import subprocess
import time
from contextlib import closing
from pathlib import Path

import psycopg2

SETTINGS = """
listen_addresses = ''
max_connections = 100
shared_buffers = 256MB
work_mem = 16MB
max_wal_size = 1GB
jit = off
max_parallel_workers_per_gather = 0
# A commit is in the hands of the operating system before it is acknowledged: what kills processes loses none.
synchronous_commit = on
fsync = off
full_page_writes = off
wal_level = replica
"""


def account() -> str:
    """The account that PostgreSQL runs under, which refuses to be root's; empty: our own."""
    if os.geteuid():
        return ""
    return (
        "postgres" if subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode == 0 else "nobody"
    )


class Cluster:
    """A server with a folder and a socket of its own, and no TCP port."""

    port = 5432

    def __init__(self, folder: Path):
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.bin = Path(shutil.which("pg_ctl")).resolve().parent
        self.account = account()

    @property
    def host(self) -> str:
        """The folder of the socket: its name must be short."""
        return str(self.folder)

    def _libraries(self) -> dict[str, str]:
        """Where programs that were unpacked into a private folder find their libraries."""
        usr = self.bin.parents[3]
        found = [str(path) for path in usr.glob("lib/*-linux-gnu*")] if usr != Path("/usr") else []
        return {"LD_LIBRARY_PATH": ":".join([*found, os.environ.get("LD_LIBRARY_PATH", "")])} if found else {}

    def environment(self) -> dict[str, str]:
        """What points Odoo and psql here."""
        return {"PGHOST": self.host, "PGPORT": str(self.port), "PGUSER": "odoo"}

    def create(self) -> "Cluster":
        self._own_folder()
        self._run("initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        with (self.data / "postgresql.conf").open("a") as stream:
            stream.write(SETTINGS)
        self.start()
        self.query("CREATE ROLE odoo LOGIN CREATEDB")
        return self

    def copy(self, folder: Path) -> "Cluster":
        """Return a replica that follows this server by streaming; it is started already."""
        replica = Cluster(folder)
        replica._own_folder()
        replica._run(
            *("pg_basebackup", "-h", self.host, "-p", str(self.port), "-U", "postgres", "-D", replica.data),
            *("-R", "-X", "stream", "-c", "fast"),
        )
        replica.start()
        return replica

    def start(self) -> None:
        self._run("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", "60", "-o", f"-k '{self.host}'", "start")

    def stop(self, mode: str = "fast") -> None:
        """End it: ``fast`` breaks off what is running, ``immediate`` is a crash that is recovered from at the start."""
        self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def restart(self, mode: str) -> None:
        self.stop(mode)
        self.start()

    def is_running(self) -> bool:
        return self._run("pg_ctl", "-D", self.data, "status", check=False).returncode == 0

    def destroy(self) -> None:
        if self.is_running():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def query(self, statement: str, *values, database: str = "postgres", user: str = "postgres"):
        """Run one statement outside of any transaction; return its rows."""
        options = {"host": self.host, "port": self.port, "user": user, "dbname": database}
        with closing(psycopg2.connect(**options)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return cursor.fetchall() if cursor.description else []

    def load(self, source: dict[str, str], database: str, name: str) -> None:
        """Copy a database of another server, reached by ``source``, under ``name``."""
        self.query(f'CREATE DATABASE "{name}" OWNER odoo TEMPLATE template0', user="odoo")
        dump = subprocess.Popen(
            [self.bin / "pg_dump", "--no-owner", "--format=custom", "--compress=0", database],
            env={**os.environ, **self._libraries(), **source},
            stdout=subprocess.PIPE,
        )
        restored = subprocess.run(
            [self.bin / "pg_restore", "--no-owner", "--exit-on-error", "-d", name],
            env={**os.environ, **self._libraries(), **self.environment()},
            stdin=dump.stdout,
            check=False,
        )
        assert (dump.wait(), restored.returncode) == (0, 0)
        self.query("ANALYZE", database=name, user="odoo")

    def wait_for(self, replica: "Cluster", timeout: float = 30) -> None:
        """Wait until ``replica`` has all that was committed here until now."""
        [(position,)] = self.query("SELECT pg_current_wal_lsn()")
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            [(there,)] = replica.query("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", position)
            if there:
                return
            time.sleep(0.1)
        raise RuntimeError(f"The replica hasn't reached {position} after {timeout} s")

    def _own_folder(self) -> None:
        self.folder.mkdir(parents=True)
        if self.account:
            shutil.chown(self.folder, self.account)
        # Anybody reaches the socket, only the server its data.
        self.folder.chmod(0o755)

    def _run(self, program: str, *arguments, check: bool = True) -> subprocess.CompletedProcess:
        prefix = ["runuser", "-u", self.account, "--"] if self.account else []
        # Not a pipe: the server inherits it, and who waits for its end waits for the server.
        with (self.folder.parent / f"{self.folder.name}.commands.log").open("a") as stream:
            return subprocess.run(
                [*prefix, self.bin / program, *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={**os.environ, **self._libraries()},
                check=check,
            )
