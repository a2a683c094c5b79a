"""Import this first where the core is used without Odoo: its production path then leads to it.

The packages of that path are empty ones, so nothing of the framework is looked for. Inside Odoo, or where the
tests have made them already, they stay as they are.
"""

import sys
import types
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
PACKAGES = {"odoo": [], "odoo.addons": [], "odoo.addons.credit_control": [str(REPO / "credit_control")]}

if "odoo" not in sys.modules:
    for name, path in PACKAGES.items():
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = path
