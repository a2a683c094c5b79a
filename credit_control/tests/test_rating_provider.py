import json
from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common_rating import TODAY, RatingCommon, fake_provider

KEY = "Bearer s3cret-token"
LOGGER = "odoo.addons.credit_control.models.credit_rating_provider"


@tagged("post_install", "-at_install")
class TestRatingProvider(RatingCommon):
    """A provider is asked over HTTP on this machine: ratings, or a clear failure; nothing else ever comes of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.company_registry = "404833048"
        cls.fake = cls.enterClassContext(fake_provider())
        cls.provider = cls.env["credit.rating.provider"].create(
            {
                "name": "Service Exemple",
                "company_id": cls.company.id,
                "agency_id": cls.agency.id,
                "url": f"{cls.fake.url}/companies/{{siren}}",
                "key": KEY,
                "value_path": "data.rating.0.grade",
                "date_path": "data.on",
                "until_path": "data.until",
                "limit_path": "data.limit",
                "timeout": 5.0,
            }
        )

    def setUp(self):
        super().setUp()
        self.fake.asked.clear()

    def _good(self, **data):
        body = {"rating": [{"grade": "B"}], "on": "2026-05-20", "until": "2026-11-20", "limit": 12500}
        return json.dumps({"data": {**body, **data}})

    def _fail(self):
        """Ask, and return the reason and the words of the failure; the log doesn't have the key."""
        with self.assertLogs(LOGGER, "WARNING") as caught:
            request = self.provider._fetch(self.customer)
        self.assertEqual((request.state, request.rating_id.id), ("failed", False))
        for text in (*caught.output, request.detail or "", request._get_sentence()):
            self.assertNotIn("s3cret", text)
        self.assertFalse(self.ratings.search([]))
        return request.reason

    def test_a_rating(self):
        self.fake.reply(self._good())
        with freeze_time(TODAY):
            request = self.provider._fetch(self.customer)
        rating = request.rating_id
        self.assertEqual((rating.value, rating.score, rating.source), ("B", 60.0, "provider"))
        self.assertEqual((rating.date, rating.date_until), (date(2026, 5, 20), date(2026, 11, 20)))
        self.assertEqual((rating.recommended_limit, rating.partner_id), (12500.0, self.customer))
        (path, headers), *others = self.fake.asked
        self.assertEqual((path, headers["Authorization"], others), ("/companies/404833048", KEY, []))

    def test_asked_twice_on_a_day_is_one_rating(self):
        with freeze_time(TODAY):
            for grade in ("B", "C"):
                self.fake.reply(self._good(rating=[{"grade": grade}]))
                self.provider._fetch(self.customer)
        self.assertEqual(self.ratings.search([]).mapped("value"), ["C"])

    def test_statuses(self):
        expected = {
            429: "rate_limited",
            401: "not_allowed",
            403: "not_allowed",
            404: "unknown_customer",
            500: "server_error",
            204: "server_error",
        }
        for status, reason in expected.items():
            self.fake.reply("" if status == 204 else KEY, status, Retry_After="120")
            self.assertEqual(self._fail(), reason)

    def test_nonsense(self):
        bodies = (
            "<html>Welcome</html>",
            b"\xff\xfe\x00",
            "",
            "[]",
            "null",
            json.dumps({"data": "B"}),
            self._good(rating=[]),
            self._good(rating=[{"grade": ["B"]}]),
            self._good(rating=[{"grade": True}]),
            self._good(on="yesterday"),
            self._good(on=20260520),
            self._good(limit=-5),
            self._good(limit="much"),
            self._good().replace("12500", "NaN"),
            self._good().replace("12500", "1e999"),
            "[" * 100_000,
        )
        for body in bodies:
            self.fake.reply(body)
            self.assertEqual(self._fail(), "nonsense", body[:60])

    def test_a_grade_that_is_not_on_the_scale(self):
        self.fake.reply(self._good(rating=[{"grade": "Z"}]))
        self.assertEqual(self._fail(), "unknown_value")

    def test_too_late(self):
        self.provider.timeout = 0.2
        self.fake.answer = lambda handler: self.fake.patience.wait(30)
        self.assertEqual(self._fail(), "timeout")

    def test_drop_by_drop(self):
        """Each byte comes in time, the answer as a whole doesn't."""
        self.provider.timeout = 0.3

        def answer(handler):
            handler.send_response(200)
            handler.end_headers()
            while not self.fake.patience.wait(0.05):
                handler.wfile.write(b" ")

        self.fake.answer = answer
        self.assertEqual(self._fail(), "timeout")

    def test_too_large(self):
        self.provider.max_kb = 1
        self.fake.reply(self._good(pad="x" * 2000))
        self.assertEqual(self._fail(), "too_large")
        self.fake.reply(self._good(), Content_Encoding="gzip")
        self.assertEqual(self._fail(), "nonsense")

    def test_nobody_there(self):
        with fake_provider() as gone:
            address = gone.url
        self.provider.url = f"{address}/{{siren}}"
        self.assertEqual(self._fail(), "unreachable")

    def test_redirections_stay_with_the_host(self):
        with fake_provider() as other:
            other.reply(self._good())
            for target in (
                f"{other.url}/x",
                "http://ratings.example.com/x",
                "file:///etc/passwd",
                "http://[",
                "//x:y/",
            ):
                self.fake.reply("", 302, Location=target)
                self.assertEqual(self._fail(), "redirected", target)
            self.assertFalse(other.asked, "the key stays with its host")
        self.fake.reply("", 302, Location="/again")
        self.assertEqual(self._fail(), "redirected")
        self.assertLess(len(self.fake.asked), 12)

    def test_one_redirection_on_the_same_host(self):
        good = self._good()

        def answer(handler):
            if handler.path == "/moved":
                self.fake.reply(good)
                return self.fake.answer(handler)
            handler.send_response(301)
            handler.send_header("Location", "/moved")
            handler.send_header("Content-Length", "0")
            return handler.end_headers()

        self.fake.answer = answer
        with freeze_time(TODAY):
            self.assertEqual(self.provider._fetch(self.customer).state, "done")

    def test_nothing_is_asked_without_the_number(self):
        self.customer.company_registry = False
        self.assertEqual(self._fail(), "no_identifier")
        self.assertFalse(self.fake.asked)

    def test_names_are_quoted(self):
        self.customer.name = "../admin?x=1&y=/é"
        self.provider.url = f"{self.fake.url}/by-name/{{name}}"
        self.fake.reply(self._good())
        self.provider._fetch(self.customer)
        self.assertEqual(self.fake.asked[0][0], "/by-name/..%2Fadmin%3Fx%3D1%26y%3D%2F%C3%A9")

    def test_nothing_leaves_a_neutralized_database(self):
        self.env["ir.config_parameter"].sudo().set_param("database.is_neutralized", "true")
        self.assertEqual(self._fail(), "neutralized")
        self.assertFalse(self.fake.asked)

    def test_a_handler_that_breaks(self):
        self.patch(type(self.env["credit.rating.provider.json"]), "_ask", lambda *args: 1 / 0)
        self.assertEqual(self._fail(), "error")

    def test_addresses(self):
        for url in (
            "http://ratings.example.com/{siren}",
            "ftp://ratings.example.com/{siren}",
            "https://user:pass@ratings.example.com/{siren}",
            "https://{name}.example.com/",
            "https://ratings.example.com/{key}",
            "https://ratings.example.com/{vat.__class__}",
            "https://ratings.example.com/{siren",
            "https://[/{siren}",
        ):
            with self.assertRaises(ValidationError, msg=url), self.cr.savepoint():
                self.provider.url = url
        self.provider.url = "https://ratings.example.com/{country}/{siren}"
        with self.assertRaisesRegex(ValidationError, "res.partner"):
            self.provider.handler = "res.partner"

    def test_the_key_is_for_administrators(self):
        for user in (self.collector, self.manager):
            provider = self.provider.with_user(user)
            self.assertEqual(provider.read(["name"])[0]["name"], "Service Exemple")
            for act in (
                lambda p=provider: p.key,
                lambda p=provider: p.read(["key"]),
                lambda p=provider: p.write({"url": "x"}),
            ):
                with self.assertRaises(AccessError):
                    act()
        administrator = new_test_user(
            self.env,
            "rating_admin",
            "base.group_system,credit_control.group_manager",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.assertEqual(self.provider.with_user(administrator).key, KEY)
        self.assertFalse(self.provider.copy().key)

    def test_by_the_button(self):
        self.fake.reply(self._good())
        customer = self.customer.with_user(self.collector).with_company(self.company)
        with freeze_time(TODAY):
            said = customer.action_fetch_credit_rating()["params"]
        self.assertEqual((said["type"], said["message"]), ("success", "Service Exemple: B"))
        request = self.env["credit.rating.request"].with_user(self.collector).search([])
        self.assertEqual((request.user_id, request.partner_id), (self.collector, self.customer))
        self.fake.reply("", 429)
        with mute_logger(LOGGER):
            said = customer.action_fetch_credit_rating()["params"]
        self.assertEqual(said["type"], "warning")
        self.assertIn("too often", said["message"])
        with self.assertRaises(AccessError):
            self.customer.with_user(self.reader).with_company(self.company).action_fetch_credit_rating()

    def test_without_a_provider(self):
        self.provider.active = False
        said = self.customer.with_user(self.collector).with_company(self.company).action_fetch_credit_rating()["params"]
        self.assertIn("No rating provider", said["message"])

    def test_stale_ones_are_renewed_at_night(self):
        """Two stale customers and a fresh one: the stale ones are asked for, once a night."""
        self.provider.refresh = True
        self.agency.validity_days = 30
        north = self._new_customer("Atelier Nord", company_registry="303265045")
        fresh = self._new_customer("Atelier Sud", company_registry="542065479")
        self._rate("B", date(2026, 1, 1))
        self._rate("B", date(2026, 1, 2), partner=north)
        self._rate("B", date(2026, 5, 20), partner=fresh)
        self.fake.reply(self._good(on="2026-05-31", until=None))
        with freeze_time(TODAY), self.enter_registry_test_mode():
            for _night in range(2):
                self.env.ref("credit_control.cron_rating_refresh").sudo().method_direct_trigger()
        paths = [path for path, _headers in self.fake.asked]
        self.assertEqual(paths, ["/companies/404833048", "/companies/303265045"])

    def test_a_night_stops_where_asking_on_makes_no_sense(self):
        self.provider.refresh = True
        self.agency.validity_days = 30
        self._rate("B", date(2026, 1, 1))
        self._rate("B", date(2026, 1, 2), partner=self._new_customer("Atelier Nord", company_registry="303265045"))
        self.fake.reply("", 429)
        with freeze_time(TODAY), self.enter_registry_test_mode(), mute_logger(LOGGER):
            self.env.ref("credit_control.cron_rating_refresh").sudo().method_direct_trigger()
        self.assertEqual(len(self.fake.asked), 1)
