from datetime import date
from unittest.mock import patch

import psycopg2

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..core.kpi import INDICATORS
from ..models import credit_kpi_snapshot
from .kpi_common import NOVEMBER, KpiCommon


@tagged("post_install", "-at_install")
class TestKpiSnapshot(KpiCommon):
    """What was written down stays; what the ledger says later stands beside it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.snapshots = cls.env["credit.kpi.snapshot"]
        paid = cls._invoice(1_000.0, date(2025, 10, 15), issued=date(2025, 9, 15))
        cls._invoice(500.0, date(2025, 11, 15), issued=date(2025, 10, 15))
        cls._invoice(300.0, date(2025, 12, 15), issued=date(2025, 11, 15))
        cls._pay(cls, paid, 1_000.0, date(2025, 10, 25))

    def _figures(self, **values):
        """Return ``{(day, axis, value of the axis, indicator): value}`` of the latest versions."""
        domain = [("company_id", "=", self.company.id), ("is_latest", "=", True)]
        domain += [(name, "=", value) for name, value in values.items()]
        return {(row.date, row.axis, row.axis_value, row.indicator): row.value for row in self.snapshots.search(domain)}

    def _today(self, day):
        return patch.object(credit_kpi_snapshot, "company_today", lambda _records: day)

    def test_snapshot_is_what_the_indicators_say(self):
        self.snapshots._take(self.company, NOVEMBER)
        figures = self._figures(axis="company")
        self.assertEqual(figures[NOVEMBER, "company", str(self.company.id), "receivables"], 800.0)
        for (_day, _axis, _value, code), value in figures.items():
            self.assertEqual(value, self._amount(code), code)
        customers = self._figures(axis="customer", indicator="receivables")
        self.assertEqual(customers, {(NOVEMBER, "customer", str(self.customer.id), "receivables"): 800.0})
        self.assertEqual(self.snapshots.search([("axis", "=", "customer")]).partner_id, self.customer)

    def test_each_axis_of_a_day_is_what_the_indicators_say_by_it(self):
        """Two portfolios and two segments that share the customers crosswise, and customers of none."""
        north, south = self._new("credit.portfolio", "North", "South")
        large, small = self._new("credit.segment", "Large", "Small")
        places = ((north, large, 100.0), (north, small, 200.0), (south, large, 400.0), (False, small, 800.0))
        for portfolio, segment, amount in places:
            customer = self._new_customer(f"Atelier {amount:g}")
            card = self.env["credit.debtor"]._ensure(self.company, customer.ids)
            card.write(
                {
                    "portfolio_id": portfolio and portfolio.id,
                    "segment_id": segment.id,
                    "segment_locked": True,
                }
            )
            self._invoice(amount, date(2025, 11, 10), issued=date(2025, 10, 10), partner=customer)
        day = date(2025, 11, 20)
        kpi = self.env.registry["credit.kpi"]
        with patch.object(kpi, "_read_measures", autospec=True, side_effect=kpi._read_measures) as read:
            self.snapshots._take(self.company, day)
        self.assertEqual(read.call_count, 1)
        figures = self._figures(indicator="receivables")
        # 800 of the customer of no portfolio and no segment, from setUpClass.
        expected = {
            ("portfolio", str(north.id)): 300.0,
            ("portfolio", str(south.id)): 400.0,
            ("portfolio", ""): 1_600.0,
            ("segment", str(large.id)): 500.0,
            ("segment", str(small.id)): 1_000.0,
            ("segment", ""): 800.0,
            ("company", str(self.company.id)): 2_300.0,
        }
        self.assertEqual({key[1:3]: value for key, value in figures.items()}, expected)
        self.assertFigures(day, ("portfolio", "segment", "company"))

    def _new(self, model, *names):
        return self.env[model].create([{"name": name, "company_id": self.company.id} for name in names])

    def assertFigures(self, day, axes):
        """Each figure that is written down of ``day``, all indicators, is that of a report by the axis."""
        for axis in axes:
            found = self._kpi()._get_values(self._options(day, axis=axis), tuple(INDICATORS))
            expected = {
                (day, axis, str(key or ""), code): round(values[-1].amount, 2)
                for key, value_of in found.items()
                for code, values in value_of.items()
                if values[-1].amount
            }
            self.assertEqual(self._figures(axis=axis), expected)

    def test_customers_at_the_end_of_the_month_only(self):
        self.snapshots._take(self.company, date(2025, 11, 20))
        self.assertEqual(
            set(self.snapshots.search([("company_id", "=", self.company.id)]).mapped("axis")),
            {"company", "portfolio", "segment"},
        )

    def test_rebuilt_equals_the_snapshot(self):
        for day in (date(2025, 10, 31), NOVEMBER):
            self.snapshots._take(self.company, day)
        before = self.snapshots.search([("company_id", "=", self.company.id)])
        taken = self._figures()
        with self._today(date(2026, 1, 10)):
            self.snapshots._rebuild(self.company)
        same = self._figures()
        self.assertEqual({key: same[key] for key in taken}, taken)
        self.assertEqual(set(before.mapped("version")), {1})
        self.assertFalse(self.env["credit.kpi.change"].search([("company_id", "=", self.company.id)]))
        # What wasn't there was written down: September, December.
        days = {key[0] for key in same if key[1] == "company"}
        self.assertEqual(days, {date(2025, 9, 30), date(2025, 10, 31), NOVEMBER, date(2025, 12, 31)})
        # Once more: nothing new.
        with self._today(date(2026, 1, 10)):
            self.snapshots._rebuild(self.company)
        self.assertEqual(self._figures(), same)
        self.assertEqual(set(self.snapshots.search([]).mapped("version")), {1})

    def test_rebuilt_in_portions_is_the_same(self):
        """Of many customers few months are rebuilt at a time; in one go there is nothing more to say."""
        with self._today(date(2026, 1, 10)), patch.object(credit_kpi_snapshot, "PORTION", 1):
            self.snapshots._rebuild(self.company)
        months = list(self.snapshots._divide_months(self.company, "customer", NOVEMBER, 24))
        self.assertEqual(months, [(NOVEMBER, 24)])
        in_portions = self._figures()
        self.assertIn((NOVEMBER, "customer", str(self.customer.id), "receivables"), in_portions)
        with self._today(date(2026, 1, 10)):
            self.snapshots._rebuild(self.company)
        self.assertEqual(self._figures(), in_portions)
        self.assertEqual(set(self.snapshots.search([]).mapped("version")), {1})

    def test_an_entry_that_is_dated_back_gives_a_new_row(self):
        self.snapshots._take(self.company, date(2025, 10, 31))
        self.snapshots._take(self.company, NOVEMBER)
        key = (NOVEMBER, "company", str(self.company.id), "receivables")
        first = self.snapshots.search([("axis", "=", "company"), ("indicator", "=", "receivables")])
        self._invoice(200.0, date(2025, 12, 1), issued=date(2025, 11, 20))
        with self._today(date(2026, 1, 10)):
            self.snapshots._rebuild(self.company)
        self.assertEqual(self._figures()[key], 1_000.0)
        self.assertEqual({row.date: row.value for row in first}, {date(2025, 10, 31): 500.0, NOVEMBER: 800.0})
        changes = (
            self.env["credit.kpi.change"]
            .with_user(self.reader)
            .search([("indicator", "=", "receivables"), ("axis", "=", "company")])
        )
        self.assertEqual(
            [(row.date, row.value_before, row.value_after, row.difference) for row in changes],
            [(NOVEMBER, 800.0, 1_000.0, 200.0)],
        )
        row = self.snapshots.search([("version", "=", 2), ("indicator", "=", "receivables"), ("axis", "=", "company")])
        self.assertEqual((row.method, row.is_latest), ("rebuilt", True))
        self.assertEqual(first.filtered(lambda one: one.date == NOVEMBER).is_latest, False)
        # The customer's, too.
        self.assertEqual(self._figures()[NOVEMBER, "customer", str(self.customer.id), "receivables"], 1_000.0)

    def test_what_is_gone_is_0_and_said_once(self):
        move = self._invoice(50.0, date(2025, 12, 1), issued=date(2025, 11, 20), partner=self._new_customer("Nord"))
        self.snapshots._take(self.company, NOVEMBER)
        move.button_draft()
        for _time in range(2):
            with self._today(date(2026, 1, 10)):
                self.snapshots._rebuild(self.company)
        rows = self.snapshots.search(
            [("partner_id", "=", move.partner_id.id), ("indicator", "=", "receivables")], order="version"
        )
        self.assertEqual([(row.version, row.value) for row in rows], [(1, 50.0), (2, 0.0)])

    def test_cards_that_move_change_no_past(self):
        north, south = self.env["credit.portfolio"].create(
            [{"name": name, "company_id": self.company.id} for name in ("North", "South")]
        )
        self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
        debtor = self.customer.with_company(self.company).credit_debtor_id
        debtor.portfolio_id = north
        self.snapshots._take(self.company, NOVEMBER)
        debtor.portfolio_id = south
        north.name = "Far north"
        with self._today(date(2026, 1, 10)):
            self.snapshots._rebuild(self.company)
        rows = self.snapshots.search([("axis", "=", "portfolio"), ("indicator", "=", "receivables")], order="date")
        by_day = {row.date: (row.axis_value, row.label) for row in rows}
        self.assertEqual(by_day[NOVEMBER], (str(north.id), "North"))
        self.assertEqual(by_day[date(2025, 12, 31)], (str(south.id), "South"))

    def test_cron_takes_each_day_once(self):
        with self._today(date(2025, 11, 21)):
            self.snapshots._cron_take()
            count = self.snapshots.search_count([])
            self.snapshots._cron_take()
        self.assertEqual(self.snapshots.search_count([]), count)
        rows = self.snapshots.search([("company_id", "=", self.company.id), ("axis", "=", "company")])
        yesterday = rows.filtered(lambda row: row.date == date(2025, 11, 20))
        self.assertEqual(set(yesterday.mapped("method")), {"snapshot"})
        self.assertEqual(set((rows - yesterday).mapped("method")), {"rebuilt"})
        # Three days later: the two that were missed, rebuilt, and yesterday.
        with self._today(date(2025, 11, 24)):
            self.snapshots._cron_take()
        later = self.snapshots.search([("company_id", "=", self.company.id), ("date", ">", date(2025, 11, 20))])
        self.assertEqual(
            {(row.date.day, row.method) for row in later}, {(21, "rebuilt"), (22, "rebuilt"), (23, "snapshot")}
        )

    def test_nobody_alters_it(self):
        self.snapshots._take(self.company, NOVEMBER)
        row = self.snapshots.search([("company_id", "=", self.company.id)], limit=1)
        for who in (row.sudo(), row.with_user(self.env.ref("base.user_root"))):
            for act in (lambda rows=who: rows.write({"value": 1.0}), who.unlink, lambda rows=who: rows.create({})):
                with self.assertRaises(UserError):
                    act()
        for user in (self.manager, self.reader):
            self.assertTrue(row.with_user(user).value is not None)
            for operation in ("write", "create", "unlink"):
                self.assertFalse(self.snapshots.with_user(user).has_access(operation))
        for statement in (
            "UPDATE credit_kpi_snapshot SET value = 1",
            "UPDATE credit_kpi_snapshot SET taken_at = now()",
            "DELETE FROM credit_kpi_snapshot",
            "TRUNCATE credit_kpi_snapshot CASCADE",
        ):
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.Error), self.env.cr.savepoint():
                self.env.cr.execute(statement)

    def test_merged_customers_keep_their_figures(self):
        self.snapshots._take(self.company, NOVEMBER)
        other = self._new_customer("Boulangerie Nouvelle")
        self.env.cr.execute(
            "UPDATE credit_kpi_snapshot SET partner_id = %s WHERE partner_id = %s", [other.id, self.customer.id]
        )
        self.env.invalidate_all()
        self.assertEqual(self.snapshots.search([("axis", "=", "customer")]).partner_id, other)

    def test_targets_hold_from_their_day_on(self):
        targets = self.env["credit.kpi.target"]
        targets.create(
            [
                {"company_id": self.company.id, "value": value, "date_from": day}
                for value, day in ((50.0, date(2025, 1, 1)), (45.0, date(2025, 7, 1)))
            ]
        )
        days = [date(2024, 12, 31), date(2025, 6, 30), date(2025, 7, 1)]
        found = targets._get_in_force(self.company.ids, "dso_count_back", "target", days)
        self.assertEqual(found, [None, 50.0, 45.0])

    def test_targets_of_several_companies(self):
        """Amounts add up; days are those that both have; where one has none there is none."""
        targets, day = self.env["credit.kpi.target"], date(2025, 1, 1)
        both = [self.company.id, self.env["res.company"].create({"name": "Second"}).id]
        for company_id, indicator, value in (
            (both[0], "collected", 100.0),
            (both[1], "collected", 90.0),
            (both[0], "dso", 50.0),
            (both[1], "dso", 40.0),
            (both[0], "receivables", 10.0),
        ):
            targets.create({"company_id": company_id, "indicator": indicator, "value": value, "date_from": day})
        found = [targets._get_in_force(both, code, "target", [day]) for code in ("collected", "dso", "receivables")]
        self.assertEqual(found, [[190.0], [None], [None]])

    def test_events_are_what_figures_are_made_of(self):
        period = {"kpi_from": "2025-08-31", "kpi_until": "2025-11-30", "allowed_company_ids": self.company.ids}
        events = self.env["credit.kpi.event"].with_user(self.reader).with_context(**period)
        for kind, code in (("sale", "sales"), ("payment", "collected")):
            found = events.with_context(kpi_kind=kind).search([])
            self.assertEqual(sum(found.mapped("amount")), self._amount(code), kind)
        due = events.with_context(kpi_kind="due").search([], order="date")
        self.assertEqual([(row.amount, row.days_late) for row in due], [(1_000.0, 10), (500.0, 15)])
        self.assertFalse(events.search([]))
        filtered = events.with_context(kpi_kind="sale", kpi_filters=[["customer", self.customer.id + 1]])
        self.assertFalse(filtered.search([]))
        with self.assertRaises(UserError):
            events.with_context(kpi_kind="sale", kpi_until="soon").search([])
