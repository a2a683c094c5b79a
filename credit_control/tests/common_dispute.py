from odoo import fields

from .common_send import CreditSendCommon


class CreditDisputeCommon(CreditSendCommon):
    """The customer's invoice of 1 000, a dispute owner without any other right, and what disputes need."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls._new_user("dispute_owner")
        cls.today = fields.Date.context_today(cls.owner)
        cls.price = cls.env.ref("credit_control.reason_price")
        cls.item = cls._receivable(cls.invoice)

    @classmethod
    def _open(cls, amount=0.0, item=None, **values):
        """Return a dispute of ``amount`` (0: all) of the item, opened by the collector."""
        disputes = cls.env["credit.dispute"].with_user(cls.collector).with_company(cls.company)
        return disputes._open({item or cls.item: amount}, values.pop("reason", cls.price), **values)

    def _get_open_item(self, item=None):
        open_items = self.env["credit.open.item"]
        open_items.invalidate_model()
        return open_items.search([("id", "=", (item or self.item).id)])

    def _pay(self, amount, invoice=None):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=(invoice or self.invoice).ids
        )
        wizard.create({"amount": amount, "payment_date": self.today})._create_payments()
