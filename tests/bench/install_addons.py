"""``install_addons.py DATABASE ADDON...``: install addons, the peers' too."""

import sys

from instance import configure

from odoo.modules.registry import Registry


def main(database, *addons):
    configure(database)
    Registry.new(database, update_module=True, install_modules=addons)


if __name__ == "__main__":
    main(*sys.argv[1:])
