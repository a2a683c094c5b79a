from datetime import date

from odoo.tests import freeze_time, tagged

from odoo.addons.credit_control.demo import customers
from odoo.addons.credit_control.demo.ledger import build
from odoo.addons.credit_control_sms.core.gsm7 import encode
from odoo.addons.credit_control_sms.demo import phones

from .common_sms import CreditSmsCommon

TODAY = date(2025, 6, 18)


@tagged("post_install", "-at_install")
@freeze_time("2025-06-18 10:00:00")
class TestSmsDemo(CreditSmsCommon):
    """The demonstration is dunned by SMS, too, through a gateway on this machine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.demo_env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        chosen = [customer for customer in customers.CUSTOMERS if customer.name in phones.MOBILES]
        with freeze_time("2025-06-18 10:00:00"):
            build(cls.demo_env, TODAY, chosen, days=100)
            phones.add_sms(cls.demo_env)

    def test_reminders_leave_by_sms(self):
        gateway = phones.use_gateway(self.demo_env, self.fake.url)
        self.assertEqual(phones.use_gateway(self.demo_env, self.fake.url), gateway)
        run = self._plan(TODAY)
        run.action_approve()
        notices = run.notice_ids.filtered(lambda notice: notice.channel_id == self.sms)
        self.assertTrue(notices)
        notices.with_user(self.collector)._send_now()
        self.assertEqual(set(notices.mapped("state")), {"sent"})
        self.assertEqual(sorted(self.fake.numbers()), sorted(notices.mapped("address")))
        for taken in self.fake.taken:
            self.assertEqual(encode(taken["text"]).parts, 1, taken["text"])
            self.assertIn(f"/credit_sms/{gateway.id}/", taken["callback"])

    def test_one_gateway_in_any_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        gateway = phones.use_gateway(self.demo_env, self.fake.url)
        gateway.active = False
        french = self.demo_env(context={**self.demo_env.context, "lang": "fr_FR"})
        again = phones.use_gateway(french, "http://127.0.0.1:1")
        self.assertEqual((again, again.active, again.url), (gateway, True, "http://127.0.0.1:1"))

    def test_who_asked_for_none_gets_none(self):
        run = self._plan(TODAY)
        stopped = run.notice_ids.filtered(lambda notice: notice.partner_id.name in phones.STOPPED)
        self.assertNotIn(self.sms, stopped.channel_id)

    def test_some_answer(self):
        phones.use_gateway(self.demo_env, self.fake.url)
        run = self._plan(TODAY)
        run.action_approve()
        notices = run.notice_ids.filtered(lambda notice: notice.channel_id == self.sms)
        notices.with_user(self.collector)._send_now()
        replies = phones.answer(self.demo_env)
        reached = set(notices.partner_id.mapped("name"))
        self.assertEqual(replies.filtered("is_stop").debtor_id.partner_id.name, "Particulier, commande 1042")
        self.assertEqual(
            {(reply.debtor_id.partner_id.name, reply.text) for reply in replies},
            {(name, text) for name, text in phones.ANSWERS if name in reached},
        )
