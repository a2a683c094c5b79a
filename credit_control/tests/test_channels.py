from datetime import date

from odoo.tests import tagged

from .common_channel import ChannelContract
from .common_send import CreditSendCommon


@tagged("post_install", "-at_install")
class TestChannelEmail(ChannelContract):
    channel_xmlid = "credit_control.channel_email"


@tagged("post_install", "-at_install")
class TestChannelLetter(ChannelContract):
    channel_xmlid = "credit_control.channel_letter"


@tagged("post_install", "-at_install")
class TestChannelRegisteredLetter(ChannelContract):
    channel_xmlid = "credit_control.channel_registered_letter"


@tagged("post_install", "-at_install")
class TestChannelPhone(ChannelContract):
    channel_xmlid = "credit_control.channel_phone"


@tagged("post_install", "-at_install")
class TestChannelDecision(ChannelContract):
    channel_xmlid = "credit_control.channel_decision"
    needs_address = False


@tagged("post_install", "-at_install")
class TestReach(CreditSendCommon):
    """Whom each channel writes to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.debtor = cls.env["credit.debtor"]._ensure(cls.company, cls.customer.ids)
        cls.role = cls.env["credit.contact.role"].create({"name": "Treasurer of the test", "code": "test_treasurer"})

    def _reach(self, channel, step=None):
        return channel._get_handler()._reach(channel, self.debtor, step or self.first)[self.debtor.id]

    def _contact(self, **values):
        return self.env["res.partner"].create({"name": "Accounts", "parent_id": self.customer.id, **values})

    def test_role_goes_before_invoice_address_before_customer(self):
        self.assertEqual(self._reach(self.email).address, "exemple@example.com")
        invoice = self._contact(type="invoice", email="invoices@example.com")
        self.assertEqual(self._reach(self.email).recipient_ids, (invoice.id,))
        treasurers = self._contact(email="t1@example.com", credit_role_ids=self.role.ids) + self._contact(
            email="t2@example.com", credit_role_ids=self.role.ids
        )
        self.assertEqual(self._reach(self.email).address, "invoices@example.com")
        self.first.role_ids = self.role
        reach = self._reach(self.email)
        self.assertEqual(reach.address, "t1@example.com, t2@example.com")
        self.assertEqual(reach.recipient_ids, tuple(treasurers.ids))

    def test_role_without_address_falls_back(self):
        self._contact(credit_role_ids=self.role.ids)
        self.first.role_ids = self.role
        self.assertEqual(self._reach(self.email).address, "exemple@example.com")

    def test_blacklisted(self):
        self.env["mail.blacklist"]._add("exemple@example.com")
        reach = self._reach(self.email)
        self.assertEqual((reach.address, reach.reason), ("", "blacklisted"))

    def test_letter_needs_a_whole_address(self):
        self.assertEqual(self._reach(self.letter).address, "1 rue de la Paix · 75002 Paris · France")
        self.customer.zip = False
        self.assertEqual(self._reach(self.letter).reason, "no_contact")
        self.customer.country_id = self.env.ref("base.hk")
        self.assertFalse(self.customer.country_id.zip_required)
        self.assertFalse(self._reach(self.letter).reason)

    def test_phone_is_called_by_its_international_number(self):
        self.customer.phone = "01 42 68 53 00"
        self.assertEqual(self._reach(self.phone).address, "+33142685300")
        self.customer.phone = "call me"
        self.assertEqual(self._reach(self.phone).reason, "no_contact")

    def test_dead_address_until_it_changes(self):
        """A bounce: the step is repeated by letter; once the address is corrected, by e-mail again."""
        notice = self._new_notice()
        self._send(notice)
        notice._record_outcome("bounced", "bounce")
        self.assertEqual(self._reach(self.email).reason, "no_contact")
        repeated = self._plan(date(2024, 12, 31)).notice_ids
        self.assertEqual((repeated.channel_id, repeated.fallback_for_id), (self.letter, self.email))
        self.assertEqual(repeated.line_ids.step_id, self.first)
        self.customer.email = "corrected@example.com"
        self.assertEqual(self._reach(self.email).address, "corrected@example.com")

    def test_refused_by_a_server_for_a_while_is_not_dead(self):
        notice = self._new_notice()
        self._send(notice)
        notice._record_outcome("failed", "transport_error")
        self.assertFalse(self._reach(self.email).reason)
