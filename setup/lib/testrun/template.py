"""The databases that tests start from: with everything that our addons depend on, and with our addons."""

import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import addons
import databases

from .odoo_log import Record, install_complaints
from .progress import say, timed

# Beside what the manifests name: the chart of accounts on which French cases are tested.
EXTRA_MODULES = ["l10n_fr_account"]

# The companies that Odoo's accounting tests make for each class, made once: loading a chart of accounts takes longer
# than most classes. The tests take them by name (tests/common.py), and make their own where they are missing.
COMPANIES = """
charts = env["account.chart.template"]
for company in env["res.company"].create([{"name": "company_1_data"}, {"name": "company_2"}]):
    charts.try_loading(charts._guess_chart_template(company.country_id), company=company, install_demo=False)
    if not company.account_fiscal_country_id:
        company.account_fiscal_country_id = env.ref("base.us")
env.cr.commit()
"""


class InstallationFailed(Exception):
    """Odoo could not install modules; ``log`` holds why."""

    def __init__(self, message: str, log: Path):
        super().__init__(message)
        self.log = log


def home(*parts: str) -> Path:
    """A path in the private folder, in a folder that exists."""
    path = Path(os.environ["CREDIT_CONTROL_HOME"], *parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def log_path(repo: Path, name: str) -> Path:
    """The log of one step of the tests of this checkout; others may share the private folder."""
    return home("log", f"test-{digest(str(repo))}-{name}.log")


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10]


@contextmanager
def locked(name: str):
    """Two runs that need the same template: one builds it, the other waits."""
    with home("test", f"{name}.lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def odoo_identity() -> str:
    """Something that changes when another Odoo is used."""
    if own := os.environ.get("ODOO_BIN") or os.environ.get("ODOO_SRC"):
        folder = Path(own).resolve()
        folder = folder if folder.is_dir() else folder.parent
        head = subprocess.run(["git", "-C", folder, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
        return f"{folder} {head.stdout.strip()}"
    return str(home("stamps", "odoo").stat().st_mtime)


def odoo_to_log(log: Path, *args: str, script: str = "") -> int:
    """Run Odoo with its output in ``log``; return its status."""
    with log.open("w") as stream:
        return subprocess.run(
            databases.odoo_command(*args), input=script, text=True, stdout=stream, stderr=subprocess.STDOUT, check=False
        ).returncode


def install(database: str, modules: list[str], log: Path) -> None:
    arguments = ["-d", database, "-i", ",".join(modules), "--stop-after-init", "--max-cron-threads=0"]
    status = odoo_to_log(log, *arguments)
    if status or re.search(r"^\S+ \S+ \d+ CRITICAL ", log.read_text(errors="replace"), re.MULTILINE):
        raise InstallationFailed(f"Odoo could not install {', '.join(modules)} (status {status}).", log)


def prepare_companies(database: str, log: Path) -> None:
    """Make the companies that the tests of the addons work in."""
    if odoo_to_log(log, "shell", "-d", database, "--no-http", script=COMPANIES):
        raise InstallationFailed("Odoo could not make the companies of the tests.", log)


def of_dependencies(ours: list[Path]) -> str:
    """Name of the template that holds all modules which our addons depend on; made when there is none."""
    modules = sorted({*addons.dependencies(ours), *EXTRA_MODULES})
    name = f"cc_template_{digest(odoo_identity(), sys.version, COMPANIES, *modules)}"
    with locked(name):
        if not databases.exists(name):
            draft = f"{name}_draft"
            databases.drop(draft)
            with timed(f"Template database with {', '.join(modules)}"):
                install(draft, modules, log_path(ours[0].parent, "template"))
                prepare_companies(draft, log_path(ours[0].parent, "companies"))
            databases.seal(draft, name)
    home("test", f"{name}.used").touch()
    return name


def of_addons(ours: list[Path], base: str, with_assets: bool) -> tuple[str, list[Record]]:
    """Name of the template that holds our addons too, and what there is to complain about in their installation.

    It is kept until one of the addons changes, so that tests can be repeated without installing anything.
    """
    checkout = digest(str(ours[0].parent))
    name = f"cc_installed_{checkout}_{digest(base, addons.fingerprint(ours))}"
    log, assets = log_path(ours[0].parent, "install"), home("test", f"{name}.assets")
    complaints = home("test", f"{name}.json")
    with locked(f"cc_installed_{checkout}"):
        if not databases.exists(name):
            forget(rf"cc_installed_{checkout}_\w+")
            draft = f"{name}_draft"
            databases.clone(base, draft)
            with timed(f"Install {', '.join(addon.name for addon in ours)}"):
                install(draft, [addon.name for addon in ours], log)
            with log.open(errors="replace") as stream:
                found = install_complaints(stream)
            complaints.write_text(json.dumps([[record.level, record.logger, record.message] for record in found]))
            databases.seal(draft, name)
        if with_assets and not assets.exists():
            generate_assets(name, log_path(ours[0].parent, "assets"))
            assets.touch()
    return name, [Record(None, *values) for values in json.loads(complaints.read_text())]


def generate_assets(name: str, log: Path) -> None:
    """Compile the web client's bundles once; else each process with a browser test spends half a minute on it."""
    draft = f"{name}_draft"
    databases.clone(name, draft)
    script = "env['ir.qweb']._pregenerate_assets_bundles()\nenv.cr.commit()\n"
    with timed("Compile the web client"):
        odoo_to_log(log, "shell", "-d", draft, script=script)
    databases.drop(name)
    databases.seal(draft, name)


def forget(pattern: str) -> None:
    """Drop templates that are not needed any more, with what was noted about them."""
    for name in databases.names(pattern):
        databases.drop(name)
        for path in home("test", name).parent.glob(f"{name}.*"):
            path.unlink()


def forget_orphans() -> None:
    """Drop what runs that were killed left behind: their databases bear the number of a process that is no more."""
    for name in databases.names(r"cc_test_\d+_\w+"):
        if not Path("/proc", name.split("_")[2]).exists() and not databases.in_use(name):
            databases.drop(name)


def forget_unused(days: int = 7) -> None:
    """Drop templates of dependencies that no run has used for long: other versions of Odoo, other sets of modules."""
    now = home("test", "now")
    now.touch()
    for name in databases.names(r"cc_template_[0-9a-f]+"):
        used = home("test", f"{name}.used")
        if not used.exists() or now.stat().st_mtime - used.stat().st_mtime > days * 86400:
            forget(re.escape(name))
            say(f"Dropped the template {name}, unused for {days} days")
