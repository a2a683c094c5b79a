import logging

import psycopg2

from odoo.exceptions import AccessError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.credit_control.tests.common_access import NOBODY, READ, AccessCommon, AccessMatrix, AccessMatrixHttp
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
    "url",
    "body",
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

    def test_no_call_from_outside_tells_a_secret(self):
        """Of whatever kind, nor by the way of another record."""
        # Else nothing could be exported anyway.
        self.manager.group_ids += self.env.ref("base.group_allow_export")
        sms = self._queue_sms()
        self._process()
        handed, domain = self._get_handed(sms), [("id", "=", self.gateway.id)]
        for name in SECRETS:
            spec = {name: {}}
            calls = (
                ("credit.sms.gateway", "read", [self.gateway.ids, [name]], {}),
                ("credit.sms.gateway", "web_read", [self.gateway.ids, spec], {}),
                ("credit.sms.gateway", "search_read", [domain, [name]], {}),
                ("credit.sms.gateway", "web_search_read", [domain, spec], {}),
                ("credit.sms.gateway", "search_count", [[(name, "like", "s")]], {}),
                ("credit.sms.gateway", "search", [domain], {"order": name}),
                ("credit.sms.gateway", "formatted_read_group", [domain, [name], ["__count"]], {}),
                ("credit.sms.gateway", "onchange", [self.gateway.ids, {}, [], spec], {}),
                ("credit.sms.gateway", "export_data", [self.gateway.ids, [name]], {}),
                ("credit.sms.gateway", "copy", [self.gateway.ids], {}),
                ("credit.sms.delivery", "web_read", [handed.ids, {"gateway_id": {"fields": spec}}], {}),
                ("credit.sms.delivery", "search_count", [[(f"gateway_id.{name}", "like", "s")]], {}),
                ("credit.sms.delivery", "export_data", [handed.ids, [f"gateway_id/{name}"]], {}),
            )
            for model, method, args, kwargs in calls:
                with self.subTest(name=name, model=model, method=method):
                    self._assert_told_nothing(self.env[model].with_user(self.manager), method, args, kwargs)

    def _assert_told_nothing(self, model, method, args, kwargs):
        try:
            with self.cr.savepoint():
                told = call_kw(model, method, args, kwargs)
        except (AccessError, ValueError) as error:
            for secret in ("very-secret", self.gateway.webhook_token, self.fake.url):
                self.assertNotIn(secret, str(error))
        else:
            self.fail(f"It was answered: {told}")

    def test_other_administrators_of_the_addon_set_no_secret(self):
        for name in ("token", "webhook_token", "url"):
            with self.assertRaises(AccessError):
                self.gateway.with_user(self.manager).write({name: "https://127.0.0.1"})

    def test_secrets_are_not_exported_nor_copied(self):
        fields = self.gateway.fields_get(SECRETS, ["exportable"])
        self.assertEqual({field["exportable"] for field in fields.values()}, {False})
        sender = self.env["credit.sms.sender"].create(
            {"gateway_id": self.gateway.id, "country_id": self.env.ref("base.fr").id}
        )
        for name in SECRETS:
            with self.assertRaises(AccessError):
                self.gateway.export_data(["name", name])
            with self.assertRaises(AccessError):
                sender.export_data([f"gateway_id/{name}"])
        self.assertEqual(self.gateway.export_data(["name"])["datas"], [[self.gateway.name]])
        copy = self.gateway.copy()
        self.assertFalse(copy.token)
        self.assertNotEqual(copy.webhook_token, self.gateway.webhook_token)

    def test_secrets_are_in_no_representation_and_no_detail(self):
        self.assertNotIn("hidden", repr(Settings(secrets={"token": "hidden"})))
        provider = self.gateway._open()
        self.assertEqual(provider._clean(b"bad key Bearer very-secret given"), "bad key *** given")

    def test_a_query_that_fails_logs_no_secret(self):
        """Odoo logs the values of a statement that the database refuses."""
        for values in (
            {"connections": 100, "token": "very-secret-1"},
            {"price": -1, "webhook_key": "very-secret-1"},
            {"name": False, "token": "very-secret-1", "body": '{"key": "very-secret-2"}'},
        ):
            for write in (self.gateway.write, lambda values: self._new_gateway(self.company, **values)):
                with (
                    self.assertLogs("odoo.sql_db", logging.ERROR) as caught,
                    self.assertRaises(psycopg2.IntegrityError),
                    self.cr.savepoint(),
                ):
                    write(values)
                self.assertNotIn("very-secret", "".join(caught.output))
                self.env.invalidate_all()

    def test_a_key_that_was_copied_badly(self):
        for value in ("line\nbreak", "kéy", "tab\t"):
            with self.assertRaises(ValidationError) as caught:
                self.gateway.token = value
            self.assertNotIn(value, str(caught.exception))

    @mute_logger("odoo.addons.credit_control_sms.models.credit_sms_gateway")
    def test_chatter_holds_no_secret(self):
        self.gateway.write({"token": "very-secret-2", "webhook_key": "very-secret-3"})
        self.gateway.action_renew_webhook()
        self.env.flush_all()
        texts = "".join(str(message.read()) for message in self.gateway.message_ids)
        self.assertNotIn("very-secret", texts)

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
        own = {name for name in self.env.registry.models if self.env[name]._original_module == "credit_control_sms"}
        stored = {name for name in own if not self.env[name]._abstract}
        internal = {"credit.sms.early.report", "credit.sms.secret"}
        self.assertEqual(stored, {*READ_ONLY, *internal}, "a new model says here who may do what")
        self.assertLessEqual(stored, set(ruled))
        self.assertFalse(self.env["credit.sms.early.report"].with_user(self.manager).has_access("read"))
        admin = new_test_user(self.env, "sms_admin", "base.group_system", company_id=self.company.id)
        self.assertFalse(self.env["credit.sms.secret"].with_user(admin).has_access("read"))


class OwnModels(AccessCommon):
    """The models of this addon; those with secrets are nobody's."""

    addon = "credit_control_sms"
    expected = dict.fromkeys(READ_ONLY, READ) | {"credit.sms.early.report": NOBODY, "credit.sms.secret": NOBODY}


@tagged("post_install", "-at_install")
class TestSmsMatrix(OwnModels, AccessMatrix):
    """Who may do what with each model and method of this addon."""


@tagged("post_install", "-at_install")
class TestSmsMatrixHttp(OwnModels, AccessMatrixHttp):
    """The same over the wire."""
