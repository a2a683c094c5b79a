"""Write the configuration with which Odoo runs from this checkout; print its path.

``odoo_conf.py REPOSITORY PRIVATE_FOLDER``. The environment may name an Odoo of the user's own: a configuration file
(``CREDIT_CONTROL_BASE_RC``), a source checkout (``ODOO_SRC``) or a program (``ODOO_BIN``). Their settings are kept;
only our addons are put in front of their addons path, and what they leave open is filled in.
"""

import configparser
import hashlib
import os
import sys
from pathlib import Path


def addons_path(repo: Path, base: str, environ) -> str:
    """Our addons first, then those of the user's configuration, then those beside the user's Odoo.

    A folder without an addon is left out: Odoo would warn about it at each start.
    """
    folders = [str(repo), *(part.strip() for part in base.split(","))]
    if environ.get("ODOO_SRC"):
        folders.append(str(Path(environ["ODOO_SRC"], "addons").resolve()))
    if environ.get("ODOO_BIN"):
        folders.append(str(Path(environ["ODOO_BIN"]).resolve().parent / "addons"))
    kept = [folder for folder in folders if folder and any(Path(folder).glob("*/__manifest__.py"))]
    return ",".join(dict.fromkeys(kept))


def build(repo: Path, home: Path, environ) -> configparser.RawConfigParser:
    """The configuration as values; see the module's docstring."""
    conf = configparser.RawConfigParser()
    if environ.get("CREDIT_CONTROL_BASE_RC"):
        conf.read(environ["CREDIT_CONTROL_BASE_RC"])
    if not conf.has_section("options"):
        conf.add_section("options")
    conf.set("options", "addons_path", addons_path(repo, conf.get("options", "addons_path", fallback=""), environ))
    for option, value in {
        "data_dir": home / "data",
        # Unset, Odoo listens on every interface of the machine.
        "http_interface": "127.0.0.1",
    }.items():
        if not conf.has_option("options", option):
            conf.set("options", option, str(value))
    return conf


def main(repo: str, home: str) -> None:
    conf = build(Path(repo), Path(home), os.environ)
    key = hashlib.sha256("\0".join([repo, *(f"{k}={v}" for k, v in conf.items("options"))]).encode()).hexdigest()[:12]
    target = Path(home, "conf", f"{key}.conf")
    target.parent.mkdir(exist_ok=True)
    # Written aside and renamed: another command may be reading it.
    draft = target.with_suffix(f".{os.getpid()}")
    with draft.open("w") as stream:
        conf.write(stream)
    draft.replace(target)
    print(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
