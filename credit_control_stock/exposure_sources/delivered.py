from odoo import models
from odoo.fields import Domain


class CreditExposureDelivered(models.AbstractModel):
    """What customers have had of their orders and isn't invoiced yet, incl. VAT.

    By the quantities that the orders' lines show as delivered, so returns take it back. What this source
    counts the orders to be invoiced don't: an order stays what it is from its confirmation to the posted invoice.
    """

    _name = "credit.exposure.delivered"
    _inherit = "credit.exposure.orders"
    _description = "Exposure: delivered, to be invoiced"

    def _get_domain(self, today):
        return Domain("state", "=", "sale") & Domain("credit_delivered", ">", 0)

    def _get_columns(self, query):
        amount = self._get_model()._get_credit_delivered_sql(query.table)
        return super()._get_columns(query) | {"amount": amount}
