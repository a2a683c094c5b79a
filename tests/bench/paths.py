"""Where addons are found: ours as ``setup/odoo`` finds them, and the peers' where they are installed."""

import configparser
import os
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
PEERS = Path(os.environ["CREDIT_CONTROL_HOME"], "peers", "odoo", "addons")


def addons_path() -> str:
    """Return Odoo's ``--addons-path``: that of the commands, the peers behind it."""
    conf = configparser.RawConfigParser()
    conf.read(os.environ["ODOO_RC"])
    known = conf.get("options", "addons_path", fallback="")
    return f"{known},{PEERS}" if PEERS.is_dir() else known
