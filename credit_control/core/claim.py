"""What a message asks: its lines as the customer reads them, with subtotals by currency.

Amounts are in the document's currency. What is asked of an item is what is open less
its disputed and its promised part; a credit is a line with negative amounts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One item of the message. ``currency`` and ``item`` are whatever the caller puts there.

    >>> row = Row("INV/1", None, None, 1000.0, asked=500.0, disputed=200.0)
    >>> row.open, row.paid
    (700.0, 300.0)

    Where the original amount isn't known, nothing counts as paid:

    >>> row = Row("INV/1", None, None, 0.0, asked=500.0)
    >>> row.amount, row.paid
    (500.0, 0.0)
    """

    reference: str
    date: date | None
    due: date | None
    original: float
    asked: float
    disputed: float = 0.0
    promised: float = 0.0
    currency: Any = None
    is_credit: bool = False
    item: Any = None

    @property
    def open(self) -> float:
        """What isn't paid, disputed and promised parts included."""
        return self.asked + self.disputed + self.promised

    @property
    def amount(self) -> float:
        """The amount of the document or instalment."""
        return self.original or self.open

    @property
    def paid(self) -> float:
        """What was paid or credited on it."""
        return self.amount - self.open

    def days_late(self, day: date) -> int:
        """Return the days since the due date; 0 until it has passed and for credits.

        >>> Row("INV/1", None, date(2025, 1, 31), 10.0, 10.0).days_late(date(2025, 2, 10))
        10
        """
        if self.is_credit or not self.due:
            return 0
        return max(0, (day - self.due).days)


@dataclass(frozen=True, slots=True)
class Section:
    """The rows in one currency and their sums."""

    currency: Any
    rows: tuple[Row, ...]

    @property
    def open(self) -> float:
        """What isn't paid, credits set off."""
        return sum(row.open for row in self.rows)

    @property
    def disputed(self) -> float:
        """The part that isn't asked because it is disputed."""
        return sum(row.disputed for row in self.rows)

    @property
    def promised(self) -> float:
        """The part that isn't asked because it is promised."""
        return sum(row.promised for row in self.rows)

    @property
    def asked(self) -> float:
        """What is asked: open − disputed − promised."""
        return sum(row.asked for row in self.rows)


def sections(rows: Iterable[Row]) -> tuple[Section, ...]:
    """Return the rows by currency, in the order in which the currencies appear; credits last.

    >>> invoice = Row("I", None, None, 10, 10, currency="EUR")
    >>> credit = Row("C", None, None, -4, -4, is_credit=True, currency="EUR")
    >>> [(part.currency, part.asked, part.rows[-1].reference) for part in sections([credit, invoice])]
    [('EUR', 6, 'C')]
    """
    by_currency = {}
    for row in rows:
        by_currency.setdefault(row.currency, []).append(row)
    return tuple(
        Section(currency, tuple(sorted(group, key=lambda row: row.is_credit)))
        for currency, group in by_currency.items()
    )
