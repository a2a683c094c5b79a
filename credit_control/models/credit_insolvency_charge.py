from odoo import api, models

# What changes the day on which interest stops, or whether it does.
JUDGED = frozenset({"company_id", "judgment_date", "kind", "partner_id", "result"})


class CreditInsolvencyCharge(models.AbstractModel):
    """Interest stops at the opening judgment (in France C. com. L622-28): what ran up to it is frozen."""

    _name = "credit.insolvency.charge"
    _description = "Interest in a collective procedure"

    @api.model_create_multi
    def create(self, vals_list):
        insolvencies = super().create(vals_list)
        insolvencies._freeze_charges()
        return insolvencies

    def write(self, vals):
        result = super().write(vals)
        if JUDGED & vals.keys():
            self._freeze_charges()
        return result

    def _freeze_charges(self):
        charges = self.env["credit.charge"].sudo()
        for insolvency in self:
            charges._thaw(insolvency.company_id, insolvency.partner_id)
            if insolvency.judgment_date and not insolvency.is_amicable and insolvency.result != "mistake":
                charges._freeze(insolvency.company_id, insolvency.partner_id, insolvency.judgment_date)

    def _get_claim_accessories(self):
        """Add the interest up to the judgment and the fixed sums, in company currency."""
        frozen = (
            self.env["credit.charge"]
            .sudo()
            ._read_group(
                [
                    ("partner_id", "=", self.partner_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("state", "=", "frozen"),
                ],
                ["kind"],
                ["amount_company:sum"],
            )
        )
        labels = {
            "interest": self.env._("Late-payment interest up to the judgment"),
            "fixed_sum": self.env._("Fixed sums for recovery costs"),
        }
        return [*super()._get_claim_accessories(), *((labels[kind], amount) for kind, amount in frozen if amount)]
