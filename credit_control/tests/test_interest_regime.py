from datetime import date

from freezegun import freeze_time
from lxml import html
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.credit_control.core import law
from odoo.addons.credit_control.models import credit_dunning_hours

from .common import CreditControlCommon


class InterestCommon(CreditControlCommon):
    """Amounts in euros, as in the specification: 12 000 due on 31 May 2025, looked at on 31 August."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        cls.engine = cls.env["credit.charge.engine"]
        cls.charges = cls.env["credit.charge"]
        cls.account = cls.env["account.account"].create(
            {"name": "Interest", "code": "763100", "account_type": "income_other", "company_ids": cls.company.ids}
        )
        cls.company.credit_charge_account_id = cls.account

    @classmethod
    def _late(cls, amount=12000.0, due="2025-05-31", **values):
        return cls._invoice(amount, due, issued=date(2025, 4, 30), currency_id=cls.euro.id, **values)

    @classmethod
    def _consumer(cls, country="fr"):
        return cls._new_customer(
            f"Client {country.upper()}", is_company=False, country_id=cls.env.ref(f"base.{country}").id
        )

    def _bears(self, move, day=date(2025, 8, 31)):
        [outcome] = self.engine._get_outcomes(day, line_ids=self._receivable(move).ids).values()
        return outcome

    def _claim(self, move, day=date(2025, 8, 31)):
        return self.charges._claim(self._receivable(move).ids, day)

    def _card(self, partner):
        return self.env["credit.debtor"]._ensure(self.company, partner.ids)


@tagged("post_install", "-at_install")
class TestInterestRegime(InterestCommon):
    """Which law holds for whom: the shipped regimes and rates, and those of one's own."""

    def _find(self, kind, country):
        regimes = self.env["credit.interest.regime"]._get_terms(self.company.ids)
        found = law.choose([terms.regime for terms in regimes], kind, country, self.company.id)
        return self.env["credit.interest.regime"].browse(found.id) if found else None

    def test_every_regime_of_the_law_is_shipped(self):
        expected = {
            ("business", "FR"): "fr_business",
            ("public", "FR"): "fr_public",
            ("consumer", "FR"): "fr_consumer",
            ("business", "RE"): "fr_business",
            ("business", "DE"): "de_business",
            ("consumer", "DE"): "de_consumer",
            ("business", "AT"): "at_business",
            ("business", "BE"): "be_business",
            ("consumer", "BE"): "be_consumer",
            ("business", "IE"): "ie_business",
            ("business", "PL"): "pl_business",
            ("business", "GB"): "gb_business",
            ("business", "FI"): "eu_business",
            ("public", "ES"): "eu_public",
        }
        for key, code in expected.items():
            self.assertEqual(self._find(*key), self.env.ref(f"credit_control.interest_regime_{code}"), key)
        for country in ("NL", "ES", "IT", "PT", "LU"):
            regime = self._find("business", country)
            self.assertEqual(regime.country_ids.code, country)
            self.assertTrue(regime.to_confirm)
        self.assertIsNone(self._find("business", "US"))
        self.assertIsNone(self._find("consumer", "ES"))

    def test_no_shipped_consumer_regime_has_a_fixed_sum(self):
        consumers = self.env["credit.interest.regime"].search([("kind", "=", "consumer")])
        self.assertEqual(len(consumers), 3)
        self.assertFalse(consumers.tier_ids)

    def test_rates_shipped(self):
        rates = self.env["credit.interest.rate"]._get_rates()
        ecb = rates[self.env.ref("credit_control.interest_reference_ecb").id]
        self.assertEqual([ecb[date(year, 1, 1)] for year in (2023, 2024, 2025, 2026)], [2.5, 4.5, 3.15, 2.15])
        self.assertEqual([ecb[date(year, 7, 1)] for year in (2023, 2024, 2025, 2026)], [4.0, 4.25, 2.15, 2.4])
        base = rates[self.env.ref("credit_control.interest_reference_de_base").id]
        self.assertEqual((base[date(2025, 1, 1)], base[date(2025, 7, 1)]), (2.27, 1.27))
        legal = rates[self.env.ref("credit_control.interest_reference_fr_legal_professional").id]
        self.assertNotIn(date(2026, 7, 1), legal)
        self.assertTrue(self.env.ref("credit_control.interest_rate_ecb_2026_07").to_confirm)

    def test_missing_rate_is_named_and_a_row_mends_it(self):
        """12 000 × 2 % (legal rate of the test) for 31 days of July 2026."""
        customer = self._consumer()
        move = self._late(partner=customer, due="2026-06-30")
        self._card(customer).segment_id = False
        case = self.engine._get_cases(date(2026, 7, 31), line_ids=self._receivable(move).ids)
        self.assertEqual(case[0][0].kind, "consumer")
        # Interest of a business in Austria: no rate is shipped at all.
        self.customer.country_id = self.env.ref("base.at")
        outcome = self._bears(self._late())
        self.assertEqual((outcome.problem, outcome.interest, outcome.fixed_sum), ("rate_missing", 0.0, 40.0))
        with self.assertRaisesRegex(UserError, "Austria, base rate.*01/01/2025.*Reference rates"):
            self.engine._check_rates([outcome])
        reference = self.env.ref("credit_control.interest_reference_at_base").with_user(self.manager)
        reference.rate_ids = [
            Command.create({"date_from": day, "rate": rate})
            for day, rate in (("2025-01-01", 2.27), ("2025-07-01", 1.27))
        ]
        self.assertEqual(self._bears(self._late()).interest, 326.54)

    def test_every_rate_without_figure_is_named(self):
        """Poland and Belgium's consumers: no figure is known, so none is taken; the message says which and where."""
        self.customer.country_id = self.env.ref("base.pl")
        consumer = self._consumer("be")
        self.first.is_formal_notice = True
        moves = self._late(), self._late(partner=consumer)
        self._run("2025-06-20")
        # Between businesses it runs from the due day; a consumer's from the formal notice of 20 June.
        missing = ("Poland.*01/01/2025", "Belgium, legal rate.*07/01/2025")
        for move, words in zip(moves, missing, strict=True):
            outcome = self._bears(move)
            self.assertEqual((outcome.problem, outcome.interest), ("rate_missing", 0.0))
            with self.assertRaisesRegex(UserError, f"{words}.*Enter it under.*Reference rates"):
                self.engine._check_rates([outcome])

    def test_a_rate_holds_for_a_half_year(self):
        reference = self.env.ref("credit_control.interest_reference_at_base")
        with self.assertRaisesRegex(ValidationError, "half-year"):
            reference.rate_ids = [Command.create({"date_from": "2025-03-01", "rate": 2.0})]
        with self.assertRaisesRegex(ValidationError, "per cent"):
            reference.rate_ids = [Command.create({"date_from": "2025-01-01", "rate": 315.0})]
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.env["credit.interest.rate"].create(
                [{"reference_id": reference.id, "date_from": "2030-01-01", "rate": rate} for rate in (1.0, 2.0)]
            )

    def test_own_terms_go_before_the_law_but_not_below_its_floor(self):
        """5 % agreed: three times the legal rate, 11.13 and 8.28 %, holds; 15 % agreed stands."""
        own = self.env.ref("credit_control.interest_regime_fr_business").copy(
            {"company_id": self.company.id, "reference_id": False, "margin": 5.0}
        )
        # 12 000 × (11.13 % × 30 + 8.28 % × 62) / 365 = 109.7753 + 168.7759
        self.assertEqual(self._bears(self._late()).interest, 278.55)
        own.margin = 15.0
        # 12 000 × 15 % × 92 / 365
        self.assertEqual(self._bears(self._late()).interest, 453.70)

    def test_a_customers_own_regime_needs_a_reason(self):
        card = self._card(self.customer).with_user(self.manager)
        german = self.env.ref("credit_control.interest_regime_de_business")
        with self.assertRaisesRegex(ValidationError, "why"):
            card.interest_regime_id = german
        card.write({"interest_regime_id": german.id, "interest_regime_reason": "German law by contract"})
        self.assertEqual(self._bears(self._late()).interest, 320.50)
        self.assertEqual(card.applied_regime_id, german)

    def test_a_deadline_ends_on_a_day_that_is_worked_where_the_debtor_is(self):
        """1 May 2026, a Friday, is closed in France and Belgium; in the United Kingdom the Monday after is."""
        if credit_dunning_hours.country_holidays is None:
            self.skipTest("the library of public holidays isn't installed")
        worked = self.company._credit_get_working_day_from
        self.assertEqual(worked(date(2026, 5, 1), self.env.ref("base.fr")), date(2026, 5, 4))
        self.assertEqual(worked(date(2026, 5, 1), self.env.ref("base.uk")), date(2026, 5, 1))
        self.assertEqual(worked(date(2026, 5, 2), self.env.ref("base.uk")), date(2026, 5, 5))

    def test_only_managers_change_regimes_and_rates(self):
        regime = self.env.ref("credit_control.interest_regime_fr_business")
        with self.assertRaises(AccessError):
            regime.with_user(self.collector).margin = 20.0
        regime.with_user(self.manager).margin = 12.0

    def test_consumers_regime_takes_no_fixed_sum(self):
        regime = self.env.ref("credit_control.interest_regime_fr_consumer").with_user(self.manager)
        with self.assertRaisesRegex(ValidationError, "fixed sum"):
            regime.tier_ids = [Command.create({"amount": 40.0})]


@tagged("post_install", "-at_install")
class TestConsumerGuard(InterestCommon):
    """Consumers in France, Germany and Belgium: no fixed sum, no business rate, whatever is tried."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.consumers = [cls._consumer(country) for country in ("fr", "de", "be")]
        cls.business = cls.env.ref("credit_control.interest_regime_fr_business")

    def test_engine(self):
        """Germany alone has interest without a formal notice: base + 5, 199.51."""
        for customer, interest in zip(self.consumers, (0.0, 199.51, 0.0), strict=True):
            outcome = self._bears(self._late(partner=customer))
            self.assertEqual((outcome.interest, outcome.fixed_sum), (interest, 0.0), customer.name)

    def test_claiming_stores_no_fixed_sum(self):
        for customer in self.consumers:
            charges = self._claim(self._late(partner=customer)).sudo()
            self.assertNotIn("fixed_sum", charges.mapped("kind"))
            self.assertLessEqual(set(charges.regime_id.mapped("kind")), {"consumer"})

    def test_own_regime_of_businesses_is_refused(self):
        for customer in self.consumers:
            card = self._card(customer).with_user(self.manager)
            with self.assertRaisesRegex(ValidationError, "consumer"):
                card.write({"interest_regime_id": self.business.id, "interest_regime_reason": "We want it"})

    def test_own_regime_written_past_the_screen_has_no_effect(self):
        for customer in self.consumers:
            card = self._card(customer)
            self.env.cr.execute(
                "UPDATE credit_debtor SET interest_regime_id = %s WHERE id = %s", (self.business.id, card.id)
            )
            self.env.invalidate_all()
            outcome = self._bears(self._late(partner=customer))
            self.assertEqual(outcome.fixed_sum, 0.0)
            self.assertNotEqual(outcome.regime, self.business.id)

    def test_nobody_creates_charges_by_hand(self):
        move = self._late(partner=self.consumers[0])
        vals = {
            "company_id": self.company.id,
            "partner_id": self.consumers[0].id,
            "move_id": move.id,
            "move_line_id": self._receivable(move).id,
            "regime_id": self.business.id,
            "kind": "fixed_sum",
            "amount": 40.0,
            "currency_id": self.euro.id,
            "date_to": "2025-08-31",
        }
        for user in (self.collector, self.manager):
            with self.assertRaises(AccessError):
                self.charges.with_user(user).with_context(credit_notice_key=True, default_state="claimed").create(vals)
        for kind in ("fixed_sum", "interest"):
            with self.assertRaisesRegex(ValidationError, "consumer"):
                self.charges.sudo().create({**vals, "kind": kind})

    def test_invoice_wizard_refuses_what_became_unlawful(self):
        """Claimed while the customer counted as a business; the segment says consumer since."""
        charges = self._claim(self._late())
        segment = self.env["credit.segment"].create(
            {"name": "Consumers", "kind": "consumer", "company_id": self.company.id}
        )
        self._card(self.customer).segment_id = segment
        wizard = self.env["credit.charge.invoice"].with_user(self.collector)
        wizard = wizard.create(
            {"charge_ids": charges.ids, "company_id": self.company.id, "account_id": self.account.id}
        )
        with self.assertRaisesRegex(ValidationError, "consumer"):
            wizard.action_invoice()

    def test_a_step_that_claims_claims_nothing_unlawful(self):
        self.first.claims_charges = True
        for customer in self.consumers:
            self._late(partner=customer)
        run = self._run("2025-06-20")
        self.assertEqual(run.notice_ids.partner_id, self.env["res.partner"].union(*self.consumers))
        charges = self.charges.search([("partner_id", "in", run.notice_ids.partner_id.ids)])
        self.assertEqual(charges.partner_id, self.consumers[1])
        self.assertEqual(charges.kind, "interest")
        self.assertEqual(charges.regime_id, self.env.ref("credit_control.interest_regime_de_consumer"))

    def test_a_template_that_asks_for_them_gets_none(self):
        template = self.env.ref("credit_control.text_mail_first").copy(
            {"body_html": '<t t-out="charges"/><t t-foreach="claims" t-as="claim" t-out="claim[0]"/>'}
        )
        self.first.mail_template_id = template
        for customer in (self.consumers[0], self.consumers[2]):
            self._late(partner=customer)
        run = self._plan("2025-06-20")
        self.assertEqual(len(run.notice_ids), 2)
        for content in run.notice_ids._render_mail_contents(attachments=False).values():
            self.assertIn("Principal", content.body)
            self.assertNotRegex(content.body, "(?i)fixed sum|late-payment interest|40[.,]00")

    def test_no_text_that_is_shipped_asks_for_them(self):
        """Each shipped message, in a formal notice that claims: of none of the three more than consumers' interest."""
        templates = self.env["mail.template"].search([("model", "=", "credit.dunning.notice")])
        self.assertGreater(len(templates), 5)
        self.first.write({"claims_charges": True, "is_formal_notice": True})
        for customer in self.consumers:
            self._late(partner=customer)
            customer.lang = "en_US"
        notices = self._plan("2025-06-20").notice_ids
        self.assertEqual(len(notices), 3)
        for template in templates:
            self.first.mail_template_id = template
            for content in notices._render_mail_contents(attachments=False).values():
                words = " ".join(html.fromstring(content.body).xpath("//text()"))
                self.assertNotRegex(words, r"(?i)fixed sum|recovery cost|\b40[.,]00", template.name)

    def test_no_button_charges_them(self):
        for customer, interest in zip(self.consumers, (0.0, 199.51, 0.0), strict=True):
            move = self._late(partner=customer)
            items = self.env["credit.charge.item"].with_user(self.collector).with_context(as_of="2025-08-31")
            items = items.search([("id", "in", self._receivable(move).ids)])
            self.assertEqual(sum(items.mapped("amount_fixed_sum")), 0.0)
            self.assertEqual(sum(items.mapped("amount_interest")), interest)
            with freeze_time("2025-08-31 10:00:00"):
                for press in (items.action_claim, items.action_invoice):
                    if interest:
                        press()
                    else:
                        with self.assertRaisesRegex(UserError, "neither interest nor a fixed sum"):
                            press()
        charges = self.charges.search([("partner_id", "in", [customer.id for customer in self.consumers])])
        self.assertRecordValues(charges, [{"kind": "interest", "amount": 199.51, "state": "claimed"}])

    def test_merged_with_a_business_they_owe_none_of_its_charges(self):
        self._claim(self._late())
        wizard = self.env["base.partner.merge.automatic.wizard"]
        with self.assertRaisesRegex(UserError, "is a consumer.*Waive what was claimed"):
            wizard._merge((self.customer | self.consumers[0]).ids, self.consumers[0])


@tagged("post_install", "-at_install")
class TestLimitation(InterestCommon):
    """Until when a claim can be brought; what begins the time anew."""

    def _limitation(self, move, day="2025-06-01"):
        items = self.env["credit.open.item"].with_context(as_of=day)
        # A request of its own: what the cache holds is of the one before.
        items.invalidate_model()
        return items.browse(self._receivable(move).id).limitation_date

    def _old(self, **values):
        return self._invoice(1000.0, "2021-04-01", issued=date(2021, 3, 1), **values)

    def test_five_years_between_businesses_and_a_part_payment(self):
        """Due 1 April 2021: 1 April 2026; part payment on 10 October 2024: 10 October 2029."""
        move = self._old()
        self.assertEqual(self._limitation(move), date(2026, 4, 1))
        self._register_payment(move, amount=100.0, payment_date="2024-10-10")
        self.assertEqual(self._limitation(move), date(2029, 10, 10))
        # On a day before the payment nobody knew of it.
        self.assertEqual(self._limitation(move, "2024-10-09"), date(2026, 4, 1))

    def test_writing_a_part_off_acknowledges_nothing(self):
        """C. civ. 2240 is about what the debtor does; the same entry on the bank's account is a part payment."""
        move = self._old()
        self._book_off(move, 100.0, date(2024, 10, 10), self.company_data["default_account_expense"])
        self.assertEqual(self._limitation(move), date(2026, 4, 1))
        bank = self.company_data["default_journal_bank"].default_account_id
        self._book_off(move, 100.0, date(2024, 10, 11), bank)
        self.assertEqual(self._limitation(move), date(2029, 10, 11))

    def test_two_years_against_consumers(self):
        move = self._old(partner=self._consumer())
        self.assertEqual(self._limitation(move), date(2023, 4, 1))

    def test_written_promise_begins_it_anew_and_a_spoken_one_does_not(self):
        move = self._old()
        for channel, expected in (("phone", date(2026, 4, 1)), ("email", date(2030, 5, 5))):
            self.env["credit.promise"].create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "date": "2025-05-20",
                    "date_recorded": "2025-05-05",
                    "amount": 400.0 if channel == "phone" else 500.0,
                    "channel": channel,
                    "move_line_ids": [Command.set(self._receivable(move).ids)],
                }
            )
            self.assertEqual(self._limitation(move), expected, channel)

    def test_card_shows_the_first(self):
        self._old()
        self._invoice(500.0, "2022-04-01", issued=date(2022, 3, 1))
        card = self._card(self.customer)
        self.assertEqual(card.with_context(as_of="2025-06-01").limitation_date, date(2026, 4, 1))

    def test_search(self):
        move = self._old()
        items = self.env["credit.open.item"].with_context(as_of="2025-06-01").with_user(self.collector)
        self.assertIn(self._receivable(move).id, items.search([("limitation_date", "<=", "2026-04-01")]).ids)
        self.assertNotIn(self._receivable(move).id, items.search([("limitation_date", "<", "2026-04-01")]).ids)
        for domain, is_found in (("=", "2026-04-01"), True), (("!=", "2026-04-01"), False), (("!=", False), True):
            with self.subTest(domain=domain):
                found = items.search([("limitation_date", *domain)])
                self.assertEqual(self._receivable(move).id in found.ids, is_found)
        self.assertNotIn(self._receivable(move).id, items.search([("limitation_date", "=", False)]).ids)
