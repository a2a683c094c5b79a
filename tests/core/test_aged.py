from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core.ageing import AgeingScale
from odoo.addons.credit_control_reporting.core.aged import Figures, fold
from odoo.addons.credit_control_reporting.core.schedule import next_day

edges = st.sets(st.integers(1, 2000), min_size=1, max_size=8).map(lambda found: AgeingScale(tuple(sorted(found))))
# Amounts in cents: (portfolio, customer, days overdue, amount).
items = st.lists(
    st.tuples(
        st.sampled_from(["north", "south", None]),
        st.integers(1, 5),
        st.integers(-400, 4000),
        st.integers(-(10**9), 10**9),
    )
)


def groups_of(found, scale):
    """Add up as the database does: one row for each portfolio and customer."""
    rows = {}
    for portfolio, customer, days, cents in found:
        buckets = rows.setdefault((portfolio, customer), [0] * len(scale.codes))
        buckets[scale.index(days)] += cents
    return [(keys, Figures(tuple(cents / 100 for cents in buckets))) for keys, buckets in rows.items()]


@given(edges, items)
def test_the_buckets_add_up_to_the_total_for_any_edges(scale, found):
    report = fold(groups_of(found, scale), len(scale.codes))
    assert round(report.figures.total * 100) == sum(cents for *_keys, cents in found)


@given(edges, items)
def test_each_line_is_the_sum_of_what_it_unfolds_to(scale, found):
    report = fold(groups_of(found, scale), len(scale.codes))
    for line in (report, *report.lines):
        for place, amount in enumerate(line.figures.buckets if line.lines else ()):
            assert round(amount, 2) == round(sum(part.figures.buckets[place] for part in line.lines), 2)


@given(st.dates(), st.integers(0, 6), st.integers(1, 31), st.sampled_from(["daily", "weekly", "monthly"]))
def test_a_report_is_mailed_once_a_period(after, weekday, month_day, frequency):
    if after.year == 9999:
        return
    found = next_day(frequency, after, weekday, month_day)
    assert 0 < (found - after).days <= {"daily": 1, "weekly": 7, "monthly": 31}[frequency]
    assert frequency != "weekly" or found.weekday() == weekday
    assert frequency != "monthly" or found.day == month_day or (found.day < month_day and _is_last(found))


def _is_last(day):
    return next_day("daily", day).month != day.month
