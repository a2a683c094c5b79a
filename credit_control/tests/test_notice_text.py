import re
from datetime import date
from html import unescape
from io import BytesIO
from unittest.mock import patch
from urllib.parse import parse_qs, quote, unquote, urlsplit

from lxml import html

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader, PdfFileWriter
from odoo.tools.safe_eval import safe_eval

from .common import CreditControlCommon

DAY = date(2025, 3, 10)
CONSUMER_TABOO = re.compile(r"40[,.\s]?0?0?\s*€|L441|D441|L2192|forfaitaire|fixed sum|main refinancing|Banque centrale")

THREAT = r"juridiction|court\b|mise en demeure|formal notice"


class NoticeTextCommon(CreditControlCommon):
    """A French company with an account in France, and notices written by hand in euros."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.env["ir.module.module"].search([("name", "=", "credit_control")])._update_translations(["fr_FR"])
        cls.euro = cls.setup_other_currency("EUR", rates=[("2020-01-01", 1.0)])
        cls.company.write({"country_id": cls.env.ref("base.fr").id, "city": "Lyon", "phone": "04 00 00 00 01"})
        cls.company.partner_id.write({"company_registry": "73282932000074", "lang": "en_US"})
        cls.bank = cls.env["res.partner.bank"].create(
            {
                "acc_number": "FR7630006000011234567890189",
                "partner_id": cls.company.partner_id.id,
                "allow_out_payment": True,
            }
        )
        cls.customer.lang = "fr_FR"
        cls.debtor = cls.env["credit.debtor"].create({"partner_id": cls.customer.id, "company_id": cls.company.id})
        cls.collector.partner_id.write({"phone": "04 00 00 00 42", "email": "collector@example.com"})
        cls.registered = cls.env.ref("credit_control.channel_registered_letter")

    @classmethod
    def _notice(cls, text="first", debtor=None, lines=({},), medium="mail", **values):
        debtor = debtor or cls.debtor
        # Notices are the engine's to make.
        notice = (
            cls.env["credit.dunning.notice"]
            .sudo()
            .create(
                {
                    "company_id": cls.company.id,
                    "debtor_id": debtor.id,
                    "partner_id": debtor.partner_id.id,
                    "channel_id": cls.email.id,
                    "template_id": cls.env.ref(f"credit_control.text_{medium}_{text}").id,
                    "mode": "auto",
                    "date": DAY,
                    "user_id": cls.collector.id,
                    "line_ids": [Command.create(cls._line(rank, **line)) for rank, line in enumerate(lines, 1)],
                    **values,
                }
            )
        )
        return notice.sudo(False)

    @classmethod
    def _line(cls, rank, **values):
        return {
            "company_id": cls.company.id,
            "channel_id": cls.email.id,
            "live": False,
            "reference": f"INV/{rank}",
            "date": date(2025, 1, 9),
            "date_due": date(2025, 2, 8),
            "currency_id": cls.euro.id,
            "amount": 1000.0,
            "amount_original": 1000.0,
            **values,
        }

    def _mail(self, notice):
        content = notice.with_user(self.collector)._render_mail_contents()[notice.id]
        self.assertNotIsInstance(content, Exception, content)
        return content

    def _words(self, content):
        """Return the visible words of an e-mail, spaces made plain."""
        tree = html.fromstring(str(content.body))
        return _plain(" ".join(tree.xpath("//body//text()")))


def _plain(text):
    return re.sub(r"\s+", " ", text.replace("\u202f", " ").replace("\xa0", " "))


@tagged("post_install", "-at_install")
class TestNoticeText(NoticeTextCommon):
    def test_amounts_tie(self):
        """5 000 of which 1 300 paid; 1 140 of which 400 disputed and 100 promised; a credit of 340: asks 4 000."""
        notice = self._notice(
            lines=[
                {"amount": 3700.0, "amount_original": 5000.0},
                {"amount": 640.0, "amount_original": 1140.0, "amount_disputed": 400.0, "amount_promised": 100.0},
                {"amount": -340.0, "amount_original": -340.0, "is_credit": True, "reference": "RINV/1"},
            ]
        )
        words = self._words(self._mail(notice))
        for figure in ("5 000,00 €", "1 300,00 €", "3 700,00 €", "1 140,00 €", "−340,00 €", "−400,00 €", "−100,00 €"):
            self.assertIn(figure, words)
        self.assertIn("Reste dû 4 500,00 €", words)
        self.assertIn("Total EUR 4 000,00 €", words)
        self.assertIn("Montant à régler 4 000,00 €", words)
        self.assertIn("30 jours", words)

    def test_currencies_have_their_own_subtotals(self):
        usd = self.env.ref("base.USD")
        notice = self._notice(lines=[{}, {"currency_id": usd.id, "amount": 50.5, "amount_original": 50.5}])
        content = self._mail(notice)
        words = self._words(content)
        self.assertIn("1 000,00 € + $ 50,50", words)
        self.assertIn("Total EUR 1 000,00 €", words)
        self.assertIn("Total USD $ 50,50", words)
        self.assertNotIn("/report/barcode", content.body, "one transfer can't pay two currencies")

    def test_language_is_the_customers(self):
        content = self._mail(self._notice())
        self.assertEqual(_plain(content.subject), "Rappel de règlement : 1 000,00 €")
        self.assertIn("18/03/2025", self._words(content))
        self.customer.lang = "en_US"
        content = self._mail(self._notice())
        self.assertEqual(_plain(content.subject), "Payment reminder: 1,000.00 €")
        self.assertIn("03/18/2025", self._words(content))

    def test_language_that_is_not_installed(self):
        """The customer's language was removed since: the company's is taken."""
        self.env.cr.execute("UPDATE res_partner SET lang = 'nl_BE' WHERE id = %s", [self.customer.id])
        self.customer.invalidate_recordset(["lang"])
        self.assertIn("Payment reminder", self._mail(self._notice()).subject)

    def test_hostile_text_is_escaped(self):
        self.customer.name = "<script>alert(1)</script> & Fils"
        content = self._mail(self._notice("formal", lines=[{"reference": "<img src=x onerror=alert(2)>"}]))
        self.assertNotIn("<script>alert", content.body)
        self.assertNotIn("<img src=x", content.body)
        self.assertIn("& Fils", unescape(content.body))
        letter = self._notice("formal", medium="letter", lines=[{"reference": "<b onclick=x>"}])
        self.assertNotIn("<b onclick", letter._render_letter_contents()[letter.id].body)

    def test_expression_in_a_name_is_only_text(self):
        self.customer.name = "{{ object.company_id.email }} ${7*7}"
        notice = self._notice("formal")
        self.assertIn("{{ object.company_id.email }} ${7*7}", self._words(self._mail(notice)))

    def test_broken_template_is_its_notices_own_affair(self):
        broken = self.env.ref("credit_control.text_mail_first").copy(
            {"name": "Mine", "body_html": "<p><t t-out=\"1 / (object.partner_id.name != 'Boulangerie Exemple')\"/></p>"}
        )
        other = self._new_customer("Atelier Exemple")
        debtor = self.env["credit.debtor"].create({"partner_id": other.id, "company_id": self.company.id})
        bad, good = self._notice(template_id=broken.id), self._notice(template_id=broken.id, debtor=debtor)
        sound = self._notice()
        contents = (bad | good | sound).with_user(self.collector)._render_mail_contents()
        self.assertIsInstance(contents[bad.id], UserError)
        self.assertIn("Mine", str(contents[bad.id]))
        self.assertIn("Boulangerie Exemple", str(contents[bad.id]))
        self.assertIn("ZeroDivisionError", str(contents[bad.id]))
        self.assertIn("1", self._words(contents[good.id]))
        self.assertIn("Rappel", contents[sound.id].subject)

    def test_what_one_customers_text_sets_is_unknown_to_the_next(self):
        body = (
            """<p><t t-if="customer == 'Boulangerie Exemple'" t-set="secret" t-value="'s3cret'"/>"""
            """<t t-out="secret"/></p>"""
        )
        template = self.env.ref("credit_control.text_mail_first").copy({"body_html": body})
        debtor = self.env["credit.debtor"].create(
            {"partner_id": self._new_customer("Atelier Exemple").id, "company_id": self.company.id}
        )
        first, second = self._notice(template_id=template.id), self._notice(template_id=template.id, debtor=debtor)
        contents = (first | second)._render_mail_contents()
        self.assertIn("s3cret", contents[first.id].body)
        self.assertNotIn("s3cret", contents[second.id].body)

    def test_edited_text_stays_as_it_is(self):
        notice = self._notice(is_edited=True, subject="Mine", body="<p>My words</p>")
        content = self._mail(notice)
        self.assertEqual((content.subject, str(content.body)), ("Mine", "<p>My words</p>"))

    def test_no_text_names_the_customer(self):
        notice = self._notice(template_id=False)
        content = notice._render_mail_contents()[notice.id]
        self.assertIsInstance(content, UserError)
        self.assertIn("Boulangerie Exemple", str(content))

    def test_plain_text_says_the_same(self):
        text = _plain(self._mail(self._notice()).text)
        for part in ("Montant à régler : 1 000,00 €", "INV/1", "30 jours de retard", "IBAN", "04 00 00 00 42"):
            self.assertIn(part, text)
        self.assertNotIn("<", text)
        self.assertNotIn("\ue000", text)

    def test_whom_to_call(self):
        words = self._words(self._mail(self._notice()))
        self.assertIn(self.collector.name, words)
        self.assertIn("Ligne directe : 04 00 00 00 42", words)
        self.collector.partner_id.phone = False
        self.assertIn("Téléphone : 04 00 00 00 01", self._words(self._mail(self._notice())))
        self.company.phone = False
        words = self._words(self._mail(self._notice()))
        self.assertNotIn("Téléphone", words)
        self.assertNotIn("Ligne directe", words)

    def test_answers_are_mails_to_the_sender(self):
        self.company.credit_portal_enabled = False
        body = self._mail(self._notice()).body
        links = [unescape(link) for link in re.findall(r'href="(mailto:[^"]+)"', body) if "subject" in link]
        self.assertEqual(len(links), 3)
        for link in links:
            self.assertEqual(unquote(urlsplit(link).path), "collector@example.com")
            self.assertIn("Boulangerie Exemple", parse_qs(urlsplit(link).query)["subject"][0])
        self.collector.partner_id.email = self.company.email = False
        self.assertNotIn("subject=", self._mail(self._notice()).body)

    def test_tone(self):
        self.debtor.tone = "courteous"
        self.assertIn("Bonjour,", self._words(self._mail(self._notice())))
        self.debtor.tone = "firm"
        words = self._words(self._mail(self._notice()))
        self.assertIn("Madame, Monsieur,", words)
        self.assertNotIn("Bonjour", words)

    def test_queries_do_not_grow_with_the_notices(self):
        notices = self.env["credit.dunning.notice"]
        for rank in range(12):
            partner = self._new_customer(f"Client {rank}")
            debtor = self.env["credit.debtor"].create({"partner_id": partner.id, "company_id": self.company.id})
            notices |= self._notice(debtor=debtor)
        few, many = self._count_queries(notices[:2]), self._count_queries(notices)
        self.assertLessEqual(many, few + 2, "2 notices and 12 take the same number of queries")

    def _count_queries(self, notices):
        notices._render_mail_contents()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        notices._render_mail_contents()
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestNoticePayment(NoticeTextCommon):
    def setUp(self):
        super().setUp()
        # The code's text in place of its picture, which is tested on its own.
        drawing = "odoo.addons.credit_control.models.credit_dunning_message_payment.data_uri"
        self.startPatcher(patch(drawing, lambda text: f"data:text/plain,{quote(text)}"))

    def _epc(self, content):
        """Return the lines of the payment code that stands in the message."""
        [code] = re.findall(r'src="data:text/plain,([^"]*)"', content.body)
        return unquote(code).split("\n")

    def test_epc_code_asks_what_the_text_asks(self):
        lines = self._epc(self._mail(self._notice(lines=[{"amount": 700.5}, {"amount": 299.5}])))
        self.assertEqual(lines[:4], ["BCD", "002", "1", "SCT"])
        self.assertEqual(lines[6], "FR7630006000011234567890189")
        self.assertEqual(lines[7], "EUR1000.0")
        self.assertIn("INV/1 INV/2", lines)

    def test_no_account_no_code(self):
        self.bank.unlink()
        content = self._mail(self._notice())
        self.assertNotIn("data:", content.body)
        self.assertNotIn("IBAN", self._words(content))
        self.assertIn("Montant à régler", self._words(content))

    def test_account_outside_sepa_has_no_code(self):
        self.bank.unlink()
        self.env["res.partner.bank"].create({"acc_number": "123-456-789", "partner_id": self.company.partner_id.id})
        content = self._mail(self._notice())
        self.assertNotIn("data:", content.body)
        self.assertIn("123-456-789", self._words(content))

    def test_too_many_references_for_a_transfer(self):
        self.customer.ref = "C0042"
        content = self._mail(self._notice(lines=[{"reference": f"INVOICE/2025/{rank:05}"} for rank in range(20)]))
        self.assertIn("C0042", self._epc(content))

    def _enable_online_payment(self):
        self.env["ir.config_parameter"].sudo().set_param("account_payment.enable_portal_payment", "True")
        provider = self.env["payment.provider"].sudo().search([("company_id", "=", self.company.id)], limit=1)
        provider = provider or self.env["payment.provider"].sudo().create(
            {"name": "Card", "company_id": self.company.id}
        )
        provider.write({"state": "test", "is_published": True})

    def _notice_of(self, *moves):
        lines = [
            {
                "move_id": move.id,
                "move_line_id": self._receivable(move).id,
                "reference": move.name,
                "currency_id": move.currency_id.id,
                "amount": move.amount_residual,
                "amount_original": move.amount_total,
                "date_due": move.invoice_date_due,
            }
            for move in moves
        ]
        return self._notice(lines=lines)

    def test_pay_button_needs_online_payment(self):
        move = self._invoice(120.0, date(2025, 2, 8), currency_id=self.euro.id)
        self.env["ir.config_parameter"].sudo().set_param("account_payment.enable_portal_payment", "False")
        self.assertNotIn("Payer en ligne", self._words(self._mail(self._notice_of(move))))
        self._enable_online_payment()
        content = self._mail(self._notice_of(move))
        link = unescape(re.search(r'href="([^"]*payment_token[^"]*)"', str(content.body))[1])
        self.assertIn(f"/my/invoices/{move.id}", link)
        self.assertEqual(parse_qs(urlsplit(link).query)["amount"], ["120.0"])
        self.assertEqual(parse_qs(urlsplit(link).query)["access_token"], [move.access_token])
        self.assertFalse(move.is_manually_modified, "the token isn't a change of the entry")

    def test_paid_invoice_has_no_button(self):
        self._enable_online_payment()
        move = self._invoice(120.0, date(2025, 2, 8), currency_id=self.euro.id)
        notice = self._notice_of(move)
        self._register_payment(move, payment_date=date(2025, 3, 1))
        self.assertNotIn("payment_token", self._mail(notice).body)

    def test_several_invoices_have_each_a_link_and_one_for_all_who_can_log_in(self):
        self._enable_online_payment()
        moves = [self._invoice(amount, date(2025, 2, 8), currency_id=self.euro.id) for amount in (120.0, 80.0)]
        body = self._mail(self._notice_of(*moves)).body
        self.assertEqual(len(re.findall("payment_token", body)), 2)
        self.assertNotIn("/my/invoices/overdue", body)
        group = self.env.ref("base.group_portal").ids
        self.env["res.users"].create(
            {"login": "customer", "partner_id": self.customer.id, "group_ids": [Command.set(group)]}
        )
        self.assertIn("/my/invoices/overdue", self._mail(self._notice_of(*moves)).body)


@tagged("post_install", "-at_install")
class TestNoticeLaw(NoticeTextCommon):
    def _segment(self, kind):
        return self.env["credit.segment"].create(
            {"name": kind, "kind": kind, "company_id": self.company.id, "active": False}
        )

    def _all_texts(self, kind):
        self.debtor.write({"segment_id": self._segment(kind).id})
        for lang in ("en_US", "fr_FR"):
            self.customer.lang = lang
            for medium in ("mail", "letter"):
                for text in ("before_due", "first", "second", "firm", "formal", "promise_broken", "statement"):
                    notice = self._notice(text, medium=medium)
                    content = getattr(notice, f"_render_{medium}_contents")()[notice.id]
                    self.assertNotIsInstance(content, Exception, content)
                    yield lang, medium, text, _plain(f"{content.subject} {content.body} {content.text}")

    def test_consumers_are_spared_fixed_sum_and_business_interest(self):
        for lang, medium, text, words in self._all_texts("consumer"):
            self.assertNotRegex(words, CONSUMER_TABOO, f"{lang} {medium} {text}")

    def test_engine_spares_consumers_whatever_a_template_asks(self):
        """A template of one's own that places the charges gets the principal alone for a consumer."""
        template = self.env.ref("credit_control.text_mail_first").copy({"body_html": '<t t-out="charges"/>'})
        self.debtor.segment_id = self._segment("consumer")
        words = self._words(self._mail(self._notice(template_id=template.id)))
        self.assertIn("1 000,00 €", words)
        self.assertNotIn("40,00", words)
        self.debtor.segment_id = self._segment("business")
        words = self._words(self._mail(self._notice(template_id=template.id, lines=[{}, {}])))
        self.assertIn("2 × 40,00 €", words)
        self.assertIn("80,00 €", words)

    def test_instalments_of_an_invoice_bear_one_fixed_sum(self):
        self.debtor.segment_id = self._segment("business")
        notice = self._notice("formal", lines=[{"reference": "INV/7"}, {"reference": "INV/7"}])
        self.assertIn("1 × 40,00 €", self._words(self._mail(notice)))

    def test_person_without_segment_counts_as_consumer(self):
        person = self._new_customer("Dominique Exemple", is_company=False)
        debtor = self.env["credit.debtor"].create({"partner_id": person.id, "company_id": self.company.id})
        debtor.segment_id = False
        self.assertEqual(self._notice(debtor=debtor)._get_customer_kind(), "consumer")

    def test_formal_notice_has_its_legal_elements(self):
        """Words, place and date, parties with SIREN, facts, principal apart, deadline, means, consequence, articles."""
        self.debtor.segment_id = self._segment("business")
        self.customer.write({"company_registry": "303 265 045 00014", "city": "Paris"})
        notice = self._notice("formal", medium="letter", lines=[{}, {"amount": 250.0, "amount_original": 250.0}])
        content = notice._render_letter_contents()[notice.id]
        words = _plain(" ".join(html.fromstring(str(content.body)).xpath("//text()")))
        for part in (
            "MISE EN DEMEURE",
            "Lyon, le 10 mars 2025",
            "SIREN 732 829 320",
            "SIREN 303 265 045",
            "INV/ 1",
            "1 250,00 € en principal",
            "Principal 1 250,00 €",
            "2 × 40,00 €",
            "8 jours",
            "IBAN",
            "juridiction compétente",
            "1344 du Code civil",
            "L441-10",
        ):
            self.assertIn(part, words)

    def test_first_message_to_public_buyers_names_chorus_and_is_no_formal_notice(self):
        self.debtor.segment_id = self._segment("public")
        words = self._words(self._mail(self._notice()))
        self.assertIn("Chorus Pro", words)
        self.assertNotIn("mise en demeure", words.lower())

    def test_no_threat_before_its_time(self):
        for lang, medium, text, words in self._all_texts("business"):
            if text not in ("firm", "formal"):
                self.assertNotRegex(
                    words.lower(), "juridiction|court\\b|mise en demeure|formal notice", f"{lang} {medium} {text}"
                )

    def test_successive_messages_differ(self):
        bodies = [self._words(self._mail(self._notice(text))) for text in ("before_due", "first", "second", "firm")]
        firsts = {body.split("Montant à régler")[0] for body in bodies}
        self.assertEqual(len(firsts), 4)


@tagged("post_install", "-at_install")
class TestNoticeLetter(NoticeTextCommon):
    def test_print_is_one_file_with_each_customers_page_and_language(self):
        other = self._new_customer("Example Bakery", lang="en_US")
        debtor = self.env["credit.debtor"].create({"partner_id": other.id, "company_id": self.company.id})
        letters = self._notice(medium="letter", channel_id=self.registered.id, registered_number="1A 234")
        letters |= self._notice(medium="letter", channel_id=self.letter.id, debtor=debtor)
        page = letters.with_user(self.collector)._print_letters().decode()
        tree = html.fromstring(page)
        articles = tree.xpath("//div[contains(@class, 'article')]")
        self.assertEqual([article.get("data-oe-id") for article in articles], [str(number) for number in letters.ids])
        french, english = (_plain(" ".join(article.xpath(".//text()"))) for article in articles)
        self.assertIn("Rappel de règlement", french)
        self.assertIn("Lettre recommandée avec accusé de réception", french)
        self.assertIn("1A 234", french)
        self.assertIn("Boulangerie Exemple 1 rue de la Paix 75002 Paris", french)
        self.assertIn("Payment reminder", english)
        self.assertNotIn("Registered letter", english)

    def test_enclosures_are_printed_behind_their_letter(self):
        """Letters are 100 and 101 points wide here, the enclosure 200."""
        letters = self._notice(medium="letter", channel_id=self.letter.id)
        letters |= self._notice(medium="letter", channel_id=self.letter.id)
        files = self.env["ir.attachment"].create(
            [
                {"name": "Statement.pdf", "raw": self._pdf(200), "mimetype": "application/pdf"},
                {"name": "Broken.pdf", "raw": b"%PDF-1.4 not really", "mimetype": "application/pdf"},
                {"name": "Photo.png", "raw": b"no pages"},
            ]
        )
        letters[0].sudo().attachment_ids = files
        report = self.env["ir.actions.report"].with_user(self.collector).with_context(force_report_rendering=True)
        with patch.object(type(report), "_run_wkhtmltopdf", lambda *args, **kwargs: self._pdf(100, 101)):
            content, kind = report._render_qweb_pdf("credit_control.action_report_notice_letter", letters.ids)
        widths = [float(page.mediaBox.getWidth()) for page in PdfFileReader(BytesIO(content)).pages]
        self.assertEqual((kind, widths), ("pdf", [100, 200, 101]))
        self.assertIn("Broken.pdf", letters[0].debtor_id.message_ids[0].body)

    def _pdf(self, *widths):
        writer = PdfFileWriter()
        for width in widths:
            writer.addBlankPage(width, 100)
        stream = BytesIO()
        writer.write(stream)
        return stream.getvalue()

    def test_sent_letter_is_printed_again_as_it_was(self):
        letter = self._notice(medium="letter", channel_id=self.letter.id, body="<p>As it was</p>", sent_at="2025-03-10")
        self.assertIn("As it was", letter._print_letters().decode())

    def test_only_letters_are_printed(self):
        mail = self._notice()
        with self.assertRaisesRegex(UserError, "no letter"):
            mail.action_print_letters()

    def test_statement_ties_to_the_open_items(self):
        self._invoice(500.0, date(2025, 2, 8), currency_id=self.euro.id)
        self._invoice(120.0, date(2025, 4, 8), currency_id=self.euro.id, issued=date(2025, 3, 1))
        report = self.env["ir.actions.report"].with_context(as_of="2025-03-10")
        page = report._render_qweb_pdf("credit_control.action_report_statement", self.debtor.ids)[0].decode()
        words = _plain(" ".join(html.fromstring(page).xpath("//text()")))
        self.assertIn("Solde EUR 620,00 €", words)
        self.assertIn("10/03/2025", words)

    def test_statement_goes_along_when_the_step_says_so(self):
        self.first.write({"attach_statement": True})
        notice = self._notice(step_id=self.first.id)
        self.assertFalse(notice._render_mail_contents(attachments=False)[notice.id].attachment_ids)
        files = self.env["ir.attachment"].browse(notice._render_mail_contents()[notice.id].attachment_ids)
        self.assertEqual(files.name, "Relevé de compte 2025-03-10.pdf")
        again = notice._render_mail_contents()[notice.id].attachment_ids
        self.assertFalse(files.exists() - files.browse(again), "a second attempt replaces the first one's file")

    def test_call_script_has_the_figures(self):
        self.first.call_script = "<p>I call about {{ total }} of {{ customer }}.</p>"
        notice = self._notice(step_id=self.first.id, channel_id=self.phone.id)
        script = _plain(str(notice._render_call_scripts()[notice.id].body))
        self.assertIn("I call about 1,000.00 € of Boulangerie Exemple.", script)


@tagged("post_install", "-at_install")
class TestShippedPolicies(CreditControlCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company._credit_load_policies()
        cls.shipped = {
            code: cls.env.ref(f"credit_control.policy_{code}_company_{cls.company.id}")
            for code in ("business", "consumer", "public", "key_account")
        }

    def test_each_ends_in_a_decision_that_comes_back(self):
        for policy in self.shipped.values():
            last = policy.step_ids.filtered(lambda step: step.delay_basis not in ("promise_broken", "dispute_closed"))[
                -1
            ]
            self.assertEqual((last.kind, last.repeat_days), ("decision", 30), policy.name)

    def test_each_written_step_has_its_texts(self):
        for step in self.shipped["business"].step_ids | self.shipped["public"].step_ids:
            if step.kind == "message" and not any(step.channel_ids.mapped("is_manual")):
                self.assertTrue(step.mail_template_id and step.letter_template_id, step.name)

    def test_public_buyers_are_reminded_before_any_formal_notice(self):
        texts = self.shipped["public"].step_ids.mail_template_id.ids
        formal = self.env.ref("credit_control.text_mail_formal").id
        self.assertGreaterEqual(texts.index(formal), 3)

    def test_segments_pick_by_rule(self):
        tag = self.env.ref("credit_control.category_public")
        town = self._new_customer("Commune Exemple", category_id=[Command.set(tag.ids)])
        person = self._new_customer("Dominique Exemple", is_company=False)
        key = self._new_customer(
            "Grand Exemple", category_id=[Command.set(self.env.ref("credit_control.category_key_account").ids)]
        )
        segments = self.env["credit.segment"].search([("policy_id", "in", [p.id for p in self.shipped.values()])])
        expected = {town: "public", person: "consumer", key: "key_account", self.customer: "business"}
        for partner, code in expected.items():
            first = next(segment for segment in segments if partner.filtered_domain(_domain(segment)))
            self.assertEqual(first.policy_id, self.shipped[code], partner.name)

    def test_loading_again_keeps_edits_and_brings_back_what_is_missing(self):
        self.shipped["business"].write({"name": "Ours", "minimum_amount": 77.0})
        self.shipped["public"].step_ids[0].delay_days = 9
        segment = self.env.ref(f"credit_control.segment_consumer_company_{self.company.id}")
        segment.unlink()
        count = self.env["credit.dunning.policy"].search_count([("company_id", "=", self.company.id)])
        self.company.with_user(self.manager).action_credit_load_policies()
        self.assertEqual(self.shipped["business"].name, "Ours")
        self.assertEqual(self.shipped["public"].step_ids[0].delay_days, 9)
        self.assertEqual(self.env["credit.dunning.policy"].search_count([("company_id", "=", self.company.id)]), count)
        self.assertTrue(self.env.ref(f"credit_control.segment_consumer_company_{self.company.id}"))

    def test_a_language_installed_later_names_them_too(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        business = self.shipped["business"].with_context(lang="fr_FR")
        self.assertEqual(business.name, "Entreprises")
        self.assertIn("Mise en demeure", business.step_ids.mapped("name"))

    def test_one_company_at_a_time(self):
        other = self.setup_other_company()["company"]
        other._credit_load_policies()
        policy = self.env.ref(f"credit_control.policy_business_company_{other.id}")
        self.assertEqual(policy.company_id, other)
        self.assertNotEqual(policy, self.shipped["business"])


def _domain(segment):
    return safe_eval(segment.domain)
