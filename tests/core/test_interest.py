"""Interest: the figures of the law worked out by hand, and what holds whatever the claim."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from odoo.addons.credit_control.core.interest import (
    ACTUAL_365,
    ACTUAL_ACTUAL,
    FIXED,
    INTEREST_FIRST,
    PRINCIPAL_FIRST,
    SPLIT,
    THIRTY_360,
    Claim,
    Missing,
    Rule,
    Settlement,
    accrue,
    fixed_sum,
    rate_on,
)


def halves(*rates):
    """Return the rates from the first half of 2023 on."""
    days = [date(2023 + place // 2, 1 + 6 * (place % 2), 1) for place in range(len(rates))]
    return dict(zip(days, rates, strict=True))


RATES = {
    "ecb": halves(2.50, 4.00, 4.50, 4.25, 3.15, 2.15, 2.15, 2.40),
    "german": halves(1.62, 3.12, 3.62, 3.37, 2.27, 1.27, 1.27, 1.52),
    "bank": {date(2024, 7, 1): 5.25, date(2025, 1, 1): 4.75, date(2025, 7, 1): 4.25, date(2026, 1, 1): 3.75},
    "legal": {date(2024, 7, 1): 4.92, date(2025, 1, 1): 3.71, date(2025, 7, 1): 2.76, date(2026, 1, 1): 2.62},
}
FRANCE = Rule("ecb", 10.0)
PUBLIC = Rule("ecb", 8.0, FIXED)
DUE, PAID = date(2025, 5, 31), date(2025, 8, 31)


def interest(claim, rule=FRANCE, until=PAID, since=None):
    return accrue(claim, rule, RATES, until, since).total(0.01)


def exact(claim, rule, until, since=None):
    return sum(part.amount for part in accrue(claim, rule, RATES, until, since).segments)


def settled(amount=12000.0, due=DUE, on=PAID):
    return Claim(amount, due, (Settlement(on, amount),))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (FRANCE, 377.36),
        (Rule("german", 9.0), 320.50),
        (Rule("ecb", 8.0), 316.87),
        # 12 000 × 11.15 % × 92 / 365: the rate of the half-year in which it began, to the end
        (PUBLIC, 337.25),
        # rounded up to half a point: 11.50 and 10.50
        (Rule("ecb", 8.0, step=0.5), 327.45),
        # base + 9.2: 11.47 and 10.47
        (Rule("german", 9.2), 326.54),
        # base + 5 of German consumers: 7.27 and 6.27
        (Rule("german", 5.0), 199.51),
        # legal rate of French consumers: 3.71 and 2.76
        (Rule("legal"), 92.85),
    ],
)
def test_twelve_thousand_three_months_late(rule, expected):
    assert interest(settled(), rule) == expected


def test_segments_of_france():
    found = accrue(settled(), FRANCE, RATES, date(2025, 12, 31)).segments
    assert [(part.first, part.last, part.days) for part in found] == [
        (date(2025, 6, 1), date(2025, 6, 30), 30),
        (date(2025, 7, 1), date(2025, 8, 31), 62),
    ]
    assert [round(part.amount, 2) for part in found] == [129.70, 247.66]


def test_united_kingdom():
    """2 000 at 13.25 % for 45 days: 32.67, and 70 fixed."""
    due = date(2024, 7, 10)
    claim = settled(2000.0, due, due + timedelta(days=45))
    assert rate_on(Rule("bank", 8.0), RATES, due) == 13.25
    assert interest(claim, Rule("bank", 8.0, FIXED)) == 32.67
    assert fixed_sum([(0.0, 40.0), (1000.0, 70.0), (10000.0, 100.0)], 2000.0) == 70.0


def test_leap_year_stays_365():
    claim = Claim(36500.0, date(2023, 12, 31))
    assert accrue(claim, Rule(None, 10.0), {}, date(2024, 12, 31)).total(0.01) == 3660.0
    assert accrue(claim, Rule(None, 10.0, day_count=ACTUAL_ACTUAL), {}, date(2024, 12, 31)).total(0.01) == 3650.0
    assert accrue(claim, Rule(None, 10.0, day_count=THIRTY_360), {}, date(2024, 12, 31)).total(0.01) == 3650.0


def test_interest_begins_the_day_after_the_due_day():
    """Due on 30 June: the first day is 1 July, and its rate that of the second half."""
    claim = Claim(36500.0, date(2025, 6, 30))
    assert interest(claim, PUBLIC, date(2025, 7, 1)) == round(36500 * 0.1015 / 365, 2)
    assert interest(claim, FRANCE, date(2025, 6, 30)) == 0.0


def test_part_payments_by_their_dates():
    """1 000 due 31 March, 400 paid on 30 April: 30 days on 1 000, 30 on 600 (ECB + 10 = 13.15 %)."""
    claim = Claim(1000.0, date(2025, 3, 31), (Settlement(date(2025, 4, 30), 400.0),))
    found = accrue(claim, FRANCE, RATES, date(2025, 5, 30)).segments
    assert [(part.days, part.base) for part in found] == [(30, 1000.0), (30, 600.0)]
    assert interest(claim, FRANCE, date(2025, 5, 30)) == 17.29


def test_what_was_paid_early_bears_nothing():
    claim = Claim(1000.0, date(2025, 3, 31), (Settlement(date(2025, 3, 31), 400.0),))
    assert accrue(claim, FRANCE, RATES, date(2025, 4, 30)).segments[0].base == 600.0


def test_interest_first():
    """1 000 at 36.5 % (a cent and a tenth a day): 100 days → 100; 300 paid: 200 to the principal; 800 for 100 days."""
    claim = Claim(1000.0, date(2025, 1, 1), (Settlement(date(2025, 4, 11), 300.0),))
    law = Rule(None, 36.5, imputation=INTEREST_FIRST)
    assert interest(claim, law, date(2025, 7, 20)) == 180.0
    assert interest(claim, Rule(None, 36.5), date(2025, 7, 20)) == 170.0


def test_credit_note_counts_from_the_beginning():
    noted = Claim(1000.0, DUE, (Settlement(date(2025, 8, 1), 400.0, is_credit_note=True),))
    assert interest(noted) == interest(Claim(600.0, DUE))
    assert interest(Claim(1000.0, DUE, (Settlement(PAID, 1000.0, is_credit_note=True),))) == 0.0


def test_judgment_stops_it():
    assert interest(Claim(12000.0, DUE, stop=date(2025, 6, 30))) == 129.70
    assert interest(Claim(12000.0, DUE, stop=date(2025, 5, 1))) == 0.0


def test_missing_rate_is_named():
    found = accrue(Claim(1000.0, date(2026, 6, 1)), Rule("legal"), RATES, date(2026, 9, 1))
    assert found.missing == Missing("legal", date(2026, 7, 1))
    assert not found.segments
    # What ends before isn't concerned.
    assert not accrue(Claim(1000.0, date(2026, 6, 1)), Rule("legal"), RATES, date(2026, 6, 30)).missing


def test_cap():
    capped = Rule(None, 15.0, cap=("ecb", 1.0, 8.0))
    assert rate_on(capped, RATES, date(2025, 3, 1)) == pytest.approx(11.15)


def test_fixed_sum_never_counts_as_principal():
    """The claim is the invoice's amount: there is no way to put a fixed sum in, so interest doesn't move with it."""
    assert not {"fixed_sum", "charges"} & set(Claim.__dataclass_fields__)


days = st.integers(0, 3 * 365 + 150).map(lambda days: date(2023, 1, 1) + timedelta(days=days))
cents = st.integers(1, 10**8).map(lambda value: value / 100)
rules = st.builds(
    Rule,
    st.sampled_from(["ecb", "german"]),
    st.sampled_from([5.0, 8.0, 10.0]),
    st.sampled_from([SPLIT, FIXED]),
    st.sampled_from([ACTUAL_365, ACTUAL_ACTUAL, THIRTY_360]),
    st.sampled_from([PRINCIPAL_FIRST, INTEREST_FIRST]),
)


@st.composite
def claims(draw):
    amount, began = draw(cents), draw(days)
    shares = draw(st.lists(st.integers(1, 30), max_size=3))
    parts = tuple(Settlement(draw(days), amount * share / 100, draw(st.booleans())) for share in shares)
    return Claim(amount, began, parts, draw(st.none() | days))


@given(claims(), rules, st.tuples(days, days, days).map(sorted))
def test_additive_over_adjoining_periods(claim, rule, bounds):
    first, middle, last = bounds
    whole = exact(claim, rule, last, first)
    parts = exact(claim, rule, middle, first) + exact(claim, rule, last, middle)
    assert parts == pytest.approx(whole, rel=1e-9, abs=1e-6)


@given(claims(), rules, days)
def test_zero_until_due(claim, rule, until):
    assume(until <= claim.began)
    assert exact(claim, rule, until) == 0.0


@given(claims(), rules, days, st.integers(1, 99))
def test_one_payment_split_in_two_on_its_day_is_the_same(claim, rule, until, share):
    halved = tuple(
        Settlement(part.day, part.amount * percent / 100, part.is_credit_note)
        for part in claim.settlements
        for percent in (share, 100 - share)
    )
    split = Claim(claim.amount, claim.began, halved, claim.stop)
    assert exact(split, rule, until) == pytest.approx(exact(claim, rule, until), rel=1e-9, abs=1e-6)


@given(claims(), rules, days)
def test_never_negative_and_no_day_twice(claim, rule, until):
    segments = accrue(claim, rule, RATES, until).segments
    assert all(part.amount >= 0 and part.base > 0 and part.first <= part.last for part in segments)
    assert all(one.last < next_one.first for one, next_one in zip(segments, segments[1:], strict=False))
    assert all(claim.began < part.first and part.last <= until for part in segments)
