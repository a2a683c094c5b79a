from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core.promises import (
    BROKEN,
    EXCLUDED,
    KEPT,
    OPEN,
    PARTLY_KEPT,
    Promise,
    Receipt,
    Terms,
    broken_on,
    decide,
)

A, B = 7, 8
RECORDED, DUE = date(2025, 3, 1), date(2025, 3, 10)
LAST, AFTER = date(2025, 3, 13), date(2025, 3, 14)
TERMS = Terms()
PROMISE = Promise(1, RECORDED, DUE, 2000.0, (A,))


def day(number):
    return date(2025, 3, number)


def paid(amount, on=date(2025, 3, 9), item=A):
    return Receipt(item, on, amount)


def credited(amount, on=date(2025, 3, 5), item=A):
    return Receipt(item, on, amount, is_payment=False)


def state(*receipts, today=AFTER, promise=PROMISE, owed=2000.0):
    return decide([promise], {A: owed}, receipts, today, TERMS)[promise.id].state


def test_kept_as_soon_as_it_is_covered():
    assert state(paid(2000.0, RECORDED), today=RECORDED) == KEPT
    assert state(paid(1000.0, day(2)), paid(1000.0, day(3)), today=day(3)) == KEPT


def test_a_promise_of_today_is_kept_by_a_transfer_of_today():
    today = replace(PROMISE, recorded=day(10))
    assert state(paid(2000.0, day(10)), today=day(10), promise=today) == KEPT


def test_open_until_the_tolerance_has_passed():
    assert state(today=LAST) == OPEN
    assert state(paid(1500.0), today=LAST) == OPEN
    assert state(today=AFTER) == BROKEN
    assert state(paid(1500.0), today=AFTER) == PARTLY_KEPT
    assert broken_on(DUE, TERMS) == AFTER


@pytest.mark.parametrize(("amount", "expected"), [(1900.0, KEPT), (1899.99, PARTLY_KEPT), (0.01, PARTLY_KEPT)])
def test_95_percent_is_enough(amount, expected):
    assert state(paid(amount)) == expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [(date(2025, 2, 28), BROKEN), (RECORDED, KEPT), (DUE, KEPT), (LAST, KEPT), (AFTER, BROKEN)],
)
def test_payments_count_from_the_day_it_was_recorded_to_the_tolerance(on, expected):
    assert state(paid(2000.0, on), owed=5000.0) == expected


def test_credit_notes_do_not_keep_it_but_lower_it():
    found = decide([PROMISE], {A: 2000.0}, [credited(800.0), paid(1200.0)], day(9), TERMS)[1]
    assert (found.state, found.kept, found.excluded, found.left) == (KEPT, 1200.0, 800.0, 0.0)


def test_credited_entirely():
    assert state(credited(2000.0), today=day(5)) == EXCLUDED


def test_credited_after_a_part_payment():
    """1 500 paid and the rest credited: all that could be paid was."""
    assert state(paid(1500.0), credited(500.0, day(10)), today=day(10)) == KEPT


def test_a_credit_on_what_was_not_promised_changes_nothing():
    """2 000 of 5 000 promised, 1 000 credited: 2 000 can be paid still."""
    assert state(credited(1000.0), paid(1000.0), owed=5000.0) == PARTLY_KEPT
    found = decide([PROMISE], {A: 5000.0}, [credited(3500.0)], day(5), TERMS)[1]
    assert (found.state, found.excluded, found.left, found.parts) == (OPEN, 500.0, 1500.0, {A: 1500.0})


def test_a_credit_after_the_day_changes_nothing():
    assert state(credited(2000.0, day(20))) == BROKEN


def test_an_earlier_payment_does_not_count_but_nothing_of_it_is_left_to_pay():
    """1 500 of 2 000 were on their way when all was promised: 500 could be paid for it still."""
    found = decide([PROMISE], {A: 2000.0}, [paid(1500.0, date(2025, 2, 27)), paid(500.0)], AFTER, TERMS)[1]
    assert (found.state, found.kept, found.excluded, found.left) == (KEPT, 500.0, 1500.0, 0.0)


def test_money_on_its_way_already_counts_neither_way():
    """The transfer of 28 February was not known yet on 1 March, when its 2 000 were promised."""
    found = decide([PROMISE], {A: 2000.0}, [paid(2000.0, date(2025, 2, 28))], AFTER, TERMS)[1]
    assert (found.state, found.kept, found.excluded, found.left) == (EXCLUDED, 0.0, 2000.0, 0.0)


def test_what_is_left_stands_for_the_oldest_items():
    promise = replace(PROMISE, amount=1200.0, items=(A, B))
    assert decide([promise], {A: 1000.0, B: 500.0}, [], RECORDED, TERMS)[1].parts == {A: 1000.0, B: 200.0}


def test_what_is_disputed_is_not_promised():
    promise = replace(PROMISE, amount=600.0, items=(A, B))
    found = decide([promise], {A: 1000.0, B: 500.0}, [], RECORDED, TERMS, {A: float("inf")})[1]
    assert (found.left, found.parts) == (600.0, {B: 500.0})
    assert decide([promise], {A: 1000.0, B: 500.0}, [], RECORDED, TERMS, {A: 800.0})[1].parts == {A: 200.0, B: 400.0}


def test_the_earliest_promise_is_served_first():
    first, second = Promise(2, RECORDED, day(5), 600.0, (A,)), Promise(1, RECORDED, day(20), 600.0, (A,))
    found = decide([second, first], {A: 1200.0}, [paid(700.0, day(4))], day(6), TERMS)
    assert (found[2].state, found[2].kept) == (KEPT, 600.0)
    assert (found[1].state, found[1].kept, found[1].parts) == (OPEN, 100.0, {A: 500.0})


def test_no_euro_counts_twice_where_items_overlap():
    """400 on A, 600 on A or B; 400 came on A: 600 are promised still, of B as far as it goes."""
    first, second = Promise(1, RECORDED, day(5), 400.0, (A,)), Promise(2, RECORDED, day(20), 600.0, (A, B))
    found = decide([first, second], {A: 1000.0, B: 500.0}, [paid(400.0, day(4))], day(6), TERMS)
    assert (found[1].state, found[2].kept, found[2].left) == (KEPT, 0.0, 600.0)
    assert found[2].parts == {A: 100.0, B: 500.0}


def test_money_that_no_other_promise_counts_on_is_taken_first():
    """The first could take either payment; it leaves the one on A to the second, which has nothing else."""
    first, second = Promise(1, RECORDED, day(5), 500.0, (A, B)), Promise(2, RECORDED, day(6), 500.0, (A,))
    receipts = [paid(500.0, day(2)), paid(500.0, day(3), B)]
    found = decide([first, second], {A: 500.0, B: 500.0}, receipts, day(3), TERMS)
    assert {verdict.state for verdict in found.values()} == {KEPT}


def test_a_payment_on_another_item_does_not_keep_it():
    first, second = Promise(1, RECORDED, day(5), 400.0, (A,)), Promise(2, RECORDED, day(6), 100.0, (A, B))
    found = decide([first, second], {A: 1000.0, B: 500.0}, [paid(500.0, day(2), B)], day(4), TERMS)
    assert (found[1].state, found[1].left, found[2].state) == (OPEN, 400.0, KEPT)


def test_a_credit_note_lowers_the_last_instalment_of_a_plan():
    plan = [Promise(number, RECORDED, day(5 + number), 300.0, (A,)) for number in (1, 2, 3)]
    found = decide(plan, {A: 900.0}, [credited(300.0), paid(300.0, day(6))], day(6), TERMS)
    assert [found[number].state for number in (1, 2, 3)] == [KEPT, OPEN, EXCLUDED]
    assert found[2].parts == {A: 300.0}


def test_a_second_promise_after_a_broken_one_is_for_the_same_money():
    again = Promise(2, day(20), day(25), 2000.0, (A,))
    broken = replace(PROMISE, is_running=False)
    found = decide([broken, again], {A: 2000.0}, [paid(2000.0, day(24))], day(24), TERMS)
    assert (found[1].state, found[2].state, found[2].excluded) == (BROKEN, KEPT, 0.0)


def test_what_is_over_stands_for_nothing():
    found = decide([replace(PROMISE, is_running=False)], {A: 2000.0}, [], day(2), TERMS)[1]
    assert (found.left, found.parts) == (2000.0, {})


cents = st.integers(1, 50_000).map(lambda value: value / 100)
days = st.integers(0, 40).map(lambda number: RECORDED + timedelta(days=number))
items = st.sampled_from([1, 2, 3])


@st.composite
def ledgers(draw):
    """Promises on up to three items, and receipts that never settle more than is owed."""
    owed = {item: draw(cents) + 500.0 for item in (1, 2, 3)}
    left = dict(owed)
    receipts = []
    for _number in range(draw(st.integers(0, 8))):
        item = draw(items)
        amount = min(draw(cents), left[item])
        left[item] -= amount
        receipts.append(Receipt(item, draw(days), amount, draw(st.booleans())))
    promises = [
        Promise(number, draw(days), draw(days), draw(cents), tuple(sorted(draw(st.sets(items, min_size=1)))))
        for number in range(draw(st.integers(1, 5)))
    ]
    return promises, owed, receipts, draw(days)


@given(ledgers())
def test_laws(ledger):
    promises, owed, receipts, today = ledger
    found = decide(promises, owed, receipts, today, TERMS)
    payments = sum(receipt.amount for receipt in receipts if receipt.is_payment)
    assert sum(verdict.kept for verdict in found.values()) <= payments + 0.05, "no euro counts twice"
    for item in owed:
        settled = sum(receipt.amount for receipt in receipts if receipt.item == item)
        covered = sum(verdict.parts.get(item, 0.0) for verdict in found.values())
        assert covered <= max(0.0, owed[item] - settled) + 0.05, "no more is promised of an item than is open"
    for promise in promises:
        verdict = found[promise.id]
        assert verdict.kept >= 0 and verdict.excluded >= 0 and verdict.left >= 0
        assert verdict.kept + verdict.excluded + verdict.left <= promise.amount + 0.03
        if verdict.state in (PARTLY_KEPT, BROKEN):
            assert today > promise.last_day(TERMS)
        if verdict.state == OPEN:
            assert today <= promise.last_day(TERMS)


@given(ledgers())
def test_the_order_in_which_they_come_does_not_matter(ledger):
    promises, owed, receipts, today = ledger
    assert decide(promises, owed, receipts, today, TERMS) == decide(promises[::-1], owed, receipts, today, TERMS)
