"""Odoo's configuration: our addons in front, whatever the user's own Odoo says."""

import odoo_conf
import pytest


@pytest.fixture
def repo(tmp_path):
    for folder in ("repo/ours", "own/theirs", "source/addons/base"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "__manifest__.py").write_text("{'name': 'x'}")
    return tmp_path / "repo"


def options(repo, **environ):
    return dict(odoo_conf.build(repo, repo.parent / "home", environ).items("options"))


def test_our_addons_and_the_private_folder(repo):
    values = options(repo)
    assert values["addons_path"] == str(repo)
    assert values["data_dir"] == str(repo.parent / "home" / "data")
    assert values["http_interface"] == "127.0.0.1"


def test_repository_without_addon_is_left_out(tmp_path):
    assert options(tmp_path)["addons_path"] == ""


def test_source_checkout_brings_its_addons(repo):
    source = repo.parent / "source"
    assert options(repo, ODOO_SRC=str(source))["addons_path"] == f"{repo},{source}/addons"


def test_own_configuration_is_kept_behind_our_addons(repo):
    rc = repo.parent / "odoo.conf"
    rc.write_text(f"[options]\naddons_path = {repo.parent}/own\ndata_dir = /srv/odoo\nworkers = 4\n")
    values = options(repo, CREDIT_CONTROL_BASE_RC=str(rc))
    assert values["addons_path"] == f"{repo},{repo.parent}/own"
    assert values["data_dir"] == "/srv/odoo"
    assert values["workers"] == "4"
