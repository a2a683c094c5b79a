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
        if not JUDGED & vals.keys():
            return super().write(vals)
        before = self._get_judged_customers()
        result = super().write(vals)
        self._freeze_customers(before | self._get_judged_customers())
        return result

    def _get_judged_customers(self):
        return {(insolvency.company_id, insolvency.partner_id) for insolvency in self}

    def _freeze_charges(self):
        self._freeze_customers(self._get_judged_customers())

    @api.model
    def _freeze_customers(self, customers):
        """Freeze anew what (company, customer) bore up to each judgment, the first one first.

        All procedures of a customer together: what was bound by an earlier one stays so when a later one is recorded.
        """
        self.env["credit.insolvency"].flush_model(JUDGED)
        charges = self.env["credit.charge"].sudo()
        judgments = self.env["credit.charge.engine"]._query_judgments([partner.id for _company, partner in customers])
        for company, partner in customers:
            charges._thaw(company, partner)
            own = {row[2] for row in judgments if row[:2] == (partner.id, company.id)}
            for judged in sorted(own):
                charges._freeze(company, partner, judged)

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
