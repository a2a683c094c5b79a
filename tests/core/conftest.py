"""Make the pure core importable by its production path, without Odoo.

``odoo``, ``odoo.addons`` and each of our addons become empty packages: their paths lead to the ``core`` folders, but no
``__init__`` of an addon runs. So ``from odoo.addons.credit_control.core import ageing`` works as it does in production,
and a core module that imports anything of the framework fails here, whether or not Odoo is installed.
"""

import os
import sys
import types
from pathlib import Path

from hypothesis import settings

REPO = Path(__file__).resolve().parents[2]


def empty_package(name: str, *path: Path) -> None:
    """Register a package in which nothing can be found but what lies under ``path``."""
    package = types.ModuleType(name)
    package.__path__ = [str(folder) for folder in path]
    sys.modules[name] = package


empty_package("odoo")
empty_package("odoo.addons")
for folder in REPO.glob("*/core"):
    empty_package(f"odoo.addons.{folder.parent.name}", folder.parent)

# A shared machine may be slow: only wrong answers fail a law, not late ones. The fault rounds look much longer.
settings.register_profile("default", deadline=None)
settings.register_profile("faults", deadline=None, max_examples=5000)
settings.load_profile("faults" if os.environ.get("CREDIT_CONTROL_FAULTS") else "default")
