from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.company_day import company_today
from .common_signal import DAY, CreditSignalCommon, SignalContract


def all_subclasses(cls):
    """Yield the classes that inherit from ``cls``, at any depth."""
    for child in cls.__subclasses__():
        yield child
        yield from all_subclasses(child)


class PunctualCommon(SignalContract):
    """Three invoices paid in time make a habit."""

    def _pay_in_time(self, partner, count=3):
        for month in range(1, count + 1):
            due = DAY.replace(month=month, day=15)
            self._paid(100.0, due, due, partner)


@tagged("post_install", "-at_install")
class TestFirstLate(PunctualCommon):
    signal_xmlid = "signal_first_late"

    def _fire(self, partner):
        self._pay_in_time(partner)
        self._open(200.0, self._days(-6), partner)

    def _nearly_fire(self, partner):
        """Five days late: the threshold is more than five."""
        self._pay_in_time(partner)
        self._open(200.0, self._days(-5), partner)

    def _end(self, partner):
        self._pay(self._invoices(partner), self._days(1))

    def _invoices(self, partner):
        return self.env["account.move"].search(
            [
                ("partner_id", "=", partner.id),
                ("move_type", "=", "out_invoice"),
                ("payment_state", "in", ("not_paid", "partial")),
                ("state", "=", "posted"),
            ]
        )

    def test_two_invoices_are_no_habit(self):
        self._pay_in_time(self.customer, 2)
        self._open(200.0, self._days(-6))
        self.assertFalse(self._detect(self.signal_xmlid))

    def test_who_was_late_before_isn_t_for_the_first_time(self):
        self._pay_in_time(self.customer)
        self._paid(100.0, self._days(-90), self._days(-60))
        self._open(200.0, self._days(-6))
        self.assertFalse(self._detect(self.signal_xmlid))

    def test_the_second_time_is_no_news(self):
        self._fire(self.customer)
        self._detect(self.signal_xmlid)
        self._end(self.customer)
        self._detect(self.signal_xmlid, self._days(2))
        self._open(200.0, self._days(3))
        self.assertFalse(self._detect(self.signal_xmlid, self._days(40)))


@tagged("post_install", "-at_install")
class TestFirstPartPayment(PunctualCommon):
    signal_xmlid = "signal_first_part_payment"

    def _fire(self, partner):
        self._pay_in_time(partner)
        self._pay(self._open(1000.0, self._days(-10), partner), self._days(-2), amount=900.0)

    def _nearly_fire(self, partner):
        """50.00 are left: the threshold is more than 50."""
        self._pay_in_time(partner)
        self._pay(self._open(1000.0, self._days(-10), partner), self._days(-2), amount=950.0)

    def _end(self, partner):
        invoices = self.env["account.move"].search([("partner_id", "=", partner.id), ("payment_state", "=", "partial")])
        self._pay(invoices, self._days(1))

    def test_an_item_that_isn_t_due_may_be_paid_in_parts(self):
        self._pay_in_time(self.customer)
        self._pay(self._open(1000.0, self._days(10)), self._days(-2), amount=100.0)
        self.assertFalse(self._detect(self.signal_xmlid))


@tagged("post_install", "-at_install")
class TestBrokenPromise(SignalContract):
    signal_xmlid = "signal_broken_promise"

    def _break(self, partner, broken_on):
        invoice = self._open(500.0, self._days(-60), partner)
        return self.env["credit.promise"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "date": broken_on - timedelta(days=4),
                "date_recorded": broken_on - timedelta(days=20),
                "amount": 500.0,
                "amount_left": 500.0,
                "state": "broken",
                "broken_on": broken_on,
                "move_line_ids": [Command.set(self._receivable(invoice).ids)],
            }
        )

    def _fire(self, partner):
        self._break(partner, self._days(-28))

    def _nearly_fire(self, partner):
        """Broken 30 days ago: the detector looks at the last 30."""
        self._break(partner, self._days(-30))

    def _end(self, partner):
        promise = self.env["credit.promise"].search([("partner_id", "=", partner.id)])
        self._pay(promise.move_line_ids.move_id, self._days(1))

    def test_the_next_promise_is_told_too(self):
        self._fire(self.customer)
        first = self._detect(self.signal_xmlid)
        self._break(self.customer, self._days(0))
        self.assertEqual(len(self._detect(self.signal_xmlid) - first), 1)


@tagged("post_install", "-at_install")
class TestReturnedPayment(SignalContract):
    signal_xmlid = "signal_returned_payment"

    def _return(self, partner, day):
        item = self._receivable(self._open(500.0, self._days(-60), partner))
        self.env["credit.payment.return"].create({"move_line_id": item.id, "date": day, "amount": 500.0})

    def _fire(self, partner):
        self._return(partner, self._days(-28))

    def _nearly_fire(self, partner):
        self._return(partner, self._days(-30))

    def _end(self, partner):
        returns = self.env["credit.payment.return"].search([("partner_id", "=", partner.id)])
        self._pay(returns.move_line_id.move_id, self._days(1))


@tagged("post_install", "-at_install")
class TestOrderPeak(SignalContract):
    """360 days with 1 200 are 100 in 30 days: more than 200 is a peak."""

    signal_xmlid = "signal_order_peak"

    def _buy(self, partner, recent, is_late=True):
        self._paid_invoice(1200.0, self._days(-200), partner)
        self._invoice(recent, self._days(60), partner=partner, issued=self._days(-3))
        self._invoice(10.0, self._days(-9 if is_late else 9), partner=partner, issued=self._days(-400))

    def _paid_invoice(self, amount, day, partner):
        invoice = self._invoice(amount, day, partner=partner, issued=day)
        self._pay(invoice, day)

    def _fire(self, partner):
        self._buy(partner, 200.01)

    def _nearly_fire(self, partner):
        self._buy(partner, 200.0)

    def _end(self, partner):
        late = self.env["account.move"].search(
            [("partner_id", "=", partner.id), ("invoice_date_due", "<", DAY), ("payment_state", "=", "not_paid")]
        )
        self._pay(late, self._days(1))

    def test_who_isn_t_late_may_buy(self):
        self._buy(self.customer, 1000.0, is_late=False)
        self.assertFalse(self._detect(self.signal_xmlid))


@tagged("post_install", "-at_install")
class TestLimitUse(SignalContract):
    signal_xmlid = "signal_limit_use"

    def _owe(self, partner, amount):
        self.company.account_use_credit_limit = True
        self.env["credit.debtor"]._ensure(self.company, partner.ids)
        partner.with_company(self.company).sudo().credit_limit = 1000.0
        self._open(amount, self._days(30), partner)

    def _fire(self, partner):
        self._owe(partner, 900.01)

    def _nearly_fire(self, partner):
        self._owe(partner, 900.0)

    def _end(self, partner):
        partner.with_company(self.company).sudo().credit_limit = 2000.0


@tagged("post_install", "-at_install")
class TestDisputeLate(SignalContract):
    signal_xmlid = "signal_dispute_late"

    def _dispute(self, partner, deadline):
        invoice = self._open(500.0, self._days(-60), partner)
        self.env["credit.dispute"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "reason_id": self.env["credit.dispute.reason"].search([], limit=1).id,
                "date": self._days(-20),
                "deadline": deadline,
                "line_ids": [Command.create({"move_line_id": self._receivable(invoice).id, "amount": 100.0})],
            }
        )

    def _fire(self, partner):
        self._dispute(partner, self._days(-1))

    def _nearly_fire(self, partner):
        self._dispute(partner, self._days(0))

    def _end(self, partner):
        dispute = self.env["credit.dispute"].search([("partner_id", "=", partner.id)])
        dispute.deadline = self._days(20)


@tagged("post_install", "-at_install")
class TestRatingDown(SignalContract):
    signal_xmlid = "signal_rating_down"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agency = cls.env["credit.rating.agency"].create(
            {"name": "Agence Exemple", "kind": "figures", "worst": 0.0, "best": 20.0}
        )

    def _rate(self, partner, *ratings):
        for value, day in ratings:
            self.env["credit.rating"].create(
                {"partner_id": partner.id, "agency_id": self.agency.id, "value": value, "date": day}
            )

    def _fire(self, partner):
        self._rate(partner, ("14", self._days(-200)), ("13", self._days(-80)))

    def _nearly_fire(self, partner):
        """The same rating again; and one that was worse, but long ago."""
        self._rate(partner, ("14", self._days(-200)), ("14", self._days(-80)))
        self._rate(self._new_customer("Garage Ancien"), ("14", self._days(-200)), ("9", self._days(-90)))

    def _end(self, partner):
        self._rate(partner, ("15", self._days(0)))


class GradeCommon(SignalContract):
    """A grade of some time ago, and the card's grade of today."""

    def _grade(self, partner, before, now, days=30):
        card = self._get_debtor(partner)
        version = self._get_version()
        self.env["credit.score"].sudo().create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "date": self._days(-days),
                "state": "scored",
                "value": 60.0,
                "grade": before,
                "version_id": version.id,
            }
        )
        card.write({"score_grade": now, "score_state": "scored", "score_value": 50.0})

    def _get_version(self):
        versions = self.env["credit.score.version"].sudo()
        return versions.search([("scheme_id", "=", self.scheme.id)], limit=1) or versions.create(
            {"scheme_id": self.scheme.id, "number": 1, "date": DAY, "fingerprint": "test", "content": {"test": True}}
        )


@tagged("post_install", "-at_install")
class TestGradeDown(GradeCommon):
    signal_xmlid = "signal_grade_down"

    def _fire(self, partner):
        self._grade(partner, "B", "C")

    def _nearly_fire(self, partner):
        """The same grade; and one that fell from a grade of a week ago, where 30 days count."""
        self._grade(partner, "C", "C")
        self._grade(self._new_customer("Garage Neuf"), "A", "E", days=7)

    def _end(self, partner):
        self._get_debtor(partner).score_grade = "B"

    def test_a_further_fall_is_told_too(self):
        self._fire(self.customer)
        first = self._detect(self.signal_xmlid)
        self._get_debtor().score_grade = "D"
        self.assertIn("B to D", (self._detect(self.signal_xmlid) - first).reason)
        self.assertEqual(first.state, "closed")


@tagged("post_install", "-at_install")
class TestGradeUp(GradeCommon):
    signal_xmlid = "signal_grade_up"

    def _fire(self, partner):
        self._grade(partner, "D", "C")

    def _nearly_fire(self, partner):
        self._grade(partner, "C", "C")

    def _end(self, partner):
        self._get_debtor(partner).score_grade = "E"


class TrendCommon(SignalContract):
    """The trend of the payment profile."""

    def _trend(self, partner, trend, has_trend=True):
        self.env["credit.payment.profile"].sudo().create(
            {
                "scope": "customer",
                "company_id": self.company.id,
                "partner_id": partner.id,
                "date": DAY,
                "trend": trend,
                "has_trend": has_trend,
                "days_median": 12.0,
            }
        )

    def _end(self, partner):
        self.env["credit.payment.profile"].sudo().search([("partner_id", "=", partner.id)]).trend = 0.0


@tagged("post_install", "-at_install")
class TestLateness(TrendCommon):
    signal_xmlid = "signal_lateness"

    def _fire(self, partner):
        self._trend(partner, 10.0)

    def _nearly_fire(self, partner):
        self._trend(partner, 9.9)
        self._trend(self._new_customer("Garage Muet"), 30.0, has_trend=False)


@tagged("post_install", "-at_install")
class TestPaysEarlier(TrendCommon):
    signal_xmlid = "signal_pays_earlier"

    def _fire(self, partner):
        self._trend(partner, -10.0)

    def _nearly_fire(self, partner):
        self._trend(partner, -9.9)


@tagged("post_install", "-at_install")
class TestSignalWork(CreditSignalCommon):
    """Warnings on the agenda; what colleagues raise; what fails and what is switched off."""

    def setUp(self):
        super().setUp()
        self.salesperson = self._new_user("salesperson")
        self.mine = self._new_customer("Atelier Mien", user_id=self.salesperson.id)
        self.kind = self.env.ref("credit_control.signal_empty_stock")
        self.today = company_today(self.company)

    def _raise(self, user, partner, note="No flour on the shelves"):
        action = partner.with_user(user).with_company(self.company).action_credit_raise_signal()
        wizard = self.env["credit.signal.raise"].with_user(user).with_context(**action["context"])
        wizard.create({"rule_id": self.kind.id, "note": note}).action_raise()
        return self.signals.search([("partner_id", "=", partner.id), ("user_id", "=", user.id)])

    def test_a_salesperson_raises_one_in_a_click(self):
        raised = self._raise(self.salesperson, self.mine)
        self.assertEqual((raised.reason, raised.user_id), ("No flour on the shelves", self.salesperson))
        self.assertEqual(raised.severity, "2")
        card = self.env["credit.debtor"].search([("partner_id", "=", self.mine.id)]).with_user(self.collector)
        self.assertEqual((card.agenda_action, card.agenda_date), ("warn", self.today))
        self.assertEqual(card.signal_ids, raised)
        self.assertEqual(self._raise(self.salesperson, self.mine), raised, "a double click is one warning")
        self.assertEqual(raised.with_user(self.salesperson).reason, "No flour on the shelves")

    def test_about_their_own_customers_only(self):
        with self.assertRaisesRegex(UserError, "isn't one of your customers"):
            self._raise(self.salesperson, self.customer)
        theirs = self._raise(self.collector, self.customer)
        self.assertFalse(self.signals.with_user(self.salesperson).search([("id", "=", theirs.id)]))
        with self.assertRaises(AccessError):
            self.signals.with_user(self.salesperson).create(
                {
                    "partner_id": self.mine.id,
                    "company_id": self.company.id,
                    "rule_id": self.kind.id,
                    "severity": "3",
                    "date": DAY,
                }
            )

    def test_only_kinds_of_people_are_raised_by_people(self):
        self.kind = self.env.ref("credit_control.signal_limit_use")
        with self.assertRaisesRegex(UserError, "found by itself"):
            self._raise(self.collector, self.customer)

    def test_closed_by_a_collector_it_leaves_the_agenda(self):
        raised = self._raise(self.salesperson, self.mine)
        with self.assertRaisesRegex(AccessError, "closed by collectors"):
            raised.with_user(self.salesperson).action_close()
        raised.with_user(self.collector).action_close()
        self.assertEqual((raised.state, raised.closed_by_id), ("closed", self.collector))
        card = self.env["credit.debtor"].search([("partner_id", "=", self.mine.id)])
        self.assertNotEqual(card.agenda_action, "warn")

    def test_hostile_text_stays_text(self):
        raised = self._raise(self.salesperson, self.mine, "<script>alert(1)</script>" + "x" * 5000)
        self.assertTrue(raised.reason.startswith("<script>"))

    def test_warnings_weigh_on_the_agenda(self):
        self.env["credit.priority.rule"].search([]).active = False
        self.env["credit.priority.rule"].create(
            {"name": "Warnings", "measure": "warning", "points": 10, "unit": 1, "maximum": 30}
        )
        self._raise(self.salesperson, self.mine)
        card = self.env["credit.debtor"].search([("partner_id", "=", self.mine.id)])
        self.assertEqual(card.priority, 20, "a warning counts twice a notice")

    def test_one_that_fails_stops_no_other(self):
        self._get_debtor()
        self.env["credit.payment.profile"].sudo().create(
            {
                "scope": "customer",
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "date": DAY,
                "trend": 20.0,
                "has_trend": True,
            }
        )
        detector = type(self.env["credit.signal.dispute.late"])
        with (
            patch.object(detector, "_detect", side_effect=ZeroDivisionError),
            mute_logger("odoo.addons.credit_control.models.credit_signal"),
        ):
            self.signals._detect(self.company, DAY)
        self.assertEqual(self.signals.search([]).rule_id, self.env.ref("credit_control.signal_lateness"))

    def test_switched_off_its_warnings_close(self):
        self.test_one_that_fails_stops_no_other()
        self.env.ref("credit_control.signal_lateness").active = False
        self.signals._detect(self.company, DAY)
        self.assertFalse(self.signals.search([("state", "=", "open")]))

    def test_the_cron_looks_at_every_company(self):
        with self.enter_registry_test_mode():
            self.env.ref("credit_control.cron_detect").sudo().method_direct_trigger()

    def test_what_was_said_of_persons_is_erased(self):
        person = self._new_customer("Camille Exemple", is_company=False)
        kept, erased = self._raise(self.collector, self.customer), self._raise(self.collector, person)
        (kept | erased).sudo().date = self.today - timedelta(days=200)
        self.signals._gc_said_of_persons()
        self.assertEqual((kept | erased).exists(), kept)

    def test_every_detector_keeps_the_contract(self):
        """Whoever adds a detector shows a ledger that must warn, and one that nearly does."""
        kept = {cls.signal_xmlid for cls in all_subclasses(SignalContract)}
        for rule in self.env["credit.signal.rule"].with_context(active_test=False).search([("handler", "!=", False)]):
            module, _dot, name = rule.get_external_id()[rule.id].partition(".")
            if module == "credit_control":
                self.assertIn(name, kept)

    def test_a_misspelt_detector_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "misspelling"):
            self.env["credit.signal.rule"].create({"name": "x", "handler": "credit.signal.nothing"})
