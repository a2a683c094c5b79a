import re
from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged

from .common_portal import ROOT, PortalCommon


@tagged("post_install", "-at_install")
class TestPortalPages(PortalCommon):
    """What a customer sees and does on the portal."""

    def test_home_leads_to_the_statement(self):
        self._log_in(self.one)
        self.assertIn('href="/my/credit"', self.url_open("/my").text)
        counters = self.make_jsonrpc_request("/my/counters", {"counters": ["credit_count"]})
        self.assertEqual(counters, {"credit_count": 3})
        response = self._get(ROOT)
        self.assertEqual(response.headers["Location"].rpartition("/")[2], str(self.company.id))

    def test_statement(self):
        self._log_in(self.one)
        response = self._get(self._way(self.one))
        text = self._text(response)
        self.assertEqual(response.status_code, 200)
        for words in ("Boulangerie Exemple", "40 days late", "5 days late", "not due", "31–60 days", "1–30 days"):
            self.assertIn(words, text)
        # 1 000 + 600 + 250; past due: 1 000 + 600.
        self.assertIn("1,850.00", text)
        self.assertIn("1,600.00", text)
        for move in self.one["moves"]:
            self.assertIn(move.name, text)
        self.assertEqual(response.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(response.headers["Cache-Control"], "no-store, private")

    def test_parts_and_credits(self):
        """Disputed, promised and unallocated parts stand where they belong."""
        self._invoice(80, self.today, issued=self.today, move_type="out_refund")
        self._log_in(self.one)
        self._post(self._way(self.one, "/promise"), self._promise_data(self.one, amount="300"))
        self._post(
            self._way(self.one, "/dispute"),
            self._dispute_data(self.one, item=self.one["items"][1:2], **{f"amount_{self.one['items'][1]}": "150"}),
        )
        text = self._text(self._get(self._way(self.one)))
        # 1 850 − 80 = 1 770 open; to pay now 1 770 − 300 − 150 = 1 320.
        for words in ("1,770.00", "1,320.00", "promised: $ 300.00", "disputed: $ 150.00", "credit to you"):
            self.assertIn(words, text)
        self.assertIn("You will pay $ 300.00 by", text)
        self.assertIn("You disagree: ", text)

    def test_statement_pdf(self):
        self._log_in(self.one)
        response = self._get(self._way(self.one, "/statement.pdf"))
        self.assertEqual(response.status_code, 200)
        self.assertIn("attachment", response.headers["Content-Disposition"])
        self.assertIn(self.one["moves"][0].name, response.text.replace("<wbr/>", "").replace("<wbr>", ""))
        self.assertNotIn(self.two["moves"][0].name, response.text.replace("<wbr/>", "").replace("<wbr>", ""))

    def test_customer_without_a_card(self):
        """Whom no run has planned for yet has a statement all the same; looking at it stores nothing."""
        partner = self._new_customer("Cave Exemple")
        new_test_user(self.env, "portal_cave", "base.group_portal", partner_id=partner.id, password="portal_cave")
        move = self._invoice(70, self.today, partner=partner, issued=self.today)
        self.env["credit.debtor"].search([("partner_id", "=", partner.id)]).unlink()
        self.authenticate("portal_cave", "portal_cave")
        path = f"{ROOT}/{self.company.id}"
        self.assertIn(move.name, self._text(self._get(path)))
        self.assertEqual(self._get(f"{path}/statement.pdf").status_code, 200)
        self.assertFalse(self.env["credit.debtor"].search([("partner_id", "=", partner.id)]))
        data = self._promise_data(self.one, item=[self._receivable(move).id], amount="70")
        self.assertEqual(self._post(f"{path}/promise", data).status_code, 303)
        self.assertTrue(self.env["credit.debtor"].search([("partner_id", "=", partner.id)]))

    def test_several_companies(self):
        """Each company has a statement of its own; switching the portal off in one leaves the other."""
        other = self.setup_other_company(name="Fournil Second")["company"]
        move = self.init_invoice(
            "out_invoice", partner=self.one["partner"], amounts=[77.0], post=True, company=other, taxes=[]
        )
        link = self._link(self.one)
        self._log_in(self.one)
        text = self._text(self._get(ROOT))
        for words in (self.company.name, "Fournil Second", "1,850.00", "77.00"):
            self.assertIn(words, text)
        page = self._get(f"{ROOT}/{other.id}").text
        self.assertIn(move.name, self._text(self._get(f"{ROOT}/{other.id}")))
        self.assertNotIn("1,850.00", page)
        self.assertIn(f"/logo.png?company={other.id}", page)
        self.assertNotIn("77.00", self._text(self._get(self._way(self.one))))
        other.credit_portal_enabled = False
        self.assertEqual(self._get(f"{ROOT}/{other.id}").status_code, 404)
        self.assertEqual(self._get(self._way(self.one)).status_code, 200)
        self._log_in()
        self.assertNotIn("77.00", self._text(self._get(link)))

    def test_nothing_open(self):
        partner = self._new_customer("Mercerie Exemple")
        new_test_user(self.env, "portal_none", "base.group_portal", partner_id=partner.id, password="portal_none")
        self.authenticate("portal_none", "portal_none")
        self.assertIn("There is nothing open", self._text(self._get(ROOT)))

    # -- answers --------------------------------------------------------------------

    def test_promise(self):
        self._log_in(self.one)
        form = self._get(self._way(self.one, "/promise")).text
        # What is late is ticked: 1 000 + 600.
        self.assertIn('value="1600.00"', form)
        self.assertEqual(len(re.findall(r'name="item"[^>]*checked', form)), 2)
        self.assertIn("</textarea>", form)
        response = self._post(self._way(self.one, "/promise"), self._promise_data(self.one, note="On Friday"))
        self.assertEqual(response.status_code, 303)
        self.assertIn("We have noted your promise", self._text(self._get(response.headers["Location"])))
        promise = self._promises(self.one)
        self.assertEqual((promise.amount, promise.date), (400.0, self.today + timedelta(days=9)))
        self.assertEqual(promise.move_line_ids.ids, self.one["items"][:1])
        self.assertEqual((promise.note, promise.date_recorded, promise.state), ("On Friday", self.today, "open"))
        message = self.debtor.message_ids[0]
        self.assertEqual(message.author_id, self.one["contact"])
        self.assertTrue(message.subtype_id.internal)
        self.assertIn("400.00", message.body)

    def test_promise_by_link_without_a_login(self):
        self._log_in()
        response = self._post(self._link(self.one, "/promise"), self._promise_data(self.one))
        self.assertEqual(response.status_code, 303)
        self.assertEqual(self._promises().partner_id, self.one["partner"])
        self.assertEqual(self._promises().amount, 400.0)

    def test_promise_that_cannot_be(self):
        self._log_in(self.one)
        late = fields.Date.to_string(self.today + timedelta(days=31))
        past = fields.Date.to_string(self.today - timedelta(days=1))
        self._log_in(self.one)
        self._lift_limits()
        for data, words in (
            ({"amount": "1000.01"}, "Write an amount of up to $ 1,000.00"),
            ({"amount": "0"}, "Write an amount"),
            ({"amount": "-5"}, "Write an amount"),
            ({"amount": "nan"}, "Write an amount"),
            ({"amount": "1e9"}, "Write an amount"),
            ({"date": late}, "Choose a day between"),
            ({"date": past}, "Choose a day between"),
            ({"date": "tomorrow"}, "Choose a day"),
            ({"date": "0000-99-99"}, "Choose a day"),
            ({"item": []}, "Choose the invoices"),
            ({"item": ["0"]}, "has changed meanwhile"),
            ({"item": ["'; DROP TABLE credit_promise; --"]}, "has changed meanwhile"),
        ):
            response = self._post(self._way(self.one, "/promise"), self._promise_data(self.one, **data))
            self.assertEqual(response.status_code, 422, data)
            self.assertIn(words, self._text(response), data)
        self.assertFalse(self._promises())

    def test_a_broken_promise_is_not_made_again_by_oneself(self):
        self._log_in(self.one)
        self._post(self._way(self.one, "/promise"), self._promise_data(self.one))
        self._promises().write({"state": "broken", "broken_on": self.today})
        response = self._post(self._way(self.one, "/promise"), self._promise_data(self.one, amount="399"))
        self.assertIn("wasn't kept", self._text(response))
        self.assertEqual(len(self._promises()), 1)

    def test_promise_in_another_currency(self):
        """The amount is the invoice's currency; the record is in the company's, at the rate of the books."""
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        move = self._invoice(500, self.today, issued=self.today, currency_id=currency.id)
        self._log_in(self.one)
        item = self._receivable(move).id
        response = self._post(
            self._way(self.one, "/promise"),
            self._promise_data(self.one, item=[item], amount="300", currency="EUR"),
        )
        self.assertEqual(response.status_code, 303)
        self.assertEqual(self._promises().amount, 150.0)
        mixed = self._promise_data(self.one, item=[item, self.one["items"][0]], amount="20")
        self.assertIn("one currency", self._text(self._post(self._way(self.one, "/promise"), mixed)))

    def test_dispute_with_a_file(self):
        self._log_in(self.one)
        files = [("files", ("delivery note.pdf", b"%PDF-1.4 note", "application/pdf"))]
        item = self.one["items"][0]
        response = self._post(
            self._way(self.one, "/dispute"), self._dispute_data(self.one, **{f"amount_{item}": "400"}), files=files
        )
        self.assertEqual(response.status_code, 303)
        dispute = self._disputes(self.one)
        self.assertEqual(dispute.reason_id, self.reason)
        self.assertEqual(dispute.line_ids.move_line_id.id, item)
        self.assertEqual(dispute.line_ids.amount, 400.0)
        self.assertIn("Two crates were missing", dispute.note)
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "credit.dispute"), ("res_id", "=", dispute.id)]
        )
        self.assertEqual((attachment.name, attachment.raw), ("delivery note.pdf", b"%PDF-1.4 note"))
        self.assertEqual(attachment.mimetype, "application/pdf")
        # Who disputes 400 of 1 000 is asked 600.
        self.assertEqual(self.env["credit.open.item"].browse(item).amount_disputed, 400.0)

    def test_dispute_that_cannot_be(self):
        self._log_in(self.one)
        item = self.one["items"][0]
        for data, words in (
            ({"reason": ""}, "Choose what you disagree with"),
            ({"reason": "999999"}, "Choose what you disagree with"),
            ({"text": "   "}, "Tell us in a few words"),
            ({"item": []}, "Choose the invoices"),
            ({f"amount_{item}": "1001"}, "write an amount of up to $ 1,000.00"),
            ({f"amount_{item}": "-1"}, "write an amount of up to $ 1,000.00"),
        ):
            response = self._post(self._way(self.one, "/dispute"), self._dispute_data(self.one, **data))
            self.assertEqual(response.status_code, 422, data)
            self.assertIn(words, self._text(response), data)
        self.assertFalse(self._disputes())

    def test_paid(self):
        """The collector is told, and reminders pause: once, not as often as somebody says so."""
        self._log_in(self.one)
        response = self._post(self._way(self.one, "/paid"), self._paid_data(self.one, note="See our bank"))
        self.assertEqual(response.status_code, 303)
        [activity] = self.debtor.activity_ids
        self.assertEqual(activity.user_id, self.collector)
        self.assertIn("VIR 42", activity.note)
        self.assertIn(self.one["moves"][0].name, activity.note)
        pause = self.env["credit.dunning.pause"].search([("partner_id", "=", self.one["partner"].id)])
        self.assertEqual(pause.date_end, self.today + timedelta(days=self.company.credit_reply_pause_days))
        pause.action_end()
        self._post(self._way(self.one, "/paid"), self._paid_data(self.one, reference="VIR 43"))
        self.assertFalse(self.debtor.is_paused)
        self.assertEqual(len(self.debtor.activity_ids), 1)
        self.assertTrue(any("VIR 43" in message.body for message in self.debtor.message_ids))

    def test_paid_on_a_day_that_cannot_be(self):
        self._log_in(self.one)
        for days in (-61, 4):
            day = fields.Date.to_string(self.today + timedelta(days=days))
            response = self._post(self._way(self.one, "/paid"), self._paid_data(self.one, date=day))
            self.assertEqual(response.status_code, 422)
        self.assertFalse(self.debtor.activity_ids)

    def test_without_a_collector_the_management_is_told(self):
        self.debtor.collector_id = False
        self.company.credit_management_user_id = self.manager
        self._log_in()
        self._post(self._link(self.one, "/paid"), self._paid_data(self.one))
        self.assertEqual(self.debtor.activity_ids.user_id, self.manager)

    def test_the_customer_follows_none_of_our_records(self):
        """A follower would be written to with what we say among ourselves."""
        self._log_in(self.one)
        for kind in ("promise", "dispute", "paid"):
            data = getattr(self, f"_{kind}_data")(self.one, item=self.one["items"][:1])
            if kind == "dispute":
                data["item"] = self.one["items"][1:2]
            self.assertEqual(self._post(self._way(self.one, f"/{kind}"), data).status_code, 303, kind)
        for record in (self.debtor, self._promises(), self._disputes()):
            self.assertNotIn(self.one["contact"], record.message_partner_ids, record)
            self.assertNotIn(self.one["partner"], record.message_partner_ids, record)
        self.assertTrue(self._disputes())

    def test_sent_twice_is_one_record(self):
        self._log_in(self.one)
        for kind, found in (("promise", self._promises), ("dispute", self._disputes)):
            data = getattr(self, f"_{kind}_data")(self.one)
            if kind == "dispute":
                data["item"] = self.one["items"][1:2]
            for _time in range(2):
                self.assertEqual(self._post(self._way(self.one, f"/{kind}"), data).status_code, 303)
            self.assertEqual(len(found()), 1, kind)
        for _time in range(2):
            self._post(self._way(self.one, "/paid"), self._paid_data(self.one))
        self.assertEqual(len(self.debtor.message_ids.filtered(lambda message: "VIR 42" in message.body)), 1)

    # -- Odoo's own pages ---------------------------------------------------------------

    def test_invoice_pdf_is_odoos_own(self):
        self._log_in()
        response = self._post(
            self._link(self.one, "/document"), {"item": self.one["items"][0], "act": "pdf"}, form=self._link(self.one)
        )
        self.assertEqual(response.status_code, 303)
        location = response.headers["Location"]
        self.assertIn(f"/my/invoices/{self.one['moves'][0].id}?", location)
        self.assertIn("report_type=pdf", location)
        self.assertEqual(self._get(location).status_code, 200)

    def test_without_the_form_the_statement(self):
        """Whoever reloads the address of an invoice, or logs in on the way to it."""
        self._log_in()
        path = self._link(self.one)
        response = self.url_open(f"{path}/document", allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        self.assertTrue(response.headers["Location"].endswith(path))

    def test_payment_is_odoos_own(self):
        path = self._link(self.one)
        self._log_in()
        self.assertNotIn('value="pay"', self._get(path).text)
        data = {"item": self.one["items"][0], "act": "pay"}
        self.assertEqual(self._post(f"{path}/document", data, form=path).status_code, 404)
        self._offer_payment()
        self.assertIn('value="pay"', self._get(path).text)
        location = self._post(f"{path}/document", data, form=path).headers["Location"]
        self.assertIn("payment_token=", location)
        self.assertIn("amount=1000.0", location)

    def _offer_payment(self):
        self.env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", "True")
        provider = self.env["payment.provider"].sudo().search([("company_id", "=", self.env.company.id)], limit=1)
        if not provider:
            provider = self.env["payment.provider"].sudo().search([], limit=1).copy({"company_id": self.company.id})
        provider.write({"company_id": self.company.id, "state": "test", "is_published": True})

    def test_pay_all_is_for_who_is_logged_in(self):
        self._offer_payment()
        for move in self.one["moves"]:
            self.assertEqual(move.partner_id, self.one["partner"])
        user = new_test_user(
            self.env, "portal_firm", "base.group_portal", partner_id=self.one["partner"].id, password="portal_firm"
        )
        self.authenticate(user.login, "portal_firm")
        self.assertIn("/my/invoices/overdue", self._get(self._way(self.one)).text)
        self._log_in()
        self.assertNotIn("/my/invoices/overdue", self._get(self._link(self.one)).text)

    # -- who may see it -----------------------------------------------------------------

    def test_link_speaks_the_contacts_language(self):
        self.one["contact"].lang = "fr_FR"
        self._log_in()
        self.assertIn('lang="fr-FR"', self._get(self._link(self.one)).text)
        self.one["contact"].lang = "en_US"
        self.assertIn('lang="en-US"', self._get(self._link(self.one)).text)

    def test_contact_without_a_role(self):
        """By default a contact needs a role or to be an invoice address; the company may say otherwise."""
        contact = self.one["contact"]
        contact.credit_role_ids = False
        self._log_in(self.one)
        self.assertEqual(self._get(self._way(self.one)).status_code, 404)
        self.assertFalse(self.debtor._get_portal_url(contact))
        contact.type = "invoice"
        self.assertEqual(self._get(self._way(self.one)).status_code, 200)
        contact.type = "other"
        self.assertEqual(self._get(self._way(self.one)).status_code, 404)
        self.company.credit_portal_access = "all"
        self.assertEqual(self._get(self._way(self.one)).status_code, 200)

    def test_portal_switched_off(self):
        link = self._link(self.one)
        self.company.credit_portal_enabled = False
        self._log_in()
        self.assertEqual(self._get(link).status_code, 404)
        self._log_in(self.one)
        self.assertEqual(self._get(self._way(self.one)).status_code, 404)
        counters = self.make_jsonrpc_request("/my/counters", {"counters": ["credit_count"]})
        self.assertFalse(counters.get("credit_count"))

    def test_contact_who_left_loses_access(self):
        link, way = self._link(self.one), self._way(self.one)
        self._log_in()
        self.assertEqual(self._get(link).status_code, 200)
        self.one["contact"].parent_id = self.two["partner"]
        self.assertEqual(self._get(link).status_code, 404)
        self._log_in(self.one)
        text = self._text(self._get(way))
        self.assertNotIn(self.one["moves"][0].name, text)
        self.assertIn(self.two["moves"][0].name, text)

    def test_archived_contact_loses_access(self):
        link = self._link(self.one)
        self.one["user"].active = False
        self.one["contact"].active = False
        self._log_in()
        self.assertEqual(self._get(link).status_code, 404)
        self.one["contact"].active = True
        self.assertEqual(self._get(link).status_code, 200)
        self.one["partner"].active = False
        self.assertEqual(self._get(link).status_code, 404)

    # -- our own people -----------------------------------------------------------------

    def test_collector_looks_but_does_not_answer(self):
        self.collector.password = "credit_collector"
        self.authenticate("credit_collector", "credit_collector")
        path = self.debtor.with_user(self.collector).action_open_portal()["url"]
        text = self._text(self._get(path))
        self.assertIn("This is what the customer sees", text)
        self.assertIn(self.one["moves"][0].name, text)
        for way in (path, self._link(self.one)):
            self.assertEqual(self._get(f"{way}/promise").status_code, 200)
            self.assertEqual(self._post(f"{way}/promise", self._promise_data(self.one)).status_code, 403)
        self.assertFalse(self._promises())

    def test_salesperson_looks_at_own_customers_only(self):
        seller = self._new_user("salesperson")
        seller.password = "credit_salesperson"
        self.two["partner"].user_id = seller
        self.authenticate("credit_salesperson", "credit_salesperson")
        self.assertEqual(self._get(f"{ROOT}/preview/{self.two['debtor'].id}").status_code, 200)
        self.assertEqual(self._get(f"{ROOT}/preview/{self.debtor.id}").status_code, 404)

    def test_revoked_links_open_nothing(self):
        old = {customer["login"]: self._link(customer) for customer in self.customers}
        self.debtor.with_user(self.collector).action_revoke_portal_links()
        self._log_in()
        self.assertEqual(self._get(old["portal_customer_0"]).status_code, 404)
        self.assertEqual(self._get(old["portal_customer_1"]).status_code, 200)
        self.assertEqual(self._get(self._link(self.one)).status_code, 200)
