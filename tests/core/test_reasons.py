from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control.core import reasons

CODES = {value for name, value in vars(reasons).items() if name.isupper() and isinstance(value, str)}


def test_each_code_has_its_place_in_the_precedence():
    assert sorted(reasons.PRECEDENCE) == sorted(CODES)


def test_the_public_codes_keep_their_names():
    assert CODES >= {
        *("settled", "disputed", "promised", "paused", "no_followup", "below_minimum", "unallocated_credit"),
        *(
            "insolvent",
            "litigation",
            "no_contact",
            "blacklisted",
            "too_soon",
            "not_due",
            "step_not_reached",
            "policy_none",
        ),
    }


def test_what_is_settled_goes_before_all_and_a_reminder_after_all():
    assert reasons.leading(CODES) == reasons.SETTLED
    assert reasons.leading(CODES - {reasons.SETTLED, reasons.REMIND}) != reasons.REMIND
    assert reasons.leading({reasons.REMIND}) == reasons.REMIND


def test_the_law_goes_before_the_agreement_and_that_before_the_ladder():
    for first, second in pairwise(
        [reasons.INSOLVENT, reasons.LITIGATION, reasons.DISPUTED, reasons.PROMISED, reasons.PAUSED, reasons.NOT_DUE]
    ):
        assert reasons.leading({second, first}) == first


def test_a_code_of_an_extension_is_a_hold_like_others():
    assert reasons.leading({"export_ban", reasons.STEP_NOT_REACHED}) == "export_ban"
    assert reasons.leading({"export_ban", reasons.PAUSED}) == reasons.PAUSED


@given(st.sets(st.sampled_from(sorted(CODES)) | st.text("abc", min_size=1, max_size=3), min_size=1))
def test_the_leading_one_is_one_of_them_whatever_their_order(codes):
    assert reasons.leading(codes) in codes
    assert reasons.leading(sorted(codes)) == reasons.leading(sorted(codes, reverse=True))


def test_leaks_are_only_what_nobody_looks_after():
    assert reasons.LEAKS == {reasons.POLICY_NONE, reasons.LADDER_ENDED}
