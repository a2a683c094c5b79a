"""The arguments of ``setup/screenshots``. Run as a program it only tells them; any Python does."""

import argparse
import sys
from pathlib import Path

from .pages import PICTURES

REPO = Path(__file__).resolve().parents[3]
# Where the pictures of a language go, below the folder of all.
FOLDERS = {"en_US": ".", "fr_FR": "fr"}
DESCRIPTION = """\
Pictures of the screens for the guide, taken from a copy of the demonstration. English ones go to docs/images, French
ones to docs/images/fr. The demonstration is that of setup/run (made by setup/run --once where there is none); it stays
as it is."""


def parse(argv):
    parser = argparse.ArgumentParser(prog="setup/screenshots", description=DESCRIPTION)
    parser.add_argument("--database", default="credit_run_demo", metavar="NAME", help="the demonstration to copy")
    parser.add_argument("--out", type=Path, default=REPO / "docs" / "images", metavar="FOLDER", help="docs/images")
    parser.add_argument("--lang", choices=list(FOLDERS), action="append", help="only in this language")
    parser.add_argument("--phone", action="store_true", help="also as a phone shows them, to look at")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these pictures")
    options = parser.parse_args(argv)
    unknown = set(options.names) - {picture.name for picture in PICTURES}
    if unknown:
        parser.error(f"no such picture: {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    parse(sys.argv[1:])
