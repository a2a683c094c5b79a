from odoo.tests import tagged

from odoo.addons.credit_control.tests.common_access import READ, AccessCommon, AccessMatrix, AccessMatrixHttp
from odoo.addons.credit_control.tests.common_answers import EmptiedForms, EveryValue


class OwnModels(AccessCommon):
    """The models of this addon."""

    addon = "credit_control_reporting"
    expected = {
        "credit.kpi.change": READ,
        "credit.kpi.event": READ,
        "credit.kpi.snapshot": READ,
        "credit.kpi.target": ("r", "r", "crwd", "", ""),
        "credit.provision.rule": ("r", "r", "crwd", "", ""),
        "credit.report.schedule": ("crwd", "crwd", "crwd", "", ""),
    }
    owners = {"credit.report.schedule": "user_id"}
    rowless = dict.fromkeys(("credit.kpi.change", "credit.kpi.event"), "TestReportRecords.test_companies_are_apart")


@tagged("post_install", "-at_install")
class TestReportMatrix(OwnModels, AccessMatrix):
    """Who may do what with each model and method of this addon."""


@tagged("post_install", "-at_install")
class TestReportMatrixHttp(OwnModels, AccessMatrixHttp):
    """The same over the wire."""


@tagged("post_install", "-at_install")
class TestReportForms(OwnModels, EmptiedForms):
    """The forms of this addon."""

    at_least = 10


@tagged("post_install", "-at_install", "-standard", "faults")
class TestReportValuesLong(OwnModels, EveryValue):
    """Each field of this addon, with each value that makes no sense there."""

    at_least = 80
