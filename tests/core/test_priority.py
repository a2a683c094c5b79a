from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core import priority
from odoo.addons.credit_control.core.priority import Facts, Rule, Todo, choose, rank, weigh

TODAY = date(2025, 3, 10)
RULES = (
    Rule(1, priority.AMOUNT, 1, unit=500, maximum=20),
    Rule(2, priority.DAYS_LATE, 1, unit=2, maximum=40),
    Rule(3, priority.DISTRUST, 2, unit=5, start=50),
    Rule(4, priority.NO_CONTACT, 1, unit=7, start=14),
    Rule(5, priority.STATUS, -20, match="disputed"),
    Rule(6, priority.TAG, 10, match=7),
    Rule(7, priority.WARNING, 10, unit=1, maximum=30),
)

facts = st.builds(
    Facts,
    id=st.integers(1, 50),
    overdue=st.floats(0, 1e6),
    days_late=st.integers(0, 2000),
    score=st.none() | st.floats(0, 100),
    broken=st.floats(0, 1e5),
    contact_days=st.none() | st.integers(0, 900),
    tags=st.frozensets(st.integers(5, 9)),
    status=st.sampled_from([None, "disputed", "overdue"]),
    warnings=st.integers(0, 9),
)
todos = st.lists(
    st.builds(Todo, st.sampled_from(priority.ACTIONS), st.dates(TODAY - timedelta(50), TODAY + timedelta(50)))
)


def points(**known):
    return {part.rule: part.points for part in weigh(Facts(1, **known), RULES).parts}


def test_each_measure_by_hand():
    assert points(overdue=1249.99, days_late=7) == {1: 2, 2: 3}
    assert points(score=43.0) == {3: 2}
    assert points(score=50.0) == {}
    assert points(overdue=500.0, contact_days=21) == {1: 1, 4: 1}
    assert points(contact_days=400) == {}, "who owes nothing needn't be contacted"
    assert points(status="disputed", tags=frozenset({7, 8})) == {5: -20, 6: 10}
    assert points(warnings=9) == {7: 30}


def test_who_was_never_contacted_isn_t_long_without_contact():
    assert 4 not in points(overdue=500.0, contact_days=None)


def test_cents_make_no_unit_less():
    assert weigh(Facts(1, overdue=0.1 + 0.2), [Rule(1, priority.AMOUNT, 1, unit=0.3)]).points == 1


def test_a_negative_rule_has_its_maximum_too():
    assert weigh(Facts(1, days_late=90), [Rule(1, priority.DAYS_LATE, -1, unit=1, maximum=15)]).points == -15


@given(st.lists(facts, max_size=20, unique_by=lambda known: known.id))
def test_the_order_follows_from_the_points(known):
    places = rank(known, RULES)
    assert sorted(place.debtor for place in places) == sorted(one.id for one in known)
    assert [place.points for place in places] == sorted((place.points for place in places), reverse=True)
    assert rank(reversed(known), RULES) == places


@given(facts)
def test_the_reason_adds_up(known):
    place = weigh(known, RULES)
    assert sum(part.points for part in place.parts) == place.points
    assert all(part.points for part in place.parts)
    for part, rule in ((part, rule) for part in place.parts for rule in RULES if rule.id == part.rule):
        assert not rule.maximum or abs(part.points) <= rule.maximum


@given(todos, st.none() | st.dates(TODAY - timedelta(50), TODAY + timedelta(50)))
def test_what_is_chosen_is_the_first_that_is_due(known, postponed):
    chosen = choose(known, TODAY, postponed)
    if not known:
        assert chosen is None
        return
    due = [todo for todo in known if todo.day <= TODAY]
    if postponed and postponed > TODAY:
        assert chosen.day >= min(postponed, *(todo.day for todo in known)) or not due
        assert chosen.day > TODAY
    elif due:
        assert priority.ACTIONS.index(chosen.action) == min(priority.ACTIONS.index(todo.action) for todo in due)
    else:
        assert chosen.day == min(todo.day for todo in known)


def test_a_day_of_the_past_isn_t_lost_by_postponing():
    late = Todo(priority.CALL, TODAY - timedelta(3))
    assert choose([late], TODAY, TODAY - timedelta(1)) == late
    assert choose([late], TODAY, TODAY + timedelta(1)).day == TODAY + timedelta(1)
