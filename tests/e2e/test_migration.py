"""A database of an earlier version, in which people have worked, is updated.

It becomes what a new one is, and keeps all that they have done.
"""

import io
import json
import os
import subprocess
import tarfile
from configparser import RawConfigParser
from pathlib import Path

import addons
import database_state
import pytest
from company import odoo
from database_state import rows

REPO = Path(__file__).resolve().parents[2]
OURS = [addon.name for addon in addons.find(REPO)]
# The earlier versions from which an update is tried: commits of this repository.
VERSIONS = ["b0f00c9d60ed1b1b5d20633c05129b9da4d0f02d"]

# Inside of the earlier version: its demonstration is worked on for a day.
BEFORE = """
from datetime import date
from odoo.addons.credit_control.demo.ledger import build
build(env, date.today())
env["credit.payment.profile"]._cron_compute()
env["credit.score"]._cron_compute()
run = env["credit.dunning.run"].create({"date": date.today()})
run.action_plan()
run.action_approve()
env.cr.commit()
"""
# Inside of either: what people have done, as figures.
TELL = """
import json
def count(model, field):
    groups = env[model].with_context(active_test=False)._read_group([], [field], ["__count"])
    return {str(getattr(key, "id", key)): number for key, number in groups}
print("FOUND", json.dumps({
    "notices": count("credit.dunning.notice", "state"),
    "lines": env["credit.dunning.notice.line"].search_count([]),
    "asked": round(sum(env["credit.dunning.notice"].search([]).mapped("amount_total")), 2),
    "decisions": count("credit.dunning.decision", "reason"),
    "disputes": count("credit.dispute", "state"),
    "promises": count("credit.promise", "state"),
    "scores": count("credit.score", "grade"),
    "insolvencies": env["credit.insolvency"].search_count([]),
    "litigation": env["credit.litigation"].search_count([]),
    "debtors": env["credit.debtor"].search_count([]),
    "policies": count("credit.dunning.policy", "company_id"),
    "steps": env["credit.dunning.step"].search_count([]),
    "open": round(sum(env["credit.open.item"].search([]).mapped("amount_residual")), 2),
}, sort_keys=True))
"""
# Inside of the new version: the next day's work, and every screen of what there is.
AFTER = """
from datetime import date, timedelta
run = env["credit.dunning.run"].create({"date": date.today(), "is_preview": True})
run.action_plan()
for cron in env["ir.cron"].browse(
    env["ir.model.data"].search([("module", "=like", "credit_control%"), ("model", "=", "ir.cron")]).mapped("res_id")
):
    if "send" not in cron.cron_name:
        cron.ir_actions_server_id.run()
for name in env.registry:
    if name.startswith("credit.") and not env[name]._abstract:
        env[name].search([], limit=5).read()
print("WORKS", run.state)
"""

pytestmark = pytest.mark.packaging


@pytest.fixture(params=VERSIONS, ids=lambda commit: commit[:7])
def earlier(request, tmp_path, monkeypatch):
    """A function within which Odoo runs with the addons of an earlier version."""
    done = subprocess.run(["git", "-C", REPO, "archive", request.param, "--", *OURS], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"not in this clone: {done.stderr.decode().strip()}")
    folder = tmp_path / "earlier"
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    conf = RawConfigParser()
    conf.read(os.environ["ODOO_RC"])
    paths = conf.get("options", "addons_path").split(",")
    conf.set("options", "addons_path", ",".join(str(folder) if path == str(REPO) else path for path in paths))
    path = tmp_path / "odoo.conf"
    with path.open("w") as stream:
        conf.write(stream)
    with monkeypatch.context() as patch:
        patch.setenv("ODOO_RC", str(path))
        yield patch


def tell(database: str) -> dict:
    said = odoo("shell", "-d", database, "--no-http", "--log-level=warn", script=TELL)
    return json.loads(next(line for line in said.splitlines() if line.startswith("FOUND")).removeprefix("FOUND "))


def test_data_of_an_earlier_version(clone, earlier):
    fresh, database = clone(), clone("template")
    options = ["--stop-after-init", "--no-http", "--max-cron-threads=0"]
    odoo("-d", database, "-i", ",".join(OURS), *options)
    odoo("shell", "-d", database, "--no-http", "--log-level=warn", script=BEFORE)
    before = tell(database)
    assert before["notices"] and before["disputes"] and before["promises"] and before["scores"]
    earlier.undo()
    odoo("-d", database, "-u", "credit_control", *options)
    assert tell(database) == before
    assert set(rows(database, "SELECT state FROM ir_module_module WHERE name = ANY(%s)", OURS)) == {("installed",)}
    was, is_ = (without_demo(database_state.schema(name)) for name in (fresh, database))
    assert database_state.difference(was, is_) == {}
    assert "WORKS planned" in odoo("shell", "-d", database, "--no-http", "--log-level=warn", script=AFTER)


def without_demo(schema: dict[str, set[str]]) -> dict[str, set[str]]:
    """Without what the ledger itself brings: the accounts of its company, sequences of its journals."""
    brought = ("account.", "ir_sequence_", "__import__", "__export__")
    return {
        kind: {
            text
            for text in found
            if not any(text.split(" ", 1)[-1].startswith(sign) or text.startswith(sign) for sign in brought)
        }
        for kind, found in schema.items()
    }


def test_versions_are_known_by_the_changes():
    """Each version that needed a script says in the changes what whoever updates has to know."""
    told = (REPO / "CHANGELOG.md").read_text()
    for addon in OURS:
        for folder in (REPO / addon / "migrations").glob("*/"):
            assert f"## {folder.name}" in told
    assert f"## {addons.manifest(REPO / OURS[0])['version']}" in told
