from datetime import date

from odoo.addons.credit_control.tests.common import CreditControlCommon


class LedgerCommon(CreditControlCommon):
    """Ledgers to report on, and what the receivable accounts say of them."""

    def _pay(self, move, amount, day, **values):
        """Pay ``amount`` of the invoice's currency on ``day``."""
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=move.ids)
        return wizard.create({"amount": amount, "payment_date": day, **values})._create_payments()

    def _sell_in_many_ways(self):
        """Have part payments, a credit note, instalments, another currency; return the customer of the first.

        It owes 1 000 from 31 January on, due at the end of February, 400 less from 10 March, nothing from 20 May.
        """
        dollar = self.setup_other_currency("USD", rates=[("2024-01-01", 2.0), ("2025-04-01", 1.6)])
        other = self._new_customer("Atelier Nord")
        paid = self._invoice(1_000.0, date(2025, 2, 28), issued=date(2025, 1, 31), partner=other)
        self._invoice(300.0, date(2025, 3, 15), issued=date(2025, 2, 15), move_type="out_refund")
        self._invoice(800.0, False, issued=date(2025, 3, 1), invoice_payment_term_id=self.pay_terms_b.id)
        foreign = self._invoice(500.0, date(2025, 5, 1), issued=date(2025, 3, 20), currency_id=dollar.id)
        self._pay(paid, 400.0, date(2025, 3, 10))
        self._pay(paid, 600.0, date(2025, 5, 20))
        self._pay(foreign, 200.0, date(2025, 4, 10))
        return other

    def _get_booked(self, day):
        """Return what the receivable accounts amount to on ``day``: of entries alone, whatever was reconciled."""
        domain = [
            ("company_id", "=", self.company.id),
            ("account_id.account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            ("date", "<=", day),
        ]
        [(balance,)] = self.env["account.move.line"]._read_group(domain, [], ["balance:sum"])
        return round(balance, 2)
