"""The ways by which integrators get the addons: packages of pip in an environment of their own, and Docker Compose."""

import ast
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import addons
import databases
import pytest
from database_state import rows
from packaging.requirements import Requirement

REPO = Path(__file__).resolve().parents[2]
# Those that need nothing but Odoo, and all.
OURS = [addon.name for addon in addons.find(REPO)]
ALL = sorted(path.parent.name for path in REPO.glob("*/__manifest__.py"))
# What the official image brings beside Odoo's own requirements: its Dockerfile installs these.
IMAGE_PACKAGES = {"phonenumbers", "num2words", "qrcode", "vobject", "xlrd", "xlwt"}
# What its entry point reads.
IMAGE_VARIABLES = {"HOST", "PORT", "USER", "PASSWORD", "PASSWORD_FILE"}

pytestmark = pytest.mark.packaging


def run(*command, script: str = "", **environment) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        input=script,
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for sign in (" ERROR ", " CRITICAL ", "Traceback"):
        assert sign not in done.stderr, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def wheels(tools, tmp_path_factory) -> dict[str, Path]:
    """``{name of the distribution: wheel}`` of all addons and of the package that names them."""
    folder = tmp_path_factory.mktemp("wheels")
    # Setuptools builds beside its source.
    whole = shutil.copytree(REPO / "setup" / "_metapackage", tmp_path_factory.mktemp("whole") / "_metapackage")
    sources = [*(REPO / addon for addon in ALL), whole]
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder]
    run(*pip, *sources, PYTHONPATH=str(tools))
    return {path.name.split("-")[0]: path for path in folder.glob("*.whl")}


@pytest.fixture(scope="session")
def python(wheels, tmp_path_factory) -> Path:
    """The Python of a new environment: our wheels, and through a path file Odoo and what it needs."""
    if os.environ.get("ODOO_BIN"):
        pytest.skip("An Odoo of one's own (ODOO_BIN) runs with its own Python.")
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    own = str(REPO / "setup" / "lib")
    outside = [path for path in os.environ["PYTHONPATH"].split(os.pathsep) if path != own]
    outside += [path for path in sys.path if path.endswith("site-packages")]
    (packages / "odoo-of-the-machine.pth").write_text("\n".join(outside))
    run(folder / "bin" / "python", "-m", "pip", "install", "--no-index", "--no-deps", *alone(wheels), PYTHONPATH="")
    return folder / "bin" / "python"


def alone(wheels: dict[str, Path]) -> list[Path]:
    """The wheels that need nothing but Odoo."""
    return [path for name, path in wheels.items() if name.removeprefix("odoo_addon_") not in set(ALL) - set(OURS)]


def test_wheels_hold_what_an_addon_needs(wheels):
    for addon in ALL:
        with zipfile.ZipFile(wheels[f"odoo_addon_{addon}"]) as wheel:
            names = {name.removeprefix(f"odoo/addons/{addon}/") for name in wheel.namelist()}
        for needed in ("__manifest__.py", "README.rst", "i18n/fr.po", "static/description/icon.png"):
            assert needed in names, (addon, needed)
        assert not {name for name in names if re.search(r"(^|/)(\.local|__pycache__|pyproject\.toml)", name)}


def test_package_of_all_names_each_addon():
    project = (REPO / "setup" / "_metapackage" / "pyproject.toml").read_text()
    assert set(re.findall(r'"odoo-addon-(\w+)==19\.0\.\*"', project)) == set(OURS)
    versions = {addons.manifest(REPO / addon)["version"] for addon in OURS}
    assert re.search(r'^version = "(.*)"', project, re.MULTILINE)[1] == max(versions)


def test_requirements_are_met_in_a_clean_environment(python, wheels):
    script = """
import sys
from importlib import metadata
from packaging.requirements import Requirement
for name in sys.argv[1:]:
    for text in metadata.requires(name) or []:
        requirement = Requirement(text)
        version = metadata.version(requirement.name)
        assert requirement.specifier.contains(version, prereleases=True), (name, text, version)
        print(requirement.name)
"""
    named = run(python, "-c", script, *(path.name.split("-")[0] for path in alone(wheels)), PYTHONPATH="").split()
    assert {"odoo", "phonenumbers", "requests", "xlsxwriter"} <= set(named)
    assert {f"odoo-addon-{addon}" for addon in OURS} <= set(named)


def test_wheels_run_in_a_clean_database(python, tools, tmp_path):
    """Without Sales and Inventory at first; their addons come with them."""
    database = f"cc_test_{os.getpid()}_e2e_wheels"
    configuration = tmp_path / "odoo.conf"
    configuration.write_text(f"[options]\ndata_dir = {tmp_path / 'data'}\nhttp_interface = 127.0.0.1\n")
    environment = {"PYTHONPATH": "", "ODOO_RC": str(configuration)}
    odoo = [python, "-m", "odoo"]
    log = tmp_path / "odoo.log"
    options = ["-d", database, "--no-http", "--max-cron-threads=0", "--stop-after-init", f"--logfile={log}"]
    alone = [addon for addon in OURS if not addons.manifest(REPO / addon).get("auto_install")]
    try:
        run(*odoo, *options, "-i", ",".join(alone), **environment)
        states = dict(rows(database, "SELECT name, state FROM ir_module_module WHERE name = ANY(%s)", OURS))
        assert {name for name, state in states.items() if state == "installed"} == set(alone)
        run(*odoo, *options, "-i", "sale_stock", **environment)
        assert set(rows(database, "SELECT state FROM ir_module_module WHERE name = ANY(%s)", OURS)) == {("installed",)}
        run(sys.executable, "-m", "checklog_odoo", log, PYTHONPATH=str(tools))
        script = (
            "import odoo.addons.credit_control as addon\nprint('FROM', addon.__path__[0])\n"
            "run = env['credit.dunning.run'].create({})\nrun.action_plan()\nprint('PLANNED', run.state)\n"
        )
        said = run(*odoo, "shell", "-d", database, "--no-http", script=script, **environment).splitlines()
        assert any(line.startswith(f"FROM {python.parents[1]}") for line in said), said
        assert "PLANNED planned" in said, said
    finally:
        databases.drop(database)


@pytest.fixture
def compose(tools, monkeypatch) -> dict:
    monkeypatch.syspath_prepend(tools)
    import yaml

    return yaml.safe_load((REPO / "compose.yaml").read_text())


def test_compose_mounts_every_addon(compose):
    service = compose["services"]["odoo"]
    assert service["image"] == "odoo:19"
    mounts = [volume.split(":") for volume in service["volumes"]]
    paths = {source: target for source, target, *_mode in mounts if source.startswith("./")}
    assert paths == {f"./{addon}": f"/mnt/extra-addons/{addon}" for addon in OURS}
    named = {volume.split(":")[0] for one in compose["services"].values() for volume in one["volumes"]}
    assert named - paths.keys() == compose["volumes"].keys()


def test_compose_joins_odoo_and_its_database(compose):
    odoo, database = compose["services"]["odoo"], compose["services"]["db"]
    assert odoo["environment"].keys() <= IMAGE_VARIABLES
    assert odoo["environment"]["HOST"] in odoo["depends_on"] and odoo["environment"]["HOST"] in compose["services"]
    assert odoo["environment"]["USER"] == database["environment"]["POSTGRES_USER"]
    assert odoo["environment"]["PASSWORD"] == database["environment"]["POSTGRES_PASSWORD"]
    # Odoo creates its database by itself.
    assert database["environment"]["POSTGRES_DB"] == "postgres"
    ports = [port.rsplit(":", 1) for port in odoo["ports"]]
    assert all(host.startswith("127.0.0.1:") for host, _port in ports)
    assert {port for _host, port in ports} <= {"8069", "8071", "8072"}


def test_image_holds_what_the_addons_need():
    try:
        own = {Requirement(text).name.lower() for text in metadata.requires("odoo")}
    except metadata.PackageNotFoundError:
        pytest.skip("This Odoo doesn't say what it requires.")
    manifests = [ast.literal_eval((REPO / addon / "__manifest__.py").read_text()) for addon in OURS]
    needed = {name for manifest in manifests for name in manifest.get("external_dependencies", {}).get("python", [])}
    assert needed - own <= IMAGE_PACKAGES
