"""LibreOffice, which calculates the workbooks itself: where the machine has it (Debian: libreoffice-calc-nogui)."""

import shutil
import subprocess
from pathlib import Path
from unittest import skipUnless

# Recalculate every workbook that is opened: totals are then what the formulas say, whatever value is written beside.
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""

needs_office = skipUnless(shutil.which("soffice"), "LibreOffice isn't on this machine (Debian: libreoffice-calc-nogui)")


def recalculate(folder: Path) -> Path:
    """Have LibreOffice open each workbook of ``folder``; return the folder in which it has saved them."""
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(PROFILE)
    saved = folder / "saved"
    command = ["soffice", f"-env:UserInstallation={profile.parent.as_uri()}", "--headless", "--convert-to", "xlsx"]
    paths = sorted(map(str, folder.glob("*.xlsx")))
    subprocess.run([*command, "--outdir", str(saved), *paths], check=True, capture_output=True, timeout=300)
    return saved
