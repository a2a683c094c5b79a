from datetime import date

from odoo.fields import Domain
from odoo.tests import tagged

from odoo.addons.credit_control_sms.core.news import read_reply

from .common_sms import MOBILE, CreditSmsCommon


@tagged("post_install", "-at_install")
class TestSmsPerson(CreditSmsCommon):
    """What SMS keep of a natural person is in the copy, and is erased with the rest."""

    def test_numbers_and_answers(self):
        person = self._new_customer("Camille Exemple", is_company=False, phone=MOBILE)
        card = self.env["credit.debtor"]._ensure(self.company, person.ids)
        sms = self.env["sms.sms"].create({"number": MOBILE, "body": "Please pay", "partner_id": person.id})
        delivery = (
            self.env["credit.sms.delivery"]
            .sudo()
            .create(
                {
                    "uuid": "u1",
                    "company_id": self.company.id,
                    "partner_id": person.id,
                    "number": MOBILE,
                    "detail": f"to {MOBILE}",
                    "sms_id": sms.id,
                    "state": "delivered",
                    "cost": 0.05,
                }
            )
        )
        reply = (
            self.env["credit.sms.reply"]
            .sudo()
            .create(
                {
                    "gateway_id": self.gateway.id,
                    "reference": "r1",
                    "number": MOBILE,
                    "text": "I am ill",
                    "debtor_id": card.id,
                }
            )
        )
        persons = self.env["credit.person"].with_user(self.manager).with_company(self.company)
        found = persons._find(person)
        self.assertEqual((found["credit.sms.delivery"], found["credit.sms.reply"]), (delivery, reply))
        persons._erase(person, "Their letter")
        self.assertFalse((reply | reply.search([("number", "=", MOBILE)])).exists())
        self.assertFalse(sms.exists())
        self.assertEqual((delivery.number, delivery.detail, delivery.cost), (False, False, 0.05))

    def test_sms_and_answers_go_when_their_notice_was_settled_long_ago(self):
        self.first.channel_ids = self.sms
        person = self._new_customer("Camille Exemple", is_company=False, phone=MOBILE)
        bill = self._invoice(1200, date(2024, 12, 1), partner=person)
        run = self._plan(date(2024, 12, 20))
        run.action_approve()
        notice = run.notice_ids
        notice.with_user(self.collector)._send_now()
        self.gateway.sudo()._take_news(read_reply("in-1", MOBILE, "I am ill"))
        handed = self.env["credit.sms.delivery"].sudo().search([("notice_id", "=", notice.id)])
        reply = self.env["credit.sms.reply"].sudo().search([("debtor_id", "=", notice.debtor_id.id)])
        self._register_payment(bill, payment_date=date(2025, 1, 15))
        # The answer is of today: it is kept for as long.
        limits = (
            (date(2025, 1, 15), MOBILE, reply),
            (date(2025, 1, 16), False, reply),
            (date(2100, 1, 1), False, reply.browse()),
        )
        for limit, number, kept in limits:
            self.env["credit.person"]._forget_settled(Domain("debtor_id", "=", notice.debtor_id.id), limit)
            self.assertEqual((handed.number, reply.exists()), (number, kept), limit)
        self.assertEqual((handed.cost, handed.state), (0.05, "sent"))
