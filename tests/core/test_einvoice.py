import re
from pathlib import Path

import pytest

from odoo.addons.credit_control.core import einvoice

REASONS = Path(__file__).resolve().parents[2] / "credit_control" / "data" / "credit_dispute_reason_data.xml"


@pytest.mark.parametrize("news", ["", None, "200", 205, "approved", "fr:", "210 ", " Refused"])
def test_only_what_concerns_the_money(news):
    expected = {"210 ": einvoice.REFUSED, " Refused": einvoice.REFUSED}.get(news)
    assert einvoice.get_status(news) == expected


def test_no_code_says_two_things():
    codes = [code for reason in einvoice.REASONS.values() for code in reason]
    assert len(codes) == len(set(codes))


def test_each_reason_is_one_that_is_shipped():
    shipped = set(re.findall(r'<field name="code">(\w+)</field>', REASONS.read_text()))
    assert set(einvoice.REASONS) == shipped
