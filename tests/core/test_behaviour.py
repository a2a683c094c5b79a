"""What holds for any history of any customer."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core.behaviour import (
    INDEX_MONTHS,
    Part,
    PayDays,
    Payment,
    Receivable,
    active_count,
    lateness,
    months_before,
    parts_of,
    pay_days,
    payment_index,
    percentile,
    profile_of,
    trend,
    weighted_delay,
    weighted_index,
)

TODAY = date(2025, 6, 30)
days = st.integers(-500, 60).map(lambda days: TODAY + timedelta(days=days))
cents = st.integers(1, 10**7).map(lambda value: value / 100)


@st.composite
def receivables(draw):
    amount, due = draw(cents), draw(days)
    shares = draw(st.lists(st.integers(1, 40), max_size=4))
    payments = tuple(
        Payment(due + timedelta(days=draw(st.integers(-40, 200))), amount * share / 100) for share in shares[:-1]
    )
    left = amount - sum(payment.amount for payment in payments)
    if shares and left > 0 and draw(st.booleans()):
        payments += (Payment(due + timedelta(days=draw(st.integers(-40, 200))), left),)
    return Receivable(draw(st.integers()), amount, due, due - timedelta(days=30), payments)


histories = st.lists(receivables(), max_size=12)


def paid(due, late, amount=100.0):
    return Receivable(str(due), amount, due, payments=(Payment(due + timedelta(days=late), amount),))


@pytest.mark.parametrize(
    ("late", "index"),
    [(-90, 100), (-30, 100), (-20, 90), (-10, 85), (0, 80), (15, 70), (22, 60), (26, 55), (30, 50)]
    + [(60, 40), (75, 35), (90, 30), (120, 20), (150, 10), (180, 0), (1000, 0)],
)
def test_the_index_at_the_points_of_the_curve_and_between(late, index):
    assert payment_index(late) == pytest.approx(index)


@given(st.integers(-400, 400))
def test_later_is_never_better(late):
    assert 0 <= payment_index(late + 1) <= payment_index(late) <= 100


@given(histories, st.integers(0, 300))
def test_nothing_that_happens_later_is_seen(items, back):
    as_of = TODAY - timedelta(days=back)
    known = [
        Receivable(
            item.id, item.amount, item.due, item.issued, tuple(part for part in item.payments if part.on <= as_of)
        )
        for item in items
    ]
    assert profile_of(items, as_of) == profile_of(known, as_of)


@given(histories)
def test_parts_add_up_to_what_was_paid_and_what_is_overdue(items):
    for item in items:
        parts = item.parts(TODAY)
        received = sum(payment.amount for payment in item.payments if payment.on <= TODAY)
        overdue = item.open_on(TODAY) if item.due < TODAY else 0
        assert sum(part.amount for part in parts) == pytest.approx(received + overdue)


@given(histories.filter(bool))
def test_means_lie_between_the_best_and_the_worst(items):
    parts = parts_of(items, TODAY)
    if parts:
        late = [part.days for part in parts]
        assert min(late) - 1e-6 <= weighted_delay(parts) <= max(late) + 1e-6
        assert payment_index(max(late)) - 1e-6 <= weighted_index(parts) <= payment_index(min(late)) + 1e-6


@given(histories, st.integers(1, 60))
def test_who_stops_paying_gets_worse_each_day(items, ahead):
    unpaid = [Receivable(item.id, item.amount, TODAY - timedelta(days=1)) for item in items]
    today, later = (weighted_index(parts_of(unpaid, day)) for day in (TODAY, TODAY + timedelta(days=ahead)))
    assert not unpaid or later < today


@given(receivables())
def test_an_item_paid_up_is_settled_on_that_day(item):
    after = item.paid_up(TODAY)
    assert not after.open_on(TODAY)
    assert after.settled_on(TODAY) == (TODAY if item.open_on(TODAY) else item.settled_on(TODAY))


@given(histories)
def test_what_is_late_is_part_of_what_was_due(items):
    found = lateness(items, date.min, TODAY)
    assert 0 <= found.late <= found.count <= len(items)
    assert 0 <= found.late_amount <= found.amount + 1e-6 or any(
        sum(payment.amount for payment in item.payments) > item.amount for item in items
    )


@given(st.lists(st.integers(-50, 50), min_size=1))
def test_nine_in_ten_are_paid_by_the_90th_percentile(values):
    found = percentile(values, 0.9)
    assert sum(value <= found for value in values) >= 0.9 * len(values)
    assert sum(value < found for value in values) < 0.9 * len(values)


@given(st.lists(days, min_size=5, max_size=30))
def test_a_pay_day_is_never_before_the_day_asked_for(found):
    habit = pay_days(found)
    for day in found:
        run = habit.next_from(day)
        assert day <= run <= day + timedelta(days=34)


@pytest.mark.parametrize("month_day", [1, 10, 15, 28, 30, 31])
def test_a_monthly_run_is_recognised_whatever_the_weekday(month_day):
    runs = [PayDays(month_day=month_day).next_from(date(2024, month, 1)) for month in range(1, 13)]
    assert all(run.weekday() < 5 for run in runs)
    found = pay_days(runs)
    assert found.share == 1.0
    assert [found.next_from(run) for run in runs] == runs


def test_payments_without_a_habit_have_no_pay_day():
    assert not pay_days([date(2025, 1, 1) + timedelta(days=3 * number) for number in range(40)])


def test_a_customer_whose_only_items_are_overdue_for_a_year_has_material():
    items = [Receivable(number, 100.0, date(2024, 6, 1)) for number in range(3)]
    assert active_count(items, TODAY) == 3
    assert weighted_index(parts_of(items, TODAY)) == 0.0


def test_what_was_paid_long_ago_is_forgotten_but_not_what_is_open():
    old = months_before(TODAY, INDEX_MONTHS)
    assert parts_of([paid(old - timedelta(days=10), 10)], TODAY) == []
    assert len(parts_of([Receivable(1, 5.0, old - timedelta(days=400))], TODAY)) == 1


def test_an_overdue_item_counts_in_the_trend_of_today():
    before = paid(date(2024, 12, 31), 5)
    assert trend([before, Receivable(2, 100.0, TODAY - timedelta(days=40))], TODAY) == 35.0


def test_the_trend_has_nothing_to_say_without_both_halves():
    assert trend([paid(date(2024, 12, 31), 5)], TODAY) is None
    assert trend([paid(date(2025, 6, 1), 5)], TODAY) is None


def test_disputed_items_count_as_the_others_do():
    item = Receivable(1, 100.0, TODAY - timedelta(days=10), disputed=True)
    assert item.parts(TODAY) == [Part(100.0, 10, TODAY, True)]
