"""What can be told about our addons from their files."""

import ast
import hashlib
from pathlib import Path

# No effect on what an installation puts into a database.
NOT_INSTALLED = {"tests", "readme", "__pycache__", "README.rst", "pyproject.toml"}

# Modules that Odoo doesn't bring: an addon of ours that needs one is tested where that can be had (tests/e2e).
OF_OTHERS = {"queue_job"}


def find(repo: Path) -> list[Path]:
    """Folders of the addons in this repository that can be installed on Odoo alone."""
    found = [path.parent for path in sorted(repo.glob("*/__manifest__.py"))]
    return [addon for addon in found if _is_for_odoo_alone(manifest(addon))]


def _is_for_odoo_alone(values: dict) -> bool:
    return values.get("installable", True) and not OF_OTHERS.intersection(values.get("depends", []))


def manifest(addon: Path) -> dict:
    return ast.literal_eval((addon / "__manifest__.py").read_text())


def dependencies(addons: list[Path]) -> list[str]:
    """Modules of others that ours need, without ours."""
    ours = {addon.name for addon in addons}
    needed = {name for addon in addons for name in manifest(addon).get("depends", ["base"])}
    return sorted(needed - ours)


def fingerprint(addons: list[Path]) -> str:
    """A key that changes with everything that an installation of these addons could see."""
    digest = hashlib.sha256()
    for addon in addons:
        for path in sorted(addon.rglob("*")):
            parts = path.relative_to(addon).parts
            if path.is_file() and path.suffix != ".pyc" and not NOT_INSTALLED.intersection(parts):
                digest.update("/".join((addon.name, *parts)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
