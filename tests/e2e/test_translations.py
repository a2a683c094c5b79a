"""The translation templates say what the addons say: a term that was added or changed is in them.

``./setup/odoo i18n export -d DATABASE -o ADDON/i18n/ADDON.pot ADDON`` writes one anew.
"""

import subprocess
from pathlib import Path

import addons
import databases
import polib

REPO = Path(__file__).resolve().parents[2]
OURS = [addon.name for addon in addons.find(REPO)]


def terms(path: Path) -> set[str]:
    return {entry.msgid for entry in polib.pofile(str(path))}


def test_templates_are_up_to_date(clone, tmp_path):
    database = clone()
    for addon in OURS:
        fresh = tmp_path / f"{addon}.pot"
        command = databases.odoo_command("i18n", "export", "-d", database, "-o", str(fresh), addon)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        kept = terms(REPO / addon / "i18n" / f"{addon}.pot")
        assert (terms(fresh) - kept, kept - terms(fresh)) == (set(), set()), addon
