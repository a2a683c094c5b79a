from odoo import models

from ..models.derived_key import DerivedMany2one


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging customers: what hangs on the one that goes follows to the one that stays."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _get_fk_on(self, table):
        """Return the columns that refer to ``table``, those that the database doesn't check too."""
        return super()._get_fk_on(table) + [
            (model._table, field.name)
            for model in self.env.values()
            if model._auto and not model._abstract
            for field in model._fields.values()
            if isinstance(field, DerivedMany2one) and field.store and self.env[field.comodel_name]._table == table
        ]
