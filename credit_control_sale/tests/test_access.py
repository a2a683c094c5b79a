from odoo.tests import tagged

from odoo.addons.credit_control.tests.common_access import AccessMatrix


@tagged("post_install", "-at_install")
class TestSaleAccess(AccessMatrix):
    """This addon brings no model; what it adds to orders is listed like the rest."""

    addon = "credit_control_sale"

    @classmethod
    def _new_rows(cls, company):
        rows = super()._new_rows(company)
        orders = cls.env["sale.order"].sudo().with_company(company)
        rows.known["sale.order"] = orders.create({"partner_id": rows.known["res.partner"]}).id
        return rows
