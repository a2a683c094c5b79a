from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.credit_control.core.items import Item, Reached
from odoo.addons.credit_control.core.ladder import PREVIOUS, Policy, Step
from odoo.addons.credit_control.core.replay import Replay

FIRST = date(2025, 1, 1)
POLICY = Policy(1, (Step(10, delay=5), Step(11, basis=PREVIOUS, delay=10), Step(12, delay=60)), interval=3)
OTHER = Policy(2, (Step(20, delay=1),))
POLICIES = {1: POLICY, 2: OTHER}

items = st.lists(
    st.builds(
        Item,
        id=st.integers(1, 30),
        debtor=st.integers(1, 5),
        due=st.dates(FIRST - timedelta(40), FIRST + timedelta(40)),
        residual=st.floats(10, 1000),
        policy=st.just(2),
    ),
    unique_by=lambda item: item.id,
    max_size=8,
)


def replay(known, state, days):
    """Return (day, message) of what left in ``days`` days."""
    sent = []
    for offset in range(days):
        day = FIRST + timedelta(offset)
        for message in state.plan(known, POLICIES, day, 0.01).messages:
            state.send(message, day)
            sent.append((day, message))
    return sent


@settings(max_examples=30)
@given(items)
def test_no_step_leaves_twice(known):
    told = [
        (line.item, line.step) for _day, message in replay(known, Replay(1), 90) for line in message.lines if line.step
    ]
    assert len(told) == len(set(told))


@settings(max_examples=30)
@given(items)
def test_contacts_keep_their_distance(known):
    days = {}
    for day, message in replay(known, Replay(1), 90):
        assert message.debtor not in days or (day - days[message.debtor]).days >= POLICY.interval
        days[message.debtor] = day


@settings(max_examples=30)
@given(items, st.integers(1, 60))
def test_a_replay_can_be_cut_in_two(known, cut):
    """What left in the first part is all that the second part needs to know."""
    state = Replay(1)
    whole = replay(known, Replay(1), 90)
    first = replay(known, state, cut)
    rest = [
        (day, message)
        for offset in range(cut, 90)
        for day in [FIRST + timedelta(offset)]
        for message in state.plan(known, POLICIES, day, 0.01).messages
        if not state.send(message, day)
    ]
    assert first + rest == whole


def test_the_policies_in_force_are_the_items_own():
    item = Item(1, 1, FIRST, 100.0, policy=2)
    assert [message.step for _day, message in replay([item], Replay(None), 30)] == [20]
    assert [message.step for _day, message in replay([item], Replay(1), 30)] == [10, 11]


def test_what_really_left_before_counts():
    item = Item(1, 1, FIRST - timedelta(20), 100.0, policy=1)
    state = Replay(1, {1: (Reached(10, FIRST - timedelta(3)),)}, {1: FIRST - timedelta(3)})
    assert [(day, message.step) for day, message in replay([item], state, 30)] == [(FIRST + timedelta(7), 11)]


def test_a_message_that_can_t_leave_is_told_once():
    state = Replay(1)
    [message] = state.plan([Item(1, 1, FIRST - timedelta(9), 5.0)], POLICIES, FIRST, 0.01).messages
    assert (state.refuse(message), state.refuse(message), len(state.refused)) == (True, False, 1)
