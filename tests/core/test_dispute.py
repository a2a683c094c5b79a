from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core import dispute

CENT = 0.01
cents = st.integers(0, 10**9).map(lambda value: value / 100)
parts = st.lists(cents, max_size=6)


@given(cents, parts)
def test_parts_never_hold_back_more_than_is_open(residual, wanted):
    held = dispute.spread(residual, wanted)
    assert len(held) == len(wanted)
    assert all(part >= 0 for part in held)
    assert round(sum(held), 2) <= residual


@given(cents, cents, parts)
def test_a_payment_never_raises_a_part(residual, paid, wanted):
    before, after = dispute.spread(residual, wanted), dispute.spread(residual - paid, wanted)
    assert all(late <= early for early, late in zip(before, after, strict=True))


@given(cents, parts, st.integers(-(10**9), 10**9).map(lambda value: value / 100))
def test_what_is_allowed_fits_beside_the_others(residual, others, wanted):
    part = dispute.check_part(residual, others, wanted, CENT)
    if part.refusal is None:
        taken = part.amount or residual
        assert round(sum(dispute.spread(residual, others)) + taken, 2) <= residual
        assert part.amount >= 0
    if wanted < 0:
        assert part.refusal == dispute.NEGATIVE


@given(cents, parts)
def test_what_is_left_can_be_disputed_and_no_cent_more(residual, others):
    free = dispute.check_part(residual, others, 0.0, CENT).free
    if free > 0:
        assert dispute.check_part(residual, others, free, CENT).refusal is None
        assert dispute.check_part(residual, others, free + CENT, CENT).refusal == dispute.TOO_MUCH


def test_a_whole_item_beside_a_part_is_what_is_left_of_it():
    assert dispute.check_part(1000.0, [400.0, 100.0], 0.0, CENT).amount == 500.0


def test_closed_before_it_was_opened_lasted_no_day():
    assert dispute.days_to_close(date(2025, 1, 10), date(2025, 1, 9)) == 0


@given(cents, cents)
def test_the_share_is_a_share(qualified, rest):
    assert 0 <= dispute.qualified_share(qualified + rest, qualified) <= 100
