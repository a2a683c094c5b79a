from datetime import date, timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import format_date

from ..core.kpi import Value, compare
from ..models import credit_dashboard
from .common_report import DAY, ReportCommon


@tagged("post_install", "-at_install")
class TestReportTeam(ReportCommon):
    """What each collector did in June, and what came of it."""

    model = "credit.report.team"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.values = {"date_from": "2025-06-01", "date_to": "2025-06-30"}
        cls.move = cls._invoice(1_000.0, date(2025, 5, 1), issued=date(2025, 4, 1))

    def test_figures_of_a_collector(self):
        self._debtor().collector_id = self.collector
        run = self._run(date(2025, 6, 12))
        notice = run.notice_ids
        notice.invalidate_recordset()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE credit_dunning_notice SET left_on = '2025-06-12', user_id = %s WHERE id = %s",
            [self.collector.id, notice.id],
        )
        for amount, day, state in ((300.0, date(2025, 6, 20), "kept"), (200.0, date(2025, 6, 25), "broken")):
            self.env["credit.promise"].with_user(self.collector).create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "date": day,
                    "date_recorded": date(2025, 6, 13),
                    "amount": amount,
                    "move_line_ids": self._receivable(self.move).ids,
                }
            ).sudo().state = state
        self._pay(self.move, 400.0, date(2025, 6, 20))
        # 100 are written off after the month, and 50 in it: neither is money.
        loss = self.company_data["default_account_expense"]
        self._book_off(self.move, 50.0, date(2025, 6, 21), loss)
        self._book_off(self.move, 100.0, date(2025, 7, 1), loss)
        row = self._row("people", self.collector.id)
        self.assertEqual((row["messages"], row["calls"], row["on_time"]), (1, 0, 100))
        self.assertEqual((row["promises"], row["promised"], row["kept"]), (2, 500, 50))
        self.assertEqual((row["received"], row["before"], row["after"]), (400, 1_000, 550))
        self.assertEqual(self._open("people", self.collector.id, "messages"), notice)
        self.assertEqual(sum(self._open("people", self.collector.id, "promised").mapped("amount")), 500)
        self.assertEqual(self._open("people", self.collector.id, "after").move_id, self.move)

    def test_on_time_is_the_first_day_on_which_it_could_leave(self):
        """Planned on Saturday the 14th: Monday is on time; where the customer isn't written to on Mondays, Tuesday."""
        debtor = self._debtor()
        debtor.collector_id = self.collector
        notice = self._run(date(2025, 6, 14)).notice_ids
        notice.invalidate_recordset()
        for day, has_quiet_mondays, weekend, expected in (
            (14, False, False, 100),
            (16, False, False, 100),
            (17, False, False, 0),
            (17, True, False, 100),
            (18, True, False, 0),
            (15, False, True, 0),
        ):
            debtor.quiet_monday, self.policy.send_on_weekend = has_quiet_mondays, weekend
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE credit_dunning_notice SET left_on = %s WHERE id = %s", [f"2025-06-{day}", notice.id]
            )
            with self.subTest(day=day, quiet=has_quiet_mondays, weekend=weekend):
                self.assertEqual(self._row("people", self.collector.id)["on_time"], expected)

    def test_what_is_nobodys_has_a_line(self):
        self._debtor()
        self.assertEqual(self._row("people", 0)["after"], 1_000)
        self.assertEqual(self._open("people", 0, "after").move_id, self.move)


@tagged("post_install", "-at_install")
class TestReportStrategy(ReportCommon):
    """What was paid after a step: each payment counts once, for the last message before it."""

    model = "credit.report.strategy"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.values = {"date_from": "2025-01-01", "date_to": "2025-12-31", "days": 30}
        cls.move = cls._invoice(1_000.0, date(2025, 5, 1), issued=date(2025, 4, 1))

    def _remind(self, day):
        run = self._run(day)
        notice = run.notice_ids.filtered(lambda one: one.state in ("sent", "delivered"))
        self.env.flush_all()
        self.env.cr.execute("UPDATE credit_dunning_notice SET left_on = %s WHERE id = ANY(%s)", [day, notice.ids])
        notice.invalidate_recordset()
        return notice

    def test_payments_after_a_step(self):
        notice = self._remind(date(2025, 5, 12))
        self.assertEqual(notice.step_id, self.first)
        self._pay(self.move, 100.0, date(2025, 5, 11))  # Before the message.
        self._pay(self.move, 200.0, date(2025, 5, 19))  # 7 days after.
        self._pay(self.move, 300.0, date(2025, 5, 26))  # 14 days.
        self._pay(self.move, 50.0, date(2025, 6, 12))  # 31 days.
        # No payment: written off.
        self._book_off(self.move, 40.0, date(2025, 5, 20), self.company_data["default_account_expense"])
        row = self._row("messages", self.first.id)
        self.assertEqual((row["messages"], row["amount"]), (1, 1_000))
        self.assertEqual((row["in_7"], row["in_14"], row["paid"], row["share"]), (200, 500, 500, 50))
        # (200 × 7 + 300 × 14) / 500.
        self.assertAlmostEqual(row["days"], 11.2)
        self.assertEqual(self._open("messages", self.first.id), notice)
        self.assertEqual(self._row("messages", self.email.id, axis="channel")["paid"], 500)

    def test_steps_of_the_same_name_are_told_apart(self):
        """By their policy: in the report and in the aged balance by last reminder."""
        other = self._new_customer("Atelier Nord")
        policy = self._new_policy({"name": self.first.name, "delay_days": 10}, name="Public buyers")
        self._debtor(other).policy_id = policy
        self._invoice(500.0, date(2025, 5, 1), issued=date(2025, 4, 1), partner=other)
        self._remind(date(2025, 5, 12))
        expected = {"First (Policy of the test)", "First (Public buyers)"}
        self.assertEqual(set(self._cells("messages", "name").values()), expected)
        values = {"axes": ["level"], "as_of": "2025-05-31"}
        lines = self._report(model="credit.aged.balance").get_screen(values)["lines"]
        self.assertEqual({line["label"] for line in lines}, expected)

    def test_a_payment_counts_once(self):
        """Reminded twice: what is paid after the second message is the second one's."""
        self._remind(date(2025, 5, 12))
        second = self._remind(date(2025, 6, 30))
        self.assertEqual(second.step_id, self.second)
        self._pay(self.move, 400.0, date(2025, 7, 1))
        paid = self._cells("messages", "paid", days=365)
        self.assertEqual((paid[self.first.id], paid[self.second.id]), (0, 400))


@tagged("post_install", "-at_install")
class TestReportCauses(ReportCommon):
    """Why customers are late: known and unknown causes add up to what is overdue."""

    model = "credit.report.causes"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls._invoice(600.0, DAY - timedelta(days=10), issued=date(2025, 4, 1))
        cls.other = cls._invoice(400.0, DAY - timedelta(days=40), issued=date(2025, 4, 1))
        cls.cause = cls.env["credit.delay.cause"].search([], limit=1)

    def test_causes_of_delay(self):
        self.env["credit.delay.cause.item"].create(
            {"move_line_id": self._receivable(self.move).id, "cause_id": self.cause.id}
        )
        row, unknown = self._row("delay", self.cause.id), self._row("delay", 0)
        self.assertEqual((row["items"], row["amount"], row["days"], row["1-30"], row["share"]), (1, 600, 10, 600, 60))
        self.assertEqual((unknown["amount"], unknown["31-60"]), (400, 400))
        self.assertEqual(self._open("delay", self.cause.id, "amount").move_id, self.move)
        self.assertIn("60", self._table("delay")["note"])

    def test_disputes(self):
        """One open for 20 days, late by its deadline; one settled in 5 days, justified."""
        first = self._dispute(self.move, 250.0, DAY - timedelta(days=20))
        first.deadline = DAY - timedelta(days=1)
        second = self._dispute(self.other, 0.0, DAY - timedelta(days=15))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE credit_dispute SET state = 'closed', closed_on = %s, outcome = 'justified' WHERE id = %s",
            [DAY - timedelta(days=10), second.id],
        )
        self.env.invalidate_all()
        row = self._row("reasons", first.reason_id.id)
        self.assertEqual((row["open"], row["amount"], row["age"], row["late"]), (1, 250, 20, 1))
        self.assertEqual((row["closed"], row["days"], row["justified"]), (1, 5, 100))
        self.assertEqual(self._open("reasons", first.reason_id.id, "late"), first)
        self.assertEqual(self._open("reasons", first.reason_id.id, "closed"), second)


@tagged("post_install", "-at_install")
class TestReportConcentration(ReportCommon):
    """On how few customers receivables hang."""

    model = "credit.report.concentration"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.small = cls._new_customer("Atelier Nord")
        cls.big = cls._invoice(900.0, DAY + timedelta(days=10), issued=date(2025, 4, 1))
        cls._invoice(100.0, DAY - timedelta(days=10), issued=date(2025, 4, 1), partner=cls.small)

    def test_pareto(self):
        row = self._row("customers", self.customer.id)
        self.assertEqual((row["rank"], row["class"], row["share"], row["cumulated"]), (1, "A", 90, 90))
        self.assertEqual(self._row("customers", self.small.id)["cumulated"], 100)
        self.assertEqual(self._row("tops", 1)["share"], 90)
        self.assertEqual(self._open("tops", 1, "amount").move_id, self.big)

    def test_of_overdue_and_sales(self):
        self.assertEqual(self._cells("customers", "share", measure="overdue"), {self.small.id: 100})
        self.assertEqual(self._cells("customers", "amount", measure="sales")[self.customer.id], 900)


@tagged("post_install", "-at_install")
class TestReportRiskMap(ReportCommon):
    """Exposure against trust; what the map proposes."""

    model = "credit.report.risk.map"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.values = {}
        today = date.today()
        cls.move = cls._invoice(500.0, today + timedelta(days=10), issued=today - timedelta(days=5))
        cls.env["credit.score"].sudo().create(
            {
                "partner_id": cls.customer.id,
                "company_id": cls.company.id,
                "date": today,
                "state": "scored",
                "value": 85.0,
                "plain_value": 85.0,
                "grade": "A",
                "version_id": cls._new_version(today).id,
            }
        )

    @classmethod
    def _new_version(cls, today):
        scheme = cls.env["credit.score.scheme"].sudo().search([], limit=1)
        values = {
            "scheme_id": scheme.id,
            "number": 999,
            "date": today,
            "fingerprint": "test",
            "content": {"factors": []},
        }
        return cls.env["credit.score.version"].sudo().create(values)

    def test_customer_who_may_get_more(self):
        row = self._row("customers", self.customer.id)
        self.assertEqual((row["grade"], row["score"], row["exposure"], row["overdue"]), ("A", 85, 500, 0))
        self.assertEqual(row["sales"], 500)
        self.assertIn("extend", row["zone"].lower())
        [dots] = self._screen()["charts"][0]["series"]
        self.assertEqual(dots["values"][0][:3], (85, 500, 4))
        self.assertFalse(self._table("customers", zone="reduce")["rows"])
        self.assertEqual(self._open("customers", self.customer.id, "exposure").partner_id, self.customer)


@tagged("post_install", "-at_install")
class TestDashboard(ReportCommon):
    """One page: the tiles tie to the reports behind them, each block loads by itself."""

    model = "credit.report.dashboard"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = date.today()
        cls._invoice(300.0, cls.today - timedelta(days=100), issued=cls.today - timedelta(days=130))
        cls._invoice(700.0, cls.today + timedelta(days=20), issued=cls.today - timedelta(days=10))

    def _tiles(self):
        return {tile["code"]: tile["value"] for tile in self._report().get_figures()["tiles"]}

    def test_tiles(self):
        tiles = self._tiles()
        self.assertEqual((tiles["open"], tiles["overdue"], tiles["old"]), (1_000, 30, 30))
        balance = self.env["credit.aged.balance"].with_user(self.reader).with_company(self.company)
        self.assertEqual(balance.get_screen({})["total"]["amounts"][0], tiles["open"])

    def _blocks(self):
        """Return the blocks as the page gets them: some with the tiles, the others one by one."""
        report = self._report()
        told = report.get_figures()["blocks"]
        codes = [block["code"] for block in report.get_dashboard()["blocks"]]
        return {code: told.get(code) or report.get_block(code) for code in codes}

    def test_blocks(self):
        blocks = self._blocks()
        for code, found in blocks.items():
            with self.subTest(block=code):
                self.assertTrue(self.env.ref(found["action"]))
                self.assertTrue(found["charts"] or found["tables"])
        ages = blocks["ages"]["charts"][0]["series"]
        self.assertEqual(sum(series["values"][-1] for series in ages), 300)
        # Two months ago it was 40 to 70 days late, at the end of a month.
        self.assertEqual(sum(series["values"][-3] for series in ages), 300)
        with self.assertRaisesRegex(UserError, "astrology"):
            self._report().get_block("astrology")

    def test_the_page_stands_there_before_the_ledger_is_read(self):
        report = self._report()
        with self._statements() as found:
            page = report.get_dashboard()
        self.assertEqual([text for text in found if "account_move" in text or "account_partial" in text], [])
        self.assertEqual(
            {block["code"] for block in page["blocks"] if block["with_figures"]}, {"portfolios", "largest"}
        )

    def test_what_is_open_is_read_once(self):
        report = self._report()
        report.get_figures()
        with self._statements() as found:
            report.get_figures()
        self.assertEqual(sum(times for text, times in found.items() if "days_overdue" in text), 1)

    def test_blocks_beside_the_tiles_are_what_their_reports_say(self):
        other = self._new_customer("Atelier Nord")
        self._invoice(120.0, self.today - timedelta(days=5), issued=self.today - timedelta(days=30), partner=other)
        north = self.env["credit.portfolio"].create({"name": "North", "company_id": self.company.id})
        self._debtor(other).portfolio_id = north
        blocks = self._blocks()
        rows = self._report(model="credit.report.concentration").get_screen({"measure": "overdue"})["tables"][1]["rows"]
        [table] = blocks["largest"]["tables"]
        self.assertEqual(
            [row["cells"] for row in table["rows"]], [[row["cells"][at] for at in (0, 3, 4)] for row in rows]
        )
        [chart] = blocks["portfolios"]["charts"]
        self.assertEqual(chart["labels"], ("(none)", "North"))
        self.assertEqual([series["values"] for series in chart["series"]], [(700.0, 0.0), (300.0, 120.0)])

    def test_overdue_of_the_past_is_that_of_the_aged_balance(self):
        """Paid in part, by instalments of time: each past month end says what the aged balance says."""
        move = self._invoice(500.0, self.today - timedelta(days=200), issued=self.today - timedelta(days=230))
        self._pay(move, 200.0, self.today - timedelta(days=120))
        self._pay(move, 300.0, self.today - timedelta(days=40))
        report = self._report()
        chart = report.get_block("ages")["charts"][0]
        balance = self.env["credit.aged.balance"].with_user(self.reader).with_company(self.company)
        days = report._get_age_days()
        for place, day in enumerate(days):
            amounts = balance.get_screen({"as_of": day.isoformat()})["total"]["amounts"]
            with self.subTest(day=day):
                self.assertEqual([series["values"][place] for series in chart["series"]], amounts[2:6])

    def test_tiles_say_how_they_moved_and_what_is_to_be_reached(self):
        """At the end of last month 800 were owed, 400 of it overdue: 1 000 and 300 are 25 % more and 20 points less."""
        last = self.today.replace(day=1) - timedelta(days=1)
        self._write_down(last, receivables=800.0, overdue=400.0, dso_count_back=30.0)
        targets = (("overdue_share", False, 25.0), ("receivables", False, 2_000.0))
        for indicator, portfolio, value in targets:
            self._set_target(indicator, value, portfolio)
        tiles = {tile["code"]: tile for tile in self._report().get_figures()["tiles"]}
        day = format_date(self._report().env, last, date_format="d MMM")
        self.assertEqual(tiles["open"]["trend"], {"text": f"+25.0 % since {day}", "tone": ""})
        self.assertEqual(tiles["overdue"]["trend"], {"text": f"−20.0 points since {day}", "tone": "green"})
        self.assertEqual(tiles["old"]["trend"]["tone"], "red")
        self.assertIn(f"days since {day}", tiles["dso"]["trend"]["text"])
        self.assertEqual(tiles["overdue"]["target"], {"text": "target: 25.0 %", "tone": "red"})
        self.assertEqual(tiles["open"]["target"]["tone"], "green")
        self.assertEqual((tiles["dso"]["target"]["text"], tiles["holds"]["trend"]["text"]), ("", ""))

    def test_nothing_is_said_of_a_past_that_nobody_wrote_down(self):
        tiles = self._report().get_figures()["tiles"]
        self.assertEqual({tile["trend"]["text"] for tile in tiles}, {""})
        # A target from tomorrow on isn't one yet.
        self._set_target("overdue_share", 25.0, date_from=self.today + timedelta(days=1))
        found = self._report().get_figures()
        self.assertEqual({tile["target"]["text"] for tile in found["tiles"]}, {""})
        self.assertFalse(found["blocks"]["portfolios"]["tables"])

    def test_portfolios_against_their_targets(self):
        """300 of 1 000 are overdue: of a target of 25 % that is 120 %; the North has a target of its own."""
        other = self._new_customer("Atelier Nord")
        self._invoice(100.0, self.today - timedelta(days=5), issued=self.today - timedelta(days=30), partner=other)
        north = self.env["credit.portfolio"].create({"name": "North", "company_id": self.company.id})
        self._debtor(other).portfolio_id = north
        self._set_target("overdue_share", 25.0)
        self._set_target("overdue_share", 200.0, north)
        [table] = self._report().get_figures()["blocks"]["portfolios"]["tables"]
        cells = [row["cells"] for row in table["rows"]]
        self.assertEqual(cells, [["(none)", 30.0, 25.0, 120.0], ["North", 100.0, 200.0, 50.0]])

    def _set_target(self, indicator, value, portfolio=False, date_from=date(2020, 1, 1)):
        self.env["credit.kpi.target"].create(
            {
                "company_id": self.company.id,
                "indicator": indicator,
                "portfolio_id": portfolio and portfolio.id,
                "value": value,
                "date_from": date_from,
            }
        )

    def _write_down(self, day, **figures):
        """Write figures of the whole company down, as the system does."""
        snapshots = self.env["credit.kpi.snapshot"]
        options = snapshots._prepare_snapshot_options(self.company, "company", day, 0)
        values = {(day, str(self.company.id), code): Value(amount) for code, amount in figures.items()}
        found = compare({}, {key: value.amount for key, value in values.items()})
        snapshots._insert(options, "snapshot", [(one, 1, values) for one in found])

    def test_collected_is_compared_with_last_month(self):
        """150 this month; 100 until this day of last month: half as much again."""
        before = self.today - relativedelta(months=1)
        move = self._invoice(250.0, before, issued=before - timedelta(days=40))
        self._pay(move, 100.0, before.replace(day=1))
        self._pay(move, 150.0, self.today)
        [tile] = [tile for tile in self._report().get_figures()["tiles"] if tile["code"] == "collected"]
        self.assertEqual((tile["value"], tile["trend"]["tone"]), (150, "green"))
        self.assertEqual(tile["trend"]["text"], "+50.0 % on last month by this day")

    def test_what_is_written_off_was_not_collected(self):
        """Of 250 due ten days ago: 150 paid and 100 written off today."""
        due = self.today - timedelta(days=10)
        move = self._invoice(250.0, due, issued=due)
        self._pay(move, 150.0, self.today)
        self._book_off(move, 100.0, self.today, self.company_data["default_account_expense"])
        [tile] = [tile for tile in self._report().get_figures()["tiles"] if tile["code"] == "collected"]
        self.assertEqual(tile["value"], 150)
        self.assertIn("150", tile["note"])

    def test_what_was_paid_twice_and_given_back_was_collected_once(self):
        """250, then 250 again by mistake, which are paid back: 250 came in."""
        due = self.today - timedelta(days=10)
        self._pay(self._invoice(250.0, due, issued=due), 250.0, self.today)
        twice, back = (self._pay_apart(kind, 250.0) for kind in ("inbound", "outbound"))
        (self._receivable(twice.move_id) | self._receivable(back.move_id)).reconcile()
        self.assertEqual(self._tiles()["collected"], 250)

    def _pay_apart(self, kind, amount):
        values = {"payment_type": kind, "partner_type": "customer", "partner_id": self.customer.id}
        payment = self.env["account.payment"].create({**values, "amount": amount, "date": self.today})
        payment.action_post()
        return payment

    def test_collected_against_the_target_of_the_month(self):
        """150 and 50 this month of 180 and, of the North alone, 200: reached, and a quarter; 90 of last month aside."""
        other = self._new_customer("Atelier Nord")
        north = self.env["credit.portfolio"].create({"name": "North", "company_id": self.company.id})
        self._debtor(other).portfolio_id = north
        last = self.today.replace(day=1) - timedelta(days=1)
        for partner, amount, day in (
            (self.customer, 150.0, self.today),
            (other, 50.0, self.today),
            (other, 90.0, last),
        ):
            move = self._invoice(amount, last, issued=last - timedelta(days=30), partner=partner)
            self._pay(move, amount, day)
        self._set_target("collected", 180.0)
        self._set_target("collected", 200.0, north)
        found = self._report().get_figures()
        [tile] = [tile for tile in found["tiles"] if tile["code"] == "collected"]
        self.assertEqual((tile["value"], tile["target"]["tone"]), (200, "green"))
        self.assertIn("180", tile["target"]["text"])
        [table] = found["blocks"]["portfolios"]["tables"]
        self.assertEqual([row["cells"] for row in table["rows"]], [["North", 50.0, 200.0, 25.0]])

    def test_a_target_of_the_month_may_still_be_reached(self):
        self._set_target("collected", 180.0)
        for day, tone in ((date(2025, 6, 29), ""), (date(2025, 6, 30), "red")):
            with self.subTest(day=day), patch.object(credit_dashboard, "company_today", lambda _records, day=day: day):
                [tile] = [tile for tile in self._report().get_figures()["tiles"] if tile["code"] == "collected"]
                self.assertEqual((tile["value"], tile["target"]["tone"]), (0, tone))

    def test_few_queries(self):
        report = self._report()
        report.get_figures()
        with self.assertQueryCount(25):
            report.get_figures()

    def test_favourites_are_ones_own(self):
        values = {
            "name": "Mine",
            "model_id": "credit.report.strategy",
            "context": '{"options": "{\\"axis\\": \\"channel\\"}"}',
            "user_ids": [Command.set(self.reader.ids)],
        }
        self.env["ir.filters"].with_user(self.reader).create_filter(values)
        self.env["ir.filters"].with_user(self.reader).create_filter({**values, "name": "Odd", "context": "{}"})
        mine, odd = self._report().get_dashboard()["favourites"]
        self.assertEqual(
            (mine["name"], mine["model"], mine["tag"], mine["values"]),
            ("Mine", values["model_id"], "credit_report", {"axis": "channel"}),
        )
        self.assertEqual(odd["values"], {})
        self.assertFalse(self._report(self.collector).get_dashboard()["favourites"])
