from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core.money import is_less, is_positive, is_zero, round_to

ROUNDINGS = [0.01, 0.001, 0.05, 0.25, 0.5, 1.0, 10.0]
cents = st.integers(-(10**11), 10**11)


@pytest.mark.parametrize(
    ("amount", "rounding", "expected"),
    [
        (0.005, 0.01, 0.01),
        (-0.005, 0.01, -0.01),
        (0.0049999, 0.01, 0.0),
        (1.005, 0.01, 1.01),
        (0.1 + 0.2, 0.01, 0.3),
        (0.12, 0.05, 0.1),
        (0.125, 0.25, 0.25),
        (0.3, 0.25, 0.25),
        (1234.5, 1.0, 1235.0),
        (15.0, 10.0, 20.0),
        (1.0005, 0.001, 1.001),
        (0.0, 0.01, 0.0),
    ],
)
def test_rounds_half_away_from_zero(amount, rounding, expected):
    assert round_to(amount, rounding) == expected


def test_rounding_to_nothing_gives_plain_zero():
    assert str(round_to(-0.001, 0.01)) == "0.0"


@given(st.integers(-(10**14), 10**14))
def test_halves_of_a_cent_round_as_decimals_do(tenths):
    """Invoices of Odoo give thousandths of a unit (price × quantity): the cent is the accountant's."""
    exact = (Decimal(tenths) / 1000).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert round_to(tenths / 1000, 0.01) == float(exact)


@given(st.floats(-1e9, 1e9), st.sampled_from(ROUNDINGS))
def test_rounding_twice_changes_nothing(amount, rounding):
    once = round_to(amount, rounding)
    assert round_to(once, rounding) == once
    assert abs(once - amount) <= rounding / 2 * (1 + 1e-6) + 1e-6


@given(cents, cents)
def test_comparing_cents_is_comparing_whole_numbers(left, right):
    assert is_less(left / 100, right / 100, 0.01) == (left < right)
    assert is_positive(left / 100 - right / 100, 0.01) == (left > right)


def test_a_sum_of_payments_that_settles_leaves_nothing():
    assert is_zero(100.0 - sum([33.33, 33.33, 33.34]), 0.01)
    assert not is_positive(0.1 + 0.2 - 0.3, 0.01)
