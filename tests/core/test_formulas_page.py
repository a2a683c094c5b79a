"""The page of formulas says what the core works out."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from odoo.addons.credit_control.core import exposure, forecast, insurance, interest, limitation, scoring
from odoo.addons.credit_control.core.behaviour import (
    Payment,
    Receivable,
    parts_of,
    payment_index,
    trend,
    weighted_index,
)
from odoo.addons.credit_control_reporting.core import metrics
from odoo.addons.credit_control_reporting.core.metrics import Due, Month

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "formulas.md").read_text()
# One line, without the bars and stars of Markdown, so that a table's column widths don't matter.
PAGE = re.sub(r"[\s|]+", " ", TEXT.replace("*", ""))
ECB = {date(2025, 1, 1): 3.15, date(2025, 7, 1): 2.15}
GERMAN = {date(2025, 1, 1): 2.27, date(2025, 7, 1): 1.27}
DUE, PAID = date(2025, 5, 31), date(2025, 8, 31)
WEIGHTS = {"P": 0.45, "O": 0.20, "T": 0.15, "R": 0.15, "D": 0.05}


def says(*words) -> bool:
    return all(" ".join(str(word).split()) in PAGE for word in words)


def thousands(amount: float) -> str:
    return f"{amount:,.0f}".replace(",", " ")


def plain(value: float) -> str:
    """Two decimals at most, as the page writes them."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def test_payment_index():
    days = [-30, -20, 0, 15, 22, 30, 60, 90, 120, 180]
    labels = " ".join(["≤ −30", "−20", *map(str, days[2:-1]), "≥ 180"])
    assert says(f"days {labels}", "index " + " ".join(f"{payment_index(day):.0f}" for day in days))


def test_trust_score():
    day = date(2025, 6, 30)
    items = [
        Receivable(1, 1000.0, date(2024, 12, 31), payments=(Payment(date(2024, 12, 31), 1000.0),)),
        Receivable(2, 1000.0, date(2025, 5, 1), payments=(Payment(date(2025, 5, 16), 1000.0),)),
        Receivable(3, 1000.0, date(2025, 5, 31)),
        Receivable(4, 1000.0, date(2025, 7, 31)),
    ]

    def score(as_of, late):
        values = {
            "P": scoring.punctuality(weighted_index(parts_of(items, as_of))),
            "O": scoring.overdue_share(late, 2000.0),
            "T": scoring.trend(trend(items, as_of), 0.0),
        }
        parts = [scoring.Component(code, weight, values.get(code)) for code, weight in WEIGHTS.items()]
        return values, scoring.decide(parts, count=3)

    values, found = score(day, 0.0)
    assert says(f"× 1.25 = {values['P']:.2f}", f"= {found.value:.2f} · {found.grade}")
    _values, found = score(day + timedelta(days=1), 1000.0)
    assert says(f"= {found.value:.2f} · {found.grade}", f"its index is {payment_index(31):.2f}")


@pytest.mark.parametrize(
    ("name", "reference", "margin", "mode"),
    [
        ("France, businesses (ECB + 10)", "ecb", 10.0, interest.SPLIT),
        ("Germany, businesses (base + 9)", "german", 9.0, interest.SPLIT),
        ("EU minimum (ECB + 8)", "ecb", 8.0, interest.SPLIT),
        ("France, public buyers (rate of the beginning)", "ecb", 8.0, interest.FIXED),
        ("Germany, consumers (base + 5)", "german", 5.0, interest.SPLIT),
    ],
)
def test_interest(name, reference, margin, mode):
    claim = interest.Claim(12000.0, DUE, (interest.Settlement(PAID, 12000.0),))
    found = interest.accrue(claim, interest.Rule(reference, margin, mode), {"ecb": ECB, "german": GERMAN}, PAID)
    halves = {"before": [0.0, 0.0], "after": [0.0, 0.0]}
    for part in found.segments:
        half = halves["before" if part.last < date(2025, 7, 1) else "after"]
        half[0], half[1] = part.rate, half[1] + part.amount
    row = " ".join(f"{rate:.2f} % → {amount:.2f}" for rate, amount in halves.values())
    assert says(f"{name} {row} {found.total(0.01):.2f}")


def test_interest_of_the_united_kingdom():
    claim = interest.Claim(2000.0, date(2025, 1, 1), (interest.Settlement(date(2025, 2, 15), 2000.0),))
    rule = interest.Rule("bank", 8.0, interest.FIXED)
    found = interest.accrue(claim, rule, {"bank": {date(2025, 1, 1): 5.25}}, date(2025, 2, 15))
    assert sum(part.days for part in found.segments) == 45
    tiers = ((0.0, 40.0), (1000.0, 70.0), (10000.0, 100.0))
    assert says(
        f"2 000 at 13.25 % for 45 days → {found.total(0.01):.2f}, and {interest.fixed_sum(tiers, 2000.0):.0f} fixed"
    )


def test_limitation():
    due, paid = date(2021, 4, 1), limitation.Event(date(2024, 10, 10), limitation.PAYMENT)
    first, second = (limitation.expires(limitation.Period(5), due, events) for events in ((), (paid,)))
    assert says(f"5 years → {first.day} April {first.year}", f"→ {second.day} October {second.year}")


def test_exposure():
    risked = exposure.total({"overdue": 38000.0, "order": 8500.0, "unallocated": -1000.0})
    position = exposure.Position(exposure=risked, limit=50000.0)
    assert says(
        f"38 000 open, 8 500 ordered, 1 000 unallocated exposure {thousands(risked)}",
        f"limit 50 000 available {thousands(position.available())}",
        f"a new order of 6 000 over by {thousands(position.over_by(6000.0))}",
    )
    found = insurance.split(risked, [insurance.Cover(40000.0, 90.0)])
    assert says(f"insured {thousands(found.insured)}, uninsured {thousands(found.uninsured)}")
    assert {exposure.total({name: 115.0}) for name in ("order", "draft", "not_due")} == {115.0}
    assert says(f"{thousands(exposure.total({'order': 700.0, 'not_due': 300.0}))} ## Expected payment date")


def test_expected_date():
    today = date(2025, 3, 1)
    history = [forecast.Outcome(date(2025, 1, 1) + timedelta(days=n), late) for n, late in enumerate((0, 2, 3, 5, 40))]
    customer = forecast.Customer(recent=forecast.recent_of(history, today))
    found = forecast.expect(forecast.Case(due=date(2025, 3, 15)), customer, forecast.Baseline(), today)
    assert says(f"averages {plain(found.days)}; due on 15 March, expected on {found.date.day} March")


def test_sales_outstanding():
    best = metrics.simple_dso(4_000, 10_000, 30)
    assert says(
        f"30 000 / 60 000 × 90 = {plain(metrics.simple_dso(30_000, 60_000, 90))}",
        f"5 700 / 7 600 × 91 = {plain(metrics.simple_dso(5_700, 7_600, 91))}",
        f"4 000 / 10 000 × 30 = {plain(best)}",
        f"45 − 12 = {plain(metrics.average_days_delinquent(45, best))}",
        f"60 000 × 365 / 90 / 30 000 = {metrics.turnover(60_000, 30_000, 90):.1f} times",
    )
    months = [Month(30, 1_200.0), Month(31, 800.0), Month(30, 700.0)]
    assert says(f"30 + 31 + 500/700 × 30 = {metrics.count_back_dso(2_500, months).days:.2f}")


def test_rates():
    on_time, late = Due(date(2025, 1, 10), 300.0, date(2025, 1, 10)), Due(date(2025, 1, 10), 100.0, date(2025, 1, 11))
    open_, today = Due(date(2025, 1, 10), 200.0), Due(date(2025, 1, 31), 400.0)
    rate = metrics.late_rate([on_time, late, open_, today], date(2025, 1, 31))
    assert says(f"2 of 4 = {plain(rate.by_number)} %, 300 of 1 000 = {plain(rate.by_value)} %")
    assert says(f"214 open for 10: {metrics.weighted_average([(140, 7), (85, 55), (214, 10)]):.2f}")
    assert says(f"= {metrics.collection_effectiveness(100_000, 1_000_000, 120_000, 100_000):.0f} %")
    assert says(f"50 000 sold: {plain(metrics.bad_debt_ratio(1_200, 200, 50_000))} %")
    days, cash = metrics.days_gained(45, 50, 900_000, 90)
    assert says(f"900 000 in 90 days: {plain(days)} days, {thousands(cash)}")
    found = metrics.cash_collected(
        [(date(2025, 1, 31), date(2025, 1, 31), 70.0), (date(2025, 2, 1), date(2025, 1, 31), 30.0)]
    )
    assert says(f"a day later: {sum(found):.0f}, of which overdue {found.overdue:.0f}")
