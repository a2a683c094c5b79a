from contextlib import contextmanager

from odoo.addons.credit_control.tests.common import CreditControlCommon

from .fake_gateway import FakeGateway

MOBILE = "+33612345678"


class CreditSmsCommon(CreditControlCommon):
    """A company with a gateway of its own, on this machine; what it takes stands in ``self.fake``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.env.ref("base.fr")
        cls.sms = cls.env.ref("credit_control_sms.channel_sms")
        cls.gateway = cls._new_gateway(cls.company)

    def setUp(self):
        super().setUp()
        self.fake = FakeGateway()
        self.fake.__enter__()
        self.addCleanup(self.fake.__exit__)
        self.gateway.url = self.fake.url

    @classmethod
    def _new_ovh(cls, company):
        """Return a gateway at OVHcloud, with the form of its answers and of its clock."""
        keys = {"application_key": "AK", "application_secret": "AS", "consumer_key": "CK"}
        return cls._new_gateway(company, provider="ovhcloud", account="sms-ab12345-1", **keys)

    @classmethod
    def _new_gateway(cls, company, **values):
        return cls.env["credit.sms.gateway"].create(
            {
                "name": f"Gateway of {company.name}",
                "company_id": company.id,
                "url": "http://127.0.0.1:9",
                "token": "Bearer very-secret",
                "sender_name": "Exemple",
                "price": 0.05,
                **values,
            }
        )

    @contextmanager
    def _other_gateway(self, company):
        """Yield a second server with the gateway of ``company`` on it."""
        with FakeGateway() as fake:
            yield fake, self._new_gateway(company, url=fake.url)

    def _queue_sms(self, count=1, company=None, body="Please pay"):
        queue = self.env["sms.sms"].with_company(company or self.company)
        sms = queue.create([{"number": f"+336123456{number:02d}", "body": body} for number in range(count)])
        return sms.with_company(self.company)

    def _process(self):
        self.env["sms.sms"]._process_queue()

    def _get_handed(self, sms):
        return self.env["credit.sms.delivery"].sudo().search([("uuid", "in", sms.mapped("uuid"))], order="id")
