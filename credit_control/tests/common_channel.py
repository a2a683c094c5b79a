from datetime import date

from odoo.addons.credit_control.channels.abstract import Content, Outcome, Reach

from .common_send import CreditSendCommon


class ChannelContract(CreditSendCommon):
    """What every channel keeps. The test of yours inherits from this class and names its ``channel_xmlid``.

    Override ``_prepare_reachable`` and ``_prepare_unreachable`` where your channel needs more
    than an e-mail address, a postal address and a phone number.
    """

    channel_xmlid = None
    # A customer may be out of reach through this channel.
    needs_address = True
    allow_inherited_tests_method = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.channel_xmlid:
            cls.channel = cls.env.ref(cls.channel_xmlid)
            cls.handler = cls.channel._get_handler()

    def setUp(self):
        super().setUp()
        if not self.channel_xmlid:
            self.skipTest("The contract itself is tested by those who keep it")

    def _prepare_reachable(self, partner):
        """Give ``partner`` what the channel needs."""
        partner.phone = "+33 1 42 68 53 00"

    def _prepare_unreachable(self, partner):
        """Take from ``partner`` what the channel needs."""
        partner.write({"phone": False, "email": False, "street": False, "city": False, "zip": False})

    def _get_debtor(self, partner):
        return self.env["credit.debtor"]._ensure(self.company, partner.ids)

    def _get_contract_notice(self):
        self._prepare_reachable(self.customer)
        self._invoice(500, date(2024, 12, 1))
        self.first.channel_ids = self.channel
        [notice] = self._plan(date(2024, 12, 20)).notice_ids
        self.assertEqual(notice.channel_id, self.channel)
        return notice

    def test_reach_names_every_debtor(self):
        """Each debtor is answered, with an address or with a reason, never with both."""
        other = self._new_customer("Atelier Exemple")
        self._prepare_reachable(self.customer)
        self._prepare_unreachable(other)
        debtors = self._get_debtor(self.customer + other)
        reaches = self.handler._reach(self.channel, debtors, self.first)
        self.assertEqual(set(reaches), set(debtors.ids))
        for reach in reaches.values():
            self.assertIsInstance(reach, Reach)
            self.assertNotEqual(bool(reach.address), bool(reach.reason))

    def test_reach_of_the_unreachable(self):
        """Who can't be reached is told so by a reason code."""
        if not self.needs_address:
            self.skipTest("This channel reaches everybody")
        self._prepare_unreachable(self.customer)
        debtor = self._get_debtor(self.customer)
        self.assertEqual(self.handler._reach(self.channel, debtor, self.first)[debtor.id].reason, "no_contact")

    def test_reach_asks_once_for_all(self):
        """The number of queries doesn't grow with the number of debtors."""
        partners = self.customer.browse()
        for number in range(12):
            partners += self._new_customer(f"Client Exemple{number}", phone="+33142685300")
        few, many = self._get_debtor(partners[:2]), self._get_debtor(partners)
        self._count_queries(few)
        self.assertEqual(self._count_queries(few), self._count_queries(many))

    def _count_queries(self, debtors):
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        self.handler._reach(self.channel, debtors, self.first)
        return self.env.cr.sql_log_count - start

    def test_send_says_what_became_of_it(self):
        """A notice that was handed over has an outcome that the state machine knows."""
        notice = self._get_contract_notice().sudo()
        with self.catch_mail():
            content = self.handler._render(notice)[notice.id]
            self.assertIsInstance(content, Content)
            reach = self.handler._reach(self.channel, notice.debtor_id, notice.step_id)[notice.debtor_id.id]
            notice._freeze(content, reach)
            self.handler._prepare(notice, content)
            outcome = self.handler._send(notice)
        self.assertIsInstance(outcome, Outcome)
        self.assertIn(outcome.state, ("sent", "failed", "uncertain", "queued"))
