from datetime import date
from io import BytesIO

from openpyxl import load_workbook
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Date
from odoo.tests import tagged
from odoo.tools import html2plaintext, mute_logger

from .common_send import CreditSendCommon

DAY = date(2024, 12, 30)


class InsolvencyCommon(CreditSendCommon):
    """A customer with 1 000 due on 1 December 2024, dated 1 October; judgments by the collector's hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.env.ref("base.fr")

    def _judge(self, judgment=date(2024, 12, 20), **values):
        """Return the procedure that the collector records for the customer."""
        return (
            self.env["credit.insolvency"]
            .with_user(self.collector)
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "judgment_date": judgment,
                    **values,
                }
            )
        )


@tagged("post_install", "-at_install")
class TestInsolvencyDunning(InsolvencyCommon):
    """A collective procedure stops the reminders of what arose before its judgment, and of that alone."""

    def test_none_leaves_of_what_is_queued(self):
        """A mail and a letter wait in the queue; the procedure is recorded: none leaves."""
        self.first.channel_ids += self.letter
        notices = self._new_notice()
        self.assertEqual(set(notices.mapped("state")), {"queued"})
        self.assertEqual(len(notices), 2)
        self._judge()
        self.assertFalse(self._send(notices))
        self.assertEqual(set(notices.mapped("state")), {"cancelled"})
        self.assertEqual(set(notices.mapped("reason")), {"insolvent"})
        self.assertFalse(any(notices.line_ids.mapped("live")))

    def test_nothing_else_leaves_either(self):
        """The confirmation of a promise and the answer to a dispute wait in the queue: neither leaves."""
        promise = self.env["credit.promise"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "date": Date.add(Date.today(), days=5),
                "amount": 400,
                "move_line_ids": [Command.set(self._receivable(self.invoice).ids)],
            }
        )
        reason = self.env["credit.dispute.reason"].create({"name": "Quality", "code": "quality of the procedure"})
        dispute = self.env["credit.dispute"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "reason_id": reason.id,
                "line_ids": [Command.create({"move_line_id": self._receivable(self.invoice).id, "amount": 10})],
            }
        )
        notices = promise._confirm() + self.env["credit.dunning.notice"]._queue_about_disputes(dispute)
        self.assertEqual(notices.mapped("state"), ["queued", "queued"])
        self._judge()
        self.assertFalse(self._send(notices))
        self.assertEqual(set(notices.mapped("reason")), {"insolvent"})

    def test_none_leaves_by_the_cron(self):
        notices = self._new_notice()
        self._judge()
        self.assertFalse(self._send_by_cron("2024-12-30 10:00:00"))
        self.assertEqual((notices.state, notices.reason), ("cancelled", "insolvent"))

    def test_other_customers_are_still_reminded(self):
        other = self._new_customer("Atelier Nord")
        self._invoice(80, date(2024, 12, 1), partner=other)
        notices = self._new_notice()
        self._judge()
        self.assertEqual(len(self._send(notices)), 1)
        self.assertEqual(notices.filtered(lambda notice: notice.state == "sent").partner_id, other)

    def test_the_plan_says_insolvent(self):
        self._judge()
        run = self._plan(DAY)
        self.assertFalse(run.notice_ids)
        self.assertEqual(self._reason(self.invoice, run), "insolvent")

    def test_later_invoices_are_reminded(self):
        """Judgment on 20 December: an invoice of the 21st is payable at its due date, one of the 20th is held."""
        later = self._invoice(300, date(2024, 12, 21), issued=date(2024, 12, 21))
        same_day = self._invoice(70, date(2024, 12, 20), issued=date(2024, 12, 20))
        self._judge()
        run = self._plan(date(2024, 12, 31))
        self.assertEqual(run.notice_ids.line_ids.move_id, later)
        self.assertEqual(self._reason(same_day, run), "insolvent")
        run.action_approve()
        self._send(run.notice_ids)
        self.assertEqual((run.notice_ids.state, run.notice_ids.amount_total), ("sent", 300))

    def test_later_invoices_are_held_where_chosen(self):
        later = self._invoice(300, date(2024, 12, 21), issued=date(2024, 12, 21))
        self.company.credit_insolvency_later_items = "hold"
        self.assertEqual(self._judge().later_items, "hold")
        self.assertEqual(self._reason(later, self._plan(date(2024, 12, 31))), "insolvent")

    def test_liquidation_holds_all(self):
        self.assertEqual(self._judge(kind="liquidation").later_items, "hold")
        self.assertEqual(self._judge_other(kind="safeguard").later_items, "remind")

    def _judge_other(self, **values):
        return self._judge(partner_id=self._new_customer("Atelier Nord").id, **values)

    def test_later_invoice_of_an_earlier_claim(self):
        later = self._invoice(300, date(2024, 12, 21), issued=date(2024, 12, 21))
        self._judge(extra_line_ids=[Command.set(self._receivable(later).ids)])
        self.assertEqual(self._reason(later, self._plan(date(2024, 12, 31))), "insolvent")

    def test_without_a_judgment_all_is_held(self):
        self._judge(judgment=False, kind="conciliation")
        self.assertEqual(self._reason(self.invoice, self._plan(DAY)), "insolvent")

    def test_closed_it_is_reminded_again(self):
        insolvency = self._judge()
        with self.assertRaisesRegex(UserError, "result"):
            insolvency.action_close()
        insolvency.result = "recovered"
        insolvency.action_close()
        self.assertEqual(self._reason(self.invoice, self._plan(DAY)), "remind")
        insolvency.action_reopen()
        self.assertEqual(self._reason(self.invoice, self._plan(DAY)), "insolvent")

    def test_closed_for_insufficient_assets_it_stays_held(self):
        insolvency = self._judge()
        insolvency.result = "insufficient_assets"
        insolvency.action_close()
        self.assertEqual(self._reason(self.invoice, self._plan(DAY)), "insolvent")

    def test_who_is_insolvent_since_when(self):
        other = self._new_customer("Atelier Nord")
        debtors = self.env["credit.debtor"]._ensure(self.company, (self.customer | other).ids)
        self._judge()
        debtor = debtors.filtered(lambda debtor: debtor.partner_id == self.customer)
        known = debtors.with_user(self.collector)
        self.assertEqual(known._get_procedures(Date.today()), {debtor.id: {"insolvent": date(2024, 12, 20)}})
        self.assertFalse(known._get_procedures(date(2024, 12, 19)))
        self.assertFalse(known._get_blocks(Date.today()), "later invoices are reminded")

    def test_one_query_for_many(self):
        debtors = self.env["credit.debtor"]._ensure(
            self.company, [self._new_customer(f"C {number}").id for number in range(20)]
        )
        self.env.flush_all()
        with self.assertQueryCount(1):
            debtors._get_procedures(Date.today())


@tagged("post_install", "-at_install")
class TestInsolvency(InsolvencyCommon):
    """Its dates, deadlines, sums and states."""

    def test_deadline_two_months_after_publication(self):
        """Published on Friday 3 January 2025: 3 March is a Monday."""
        insolvency = self._judge(publication_date=date(2025, 1, 3))
        self.assertEqual(insolvency.declaration_deadline, date(2025, 3, 3))
        self.assertEqual(insolvency.reclaim_deadline, date(2025, 4, 3))

    def test_deadline_on_a_sunday_is_shown_with_the_friday(self):
        """Published on 2 January 2025: 2 March is a Sunday."""
        insolvency = self._judge(publication_date=date(2025, 1, 2))
        self.assertEqual(insolvency.declaration_legal_date, date(2025, 3, 2))
        self.assertEqual(insolvency.declaration_deadline, date(2025, 2, 28))

    def test_deadline_on_a_day_off_of_the_company(self):
        """The company is closed from Saturday 1 to Monday 3 March 2025."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "company_id": self.company.id,
                "date_from": "2025-03-03 00:00:00",
                "date_to": "2025-03-03 22:00:00",
            }
        )
        self.assertEqual(self._judge(publication_date=date(2025, 1, 3)).declaration_deadline, date(2025, 2, 28))

    def test_creditors_abroad_have_four_months(self):
        self.company.country_id = self.env.ref("base.be")
        insolvency = self._judge(publication_date=date(2025, 1, 3))
        self.assertEqual(insolvency.declaration_months, 4)
        self.assertEqual(insolvency.declaration_legal_date, date(2025, 5, 3))

    def test_end_of_a_short_month(self):
        """Published on 31 December: two months later is 28 February 2025, a Friday."""
        self.assertEqual(self._judge(publication_date=date(2024, 12, 31)).declaration_deadline, date(2025, 2, 28))

    def test_deadlines_are_activities_of_the_collector(self):
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
        debtor.collector_id = self.manager
        insolvency = self._judge(publication_date=date(2025, 1, 3), has_retention=True)
        declare = self.env.ref("credit_control.mail_activity_type_declare_claim")
        found = {activity.activity_type_id: activity for activity in insolvency.activity_ids}
        self.assertEqual(len(found), 2)
        self.assertEqual(found[declare].date_deadline, date(2025, 3, 3))
        self.assertEqual(found[declare].user_id, self.manager)
        insolvency.publication_date = date(2025, 1, 10)
        self.assertEqual(found[declare].date_deadline, date(2025, 3, 10))
        insolvency.action_declare()
        self.assertFalse(found[declare].exists().active)
        insolvency.result = "paid"
        insolvency.action_close()
        self.assertFalse(insolvency.activity_ids)

    def test_amicable_procedures_have_no_deadline(self):
        insolvency = self._judge(kind="conciliation", publication_date=date(2025, 1, 3))
        self.assertFalse(insolvency.declaration_deadline)
        self.assertFalse(insolvency.activity_ids)
        with self.assertRaisesRegex(UserError, "no claim to declare"):
            insolvency.action_declare()

    def test_claim_is_what_was_open_at_the_judgment(self):
        """1 000 and a credit of 100 open on 20 December; 400 paid on the 27th, 50 invoiced on the 21st."""
        self._invoice(100, date(2024, 12, 1), move_type="out_refund")
        later = self._invoice(50, date(2024, 12, 21), issued=date(2024, 12, 21))
        self._register_payment(self.invoice, amount=400, payment_date=date(2024, 12, 27))
        insolvency = self._judge()
        self.assertEqual(insolvency.amount_claim, 900)
        insolvency.extra_line_ids = self._receivable(later)
        self.assertEqual(insolvency.amount_claim, 950)

    def test_foreign_currency_at_the_rate_of_the_judgment(self):
        """200 at 2 for one of the company's on the day of the judgment, whatever it was when invoiced."""
        currency = self.setup_other_currency("CHF", rates=[("2024-01-01", 4.0), ("2024-12-20", 2.0)])
        self._invoice(200, date(2024, 12, 1), currency_id=currency.id)
        self.assertEqual(self._judge().amount_claim, 1100)

    def test_claims_of_a_list_in_one_query(self):
        """Each procedure at its own judgment: 1 000; 200 + 30 open then, of which 30 paid since; 70 invoiced later."""
        others = [self._new_customer(name) for name in ("Atelier Nord", "Garage Tiers")]
        self._invoice(200, date(2024, 12, 1), partner=others[0])
        paid = self._invoice(30, date(2024, 12, 1), partner=others[0])
        self._register_payment(paid, payment_date=date(2024, 12, 24))
        later = self._invoice(70, date(2025, 1, 15), partner=others[1], issued=date(2024, 12, 28))
        found = self._judge()
        found += self._judge(partner_id=others[0].id, judgment=date(2024, 12, 23))
        found += self._judge(partner_id=others[1].id, extra_line_ids=self._receivable(later).ids)
        self.env.flush_all()
        found.invalidate_recordset(["amount_claim"])
        found.fetch(["company_id", "judgment_date", "partner_id"])
        found.mapped("extra_line_ids")
        found.partner_id.mapped("commercial_partner_id")
        with self.assertQueryCount(1):
            found._query_claims()
        self.assertEqual(found.mapped("amount_claim"), [1000, 230, 70])

    def test_declare_admit_close(self):
        insolvency = self._judge()
        with self.assertRaisesRegex(UserError, "declared"):
            insolvency.action_admit()
        insolvency.action_declare()
        self.assertEqual((insolvency.state, insolvency.amount_declared), ("declared", 1000))
        self.assertEqual(insolvency.declared_on, Date.today())
        with self.assertRaises(UserError):
            insolvency.action_declare()
        insolvency.amount_admitted = 800
        insolvency.action_admit()
        self.assertEqual((insolvency.state, insolvency.amount_admitted), ("admitted", 800))
        with self.assertRaisesRegex(UserError, "kept"):
            insolvency.with_user(self.manager).unlink()

    def test_one_at_a_time(self):
        self._judge()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._judge()

    def test_a_contact_stands_for_its_company(self):
        contact = self.env["res.partner"].create({"name": "Director", "parent_id": self.customer.id})
        self.assertEqual(self._judge(partner_id=contact.id).partner_id, self.customer)

    def test_not_published_before_it_is_judged(self):
        with self.assertRaisesRegex(ValidationError, "12/01/2024.*12/20/2024"):
            self._judge(publication_date=date(2024, 12, 1))

    def test_a_day_that_nobody_counts_from_is_refused(self):
        for name in ("judgment_date", "publication_date"):
            refused = self.assertRaisesRegex(ValidationError, "12/31/9999")
            with self.subTest(name=name), refused, self.cr.savepoint():
                self._judge(**{"publication_date": date(2025, 1, 3), name: date(9999, 12, 31)})

    def test_months_to_declare_that_no_law_has_are_refused(self):
        insolvency = self._judge(publication_date=date(2025, 1, 3))
        for months in (0, 121):
            with (
                self.subTest(months=months),
                self.assertRaisesRegex(IntegrityError, "declaration_months_range"),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                insolvency.declaration_months = months
                insolvency.flush_recordset()

    def test_every_panel_opens(self):
        self._judge()
        insolvencies = self.env["credit.insolvency"].with_user(self.reader)
        for name in ("state", "kind"):
            values = insolvencies.search_panel_select_range(name, enable_counters=True)["values"]
            self.assertEqual(sum(value["__count"] for value in values), insolvencies.search_count([]), name)

    def test_readers_read(self):
        insolvency = self._judge().with_user(self.reader)
        self.assertEqual(insolvency.amount_claim, 1000)
        for act in (insolvency.action_declare, insolvency.action_close):
            with self.assertRaises(AccessError):
                act()


@tagged("post_install", "-at_install")
class TestClaimDeclaration(InsolvencyCommon):
    """The document: who claims what from whom, as it was open at the judgment."""

    def _render(self, insolvency):
        html, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.collector)
            ._render_qweb_html("credit_control.report_claim_declaration", insolvency.ids)
        )
        return html.decode()

    def _text(self, insolvency):
        return " ".join(html2plaintext(self._render(insolvency)).split()).replace("\xa0", " ").replace("\u202f", " ")

    def test_what_it_says(self):
        """1 000 due on 1 December, 250 due on 15 January: the judgment of 20 December stands between them."""
        self._invoice(250, date(2025, 1, 15))
        self._invoice(999, date(2024, 12, 21), issued=date(2024, 12, 21))
        self.company.partner_id.company_registry = "552 100 554"
        liquidator = self._new_customer("Etude Exemple", street="4 place du Palais")
        insolvency = self._judge(
            kind="liquidation", court="Tribunal de Paris", reference="2024L123", representative_id=liquidator.id
        )
        text = self._text(insolvency)
        for words in (
            "Declaration of claim",
            "Etude Exemple",
            "4 place du Palais",
            "Boulangerie Exemple",
            "Tribunal de Paris",
            "2024L123",
            "December 20, 2024",
            "Due on the day of the judgment",
            "1,000.00",
            "Falling due later",
            "250.00",
            "1,250.00",
            "unsecured",
        ):
            self.assertIn(words, text)
        self.assertNotIn("999", text, "what arose after the judgment isn't part of the claim")

    def test_hostile_texts_are_texts(self):
        self.customer.name = "<script>alert(1)</script>"
        html = self._render(self._judge(court="<img src=x onerror=alert(2)>", claim_rank="<b onclick=x>"))
        self.assertNotIn("<script>alert", html)
        self.assertNotIn("<img src=x", html)
        self.assertNotIn("<b onclick", html)

    def test_room_for_interest(self):
        """What an addon declares beside the principal is listed and added."""
        claims = type(self.env["credit.insolvency"])
        self.patch(claims, "_get_claim_accessories", lambda self: [("Interest", 12.5), ("Fixed sums", 40.0)])
        text = self._text(self._judge())
        for words in ("Interest", "12.50", "Fixed sums", "40.00", "1,052.50"):
            self.assertIn(words, text)

    def test_as_a_table(self):
        self.invoice.payment_reference = "=1+1"
        insolvency = self._judge()
        action = insolvency.action_claim_xlsx()
        attachment = self.env["ir.attachment"].search([("res_model", "=", "credit.insolvency")])
        self.assertIn(str(attachment.id), action["url"])
        self.assertEqual(insolvency.action_claim_xlsx()["url"], action["url"], "twice makes one file")
        sheet = load_workbook(BytesIO(attachment.raw)).active
        self.assertEqual([cell.value for cell in sheet[2]][0], self.invoice.name)
        self.assertEqual(sheet.cell(2, 8).value, 1000)
        self.assertEqual(sheet.cell(3, 8).value, 1000)
        self.assertNotIn("f", {cell.data_type for row in sheet.iter_rows() for cell in row})
