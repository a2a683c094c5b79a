from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.credit_control.tests.common_exposure import ExposureCommon


class SaleCreditCommon(ExposureCommon):
    """Orders of a salesperson, of flour without tax, and one rule: over the limit, held."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.customer.with_company(cls.company)
        cls.product = cls.env["product.product"].create(
            {"name": "Flour", "type": "service", "invoice_policy": "order", "list_price": 1.0, "taxes_id": []}
        )
        cls.seller = new_test_user(
            cls.env,
            "credit_seller",
            "sales_team.group_sale_salesman_all_leads,credit_control.group_salesperson",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.customer.user_id = cls.seller
        cls.env["credit.rule"].search([]).active = False
        cls.rule = cls.env["credit.rule"].create({"name": "Limit", "criterion": "limit", "effect": "hold"})

    @classmethod
    def _order(cls, amount, user=None, **values):
        return (
            cls.env["sale.order"]
            .with_user(user or cls.seller)
            .with_company(cls.company)
            .create({**cls._prepare_order(amount), **values})
        )

    @classmethod
    def _prepare_order(cls, amount):
        line = {"product_id": cls.product.id, "product_uom_qty": 1, "price_unit": amount, "tax_ids": []}
        return {
            "partner_id": cls.customer.id,
            "company_id": cls.company.id,
            "user_id": cls.seller.id,
            "order_line": [Command.create(line)],
        }

    def _hold_of(self, document):
        return self.env["credit.hold"].search([("res_model", "=", document._name), ("res_id", "=", document.id)])
