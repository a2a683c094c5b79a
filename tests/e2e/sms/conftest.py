"""What these tests share: processes that are senders, and the fake gateway of the addon."""

import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[3]
sys.path[:0] = [
    str(Path(__file__).resolve().parent.parent / "senders"),
    str(REPO / "credit_control_sms" / "tests"),
    str(REPO / "setup" / "lib"),
]
