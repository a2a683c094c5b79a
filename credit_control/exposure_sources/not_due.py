from odoo import models
from odoo.fields import Domain


class CreditExposureNotDue(models.AbstractModel):
    """Posted receivables that aren't late: the due day itself isn't."""

    _name = "credit.exposure.not.due"
    _inherit = "credit.exposure.open.item"
    _description = "Exposure: receivables not due"

    def _get_domain(self, today):
        return Domain("amount_residual", ">", 0) & Domain("days_overdue", "<=", 0)
