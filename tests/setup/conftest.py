"""The modules under test are parts of commands, not of a package: make them importable."""

import sys
from pathlib import Path

SETUP = Path(__file__).resolve().parents[2] / "setup"
sys.path[:0] = [str(SETUP / "lib"), str(SETUP / "hooks")]
