"""What late items bear: the fixed sum once, consumers protected whatever is chosen for them."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core import law
from odoo.addons.credit_control.core.charges import Case, Terms, decide
from odoo.addons.credit_control.core.interest import FIXED, Claim, Rule, Settlement

RATES = {
    "ecb": {date(2025, 1, 1): 3.15, date(2025, 7, 1): 2.15},
    "base": {date(2025, 1, 1): 2.27, date(2025, 7, 1): 1.27},
    "legal": {date(2025, 1, 1): 3.71, date(2025, 7, 1): 2.76},
}
FORTY = ((0.0, 40.0),)


def regime(name, kind, country, rule, tiers=FORTY, **values):
    return Terms(law.Regime(name, kind, frozenset({country})), rule, tiers=tiers, **values)


REGIMES = [
    regime("fr", law.BUSINESS, "FR", Rule("ecb", 10.0)),
    regime("fr_public", law.PUBLIC, "FR", Rule("ecb", 8.0, FIXED)),
    # Tiers that a person put there by mistake: the engine leaves them out.
    regime("fr_consumer", law.CONSUMER, "FR", Rule("legal"), start=law.FROM_NOTICE),
    regime("de", law.BUSINESS, "DE", Rule("base", 9.0)),
    regime("de_consumer", law.CONSUMER, "DE", Rule("base", 5.0), ()),
    regime("be", law.BUSINESS, "BE", Rule("ecb", 8.0, step=0.5)),
]
DUE, UNTIL = date(2025, 5, 31), date(2025, 8, 31)


def case(item=1, kind=law.BUSINESS, country="FR", amount=12000.0, **values):
    return Case(item, 7, kind, country, 1, DUE, Claim(amount, DUE), **values)


def one(*cases, until=UNTIL):
    return decide(cases, REGIMES, RATES, until)[0]


def test_france_between_businesses():
    found = one(case())
    assert (found.regime, found.interest, found.fixed_sum) == ("fr", 377.36, 40.0)


def test_three_late_instalments_of_an_invoice_bear_forty_once():
    parts = [replace(case(item, amount=4000.0), due=date(2025, 5, 10 + item)) for item in (1, 2, 3)]
    found = decide(parts, REGIMES, RATES, UNTIL)
    assert [outcome.fixed_sum for outcome in found] == [40.0, 0.0, 0.0]
    other = replace(case(4), document=8)
    assert sum(outcome.fixed_sum for outcome in decide([*parts, other], REGIMES, RATES, UNTIL)) == 80.0


@pytest.mark.parametrize(("country", "rate"), [("FR", 0.0), ("DE", 199.51), ("BE", 0.0)])
@pytest.mark.parametrize("chosen", [None, "fr", "fr_public", "de", "be"])
def test_consumers_bear_no_fixed_sum_and_no_business_rate(country, rate, chosen):
    found = one(case(kind=law.CONSUMER, country=country, chosen=chosen))
    assert (found.interest, found.fixed_sum) == (rate, 0.0)


def test_french_consumers_owe_the_legal_rate_from_the_formal_notice():
    """12 000 × 2.76 % × 31 days / 365 from 1 August on."""
    found = one(case(kind=law.CONSUMER, noticed=date(2025, 7, 31)))
    assert (found.regime, found.interest, found.fixed_sum) == ("fr_consumer", 28.13, 0.0)
    assert one(case(kind=law.CONSUMER)).problem == law.NO_NOTICE


def test_chosen_regime_goes_before_the_countrys():
    assert one(case(chosen="de")).interest == 320.50


def test_unknown_country_bears_nothing():
    found = one(case(country="US"))
    assert (found.regime, found.interest, found.fixed_sum, found.problem) == (None, 0.0, 0.0, law.NO_REGIME)


def test_missing_rate_keeps_the_fixed_sum():
    found = one(case(), until=date(2026, 2, 1))
    assert (found.problem, found.missing.half_year, found.fixed_sum) == (law.RATE_MISSING, date(2026, 1, 1), 40.0)


def test_what_was_waived_up_to_a_day_isnt_counted_again():
    assert one(case(covered=date(2025, 6, 30))).interest == 247.66
    assert one(case(is_fixed_done=True)).fixed_sum == 0.0


def test_judgment_before_the_due_day_leaves_no_fixed_sum():
    barred = replace(case(), claim=Claim(12000.0, DUE, stop=DUE))
    assert (one(barred).fixed_sum, one(barred).interest) == (0.0, 0.0)
    later = replace(case(), claim=Claim(12000.0, DUE, stop=date(2025, 6, 30)))
    assert (one(later).fixed_sum, one(later).interest) == (40.0, 129.70)


def test_nothing_on_the_due_day():
    found = one(case(), until=DUE)
    assert (found.interest, found.fixed_sum) == (0.0, 0.0)


def test_paid_on_its_day_or_credited_bears_nothing():
    for part in (Settlement(DUE, 12000.0), Settlement(UNTIL, 12000.0, is_credit_note=True)):
        settled = replace(case(), claim=Claim(12000.0, DUE, (part,)))
        assert (one(settled).interest, one(settled).fixed_sum) == (0.0, 0.0)


@given(
    st.sampled_from([law.BUSINESS, law.CONSUMER, law.PUBLIC]),
    st.sampled_from(["FR", "DE", "BE", "US", None]),
    st.sampled_from([None, *(terms.regime.id for terms in REGIMES)]),
    st.none() | st.just(date(2025, 6, 15)),
)
def test_whatever_is_chosen_consumers_are_charged_by_their_own_regime(kind, country, chosen, noticed):
    found = one(case(kind=kind, country=country, chosen=chosen, noticed=noticed))
    if kind == law.CONSUMER:
        assert found.regime in (None, "fr_consumer", "de_consumer")
        assert found.fixed_sum == 0.0


tiers = st.lists(st.tuples(st.integers(0, 20000).map(float), st.integers(0, 100).map(float)), max_size=3)


@given(tiers, st.integers(1, 10**7).map(lambda cents: cents / 100), st.booleans())
def test_interest_is_never_on_the_fixed_sum(sums, amount, is_done):
    """Whatever fixed sum is owed, was claimed or was invoiced: the interest is that of the principal alone."""
    charged = case(amount=amount, is_fixed_done=is_done)
    plain, with_sums = (
        decide([charged], [regime("fr", law.BUSINESS, "FR", Rule("ecb", 10.0), some)], RATES, UNTIL)[0]
        for some in ((), tuple(sums))
    )
    assert with_sums.interest == plain.interest
    assert all(part.base == amount for part in with_sums.accrual.segments)


@given(st.lists(st.integers(1, 10**6).map(float), min_size=1, max_size=5), st.randoms())
def test_an_invoice_bears_the_fixed_sum_once(amounts, chance):
    """In however many instalments, and in whatever order they come."""
    instalments = [case(item, amount=amount) for item, amount in enumerate(amounts)]
    chance.shuffle(instalments)
    assert sum(found.fixed_sum for found in decide(instalments, REGIMES, RATES, UNTIL)) == 40.0
