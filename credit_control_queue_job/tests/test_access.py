from odoo.tests import tagged

from odoo.addons.credit_control.tests.common_access import AccessMatrix


@tagged("post_install", "-at_install")
class TestJobAccess(AccessMatrix):
    """This addon brings no model and no method that is open: one that appears is to be listed."""

    addon = "credit_control_queue_job"
