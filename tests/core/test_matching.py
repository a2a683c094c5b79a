from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core.matching import Claim, Credit, names, propose

amounts = st.integers(1, 9).map(lambda tens: tens * 10.0)


def found(credits, claims):
    return [(match.credit, match.reason, match.is_certain, match.parts) for match in propose(credits, claims, 0.01)]


def claim(number, amount, *references):
    return Claim(number, amount, references or (f"FAC/2025/{number:05d}",), day=number)


def test_a_credit_note_goes_to_its_invoice():
    items = [claim(412, 100.0), claim(413, 40.0)]
    assert found([Credit(1, 40.0, corrects=frozenset({412}))], items) == [(1, "correction", True, ((412, 40.0),))]


def test_a_payment_that_names_its_invoice():
    items = [claim(412, 100.0), claim(413, 100.0)]
    assert found([Credit(1, 100.0, "your invoice 413")], items) == [(1, "reference", True, ((413, 100.0),))]


def test_a_part_payment_is_likely():
    assert found([Credit(1, 60.0, "FAC 2025 412")], [claim(412, 100.0)]) == [(1, "reference", False, ((412, 60.0),))]


def test_what_is_overpaid_stays_a_credit():
    assert found([Credit(1, 130.0, "FAC 2025 412")], [claim(412, 100.0)]) == [(1, "reference", False, ((412, 100.0),))]


def test_the_same_amount_once_is_certain_and_twice_is_not():
    assert found([Credit(1, 100.0)], [claim(412, 100.0), claim(413, 30.0)])[0][1:3] == ("amount", True)
    assert found([Credit(1, 100.0)], [claim(412, 100.0), claim(413, 100.0)]) == [(1, "amount", False, ((412, 100.0),))]
    two = found([Credit(1, 100.0), Credit(2, 100.0)], [claim(412, 100.0)])
    assert two == [(1, "amount", False, ((412, 100.0),))]


def test_the_sum_of_the_oldest_goes_before_another_sum():
    items = [claim(1, 10.0, "A"), claim(2, 20.0, "B"), claim(3, 30.0, "C")]
    assert found([Credit(1, 30.0)], items[:2]) == [(1, "oldest", False, ((1, 10.0), (2, 20.0)))]
    assert found([Credit(1, 50.0)], items) == [(1, "sum", False, ((2, 20.0), (3, 30.0)))]


def test_two_ways_to_a_sum_are_none():
    items = [claim(1, 5.0, "A"), claim(2, 20.0, "B"), claim(3, 30.0, "C"), claim(4, 10.0, "D"), claim(5, 40.0, "E")]
    assert found([Credit(1, 50.0)], items) == []


def test_references():
    assert not names("", "FAC/2025/00412")
    assert not names("2025", "FAC/2025/00412")
    assert not names("412", "")
    assert names("VIR SEPA FAC202500412", "FAC202500412")


@given(
    st.lists(st.builds(Credit, st.integers(1, 20), amounts), unique_by=lambda credit: credit.id, max_size=5),
    st.lists(
        st.builds(Claim, st.integers(100, 130), amounts, day=st.integers(1, 9)),
        unique_by=lambda claim: claim.id,
        max_size=7,
    ),
)
def test_nothing_is_used_twice_or_beyond_its_amount(credits, claims):
    matches = propose(credits, claims, 0.01)
    used = [part[0] for match in matches for part in match.parts]
    assert len(used) == len(set(used))
    assert len({match.credit for match in matches}) == len(matches)
    left = {one.id: one.amount for one in claims}
    paid = {one.id: one.amount for one in credits}
    for match in matches:
        assert all(0 < amount <= left[claim_id] for claim_id, amount in match.parts)
        assert sum(amount for _claim, amount in match.parts) <= paid[match.credit] + 0.001
