from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core.behaviour import Payment, Receivable, parts_of, trend_of, weighted_index
from odoo.addons.credit_control.core.scoring import (
    AT_LEAST,
    AT_MOST,
    LESS,
    Cap,
    Component,
    Rules,
    blend,
    decide,
    disputes,
    grade_of,
    largest_gains,
    limit,
    overdue_share,
    promises,
    punctuality,
    shown,
    trend,
)

SHIPPED = {"P": 0.45, "O": 0.20, "T": 0.15, "R": 0.15, "D": 0.05}
TODAY = date(2025, 6, 30)

values = st.one_of(st.none(), st.floats(0, 100))
components = st.lists(values, min_size=5, max_size=5).map(
    lambda found: [Component(code, SHIPPED[code], value) for code, value in zip(SHIPPED, found, strict=True)]
)
caps = st.lists(st.builds(Cap, st.text(), st.sampled_from([AT_MOST, AT_LEAST, LESS]), st.floats(0, 100)), max_size=4)
days = st.integers(0, 900).map(lambda ago: TODAY - timedelta(days=ago))
cents = st.integers(1, 10**7).map(lambda amount: amount / 100)


@st.composite
def receivables(draw):
    amount = draw(cents)
    paid = draw(st.lists(days, max_size=2))
    payments = tuple(Payment(day, amount / (len(paid) + draw(st.booleans()))) for day in paid)
    return Receivable(draw(st.integers()), amount, draw(days), payments=payments)


def shipped(**found):
    return [Component(code, weight, found.get(code)) for code, weight in SHIPPED.items()]


@pytest.mark.parametrize(
    ("found", "value", "grade"),
    [
        ({"P": 80.0, "O": 75.0, "T": 40.0, "R": 60.0, "D": 75.0}, 69.75, "B"),
        # Only payments and what is open: 0.45 / 0.65 and 0.20 / 0.65.
        ({"P": 100.0, "O": 35.0}, 80.0, "A"),
        ({"P": 0.0, "O": 0.0}, 0.0, "E"),
    ],
)
def test_figures_worked_out_by_hand(found, value, grade):
    score = decide(shipped(**found), count=3)
    assert (score.value, score.grade) == (value, grade)


@pytest.mark.parametrize("days_late, component", [(-10, 100.0), (0, 100.0), (26, 68.75), (75, 43.75), (150, 12.5)])
def test_payment_index_of_the_specification(days_late, component):
    """−10 → 85, 26 → 55, 75 → 35, 150 → 10; times 1.25, at most 100."""
    part = Receivable(1, 10.0, TODAY - timedelta(days=days_late), payments=(Payment(TODAY, 10.0),))
    assert punctuality(weighted_index(parts_of([part], TODAY))) == pytest.approx(component)


@given(components, st.integers(0, 20), caps)
def test_score_is_within_its_bounds(parts, count, found):
    score = decide(parts, count, found)
    known = any(part.value is not None for part in parts)
    assert (score.value is None) == (count < 3 or not known)
    if score.value is not None:
        assert 0 <= score.value <= 100
        assert score.grade == grade_of(score.value)
        assert score.ceiling is None or score.value <= score.ceiling + 0.005
    if score.ceiling is not None:
        assert score.grade >= grade_of(score.ceiling)


@given(components)
def test_shares_of_what_has_material_make_one_whole(parts):
    found = blend(parts)
    known = [part for part in found if part.value is not None]
    assert sum(part.share for part in found) == pytest.approx(1.0 if known else 0.0)
    assert all(part.share == part.points == 0 for part in found if part.value is None)
    if known:
        total = sum(part.points for part in found)
        assert min(part.value for part in known) - 1e-9 <= total <= max(part.value for part in known) + 1e-9


@given(components, st.integers(1, 4))
def test_scale_of_the_weights_is_of_no_importance(parts, factor):
    scaled = [Component(part.factor, part.weight * factor, part.value) for part in parts]
    first, second = decide(parts, 3).value, decide(scaled, 3).value
    assert first == second or first == pytest.approx(second, abs=0.0101)


@given(st.floats(0, 100), caps, st.floats(0, 100))
def test_ceiling_is_never_passed_and_one_more_never_raises(value, found, amount):
    assert limit(value, [*found, Cap("x", AT_MOST, amount)]) <= min(limit(value, found), amount)


def test_caps_that_did_nothing_are_not_named():
    score = decide(shipped(P=10.0), 5, [Cap("litigation", AT_MOST, 20.0), Cap("insolvent", AT_MOST, 5.0)])
    assert (score.value, [cap.code for cap in score.caps]) == (5.0, ["insolvent"])
    assert decide(shipped(P=10.0), 5, [Cap("litigation", AT_MOST, 20.0)]).caps == ()


def test_two_caps_at_the_same_figure_are_both_named():
    found = [Cap("one", AT_MOST, 5.0), Cap("two", AT_MOST, 5.0)]
    assert decide(shipped(P=90.0), 5, found).caps == tuple(found)


def test_without_enough_items_there_is_no_figure_but_caps_hold():
    assert decide(shipped(P=90.0), 2).grade is None
    limited = decide(shipped(P=90.0), 2, [Cap("litigation", AT_MOST, 20.0), Cap("warning", LESS, 15.0)])
    assert (limited.state, limited.value, limited.ceiling, limited.grade) == ("insufficient", None, 20.0, "E")
    assert [cap.code for cap in limited.caps] == ["litigation"]


def test_bands_and_minimum_are_those_of_the_version():
    rules = Rules(bands=(("good", 60.0), ("bad", 10.0)), minimum_items=1)
    assert [decide(shipped(P=value), 1, rules=rules).grade for value in (60.0, 59.0, 5.0)] == ["good", "bad", "bad"]


@given(st.floats(0, 100))
def test_what_is_shown_never_promises_a_grade(value):
    assert grade_of(shown(value)) == grade_of(value)


@given(st.lists(receivables(), max_size=8), st.data())
def test_paying_today_what_is_overdue_changes_neither_index_nor_trend(items, data):
    """So a gain is what it does to the overdue share: nobody buys a better past."""
    late = [item for item in items if item.due < TODAY and item.open_on(TODAY)]
    paid = data.draw(st.lists(st.sampled_from(late), unique_by=id)) if late else []
    after = [item.paid_up(TODAY) if item in paid else item for item in items]
    for figure in (weighted_index, lambda parts: trend_of(parts, TODAY)):
        before, now = figure(parts_of(items, TODAY)), figure(parts_of(after, TODAY))
        assert before == now or before == pytest.approx(now, abs=1e-6)


def test_open_overdue_items_lower_the_figures_day_by_day():
    paid = [Receivable(n, 100.0, TODAY - timedelta(days=200 - n), payments=(Payment(TODAY, 100.0),)) for n in (1, 2)]
    unpaid = Receivable(3, 50.0, TODAY)
    seen = [weighted_index(parts_of([*paid, unpaid], TODAY + timedelta(days=day))) for day in range(1, 180)]
    assert all(later <= earlier for earlier, later in zip(seen, seen[1:], strict=False))
    assert seen[0] > seen[-1]


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_kept_promise_helps_and_a_broken_one_harms(kept, broken):
    value = promises(kept, kept + broken)
    assert value is None if not kept + broken else 0 < value < 100
    if value is not None:
        assert promises(kept + 1, kept + broken + 1) > value > promises(kept, kept + broken + 1)


@given(st.floats(0, 100) | st.none(), st.floats(0, 100) | st.none())
def test_who_never_promised_is_not_below_who_kept_all(overdue, slope):
    """A perfect payer who never promised anything isn't below one with ten kept promises."""
    found = {"P": punctuality(80.0), "O": overdue, "T": slope}
    silent = decide(shipped(**found), 12)
    kept = decide(shipped(**found, R=promises(10, 10, never_late=True)), 12)
    assert silent.value >= kept.value


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_overdue_share_and_trend_are_within_bounds(one, other):
    share = overdue_share(one, other)
    assert (share is None) == (other <= 0)
    assert share is None or 0 <= share <= 100
    assert 0 <= trend(one, other) <= 100


def test_disputes_count_by_their_outcome():
    assert [disputes(unjustified, 4) for unjustified in range(5)] == [100.0, 75.0, 50.0, 25.0, 0.0]


@given(st.dictionaries(st.integers(), st.floats(-5, 20), max_size=6), st.floats(0, 50))
def test_gains_are_gains_each_more_than_the_one_before(worth, value):
    def rescore(paid):
        return value + sum(worth[item] for item in paid)

    gains = largest_gains(list(worth), value, rescore)
    found = [gain.value for gain in gains]
    assert found == sorted(found) and all(one > value for one in found)
    assert all(gain.value == rescore(gain.items) for gain in gains)
    if gains and len(gains[0].items) == 1:
        assert gains[0].value == pytest.approx(value + max(worth.values()))
