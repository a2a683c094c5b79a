#!/usr/bin/env python3
"""Refuse files that only make sense on one machine.

A registry's host name in a file sends every reader there, whatever mirror their own configuration names; an absolute
path of the author's machine works nowhere else.
"""

import re
import sys
from pathlib import Path

# In parts, or this file would be the first to be refused.
HOSTS = [
    ("deb", "debian", "org"),
    ("ftp", "debian", "org"),
    ("security", "debian", "org"),
    ("snapshot", "debian", "org"),
    ("archive", "ubuntu", "com"),
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("registry", "npmjs"),
    ("registry", "yarnpkg"),
]
PERSONAL_FOLDERS = ["farm", "home", "root", "Users", "work"]

TRACE = re.compile(
    r"(?P<host>{hosts})|(?<![\w./$}}~-])(?P<path>/(?:{folders})/[\w.][^\s'\"`)]*)".format(
        hosts="|".join(re.escape(".".join(parts)) for parts in HOSTS), folders="|".join(PERSONAL_FOLDERS)
    )
)


def traces(text: str):
    """Yield (line number, what was found) for each trace of a machine in ``text``."""
    for number, line in enumerate(text.splitlines(), 1):
        for match in TRACE.finditer(line):
            yield number, match.group()


def main(names: list[str]) -> int:
    found = [(name, *hit) for name in names for hit in traces(Path(name).read_text(errors="replace"))]
    for name, number, what in found:
        print(f"{name}:{number}: {what}")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
