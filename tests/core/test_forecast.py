"""What is expected of an open item, by rule; figures of the specification."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core import forecast
from odoo.addons.credit_control.core.behaviour import PayDays, Payment, Receivable
from odoo.addons.credit_control.core.forecast import (
    Baseline,
    Case,
    Customer,
    Outcome,
    Tally,
    Usual,
    customer_of,
    dispute_shift,
    drift_of,
    expect,
    middle_mean,
    outcomes_of,
    usual_of,
)

TODAY = date(2025, 3, 1)
DUE = date(2025, 3, 15)
# 0, 2, 3, 5, 40 days late: usually 3.
HISTORY = [Outcome(date(2025, 1, 10 + n), float(late)) for n, late in enumerate((0, 2, 3, 5, 40))]
CUSTOMER = customer_of(HISTORY, TODAY)
NOBODY = Customer()


def day_of(case=None, customer=CUSTOMER, baseline=None, as_of=TODAY, **others):
    found = expect(case or Case(DUE), customer, baseline or Baseline(), as_of, **others)
    return found.date, found.rule


def test_due_plus_what_is_usual_of_the_customer():
    assert day_of() == (date(2025, 3, 18), "customer")


def test_with_fewer_than_five_the_segment_then_the_company_then_the_due_date():
    few = customer_of(HISTORY[:4], TODAY)
    company = Baseline(usual=Usual(count=50, days=10.0))
    assert day_of(customer=few, baseline=company, segment=Usual(count=20, days=6.0)) == (date(2025, 3, 21), "segment")
    assert day_of(customer=few, baseline=company, segment=Usual(count=4, days=6.0)) == (date(2025, 3, 25), "company")
    assert day_of(customer=few, baseline=company) == (date(2025, 3, 25), "company")
    # The 15th is a Saturday.
    assert day_of(customer=few) == (date(2025, 3, 17), "due")


def test_only_the_last_twelve_months_tell_what_is_usual():
    a_year_later = date(2026, 1, 11)
    assert customer_of(HISTORY, a_year_later).recent == ((3.0, False), (5.0, False), (40.0, False))
    assert day_of(Case(date(2026, 3, 16)), customer_of(HISTORY, a_year_later), as_of=a_year_later)[1] == "due"


def test_of_many_items_the_last_fifteen_tell():
    old = [Outcome(date(2024, 4, 1) + timedelta(days=n), 50.0) for n in range(30)]
    new = [Outcome(date(2024, 9, 1) + timedelta(days=n), 3.0) for n in range(15)]
    assert day_of(customer=customer_of(old + new, TODAY)) == (date(2025, 3, 18), "customer")


def test_a_promise_goes_before_all_and_slips_as_the_customers_promises_do():
    promised = Case(DUE, promised=date(2025, 4, 1), disputed=True, deadline=date(2025, 6, 1))
    assert day_of(promised) == (date(2025, 4, 1), "promise")
    slow = replace(CUSTOMER, slippage=2.0, promises=3)
    assert day_of(promised, slow) == (date(2025, 4, 3), "promise")
    assert expect(promised, slow, Baseline(), TODAY).confidence == "high"


def test_a_promise_whose_day_passed_is_expected_any_day():
    assert day_of(Case(DUE, promised=date(2025, 4, 1)), as_of=date(2025, 4, 2)) == (date(2025, 4, 2), "promise")


def test_disputed_items_wait_for_the_deadline_of_the_dispute():
    disputed = Case(DUE, disputed=True, deadline=date(2025, 4, 7))
    assert day_of(disputed) == (date(2025, 4, 10), "dispute_deadline")
    without = replace(disputed, deadline=None)
    assert day_of(without, baseline=Baseline(dispute_days=14.0)) == (date(2025, 4, 1), "dispute")


def test_nothing_is_expected_in_a_collective_procedure():
    found = expect(Case(DUE, is_out=True, promised=DUE), CUSTOMER, Baseline(), TODAY)
    assert (found.date, found.rule) == (None, "out")


def test_who_is_later_than_usual_is_as_late_as_when_they_were_later_before():
    customer = replace(CUSTOMER, delays=(0.0, 2.0, 20.0, 30.0, 60.0))
    assert day_of(customer=customer, as_of=date(2025, 3, 24)) == (date(2025, 4, 14), "late")  # 30 days
    assert day_of(customer=customer, as_of=date(2025, 4, 15)) == (date(2025, 5, 14), "late")  # 60 days


def test_who_never_was_that_late_is_given_a_fortnight():
    found = expect(Case(DUE), CUSTOMER, Baseline(), date(2025, 6, 2))
    assert (found.date, found.rule, found.confidence) == (date(2025, 6, 16), "unprecedented", "low")


def test_on_the_expected_day_itself_nothing_is_late_yet():
    assert day_of(as_of=date(2025, 3, 18)) == (date(2025, 3, 18), "customer")
    assert day_of(as_of=date(2025, 3, 19))[1] == "late"


def test_banks_work_on_working_days_only():
    assert day_of(Case(date(2025, 3, 12)))[0] == date(2025, 3, 17)  # Saturday the 15th
    holiday = frozenset({date(2025, 3, 17)})
    assert day_of(Case(date(2025, 3, 12)), holidays=holiday)[0] == date(2025, 3, 18)


def test_a_customer_who_pays_in_runs_pays_in_the_next_run():
    assert day_of(customer=replace(CUSTOMER, pay_days=PayDays(weekday=3)))[0] == date(2025, 3, 20)
    assert day_of(customer=replace(CUSTOMER, pay_days=PayDays(month_day=31)))[0] == date(2025, 3, 31)


def test_drift_is_taken_off():
    assert day_of(baseline=Baseline(drift=-3.0)) == (date(2025, 3, 21), "customer")
    assert drift_of([2.0] * 29) == 0.0
    assert drift_of([2.0] * 30 + [900.0]) == 2.0


def test_disputed_items_tell_what_is_usual_without_their_dispute():
    recent = [(4.0, False), (18.0, True), (3.0, False), (17.0, True), (5.0, False)]
    assert usual_of(recent, dispute_days=14.0).days == pytest.approx(3.7)


def test_how_much_later_disputed_items_are_is_measured_within_customers():
    """A slow customer who disputes little doesn't hide that disputes take 14 days."""
    tally = Tally()
    for base, plain, disputed in ((-10, 5, 5), (20, 9, 1)):
        tally.add([(float(base), False)] * plain + [(base + 14.0, True)] * disputed)
    found = tally.baseline()
    assert found.dispute_days == 14.0
    assert found.dispute_share == 0.3


def test_confidence_grows_with_history_and_steadiness():
    steady = customer_of([Outcome(TODAY - timedelta(days=n), 3.0 + n % 3) for n in range(12, 0, -1)], TODAY)
    erratic = customer_of([Outcome(TODAY - timedelta(days=n), 30.0 * (n % 3)) for n in range(12, 0, -1)], TODAY)
    assert expect(Case(DUE), steady, Baseline(), TODAY).confidence == "high"
    assert expect(Case(DUE), erratic, Baseline(), TODAY).confidence == "medium"
    assert expect(Case(DUE), NOBODY, Baseline(), TODAY).confidence == "low"


days = st.integers(-400, 400)
customers = st.builds(
    lambda late, disputed: customer_of(
        [Outcome(TODAY - timedelta(days=n + 1), float(one), disputed) for n, one in enumerate(late)][::-1], TODAY
    ),
    st.lists(days, max_size=20),
    st.booleans(),
)
baselines = st.builds(
    Baseline,
    usual=st.builds(Usual, st.integers(0, 50), st.floats(-30, 90)),
    dispute_days=st.floats(0, 90),
    dispute_share=st.floats(0, 1),
    spread=st.floats(0.5, 60),
    drift=st.floats(-20, 20),
)
maybe_days = st.none() | st.integers(-60, 60).map(lambda n: TODAY + timedelta(days=n))
cases = st.builds(
    Case,
    due=days.map(lambda n: TODAY + timedelta(days=n)),
    disputed=st.booleans(),
    deadline=maybe_days,
    promised=maybe_days,
)


@given(cases, customers, baselines)
def test_every_item_is_expected_on_a_working_day_that_is_not_over(case, customer, baseline):
    found = expect(case, customer, baseline, TODAY)
    assert found.date >= TODAY
    assert found.date.weekday() < 5
    assert found.rule in forecast.RULES
    assert found.confidence in ("high", "medium", "low")


@given(customers, baselines)
def test_what_may_be_disputed_is_never_earlier_nor_later_than_what_is(customer, baseline):
    assert 0.0 <= dispute_shift(customer, baseline) <= baseline.dispute_days


@given(st.lists(days, min_size=1))
def test_the_middle_lies_between_the_ends(values):
    assert min(values) - 1e-6 <= middle_mean(values) <= max(values) + 1e-6


@given(st.lists(days, min_size=5), st.integers(1, 10**6))
def test_one_bad_item_of_five_does_not_decide(values, outlier):
    assert middle_mean([*values, 400 + outlier]) <= max(values)


def test_outcomes_are_what_is_settled():
    open_item = Receivable(1, 10.0, DUE)
    settled = Receivable(2, 10.0, DUE, payments=(Payment(date(2025, 3, 25), 10.0),))
    assert outcomes_of([open_item, settled], date(2025, 3, 24)) == []
    assert outcomes_of([open_item, settled], date(2025, 3, 25)) == [Outcome(date(2025, 3, 25), 10.0)]
