from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.credit_control_sms.gateways.abstract import Settings

from .common_sms import CreditSmsCommon

SECRETS = (
    "token",
    "application_key",
    "application_secret",
    "consumer_key",
    "webhook_token",
    "webhook_key",
    "webhook_url",
)
READ_ONLY = ("credit.sms.gateway", "credit.sms.sender", "credit.sms.delivery", "credit.sms.reply")


@tagged("post_install", "-at_install")
class TestSmsAccess(CreditSmsCommon):
    """Secrets are the administrators', the rest is read by those who work with it."""

    def test_secrets_are_read_by_administrators_only(self):
        for user in (self.collector, self.manager, self.reader):
            gateway = self.gateway.with_user(user)
            self.assertTrue(gateway.name)
            for name in SECRETS:
                with self.assertRaises(AccessError):
                    gateway.read([name])
            with self.assertRaises(AccessError):
                gateway.write({"name": "Mine"})
            with self.assertRaises(AccessError):
                gateway.search([("token", "like", "Bearer")])
        admin = new_test_user(self.env, "sms_admin", "base.group_system", company_id=self.company.id)
        self.assertEqual(self.gateway.with_user(admin).token, "Bearer very-secret")

    def test_secrets_are_not_exported_nor_copied(self):
        fields = self.gateway.fields_get(SECRETS, ["exportable"])
        self.assertEqual({field["exportable"] for field in fields.values()}, {False})
        copy = self.gateway.copy()
        self.assertFalse(copy.token)
        self.assertNotEqual(copy.webhook_token, self.gateway.webhook_token)

    def test_secrets_are_in_no_representation_and_no_detail(self):
        self.assertNotIn("hidden", repr(Settings(secrets={"token": "hidden"})))
        provider = self.gateway._open()
        self.assertEqual(provider._clean(b"bad key Bearer very-secret given"), "bad key *** given")

    def test_what_others_may(self):
        for name in READ_ONLY:
            for user in (self.collector, self.manager, self.reader):
                model = self.env[name].with_user(user)
                self.assertTrue(model.has_access("read"), name)
                self.assertFalse(any(model.has_access(op) for op in ("create", "write", "unlink")), name)
            plain = new_test_user(self.env, f"plain_{name}", "base.group_user", company_id=self.company.id)
            self.assertFalse(self.env[name].with_user(plain).has_access("read"), name)

    def test_companies_are_kept_apart(self):
        other = self.env["res.company"].create({"name": "Apart"})
        gateway = self._new_gateway(other)
        self.assertNotIn(gateway, self.env["credit.sms.gateway"].with_user(self.manager).search([]))
        ruled = self.env["ir.rule"].search([("groups", "=", False)]).model_id.mapped("model")
        self.assertLessEqual(set(READ_ONLY), set(ruled))
