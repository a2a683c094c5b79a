"""``install_addons.py DATABASE install|update ADDON...``: the peers' addons are found too."""

import sys

from instance import configure
from odoo.modules.registry import Registry


def main(database, what, *addons):
    configure(database)
    install, update = (addons, ()) if what == "install" else ((), addons)
    Registry.new(database, update_module=True, install_modules=install, upgrade_modules=update)


if __name__ == "__main__":
    main(*sys.argv[1:])
