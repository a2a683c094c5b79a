"""Comparing amounts of a currency.

Amounts are floats in the smallest precision that Odoo stores; whatever compares two
of them says at which rounding (``currency.rounding``, e.g. ``0.01``).
"""

import math
from decimal import Decimal
from functools import lru_cache


def round_to(amount: float, rounding: float) -> float:
    """Return ``amount`` rounded half away from zero to a multiple of ``rounding``.

    >>> round_to(2.675, 0.01)
    2.68
    >>> round_to(-2.675, 0.01), round_to(1234.4, 1.0), round_to(0.3, 0.25)
    (-2.68, 1234.0, 0.25)
    """
    units = abs(amount) / rounding
    # A sum of binary fractions lands just below the half it stands for.
    units = math.floor(units + 0.5 + units * 2.0**-50)
    return math.copysign(round(units * rounding, _decimals(rounding)), amount) if units else 0.0


@lru_cache
def _decimals(rounding: float) -> int:
    return max(0, -Decimal(str(rounding)).as_tuple().exponent)


def is_zero(amount: float, rounding: float) -> bool:
    """Whether ``amount`` is nothing at this rounding.

    >>> is_zero(0.1 + 0.2 - 0.3, 0.01), is_zero(0.01, 0.01)
    (True, False)
    """
    return abs(amount) < rounding / 2


def is_positive(amount: float, rounding: float) -> bool:
    """Whether ``amount`` is more than nothing at this rounding."""
    return amount > 0 and not is_zero(amount, rounding)


def is_less(amount: float, other: float, rounding: float) -> bool:
    """Whether ``amount`` is less than ``other`` at this rounding.

    >>> is_less(0.1 + 0.2 - 0.01, 0.3, 0.01), is_less(0.1 * 3 - 1e-9, 0.3, 0.01)
    (True, False)
    """
    return is_positive(other - amount, rounding)
