from dataclasses import FrozenInstanceError, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core.items import Item

ITEM = Item(1, 1, date(2025, 1, 31), 1000.0)
cents = st.integers(0, 10**9).map(lambda value: value / 100)


def test_disputed_and_promised_parts_are_not_claimed():
    assert replace(ITEM, disputed=400.0).claim == 600.0
    assert replace(ITEM, promised=300.0).claim == 700.0
    assert replace(ITEM, disputed=400.0, promised=300.0).claim == 300.0


def test_more_disputed_than_open_claims_nothing():
    assert replace(ITEM, disputed=5000.0).claim == 0.0
    assert replace(ITEM, disputed=700.0, promised=700.0).claim == 0.0


def test_the_dust_of_binary_fractions_is_no_claim():
    assert replace(ITEM, residual=100.1, disputed=60.05, promised=40.05).claim == 0.0


def test_a_credit_is_itself():
    assert replace(ITEM, residual=-250.0, disputed=10.0).claim == -250.0


@given(cents, cents, cents)
def test_a_claim_is_never_negative_and_never_more_than_is_open(residual, disputed, promised):
    assert 0 <= replace(ITEM, residual=residual, disputed=disputed, promised=promised).claim <= residual


def test_the_due_day_itself_is_not_overdue():
    assert not ITEM.is_overdue(date(2025, 1, 31))
    assert ITEM.is_overdue(date(2025, 2, 1))


def test_values_cannot_be_altered():
    with pytest.raises(FrozenInstanceError):
        ITEM.residual = 0.0
