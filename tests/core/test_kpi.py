"""Laws of the indicators: what must hold for any series of figures."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control_reporting.core.kpi import (
    COUNT_BACK_MONTHS,
    INDICATORS,
    Series,
    add_series,
    days_back,
    last_month_end,
)

DAYS = days_back(date(2025, 11, 30), COUNT_BACK_MONTHS + 1)
cents = st.integers(-(10**7), 10**7).map(lambda units: units / 100)
amounts = st.lists(cents, min_size=len(DAYS), max_size=len(DAYS))
series = st.builds(
    lambda owed, late, sold: Series(DAYS, {"receivable": owed, "overdue": late, "sales": sold}, DAYS[0]),
    amounts,
    amounts,
    amounts,
)


@given(series)
def test_parts_of_the_dso_add_up(one):
    dso, best, late = (INDICATORS[code].value(one).amount for code in ("dso", "dso_best", "delinquent_days"))
    if dso is None:
        assert best is None and late is None
    else:
        assert best + late == pytest.approx(dso)


@given(series)
def test_many_days_at_once_say_the_same(one):
    places = range(1, len(DAYS))
    for indicator in INDICATORS.values():
        if indicator.make_all:
            assert indicator.values(one, places, 3) == replace(indicator, make_all=None).values(one, places, 3)


@given(series, series)
def test_sums_are_of_all_parts(one, other):
    both = add_series([one, other], Series(DAYS))
    for indicator in INDICATORS.values():
        if indicator.is_summed:
            parts = [indicator.value(each).amount for each in (one, other)]
            assert indicator.value(both).amount == pytest.approx(sum(parts), abs=1e-4)


@given(series)
def test_nothing_is_said_of_nothing(one):
    """Without sales no DSO; without receivables no share."""
    silent = Series(DAYS, {**one.amounts, "sales": [0.0] * len(DAYS), "receivable": [0.0] * len(DAYS)})
    for code in ("dso", "dso_best", "delinquent_days", "dso_count_back", "overdue_share", "turnover"):
        assert INDICATORS[code].value(silent).amount is None


def test_months_end_where_the_books_begin():
    """The first sale on 10 September: September counts whole, August isn't known."""
    books = Series(DAYS, {"sales": [1.0] * len(DAYS)}, date(2025, 9, 10))
    assert [days for days, _sales in books.months(len(DAYS) - 1)] == [30, 31, 30]
    assert not list(books.months(len(DAYS) - 4))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 60))
def test_days_are_ends_of_months_and_the_day(day, count):
    days = days_back(day, count)
    assert len(days) == count + 1 and days[-1] == day and days == sorted(set(days))
    assert all(last_month_end(each) == each for each in days[:-1])
