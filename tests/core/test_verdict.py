"""Laws of exposure, limits and verdicts: whatever comes in which order, the last euro passes once."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core import limits, verdict
from odoo.addons.credit_control.core.exposure import NO_CREDIT, NO_LIMIT, Position, limit_of
from odoo.addons.credit_control.core.limits import Grant
from odoo.addons.credit_control.core.verdict import Facts, Request, Rule

AMOUNTS = st.integers(0, 10**9).map(lambda cents: cents / 100)
DAYS = st.integers(0, 400).map(lambda days: date(2026, 1, 1) + timedelta(days=days))
ORDERS = frozenset({verdict.ORDER})
HOLD_AT_LIMIT = Rule(1, verdict.LIMIT, verdict.HOLD, stages=ORDERS)


@given(AMOUNTS, AMOUNTS, st.lists(AMOUNTS, max_size=8))
def test_what_passes_stays_within_the_limit(exposure, limit, amounts):
    facts = {"customer": Facts(Position(exposure, limit))}
    requests = [("customer", Request(amount)) for amount in amounts]
    verdicts = verdict.decide_all(requests, facts, {"customer": [HOLD_AT_LIMIT]})
    passed = sum(answer.amount for answer in verdicts if not answer.is_held)
    assert exposure + passed <= max(limit, exposure) + 0.005


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_held_exactly_when_it_would_pass_the_limit(exposure, limit, amount):
    answer = verdict.decide(Request(amount), Facts(Position(exposure, limit)), [HOLD_AT_LIMIT])
    assert answer.is_held == (amount > 0 and round(exposure + amount - limit, 2) > 0)
    assert answer.is_held == (answer.over_by > 0)


@given(AMOUNTS.filter(bool), st.sampled_from(sorted(verdict.CRITERIA)))
def test_fully_prepaid_always_passes(amount, criterion):
    facts = Facts(
        Position(100.0, 0.0),
        overdue_amount=1.0,
        overdue_days=1,
        grade="E",
        insolvent=True,
        litigation=True,
        review_expired=True,
        status="lost",
        insurer_refused=True,
    )
    rule = Rule(1, criterion, verdict.HOLD, values=frozenset({"E", "lost"}), stages=ORDERS)
    assert verdict.decide(Request(amount, prepaid=amount), facts, [rule]).effect == verdict.PASS
    assert verdict.decide(Request(amount), facts, [rule]).effect == verdict.HOLD


@pytest.mark.parametrize("criterion", sorted(verdict.CRITERIA))
def test_what_nobody_knows_accuses_nobody(criterion):
    rule = Rule(1, criterion, verdict.HOLD, values=frozenset({"E"}), stages=ORDERS)
    assert verdict.decide(Request(10.0), Facts(Position(0.0, None)), [rule]).effect == verdict.PASS


@given(AMOUNTS)
def test_zero_is_all_or_nothing(amount):
    assert limit_of(amount, NO_LIMIT) == (amount or None)
    assert limit_of(amount, NO_CREDIT) == amount


@given(st.lists(st.tuples(AMOUNTS, DAYS, st.none() | st.integers(0, 90)), max_size=6), DAYS)
def test_one_limit_holds_and_it_covers_the_day(drawn, day):
    grants = [
        Grant(rank, amount, start, None if length is None else start + timedelta(days=length))
        for rank, (amount, start, length) in enumerate(drawn)
    ]
    holding = limits.effective(grants, day)
    if holding is None:
        assert not any(grant.covers(day) for grant in grants)
    else:
        assert holding.covers(day)
        assert holding not in limits.replaced(grants, day) or holding.date_to


@given(AMOUNTS.filter(lambda amount: amount >= 1), st.integers(1, 200))
def test_a_proposal_grows_with_the_grade(sales, days):
    amounts = [limits.propose(sales, days, grade).amount for grade in "EDCBA"]
    assert amounts == sorted(amounts)
    assert limits.propose(sales, days).amount == limits.propose(sales, days, "B").amount


@pytest.mark.parametrize(("binds", "effect"), [(True, verdict.HOLD), (False, verdict.WARN)])
def test_the_grade_of_a_natural_person_holds_nothing_by_itself(binds, effect):
    rule = Rule(1, verdict.GRADE, verdict.HOLD, values=frozenset("E"), stages=ORDERS)
    facts = Facts(Position(0.0, 100.0), grade="E", grade_binds=binds)
    assert verdict.decide(Request(10.0), facts, [rule]).effect == effect
