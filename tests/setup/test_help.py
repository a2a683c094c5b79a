"""Who asks a command what it does gets an answer at once, and nothing is installed for it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
COMMANDS = [path.name for path in sorted((REPO / "setup").iterdir()) if path.is_file() and os.access(path, os.X_OK)]


@pytest.fixture
def clone(tmp_path):
    """The commands, where none was ever called."""
    for folder in ("setup", "tests/bench"):
        shutil.copytree(REPO / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def call(clone, *command) -> subprocess.CompletedProcess:
    """Call a command; nothing is there afterwards that wasn't before."""
    before = set(clone.rglob("*"))
    outside = {name: value for name, value in os.environ.items() if name not in ("CREDIT_CONTROL_HOME", "PYTHONPATH")}
    command = [clone / "setup" / command[0], *command[1:]]
    done = subprocess.run(
        command, capture_output=True, text=True, env=outside, check=False, timeout=60, cwd=clone.parent
    )
    assert set(clone.rglob("*")) == before
    return done


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_installs_nothing(clone, command, option):
    done = call(clone, command, option)
    assert done.stdout.lower().startswith(f"usage: setup/{command} ")
    assert (done.returncode, done.stderr) == (0, "")


def test_arguments_are_checked_before_anything_is_installed(clone):
    done = call(clone, "run", "--ledger", "missing.csv")
    assert done.returncode == 2
    assert "there is no file missing.csv" in done.stderr
