from odoo import models
from odoo.fields import Domain


class CreditExposureUnallocated(models.AbstractModel):
    """Credit notes and payments that nobody matched yet: they lower the exposure."""

    _name = "credit.exposure.unallocated"
    _inherit = "credit.exposure.open.item"
    _description = "Exposure: unallocated credits"

    def _get_domain(self, today):
        return Domain("amount_residual", "<", 0)
