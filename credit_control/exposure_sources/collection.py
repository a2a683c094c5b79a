from odoo import models
from odoo.fields import Domain


class CreditExposureCollections(models.AbstractModel):
    """Direct debits and bills handed to the bank: they may come back, so they are risked until the money is there."""

    _name = "credit.exposure.collection"
    _inherit = "credit.exposure.payment"
    _description = "Exposure: collections under way"

    def _get_domain(self, today):
        return super()._get_domain(today) & Domain("payment_method_line_id.credit_collection", "!=", False)
