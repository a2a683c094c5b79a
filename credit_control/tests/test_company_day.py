from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.credit_control.models.company_day import company_today

from .common_send import CreditSendCommon


@tagged("post_install", "-at_install")
class TestCompanyDay(CreditSendCommon):
    """Who asks doesn't matter: the day is the company's."""

    def _today(self, zone, country="base.fr", moment="2024-12-30 23:30:00"):
        self.company.write({"country_id": self.env.ref(country).id})
        self.company.partner_id.tz = zone
        with freeze_time(moment):
            return company_today(self.env["credit.dispute"].with_user(self.collector).with_context(tz="Asia/Tokyo"))

    def test_the_company_s_own_zone(self):
        self.assertEqual(self._today("UTC"), date(2024, 12, 30))
        self.assertEqual(self._today("Europe/Paris"), date(2024, 12, 31))
        self.assertEqual(self._today("America/New_York"), date(2024, 12, 30))

    def test_its_country_s_where_it_has_none(self):
        self.assertEqual(self._today(False), date(2024, 12, 31))
        self.assertEqual(self._today(False, "base.au", "2024-12-30 14:00:00"), date(2024, 12, 31))

    def test_what_a_person_enters_counts_for_the_sender_at_once(self):
        """Tuesday morning in Sydney is still Monday for a server that has no time zone."""
        self.company.partner_id.tz = "Australia/Sydney"
        notice = self._new_notice()
        with freeze_time("2024-12-30 22:30:00"):
            self.env["credit.dunning.pause"].with_user(self.collector).with_context(tz="Australia/Sydney").create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "date_start": "2024-12-31",
                    "reason": "Fire",
                }
            )
            self.assertFalse(self._send(notice.with_context(tz=False)))
        self.assertEqual((notice.state, notice.reason), ("cancelled", "paused"))
