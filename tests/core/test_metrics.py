"""Laws of the ratios: what must hold for any figures."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control_reporting.core import metrics
from odoo.addons.credit_control_reporting.core.metrics import Due, Month

cents = st.integers(0, 10**9).map(lambda units: units / 100)
months = st.lists(
    st.builds(Month, st.integers(28, 31), st.integers(-(10**6), 10**8).map(lambda n: n / 100)), max_size=24
)


@given(cents, months)
def test_count_back_never_extrapolates(receivables, known):
    found = metrics.count_back_dso(receivables, known)
    assert 0 <= found.days <= sum(month.days for month in known)
    covered = sum(max(0.0, month.sales) for month in known)
    assert found.is_beyond == (receivables - covered >= 0.005) or abs(receivables - covered) < 0.01


@given(cents, cents, months)
def test_count_back_grows_with_the_receivables(less, more, known):
    less, more = sorted((less, more))
    assert metrics.count_back_dso(less, known).days <= metrics.count_back_dso(more, known).days + 1e-9


@given(st.integers(1, 300))
def test_count_back_is_the_simple_one_where_sales_are_even(days):
    """100 a day: what 250 days of sales are, is 250 days, whatever the lengths of the months."""
    known = [Month(length, length * 100.0) for length in (30, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31)]
    assert metrics.count_back_dso(days * 100.0, known).days == pytest.approx(days)


def test_count_back_in_mid_month():
    """On 10 March: 10 days of March (100), then February (280), then 62 of the 310 of January: a fifth."""
    sales = {date(2025, 3, 1): 100.0, date(2025, 2, 1): 280.0, date(2025, 1, 1): 310.0}
    known = metrics.months_back(date(2025, 3, 10), sales, 3)
    assert metrics.count_back_dso(442.0, known).days == pytest.approx(10 + 28 + 6.2)


def test_month_without_sales_adds_its_days():
    known = [Month(30, -50.0), Month(31, 310.0)]
    assert metrics.count_back_dso(100.0, known).days == pytest.approx(30 + 10)


def test_late_rate_looks_at_the_day_only():
    """Paid on 5 February: on 31 January it was open and late; with 31 days of grace it is neither."""
    item = Due(date(2025, 1, 10), 100.0, date(2025, 2, 5))
    assert metrics.late_rate([item], date(2025, 1, 31)).by_value == 100.0
    assert metrics.late_rate([item], date(2025, 2, 28), grace=30).by_value == 0.0
    assert metrics.late_rate([], date(2025, 2, 28)) == (None, None)


def test_nothing_is_not_zero():
    assert metrics.simple_dso(100.0, -5.0, 30) is None
    assert metrics.average_days_delinquent(None, 3.0) is None
    assert metrics.weighted_average([]) is None
    assert metrics.collection_effectiveness(0.0, 100.0, 100.0, 100.0) is None
    assert metrics.days_gained(None, 40.0, 100.0, 30) is None
