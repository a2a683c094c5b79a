from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core.signals import Finding, Known, settle

keys = st.sampled_from(["", "a", "b"])
customers = st.integers(1, 4)
findings = st.lists(
    st.builds(Finding, customers, keys, st.floats(0, 9), once=st.booleans()),
    unique_by=lambda finding: (finding.customer, finding.key),
)


def apply(changes, known):
    """Return the warnings as they are known after ``changes``."""
    over = set(changes.over)
    kept = [Known(one.id, one.customer, one.key, one.holds and one.id not in over) for one in known]
    first = max((one.id for one in known), default=0) + 1
    return kept + [Known(first + place, new.customer, new.key) for place, new in enumerate(changes.new)]


@given(findings)
def test_the_second_pass_tells_nothing_new(found):
    known = apply(settle(found, []), [])
    assert len(known) == len(found)
    again = settle(found, known)
    assert (again.new, again.over) == ([], [])
    assert len(again.still) == len(found)


@given(findings, findings)
def test_whatever_isn_t_found_any_more_is_over(before, after):
    known = apply(settle(before, []), [])
    changes = settle(after, known)
    places = {(finding.customer, finding.key) for finding in after}
    assert {(one.customer, one.key) for one in known if one.id in changes.over} == {
        (one.customer, one.key) for one in known
    } - places


@given(findings)
def test_what_is_told_once_never_comes_back(found):
    known = apply(settle(found, []), [])
    known = apply(settle([], known), known)
    assert {finding.key for finding in settle(found, known).new if finding.once} == set()
    assert len(settle(found, known).new) == sum(not finding.once for finding in found)
