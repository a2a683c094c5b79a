from odoo.addons.credit_control.uninstall import forget_models

from . import controllers, models, report


def uninstall_hook(env):
    """Drop the function that keeps snapshots as they are, with its trigger; the table is dropped by Odoo.

    See also :func:`forget_models`.
    """
    forget_models(env, "credit_control_reporting")
    env.cr.execute("DROP FUNCTION IF EXISTS credit_kpi_snapshot_refuse() CASCADE")
