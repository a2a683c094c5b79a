from odoo import api, models

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

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Merge the customers' cards first: core would delete rows of which there may be one, and stop at others."""
        target = dst_partner.commercial_partner_id
        merge = self.env["credit.debtor.merge"].sudo().with_context(active_test=False)
        customers = src_partners.filtered(lambda partner: partner == partner.commercial_partner_id)
        # Where several have what there may be one of, core takes that of the largest id.
        for source in customers.sorted("id", reverse=True):
            merge._merge(source, target)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        merge._check_lawful(target)
        merge._judge(target)
        return result

    @api.model
    def _update_values(self, src_partners, dst_partner):
        """Keep the credit limit as it was decided: core takes the other's where it is zero."""
        result = super()._update_values(src_partners, dst_partner.with_context(credit_keeps_limit=True))
        self.env["credit.limit"].sudo()._hold_again(dst_partner.commercial_partner_id)
        return result
