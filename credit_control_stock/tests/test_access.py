from odoo.tests import tagged

from odoo.addons.credit_control.tests.common_access import AccessMatrix


@tagged("post_install", "-at_install")
class TestStockAccess(AccessMatrix):
    """This addon brings no model and no method of its own: one that appears is to be listed."""

    addon = "credit_control_stock"
