import json
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import JsonRpcException, new_test_user, tagged
from odoo.tools import json_default, mute_logger

from ..core import allowance
from ..core.ticket import Ticket, read
from ..models.credit_customer_link import CreditCustomerLink
from .common_portal import ROOT, PortalCommon
from .test_access import EXPECTED

SCRIPT = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'{{7*7}}${7*7}<t t-out=\"1\"/>javascript:alert(1)"
KINDS = ("paid", "promise", "dispute")
# Tables whose rows a look at a page leaves alone: all of ours, and what ours would touch.
WATCHED = ("account_move", "account_move_line", "mail_message", "mail_activity", "mail_followers", "res_partner")


@tagged("post_install", "-at_install")
class TestPortalAttacks(PortalCommon):
    """Three customers who try each other's ids and links, and strangers who try everything else."""

    def setUp(self):
        super().setUp()
        # How often is tested by itself.
        self.unlimited = self._lift_limits()

    def _get_routes(self):
        """Return ``[(path with placeholders, names of its arguments, methods)]`` of all pages of the statement."""
        rules = self.env["ir.http"].routing_map().iter_rules()
        routes = [
            (rule.rule, sorted(rule.arguments), rule.methods & {"GET", "POST"})
            for rule in rules
            if rule.rule.startswith(ROOT)
        ]
        self.assertGreater(len(routes), 15)
        return routes

    def _fill(self, rule, values):
        """Return the path of ``rule`` with its placeholders filled."""
        for name, value in values.items():
            for converter in ("int", "string"):
                rule = rule.replace(f"<{converter}:{name}>", str(value))
        self.assertNotIn("<", rule, "an argument that this test doesn't know: say here what would be another's")
        return rule

    def _foreign_values(self, mine):
        """Return ``{argument: values}`` that must open nothing to who belongs to ``mine``."""
        other_company = self.setup_other_company()["company"]
        tokens = []
        for customer in self.customers:
            token = self._link(customer).rpartition("/")[2]
            tokens += self._forge(token, customer, [other for other in self.customers if other is not customer])
        return {
            "company_id": [other_company.id, 0, 99_999_999, 2**70],
            "debtor_id": [*(customer["debtor"].id for customer in self.customers), 99_999_999, 2**70],
            "token": tokens,
        }

    def _forge(self, token, customer, others):
        """Return tokens made of a true one: changed, cut, lengthened, put together from two, of the wrong key."""
        ticket, signature = read(token)
        head, _dash, _signature = token.rpartition("-")
        fields_of = {"debtor_id": ticket.debtor_id, "contact_id": ticket.contact_id, "expires_on": ticket.expires_on}
        made = [
            token[:-1] + ("a" if token[-1] != "a" else "b"),
            token[:-2],
            token + "a",
            head,
            head + "-" + "a" * 26,
            "%00" + token,
            token.replace("-", "--", 1),
            "0-0-0-" + signature,
            "..%2f" + token,
            Ticket(**{**fields_of, "expires_on": ticket.expires_on + timedelta(days=1)}).to_token(b"")[:-26]
            + signature,
            Ticket(**fields_of).to_token(b""),
            Ticket(**{**fields_of, "debtor_id": 99_999_999}).to_token(b""),
        ]
        for other in others:
            for changed in ({"debtor_id": other["debtor"].id}, {"contact_id": other["contact"].id}):
                forged = Ticket(**{**fields_of, **changed})
                made.append(forged.to_token(b"")[:-26] + signature)
                made.append(forged.to_token(customer["debtor"]._get_portal_key()) if "debtor_id" in changed else head)
        return made

    # -- each route × each foreign id -----------------------------------------------------

    @mute_logger("odoo.http")
    def test_foreign_ids_open_nothing(self):
        """The same page for what is another's, what was made up and what isn't there."""
        foreign = self._foreign_values(self.one)
        self._log_in(self.one)
        form = self._way(self.one)
        nothing = self._text(self._get(f"{ROOT}/99999999"))
        secrets = [move.name for customer in self.customers for move in customer["moves"]]
        secrets += [customer["partner"].name for customer in (self.two, self.three)]
        tried = 0
        for rule, arguments, methods in self._get_routes():
            for name in {"company_id", "debtor_id", "token"}.intersection(arguments):
                for value in foreign[name]:
                    path = self._fill(rule, {name: value, **({"kind": "promise"} if "kind" in arguments else {})})
                    for method in methods:
                        send = (
                            self._get if method == "GET" else lambda path: self._post(path, self._all_data(), form=form)
                        )
                        response = send(path)
                        self.assertEqual(response.status_code, 404, f"{method} {path}")
                        found = [secret for secret in secrets if secret in response.text]
                        self.assertFalse(found, f"{method} {path}")
                        if "There is nothing here" in response.text:
                            self.assertEqual(self._text(response), nothing)
                        tried += 1
        self.assertGreater(tried, 400)
        self.assertFalse(
            self._promises()
            or self._disputes()
            or self.env["mail.activity"].search(
                [("res_model", "=", "credit.debtor"), ("res_id", "in", [c["debtor"].id for c in self.customers])]
            )
        )

    def _all_data(self):
        """Return a form that would do for any answer in the name of the second customer."""
        return {**self._dispute_data(self.two), **self._paid_data(self.two), **self._promise_data(self.two)}

    @mute_logger("odoo.http")
    def test_public_without_a_link_is_asked_to_log_in(self):
        """Whatever the id, and whether it exists."""
        self._log_in()
        for rule, arguments, methods in self._get_routes():
            if "token" in arguments:
                continue
            for value in (self.company.id, self.debtor.id, 99_999_999):
                path = self._fill(rule, dict.fromkeys(arguments, value) | {"kind": "promise"})
                for method in methods:
                    send = self._get if method == "GET" else lambda path: self._post(path, self._all_data())
                    response = send(path)
                    self.assertEqual(response.status_code, 303, f"{method} {path}")
                    self.assertIn("/web/login", response.headers["Location"])

    @mute_logger("odoo.http")
    def test_forms_sent_to_any_address_are_no_error(self):
        """Also to one that isn't there but begins with one that is; Odoo draws its page of that with two languages."""
        self._log_in(self.one)
        form, link = self._way(self.one), self._link(self.one)
        for path in (ROOT, form, link, f"{link}/thanks/paid"):
            for sent, status in ((path, (200, 303)), (f"{path}/%3F/dispute", (404,))):
                response = self._post(sent, self._promise_data(self.one), form=form)
                self.assertIn(response.status_code, status, sent)
        self.assertFalse(self._promises() or self._disputes())

    def test_each_customer_sees_only_its_own(self):
        for customer in self.customers:
            self._log_in(customer)
            theirs = [self._way(customer, suffix) for suffix in ("", "/statement.pdf", "/paid", "/promise", "/dispute")]
            self._log_in(customer)
            for path in theirs + [path.replace(self._way(customer), self._link(customer)) for path in theirs]:
                text = self._get(path).text.replace("<wbr/>", "").replace("<wbr>", "")
                self.assertIn(customer["moves"][0].name, text, path)
                for other in self.customers:
                    if other is not customer:
                        self.assertNotIn(other["moves"][0].name, text, path)
                        self.assertNotIn(other["partner"].name, text, path)

    def test_link_opens_its_own_customer_whoever_is_logged_in(self):
        self._log_in(self.two)
        text = self._get(self._link(self.one)).text
        self.assertIn(self.one["moves"][0].name, text)
        self.assertNotIn(self.two["moves"][0].name, text)

    @mute_logger("odoo.http")
    def test_foreign_items_are_not_there(self):
        """By login and by link: another's item is answered as one that doesn't exist, and nothing is recorded."""
        for way in (self._way(self.one), self._link(self.one)):
            self._log_in(self.one if way == self._way(self.one) else None)
            answers = {}
            for item in (self.two["items"][0], 99_999_999):
                for kind in KINDS:
                    data = {**getattr(self, f"_{kind}_data")(self.one), "item": [item, self.one["items"][0]]}
                    response = self._post(f"{way}/{kind}", data)
                    self.assertEqual(response.status_code, 422)
                    answers.setdefault(kind, set()).add(self._text(response))
                for act in ("pdf", "pay", "page", ""):
                    response = self._post(f"{way}/document", {"item": item, "act": act}, form=way)
                    self.assertEqual(response.status_code, 404)
                    answers.setdefault(act, set()).add(self._text(response))
            self.assertTrue(all(len(found) == 1 for found in answers.values()), answers)
            asked, nothing = (
                self._text(self._get(f"{way}/dispute?item={item}")) for item in (self.two["items"][0], 99_999_999)
            )
            self.assertEqual(asked, nothing)
            self.assertNotIn(self.two["moves"][0].name, asked)
        self.assertFalse(self._promises() or self._disputes() or self.debtor.activity_ids)

    # -- links ------------------------------------------------------------------------------

    def test_expired_link(self):
        self.company.credit_portal_link_days = 10
        link = self._link(self.one)
        ticket, _signature = read(link.rpartition("/")[2])
        self.assertEqual(ticket.expires_on, self.today + timedelta(days=10))
        token = link.rpartition("/")[2]
        debtors = self.env["credit.debtor"]
        for days, opens in ((10, True), (11, False)):
            with freeze_time(fields.Datetime.now() + timedelta(days=days)):
                self.assertEqual(bool(debtors._find_by_portal_token(token)[0]), opens, days)

    def test_link_of_a_card_without_secret(self):
        """A card whose secret is gone is opened by no link, not even one that is signed without."""
        self.env.cr.execute("UPDATE credit_debtor SET portal_secret = NULL WHERE id = %s", [self.debtor.id])
        self.debtor.invalidate_recordset()
        ticket = Ticket(self.debtor.id, self.one["contact"].id, self.today)
        token = ticket.to_token(self.debtor._get_portal_key())
        self.assertFalse(self.env["credit.debtor"]._find_by_portal_token(token)[0])

    def test_links_differ(self):
        """Each customer and each contact has links of its own; what is signed is the company too."""
        tokens = {self._link(customer) for customer in self.customers}
        tokens.add(self._link(self.one, contact=self.one["partner"]))
        self.assertEqual(len(tokens), 4)
        other = self.setup_other_company()["company"]
        card = self.env["credit.debtor"]._ensure(other, self.one["partner"].ids)
        self.assertNotEqual(card._get_portal_key(), self.debtor._get_portal_key())

    def test_signature_is_compared_in_constant_time(self):
        """Of what isn't there too: the answer and the work are the same."""
        with patch.object(Ticket, "is_signed", autospec=True, return_value=False) as compared:
            for debtor_id in (self.debtor.id, 99_999_999):
                token = Ticket(debtor_id, self.one["contact"].id, self.today).to_token(b"x")
                self.assertFalse(self.env["credit.debtor"]._find_by_portal_token(token)[0])
            self.assertEqual(compared.call_count, 2)
        self.assertTrue(issubclass(type(self.debtor), CreditCustomerLink))

    def test_base_url_with_a_path(self):
        self.env["ir.config_parameter"].set_param("web.base.url", "https://erp.example.com/office/")
        url = self.debtor._get_portal_url(self.one["contact"])
        self.assertTrue(url.startswith("https://erp.example.com/office/my/credit/t/"), url)

    # -- looking changes nothing --------------------------------------------------------------

    def _get_rows(self):
        """Return a digest of each watched table."""
        self.env.flush_all()
        self.env.cr.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'credit\\_%'")
        ours = [name for (name,) in self.env.cr.fetchall()]
        self.assertIn("credit_portal_count", ours)
        digests = {}
        for table in (*WATCHED, *ours):
            self.env.cr.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{table}\" t")
            digests[table] = self.env.cr.fetchone()[0]
        return digests

    def test_looking_changes_nothing(self):
        """No GET of any page writes a row, as mail programs open links before their readers do."""
        self.unlimited.stop()
        self._log_in()
        link = self._link(self.one)
        self._get(link)
        before = self._get_rows()
        for rule, arguments, methods in self._get_routes():
            if "GET" in methods and "token" in arguments and not rule.endswith(".pdf"):
                path = self._fill(rule, {"token": link.rpartition("/")[2], "kind": "paid"})
                self.assertIn(self._get(path + "?date=2020-01-01&amount=5&item=1").status_code, (200, 303), path)
                self.assertIn(self.url_open(path, method="HEAD").status_code, (200, 303), path)
        self._log_in(self.one)
        for suffix in ("", "/paid", "/promise", "/dispute", "/thanks/paid"):
            self.assertEqual(self._get(self._way(self.one, suffix)).status_code, 200)
        self.assertEqual(self._get_rows(), before)
        self.assertEqual(self._get(link + "/statement.pdf").status_code, 200)
        after = self._get_rows()
        self.assertEqual({table for table in after if after[table] != before[table]}, {"credit_portal_count"})

    @mute_logger("odoo.http")
    def test_no_answer_without_the_form(self):
        """Another site can't answer in the customer's name."""
        for way, customer in ((self._way(self.one), self.one), (self._link(self.one), None)):
            self._log_in(customer)
            for kind in KINDS:
                data = {**getattr(self, f"_{kind}_data")(self.one), "csrf_token": "0" * 40 + "o9999999999"}
                self.assertEqual(self.url_open(f"{way}/{kind}", data=data).status_code, 400)
            self.assertEqual(self.url_open(f"{way}/document", data={"item": self.one["items"][0]}).status_code, 400)
        self.assertFalse(self._promises() or self._disputes())

    # -- text and files -------------------------------------------------------------------------

    def test_scripts_are_words(self):
        """What is written as a script is read as words: on the portal, in the chatter, in the activity, in the PDF."""
        self._log_in(self.one)
        self._post(self._way(self.one, "/promise"), self._promise_data(self.one, note=SCRIPT))
        self._post(
            self._way(self.one, "/dispute"), self._dispute_data(self.one, item=self.one["items"][1:2], text=SCRIPT)
        )
        self._post(self._way(self.one, "/paid"), self._paid_data(self.one, reference=SCRIPT[:90], note=SCRIPT))
        dispute = self._disputes()
        messages = self.debtor.message_ids | dispute.message_ids
        texts = [message.body for message in messages if message.body]
        texts += [activity.note for activity in self.debtor.activity_ids]
        self.assertGreaterEqual(len(texts), 4)
        for body in texts:
            self.assertNotRegex(body, "<(script|img|t )")
        self.assertTrue(any("&lt;script&gt;" in body for body in texts))
        for path in (self._way(self.one), self._way(self.one, "/statement.pdf")):
            self.assertNotIn("<script>alert", self._get(path).text)
        failed = self._post(self._way(self.one, "/dispute"), self._dispute_data(self.one, text=SCRIPT, reason=""))
        self.assertIn("&lt;script&gt;alert", failed.text)
        self.assertNotIn("<script>alert", failed.text)
        self.assertNotIn("<img src=x", failed.text)

    def test_hostile_names_of_our_own_records(self):
        """A customer's name and reference are words too."""
        self.one["partner"].write({"name": SCRIPT, "ref": SCRIPT})
        self.one["moves"][0].ref = SCRIPT
        self._log_in(self.one)
        for suffix in ("", "/paid", "/promise", "/dispute"):
            text = self._get(self._way(self.one, suffix)).text
            self.assertNotIn("<script>alert", text)
            self.assertNotIn("<img src=x", text)

    def _send_file(self, name, content, mimetype="application/pdf", text=None):
        data = self._dispute_data(self.one, text=text or f"About {name}"[:200], item=self.one["items"][:1])
        self.env["credit.dispute"].search([]).write({"state": "closed", "outcome": "unjustified"})
        return self._post(self._way(self.one, "/dispute"), data, files=[("files", (name, content, mimetype))])

    def _get_files(self):
        return self.env["ir.attachment"].search([("res_model", "=", "credit.dispute")], order="id desc")

    def test_hostile_file_names(self):
        self._log_in(self.one)
        pdf = b"%PDF-1.4 harmless"
        for name, kept in (
            ("../../../etc/passwd.pdf", "passwd.pdf"),
            ("a" * 300 + ".pdf", "a" * 76 + ".pdf"),
            ("<script>alert(1)</script>.pdf", "script.pdf"),
            ("=cmd|' /C calc'!A0.pdf", "C calc A0.pdf"),
            ("invoice.html.pdf", "invoice.html.pdf"),
            ("CON.pdf", "CON.pdf"),
            (".pdf", "file.pdf"),
        ):
            self.assertEqual(self._send_file(name, pdf).status_code, 303, name)
            attachment = self._get_files()[0]
            self.assertEqual((attachment.name, attachment.mimetype), (kept, "application/pdf"))
        # What becomes of backslashes on their way differs; none arrives.
        self._send_file("..\\..\\windows\\win.ini.pdf", pdf)
        self.assertRegex(self._get_files()[0].name, r"^\w*win\.ini\.pdf$")

    def test_files_that_are_refused(self):
        self._log_in(self.one)
        page, picture = b"<html><script>alert(1)</script></html>", b"<svg xmlns='http://www.w3.org/2000/svg'/>"
        for name, content, claimed in (
            ("page.html", page, "text/html"),
            ("page.htm", page, "application/pdf"),
            ("picture.svg", picture, "image/svg+xml"),
            ("picture.png", picture, "image/png"),
            ("page.pdf", page, "application/pdf"),
            ("page.txt", page, "text/plain"),
            ("run.exe", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff", "application/pdf"),
            ("run.pdf", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff", "application/pdf"),
            ("script.js", b"alert(1)", "text/plain"),
            ("noextension", b"%PDF-1.4", "application/pdf"),
            ("page.pdf\x00.html", page, "application/pdf"),
            ("empty.pdf", b"", "application/pdf"),
        ):
            response = self._send_file(name, content, claimed)
            self.assertEqual(response.status_code, 422, name)
            self.assertIn("“", self._text(response), name)
        self.assertFalse(self._get_files())
        self.assertFalse(self._disputes())

    def test_files_where_texts_belong(self):
        self._log_in(self.one)
        for kind in KINDS:
            data = getattr(self, f"_{kind}_data")(self.one)
            for name in ("note", "reference", "amount", "date", "reason", "text", "item"):
                fields_sent = {key: value for key, value in data.items() if key != name}
                file = [(name, ("a.txt", b"not a text", "text/plain"))]
                response = self._post(self._way(self.one, f"/{kind}"), fields_sent, files=file)
                self.assertIn(response.status_code, (303, 422), f"{kind} {name}")
        response = self._post(
            self._way(self.one, "/document"),
            {"act": "pdf"},
            files=[("item", ("a.txt", b"1", "text/plain"))],
            form=self._way(self.one),
        )
        self.assertEqual(response.status_code, 404)

    def test_too_many_and_too_large_files(self):
        self._log_in(self.one)
        pdf = ("files", ("a.pdf", b"%PDF-1.4", "application/pdf"))
        response = self._post(self._way(self.one, "/dispute"), self._dispute_data(self.one), files=[pdf] * 6)
        self.assertIn("Send up to 5 files", self._text(response))
        big = b"%PDF-1.4" + b"0" * (10 * 1024 * 1024)
        response = self._send_file("big.pdf", big)
        self.assertIn("is larger than 10 MB", self._text(response))
        half = ("files", ("half.pdf", big[: 9 * 1024 * 1024], "application/pdf"))
        response = self._post(self._way(self.one, "/dispute"), self._dispute_data(self.one), files=[half] * 2 + [half])
        self.assertEqual(response.status_code, 413)
        self.assertFalse(self._disputes())

    def test_a_file_is_not_the_customers_to_open_by_id(self):
        """What was sent in is for our own people; neither its sender nor another reads it by its number."""
        self._log_in(self.one)
        self._send_file("proof.txt", b"plain words", "text/plain")
        [attachment] = self._get_files()
        self.assertFalse(attachment.public or attachment.access_token)
        for customer in (None, self.two, self.one):
            self._log_in(customer)
            response = self._get(f"/web/content/{attachment.id}")
            self.assertEqual(response.status_code, 404, customer and customer["login"])
        self.collector.password = "credit_collector"
        self.authenticate("credit_collector", "credit_collector")
        response = self._get(f"/web/content/{attachment.id}")
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response.headers["Content-Type"].startswith("text/plain"))
        self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")

    # -- RPC ------------------------------------------------------------------------------------

    @mute_logger("odoo.http")
    def test_portal_user_calls_none_of_our_models(self):
        self._log_in(self.one)
        for model in EXPECTED:
            for method, args in (
                ("search_read", [[]]),
                ("web_search_read", [[], {"id": {}}]),
                ("read", [[1]]),
                ("write", [[1], {}]),
                ("create", [{}]),
                ("unlink", [[1]]),
                ("name_search", ["a"]),
                ("formatted_read_group", [[], ["id"], ["__count"]]),
            ):
                with self.assertRaises(JsonRpcException, msg=f"{model}.{method}"):
                    self.make_jsonrpc_request(
                        f"/web/dataset/call_kw/{model}/{method}",
                        {"model": model, "method": method, "args": args, "kwargs": {}},
                    )

    @mute_logger("odoo.http")
    def test_portal_user_reads_no_setting_of_the_company(self):
        """Neither by reading nor by guessing in a search; who works here may."""
        self._log_in(self.one)
        company = self.env["res.company"]
        settings = [name for name in company._fields if name.startswith("credit_")]
        self.assertIn("credit_test_mode", settings)
        for name in settings:
            guess = company._fields[name].convert_to_read(self.company[name], self.company, use_display_name=False)
            guess = json.loads(json.dumps(guess, default=json_default))
            for method, args in (
                ("read", [self.company.ids, [name]]),
                ("search", [[(name, "=", guess)]]),
                ("search_read", [[], [name]]),
                ("formatted_read_group", [[], [name], ["__count"]]),
            ):
                with self.subTest(name=name, method=method), self.assertRaises(JsonRpcException):
                    self.make_jsonrpc_request(
                        f"/web/dataset/call_kw/res.company/{method}",
                        {"model": "res.company", "method": method, "args": args, "kwargs": {}},
                    )
        self.assertNotIn("credit_test_mode", company.with_user(self.one["user"]).fields_get())
        ours = {"company_id": self.company.id, "company_ids": [Command.set(self.company.ids)]}
        employee = new_test_user(self.env, "plain_employee", "base.group_user", **ours)
        self.assertEqual(len(self.company.with_user(employee).read(settings)), 1)

    @mute_logger("odoo.http")
    def test_private_methods_are_private(self):
        self._log_in(self.one)
        for method in ("_answer_promise", "_find_by_portal_token", "_get_portal_url", "_ensure_portal_secrets"):
            with self.assertRaises(JsonRpcException, msg=method):
                self.make_jsonrpc_request(
                    f"/web/dataset/call_kw/credit.debtor/{method}",
                    {"model": "credit.debtor", "method": method, "args": [[self.debtor.id]], "kwargs": {}},
                )

    def test_secret_is_read_by_nobody(self):
        for user in (self.collector, self.manager, self.reader):
            card = self.debtor.with_user(user)
            with self.assertRaises(AccessError):
                card.read(["portal_secret"])
            self.assertNotIn("portal_secret", card.fields_get())
            with self.assertRaises(AccessError):
                card.search([("portal_secret", "like", "a")])
            with self.assertRaises(AccessError):
                card.write({"portal_secret": "known"})
        self.assertNotIn("portal_secret", self.debtor.copy_data()[0])

    def test_dunning_mail_carries_the_links_of_its_recipient(self):
        self.first.role_ids = self.role
        notice = self._plan(self.today).notice_ids.filtered(lambda notice: notice.partner_id == self.one["partner"])
        notice.recipient_ids = self.one["contact"]
        values = notice.with_user(self.collector)._prepare_text_values()[notice.id]
        expected = self._link(self.one)
        self.assertEqual(
            [link.partition(ROOT)[2] for _label, link in values["answer_links"]],
            [expected.partition(ROOT)[2] + f"/{kind}" for kind in KINDS],
        )
        text = notice.with_user(self.collector)._prepare_text_block("answers", values)
        self.assertIn(values["portal_url"] + "/promise", text)
        letter = str(self.env["ir.qweb"]._render("credit_control.letter_answers", values))
        self.assertIn("data:image/png;base64,", letter)
        self.company.credit_portal_enabled = False
        values = notice.with_user(self.collector)._prepare_text_values()[notice.id]
        self.assertFalse(values["portal_url"])
        self.assertTrue(values["answer_links"][0][1].startswith("mailto:"))
        self.assertNotIn("data:image", str(self.env["ir.qweb"]._render("credit_control.letter_answers", values)))


@tagged("post_install", "-at_install")
class TestPortalLimits(PortalCommon):
    """How often is too often."""

    def test_answers_of_one_visitor(self):
        self._log_in(self.one)
        for number in range(11):
            response = self._post(self._way(self.one, "/paid"), self._paid_data(self.one, reference=f"VIR {number}"))
            self.assertEqual(response.status_code, 303 if number < 10 else 429, number)
        self.assertIn("Please wait some minutes", self._text(response))
        self.assertEqual(response.headers["Retry-After"], "600")
        self.assertFalse(any("VIR 10" in message.body for message in self.debtor.message_ids))
        # The same person's link is the same visitor; another customer isn't.
        self._log_in()
        self.assertEqual(self._post(self._link(self.one, "/paid"), self._paid_data(self.one)).status_code, 429)
        self.assertEqual(self._post(self._link(self.two, "/paid"), self._paid_data(self.two)).status_code, 303)

    @mute_logger("odoo.http")
    def test_links_that_open_nothing(self):
        self._log_in()
        path = f"{ROOT}/t/1-1-fuh9-" + "a" * 26
        codes = [self._get(path).status_code for _time in range(22)]
        self.assertEqual(codes, [404] * 20 + [429] * 2)
        # Who has a true link isn't kept out by who guesses from the same office.
        self.assertEqual(self._get(self._link(self.one)).status_code, 200)

    def test_files(self):
        self._log_in(self.one)
        with patch.object(type(self.debtor), "_print_portal_statement", lambda debtor: (b"%PDF-1.4", "pdf")):
            codes = [self._get(self._way(self.one, "/statement.pdf")).status_code for _time in range(21)]
        self.assertEqual(codes, [200] * 20 + [429])

    def test_answers_of_a_debtor_in_a_day(self):
        counts = self.env["credit.portal.count"]
        now = fields.Datetime.now()
        per_day = next(limit for limit in allowance.ANSWERS if limit.per == "debtor")
        who = {"debtor": self.debtor.id}
        answers = [counts._allow((per_day,), who, now + timedelta(minutes=place)) for place in range(31)]
        self.assertEqual(answers, [True] * 30 + [False])
        self.assertFalse(counts._allow((per_day,), who, now + timedelta(hours=23, minutes=59)))
        self.assertTrue(counts._allow((per_day,), who, now + timedelta(days=1)))

    def test_counts_name_nobody_and_are_forgotten(self):
        counts = self.env["credit.portal.count"].sudo()
        who = {"address": "203.0.113.7"}
        counts._allow(allowance.GUESSES, who, fields.Datetime.now() - timedelta(hours=1))
        [row] = counts.search([])
        self.assertRegex(row.key, "^[0-9a-f]{64}$")
        counts._gc_lapsed()
        self.assertFalse(counts.search([]))
