"""Each addon installs alone, and all of them in any order, to the same database."""

import subprocess
from pathlib import Path

import addons
import database_state
import databases
import pytest
from database_state import rows
from testrun.odoo_log import install_complaints

REPO = Path(__file__).resolve().parents[2]
OURS = [addon.name for addon in addons.find(REPO)]
ORDERS = [
    ["credit_control", "credit_control_reporting", "credit_control_sms", "credit_control_sale", "credit_control_stock"],
    ["credit_control_stock", "credit_control_sms", "credit_control_reporting"],
    ["credit_control_sms", "credit_control_sale", "credit_control_reporting", "credit_control_stock"],
]

pytestmark = pytest.mark.packaging


def odoo(*args: str) -> None:
    """Run Odoo, and look at its log."""
    done = subprocess.run(databases.odoo_command(*args), capture_output=True, text=True, check=False, timeout=1200)
    assert done.returncode == 0, done.stdout + done.stderr
    complaints = install_complaints(done.stderr.splitlines())
    assert not complaints, complaints


def install(database: str, *names: str) -> None:
    options = ["--stop-after-init", "--no-http", "--max-cron-threads=0", "--skip-auto-install"]
    odoo("-d", database, "-i", ",".join(names), *options)


def get_needed(addon: str) -> set[str]:
    """Ours that the addon builds on, itself among them."""
    direct = set(OURS).intersection(addons.manifest(REPO / addon)["depends"])
    return {addon}.union(*map(get_needed, direct))


@pytest.mark.parametrize("addon", OURS)
def test_addon_comes_and_goes_alone(clone, addon):
    before, database = clone("template"), clone("template")
    install(database, addon)
    installed = rows(database, "SELECT name FROM ir_module_module WHERE state = 'installed' AND name = ANY(%s)", OURS)
    assert {name for (name,) in installed} == get_needed(addon)
    odoo("module", "uninstall", "-d", database, "credit_control")
    assert database_state.difference(database_state.schema(before), database_state.schema(database)) == {}
    ignored = r"ir_module_module(_.*)?"
    was, is_ = (database_state.content(name, ignored) for name in (before, database))
    assert database_state.difference(was, is_) == {}


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order[0].removeprefix("credit_control") + "_first")
def test_orders_of_installation_lead_to_the_same(clone, order):
    together, database = clone(), clone("template")
    for addon in order:
        install(database, addon)
    assert database_state.difference(database_state.schema(together), database_state.schema(database)) == {}


def test_second_update_changes_nothing(clone):
    database = clone()
    options = ["-u", ",".join(OURS), "--stop-after-init", "--no-http", "--max-cron-threads=0"]
    odoo("-d", database, *options)
    before = database_state.schema(database), database_state.content(database)
    odoo("-d", database, *options)
    after = database_state.schema(database), database_state.content(database)
    assert [database_state.difference(was, is_) for was, is_ in zip(before, after, strict=True)] == [{}, {}]
