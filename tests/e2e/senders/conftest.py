"""What these tests share lies beside them: make it importable."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[3] / "setup" / "lib")]
