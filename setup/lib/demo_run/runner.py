"""``setup/run``: make the database, post the ledger, plan and send, print the table, serve the web client."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import addons
import databases
from free_port import free_port
from mail_catcher import MailCatcher
from sms_catcher import SmsCatcher

from . import table
from .options import parse

REPO = Path(__file__).resolve().parents[3]
HOME = Path(os.environ.get("CREDIT_CONTROL_HOME", REPO / ".local"))
PREFIX = "credit_run_"
DEMO = f"{PREFIX}demo"
EXTRA_MODULES = ["l10n_fr_account"]


class Failure(Exception):
    """Something that a person has to read; ends the command with status 1 (or the one given)."""

    def __init__(self, message, status=1):
        super().__init__(message)
        self.status = status


def say(text: str = "") -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def timed(label: str):
    """Tell in one line what is being done and how long it took."""
    start = time.monotonic()
    print(f"  {label:<58} ", end="", file=sys.stderr, flush=True)
    try:
        yield
    except BaseException:
        say("failed")
        raise
    say(f"{time.monotonic() - start:.0f} s")


def main(arguments: list[str]) -> int:
    """Run the command; return its exit status."""
    options = parse(arguments)
    if options.drop:
        return drop_all()
    run = Run(options)
    try:
        return run.play()
    except Failure as failure:
        say(f"\nerror: {failure}")
        return failure.status
    except KeyboardInterrupt:
        return 130


def drop_all() -> int:
    """Remove the databases of this command and what it caught."""
    for name in databases.names(f"{PREFIX}.*"):
        databases.drop(name)
        say(f"  dropped {name}")
        shutil.rmtree(HOME / "mails" / name, ignore_errors=True)
    return 0


class Run:
    """One call of the command."""

    def __init__(self, options):
        self.options = options
        self.addons = addons.find(REPO)
        self.name = self._database_name()
        self.mails = HOME / "mails" / self.name
        self.log = HOME / "log" / f"{self.name}.log"
        self.port = options.port or free_port(int(os.environ.get("ODOO_HTTP_PORT") or 8069))
        self.url = f"http://127.0.0.1:{self.port}"
        self.log.parent.mkdir(parents=True, exist_ok=True)

    def _database_name(self):
        """One database a file, by its content: the same file again is there at once."""
        if not self.options.ledger:
            return DEMO
        how = f"{self.options.date_order}/{self.options.decimal}".encode()
        return f"{PREFIX}{hashlib.sha256(self.options.ledger.read_bytes() + how).hexdigest()[:10]}"

    def play(self) -> int:
        """All of it; the status tells whether the table ties to the ledger."""
        self._make_database()
        with MailCatcher(self.mails) as catcher, SmsCatcher(self.mails) as sms:
            where = {"smtp_port": catcher.port, "sms_url": sms.url}
            if self.options.as_of:
                result = self._shell("run", "Preview, nothing is sent", **where)
            else:
                # PDFs fetch their style sheets from the server, and it is told which SMS were delivered.
                with self._server("--max-cron-threads=0"):
                    result = self._shell("run", "Plan of today, sent to catchers of mail and SMS", **where)
            status = self._tell(result, catcher, sms)
            return status if self.options.once else status or self._serve()

    # ------------------------------------------------------------ database

    def _make_database(self):
        if self.options.fresh:
            databases.drop(self.name)
            shutil.rmtree(self.mails, ignore_errors=True)
        if databases.exists(self.name):
            self._update_modules()
            return
        draft = f"{self.name}_draft"
        databases.drop(draft)
        modules = ",".join([*EXTRA_MODULES, *(addon.name for addon in self.addons)])
        with timed(f"New database {self.name}"):
            # English stays active beside French only where both are named.
            languages = "--load-language=en_US,fr_FR"
            self._odoo("-d", draft, "-i", modules, languages, "--stop-after-init", "--without-demo=true")
        what = "Ledger of the file" if self.options.ledger else "Demonstration ledger: two years of a French company"
        try:
            answer = self._shell("ledger", what, database=draft)
        except Failure:
            databases.drop(draft)
            raise
        if answer:
            say("  " + ", ".join(f"{count} {what}" for what, count in answer.items()))
        self._note_version()
        databases.rename(draft, self.name)

    def _update_modules(self):
        """Bring a kept database to the state of the checkout."""
        stamp = HOME / "stamps" / f"{self.name}.version"
        if stamp.exists() and stamp.read_text() == addons.fingerprint(self.addons):
            return
        modules = ",".join(addon.name for addon in self.addons)
        try:
            with timed("The addons have changed since: update"):
                self._odoo("-d", self.name, "-u", modules, "-i", modules, "--stop-after-init")
        except Failure as failure:
            raise Failure(f"{failure}\nsetup/run --fresh makes the database anew.") from failure
        self._note_version()

    def _note_version(self):
        stamp = HOME / "stamps" / f"{self.name}.version"
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(addons.fingerprint(self.addons))

    # ------------------------------------------------------------ processes

    def _odoo(self, *arguments, **keywords):
        """Run Odoo to its end, its output in the log."""
        with self.log.open("a") as log:
            status = subprocess.run(
                databases.odoo_command(*arguments, "--log-level=warn", "--no-http"),
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
                **keywords,
            ).returncode
        if status:
            raise Failure(f"Odoo ended with status {status}. Its output is in {self.log}:\n{self._end_of_log()}")

    def _end_of_log(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def _shell(self, task, label, database=None, **more):
        """Let :mod:`play` do a task inside of Odoo; return its answer."""
        options = self.options
        with tempfile.TemporaryDirectory() as folder:
            answer = Path(folder, "answer.json")
            task = {
                "task": task,
                "out": str(answer),
                "today": date.today().isoformat(),
                "as_of": options.as_of and options.as_of.isoformat(),
                "file": options.ledger and str(options.ledger),
                "title": options.ledger and options.ledger.stem,
                "date_order": options.date_order,
                "decimal": options.decimal,
                "lang": options.lang,
                "url": self.url,
                **more,
            }
            with timed(label):
                self._odoo(
                    "shell",
                    "-d",
                    database or self.name,
                    input=b"from demo_run import play\nplay.main(env)\n",
                    env={**os.environ, "CREDIT_CONTROL_PLAY": json.dumps(task)},
                )
            if not answer.exists():
                raise Failure(f"Odoo gave no answer. Its output is in {self.log}:\n{self._end_of_log()}")
            found = json.loads(answer.read_text())
        if "error" in found:
            raise Failure(found["error"], 2)
        return found

    @contextmanager
    def _server(self, *arguments):
        """The web server in the background: PDFs fetch their style sheets from it."""
        with self.log.open("a") as log:
            process = subprocess.Popen(self._server_command(*arguments), stdout=log, stderr=subprocess.STDOUT)
        try:
            with timed("Start of the web server"):
                _wait_for_answer(self.url, process)
            yield
        finally:
            _end(process)

    def _server_command(self, *arguments):
        return databases.odoo_command(
            "-d", self.name, f"--db-filter=^{self.name}$", f"--http-port={self.port}", "--log-level=warn", *arguments
        )

    # ------------------------------------------------------------ telling

    def _tell(self, result, catcher, sms) -> int:
        print(table.render(result), flush=True)
        if self.options.as_of:
            say("\n  A preview: nothing was sent.")
        else:
            say(f"\n  {len(catcher.paths())} mails caught in {catcher.folder}")
            say(f"  {len(sms.messages())} SMS caught in {sms.path}")
        if table.difference(result):
            say("\nerror: claimed and held back don't add up to the ledger's overdue total.")
            return 1
        return 0

    def _serve(self):
        """Serve until interrupted."""
        say(f"\n  {self.url}   login and password: admin, collector, manager, salesperson or reader")
        say("  Mails and SMS go to the catchers only. End with Ctrl-C; undo with setup/run --drop.")
        process = subprocess.Popen(self._server_command())
        try:
            return process.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            _end(process)


def _wait_for_answer(url: str, process) -> None:
    """Wait until the web server answers."""
    for _attempt in range(600):
        if process.poll() is not None:
            raise Failure(f"The web server ended at once (status {process.returncode}).")
        try:
            urllib.request.urlopen(f"{url}/web/health", timeout=20).read()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise Failure(f"Nothing answers at {url}.")


def _end(process) -> None:
    """End a process that we started."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
