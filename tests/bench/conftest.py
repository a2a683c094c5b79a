"""The programs of the benchmark import each other by name, and what the commands share."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "setup" / "lib"))
