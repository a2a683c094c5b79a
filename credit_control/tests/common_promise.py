from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command

from .common import CreditControlCommon

# The day on which these stories are told: what is written here happened in that month.
MARCH = "2025-03-"


def day(number):
    """Return that day of March 2025."""
    return fields.Date.to_date(f"{MARCH}{number:02}")


class CreditPromiseCommon(CreditControlCommon):
    """A customer with an invoice of 2 000 that was due on 1 February 2025, told in March 2025."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._invoice(2000.0, "2025-02-01")
        cls.item = cls._receivable(cls.invoice)

    def at(self, number):
        """Return the context in which it is that day of March 2025."""
        return freeze_time(f"{MARCH}{number:02} 10:00:00")

    def _promise(self, amount=2000.0, on=10, recorded=1, items=None, **values):
        """Return the promise of ``amount`` for a day of March, recorded on another."""
        return self.env["credit.promise"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "amount": amount,
                "date": day(on),
                "date_recorded": day(recorded),
                "move_line_ids": [Command.set((self.item if items is None else items).ids)],
                **values,
            }
        )

    def _declare(self, amount=2000.0, days=9, items=None, user=None, **values):
        """Declare a promise ``days`` ahead, as a collector does."""
        promises = self.env["credit.promise"].with_user(user or self.collector).with_company(self.company)
        items = (self.item if items is None else items).with_env(promises.env)
        date = fields.Date.context_today(promises) + timedelta(days=days)
        return promises._declare(self.customer, items, amount, date, **values)

    def _pay(self, move, amount, number, **values):
        """Register a payment dated that day of March, by Odoo's own wizard."""
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=move.ids)
        return wizard.create({"amount": amount, "payment_date": day(number), **values})._create_payments()

    def _credit(self, amount, number, move=None):
        """Credit a part of an invoice by a credit note of that day."""
        note = self._invoice(amount, day(number), issued=day(number), move_type="out_refund")
        (self._receivable(move or self.invoice) + self._receivable(note)).reconcile()
        return note

    def _evaluate(self, number):
        """Let the nightly jobs run on that day of March."""
        with self.at(number):
            self.env["credit.promise"]._cron_evaluate()
            self.env["credit.payment.plan"]._cron_remind()
