"""The examples in the docstrings of each core are part of its specification: they are run here."""

import doctest
import importlib
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
MODULES = sorted(
    "odoo.addons." + ".".join(path.relative_to(REPO).with_suffix("").parts)
    for path in REPO.glob("*/core/**/*.py")
    if path.name != "__init__.py"
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(name)
    outcome = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert not outcome.failed, f"{outcome.failed} of {outcome.attempted} examples failed: see above"
