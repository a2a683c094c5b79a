"""Ratings on the common scale, whatever agencies write."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core import rating
from odoo.addons.credit_control.core.rating import Opinion, Scale, Step

DAY = date(2026, 6, 1)
POINTS = st.integers(0, 100).map(float)


@st.composite
def opinions(draw):
    floor, ceiling = sorted((draw(POINTS), draw(POINTS)))
    until = draw(st.none() | st.integers(-50, 50).map(lambda days: DAY + timedelta(days=days)))
    agency = draw(st.integers(1, 9))
    day = DAY - timedelta(days=draw(st.integers(0, 99)))
    return Opinion(draw(st.integers(1, 99)), agency, draw(POINTS), day, until, ceiling, floor)


@given(st.text(max_size=30), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_whatever_is_written_is_in_bounds_or_unknown(text, worst, best):
    for scale in (Scale("figures", (), worst, best), Scale("grades", (Step(10.0, "A"),))):
        placed = rating.place(text, scale)
        assert placed is None or 0 <= placed.score <= 100


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-50, 50))
def test_a_better_figure_is_never_placed_lower(worst, best, figure):
    scale = Scale("figures", (), worst, best)
    here = rating.place(str(figure), scale)
    step = 1 if best > worst else -1
    there = rating.place(str(figure + step), scale)
    assert here is None or there is None or here.score <= there.score


@given(st.lists(opinions(), max_size=6))
def test_bounds_never_cross(known):
    ceiling, floor = rating.bounds(known, DAY)
    assert ceiling is None or floor is None or floor <= ceiling


@given(st.lists(opinions(), max_size=6))
def test_what_is_stale_never_goes_before_what_is_valid(known):
    found = rating.leading(known, DAY)
    if found and found.is_stale(DAY):
        assert all(one.is_stale(DAY) for one in known)
        assert rating.bounds(known, DAY) == (None, None)
