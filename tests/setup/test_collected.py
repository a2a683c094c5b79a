"""Odoo runs the test classes of the modules that the addon's ``tests`` import: what isn't both is never run."""

import ast
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
FILES = sorted(REPO.glob("credit_control*/tests/test_*.py"))
# What leaves a class a class. ``mute_logger`` doesn't: it makes a function of it, and no test of it runs.
DECORATORS = {"tagged", "freeze_time"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_each_class_is_run(path):
    imported = {
        name.name
        for node in ast.walk(ast.parse((path.parent / "__init__.py").read_text()))
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    assert path.stem in imported
    classes = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)]
    assert classes
    for node in classes:
        used = {_get_name(decorator) for decorator in node.decorator_list}
        assert used <= DECORATORS, f"{node.name}: {used - DECORATORS}"


def _get_name(decorator):
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return called.attr if isinstance(called, ast.Attribute) else called.id
