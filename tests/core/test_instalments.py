from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core.instalments import MONTH, WEEK, schedule

FIRST = date(2025, 1, 31)


def amounts(amount, count):
    return [part.amount for part in schedule(amount, count, FIRST, 1, MONTH, 0.01)]


def test_the_last_takes_the_difference():
    assert amounts(100.0, 3) == [33.33, 33.33, 33.34]
    assert amounts(200.0, 3) == [66.67, 66.67, 66.66]
    assert amounts(100.0, 1) == [100.0]


def test_whole_units_where_the_currency_has_no_cents():
    assert [part.amount for part in schedule(1000, 3, FIRST, 1, MONTH, 1.0)] == [333.0, 333.0, 334.0]


def test_the_end_of_the_month_is_kept():
    days = [part.date for part in schedule(400.0, 4, date(2023, 11, 30), 1, MONTH, 0.01)]
    assert days == [date(2023, 11, 30), date(2023, 12, 30), date(2024, 1, 30), date(2024, 2, 29)]


def test_every_third_month_over_the_year():
    days = [part.date for part in schedule(300.0, 3, date(2025, 8, 15), 3, MONTH, 0.01)]
    assert days == [date(2025, 8, 15), date(2025, 11, 15), date(2026, 2, 15)]


@pytest.mark.parametrize(
    ("amount", "count", "every"), [(0.0, 1, 1), (-5.0, 2, 1), (10.0, 0, 1), (10.0, 2, 0), (0.05, 7, 1)]
)
def test_what_makes_no_plan(amount, count, every):
    with pytest.raises(ValueError, match="instalments"):
        schedule(amount, count, FIRST, every, WEEK, 0.01)


@given(st.integers(1, 10**7), st.integers(1, 60), st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(1, 6))
def test_the_parts_add_up_and_the_days_go_on(cents, count, first, every):
    if cents < count * count:
        return
    for unit in (WEEK, MONTH):
        parts = schedule(cents / 100, count, first, every, unit, 0.01)
        assert round(sum(part.amount for part in parts) * 100) == cents
        days = [part.date for part in parts]
        assert days == sorted(set(days)) and days[0] == first
