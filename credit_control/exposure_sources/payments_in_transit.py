from odoo import models
from odoo.fields import Domain


class CreditExposurePaymentsInTransit(models.AbstractModel):
    """Cheques and other payments that the bank hasn't shown yet: an option for who matches bank statements."""

    _name = "credit.exposure.payments.in.transit"
    _inherit = "credit.exposure.payment"
    _description = "Exposure: cheques and payments in transit"

    def _get_domain(self, today):
        method = Domain("payment_method_line_id", "=", False)
        method |= Domain("payment_method_line_id.credit_collection", "=", False)
        return super()._get_domain(today) & method
