"""What holds for any policy, any items and any days on which the cron ran."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.credit_control.core import reasons
from odoo.addons.credit_control.core.items import Debtor, Item, Reached
from odoo.addons.credit_control.core.ladder import (
    DECISION,
    DUE,
    END_OF_MONTH,
    MESSAGE,
    PREVIOUS,
    Policy,
    Step,
    decide,
    trigger_dates,
)

START = date(2024, 1, 15)
DAYS = 150
CENT = 0.01


@st.composite
def policies(draw, id=1):
    steps, delay = [], 0
    if draw(st.booleans()):
        steps.append(Step(100 * id, delay=draw(st.integers(-10, -1))))
    for number in range(1, draw(st.integers(1, 5)) + 1):
        basis = draw(st.sampled_from([DUE, DUE, PREVIOUS, END_OF_MONTH]))
        delay += draw(st.integers(0, 25))
        steps.append(
            Step(
                100 * id + number,
                delay=draw(st.integers(0, 20)) if basis == PREVIOUS else delay,
                basis=basis,
                kind=draw(st.sampled_from([MESSAGE, MESSAGE, MESSAGE, DECISION])),
                repeat_days=draw(st.sampled_from([0, 0, 3, 8])),
                repeat_max=draw(st.integers(0, 2)),
            )
        )
    return Policy(
        id,
        tuple(steps),
        minimum=draw(st.sampled_from([0.0, 50.0, 300.0])),
        ceiling=draw(st.sampled_from([0.0, 500.0])),
        interval=draw(st.integers(0, 10)),
    )


@st.composite
def ledgers(draw, policy_ids=(1,)):
    """Items of one customer: claims of all ages, some credits, some partly disputed."""
    items = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        residual = draw(st.integers(1, 60_000)) / 100
        is_credit = draw(st.integers(0, 4)) == 0
        items.append(
            Item(
                number,
                7,
                START + timedelta(days=draw(st.integers(-40, 60))),
                -residual if is_credit else residual,
                policy=draw(st.sampled_from(policy_ids)),
                disputed=draw(st.sampled_from([0.0, 0.0, 10.0, 1000.0])),
            )
        )
    return items


run_days = st.sets(st.integers(0, DAYS), min_size=1).map(sorted)


def simulate(policies, items, days):
    """Plan on each of ``days`` and let everything leave at once; return [(day, plan, items before)]."""
    by_policy, debtor, history = {policy.id: policy for policy in policies}, Debtor(7), []
    for offset in days:
        today = START + timedelta(days=offset)
        plan = decide(items, {7: debtor}, by_policy, today, CENT)
        history.append((today, plan, items))
        for message in plan.messages:
            items = [_after(item, message, today) for item in items]
            if message.kind == MESSAGE:
                debtor = replace(debtor, last_contact=today)
    return history


def _after(item, message, today):
    for line in message.lines:
        if line.item == item.id and line.step:
            return replace(item, reached=(*item.reached, Reached(line.step, today, line.occurrence)))
    return item


def advances(history):
    """Yield (day, item as it was, line) for each line that took a step."""
    for today, plan, items in history:
        known = {item.id: item for item in items}
        for message in plan.messages:
            for line in message.lines:
                if line.step:
                    yield today, known[line.item], line


@given(policies(), ledgers(), run_days)
@settings(max_examples=300, deadline=None)
def test_each_step_leaves_at_most_once_and_repeats_are_numbered_up_to_the_cap(policy, items, days):
    seen = defaultdict(list)
    for _today, item, line in advances(simulate([policy], items, days)):
        seen[item.id, line.step].append(line.occurrence)
    cap = {step.id: 1 + (step.repeat_max if step.repeat_days else 0) for step in policy.steps}
    for (_item, step), occurrences in seen.items():
        assert occurrences == list(range(1, len(occurrences) + 1))
        assert len(occurrences) <= cap[step]


@given(policies(), ledgers(), run_days)
@settings(max_examples=300, deadline=None)
def test_a_ladder_never_goes_down_and_passes_over_nothing_but_courtesies(policy, items, days):
    place = {step.id: number for number, step in enumerate(policy.main)}
    climbed = defaultdict(list)
    for _today, item, line in advances(simulate([policy], items, days)):
        climbed[item.id].append(place[line.step])
    for places in climbed.values():
        assert places == sorted(places)
        for low, high in pairwise([-1, *places]):
            assert all(policy.main[between].is_courtesy for between in range(low + 1, high))


@given(policies(), ledgers(), run_days)
@settings(max_examples=300, deadline=None)
def test_nothing_is_reminded_before_its_day(policy, items, days):
    place = {step.id: number for number, step in enumerate(policy.main)}
    for today, item, line in advances(simulate([policy], items, days)):
        assert trigger_dates(item, policy)[place[line.step]] <= today
        step = policy.main[place[line.step]]
        if line.occurrence > 1:
            last = max(reached.on for reached in item.reached if reached.step == step.id)
            assert (today - last).days >= step.repeat_days


@given(st.lists(st.integers(0, 10), min_size=2, max_size=2), st.data(), run_days)
@settings(max_examples=300, deadline=None)
def test_the_interval_between_contacts_is_kept_whatever_the_policies(intervals, data, days):
    scenarios = [replace(data.draw(policies(number)), interval=intervals[number - 1]) for number in (1, 2)]
    items = data.draw(ledgers(policy_ids=(1, 2)))
    contacts = [
        (today, message.policy)
        for today, plan, _items in simulate(scenarios, items, days)
        for message in plan.messages
        if message.kind == MESSAGE
    ]
    for (before, _policy), (after, policy) in pairwise(contacts):
        assert (after - before).days >= intervals[policy - 1]


@given(policies(), ledgers(), run_days)
@settings(max_examples=300, deadline=None)
def test_one_message_a_day_and_its_amounts_tie(policy, items, days):
    for _today, plan, known in simulate([policy], items, days):
        messages = [message for message in plan.messages if message.kind == MESSAGE]
        assert len(messages) <= 1
        for message in plan.messages:
            lines = sum(line.amount for line in message.lines) + sum(line.amount for line in message.credits)
            assert abs(message.amount - lines) < CENT / 2
            assert message.amount > 0
            assert message.above_ceiling == (policy.ceiling > 0 and message.amount > policy.ceiling + CENT / 2)
        for message in messages:
            assert message.amount >= policy.minimum - CENT / 2
            credits = [item.residual for item in known if item.residual < 0]
            assert [line.amount for line in message.credits] == credits


@given(st.data(), run_days)
@settings(max_examples=200, deadline=None)
def test_no_more_is_asked_on_a_day_than_the_customer_owes(data, days):
    scenarios = [data.draw(policies(number)) for number in (1, 2)]
    items = data.draw(ledgers(policy_ids=(1, 2)))
    for today, plan, known in simulate(scenarios, items, days):
        asked = sum(message.amount for message in plan.messages if message.kind == MESSAGE)
        shown = {line.item for message in plan.messages for line in message.lines}
        claimed = sum(
            item.claim for item in known if item.residual > 0 and (item.is_overdue(today) or item.id in shown)
        )
        assert asked <= claimed + CENT / 2


@given(policies(), ledgers(), run_days)
@settings(max_examples=300, deadline=None)
def test_each_claim_is_answered_once_and_the_answer_is_the_message(policy, items, days):
    for today, plan, known in simulate([policy], items, days):
        claims = [item for item in known if item.residual > 0]
        answers = {decision.item: decision for decision in plan.decisions}
        assert len(plan.decisions) == len(answers) and answers.keys() == {item.id for item in claims}
        stepped = {line.item: line.step for message in plan.messages for line in message.lines if line.step}
        assert stepped == {id: answer.step for id, answer in answers.items() if answer.step}
        for item in claims:
            answer = answers[item.id]
            assert (answer.step is not None) == (answer.reason in (reasons.REMIND, reasons.DECIDE))
            if answer.reason in (reasons.STEP_NOT_REACHED, reasons.TOO_SOON):
                assert answer.next_date > today
            if answer.reason == reasons.DISPUTED:
                assert item.claim == 0


@given(policies(), ledgers(), run_days)
@settings(max_examples=200, deadline=None)
def test_days_that_were_missed_lose_nothing(policy, items, days):
    """However irregularly the cron ran, run daily afterwards all messages leave in the end."""
    policy = replace(policy, minimum=0.0)
    claims = [item for item in items if item.residual > 0]
    patient = [*days, *range(DAYS + 1, DAYS + 400)]
    sent = defaultdict(set)
    for _today, item, line in advances(simulate([policy], claims, patient)):
        sent[item.id].add(line.step)
    reminders = {step.id for step in policy.main if not step.is_courtesy}
    for item in claims:
        assert sent[item.id] >= (reminders if item.claim else set())


def test_a_cron_asleep_for_three_days_sends_each_step_once_in_order_with_the_interval():
    """Steps on days 10, 11 and 12; the cron sleeps from 10 to 12 and wakes on 13."""
    policy = Policy(1, (Step(1, 10), Step(2, 11), Step(3, 12)), interval=3)
    days = [day for day in range(40) if day not in (10, 11, 12)]
    item = Item(1, 7, START, 100.0, policy=1)
    left = [((today - START).days, line.step) for today, _item, line in advances(simulate([policy], [item], days))]
    assert left == [(13, 1), (16, 2), (19, 3)]


def test_the_same_steps_with_a_cron_that_never_slept():
    policy = Policy(1, (Step(1, 10), Step(2, 11), Step(3, 12)), interval=3)
    item = Item(1, 7, START, 100.0, policy=1)
    left = [((today - START).days, line.step) for today, _i, line in advances(simulate([policy], [item], range(40)))]
    assert left == [(10, 1), (13, 2), (16, 3)]
