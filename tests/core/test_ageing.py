import sqlite3
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core.ageing import NOT_DUE, AgeingScale, days_overdue

USUAL = AgeingScale((30, 60, 90))
scales = st.sets(st.integers(1, 2000), min_size=1, max_size=8).map(lambda edges: AgeingScale(tuple(sorted(edges))))


@pytest.mark.parametrize(
    ("due", "as_of", "days"),
    [
        (date(2025, 3, 31), date(2025, 3, 31), 0),
        (date(2025, 3, 31), date(2025, 4, 1), 1),
        (date(2025, 3, 31), date(2025, 3, 30), -1),
        (date(2024, 2, 28), date(2024, 3, 1), 2),
        (date(2025, 2, 28), date(2025, 3, 1), 1),
        (date(2024, 2, 29), date(2025, 2, 28), 365),
        (date(2023, 12, 31), date(2024, 12, 31), 366),
    ],
)
def test_days_overdue(due, as_of, days):
    assert days_overdue(due, as_of) == days


@pytest.mark.parametrize(
    ("days", "code"),
    [
        (-400, "not_due"),
        (-1, "not_due"),
        (0, "not_due"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "91+"),
        (3650, "91+"),
    ],
)
def test_upper_ends_are_inclusive_and_the_due_day_is_current(days, code):
    assert USUAL.code(days) == code


def test_codes_of_the_legal_table_of_payment_terms():
    """French C. com. D441-6: 0, 1–30, 31–60, 61–90, 91 and more."""
    assert USUAL.codes == (NOT_DUE, "1-30", "31-60", "61-90", "91+")


@given(scales, st.integers(-5000, 5000))
def test_sql_gives_what_python_gives(scale, days):
    (code,) = sqlite3.connect(":memory:").execute(f"SELECT {scale.sql_case(f'({days})')}").fetchone()
    assert code == scale.code(days) == scale.codes[scale.index(days)]


def test_sql_gives_what_python_gives_day_by_day():
    database = sqlite3.connect(":memory:")
    case = USUAL.sql_case("days")
    for days in range(-40, 140):
        (code,) = database.execute(f"SELECT {case} FROM (SELECT {days} AS days)").fetchone()
        assert code == USUAL.code(days)


@given(scales, st.lists(st.tuples(st.integers(-500, 3000), st.integers(-(10**9), 10**9))))
def test_buckets_partition_the_total(scale, items):
    spread = scale.spread(items)
    assert tuple(spread) == scale.codes
    assert sum(spread.values()) == sum(amount for _days, amount in items)


@given(scales, st.integers(-5000, 5000))
def test_older_is_never_in_a_younger_bucket(scale, days):
    assert scale.index(days) <= scale.index(days + 1) <= scale.index(days) + 1


@given(scales)
def test_each_bucket_holds_the_days_that_its_name_says(scale):
    for code in scale.codes[1:-1]:
        start, end = map(int, code.split("-"))
        assert {scale.code(start), scale.code(end)} == {code}
        assert code not in (scale.code(start - 1), scale.code(end + 1))


@given(scales, st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 4000))
def test_an_item_ages_a_day_a_day(scale, due, days):
    assert days_overdue(due, due + timedelta(days=days)) == days


@pytest.mark.parametrize("text", ["30,60,90", "30, 60 ,90", "30/60/90", "30;60;90", " 30,60,90, "])
def test_edges_are_read_as_people_write_them(text):
    assert AgeingScale.parse(text) == USUAL


@pytest.mark.parametrize(
    "text", ["", " ", ",", "thirty", "30,60,sixty", "0,30", "-30,60", "60,30", "30,30", "30.5", "30-60"]
)
def test_edges_that_make_no_scale_are_refused(text):
    with pytest.raises(ValueError):
        AgeingScale.parse(text)


def test_one_edge_is_a_scale():
    assert AgeingScale((30,)).codes == (NOT_DUE, "1-30", "31+")


@given(scales)
def test_what_is_written_reads_back(scale):
    assert AgeingScale.parse(",".join(map(str, scale.edges))) == scale
