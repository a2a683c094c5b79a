"""Limitation by country and kind of debtor, worked out by hand."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core.limitation import (
    ACKNOWLEDGEMENT,
    ACKNOWLEDGEMENTS,
    DEMAND,
    DUE,
    PAYMENT,
    YEAR_END,
    Event,
    Period,
    expires,
)

PUBLIC = Period(4, YEAR_END, YEAR_END, ACKNOWLEDGEMENTS | {DEMAND})
GERMANY = Period(3, YEAR_END)


@pytest.mark.parametrize(
    ("period", "events", "expected"),
    [
        (Period(5), [], date(2026, 4, 1)),
        (Period(5), [Event(date(2024, 10, 10), PAYMENT)], date(2029, 10, 10)),
        (Period(2), [], date(2023, 4, 1)),
        (Period(2), [Event(date(2023, 3, 31), ACKNOWLEDGEMENT)], date(2025, 3, 31)),
        # Too late by a day: nothing begins anew.
        (Period(2), [Event(date(2023, 4, 2), ACKNOWLEDGEMENT)], date(2023, 4, 1)),
        # A formal notice doesn't interrupt it; a written demand to a public debtor does.
        (Period(5), [Event(date(2024, 10, 10), DEMAND)], date(2026, 4, 1)),
        (PUBLIC, [], date(2025, 12, 31)),
        (PUBLIC, [Event(date(2024, 10, 10), DEMAND)], date(2028, 12, 31)),
        (GERMANY, [], date(2024, 12, 31)),
        (GERMANY, [Event(date(2024, 10, 10), PAYMENT)], date(2027, 10, 10)),
        (Period(6), [], date(2027, 4, 1)),
        (Period(10), [], date(2031, 4, 1)),
        (Period(0), [], None),
    ],
)
def test_due_on_the_first_of_april_2021(period, events, expected):
    assert expires(period, date(2021, 4, 1), events) == expected


def test_each_event_begins_it_anew_while_it_runs():
    """2 years: 1 April 2023; paid 1 March 2023: 1 March 2025; acknowledged 1 February 2025: 1 February 2027."""
    events = [Event(date(2025, 2, 1), ACKNOWLEDGEMENT), Event(date(2023, 3, 1), PAYMENT)]
    assert expires(Period(2), date(2021, 4, 1), events) == date(2027, 2, 1)


days = st.dates(date(2015, 1, 1), date(2030, 12, 31))
periods = st.builds(Period, st.integers(1, 10), st.sampled_from([DUE, YEAR_END]), st.sampled_from([DUE, YEAR_END]))


@given(periods, days, st.lists(st.builds(Event, days, st.sampled_from([PAYMENT, DEMAND]))))
def test_an_event_never_shortens_it(period, due, events):
    assert expires(period, due, events) >= expires(period, due)
