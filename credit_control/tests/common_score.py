from datetime import date

from .common import CreditControlCommon

TODAY = date(2025, 6, 30)


class CreditScoreCommon(CreditControlCommon):
    """Customers with a history of payments, scored as of 30 June 2025 by the shipped scheme."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.engine = cls.env["credit.score.engine"].with_company(cls.company)
        cls.scheme = cls.env.ref("credit_control.score_scheme")

    @classmethod
    def _paid(cls, amount, due, on, partner=None):
        """Return an invoice that was paid whole on ``on``."""
        invoice = cls._invoice(amount, due, partner=partner, issued=min(due, on).replace(day=1))
        cls._pay(invoice, on)
        return invoice

    @classmethod
    def _pay(cls, invoices, on, **values):
        """Pay invoices on a day, as a bookkeeper does."""
        for invoice in invoices:
            register = cls.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            )
            register.create({"payment_date": on, **values})._create_payments()

    @classmethod
    def _open(cls, amount, due, partner=None):
        return cls._invoice(amount, due, partner=partner, issued=date(2024, 4, 1))

    @classmethod
    def _get_debtor(cls, partner=None):
        return cls.env["credit.debtor"]._ensure(cls.company, (partner or cls.customer).ids).sudo()

    def _measure(self, as_of=TODAY, partner=None):
        """Return the score of one customer as of a day, nothing written."""
        [customer] = self.engine._measure(self.company, self._get_debtor(partner).ids, as_of).customers
        return customer.score

    def _get_components(self, score):
        """Return ``{code: value}`` of a score as measured."""
        codes = {factor.id: factor.code for factor in self.scheme.factor_ids}
        return {codes[part.factor]: part.value for part in score.components}

    def _compute(self, as_of=TODAY, partner=None):
        """Score one customer as of a day; return the card."""
        debtor = self._get_debtor(partner)
        self.engine._compute(self.company, debtor.ids, as_of)
        return debtor

    def _promise(self, state, due=date(2025, 5, 1), partner=None):
        return self.env["credit.promise"].create(
            {
                "partner_id": (partner or self.customer).id,
                "company_id": self.company.id,
                "date": due,
                "date_recorded": due,
                "amount": 10.0,
                "state": state,
            }
        )
