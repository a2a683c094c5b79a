"""The table of late payment of the management report (France, C. com. D.441-6), the customers' part.

Two tables, as the law leaves the choice: I. invoices that were issued, due and not paid on the closing day, in percent
of the turnover of the year; II. invoices that were late in the course of the year, in percent of those issued in it.
Bands are 0 (due on the closing day, or paid on the day: shown for information), 1–30, 31–60, 61–90, 91 and more days;
the total counts from one day on. Disputed invoices may be left out, and are then told apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from odoo.addons.credit_control.core.ageing import AgeingScale

SCALE = AgeingScale((30, 60, 90))
NOT_LATE = "0"
BANDS = (NOT_LATE, *SCALE.codes[1:])
TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Late:
    """A part of an invoice and how many days it is, or was paid, after its term; never before it."""

    item_id: int
    invoice_id: int
    days: int
    amount: float
    is_excluded: bool = False


class Band(NamedTuple):
    """A column of the table: how many invoices, and what of them."""

    number: int
    amount: float


def band_of(days: int) -> str:
    """Return the band of a delay.

    >>> [band_of(days) for days in (0, 1, 30, 31, 90, 91)]
    ['0', '1-30', '1-30', '31-60', '61-90', '91+']
    """
    return NOT_LATE if days <= 0 else SCALE.code(days)


def is_in(late: Late, band: str | None) -> bool:
    """Whether a part of an invoice counts in a band, or in the total of those that are late."""
    found = band_of(late.days)
    return found == band or (band in (TOTAL, None) and found != NOT_LATE)


def tabulate(parts: Iterable[Late], is_excluded: bool = False) -> dict[str, Band]:
    """Return the bands and the total; an invoice counts once in each band that a part of it is in, once in the total.

    >>> parts = [Late(1, 7, 5, 60.0), Late(2, 7, 40, 40.0), Late(3, 8, 0, 10.0), Late(4, 9, 95, 5.0, is_excluded=True)]
    >>> found = tabulate(parts)
    >>> [tuple(found[band]) for band in ("0", "1-30", "31-60", "total")]
    [(1, 10.0), (1, 60.0), (1, 40.0), (1, 100.0)]
    >>> tabulate(parts, is_excluded=True)["total"]
    Band(number=1, amount=5.0)
    """
    parts = [part for part in parts if part.is_excluded == is_excluded]
    return {band: _add_up([part for part in parts if is_in(part, band)]) for band in (*BANDS, TOTAL)}


def _add_up(parts):
    return Band(len({part.invoice_id for part in parts}), round(sum(part.amount for part in parts), 2))
