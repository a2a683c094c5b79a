"""What the commands know about our addons without asking Odoo."""

import addons
import pytest


@pytest.fixture
def repo(tmp_path):
    for name, manifest in {
        "one": {"name": "One", "depends": ["account", "mail"]},
        "two": {"name": "Two", "depends": ["one", "sale"]},
        "three": {"name": "Three", "depends": ["one"], "installable": False},
    }.items():
        (tmp_path / name / "tests").mkdir(parents=True)
        (tmp_path / name / "__manifest__.py").write_text(repr(manifest))
    return tmp_path


def test_addons_that_can_be_installed_are_found(repo):
    assert [addon.name for addon in addons.find(repo)] == ["one", "two"]


def test_dependencies_are_those_of_others(repo):
    assert addons.dependencies(addons.find(repo)) == ["account", "mail", "sale"]


def test_fingerprint_follows_what_is_installed(repo):
    before = addons.fingerprint(addons.find(repo))
    (repo / "one" / "tests" / "test_x.py").write_text("x = 1")
    assert addons.fingerprint(addons.find(repo)) == before, "tests are not installed"
    (repo / "one" / "models.py").write_text("x = 1")
    assert addons.fingerprint(addons.find(repo)) != before
