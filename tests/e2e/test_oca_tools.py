"""OCA's tools that need an Odoo have nothing to say; those that need none are hooks of setup/lint."""

import os
import subprocess
import sys
from pathlib import Path

import addons
import pytest
from testrun.template import log_path

REPO = Path(__file__).resolve().parents[2]
OURS = [addon.name for addon in addons.find(REPO)]
ALL = sorted(path.parent.name for path in REPO.glob("*/__manifest__.py"))


def run(tools: Path, module: str, *arguments: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": f"{tools}:{os.environ['PYTHONPATH']}"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(bool(os.environ.get("ODOO_BIN")), reason="An Odoo of one's own runs with its own Python.")
def test_manifests_fit_together(tools):
    """Licences, development status and dependencies, by manifestoo."""
    look = ["--select-addons-dir", REPO, "--odoo-series", "19.0"]
    look += ["--addons-path-from-import-odoo", "--addons-path-python", sys.executable]
    assert run(tools, "manifestoo", *look, "list").split() == ALL
    missing = {name for addon in ALL for name in addons.manifest(REPO / addon)["depends"]} & addons.OF_OTHERS
    assert set(run(tools, "manifestoo", *look, "list-missing").split()) == missing
    own = [*look, "--select-exclude", ",".join(set(ALL) - set(OURS))]
    run(tools, "manifestoo", *own, "check-licenses")
    run(tools, "manifestoo", *own, "check-dev-status", "--default-dev-status", "Beta")


def test_log_of_the_installation_is_clean(tools):
    """By checklog; ``setup/test`` asks the same of the logs of the tests."""
    run(tools, "checklog_odoo", log_path(REPO, "install"))
