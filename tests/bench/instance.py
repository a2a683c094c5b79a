"""Odoo in this process, with our addons and the peers' on its path; nothing served, no cron."""

import contextlib
import logging

from paths import addons_path

import odoo.init  # noqa: F401  (sets the time zone and the names of `odoo`)
from odoo import api
from odoo.modules.registry import Registry
from odoo.tools import config


def configure(database: str, *options: str) -> None:
    """Set Odoo's configuration as ``setup/odoo`` does, with the peers (where they are) behind our addons."""
    config.parse_config(
        ["-d", database, "--addons-path", addons_path(), "--no-http", "--log-level", "warn", *options],
        setup_logging=True,
    )
    # Two fields of one label and the like, told at each start.
    logging.getLogger("odoo.addons.base.models.ir_model").setLevel(logging.ERROR)


@contextlib.contextmanager
def environment(database: str, login: str | None = None):
    """An environment of ``login`` (without one: of the system) in a transaction that isn't committed."""
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        if login:
            env = env(user=env["res.users"].search([("login", "=", login)]))
        yield env
