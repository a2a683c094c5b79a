"""Our addons come and go without leaving anything behind, and an Odoo that has them serves its pages."""

import subprocess
import urllib.request
from pathlib import Path

import addons
import databases
import psycopg2
import pytest

REPO = Path(__file__).resolve().parents[2]
OURS = [addon.name for addon in addons.find(REPO)]


def rows(database: str, query: str, *arguments):
    connection = psycopg2.connect(dbname=database)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query, arguments)
            return cursor.fetchall()
    finally:
        connection.close()


def tables(database: str) -> set[str]:
    return {name for (name,) in rows(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


@pytest.mark.parametrize("addon", OURS)
def test_uninstalled_addon_leaves_nothing(clone, addon):
    database = clone()
    command = databases.odoo_command("module", "uninstall", "-d", database, addon)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(database, "SELECT state FROM ir_module_module WHERE name = %s", addon) == [("uninstalled",)]
    assert not rows(database, "SELECT model, name FROM ir_model_data WHERE module = %s", addon)


def test_all_addons_uninstalled_leave_no_table(clone):
    database = clone()
    before = tables(clone("template"))
    command = databases.odoo_command("module", "uninstall", "-d", database, *OURS)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert tables(database) - before == set()


def test_login_page_is_served(clone, serve):
    server = serve(clone())
    with urllib.request.urlopen(f"{server.url}/web/login", timeout=120) as page:
        assert page.status == 200
        assert "login" in page.read().decode()
