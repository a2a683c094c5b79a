from odoo import models
from odoo.fields import Domain


class CreditExposureOverdue(models.AbstractModel):
    """Posted receivables past their due date."""

    _name = "credit.exposure.overdue"
    _inherit = "credit.exposure.open.item"
    _description = "Exposure: receivables overdue"

    def _get_domain(self, today):
        return Domain("amount_residual", ">", 0) & Domain("days_overdue", ">", 0)
