from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from .common import CreditControlCommon


class ExposureCommon(CreditControlCommon):
    """Invoices due later or late as of today, and the exposure that they make."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.salesperson = cls._new_user("salesperson")
        cls.customer.user_id = cls.salesperson

    @classmethod
    def _day(cls, days):
        return cls.today + timedelta(days=days)

    @classmethod
    def _owe(cls, amount, days=30, partner=None, **values):
        """Return a posted invoice of ``amount`` that is due in ``days`` days, negative: since."""
        due = cls._day(days)
        issued = min(cls.today, due) - timedelta(days=30)
        return cls._invoice(amount, due, partner=partner, issued=issued, **values)

    def _exposure(self, partner=None):
        """Return the exposure that a reader sees on the customer."""
        partner = (partner or self.customer).with_user(self.reader).with_company(self.company)
        partner.invalidate_recordset()
        return partner.credit_exposure

    def _rows(self, partner=None, **values):
        domain = [("partner_id", "=", (partner or self.customer).id)]
        domain += [(name, "=", value) for name, value in values.items()]
        return self.env["credit.exposure"].search(domain)

    @classmethod
    def _draft(cls, amount, partner=None, **values):
        """Return an invoice that isn't posted."""
        return cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (partner or cls.customer).id,
                "invoice_date": cls.today,
                "invoice_date_due": cls._day(30),
                "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create({"name": "Flour", "price_unit": amount, "tax_ids": []})],
                **values,
            }
        )
