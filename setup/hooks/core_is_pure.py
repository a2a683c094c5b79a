#!/usr/bin/env python3
"""Keep ``<addon>/core`` free of the framework and of the clock.

What is decided there must depend on nothing but the values that come in: then it reads as a specification, is tested
without a database, and gives the same answer for any date. So a core module imports the standard library, its own
siblings and the core of the addon that ours all build on only, and asks nobody what day it is.
"""

import ast
import sys
from pathlib import Path

# The addon that all of ours build on: its core may be used by theirs.
BASE = "credit_control"
CLOCK = {
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "date.today",
    "time.time",
    "time.localtime",
    "time.gmtime",
}


def allowed_import(module: str, level: int, addon: str) -> bool:
    """Whether a core module of ``addon`` may import ``module`` (``level`` dots before it)."""
    if level:
        # One dot is the core itself; two would be the addon, hence the framework.
        return level == 1
    if f"{module}.".startswith((f"odoo.addons.{addon}.core.", f"odoo.addons.{BASE}.core.")):
        return True
    return module.partition(".")[0] in sys.stdlib_module_names


def findings(source: str, addon: str):
    """Yield (line number, message) for each import and call in ``source`` that has no place in a core."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if not allowed_import(alias.name, 0, addon):
                    yield node.lineno, f"imports {alias.name}"
        elif isinstance(node, ast.ImportFrom):
            if not allowed_import(node.module or "", node.level, addon):
                yield node.lineno, f"imports {'.' * node.level}{node.module or ''}"
        elif isinstance(node, ast.Call):
            called = ".".join(ast.unparse(node.func).split(".")[-2:])
            if called in CLOCK:
                yield node.lineno, f"reads the clock ({called}): take the date as an argument"


def main(names: list[str]) -> int:
    status = 0
    for name in names:
        path = Path(name)
        for number, message in findings(path.read_text(), path.parts[0]):
            print(f"{name}:{number}: {message}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
