from datetime import date

from .common import CreditControlCommon

TODAY = date(2026, 6, 1)


class InsuranceCommon(CreditControlCommon):
    """A company insured at 90 % from 1 January 2026, and guarantees on its customer by the collector's hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.insurer = cls.env["res.partner"].create({"name": "Assureur Exemple", "is_company": True})
        cls.insurance = cls._new_insurance()
        cls.facts = cls.env["credit.insurance.guarantee"]

    @classmethod
    def _new_insurance(cls, **values):
        policy = cls.env["credit.insurance.policy"].create(
            {
                "name": "Domestic",
                "insurer_id": cls.insurer.id,
                "company_id": cls.company.id,
                "currency_id": cls.company.currency_id.id,
                "date_from": date(2026, 1, 1),
                "date_to": date(2026, 12, 31),
                "user_id": cls.collector.id,
                **values,
            }
        )
        policy.action_activate()
        return policy

    @classmethod
    def _request(cls, amount=40000.0, partner=None, policy=None, **values):
        """Return a request of the collector."""
        return (
            cls.env["credit.insurance.guarantee"]
            .with_user(cls.collector)
            .create(
                {
                    "policy_id": (policy or cls.insurance).id,
                    "partner_id": (partner or cls.customer).id,
                    "amount_requested": amount,
                    "date_requested": date(2026, 1, 5),
                    **values,
                }
            )
        )

    @classmethod
    def _answer(cls, guarantee, answer="grant", day=date(2026, 2, 1), **values):
        """Record what the insurer said, and return what is in force then."""
        wizard = cls.env["credit.insurance.answer"].with_user(cls.collector)
        wizard.create({"guarantee_id": guarantee.id, "answer": answer, "date": day, **values}).action_apply()
        return guarantee.search([("previous_id", "=", guarantee.id)], limit=1) or guarantee

    @classmethod
    def _grant(cls, amount=40000.0, day=date(2026, 2, 1), partner=None, **values):
        request = cls._request(amount, partner=partner, **values)
        return cls._answer(request, day=day, amount=amount, date_to=values.get("date_to", False))

    def _covers(self, day=TODAY, partner=None):
        """Return ``[(amount, quota)]`` of the covers of a day."""
        partner = partner or self.customer
        covers = self.facts._get_covers(self.company, partner.ids, day).get(partner.id, ())
        return [(cover.amount, cover.quota) for cover in covers]

    def _split(self, exposure, day=TODAY, partner=None):
        """Return what is insured, and what isn't."""
        partner = partner or self.customer
        split = self.facts._get_insured(self.company, {partner.id: exposure}, day)[partner.id]
        return split.insured, split.uninsured

    def _refusal(self, day=TODAY, partner=None):
        partner = partner or self.customer
        refusal = self.facts._get_refusals(self.company, partner.ids, day).get(partner.id)
        return refusal and (refusal.state, refusal.since)
