"""What an insurer bears of an outstanding, and what is declared to it, whatever the figures."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core import insurance
from odoo.addons.credit_control.core.insurance import Cover, Guarantee, Terms

DAY = date(2026, 6, 1)
AMOUNTS = st.integers(0, 10_000_000).map(lambda cents: cents / 100)
COVERS = st.lists(st.builds(Cover, amount=AMOUNTS, quota=st.integers(1, 100).map(float)), max_size=4)
DAYS = st.integers(-400, 400).map(lambda days: DAY + timedelta(days=days))


@st.composite
def guarantees(draw):
    """Return a guarantee as people record them: what holds or held has a first day, a refusal none."""
    state = draw(st.sampled_from(["requested", "granted", "reduced", "refused", "cancelled", "expired"]))
    first = draw(DAYS)
    last = draw(st.none() | st.integers(0, 300).map(lambda days: first + timedelta(days=days)))
    held = state not in ("requested", "refused")
    return Guarantee(
        id=draw(st.integers(1, 99)),
        policy=1,
        kind=draw(st.sampled_from(["permanent", "temporary"])),
        state=state,
        amount=draw(AMOUNTS) if held else 0.0,
        quota=90.0,
        first=first if held else None,
        last=(last or first) if state == "cancelled" else last,
        decided=None if state == "requested" else first,
        by_insurer=draw(st.booleans()),
    )


@given(AMOUNTS, COVERS)
def test_the_parts_add_up(exposure, covers):
    split = insurance.split(exposure, covers)
    assert abs(split.insured + split.uninsured - exposure) < 0.005
    assert 0 <= split.insured <= split.covered + 0.005 <= exposure + 0.01


@given(AMOUNTS, AMOUNTS, COVERS)
def test_who_owes_more_is_insured_for_no_less(exposure, more, covers):
    assert insurance.split(exposure + more, covers).insured >= insurance.split(exposure, covers).insured - 0.005


@given(st.lists(guarantees(), max_size=6), DAYS)
def test_nobody_is_insured_and_refused_at_once(known, day):
    permanent = [one for one in known if one.kind == "permanent" and one.covers(day)]
    refusal = insurance.refusal_on(known, day)
    assert not (permanent and refusal)
    assert refusal is None or refusal.since <= day


@given(st.lists(guarantees(), max_size=6), DAYS)
def test_the_discretionary_limit_ends_with_the_first_word(known, day):
    limit = Cover(5.0, 80.0, policy=1)
    has_limit = limit in insurance.covers_on(known, day, limit)
    spoken = [one for one in known if one.kind == "permanent" and one.spoken() and one.spoken() <= day]
    assert has_limit == (not spoken)


@given(st.lists(guarantees(), max_size=6), DAYS)
def test_permanent_covers_come_first(known, day):
    kinds = {one.id: one.kind for one in known}
    found = [kinds[cover.guarantee] for cover in insurance.covers_on(known, day) if list(kinds).count(cover.guarantee)]
    if len(kinds) == len(known):
        assert found == sorted(found)


@given(st.integers(1, 200), st.integers(0, 200), st.integers(0, 400))
def test_what_is_declared_is_overdue_and_near_its_deadline(days, lead, since):
    item = insurance.Item(1, 9, DAY - timedelta(days=30), DAY)
    covers = {(9, item.day): [Cover(1.0, 90.0, 5, 7)]}
    found = insurance.to_declare([item], covers, {7: Terms(days, lead)}, DAY + timedelta(days=since))
    assert bool(found) == (since >= 1 and since >= days - lead)
    assert all(one.deadline == DAY + timedelta(days=days) for one in found)
