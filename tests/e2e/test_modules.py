"""Our addons come and go without leaving anything behind, and an Odoo that has them serves its pages."""

import itertools
import urllib.request
from pathlib import Path

import addons
import database_state
import pytest
from company import odoo
from database_state import rows

REPO = Path(__file__).resolve().parents[2]
OURS = [addon.name for addon in addons.find(REPO)]
BASE = "credit_control"
# Those that nothing but a person installs, once the first is there.
CHOSEN = [name for name in OURS if name != BASE and not addons.manifest(REPO / name).get("auto_install")]
# Where the work of people leaves its rows; what is in the others is set up by addons.
BUSINESS = (
    r"(account|discuss|mail_(activity|followers|mail|message|notification|tracking)|payment|phone|procurement|product|"
    r"res_(company|partner|users)|resource|sale|sms|stock|uom)(_.*)?|"
    r"ir_(attachment|mail_server|module_module|sequence)(_.*)?|(.*_)?res_(company|partner|users)_.*|"
    r"res_groups_users_rel"
)
QUIET = ("--stop-after-init", "--no-http", "--max-cron-threads=0")
# The Apps screen lists what could be installed again.
KNOWN_ADDONS = r"ir_module_module(_.*)?"


def get_words(database: str, addon: str) -> str:
    """A regular expression that finds the names of the addon and of the models that it brings."""
    owned = rows(
        database,
        """
        SELECT model.model FROM ir_model model
          JOIN ir_model_data data ON data.model = 'ir.model' AND data.res_id = model.id
         GROUP BY model.model HAVING array_agg(data.module::text) = ARRAY[%s]
        """,
        addon,
    )
    names = [addon, *(name.replace(".", r"\.") for (name,) in owned)]
    return rf"(^|[^\w.])({'|'.join(names)})($|[^\w.])"


def noted(database: str, addon: str) -> list[tuple]:
    """What Odoo knows as keys, constraints and relations of the addon."""
    return [
        row
        for table in ("ir_model_constraint", "ir_model_relation")
        for row in rows(
            database,
            f"SELECT noted.name FROM {table} noted JOIN ir_module_module addon ON addon.id = noted.module "
            "WHERE addon.name = %s",
            addon,
        )
    ]


@pytest.mark.parametrize("addon", [name for name in OURS if name != BASE])
def test_uninstalled_addon_leaves_nothing(clone, addon):
    database = clone("lived")
    words, before = get_words(database, addon), database_state.schema(database)
    odoo("module", "uninstall", "-d", database, addon)
    assert rows(database, "SELECT state FROM ir_module_module WHERE name = %s", addon) == [("uninstalled",)]
    changes = database_state.difference(before, database_state.schema(database))
    new = {kind: change["new"] for kind, change in changes.items() if "new" in change}
    assert not new
    assert not noted(database, addon)
    assert not database_state.naming(database, words, KNOWN_ADDONS)


def test_uninstalled_addons_leave_nothing_of_a_life(clone):
    before, database = clone("template"), clone("lived")
    words = "|".join(get_words(database, addon) for addon in OURS)
    # All others go with the one that they build on.
    odoo("module", "uninstall", "-d", database, BASE)
    states = dict(rows(database, "SELECT name, state FROM ir_module_module WHERE name = ANY(%s)", OURS))
    assert states == dict.fromkeys(OURS, "uninstalled")
    assert database_state.difference(database_state.schema(before), database_state.schema(database)) == {}
    assert database_state.naming(database, words, KNOWN_ADDONS) == {}
    was, is_ = (database_state.content(name, BUSINESS) for name in (before, database))
    assert database_state.difference(was, is_) == {}


@pytest.mark.packaging
@pytest.mark.parametrize("order", list(itertools.permutations(CHOSEN)), ids="-".join)
def test_addons_are_installed_in_any_order(clone, order):
    """Each without those that come later; in the end it is as if all had come at once."""
    at_once, database = clone(), clone("template")
    for addon in (BASE, *order):
        odoo("-d", database, "-i", addon, *QUIET)
    states = dict(rows(database, "SELECT name, state FROM ir_module_module WHERE name = ANY(%s)", OURS))
    assert states == dict.fromkeys(OURS, "installed")
    assert database_state.difference(database_state.schema(at_once), database_state.schema(database)) == {}


def test_updated_addons_change_nothing(clone):
    before, database = clone("lived"), clone("lived")
    update = ("-d", database, "-u", ",".join(OURS), *QUIET)
    odoo(*update)
    assert database_state.difference(database_state.schema(before), database_state.schema(database)) == {}
    # The first update of a database also notes how its views stood before, in whatever addon.
    was = database_state.content(database)
    odoo(*update)
    assert list(database_state.difference(was, database_state.content(database))) == []


def test_login_page_is_served(clone, serve):
    server = serve(clone())
    with urllib.request.urlopen(f"{server.url}/web/login", timeout=120) as page:
        assert page.status == 200
        assert "login" in page.read().decode()
